"""Small multiples: how every score ran over the waves, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from .canvas import BLUE, GREY, GRID, INK, LIGHT, WIDTH, Canvas
from .language import Language
from .typeset import wrapped

ACROSS, HIGH, GAP = 3, 74.0, 16.0


@dataclass(frozen=True)
class Panel:
    """One node: its score in each wave, with intervals where known."""

    title: str
    scores: tuple[float | None, ...]
    intervals: tuple[tuple[float | None, float | None], ...]


def multiples(
    panels: Sequence[Panel], ends: tuple[str, str], axis: tuple[float, float], lang: Language, alt: str
) -> Markup:
    """Panels in rows of three, read as lines of a page."""
    lines = -(-len(panels) // ACROSS)
    canvas = Canvas(lines * (HIGH + GAP) + 14, lang)
    wide = (WIDTH - (ACROSS - 1) * GAP) / ACROSS
    for number, panel in enumerate(panels):
        line, column = divmod(number, ACROSS)
        _panel(canvas, panel, column * (wide + GAP), line * (HIGH + GAP), wide, axis, lang)
    bottom = lines * (HIGH + GAP) + 2
    canvas.text(2, bottom, wrapped(ends[0], wide / 2, 6.5, 1)[0], colour=GREY, size=6.5)
    canvas.text(
        wide - 24, bottom, wrapped(ends[1], wide / 2, 6.5, 1)[0], colour=GREY, size=6.5, align="right"
    )
    return canvas.svg("multiples", alt)


def _panel(
    canvas: Canvas, panel: Panel, x: float, y: float, wide: float, axis: tuple[float, float], lang: Language
) -> None:
    top, bottom, right = y + 16, y + HIGH, x + wide - 26
    count = len(panel.scores)

    def across(place: int) -> float:
        return x + 4 + (right - x - 8) * place / max(count - 1, 1)

    def at(value: float) -> float:
        low, high = axis
        return bottom - (bottom - top) * (min(max(value, low), high) - low) / (high - low)

    canvas.text(x, y + 7, wrapped(panel.title, wide, 7.5, 1)[0], size=7.5, bold=True)
    for share in (0.0, 0.5, 1.0):
        level = bottom - (bottom - top) * share
        canvas.line(x, right, level, level, GRID, 0.5)
    known = [(place, score) for place, score in enumerate(panel.scores) if score is not None]
    for (first, one), (second, other) in pairwise(known):
        if second == first + 1:  # no line over a wave without a score
            canvas.line(across(first), across(second), at(one), at(other), BLUE, 1.3)
    for place, (low, high) in enumerate(panel.intervals):
        if low is not None and high is not None:
            canvas.line(across(place), across(place), at(low), at(high), LIGHT, 2.2)
    for place, score in enumerate(panel.scores):
        if score is None:
            canvas.hatch(across(place) - 3, across(place) + 7, (top + bottom) / 2, 8)
        else:
            canvas.dot(across(place), at(score), BLUE if place == count - 1 else "#5C6874", 3.6)
    last = panel.scores[-1]
    level = (top + bottom) / 2 if last is None else at(last)
    canvas.text(right + 3, level, lang.number(last), size=7.5, bold=True, colour=INK)

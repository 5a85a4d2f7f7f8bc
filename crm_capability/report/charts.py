"""The two large figures, as SVG whose text stays text.

Everything is placed in points on a canvas as wide as the page's text, so that labels cannot
run into marks. Before is light grey, after dark and solid; what rises is blue, what falls red,
and both carry sign and arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from .canvas import BLUE, DARK, GREY, GRID, INK, LIGHT, NAMES, RED, SIZE, WIDTH, Canvas
from .language import Language
from .typeset import width, wrapped

if TYPE_CHECKING:
    from .facts.shapes import Change

Ends = tuple[tuple[str, float], tuple[str, float]]  # the index before and after, with their names
TONES = {"up": BLUE, "down": RED, "noise": GREY, "none": GREY}


@dataclass(frozen=True)
class Pair:
    """One row of the dumbbell."""

    title: str
    before: float | None
    after: float | None
    low: float | None
    high: float | None
    change: Change
    missing: str = ""  # why there is no score after


@dataclass(frozen=True)
class Step:
    """One row of the waterfall: what it adds, or why there is nothing to add."""

    title: str
    part: float
    arrow: str = ""
    missing: str = ""


def waterfall(
    ends: Ends,
    steps: Sequence[Step],
    tall: float,
    lang: Language,
    alt: str,
) -> Markup:
    """From the index before to the index after, one row of `tall` points a step."""
    levels = _levels(ends, steps)
    low, high = extent(ends, steps)
    canvas = Canvas(tall * (len(steps) + 2) + 6, lang)
    left, right = NAMES + 8, WIDTH - 52

    def at(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    def end_row(row: int, name: str, value: float, colour: str) -> None:
        y = canvas.row(row, tall)
        canvas.name(name, y, bold=True)
        canvas.bar(at(max(low, 0.0)), at(value), y, 11, colour)
        if low > 0:
            canvas.cut(left + 9, y)
        canvas.text(max(at(value), at(max(low, 0.0))) + 4, y, lang.number(value), colour=INK, bold=True)

    end_row(0, *ends[0], LIGHT)
    for row, (step, (start, stop)) in enumerate(zip(steps, pairwise(levels), strict=True), 1):
        y = canvas.row(row, tall)
        canvas.name(step.title, y)
        canvas.line(at(start), at(start), y - tall / 2 - 5.5, y + 5.5, LIGHT, 0.6)
        if step.missing:
            canvas.hatch(at(start) + 3, at(start) + 33, y, 8)
            canvas.text(at(start) + 38, y, "–  " + step.missing, colour=GREY)
            continue
        text = lang.signed(step.part)
        colour = BLUE if text[0] == "+" else RED if text[0] == "−" else GREY
        canvas.bar(at(start), at(stop), y, 9, colour)
        canvas.text(max(at(start), at(stop)) + 4, y, f"{text} {step.arrow}", colour=colour)
    last = canvas.row(len(steps) + 1, tall)
    canvas.line(at(levels[-1]), at(levels[-1]), last - tall / 2 - 4.5, last + 5.5, LIGHT, 0.6)
    end_row(len(steps) + 1, *ends[1], DARK)
    return canvas.svg("waterfall", alt)


def _levels(ends: Ends, steps: Sequence[Step]) -> list[float]:
    """The index before, and after each step."""
    return list(accumulate((step.part for step in steps), initial=ends[0][1]))


def extent(ends: Ends, steps: Sequence[Step]) -> tuple[float, float]:
    """The waterfall's axis starts at zero unless the steps would be too small to see: then it is cut."""
    levels = [*_levels(ends, steps), ends[1][1]]
    least, most = min(levels), max(levels)
    spread = max(most - least, 1.0)
    if least > 2 * spread and least > 10:
        return 5.0 * int((least - 0.4 * spread) / 5), most + 0.05 * spread
    return min(least, 0.0), max(most, 0.0) + 0.05 * spread


def dumbbell(
    pairs: Sequence[Pair],
    ends: tuple[str, str],
    axis: tuple[float, float],
    lang: Language,
    alt: str,
    step: float = 17.0,
) -> Markup:
    """Scores before and after, one row a node, on the common scale."""
    top = 34.0
    canvas = Canvas(top + step * len(pairs) + 4, lang)
    left, right = NAMES + 8, WIDTH - 128
    low, high = axis

    def at(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    _key(canvas, ends)
    for tick in range(5):
        value = low + (high - low) * tick / 4
        canvas.line(at(value), at(value), top - 6, top + step * len(pairs), GRID, 0.6)
        canvas.text(at(value), top - 12, lang.number(value, 0), colour=GREY, size=7, align="center")
    for row, pair in enumerate(pairs):
        y = top + step * (row + 0.5)
        canvas.name(pair.title, y)
        canvas.line(0, WIDTH, y + step / 2, y + step / 2, GRID, 0.4)
        if pair.missing:
            canvas.hatch(left, right, y, 8)
            canvas.plate((left + right) / 2, y, pair.missing)
        if pair.low is not None and pair.high is not None:
            canvas.line(at(max(pair.low, low)), at(min(pair.high, high)), y, y, BLUE, 0.8)
        if pair.before is not None and pair.after is not None:
            canvas.bar(at(pair.before), at(pair.after), y, 2.4, LIGHT)
        if pair.before is not None:
            canvas.dot(at(pair.before), y, LIGHT)
        if pair.after is not None:
            canvas.dot(at(pair.after), y, BLUE)
        canvas.text(WIDTH - 84, y, lang.number(pair.before), colour=GREY, align="right")
        canvas.text(WIDTH - 77, y, "→", colour=GREY, align="center")
        canvas.text(WIDTH - 46, y, lang.number(pair.after), colour=INK, bold=True, align="right")
        canvas.text(WIDTH - 12, y, pair.change.text, colour=TONES[pair.change.tone], align="right")
        canvas.text(WIDTH, y, pair.change.arrow, colour=TONES[pair.change.tone], align="right")
    return canvas.svg("dumbbell", alt)


def _key(canvas: Canvas, ends: tuple[str, str]) -> None:
    x = NAMES + 12
    for name, colour in zip(ends, (LIGHT, BLUE), strict=True):
        name = wrapped(name, 130, SIZE, 1)[0]
        canvas.dot(x, 7, colour)
        canvas.text(x + 7, 7, name, colour=INK)
        x += 24 + width(name, SIZE)

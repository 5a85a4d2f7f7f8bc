"""Importance against performance: four fields, one numbered dot a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .canvas import BLUE, GREY, GRID, RED, WIDTH, Canvas
from .language import Language

LEFT, TOP = 34.0, 8.0
SIZE = 13.0


@dataclass(frozen=True)
class Dot:
    """A node: its number in the table below, weight in per cent, score and field."""

    number: str
    weight: float
    score: float
    quadrant: str


def quadrants(
    dots: Sequence[Dot],
    lines: tuple[float, float],
    axis: tuple[float, float],
    names: Mapping[str, str],
    axes: tuple[str, str],
    high: float,
    lang: Language,
    alt: str,
) -> Markup:
    """Weight to the right, score upwards, a line at the mean weight and one at the index."""
    canvas, bottom = Canvas(high, lang), high - 34
    most = max(max(dot.weight for dot in dots), lines[0]) * 1.12
    right = WIDTH - 6

    def across(weight: float) -> float:
        return LEFT + (right - LEFT) * weight / most

    def up(score: float) -> float:
        low, high = axis
        return bottom - (bottom - TOP) * (score - low) / (high - low)

    for share in range(5):
        level = axis[0] + (axis[1] - axis[0]) * share / 4
        canvas.line(LEFT, right, up(level), up(level), GRID, 0.5)
        canvas.text(LEFT - 5, up(level), lang.number(level, 0), colour=GREY, size=7, align="right")
        weight = most * share / 4
        canvas.text(
            across(weight), bottom + 9, lang.share(weight / 100, 1), colour=GREY, size=7, align="center"
        )
    canvas.line(across(lines[0]), across(lines[0]), TOP, bottom, GREY, 0.8)
    canvas.line(LEFT, right, up(lines[1]), up(lines[1]), GREY, 0.8)
    corners = {
        "concentrate": (right - 4, bottom - 8, "right"),
        "keep": (right - 4, TOP + 8, "right"),
        "low-priority": (LEFT + 5, bottom - 8, "left"),
        "possible-overkill": (LEFT + 5, TOP + 8, "left"),
    }
    for name, (x, y, align) in corners.items():
        colour = RED if name == "concentrate" else GREY
        canvas.text(x, y, names[name], colour=colour, size=8, align=align, bold=True)
    for (x, y), dot in zip(_apart([(across(d.weight), up(d.score)) for d in dots]), dots, strict=True):
        canvas.dot(x, y, RED if dot.quadrant == "concentrate" else BLUE, SIZE)
        canvas.text(x, y, dot.number, colour="#FFFFFF", size=7, align="center", bold=True)
    canvas.text(right, bottom + 22, axes[0], colour=GREY, size=7.5, align="right")
    canvas.text(0, bottom + 22, axes[1], colour=GREY, size=7.5)
    return canvas.svg("priorities", alt)


def _apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Dots that would cover each other stand side by side."""
    found: list[tuple[float, float]] = []
    for x, y in places:
        step = 0
        while (
            any(abs(x + step - a) < SIZE * 0.9 and abs(y - b) < SIZE * 0.9 for a, b in found)
            and step < 8 * SIZE
        ):
            step = -step if step > 0 else -step + int(SIZE)
        found.append((min(max(x + step, LEFT + SIZE / 2), WIDTH - 6 - SIZE / 2), y))
    return found

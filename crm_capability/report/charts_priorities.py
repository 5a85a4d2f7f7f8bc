"""Importance against performance: four fields, one numbered dot a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from markupsafe import Markup

from .canvas import BLUE, GREY, GRID, RED, WIDTH, Canvas
from .language import Language
from .typeset import width, wrapped

LEFT, TOP, RIGHT = 34.0, 8.0, WIDTH - 6
SIZE, NAME = 13.0, 120.0  # a dot; the room of its name
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Dot:
    """A node: its number in the table below, weight in per cent, score and field."""

    number: str
    weight: float
    score: float
    quadrant: str
    title: str


@dataclass(frozen=True)
class Field:
    """Where the lines lie, the scale of scores, the height of the drawing and the names of its corners."""

    lines: tuple[float, float]
    axis: tuple[float, float]
    high: float
    names: Mapping[str, str]

    @property
    def bottom(self) -> float:
        return self.high - 34

    def most(self, dots: Sequence[Dot]) -> float:
        """The weight at the right end."""
        return max(max(dot.weight for dot in dots), self.lines[0]) * 1.3

    def up(self, score: float) -> float:
        low, high = self.axis
        return self.bottom - (self.bottom - TOP) * (score - low) / (high - low)

    def across(self, weight: float, dots: Sequence[Dot]) -> float:
        return LEFT + (RIGHT - LEFT) * weight / self.most(dots)

    def places(self, dots: Sequence[Dot]) -> list[tuple[float, float]]:
        """Where each dot stands: in its own field, and none covers another."""
        mean, level = self.across(self.lines[0], dots), self.up(self.lines[1])
        wanted = [(self.across(d.weight, dots), self.up(d.score), self._room(d, mean, level)) for d in dots]
        return _apart(wanted)

    def _room(self, dot: Dot, mean: float, level: float) -> Box:
        """Where the middle of a dot may be: beside the line of weights, on its side of that of scores."""
        left, right = LEFT + SIZE / 2, RIGHT - SIZE / 2
        if dot.quadrant in ("concentrate", "keep"):
            left = min(mean + SIZE / 2 + 1, right)
        else:
            right = max(mean - SIZE / 2 - 1, left)
        good = dot.quadrant in ("keep", "possible-overkill")
        return (left, TOP, right, level) if good else (left, level, right, self.bottom)

    def corners(self) -> dict[str, tuple[float, float, str]]:
        return {
            "concentrate": (RIGHT - 4, self.bottom - 8, "right"),
            "keep": (RIGHT - 4, TOP + 8, "right"),
            "low-priority": (LEFT + 5, self.bottom - 8, "left"),
            "possible-overkill": (LEFT + 5, TOP + 8, "left"),
        }


@dataclass(frozen=True)
class Label:
    """A name on one line or two, about `y`."""

    x: float
    y: float
    text: tuple[str, ...]
    align: str


def labels(dots: Sequence[Dot], field: Field) -> list[Label | None]:
    """A name beside each dot where it covers no other dot, name or corner; else none."""
    places = field.places(dots)
    taken = [(x - SIZE / 2, y - SIZE / 2, x + SIZE / 2, y + SIZE / 2) for x, y in places]
    for name, (x, y, align) in field.corners().items():
        wide = width(field.names[name], 8, bold=True)
        left = x - wide if align == "right" else x
        taken.append((left, y - 5, left + wide, y + 5))
    across, up = field.across(field.lines[0], dots), field.up(field.lines[1])
    taken += [(across - 1, TOP, across + 1, field.bottom), (LEFT, up - 1, RIGHT, up + 1)]
    found: list[Label | None] = []
    for (x, y), dot in zip(places, dots, strict=True):
        forms = [tuple(wrapped(dot.title, NAME, 7, 1)), tuple(wrapped(dot.title, NAME * 0.6, 7, 2))]
        label = next(
            (one for text in forms for one in _around(x, y, text) if _free(one, taken, field.bottom)), None
        )
        if label:
            taken.append(_box(label))
        found.append(label)
    return found


def _around(x: float, y: float, text: tuple[str, ...]) -> list[Label]:
    beside, tall = SIZE / 2 + 3, SIZE / 2 + 1 + 4 * len(text)
    return [
        Label(x + beside, y, text, "left"),
        Label(x - beside, y, text, "right"),
        Label(x, y - tall, text, "center"),
        Label(x, y + tall, text, "center"),
        *(
            Label(x + way * beside, y + shift, text, "left" if way > 0 else "right")
            for shift in (-6, 6, -10, 10)
            for way in (1, -1)
        ),
    ]


def _box(label: Label) -> Box:
    wide, high = max(width(line, 7) for line in label.text), 4.0 * len(label.text)
    left = label.x - {"left": 0.0, "center": wide / 2, "right": wide}[label.align]
    return (left - 1, label.y - high, left + wide + 1, label.y + high)


def _free(label: Label, taken: Sequence[Box], lowest: float) -> bool:
    left, top, right, bottom = _box(label)
    inside = left > LEFT and right < RIGHT and top > 0 and bottom < lowest
    return inside and not any(left < c and a < right and top < d and b < bottom for a, b, c, d in taken)


def quadrants(dots: Sequence[Dot], field: Field, axes: tuple[str, str], lang: Language, alt: str) -> Markup:
    """Weight to the right, score upwards, a line at the mean weight and one at the index."""
    canvas, bottom, axis, lines = Canvas(field.high, lang), field.bottom, field.axis, field.lines
    most, right, up = field.most(dots), RIGHT, field.up

    for share in range(5):
        level = axis[0] + (axis[1] - axis[0]) * share / 4
        canvas.line(LEFT, right, up(level), up(level), GRID, 0.5)
        canvas.text(LEFT - 5, up(level), lang.number(level, 0), colour=GREY, size=7, align="right")
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 25, 50) if most / step <= 6)
    for tick in range(int(most / step) + 1):
        at, told = field.across(tick * step, dots), lang.share(tick * step / 100, 0 if step >= 1 else 1)
        canvas.text(min(at, right - 8), bottom + 9, told, colour=GREY, size=7, align="center")
    mean = field.across(lines[0], dots)
    canvas.line(mean, mean, TOP, bottom, GREY, 0.8)
    canvas.line(LEFT, right, up(lines[1]), up(lines[1]), GREY, 0.8)
    for name, (x, y, align) in field.corners().items():
        colour = RED if name == "concentrate" else GREY
        canvas.text(x, y, field.names[name], colour=colour, size=8, align=align, bold=True)
    for (x, y), dot, label in zip(field.places(dots), dots, labels(dots, field), strict=True):
        canvas.dot(x, y, RED if dot.quadrant == "concentrate" else BLUE, SIZE)
        canvas.text(x, y, dot.number, colour="#FFFFFF", size=7, align="center", bold=True)
        if label:
            start, above, stop, below = _box(label)
            canvas.bar(start, stop, label.y, below - above, "white")
            for number, line in enumerate(label.text):
                y = label.y + 8 * (number - (len(label.text) - 1) / 2)
                canvas.text(label.x, y, line, size=7, align=label.align)
    canvas.text(right, bottom + 22, axes[0], colour=GREY, size=7.5, align="right")
    canvas.text(0, bottom + 22, axes[1], colour=GREY, size=7.5)
    return canvas.svg("priorities", alt)


def _apart(wanted: Sequence[tuple[float, float, Box]]) -> list[tuple[float, float]]:
    """Dots that would cover each other stand side by side, else one above the other."""
    found: list[tuple[float, float]] = []
    steps = sorted(product(range(-12, 13), range(-4, 5)), key=lambda step: abs(step[0]) + 5 * abs(step[1]))
    for x, y, (left, top, right, bottom) in wanted:
        start = (min(max(x, left), right), min(max(y, top), bottom))
        places = [(start[0] + SIZE * across, start[1] + SIZE * up) for across, up in steps]
        free = (
            (a, b)
            for a, b in places
            if left <= a <= right
            and top <= b <= bottom
            and not any(abs(a - c) < SIZE * 0.9 and abs(b - d) < SIZE * 0.9 for c, d in found)
        )
        found.append(next(free, start))
    return found

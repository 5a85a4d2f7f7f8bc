"""The tree as boxes: level by level from left to right, each box as high as its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .canvas import INK, WIDTH, Canvas
from .language import Language
from .typeset import wrapped

HIGH, GAP, ROW = 560.0, 5.0, 15.0
NAME, LEADING, BELOW = 7.8, 9.4, 14.0  # of a name over its share; the room of that and of the edges
TINTS = ("#F1F6FA", "#D3E1F0", "#ADC8E2", "#86ADD4", "#0B5CAD")


@dataclass(frozen=True)
class Box:
    """A node: where it stands in the height of 1, its share of the index and its score."""

    level: int
    start: float
    height: float
    title: str
    share: str
    score: str
    at: float | None
    missing: str


def icicle(boxes: Sequence[Box], levels: int, lang: Language, alt: str) -> Markup:
    """The tree of up to so many levels; as deep in colour as its score is high."""
    deepest = max(box.level for box in boxes)
    last = [box for box in boxes if box.level == deepest]
    widths = (0.2, 0.28, 0.52)[: deepest + 1]
    whole = sum(widths)
    starts = [WIDTH * sum(widths[:n]) / whole for n in range(deepest + 1)]
    ends = [*(start - GAP for start in starts[1:]), WIDTH]
    needed = [ROW / max(min(box.height for box in last), 0.02), 200.0]
    for box in boxes:
        if box.level < deepest and box.height > 0.02:
            lines = wrapped(box.title, ends[box.level] - starts[box.level] - 10, NAME, 3, bold=True)
            needed.append((len(lines) * LEADING + BELOW) / box.height)
    high = min(HIGH, max(needed))
    canvas = Canvas(high + 2, lang)
    for box in boxes:
        x0, x1 = starts[box.level], ends[box.level]
        y0, y1 = 1 + box.start * high, 1 + (box.start + box.height) * high - 1.2
        middle, room = (y0 + y1) / 2, x1 - x0
        step = 0 if box.at is None else min(int(box.at / 20), 4)
        canvas.bar(x0, x1, middle, y1 - y0, "#FFFFFF" if box.missing else TINTS[step])
        if box.missing:
            canvas.hatch(x0, x1, middle, y1 - y0)
        ink = "#FFFFFF" if step == 4 and not box.missing else INK
        told = f"{box.share}  ·  {box.missing or box.score}"
        if y1 - y0 < 8.5:
            continue
        if y1 - y0 < 24 or room > 220:
            if box.missing:
                canvas.plate(x0 + 5, middle, wrapped(box.title, room - 120, 7.2, 1)[0], "left", 7.2)
                canvas.plate(x1 - 5, middle, told, "right", 7.2)
                continue
            canvas.text(
                x0 + 5,
                middle,
                wrapped(box.title, room - 92, 7.2, 1, bold=box.level < 2)[0],
                colour=ink,
                size=7.2,
                bold=box.level < 2,
            )
            canvas.text(x1 - 5, middle, told, colour=ink, size=7.2, align="right")
        else:
            most = max(int((y1 - y0 - BELOW + 2) / LEADING), 1)
            lines = wrapped(box.title, room - 10, NAME, min(most, 3), bold=True)
            top = middle - (len(lines) * LEADING + BELOW - 4) / 2 + LEADING / 2
            for number, line in enumerate(lines):
                canvas.text(x0 + 5, top + LEADING * number, line, colour=ink, size=NAME, bold=True)
            canvas.text(x0 + 5, top + LEADING * len(lines) + 1, told, colour=ink, size=7.2)
    return canvas.svg("tree", alt)

"""The two large figures, as SVG whose text stays text.

Everything is placed in points on a canvas as wide as the page's text, so that labels cannot
run into marks. Before is light grey, after dark and solid; what rises is blue, what falls red,
and both carry sign and arrow. matplotlib is imported when a figure is drawn.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from ..definition.library import shipped
from .language import Language

if TYPE_CHECKING:
    from .facts.shapes import Change

INK, GREY, LIGHT, GRID = "#1B2733", "#5C6874", "#B9C2CB", "#E3E8EC"
BLUE, RED, DARK = "#0B5CAD", "#B3261E", "#0A2F57"
WIDTH = 499.0  # points: 176 mm, the width of the text
NAMES, SIZE = 172.0, 8.0
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
class Drawing:
    """A figure, and where its axis is cut (0 where it is not)."""

    svg: Markup
    cut_at: float = 0.0


@dataclass(frozen=True)
class Step:
    """One row of the waterfall: what it adds, or why there is nothing to add."""

    title: str
    part: float
    arrow: str = ""
    missing: str = ""


def waterfall(
    ends: tuple[tuple[str, float], tuple[str, float]], steps: Sequence[Step], lang: Language, alt: str
) -> Drawing:
    """From the index before to the index after, one row a step."""
    levels = [ends[0][1]]
    for step in steps:
        levels.append(levels[-1] + step.part)
    low, high = _extent([*levels, ends[1][1]])
    canvas = _Canvas(18.0 * (len(steps) + 2) + 6, lang)
    left, right = NAMES + 8, WIDTH - 52

    def at(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    def end_row(row: int, name: str, value: float, colour: str) -> None:
        y = canvas.row(row, 18.0)
        canvas.name(name, y, bold=True)
        canvas.bar(at(max(low, 0.0)), at(value), y, 11, colour)
        if low > 0:
            canvas.cut(left + 9, y)
        canvas.text(max(at(value), at(max(low, 0.0))) + 4, y, lang.number(value), colour=INK, bold=True)

    end_row(0, *ends[0], LIGHT)
    for row, (step, (start, stop)) in enumerate(zip(steps, pairwise(levels), strict=True), 1):
        y = canvas.row(row, 18.0)
        canvas.name(step.title, y)
        canvas.line(at(start), at(start), y - 9 - 5.5, y + 5.5, LIGHT, 0.6)
        if step.missing:
            canvas.hatch(at(start) + 3, at(start) + 33, y, 8)
            canvas.text(at(start) + 38, y, "–  " + step.missing, colour=GREY)
            continue
        text = lang.signed(step.part)
        colour = BLUE if text[0] == "+" else RED if text[0] == "−" else GREY
        canvas.bar(at(start), at(stop), y, 9, colour)
        canvas.text(max(at(start), at(stop)) + 4, y, f"{text} {step.arrow}", colour=colour)
    last = canvas.row(len(steps) + 1, 18.0)
    canvas.line(at(levels[-1]), at(levels[-1]), last - 9 - 4.5, last + 5.5, LIGHT, 0.6)
    end_row(len(steps) + 1, *ends[1], DARK)
    return Drawing(canvas.svg("waterfall", alt), low if low > 0 else 0.0)


def _extent(levels: Sequence[float]) -> tuple[float, float]:
    """The axis starts at zero unless the steps would be too small to see: then it is cut."""
    least, most = min(levels), max(levels)
    spread = max(most - least, 1.0)
    if least > 2 * spread and least > 10:
        return 5.0 * int((least - 0.4 * spread) / 5), most + 0.05 * spread
    return min(least, 0.0), max(most, 0.0) + 0.05 * spread


def dumbbell(
    pairs: Sequence[Pair], ends: tuple[str, str], axis: tuple[float, float], lang: Language, alt: str
) -> Markup:
    """Scores before and after, one row a node, on the common scale."""
    step, top = 17.0, 34.0
    canvas = _Canvas(top + step * len(pairs) + 4, lang)
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


def _key(canvas: _Canvas, ends: tuple[str, str]) -> None:
    x = NAMES + 12
    for name, colour in zip(ends, (LIGHT, BLUE), strict=True):
        name = wrapped(name, 130, SIZE, 1)[0]
        canvas.dot(x, 7, colour)
        canvas.text(x + 7, 7, name, colour=INK)
        x += 24 + width(name, SIZE)


class _Canvas:
    """A page-wide strip with y running downwards, in points."""

    def __init__(self, height: float, lang: Language):
        from matplotlib.figure import Figure

        _fonts()
        self.height = height
        self.families = families(lang.code)
        self.figure = Figure(figsize=(WIDTH / 72, height / 72))
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_xlim(0, WIDTH)
        self.axes.set_ylim(height, 0)
        self.axes.axis("off")

    def row(self, number: int, step: float) -> float:
        return step * (number + 0.5) + 3

    def text(
        self, x: float, y: float, text: str, colour: str = INK, size: float = SIZE, align: str = "left", bold: bool = False
    ) -> None:
        self.axes.text(
            x, y, text, color=colour, fontsize=size, ha=align, va="center_baseline", parse_math=False,
            fontfamily=self.families, fontweight=700 if bold else 400,
        )  # fmt: skip

    def name(self, text: str, y: float, bold: bool = False) -> None:
        """A row's name, right of it the marks; two lines at most."""
        lines = wrapped(text, NAMES, SIZE, 1)
        if lines[0].endswith("…"):
            lines = wrapped(text, NAMES, SIZE - 1, 2)
        size = SIZE if len(lines) == 1 and not lines[0].endswith("…") else SIZE - 1
        for number, line in enumerate(lines):
            shift = (number - (len(lines) - 1) / 2) * (size + 0.6)
            self.text(0, y + shift, line, size=size, bold=bold)

    def bar(self, start: float, stop: float, y: float, height: float, colour: str) -> None:
        self.axes.fill([start, stop, stop, start], [y - height / 2] * 2 + [y + height / 2] * 2, color=colour, lw=0)

    def line(self, x0: float, x1: float, y0: float, y1: float, colour: str, thick: float) -> None:
        self.axes.plot([x0, x1], [y0, y1], color=colour, lw=thick, solid_capstyle="butt")

    def dot(self, x: float, y: float, colour: str) -> None:
        self.axes.plot([x], [y], "o", color=colour, ms=6.5, mew=0)

    def hatch(self, start: float, stop: float, y: float, height: float) -> None:
        """A hatched box: missing, and nothing else."""
        top, bottom = y - height / 2, y + height / 2
        self.axes.plot([start, stop, stop, start, start], [top, top, bottom, bottom, top], color="#8A96A1", lw=0.4)
        for x in range(int(start) + 1, int(stop - height), 4):
            self.axes.plot([x, x + height], [bottom, top], color="#8A96A1", lw=0.5)

    def plate(self, x: float, y: float, text: str) -> None:
        """Words on a white plate, over what is drawn below."""
        half = width(text, SIZE) / 2 + 4
        self.bar(x - half, x + half, y, 9, "white")
        self.text(x, y, text, colour=GREY, align="center")

    def cut(self, x: float, y: float) -> None:
        """Two slashes: the axis does not start at zero."""
        for shift in (0, 4):
            self.axes.plot([x + shift - 2, x + shift + 2], [y + 7.5, y - 7.5], color="white", lw=1.6)

    def svg(self, name: str, alt: str) -> Markup:
        """The drawing as inline SVG with its alternative text."""
        from matplotlib import rc_context

        sink = io.StringIO()
        settings: dict[str, Any] = {"svg.fonttype": "none", "svg.hashsalt": name}
        with rc_context(settings), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a letter no shipped font has is the reader's machine's to show
            self.figure.savefig(sink, format="svg", transparent=True, metadata={"Date": None})
        text = sink.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
        head, _, body = text.partition(">")
        label = f"<title>{escape(alt)}</title>"
        return Markup(f'{head} role="img">{label}{body.strip()}')


def families(code: str) -> list[str]:
    """The shipped families, the language's own script first."""
    chinese = ["Noto Sans SC", "Noto Sans TC"]
    if code.startswith("zh-Hant"):
        chinese.reverse()
    return ["Inter", *chinese]


@cache
def _fonts() -> None:
    """Let matplotlib know the shipped fonts; it measures text with what the PDF embeds."""
    from matplotlib import font_manager

    for file in sorted((shipped("reports") / "fonts").glob("*.otf")):
        font_manager.fontManager.addfont(file)


def width(text: str, size: float) -> float:
    """How wide a text runs, near enough to wrap by: East Asian characters are square."""
    return sum(size if unicodedata.east_asian_width(c) in "WF" else 0.57 * size for c in text)


def wrapped(text: str, room: float, size: float, lines: int) -> list[str]:
    """The text on so many lines, the last with an ellipsis where it does not fit.

    >>> wrapped("Response to knowledge-based offers", 100, 8, 2)
    ['Response to', 'knowledge-based offers']
    """
    words = re.findall(r"[^\s\u2e80-\uffef]+|[\u2e80-\uffef]|\s+", text)
    found = [""]
    for word in words:
        if width((found[-1] + word).rstrip(), size) <= room:
            found[-1] += word
        elif not found[-1].strip():
            found[-1] += word
        else:
            found.append("" if word.isspace() else word)
    found = [line.strip() for line in found]
    cut = len(found) > lines
    found = found[:lines]
    if cut or width(found[-1], size) > room:
        while found[-1] and width(found[-1] + "…", size) > room:
            found[-1] = found[-1][:-1]
        found[-1] = found[-1].rstrip() + "…"
    return found

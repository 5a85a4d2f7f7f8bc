"""A drawing board as wide as the page's text: places in points, text that stays text.

matplotlib is imported when a board is set up; it measures text with the fonts the PDF embeds.
"""

from __future__ import annotations

import io
import re
import warnings
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from ..definition.library import shipped
from .language import Language
from .typeset import width, wrapped

INK, GREY, LIGHT, GRID = "#1B2733", "#5C6874", "#B9C2CB", "#E3E8EC"
BLUE, RED, DARK, HATCH = "#0B5CAD", "#B3261E", "#0A2F57", "#8A96A1"
WIDTH = 499.0  # points: 176 mm, the width of the text
NAMES, SIZE = 172.0, 8.0


class Canvas:
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
        self,
        x: float,
        y: float,
        text: str,
        colour: str = INK,
        size: float = SIZE,
        align: str = "left",
        bold: bool = False,
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
        self.axes.fill(
            [start, stop, stop, start], [y - height / 2] * 2 + [y + height / 2] * 2, color=colour, lw=0
        )

    def line(self, x0: float, x1: float, y0: float, y1: float, colour: str, thick: float) -> None:
        self.axes.plot([x0, x1], [y0, y1], color=colour, lw=thick, solid_capstyle="butt")

    def dot(self, x: float, y: float, colour: str, size: float = 6.5) -> None:
        self.axes.plot([x], [y], "o", color=colour, ms=size, mew=0)

    def hatch(self, start: float, stop: float, y: float, height: float) -> None:
        """A hatched box: missing, and nothing else."""
        top, bottom = y - height / 2, y + height / 2
        self.axes.plot(
            [start, stop, stop, start, start], [top, top, bottom, bottom, top], color=HATCH, lw=0.4
        )
        for x in range(int(start) + 1, int(stop - height), 4):
            self.axes.plot([x, x + height], [bottom, top], color=HATCH, lw=0.5)

    def plate(self, x: float, y: float, text: str, align: str = "center", size: float = SIZE) -> None:
        """Words on a white plate, over what is drawn below."""
        wide = width(text, size) + 8
        left = {"left": x - 4, "center": x - wide / 2, "right": x - wide + 4}[align]
        self.bar(left, left + wide, y, size + 1, "white")
        self.text(x, y, text, colour=GREY, size=size, align=align)

    def cut(self, x: float, y: float) -> None:
        """Two slashes: the axis does not start at zero."""
        for shift in (0, 4):
            self.axes.plot([x + shift - 2, x + shift + 2], [y + 7.5, y - 7.5], color="white", lw=1.6)

    def svg(self, name: str, alt: str) -> Markup:
        """The drawing as inline SVG with its alternative text."""
        from matplotlib import rc_context

        sink = io.StringIO()
        settings: Any = {"svg.fonttype": "none", "svg.hashsalt": name}
        with rc_context(settings), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a letter no shipped font has is the reader's machine's to show
            self.figure.savefig(sink, format="svg", transparent=True, metadata={"Date": None})
        text = sink.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
        head, _, body = text.partition(">")
        body = re.sub(r'<g id="[^"]+"', "<g", body)  # the same in every drawing, and nothing refers to them
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

"""The colours of a deck: those of the report, in the theme's own."""

from __future__ import annotations

from dataclasses import dataclass

from ...definition.theme import Colours, Theme
from .. import canvas
from ..theming import dressed

GREY, GRID, LIGHT, RED, BLUE = canvas.GREY, canvas.GRID, canvas.LIGHT, canvas.RED, canvas.BLUE
INK, DARK, HATCH = canvas.INK, canvas.DARK, canvas.HATCH
PEERS, MEDIAN = "#B45F06", "#7A3F02"
TINTS = ("#F1F6FA", "#D3E1F0", "#ADC8E2", "#86ADD4", "#0B5CAD")  # scores, low to high
ANSWERS = {
    "less far": "#B35806",
    "less": "#E08F45",
    "mid": "#C9CFD5",
    "more": "#6B9FD1",
    "more far": "#2166AC",
}
TONES = {"up": BLUE, "down": RED, "noise": GREY, "none": GREY, "gap": HATCH, "plain": GREY}
LATIN = "Arial"  # on every machine that has PowerPoint; Inter is not


@dataclass(frozen=True)
class Look:
    """Colours and Latin font."""

    theme: Theme | None

    def colour(self, shipped: str) -> str:
        """A shipped colour in the theme's own."""
        return dressed(shipped, self.theme)

    @property
    def colours(self) -> Colours:
        return self.theme.colours if self.theme else Colours()

    @property
    def latin(self) -> str:
        fonts = self.theme.fonts if self.theme else None
        return fonts.family if fonts else LATIN

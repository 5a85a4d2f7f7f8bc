"""What a deck stands on: a presentation without slides, its two layouts, the place for content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .text import Voice

POINT = 12700  # English metric units of a point, in which Office measures


@dataclass(frozen=True)
class Box:
    """A rectangle in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def within(self, left: float = 0.0, top: float = 0.0, right: float = 0.0, bottom: float = 0.0) -> Box:
        """The same with so much taken from each side."""
        return Box(self.left + left, self.top + top, self.width - left - right, self.height - top - bottom)

    def emu(self) -> tuple[int, int, int, int]:
        return tuple(round(side * POINT) for side in (self.left, self.top, self.width, self.height))  # type: ignore[return-value]


@dataclass(frozen=True)
class Stage:
    """A presentation without slides, its two layouts, and where content may stand."""

    presentation: Any
    opening: Any
    plain: Any
    area: Box
    voice: Voice
    own: bool
    panel: bool = False  # content needs a light ground of its own

    @property
    def size(self) -> tuple[float, float]:
        return self.presentation.slide_width / POINT, self.presentation.slide_height / POINT


def by_kind(layout: Any) -> dict[str, Any]:
    """Placeholders of a layout or a master by their type; the first of each."""
    found: dict[str, Any] = {}
    for shape in layout.placeholders:
        kind = shape._element.ph.get("type") or "obj"
        found.setdefault(kind, shape)
    return found

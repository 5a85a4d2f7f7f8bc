"""The pages that argue from the numbers, and the whole report: plain frozen values, as `shapes`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .front import Front, front
from .shapes import (
    Change,
    Chapter,
    Cover,
    Figure,
    Mark,
    Movement,
    Scorecard,
)


@dataclass(frozen=True)
class Cell:
    """A score in one wave: its words, its depth of colour from 0 to 4, or why there is none."""

    text: str
    tint: int = 0
    missing: str = ""


@dataclass(frozen=True)
class HeatRow:
    title: str
    depth: int
    cells: tuple[Cell, ...]
    change: Change


@dataclass(frozen=True)
class Waves:
    """Every score in every wave, and how they ran where there are more than two."""

    chapter: Chapter
    headings: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    steps: tuple[str, ...]  # what each depth of colour stands for
    multiples: Figure | None
    note: str
    row_height: float


@dataclass(frozen=True)
class Bullet:
    """A score against its target, over the bands."""

    title: str
    score: str
    target: str
    gap: Change
    bands: tuple[tuple[float, float, int], ...]  # from, width, depth of grey
    mark: Mark
    gain: str  # points of the index that reaching the target adds


@dataclass(frozen=True)
class Targets:
    chapter: Chapter
    bullets: tuple[Bullet, ...]
    bands: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Tree:
    """The framework as it is weighed."""

    chapter: Chapter
    figure: Figure


@dataclass(frozen=True)
class Priority:
    number: str
    title: str
    weight: str
    score: str
    quadrant: str
    gain: str


@dataclass(frozen=True)
class Priorities:
    chapter: Chapter
    figure: Figure
    rows: tuple[Priority, ...]
    note: str  # at the foot of the page
    drawing: Callable[[float, bool], Figure]  # so many points high, with or without a table beside it
    air: float = 1.1  # millimetres above and below the words of a row


@dataclass(frozen=True)
class Line:
    """Where one number comes from."""

    node: str
    title: str
    depth: int
    number: str
    how: str


@dataclass(frozen=True)
class Explanation:
    chapter: Chapter
    lines: tuple[Line, ...]
    note: str


@dataclass(frozen=True)
class Facts:
    """The whole report in one language.

    A chapter (`dimensions`, `standing`, `sources`, …) is an attribute too, made when a template first
    asks for it: what no block tells is not drawn.
    """

    language: str
    title: str
    running: str
    subject: str
    iso_date: str
    cover: Cover
    scorecard: Scorecard
    movement: Movement | None
    two_waves: bool
    words: dict[str, str]  # fixed words of the templates
    chapters: Mapping[str, Callable[[], Any]]
    made: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.chapters:
            raise AttributeError(name)
        if name not in self.made:
            self.made[name] = self.chapters[name]()
        return self.made[name]

    def front(self, chapters: Sequence[Chapter]) -> Front:
        """How the first page is set, with these chapters in its contents."""
        return front(self.cover, chapters)

    def tells(self, block: str) -> bool:
        """Whether there is something for a block to tell: one named as a fact needs that fact."""
        return bool(getattr(self, block, True))

    def contents(self, blocks: Iterable[str]) -> tuple[Chapter, ...]:
        """The chapters that these blocks tell, in order."""
        told = (getattr(self, block, None) for block in blocks)
        parts = (part for one in told for part in (one if isinstance(one, tuple) else (one,)))
        return tuple(part.chapter for part in parts if hasattr(part, "chapter"))

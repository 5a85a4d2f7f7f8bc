"""What a template may say: plain frozen values, every text already in the report's language.

Positions (`at` fields) are per cent of the scale's width; None where there is nothing to draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Change:
    """A change: sign and number, an arrow, its interval, and how sure it is."""

    text: str
    arrow: str = ""  # ▲ ▼ where clear, ≈ inside the noise, ↑ ↓ where no interval is known
    tone: str = "none"  # up, down, noise, none
    interval: str = ""
    word: str = ""
    points: float | None = None


@dataclass(frozen=True)
class Mark:
    """What a row draws on the common scale."""

    before_at: float | None = None
    after_at: float | None = None
    target_at: float | None = None
    worst_at: float | None = None
    best_at: float | None = None
    zero_at: float = 0.0
    missing: str = ""  # why there is nothing, in words


@dataclass(frozen=True)
class Row:
    """A node: on the scorecard, or as a heading among its measures."""

    node: str
    title: str
    depth: int
    before: str
    after: str
    change: Change
    interval: str  # of the score itself
    band: str
    coverage: str
    n: str  # measures with a reading, of those that apply
    span: str  # what the score could be if the missing were worst or best
    mark: Mark
    fictitious: bool
    reason: str = ""  # why it is out of scope


@dataclass(frozen=True)
class MeasureRow:
    """A measure: raw values, what is behind them, and its score."""

    node: str
    title: str
    depth: int
    raw_before: str
    raw_after: str
    raw_unit: str
    n: str
    evidence: str
    before: str
    after: str
    change: Change
    mark: Mark
    fictitious: bool
    reason: str = ""


@dataclass(frozen=True)
class Sentence:
    """One finding: up, down, gap, noise or plain."""

    tone: str
    text: str


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption, what it says to those who do not see it, and what it is drawn from.
    It is drawn when a template first asks for it; `svg` is safe markup."""

    draw: Callable[[], str]
    caption: str
    alt: str
    drawn: Any

    @cached_property
    def svg(self) -> str:
        return self.draw()


@dataclass(frozen=True)
class Table:
    """A plain table: headings, rows of cells, and which columns are numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    caption: str = ""
    widths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A part of the report: its topic in a word, its message in a sentence."""

    id: str
    topic: str
    title: str
    new_page: bool = True
    fictitious: str = ""  # the notice printed on its pages


@dataclass(frozen=True)
class Scorecard:
    chapter: Chapter
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    note: str
    sentences: tuple[Sentence, ...] = ()  # told here where the page has room for them
    row_height: float = 0.0  # millimetres


@dataclass(frozen=True)
class Movement:
    chapter: Chapter
    sentences: tuple[Sentence, ...]
    waterfall: Figure | None
    dumbbell: Figure | None
    split: Table | None
    on_one_page: bool  # both drawings


@dataclass(frozen=True)
class Dimension:
    chapter: Chapter
    definition: str
    head: Row
    rows: tuple[Row | MeasureRow, ...]
    caption: str
    row_height: float = 0.0  # millimetres


@dataclass(frozen=True)
class Strip:
    """One node among the peers."""

    title: str
    depth: int
    score: str
    median: str
    gap: Change
    percentile: str
    quartile: str
    peers: str
    own_at: float | None
    median_at: float | None
    low_quartile_at: float | None
    high_quartile_at: float | None
    best_at: float | None
    dots_at: tuple[float, ...]
    description: str
    node: str
    dots: tuple[float, ...]  # the scores of the peers


@dataclass(frozen=True)
class Place:
    """One unit in the ranking by index."""

    id: str
    rank: str
    title: str
    own: bool
    before: str
    after: str
    change: str
    mark: Mark


@dataclass(frozen=True)
class Standing:
    chapter: Chapter
    strips: tuple[Strip, ...]
    places: tuple[Place, ...]
    note: str


@dataclass(frozen=True)
class Divided:
    """A question on which people do not agree: shares below, in and above the middle, and bars as
    (start, width, tone) on a track whose centre is the middle."""

    audience: str
    question: str
    agreement: str
    n: str
    shares: tuple[str, ...]
    bars: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Quoted:
    """What one person wrote, told of the audience alone."""

    audience: str
    question: str
    text: str


@dataclass(frozen=True)
class AnswersPage:
    chapter: Chapter
    sentences: tuple[Sentence, ...]
    table: Table
    scales: Table | None
    segments: Table | None
    figures: tuple[Figure, ...]
    divided: tuple[Divided, ...]
    quotes: tuple[Quoted, ...]
    note: str


@dataclass(frozen=True)
class Gaps:
    chapter: Chapter
    sentences: tuple[Sentence, ...]
    span: Row
    table: Table | None
    excluded: Table | None


@dataclass(frozen=True)
class Method:
    chapter: Chapter
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Sources:
    chapter: Chapter
    statements: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    run_notes: tuple[str, ...]  # what the run had to remark
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Cover:
    answer: str
    second: str  # how sure that is
    organisation: str
    title: str
    before_label: str
    after_label: str
    before_period: str
    after_period: str
    index: Row
    dimensions: tuple[Row, ...]
    notice: str
    date: str
    fictitious: str
    interval_note: str  # what an interval is, where the cover gives one
    mark_note: str  # how fictitious answers are marked
    more: str  # dimensions that the cover has no room for

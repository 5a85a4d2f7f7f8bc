"""What the chapters of a deck are told from: the facts, the numbers behind them, the deck they go onto."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..facts import Facts
from ..facts.book import Book
from ..facts.rows import Teller
from ..facts.shapes import Change, Chapter, Sentence, Table
from ..language import Language
from .blocks import Block, Sentences, flow
from .deck import Deck, Head
from .grids import Cell, Column, Grid, Key, Row
from .look import BLUE, GREY, INK, LIGHT, TONES

LARGE = (15.0, 13.0, 12.0, 11.0, 10.0, 9.5)  # few rows stand in larger type


@dataclass(frozen=True)
class Tale:
    """Facts in one language, and a deck in the making."""

    told: Facts
    book: Book
    lang: Language
    deck: Deck

    @cached_property
    def teller(self) -> Teller:
        return Teller(self.book, self.lang)

    @property
    def words(self) -> dict[str, str]:
        return self.told.words

    def colour(self, tone: str) -> str:
        return self.deck.look.colour(TONES[tone])

    @cached_property
    def periods(self) -> str:
        """The waves compared, with their days."""
        book, teller = self.book, self.teller
        waves = [wave for wave in (book.before, book.after) if wave is not None]
        return " → ".join(
            " ".join(part for part in (teller.wave(wave), self._bracketed(teller.period(wave))) if part)
            for wave in waves
        )

    def _bracketed(self, text: str) -> str:
        if not text:
            return ""
        return f"（{text}）" if self.lang.code.startswith("zh") else f"({text})"

    @cached_property
    def lines(self) -> dict[str, str]:
        """How each node's score arose, for the speaker."""
        return {
            line.node: f"{line.title} {line.number}{self.words['colon']}{line.how}"
            for line in self.told.explanation.lines
        }

    def spoken(self, node: str) -> str:
        return self.lines.get(node, "")

    def head(self, chapter: Chapter, note: str = "", title: str = "", spoken: Sequence[str] = ()) -> Head:
        """Title, topic and note of a chapter's slides."""
        rests = self.teller.basis.strip()  # how many measures have a reading: n
        told = " · ".join(part for part in (self.periods, "" if rests in note else rests, note) if part)
        return Head(title or chapter.title, chapter.topic, told, chapter.fictitious, tuple(spoken))

    def slides(self, head: Head, *blocks: Block | None) -> None:
        """A chapter's slides, of the blocks that there are."""
        flow(self.deck, head, [block for block in blocks if block is not None])

    def sentences(
        self, sentences: Sequence[Sentence], caption: str = "", size: float = 14.0, least: float = 11.0
    ) -> Sentences | None:
        told = tuple((self.colour(one.tone), one.text) for one in sentences)
        return Sentences(told, size, least, caption) if told else None

    def table(self, table: Table, sizes: tuple[float, ...] = (12.0, 11.0, 10.0)) -> Grid:
        """A plain table of the facts."""
        widths = table.widths or shares(table)
        columns = tuple(
            Column(head, share, "r" if numeric else "l")
            for head, share, numeric in zip(table.headings, widths, table.numeric, strict=True)
        )
        rows = tuple(Row(tuple(Cell(text) for text in row)) for row in table.rows)
        return Grid(columns, rows, table.caption or " · ".join(table.headings), table.caption, sizes=sizes)

    def uncaptioned(self, table: Table, sizes: tuple[float, ...]) -> Grid:
        """The same where the slide's title is its caption."""
        return replace(self.table(table, sizes), caption="")

    @property
    def key(self) -> tuple[Key, ...]:
        """Which bar is which, the same on every slide."""
        after = Key("■", self.words["wave_after"], BLUE)
        return (Key("■", self.words["wave_before"], LIGHT), after) if self.told.two_waves else (after,)

    @property
    def target_key(self) -> Key:
        return Key("□", self.words["target"], INK)


def change(told: Change, bold: bool = False) -> Cell:
    """Arrow, sign and number, in the colour of its tone."""
    return Cell(f"{told.arrow}\u00a0{told.text}".strip(), bold, TONES[told.tone])


def quiet(text: str) -> Cell:
    return Cell(text, colour=GREY)


def shares(table: Table) -> tuple[float, ...]:
    """Widths by what stands in the columns."""
    from .text import width

    found = []
    for place, head in enumerate(table.headings):
        texts = [row[place] for row in table.rows] or [""]
        longest = max(width(text, 10.0) for text in texts)
        found.append(min(max(longest, width(head, 10.0) * 0.7, 40.0), 420.0))
    return tuple(found)


def renamed(chapter: Chapter, title: str) -> Chapter:
    return replace(chapter, title=title)

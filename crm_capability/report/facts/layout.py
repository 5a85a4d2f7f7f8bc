"""How high rows stand so that a page is full: rule 14, a page is full or ends a chapter.

Millimetres throughout, as `reports/blocks/style.css` sets them. Lines are counted with the widths of
the letters that are embedded, so that a page is full to within a line or two and never spills.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..typeset import lines, width
from .shapes import Dimension, MeasureRow, Sentence

PAGE = 258.0  # the text of a page, 2 mm kept back
POINT = 25.4 / 72
ROOM = 499.0  # points: the width of the text
HEADING = 11.6  # a chapter's topic, the line below its title and the space around them
HEAD, BETWEEN = 7.6, 8.0  # the head of a table, of two lines; the space after a chapter
CLOSE, LEAST, MOST = 5.1, 6.3, 13.5  # a row of a table; the first where its page would spill else
TIGHT, USUAL, AIRY = 0.65, 1.3, 2.6  # space above and below the words of a row
LEADING = 1.3  # of tables


def heading(title: str) -> float:
    """A chapter's topic and title."""
    return HEADING + stacked(title, ROOM, 16, 1.25, bold=True)


def paragraph(text: str, size: float = 9.0, room: float = ROOM, leading: float = 1.45) -> float:
    """Text of that size in points, on lines of that width."""
    return stacked(text, room - 1, size, leading)


def stacked(text: str, room: float, size: float, leading: float, bold: bool = False) -> float:
    """The height of a text on its lines; those of two scripts are a little higher than those of one."""
    mixed = 1.055 if any(letter > "\u2e80" for letter in text) else 1.0
    return lines(text, room, size, bold) * size * leading * mixed * POINT


def caption(*texts: str) -> float:
    """A caption, its space above included."""
    told = " ".join(text for text in texts if text)
    return 2.0 + paragraph(told, 7.2, leading=1.4) if told else 0.0


def notes(*texts: str) -> float:
    """Notes at the foot of the page."""
    told = [text for text in texts if text]
    return 4.0 + sum(paragraph(f"0 {text}", 7, leading=1.35) for text in told) if told else 0.0


def key(*labels: str) -> float:
    """The line of marks above a figure; each label has a mark and a space beside it."""
    wide = sum(width(label, 7.5) + 32 for label in labels)
    return 2.5 + (1 + int(wide / ROOM)) * 3.85


def told(sentences: Iterable[Sentence]) -> float:
    """A list of sentences."""
    texts = [one.text for one in sentences]
    return sum(paragraph(text, 9.0, ROOM - 12) + 2.4 for text in texts) + (4.0 if texts else 0.0)


def words(rows: Iterable[Sequence[str]], shares: Sequence[float], size: float = 8.0) -> float:
    """The words of a table's rows, without the space around them: `shares` are the columns' per cent."""
    rooms = [ROOM * share / 100 - 7 for share in shares]
    return sum(
        max(stacked(cell or "–", room, size, LEADING) for cell, room in zip(row, rooms, strict=True))
        for row in rows
    )


def level(rows: Sequence[float], room: float, least: float = LEAST) -> float:
    """The height of a row at which these rows fill the room, each at least as high as its words."""
    free, left = room, sorted(rows, reverse=True)
    while left and left[0] > free / len(left):
        free -= left.pop(0)
    return round(min(max(free / len(left) if left else least, least), MOST), 2)


def row_height(rows: float, taken: float, least: float = LEAST) -> float:
    """The height of each of so many rows beside what else is on the page."""
    return round(min(max((PAGE - taken) / max(rows, 1), least), MOST), 2)


@dataclass(frozen=True)
class Part:
    """A chapter that shares pages with others: what is fixed of it, and the words of its rows."""

    fixed: float
    words: float = 0.0
    rows: int = 0
    whole: bool = True  # not to be split over pages

    def high(self, air: float) -> float:
        return self.fixed + self.words + self.rows * (2 * air + 0.15)


@dataclass(frozen=True)
class Place:
    """Where a part came to stand: on a new page or under the one before, and the air of its rows."""

    new_page: bool
    air: float
    left: float  # what is free below all parts of its page


def placed(parts: Sequence[Part], above: float = PAGE) -> list[Place]:
    """The parts on pages, in order; what shares a page shares its air. The first may stand under what
    another chapter has taken of its last page, which is `above` high."""
    pages: list[list[Part]] = [[Part(above)]]
    for part in parts:
        if _taken([*pages[-1], part], TIGHT) <= PAGE:
            pages[-1].append(part)
        else:
            pages.append([part])
    found = []
    for page in pages:
        air = airy(page, USUAL if page is pages[0] else AIRY)
        left = PAGE - _taken(page, air)
        found += [Place(number == 0, air, left) for number in range(len(page))]
    return found[1:]


def fits(parts: Sequence[Part]) -> bool:
    """Whether one page holds all of these."""
    return _taken(parts, TIGHT) <= PAGE


def airy(parts: Sequence[Part], most: float = AIRY) -> float:
    """The air that lets these parts fill a page."""
    rows = sum(part.rows for part in parts)
    free = PAGE - _taken(parts, 0.0)
    return round(min(max(free / (2 * rows) if rows else 0.0, TIGHT), most), 2)


def _taken(parts: Sequence[Part], air: float) -> float:
    return sum(part.high(air) for part in parts) + BETWEEN * (len(parts) - 1)


@dataclass
class Leaf:
    """A page of dimensions: what stands above them, the key or the end of one that fills more than a
    page, and how much is taken of it when each row is as low as it usually may be."""

    above: float
    used: float
    begins: bool = True  # its first dimension begins the page
    parts: list[Dimension] = field(default_factory=list)


def leaves(chapters: Sequence[Dimension], labels: Sequence[str]) -> list[Leaf]:
    """Short dimensions share a page; one that would not fit under the last starts its own. `labels`
    are those of the key that heads each page."""
    first = key(*labels)
    pages: list[Leaf] = []
    for part in chapters:
        needed = _high(part, LEAST)
        if not pages or pages[-1].used + BETWEEN + needed > PAGE:
            pages.append(Leaf(first, first - BETWEEN))
        pages[-1].parts.append(part)
        pages[-1].used += BETWEEN + needed
        if pages[-1].used <= PAGE:
            continue
        rest = first + _high(part, CLOSE) - PAGE
        pages[-1].used = PAGE
        if rest > 0:  # its end stands on the next page, under a head of its own and two rows at least
            rest = (rest + HEAD + 3 * LEAST) % PAGE
            pages.append(Leaf(rest, rest, begins=False))
    return pages


def paged(pages: Sequence[Leaf], below: float = 0.0) -> tuple[Dimension, ...]:
    """The dimensions with rows as high as their page allows, `below` being what follows on the last."""
    found = []
    for page in pages:
        room = PAGE - page.above - sum(map(_fixed, page.parts)) - BETWEEN * (len(page.parts) - page.begins)
        room -= below if page is pages[-1] else 0.0
        high = level([row for part in page.parts for row in _rows(part)], room, CLOSE)
        found += [
            replace(
                part, chapter=replace(part.chapter, new_page=page.begins and number == 0), row_height=high
            )
            for number, part in enumerate(page.parts)
        ]
    return tuple(found)


def _high(part: Dimension, least: float) -> float:
    return _fixed(part) + sum(max(high, least) for high in _rows(part))


def _fixed(part: Dimension) -> float:
    """All but the rows."""
    definition = paragraph(part.definition, 8.5) + 3 if part.definition else 0.0
    return heading(part.chapter.title) + definition + HEAD + caption(part.caption)


def _rows(part: Dimension) -> list[float]:
    """The least height of each row: a name or a word of evidence on two lines takes more."""
    name, word = 0.245 * ROOM - 14, 0.095 * ROOM - 9
    high = [stacked(part.head.title or "–", name + 9, 9, LEADING, bold=True) + 3.0]
    for row in part.rows:
        group, evidence = (False, row.evidence) if isinstance(row, MeasureRow) else (True, "")
        told = stacked(row.title, name + (9 if group else 0), 8, LEADING, bold=group)
        said = stacked(evidence, word, 7, 1.25)
        high.append(max(told, said, 8 * LEADING * POINT) + 1.4)
    return high

"""How high rows stand so that a page is full: rule 14, a page is full or ends a chapter.

Millimetres throughout. What is estimated is the height of text; estimates are a little high, so
that a page is rather not quite full than spilt onto the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import ceil

from ..canvas import width
from .shapes import Dimension, Sentence

PAGE = 258.0  # the text of a page, 2 mm kept back
_POINT = 25.4 / 72
_ROOM = 499.0  # points: the width of the text
HEADING, LINE = 11.8, 7.2  # a chapter's heading; each line of its title
KEY, HEAD, CAPTION = 6.5, 7.5, 9.0
LEAST, MOST = 6.3, 12.5  # a row of a table


def heading(title: str) -> float:
    """A chapter's topic and title."""
    return HEADING + LINE * (ceil(width(title, 16) / _ROOM))


def paragraph(text: str, size: float = 9.0, room: float = _ROOM) -> float:
    """Text of that size in points, on lines of that width."""
    return ceil(width(text, size) * 1.02 / room) * size * 1.45 * _POINT if text else 0.0


def told(sentences: Iterable[Sentence]) -> float:
    """A list of sentences."""
    return sum(paragraph(one.text, 9.0, _ROOM - 14) + 2.6 for one in sentences)


def row_height(rows: float, taken: float, least: float = LEAST) -> float:
    """The height of each of so many rows beside what else is on the page."""
    return round(min(max((PAGE - taken) / max(rows, 1), least), MOST), 2)


def paged(chapters: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """Short dimensions share a page; one that would not fit under the last starts its own."""
    pages: list[list[Dimension]] = []
    used = PAGE
    for part in chapters:
        needed = _taken(part) + LEAST * _rows(part)
        if used + needed > PAGE:
            pages.append([])
            used = KEY
        pages[-1].append(part)
        used += needed
    return tuple(
        replace(
            part,
            chapter=replace(part.chapter, new_page=number == 0),
            row_height=row_height(sum(map(_rows, page)), KEY + sum(map(_taken, page))),
        )
        for page in pages
        for number, part in enumerate(page)
    )


def _taken(part: Dimension) -> float:
    """All but the rows, with the space that a dimension keeps to the next."""
    return heading(part.chapter.title) + paragraph(part.definition, 8.5) + 3 + HEAD + CAPTION + 8


def _rows(part: Dimension) -> float:
    """Rows, those with names of two lines counted as more."""
    wide = sum(width(row.title, 8) > 118 for row in part.rows)
    return 1 + len(part.rows) + 0.25 * wide

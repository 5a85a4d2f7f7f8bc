"""The first page planned: how much air its table and contents have, so that both stay on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..typeset import lines
from .layout import ROOM, caption, notes, paragraph, stacked
from .shapes import Chapter, Cover

HIGH = 281.0  # the page without its lower margin, and 2 mm kept back
SAYS, WHAT = 346.0, 116.0  # points: the columns of the contents
FIGURES = 41.0  # the index before, after, its change and band
DENSE = 13.0  # what a dense page saves above its contents
_SLACK = 4.0  # a line that may come out otherwise: set small, contents have room for it
_ROW = 6.1  # a row of the table, as it stands closest
_LABEL, _LINE = 5.4, 4.3  # the word above the contents, and one line of them set small


@dataclass(frozen=True)
class Front:
    """The height of a row of the table; whether the contents are set small, each on one line, or topics
    alone in two columns; and the space about their lines."""

    row: float
    small: bool
    single: bool
    short: bool
    air: float


def front(cover: Cover, chapters: Sequence[Chapter]) -> Front:
    """Contents in the usual size where the page holds them, else small, each on a line, or topics alone;
    what is then free is air."""
    rows = sum(max(lines(row.title, 0.34 * ROOM - 4, 8), 1) for row in cover.dimensions)
    above = _above(cover) + _ROW * rows
    usual = _contents(chapters, 8.5, 1.45, 1.1)
    small = above + 8 + usual > HIGH - _SLACK
    above -= DENSE if small else 0.0
    told = 4 + _contents(chapters, 7.5, 1.3, 0.35) if small else 8 + usual
    single = above + told > HIGH
    short = above + 4 + _LABEL + _LINE * len(chapters) > HIGH
    free = max(HIGH - above - told, 0.0)
    row = _ROW + min(0.3 * free / max(len(cover.dimensions), 1), 6.0)
    air = min(0.4 * free / (2 * max(len(chapters), 1)), 2.6)
    return Front(round(row, 2), small, single, short, round((0.35 if small else 1.1) + air, 2))


def _above(cover: Cover) -> float:
    """The banner, the answer, the figures, the head of the table and the notices."""
    name, title = lines(cover.organisation, ROOM, 13, bold=True), lines(cover.title, ROOM, 9.5)
    banner = 26 + min(name * 6.65, 17.9) + 1 + min(title * 4.86, 14.8) + (5.1 if cover.date else 0)
    size = 13.0 if len(cover.answer) > 240 else 19.0 if len(cover.answer) > 120 else 23.0
    answer = 14 + stacked(cover.answer, ROOM, size, 1.22, bold=True)
    answer = min(answer, 74.0) if size == 13.0 else answer
    notices = sum(4 + paragraph(notice, 8) for notice in (cover.notice, cover.fictitious) if notice)
    below = notes(cover.interval_note, cover.mark_note) + caption(cover.more)
    return banner + answer + paragraph(cover.second, 10.5) + FIGURES + 4.6 + notices + below


def _contents(chapters: Sequence[Chapter], size: float, leading: float, air: float) -> float:
    rows = [
        max(
            stacked(one.title, SAYS - 2, size, leading),
            stacked(one.topic, WHAT - 2, size, leading, bold=True),
        )
        for one in chapters
    ]
    return _LABEL + sum(high + 2 * air + 0.15 for high in rows)

"""Slides on the evidence: what answers are worth, what is missing, how it was computed, from what."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..facts.shapes import AnswersPage, Divided, Gaps, Method, Sentence, Sources
from . import charts
from .change import pair_grid
from .deck import Slide
from .grids import Cell, Column, Grid, Key, Row
from .look import ANSWERS
from .sheet_data import Column as Numbers
from .sheet_data import Data
from .stage import Box
from .tale import Tale, quiet

_SMALL = (11.0, 10.0, 9.0)


def answers(tale: Tale, part: AnswersPage) -> None:
    """Who answered, how two audiences differ, where people disagree, their own words."""
    head = tale.head(part.chapter, part.note)
    figures = [
        pair_grid(tale, figure.drawn[1], figure.drawn[0], figure.alt, figure.caption)
        for figure in part.figures
    ]
    quotes = [Sentence("plain", f"{one.text} — {one.audience} · {one.question}") for one in part.quotes]
    said = tale.sentences(quotes, tale.words["quotes"])
    more = [tale.table(table, _SMALL) for table in (part.scales, part.segments) if table is not None]
    first = (tale.table(part.table, _SMALL), tale.sentences(part.sentences), *more)
    tale.slides(head, *first, *figures, _divided(tale, part.divided), said)


def _divided(tale: Tale, told: Sequence[Divided]) -> Grid | None:
    if not told:
        return None
    words = tale.words
    columns = (
        Column(words["audience"], 12), Column(words["question"], 40), Column("", 26), Column(words["less"], 8, "r"),
        Column(words["mid"], 8, "r"), Column(words["more"], 8, "r"), Column(words["n"], 6, "r"),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(one.audience),
                Cell(one.question),
                Cell(),
                *(Cell(share) for share in one.shares),
                quiet(one.n),
            ),
            str(n),
        )
        for n, one in enumerate(told)
    )
    key = tuple(
        Key("■", words[word], ANSWERS[tone])
        for word, tone in (("less", "less far"), ("mid", "mid"), ("more", "more far"))
    )
    return Grid(columns, rows, words["divided"], words["divided"], key, partial(_split, tale, told), 2)


def _split(
    tale: Tale, told: Sequence[Divided], slide: Slide, box: Box, rows: Sequence[Row], head: float
) -> None:
    """Each answer's share, those below the middle to the left of it."""
    here = [told[int(row.node)] for row in rows]
    wholes = [sum(wide for _, wide, _ in one.bars) for one in here]
    reach = max(50 / whole for whole in wholes)
    tones = list(ANSWERS)
    starts, columns = [], [[0.0] * len(here) for _ in tones]
    for n, (one, whole) in enumerate(zip(here, wholes, strict=True)):
        starts.append(reach + (one.bars[0][0] - 50) / whole)
        for _, wide, tone in one.bars:
            columns[tones.index(tone)][n] += wide / whole
    names = [
        tale.words["less"],
        tale.words["less"],
        tale.words["mid"],
        tale.words["more"],
        tale.words["more"],
    ]
    data = Data((
        Numbers("", tuple(one.question for one in here)), Numbers("=", tuple(starts)),
        *(Numbers(name, tuple(column)) for name, column in zip(names, columns, strict=True)),
    ))  # fmt: skip
    lang, words = tale.lang, tale.words
    heads = [words[key] for key in ("less", "mid", "more")]
    parts = [
        f"{one.question}{words['colon']}"
        + lang.listing(f"{name} {share}" for name, share in zip(heads, one.shares, strict=True))
        for one in here
    ]
    charts.stacks(
        slide, box, head, data, list(ANSWERS.values()), reach, f"{words['divided']}. {' '.join(parts)}"
    )


def gaps(tale: Tale, part: Gaps) -> None:
    """What is missing by name, what is out of scope, how far the index could move."""
    tables = [tale.table(table, _SMALL) for table in (part.table, part.excluded) if table is not None]
    known = Sentence("plain", f"{tale.words['coverage']}{tale.words['colon']}{part.span.coverage}")
    told = tale.sentences(part.sentences or [known])
    tale.slides(tale.head(part.chapter), told, _span(tale, part), *tables)


def _span(tale: Tale, part: Gaps) -> Grid | None:
    mark, words, book = part.span.mark, tale.words, tale.book
    if mark.worst_at is None or mark.best_at is None or mark.best_at - mark.worst_at <= 0.05:
        return None
    columns = (
        Column(words["name"], 28),
        Column("", 48),
        Column(words["score"], 8, "r"),
        Column(words["if_missing"], 16, "r"),
    )
    row = Row(
        (Cell(part.span.title, True), Cell(), Cell(part.span.after, bold=True), Cell(part.span.span)),
        part.span.node,
    )
    worst, best = (book.score(book.after, part.span.node, column) for column in ("if_worst", "if_best"))
    assert worst is not None
    assert best is not None
    score = book.score(book.after, part.span.node)
    here = worst if score is None else score

    def drawing(slide: Slide, box: Box, rows: Sequence[Row], head: float) -> None:
        data = Data((
            Numbers("", (part.span.title,)), Numbers("if_worst", (worst,)), Numbers(words["score"], (here - worst,)),
            Numbers("if_best", (best - here,)),
        ))  # fmt: skip
        alt = f"{words['span']}{words['colon']}{part.span.after}, {part.span.span}"
        charts.range_bars(slide, box, head, data, book.axis, alt)

    return Grid(columns, (row,), words["span"], words["span"], drawing=drawing, drawn=1)


def method(tale: Tale, part: Method) -> None:
    """Weights, rules, scales, and what was learned from data."""
    tables = [tale.table(table, _SMALL) for table in part.tables]
    tale.slides(tale.head(part.chapter), tale.sentences(part.sentences), *tables)


def sources(tale: Tale, part: Sources) -> None:
    """Files with hashes, software, notes; statements are the speaker's."""
    notes = [Sentence("plain", text) for text in (*part.notes, *part.run_notes)]
    spoken = [f"{name}{tale.words['colon']}{text}" if name else text for name, text in part.statements]
    tables = [tale.table(table, (10.0, 9.0, 8.0)) for table in part.tables]
    head = tale.head(part.chapter, spoken=spoken)
    tale.slides(head, tale.sentences(notes, size=12.0, least=10.0), *tables)

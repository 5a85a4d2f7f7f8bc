"""Slides of change: what moved the index, each indicator before and after."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..charts import Pair
from ..facts.shapes import Figure, Movement
from . import charts
from .blocks import Beside, Picture
from .deck import Slide
from .grids import Cell, Column, Grid, Key, Row
from .look import BLUE, GREY, LIGHT
from .stage import Box
from .tale import LARGE, Tale, change, quiet, renamed
from .waterfall import waterfall


def movement(tale: Tale, part: Movement) -> None:
    """The waterfall with its sentences, the pairs, and how the change splits."""
    sentences = part.sentences or tale.told.scorecard.sentences
    told = tale.sentences(sentences, size=12.0, least=9.5)
    if part.waterfall is not None:
        figure = part.waterfall
        picture = Picture(partial(_waterfall, tale, figure), 240)
        head = tale.head(part.chapter, figure.caption, spoken=[figure.alt])
        tale.slides(head, Beside(picture, told) if told else picture)
    elif told is not None:
        tale.slides(tale.head(part.chapter), told)
    if part.dumbbell is not None:
        ends, pairs = part.dumbbell.drawn
        note = f"{part.dumbbell.caption} {tale.words['arrows']}"
        chapter = renamed(part.chapter, tale.words["dumbbell_title"])
        tale.slides(tale.head(chapter, note), pair_grid(tale, pairs, ends, part.dumbbell.alt))
    if part.split is not None:
        chapter = renamed(part.chapter, part.split.caption)
        tale.slides(tale.head(chapter), tale.uncaptioned(part.split, LARGE))


def _waterfall(tale: Tale, figure: Figure, slide: Slide, box: Box) -> None:
    ends, steps = figure.drawn
    waterfall(slide, box, ends, steps, tale.lang, figure.alt)


def pair_grid(tale: Tale, pairs: Sequence[Pair], ends: tuple[str, str], alt: str, caption: str = "") -> Grid:
    """Two scores a row as dots on the common scale, with their numbers."""
    words, lang = tale.words, tale.lang
    columns = (
        Column(words["name"], 28), Column("", 36), Column(ends[0], 10, "r"), Column(ends[1], 10, "r"), Column(words["change"], 9, "r"),
    )  # fmt: skip
    rows = []
    known = {}
    for n, pair in enumerate(pairs):
        known[str(n)] = pair
        name, before = Cell(pair.title), quiet(lang.number(pair.before))
        if pair.missing:
            why = Cell(f"– {pair.missing}", colour=GREY, span=2)
            rows.append(Row((name, Cell("–", hatched=True), before, why), str(n)))
        else:
            after = Cell(lang.number(pair.after), bold=True)
            rows.append(Row((name, Cell(), before, after, change(pair.change)), str(n)))

    def drawing(slide: Slide, box: Box, shown: Sequence[Row], head: float) -> None:
        here = [known[row.node] for row in shown]
        charts.dumbbells(slide, box, head, here, ends, tale.book.axis, _told(tale, here))

    key = (Key("●", ends[0], LIGHT), Key("●", ends[1], BLUE))
    return Grid(columns, tuple(rows), alt, caption, key, drawing, 1)


def _told(tale: Tale, pairs: Sequence[Pair]) -> str:
    lang = tale.lang
    parts = [
        lang.say("movement.alt_pair", node=p.title, before=lang.number(p.before), after=lang.number(p.after))
        for p in pairs
    ]
    return lang.say("movement.alt_dumbbell", parts=lang.listing(parts))

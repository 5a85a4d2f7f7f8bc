"""Slides of advice: what stands out, what to do, where to work first."""

from __future__ import annotations

from functools import partial

from ..facts.findings import Findings
from ..facts.pages import Priorities
from ..facts.priorities import QUADRANTS
from ..facts.roadmap import RoadmapPage
from .blocks import Beside, Picture
from .deck import Slide
from .grids import Cell, Column, Grid, Row
from .look import RED
from .plots import quadrants
from .stage import Box
from .tale import Tale, quiet


def findings(tale: Tale, part: Findings) -> None:
    """From the most severe down."""
    shares, aligns = (18, 56, 10, 16), ("l", "l", "r", "l")
    columns = tuple(Column(*one) for one in zip(part.head, shares, aligns, strict=True))
    rows = tuple(
        Row(
            (Cell(row.kind, bold=True), Cell(row.sentence), Cell(row.points), quiet(row.node)),
            row.node,
            spoken=tale.spoken(row.node),
        )
        for row in part.rows
    )
    tale.slides(tale.head(part.chapter, part.note), Grid(columns, rows, part.chapter.title))


def roadmap(tale: Tale, part: RoadmapPage) -> None:
    """The steps, with owners to be filled in."""
    shares, aligns = (6, 36, 8, 20, 13, 9, 12), ("r", "l", "r", "l", "l", "r", "l")
    columns = tuple(Column(*one) for one in zip(part.head, shares, aligns, strict=True))
    rows = []
    for step in part.steps:
        what = " · ".join(text for text in (step.title, step.needs) if text)
        cells = (Cell(step.number), Cell(what), Cell(step.effort), Cell(step.period), Cell(step.again))
        rows.append(Row((*cells, Cell(step.index, bold=True), Cell(step.owner))))
    tale.slides(tale.head(part.chapter, part.note), Grid(columns, tuple(rows), part.chapter.title))


def priorities(tale: Tale, part: Priorities) -> None:
    """Importance against performance, and the table that its numbers lead to."""
    words = tale.words
    heads = (
        words["number"],
        words["name"],
        words["field"],
        words["weight_in_index"],
        words["score"],
        words["gain"],
    )
    shares, aligns = (7, 34, 22, 13, 11, 13), ("r", "l", "l", "r", "r", "r")
    columns = tuple(Column(*one) for one in zip(heads, shares, aligns, strict=True))
    urgent = tale.lang.say("priorities.concentrate")
    rows = []
    for row in part.rows:
        first = row.quadrant == urgent
        field = Cell(row.quadrant, first, RED) if first else Cell(row.quadrant)
        rows.append(
            Row(
                (
                    Cell(row.number),
                    Cell(row.title),
                    field,
                    Cell(row.weight),
                    Cell(row.score, bold=True),
                    Cell(row.gain),
                )
            )
        )
    head = tale.head(part.chapter, part.figure.caption, spoken=[part.figure.alt])
    table = Grid(columns, tuple(rows), part.chapter.title, sizes=(11.0, 10.0, 9.5, 9.0))
    tale.slides(head, Beside(Picture(partial(_quadrants, tale, part), 260), table, 0.52))


def _quadrants(tale: Tale, part: Priorities, slide: Slide, box: Box) -> None:
    dots, lines = part.figure.drawn
    lang = tale.lang
    first, keep, wait, much = (lang.say(f"priorities.{name}") for name in QUADRANTS)
    axes = (lang.say("priorities.weight_axis"), lang.say("priorities.score_axis"))
    titles = [row.title for row in part.rows]
    quadrants(
        slide, box, dots, lines, titles, (much, keep, wait, first), axes, tale.book.axis, part.figure.alt
    )

"""Slides of scores: the scorecard, the dimensions down to their measures, the weights, the waves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..charts_waves import Panel
from ..facts.pages import Tree, Waves
from ..facts.shapes import Dimension, MeasureRow, Scorecard
from ..facts.shapes import Row as NodeRow
from . import charts
from .blocks import Picture
from .deck import Slide
from .grids import Cell, Column, Grid, Key, Row
from .look import GREY, INK, TINTS
from .plots import run_of
from .sheet_data import Column as Numbers
from .sheet_data import Data
from .stage import Box
from .tale import LARGE, Tale, change, quiet

PANELS, ACROSS = 9, 3


def scorecard(tale: Tale, part: Scorecard) -> None:
    words = tale.words
    note = " ".join(text for text in (words["arrows"] if tale.told.two_waves else "", part.note) if text)
    if part.chapter.fictitious:
        note += " " + words["fictitious_mark"]
    spoken = [one.text for one in part.sentences]
    told = tale.sentences(part.sentences, words["why"])
    tale.slides(tale.head(part.chapter, note, spoken=spoken), score_grid(tale, part.rows))
    if told is not None and tale.told.movement is None:
        tale.slides(tale.head(part.chapter, note), told)


def score_grid(tale: Tale, rows: Sequence[NodeRow]) -> Grid:
    """Scores before and after with bars in the rows, change, interval, band, evidence."""
    words, two = tale.words, tale.told.two_waves
    columns = [Column(words["name"], 26), Column("", 24)]
    columns += [Column(words["before"], 7, "r")] if two else []
    columns += [Column(words["after"] if two else words["score"], 7, "r")]
    columns += [Column(words["change"], 8, "r")] if two else []
    columns += [
        Column(words["interval"], 15, "r"),
        Column(words["band"], 12),
        Column(words["coverage"], 8, "r"),
        Column(words["n"], 6, "r"),
    ]
    told = tuple(_score_row(tale, row, two) for row in rows)
    targets = any(row.mark.target_at is not None for row in rows)
    key = (*tale.key, tale.target_key) if targets else tale.key
    return Grid(
        tuple(columns), told, tale.words["scale"], key=key, drawing=partial(_bars, tale), drawn=1, sizes=LARGE
    )


def _score_row(tale: Tale, row: NodeRow, two: bool) -> Row:
    heading = row.depth < 2
    name = Cell(
        row.title + ("†" if row.fictitious else ""), bold=heading, indent=max(min(row.depth, 2) - 1, 0)
    )
    if row.mark.missing:
        cells = [name, Cell("–", hatched=True, align="ctr")]
        cells += [quiet(row.before)] if two else []
        cells += [Cell("–"), Cell(row.mark.missing, colour=GREY, span=5 if two else 4, align="l")]
        return Row(tuple(cells), row.node, heading, tale.spoken(row.node))
    cells = [name, Cell()]
    cells += [quiet(row.before)] if two else []
    cells += [Cell(row.after, bold=True)]
    cells += [change(row.change, heading)] if two else []
    interval = (row.change.interval or row.change.word) if two else row.interval
    cells += [quiet(interval or "–"), Cell(row.band or "–"), quiet(row.coverage), quiet(row.n)]
    return Row(tuple(cells), row.node, heading, tale.spoken(row.node))


def score_data(tale: Tale, rows: Sequence[Row]) -> Data:
    """The scores of the rows' nodes, and their targets."""
    book, words = tale.book, tale.words
    titles = tuple(tale.teller.title(row.node) for row in rows)
    columns = [Numbers("", titles)]
    if tale.told.two_waves:
        columns.append(
            Numbers(words["wave_before"], tuple(book.score(book.before, row.node) for row in rows))
        )
    columns.append(Numbers(words["wave_after"], tuple(book.score(book.after, row.node) for row in rows)))
    wanted = [book.plan.targets.get(row.node) for row in rows]
    columns.append(Numbers(words["target"], tuple(None if one is None else float(one) for one in wanted)))
    return Data(tuple(columns))


def _bars(tale: Tale, slide: Slide, box: Box, rows: Sequence[Row], head: float) -> None:
    data, two = score_data(tale, rows), tale.told.two_waves
    alt = told_scores(tale, rows)
    was, now, target = (1, 2, 3) if two else (None, 1, 2)
    charts.score_bars(slide, box, head, data, tale.book.axis, alt, was, now, target)


def told_scores(tale: Tale, rows: Sequence[Row]) -> str:
    """What a chart of scores says in words."""
    book, lang, teller = tale.book, tale.lang, tale.teller
    if not tale.told.two_waves:
        parts = [f"{teller.title(row.node)} {teller.score(book.after, row.node)}" for row in rows]
        return f"{tale.words['scale']}{tale.words['colon']}{lang.listing(parts)}"
    parts = [
        lang.say(
            "movement.alt_pair",
            node=teller.title(row.node),
            before=teller.score(book.before, row.node),
            after=teller.score(book.after, row.node),
        )
        for row in rows
    ]
    return lang.say("movement.alt_dumbbell", parts=lang.listing(parts))


def dimensions(tale: Tale, parts: Sequence[Dimension]) -> None:
    """Each dimension: its indicators and, under each, the measures as they were read."""
    for part in parts:
        spoken = [part.definition] if part.definition else []
        tale.slides(tale.head(part.chapter, part.caption, spoken=spoken), _measures(tale, part))


def _measures(tale: Tale, part: Dimension) -> Grid:
    words, two = tale.words, tale.told.two_waves
    columns = [Column(words["measure"], 25)]
    if two:
        columns += [Column(words["value_before"], 8, "r"), Column(words["value_after"], 8, "r")]
    else:
        columns += [Column(words["value"], 10, "r")]
    columns += [Column(words["raw_unit"], 8), Column("", 14)]
    columns += [Column(words["before"], 6.5, "r")] if two else []
    columns += [Column(words["after"] if two else words["score"], 6.5, "r")]
    columns += [Column(words["change"], 7.5, "r")] if two else []
    columns += [Column(words["n"], 10.5, "r"), Column(words["source"], 10)]
    rows = tuple(_measure_row(tale, row, two) for row in (part.head, *part.rows))
    alt = f"{part.chapter.topic}{words['colon']}{part.chapter.title}"
    return Grid(
        tuple(columns),
        rows,
        alt,
        key=tale.key,
        drawing=partial(_bars, tale),
        drawn=4 if two else 3,
        sizes=(*LARGE, 9.0),
    )


def _measure_row(tale: Tale, row: NodeRow | MeasureRow, two: bool) -> Row:
    heading = isinstance(row, NodeRow)
    name = Cell(row.title + ("†" if row.fictitious else ""), bold=heading, indent=max(row.depth - 1, 0))
    if row.reason:
        why = f"{tale.words['out_of_scope']}{tale.words['colon']}{row.reason}"
        return Row((name, Cell(why, colour=GREY, span=9 if two else 6)), row.node, heading)
    gone = bool(row.mark.missing)
    if isinstance(row, NodeRow):
        raw = [Cell(row.mark.missing or row.band, colour=GREY, span=3 if two else 2, align="l")]
    else:
        raw = [*([quiet(row.raw_before)] if two else []), Cell(row.raw_after), quiet(row.raw_unit)]
    scores = [
        *([quiet(row.before)] if two else []),
        Cell(row.after, bold=True),
        *([change(row.change)] if two else []),
    ]
    if isinstance(row, NodeRow):
        last = [Cell((row.change.interval if two else row.interval), colour=GREY, span=2, align="l")]
    else:
        last = [quiet(row.n), quiet(row.evidence)]
    bar = Cell("–", hatched=True, align="ctr") if gone else Cell()
    return Row((name, *raw, bar, *scores, *last), row.node, heading, tale.spoken(row.node))


def tree(tale: Tale, part: Tree) -> None:
    """What counts how much: the weights in the index."""
    book, words, lang = tale.book, tale.words, tale.lang
    nodes = [book.root, *(node for node in book.below(book.root.id) if book.depth[node.id] <= 2)]
    rows = []
    for node in nodes:
        heading = book.depth[node.id] < 2
        weight = book.contribution(book.after, node.id, "effective_weight")
        score = book.score(book.after, node.id)
        number = Cell(tale.teller.score(book.after, node.id), hatched=score is None)
        name = Cell(tale.teller.title(node.id), heading, indent=max(book.depth[node.id] - 1, 0))
        rows.append(Row((name, Cell(), Cell(lang.share(weight, 1), bold=True), number), node.id, heading))
    columns = (
        Column(words["name"], 36),
        Column("", 40),
        Column(words["weight_in_index"], 12, "r"),
        Column(words["score"], 12, "r"),
    )
    tale.slides(
        tale.head(part.chapter, part.figure.caption),
        Grid(columns, tuple(rows), part.figure.alt, drawing=partial(_weights, tale), drawn=1),
    )


def _weights(tale: Tale, slide: Slide, box: Box, rows: Sequence[Row], head: float) -> None:
    book, lang = tale.book, tale.lang
    shares = tuple(book.contribution(book.after, row.node, "effective_weight") for row in rows)
    titles = tuple(tale.teller.title(row.node) for row in rows)
    data = Data((Numbers("", titles), Numbers(tale.words["weight_in_index"], shares)))
    told = lang.listing(f"{title} {lang.share(share)}" for title, share in zip(titles, shares, strict=True))
    charts.plain_bars(slide, box, head, data, (0.0, 1.0), lang.say("tree.alt", parts=told))


def waves(tale: Tale, part: Waves) -> None:
    """Every score in every wave, and how they ran."""
    words = tale.words
    name = 30.0
    each = 60.0 / len(part.headings)
    columns = (
        Column(words["name"], name),
        *(Column(head, each, "ctr") for head in part.headings),
        Column(words["change"], 10, "r"),
    )
    rows = []
    for row in part.rows:
        heading = row.depth < 2
        cells = [Cell(row.title, heading, indent=max(min(row.depth, 2) - 1, 0))]
        for cell in row.cells:
            if cell.missing:
                cells.append(Cell(f"– {cell.missing}" if len(row.cells) < 4 else "–", hatched=True))
            else:
                deep = cell.tint == len(TINTS) - 1
                cells.append(Cell(cell.text, heading, "#FFFFFF" if deep else INK, TINTS[cell.tint]))
        rows.append(Row((*cells, change(row.change, heading)), heading=heading))
    key = tuple(Key("■", step, tint) for step, tint in zip(part.steps, TINTS, strict=True))
    grid = Grid(columns, tuple(rows), part.chapter.title, key=key, sizes=(*LARGE, 9.0))
    tale.slides(tale.head(part.chapter, part.note), grid)
    if part.multiples is not None:
        panels: Sequence[Panel] = part.multiples.drawn
        drawing = [
            Picture(partial(_panels, tale, panels[at : at + PANELS], part.headings), 300)
            for at in range(0, len(panels), PANELS)
        ]
        tale.slides(tale.head(part.chapter, part.multiples.caption, spoken=[part.multiples.alt]), *drawing)


def _panels(tale: Tale, panels: Sequence[Panel], waves: Sequence[str], slide: Slide, box: Box) -> None:
    """Small multiples: a chart a node, all on one scale."""
    from .text import Line

    lines = -(-len(panels) // ACROSS)
    wide, tall = box.width / ACROSS, box.height / max(lines, 2)
    for n, panel in enumerate(panels):
        down, across = divmod(n, ACROSS)
        place = Box(box.left + across * wide, box.top + down * tall, wide - 14, tall - 6)
        title = [Line(panel.title, 10.5, True, slide.look.colour(INK))]
        slide.text(Box(place.left, place.top, place.width, 14), title, "Panel")
        told = f"{panel.title} {' → '.join(tale.lang.number(score) for score in panel.scores)}"
        alt = tale.lang.say("waves.alt", parts=told)
        run_of(slide, place.within(top=14), panel, waves, tale.book.axis, tale.lang, alt)

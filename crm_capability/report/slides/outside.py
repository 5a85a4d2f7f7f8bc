"""Slides that look outside: peers, published cases, the plan's own targets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..facts.cases import CasesPage
from ..facts.pages import Targets
from ..facts.shapes import Standing
from . import charts
from .deck import Slide
from .grids import Cell, Column, Grid, Key, Row
from .look import BLUE, GREY, INK, MEDIAN, PEERS
from .sheet_data import Column as Numbers
from .sheet_data import Data
from .stage import Box
from .tale import Tale, change, quiet


def targets(tale: Tale, part: Targets) -> None:
    """Scores against the plan's targets."""
    words, book = tale.words, tale.book
    nodes = [node for node in book.nodes if node in book.plan.targets]
    columns = (
        Column(words["name"], 27), Column("", 35), Column(words["score"], 8, "r"), Column(words["band"], 11),
        Column(words["target"], 8, "r"), Column(words["target_gap"], 8, "r"), Column(words["target_gain"], 9, "r"),
    )  # fmt: skip
    rows = []
    for node, bullet in zip(nodes, part.bullets, strict=True):
        gone = Cell(f"– {bullet.mark.missing}", hatched=True, align="ctr") if bullet.mark.missing else Cell()
        score = Cell(bullet.score, bold=True)
        band = Cell(tale.teller.band(node) or "–")
        cells = (
            Cell(bullet.title),
            gone,
            score,
            band,
            Cell(bullet.target),
            change(bullet.gap),
            quiet(bullet.gain),
        )
        rows.append(Row(cells, node, spoken=tale.spoken(node)))
    key = (Key("■", words["wave_after"], BLUE), tale.target_key)
    grid = Grid(columns, tuple(rows), part.chapter.title, key=key, drawing=partial(_bullets, tale), drawn=1)
    tale.slides(tale.head(part.chapter, part.note), grid)


def _bullets(tale: Tale, slide: Slide, box: Box, rows: Sequence[Row], head: float) -> None:
    book, lang, teller = tale.book, tale.lang, tale.teller
    titles = tuple(teller.title(row.node) for row in rows)
    scores = tuple(book.score(book.after, row.node) for row in rows)
    wanted = tuple(float(book.plan.targets[row.node]) for row in rows)
    data = Data((
        Numbers("", titles), Numbers(tale.words["wave_after"], scores), Numbers(tale.words["target"], wanted),
    ))  # fmt: skip
    told = lang.listing(
        f"{title} {lang.number(score)} / {lang.number(want)}"
        for title, score, want in zip(titles, scores, wanted, strict=True)
    )
    alt = f"{tale.words['score']} / {tale.words['target']}{tale.words['colon']}{told}"
    charts.score_bars(slide, box, head, data, book.axis, alt, None, 1, 2)


def standing(tale: Tale, part: Standing) -> None:
    """Where the unit stands among its peers, and everyone by the index."""
    words = tale.words
    columns = (
        Column(words["name"], 27), Column("", 36), Column(words["score"], 8, "r"), Column(words["median"], 9, "r"),
        Column(words["gap"], 9, "r"), Column(words["percentile"], 9, "r"), Column(words["n"], 5, "r"),
    )  # fmt: skip
    rows = []
    for strip in part.strips:
        heading = strip.depth < 2
        cells = [
            Cell(strip.title, heading, indent=max(min(strip.depth, 2) - 1, 0)),
            Cell(),
            Cell(strip.score, bold=True),
        ]
        cells += [Cell(strip.median), change(strip.gap), Cell(strip.percentile), quiet(strip.peers)]
        rows.append(Row(tuple(cells), strip.node, heading, tale.spoken(strip.node)))
    key = (Key("●", words["own"], BLUE), Key("●", words["peers"], PEERS), Key("◆", words["median"], MEDIAN))
    grid = Grid(
        columns, tuple(rows), part.chapter.title, key=key, drawing=partial(_strips, tale, part), drawn=1
    )
    tale.slides(tale.head(part.chapter, part.note), grid, _places(tale, part) if part.places else None)


def _strips(tale: Tale, part: Standing, slide: Slide, box: Box, rows: Sequence[Row], head: float) -> None:
    book, words = tale.book, tale.words
    known = {strip.node: strip for strip in part.strips}
    shown = [known[row.node] for row in rows]
    told = [(s.title, s.dots, book.standing(s.node, "median"), book.score(book.after, s.node)) for s in shown]
    names = (words["peers"], words["median"], words["own"])
    alt = tale.lang.say("list.sentence").join(
        strip.description + tale.lang.say("headline.full_stop") for strip in shown
    )
    charts.strips(slide, box, head, told, names, book.axis, alt)


def _places(tale: Tale, part: Standing) -> Grid:
    words, two = tale.words, tale.told.two_waves
    columns = [Column(words["rank"], 7, "r"), Column(words["unit"], 34), Column("", 36)]
    columns += [Column(words["before"], 8, "r")] if two else []
    columns += [Column(words["after"] if two else words["score"], 8, "r")]
    columns += [Column(words["change"], 8, "r")] if two else []
    rows = []
    for n, place in enumerate(part.places):
        colour = BLUE if place.own else INK
        cells = [Cell(place.rank, place.own, colour), Cell(place.title, place.own, colour), Cell()]
        cells += [quiet(place.before)] if two else []
        cells += [Cell(place.after, bold=True)]
        cells += [Cell(place.change, colour=GREY)] if two else []
        rows.append(Row(tuple(cells), str(n)))
    scores = _index_scores(tale, part)

    def drawing(slide: Slide, box: Box, shown: Sequence[Row], head: float) -> None:
        here = [int(row.node) for row in shown]
        data = [Numbers("", tuple(part.places[n].title for n in here))]
        data += [Numbers(words["wave_before"], tuple(scores[n][0] for n in here))] if two else []
        data += [Numbers(words["wave_after"], tuple(scores[n][1] for n in here))]
        told = tale.lang.listing(f"{part.places[n].title} {part.places[n].after}" for n in here)
        was, now = (1, 2) if two else (None, 1)
        alt = f"{words['standing_now']}{words['colon']}{told}"
        charts.score_bars(slide, box, head, Data(tuple(data)), tale.book.axis, alt, was, now)

    caption = words["standing_now"]
    return Grid(tuple(columns), tuple(rows), caption, caption, key=tale.key, drawing=drawing, drawn=2)


def _index_scores(tale: Tale, part: Standing) -> list[tuple[float | None, float | None]]:
    """The index of each unit before and after, in the order of the ranking."""
    book, frame = tale.book, tale.book.frame("scores")
    rows = frame[(frame["node"] == book.root.id) & frame["score"].notna()]
    known = {(row.wave, str(row.unit)): float(row.score) for row in rows.itertuples()}
    before = book.before.id if book.before else ""
    return [(known.get((before, place.id)), known.get((book.after.id, place.id))) for place in part.places]


def cases(tale: Tale, part: CasesPage) -> None:
    """Published figures to set beside one's own."""
    shares, aligns = (38, 24, 14, 10, 14), ("l", "l", "r", "r", "l")
    columns = tuple(Column(*one) for one in zip(part.head, shares, aligns, strict=True))
    rows = tuple(
        Row(
            (
                Cell(row.title),
                Cell(row.measure),
                Cell(row.figure),
                Cell(row.own, bold=True),
                Cell(row.position),
            )
        )
        for row in part.rows
    )
    tale.slides(tale.head(part.chapter, part.note), Grid(columns, rows, part.chapter.title))

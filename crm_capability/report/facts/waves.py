"""Every score in every wave: a heat map, and small multiples where there are more than two waves."""

from __future__ import annotations

from itertools import pairwise

from ...definition.plan import Wave
from .. import charts_waves
from . import layout
from .book import Node
from .pages import Cell, HeatRow, Waves
from .rows import Teller
from .scorecard import FITS
from .shapes import Chapter, Figure
from .targets import targets

DEPTHS = 5
MOST_PANELS = 21


def waves(teller: Teller, notice: str) -> Waves | None:
    """The chapter on all waves; None where there is one."""
    book, lang = teller.book, teller.lang
    if len(book.plan.waves) < 2:
        return None
    shown, left_out = teller.fitting(_every(teller), FITS)
    nodes = [book.nodes[node] for node in shown]
    title = _title(teller, nodes)
    multiples = _multiples(teller) if len(book.plan.waves) > 2 else None
    note = lang.say("waves.note", low=_scale(teller, 0), high=_scale(teller, DEPTHS)) + teller.basis
    note += left_out
    taken = layout.heading(title) + layout.key("") + layout.HEAD + layout.caption(note)
    if multiples is None and (next_page := targets(teller, notice)):  # on the same page, if it can be
        taken += layout.BETWEEN + layout.heading(next_page.chapter.title) + layout.HEAD + 6
        taken += layout.key(*next_page.bands) + layout.caption(next_page.note) + 9.2 * len(next_page.bullets)
    return Waves(
        Chapter("waves", lang.say("waves.topic"), title, fictitious=notice),
        tuple(teller.wave(wave) for wave in book.plan.waves),
        tuple(_row(teller, node) for node in nodes),
        tuple(f"{_scale(teller, n)}–{_scale(teller, n + 1)}" for n in range(DEPTHS)),
        multiples,
        note,
        layout.row_height(len(nodes), taken, least=5.2),
    )


def _scale(teller: Teller, step: int) -> str:
    low, high = teller.book.axis
    return teller.lang.number(low + (high - low) * step / DEPTHS, 0)


def _every(teller: Teller) -> list[str]:
    """The index, its dimensions and what is right below them."""
    book = teller.book
    return [book.root.id, *(n.id for n in book.below(book.root.id) if book.depth[n.id] <= 2)]


def _row(teller: Teller, node: Node) -> HeatRow:
    cells = tuple(_cell(teller, wave, node) for wave in teller.book.plan.waves)
    return HeatRow(teller.title(node.id), teller.book.depth[node.id], cells, teller.change(node.id))


def _cell(teller: Teller, wave: Wave, node: Node) -> Cell:
    score = teller.book.score(wave, node.id)
    if score is None:
        return Cell("–", missing=teller.absence(node.id, wave))
    at = teller.book.position(score) or 0.0
    return Cell(teller.lang.number(score), min(int(at / 100 * DEPTHS), DEPTHS - 1))


def _title(teller: Teller, nodes: list[Node]) -> str:
    """The run of the index where there are many waves, else who is highest and lowest now."""
    book, lang = teller.book, teller.lang
    run = [book.score(wave, book.root.id) for wave in book.plan.waves]
    known = [score for score in run if score is not None]
    if len(run) > 2 and len(known) > 1:
        kind = _run(teller, known)
        words = {"first": lang.number(known[0]), "last": lang.number(known[-1]), "count": len(run)}
        return lang.say(f"waves.{kind}", node=teller.title(book.root.id), **words)
    deepest = max(book.depth[n.id] for n in nodes)
    scores = [(book.score(book.after, n.id), n.id) for n in nodes if book.depth[n.id] == deepest]
    ranked = sorted((score, node) for score, node in scores if score is not None)
    if len(ranked) < 2 or lang.number(ranked[0][0]) == lang.number(ranked[-1][0]):
        return lang.say("waves.plain", count=len(run))
    low, high = ranked[0][0], ranked[-1][0]
    words = {
        "up": teller.leading(ranked, high),
        "high": lang.number(high),
        "down": teller.leading(ranked, low),
        "low": lang.number(low),
    }
    return lang.say("waves.ends", wave=teller.wave(book.after), **words)


def _run(teller: Teller, known: list[float]) -> str:
    steps = {teller.lang.signed(b - a)[0] for a, b in pairwise(known)}
    return "always_up" if steps == {"+"} else "always_down" if steps == {"−"} else "up_and_down"


def _multiples(teller: Teller) -> Figure | None:
    book, lang = teller.book, teller.lang
    nodes, left_out = teller.fitting([n for n in _every(teller) if not book.out_of_scope(n)], MOST_PANELS)
    panels = [
        charts_waves.Panel(
            teller.title(node),
            tuple(book.score(wave, node) for wave in book.plan.waves),
            tuple(
                (book.score(wave, node, "low"), book.score(wave, node, "high")) for wave in book.plan.waves
            ),
        )
        for node in nodes
    ]
    ends = (teller.wave(book.plan.waves[0]), teller.wave(book.plan.waves[-1]))
    told = lang.listing(f"{p.title} {' → '.join(lang.number(s) for s in p.scores)}" for p in panels)
    alt = lang.say("waves.alt", parts=told)
    return Figure(
        lambda: charts_waves.multiples(panels, ends, book.axis, lang, alt),
        lang.say("waves.multiples") + teller.basis + left_out,
        alt,
        panels,
    )

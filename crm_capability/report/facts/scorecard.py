"""The scorecard: the index, its dimensions and their indicators on one page."""

from __future__ import annotations

from .book import Node
from .rows import Teller
from .shapes import Chapter, Scorecard

FITS = 30  # rows of one page


def scorecard(teller: Teller, notice: str) -> Scorecard:
    """The one page that needs no other."""
    book, lang = teller.book, teller.lang
    shown, note = _shown(teller)
    nodes = [book.root, *(node for node in _in_order(teller) if node.id in shown)]
    low, high = book.axis
    told = lang.say("scorecard.note", low=lang.number(low, 0), high=lang.number(high, 0))
    return Scorecard(
        chapter=Chapter("scorecard", lang.say("scorecard.topic"), _title(teller), fictitious=notice),
        rows=tuple(teller.row(node.id) for node in nodes),
        ticks=tuple((at, lang.number(low + (high - low) * at / 100, 0)) for at in (0.0, 50.0, 100.0)),
        note=" ".join(part for part in (told, note) if part),
    )


def _in_order(teller: Teller) -> list[Node]:
    return [node for node in teller.book.below(teller.book.root.id) if teller.book.depth[node.id] <= 2]


def _shown(teller: Teller) -> tuple[set[str], str]:
    """All indicators where they fit the page, else those that moved most."""
    book, lang = teller.book, teller.lang
    every = [node.id for node in _in_order(teller)]
    if len(every) < FITS:
        return set(every), ""
    dims = [node.id for node in book.dimensions][: FITS // 2]
    indicators = [node.id for node in book.indicators]
    room = FITS - 1 - len(dims)
    if book.before:
        ranked = sorted(indicators, key=lambda n: -abs(book.change(n) or 0.0))
    else:
        ranked = sorted(
            indicators, key=lambda n: (book.score(book.after, n) is None, book.score(book.after, n) or 0.0)
        )
    key = "scorecard.cut" if book.before else "scorecard.cut_one"
    return {*dims, *ranked[:room]}, lang.say(key, shown=min(room, len(indicators)), count=len(indicators))


def counted(teller: Teller) -> list[Node]:
    """What the titles count: the indicators in scope."""
    return [n for n in teller.book.indicators if not teller.book.out_of_scope(n.id)]


def _title(teller: Teller) -> str:
    nodes = counted(teller)
    return _title_of_change(teller, nodes) if teller.book.before else _title_of_level(teller, nodes)


def _title_of_change(teller: Teller, nodes: list[Node]) -> str:
    """How many rose and fell for sure, how many within the noise, how many cannot be compared."""
    lang = teller.lang
    arrows = [teller.change(node.id).arrow for node in nodes]
    kinds = {
        "▲": "clear_up",
        "▼": "clear_down",
        "≈": "noise",
        "↑": "up",
        "↓": "down",
        "=": "same",
        "": "apart",
    }
    counts = {kind: arrows.count(arrow) for arrow, kind in kinds.items()}
    if counts["apart"] == len(nodes):
        return lang.say("scorecard.nothing")
    if max(counts.values()) == len(nodes):
        return lang.say("scorecard.all", count=len(nodes), move=lang.say(f"scorecard.{kinds[arrows[0]]}"))
    told = [
        lang.say("scorecard.some", count=count, move=lang.say(f"scorecard.{kind}"))
        for kind, count in counts.items()
        if count
    ]
    return lang.say("scorecard.moved", count=len(nodes), moves=lang.clauses(told))


def _title_of_level(teller: Teller, nodes: list[Node]) -> str:
    book, lang = teller.book, teller.lang
    scores = [(book.score(book.after, node.id), node.id) for node in nodes]
    known = sorted((score, node) for score, node in scores if score is not None)
    if not known:
        return lang.say("scorecard.one_none")
    if len(known) == 1 or known[0][0] == known[-1][0]:
        return lang.say("scorecard.one_flat", scored=len(known), count=len(nodes))
    (least, last), (most, top) = known[0], known[-1]
    words = {
        "node": teller.title(top),
        "high": lang.number(most),
        "last": teller.title(last),
        "low": lang.number(least),
    }
    return lang.say("scorecard.one", scored=len(known), count=len(nodes), **words)

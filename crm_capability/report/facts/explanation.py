"""Where each number comes from: one line a node, which the numbers of other pages link to."""

from __future__ import annotations

from ...definition.framework import Group, Measure
from ...tables import MEASURED
from ..scales import scale_words
from .method import rule
from .pages import Explanation, Line
from .rows import Teller
from .shapes import Chapter


def explanation(teller: Teller, notice: str) -> Explanation:
    """The chapter that `explain` tells in full."""
    book, lang = teller.book, teller.lang
    nodes = [node for node in book.nodes.values() if not book.out_of_scope(node.id)]
    lines = tuple(
        Line(n.id, teller.title(n.id), book.depth[n.id], teller.score(book.after, n.id), _how(teller, n))
        for n in nodes
    )
    scored = sum(book.score(book.after, n.id) is not None for n in nodes)
    kind = "title_all" if scored == len(nodes) else "title"
    title = lang.say(f"explanation.{kind}", count=scored, all=len(nodes), wave=teller.wave(book.after))
    chapter = Chapter("explanation", lang.say("explanation.topic"), title, fictitious=notice)
    return Explanation(chapter, lines, lang.say("explanation.note", node=book.root.id))


def _how(teller: Teller, node: Group | Measure) -> str:
    return _measure(teller, node) if isinstance(node, Measure) else _group(teller, node)


def _group(teller: Teller, node: Group) -> str:
    book, lang = teller.book, teller.lang
    parts = [
        lang.say(
            "explanation.part",
            node=teller.title(c.id),
            score=teller.score(book.after, c.id),
            weight=_weight(teller, c.id),
        )
        for c in node.children
        if book.score(book.after, c.id) is not None
    ]
    if not parts:
        return teller.absence(node.id)
    lacking = sum(book.score(book.after, c.id) is None and not book.out_of_scope(c.id) for c in node.children)
    told = lang.say("explanation.group", rule=rule(teller, node), parts=lang.listing(parts))
    excluded = sum(book.out_of_scope(c.id) for c in node.children)
    told += lang.say("explanation.lacking", count=lacking) if lacking else ""
    return told + (lang.say("explanation.excluded", count=excluded) if excluded else "")


def _weight(teller: Teller, node: str) -> str:
    return teller.lang.share(teller.book.contribution(teller.book.after, node, "weight"), 1)


def _measure(teller: Teller, node: Measure) -> str:
    book, lang = teller.book, teller.lang
    if book.state(book.after, node.id) != MEASURED:
        return teller.absence(node.id)
    words = {
        "value": teller.raw(book.after, node),
        "scale": scale_words(lang, book.framework, node),
        "n": lang.number(book.reading(book.after, node.id, "n"), 0),
        "source": book.reading_text(book.after, node.id, "source") or "–",
    }
    return lang.say("explanation.measure", **words)

"""The answer in one sentence, computed: what the index did, and what led or dragged it."""

from __future__ import annotations

from .movement import by_dimension
from .rows import Teller
from .shapes import Change, Cover


def moved(teller: Teller, node: str, family: str) -> str:
    """What a node did between the waves, or where it stands, as a sentence without its end."""
    book = teller.book
    before, after = teller.score(book.before, node), teller.score(book.after, node)
    kind = _kind(teller, node, teller.change(node))
    if kind == "one" and family == "headline" and teller.band(node):
        kind = "one_band"
    return teller.lang.say(
        f"{family}.{kind}", node=teller.title(node), before=before, after=after, band=teller.band(node)
    )


def _kind(teller: Teller, node: str, change: Change) -> str:
    book = teller.book
    has_before, has_after = (book.score(wave, node) is not None for wave in (book.before, book.after))
    if not has_after:
        return "lost" if has_before else "none"
    if book.before is None:
        return "one"
    if not has_before:
        return "new"
    if change.tone == "noise":
        return "noise" if change.arrow == "≈" else "same"
    return "rose" if change.tone == "up" else "fell"


def answer(teller: Teller) -> str:
    """The whole report in one sentence."""
    book, lang = teller.book, teller.lang
    first = moved(teller, book.root.id, "headline")
    if book.before is None or teller.change(book.root.id).points is None:
        return _standing_answer(teller, first) + lang.say("headline.full_stop")
    parts = by_dimension(book)
    changes = {node.id: teller.change(node.id) for node in book.dimensions}
    moving = {n: c.points for n, c in changes.items() if c.points is not None and c.tone in ("up", "down")}
    known = [(moving[n], n) for n in sorted(moving, key=lambda n: (parts.get(n, moving[n]), n))]
    index = teller.change(book.root.id)
    if known and index.tone in ("up", "down"):
        first = _led(teller, first, index, known)
    return first + lang.say("headline.full_stop")


def _led(teller: Teller, first: str, index: Change, known: list[tuple[float, str]]) -> str:
    lang, (least, last), (most, top) = teller.lang, known[0], known[-1]
    words = {"first": first, "up": teller.title(top), "down": teller.title(last)}
    words |= {"change": lang.signed(most), "gain": lang.signed(most), "loss": lang.signed(least)}
    if index.tone == "up" and most > 0:
        return lang.say("headline.led_but" if least < 0 else "headline.led", node=words["up"], **words)
    if index.tone == "down" and least < 0:
        words["change"] = lang.signed(most if most > 0 else least)
        return lang.say("headline.dragged_but" if most > 0 else "headline.dragged", node=words["down"], **words)
    return first


def _standing_answer(teller: Teller, first: str) -> str:
    book = teller.book
    scores = [(book.score(book.after, node.id), node.id) for node in book.dimensions]
    known = sorted((score, node) for score, node in scores if score is not None)
    if len(known) < 2:
        return first
    (least, last), (most, top) = known[0], known[-1]
    return teller.lang.say(
        "headline.strongest",
        first=first,
        up=teller.title(top),
        down=teller.title(last),
        high=teller.lang.number(most),
        low=teller.lang.number(least),
    )


def certainty(teller: Teller) -> str:
    """The second sentence: how sure the first one is."""
    book, lang = teller.book, teller.lang
    node = book.root.id
    change = teller.change(node)
    if change.points is not None:
        low, high = (lang.signed(book.change(node, column)) for column in ("low", "high"))
        kind = {"≈": "noise", "▲": "clear", "▼": "clear"}.get(change.arrow, "unknown")
        return lang.say(f"headline.second.{kind}", change=change.text, low=low, high=high)
    low, high = book.score(book.after, node, "low"), book.score(book.after, node, "high")
    if low is not None and high is not None:
        return lang.say("headline.second.interval", low=lang.number(low), high=lang.number(high))
    coverage = book.score(book.after, node, "coverage")
    return lang.say("headline.second.coverage", share=lang.share(coverage)) if coverage is not None else ""


def cover(teller: Teller, date: str) -> Cover:
    """The first page."""
    book, lang = teller.book, teller.lang
    return Cover(
        answer=answer(teller),
        second=certainty(teller),
        organisation=lang.text(book.result.units.get(book.unit)) or book.unit,
        title=lang.text(book.plan.title),
        before_label=teller.wave(book.before),
        after_label=teller.wave(book.after),
        before_period=teller.period(book.before),
        after_period=teller.period(book.after),
        index=teller.row(book.root.id),
        dimensions=tuple(teller.row(node.id) for node in book.dimensions[:8]),
        notice=lang.text(book.plan.report.notice),
        date=date,
        fictitious=lang.say("fictitious.cover") if book.fictitious else "",
    )

"""The answer in one sentence, computed: what the index did, and what led or dragged it."""

from __future__ import annotations

from .movement import by_dimension
from .rows import Teller
from .shapes import Change, Cover

MOST = 9  # dimensions on the first page


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
    if change.text.strip("0.") == "":
        return "same"
    if change.tone == "noise":
        return "noise"
    return "rose" if change.tone == "up" else "fell"


def answer(teller: Teller) -> str:
    """The whole report in one sentence."""
    book, lang = teller.book, teller.lang
    first = moved(teller, book.root.id, "headline")
    if book.before is None or teller.change(book.root.id).points is None:
        return _standing_answer(teller, first) + lang.say("headline.full_stop")
    return _led(teller, first) + lang.say("headline.full_stop")


def _led(teller: Teller, first: str) -> str:
    """Which dimension did most of it, and which went the other way."""
    lang, tone = teller.lang, teller.change(teller.book.root.id).tone
    parts = by_dimension(teller.book)
    if not parts or tone not in ("up", "down"):
        return first
    rising = tone == "up"
    most = (max if rising else min)(parts, key=lambda node: (parts[node], node))
    part = lang.number(abs(parts[most]))
    if (parts[most] > 0) != rising or part == "0.0":
        return first
    contrary = [n for n in parts if teller.change(n).tone == ("down" if rising else "up") and n != most]
    words = {"first": first, "node": teller.title(most), "part": part}
    kind = "led" if rising else "dragged"
    if not contrary:
        return lang.say(f"headline.{kind}", **words)
    other = max(contrary, key=lambda node: abs(teller.change(node).points or 0.0))
    words |= {"other": teller.title(other), "points": lang.number(abs(teller.change(other).points or 0.0))}
    return lang.say(f"headline.{kind}_but", **words)


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
        ends = {column: lang.signed(book.change(node, column)) for column in ("low", "high")}
        kind = {"≈": "noise", "▲": "clear", "▼": "clear"}.get(change.arrow, "unknown")
        told = lang.say(f"headline.second.{kind}", change=change.text, **ends)
        return told if kind == "unknown" else told + _exact(teller)
    low, high = book.score(book.after, node, "low"), book.score(book.after, node, "high")
    if low is not None and high is not None:
        return lang.say("headline.second.interval", low=lang.number(low), high=lang.number(high))
    coverage = book.score(book.after, node, "coverage")
    return lang.say("headline.second.coverage", share=lang.share(coverage)) if coverage is not None else ""


def _exact(teller: Teller) -> str:
    """Readings without a standard error make an interval narrower than it should be: say so."""
    book, lang = teller.book, teller.lang
    measured = [m.id for m in book.in_scope if book.reading(book.after, m.id) is not None]
    exact = sum(book.reading(book.after, node, "standard_error") is None for node in measured)
    if not exact:
        return ""
    return lang.say("list.sentence") + lang.say("headline.second.exact", count=exact, all=len(measured))


def cover(teller: Teller, date: str) -> Cover:
    """The first page."""
    book, lang = teller.book, teller.lang
    shown = len(book.dimensions) if len(book.dimensions) <= MOST + 1 else MOST
    hidden = len(book.dimensions) - shown
    root = book.root.id
    sure = teller.change(root).interval if book.before else book.score(book.after, root, "low") is not None
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
        dimensions=tuple(teller.row(node.id) for node in book.dimensions[:shown]),
        notice=lang.text(book.plan.report.notice),
        date=date,
        fictitious=lang.say("fictitious.cover") if book.fictitious else "",
        interval_note=lang.say("notes.interval") if sure else "",
        mark_note=lang.say("notes.mark") if book.fictitious else "",
        more=lang.say("notes.more", count=hidden) if hidden else "",
    )

"""What is not known: gaps in the evidence, what is out of scope, how far the index could move."""

from __future__ import annotations

from ...tables import MEASURED, NOT_APPLICABLE, NOT_COLLECTED, UNKNOWN
from .rows import Teller
from .shapes import Chapter, Gaps, Sentence, Table


def gaps(teller: Teller, notice: str) -> Gaps:
    """The chapter on what is missing; it is there even when nothing is."""
    book, lang = teller.book, teller.lang
    chapter = Chapter("gaps", lang.say("gaps.topic"), _title(teller), fictitious=notice)
    return Gaps(chapter, _sentences(teller), teller.row(book.root.id), _missing(teller), _excluded(teller))


def _states(teller: Teller) -> dict[str, str]:
    book = teller.book
    return {m.id: book.state(book.after, m.id) for m in book.in_scope}


def _title(teller: Teller) -> str:
    book, lang = teller.book, teller.lang
    states = list(_states(teller).values())
    applicable = sum(state != NOT_APPLICABLE for state in states)
    lacking = sum(state in (UNKNOWN, NOT_COLLECTED) for state in states)
    low, high = (book.score(book.after, book.root.id, column) for column in ("if_worst", "if_best"))
    if not lacking:
        return lang.say("gaps.none")
    if lacking == applicable:
        return lang.say("gaps.nothing")
    if low is None or high is None:
        return lang.say("gaps.some_plain", count=lacking, all=applicable)
    return lang.say("gaps.some", count=lacking, all=applicable, low=lang.number(low), high=lang.number(high))


def _sentences(teller: Teller) -> tuple[Sentence, ...]:
    book, lang = teller.book, teller.lang
    states = _states(teller)
    counts = {
        "unknown": sum(state == UNKNOWN for state in states.values()),
        "not_collected": sum(state == NOT_COLLECTED for state in states.values()),
        "not_applicable": sum(state == NOT_APPLICABLE for state in states.values()),
        "out_of_scope": len(book.measures(book.root.id)) - len(book.in_scope),
    }
    if book.before is not None:
        earlier = {node: book.state(book.before, node) == MEASURED for node in states}
        counts["came"] = sum(states[n] == MEASURED and not earlier[n] for n in states)
        counts["went"] = sum(states[n] != MEASURED and earlier[n] for n in states)
    counts["fictitious"] = len(book.fictitious)
    stop = lang.say("headline.full_stop")
    return tuple(Sentence("gap", lang.say(f"gaps.{kind}", count=n) + stop) for kind, n in counts.items() if n)


def _missing(teller: Teller) -> Table | None:
    book, lang = teller.book, teller.lang
    rows = []
    for measure in book.in_scope:
        states = [book.state(wave, measure.id) for wave in book.waves]
        if all(state == MEASURED for state in states):
            continue
        parent = book.parent[measure.id]
        told = (lang.say(f"state.{state}") for state in states)
        rows.append((lang.text(measure.title), teller.title(parent) if parent else "", *told))
    if not rows:
        return None
    heads = (lang.say("page.measure"), lang.say("gaps.part_of"), *(teller.wave(wave) for wave in book.waves))
    return Table(heads, tuple(rows), tuple(False for _ in heads), lang.say("gaps.caption"))


def _excluded(teller: Teller) -> Table | None:
    book, lang = teller.book, teller.lang
    if not book.excluded:
        return None
    rows = tuple((teller.title(node), lang.text(reason) or "–") for node, reason in book.excluded.items())
    heads = (lang.say("gaps.excluded"), lang.say("gaps.reason"))
    return Table(heads, rows, (False, False), lang.say("page.excluded"))

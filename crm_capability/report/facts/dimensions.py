"""A chapter for every dimension: its indicators and, under each, the measures as they were read."""

from __future__ import annotations

from ...definition.framework import Group, Measure
from .headline import moved
from .rows import Teller
from .shapes import Chapter, Dimension, MeasureRow, Row


def dimensions(teller: Teller, notice: str) -> tuple[Dimension, ...]:
    """One for each group below the index; measures right under the index share the last."""
    book = teller.book
    groups = [node for node in book.dimensions if isinstance(node, Group)]
    found = [_dimension(teller, group, notice) for group in groups]
    loose = [node for node in book.dimensions if isinstance(node, Measure)]
    if loose:
        found.append(_loose(teller, loose, notice))
    return tuple(found)


def _dimension(teller: Teller, group: Group, notice: str) -> Dimension:
    book, lang = teller.book, teller.lang
    below = [node for node in book.below(group.id) if not _inside_excluded(teller, node.id)]
    rows: list[Row | MeasureRow] = [
        teller.measure_row(node) if isinstance(node, Measure) else teller.row(node.id) for node in below
    ]
    fiction = notice if book.rests_on_fiction(group.id) else ""
    chapter = Chapter(
        f"dimension-{group.id}", teller.title(group.id), _title(teller, group), fictitious=fiction
    )
    return Dimension(
        chapter,
        lang.text(group.definition),
        teller.row(group.id),
        tuple(rows),
        _caption(teller, bool(fiction)),
    )


def _inside_excluded(teller: Teller, node: str) -> bool:
    """Below something that is out of scope: its one row says so for all."""
    parent = teller.book.parent[node]
    return parent is not None and teller.book.out_of_scope(parent)


def _loose(teller: Teller, measures: list[Measure], notice: str) -> Dimension:
    book, lang = teller.book, teller.lang
    topic = lang.say("dimension.own_measures")
    fiction = any(m.id in book.fictitious for m in measures)
    chapter = Chapter(
        "dimension-own", topic, moved(teller, book.root.id, "dimension"), fictitious=notice if fiction else ""
    )
    rows = tuple(teller.measure_row(measure) for measure in measures)
    return Dimension(chapter, "", teller.row(book.root.id), rows, _caption(teller, fiction))


def _caption(teller: Teller, fiction: bool) -> str:
    low, high = (teller.lang.number(end, 0) for end in teller.book.axis)
    mark = teller.lang.say("list.sentence") + teller.lang.say("page.fictitious_mark") if fiction else ""
    return teller.lang.say("dimension.caption", low=low, high=high) + mark


def _title(teller: Teller, group: Group) -> str:
    """What the dimension did, and which child gained or lost most."""
    book, lang = teller.book, teller.lang
    first = moved(teller, group.id, "dimension")
    if len(group.children) < 2:
        return first
    if book.before is None:
        return _ends(teller, group, first)
    changes = {child.id: teller.change(child.id) for child in group.children}
    ranked = sorted(
        (c.points, node) for node, c in changes.items() if c.points is not None and c.tone in ("up", "down")
    )
    words = {"first": first}
    gained = ranked and lang.signed(ranked[-1][0]).startswith("+")
    lost = ranked and lang.signed(ranked[0][0]).startswith("−")
    if gained:
        words |= {
            "up": teller.leading(ranked, ranked[-1][0]),
            "change": lang.signed(ranked[-1][0]),
            "rise": lang.number(ranked[-1][0]),
        }
    if lost:
        words |= {
            "down": teller.leading(ranked, ranked[0][0]),
            "loss": lang.signed(ranked[0][0]),
            "drop": lang.number(-ranked[0][0]),
        }
    if gained and lost:
        return lang.say("dimension.both", **words)
    return (
        lang.say("dimension.gained", **words)
        if gained
        else lang.say("dimension.lost_most", **words)
        if lost
        else first
    )


def _ends(teller: Teller, group: Group, first: str) -> str:
    book, lang = teller.book, teller.lang
    found = [(book.score(book.after, child.id), child.id) for child in group.children]
    known = sorted((score, node) for score, node in found if score is not None)
    if len(known) < 2 or known[0][0] == known[-1][0]:
        return first
    least, most = known[0][0], known[-1][0]
    words = {
        "up": teller.leading(known, most),
        "high": lang.number(most),
        "down": teller.leading(known, least),
        "low": lang.number(least),
    }
    return lang.say("dimension.ends", first=first, **words)

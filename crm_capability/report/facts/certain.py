"""How sure the bands are, where the index is heading, and what a comparison group says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from .rows import Teller
from .shapes import Sentence

_MOST = 0.99  # nothing is told as surer than that


def certainties(teller: Teller) -> Iterator[Sentence]:
    """Sentences about the index of the plan's unit."""
    stop = teller.lang.say("headline.full_stop")
    for said in (_band(teller), _trend(teller), _groups(teller)):
        if said is not None:
            yield Sentence(said[0], said[1] + stop)


def _sure(teller: Teller, probability: float) -> str:
    share = teller.lang.share(min(probability, _MOST))
    return teller.lang.say("movement.over", share=share) if probability > _MOST else share


def _band(teller: Teller) -> tuple[str, str] | None:
    book, lang, root = teller.book, teller.lang, teller.book.root.id
    node, after = teller.title(root), teller.band(root)
    both = book.change(root, "band_change_probability")
    if both is not None and book.before is not None:
        words = {"node": node, "before": teller.band(root, book.before), "after": after}
        return "noise", lang.say("movement.band_changed", **words, share=_sure(teller, both))
    right = book.score(book.after, root, "band_probability")
    if right is None or not after:
        return None
    return "noise", lang.say("movement.band_right", node=node, band=after, share=_sure(teller, right))


def _trend(teller: Teller) -> tuple[str, str] | None:
    book, lang = teller.book, teller.lang
    row = _row(teller, "trends", unit=book.plan.unit, node=book.root.id)
    if row is None or pd.isna(row.low):
        return None
    interval = teller.interval(row.low, row.high, signed=True)
    key = "movement.trend" if row.per == "year" else "movement.trend_by_wave"
    text = lang.say(key, waves=lang.number(row.waves, 0), points=lang.signed(row.slope), interval=interval)
    return _told(teller, text, row.low, row.high)


def _groups(teller: Teller) -> tuple[str, str] | None:
    book, lang = teller.book, teller.lang
    if book.before is None:
        return None
    waves = {"before_wave": book.before.id, "after_wave": book.after.id}
    row = _row(teller, "difference_in_differences", node=book.root.id, **waves)
    if row is None or pd.isna(row.low):
        return None
    text = lang.say(
        "movement.groups",
        treated=lang.number(row.treated, 0),
        control=lang.number(row.control, 0),
        points=lang.signed(row.difference),
        interval=teller.interval(row.low, row.high, signed=True),
    )
    return _told(teller, text, row.low, row.high)


def _told(teller: Teller, text: str, low: float, high: float) -> tuple[str, str]:
    if low <= 0 <= high:
        return "noise", teller.lang.say("movement.by_chance", first=text)
    return ("up" if low > 0 else "down"), text


def _row(teller: Teller, table: str, **where: str) -> Any:
    rows = teller.book.result.tables.get(table)
    if rows is None:
        return None
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return next(rows.itertuples(), None)

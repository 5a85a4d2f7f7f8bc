"""How far the questions of a scale hang together: the loosest scales with all that a statistician asks
for, and the measures that have none, with the reason."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...analysis.worth import RELIABLE
from ...methods.suppression import MINIMUM_GROUP
from ..language import MISSING
from .audiences import audience, own
from .rows import Teller
from .shapes import Sentence, Table

MOST = 3  # scales whose figures are shown
_WIDTHS = (19, 10, 12, 5, 8, 15, 9, 9, 13)


def scales(teller: Teller, people: pd.DataFrame, room: int) -> Table | None:
    """The loosest scales, one of each audience before a second of any; None where no alpha is known.
    `room` is how many rows the page has."""
    lang, known = teller.lang, told_scales(teller)
    if known.empty:
        return None
    weak = known.sort_values("alpha", kind="stable")
    first = weak.drop_duplicates("questionnaire")
    shown = pd.concat([first, weak.drop(first.index)])[: max(min(room, MOST), 2)].sort_values(
        "alpha", kind="stable"
    )
    roles = people.groupby("questionnaire", sort=False)["role"].agg(list)
    rows = [_row(teller, one, roles.get(one["questionnaire"], [])) for one in shown.to_dict("records")]
    kinds = ("scale", "audience", "items", "n", "alpha_raw", "interval", "standardized", "omega", "item_rest")
    heads = tuple(lang.say(f"answers.{kind}") for kind in kinds)
    return Table(heads, tuple(rows), (False, False, *[True] * 7), _said(teller, known), _WIDTHS)


def told_scales(teller: Teller) -> pd.DataFrame:
    """The scales that have an alpha, of as many people as are told."""
    found = own(teller, "reliability")
    if found.empty:
        return found
    fewest = teller.book.plan.minimum_group or MINIMUM_GROUP
    return found[found["alpha"].notna() & (found["respondents"] >= fewest)]


def _said(teller: Teller, known: pd.DataFrame) -> str:
    lang, bar = teller.lang, teller.lang.number(RELIABLE, 2)
    weak = int((known["alpha"] < RELIABLE).sum())
    if not weak:
        return lang.say("answers.reliable", count=len(known), alpha=bar)
    kind = "weak_all" if weak == len(known) else "weak"
    return lang.say(f"answers.{kind}", count=weak, all=len(known), alpha=bar)


def _row(teller: Teller, one: dict[str, Any], roles: list[str]) -> tuple[str, ...]:
    lang = teller.lang

    def number(value: Any) -> str:
        return MISSING if pd.isna(value) else lang.number(float(value), 2)

    ends = [one["alpha_low"], one["alpha_high"]]
    low, high = map(number, ends)
    interval = MISSING if pd.isna(ends).any() else lang.say("interval", low=low, high=high)
    return (
        teller.title(one["scale"]),
        lang.listing(audience(teller, role) for role in roles),
        lang.number(int(one["items"]), 0),
        lang.number(int(one["respondents"]), 0),
        number(one["alpha"]),
        interval,
        number(one["alpha_standardized"]),
        number(one["omega"]),
        _loosest(teller, one, number),
    )


def _loosest(teller: Teller, one: dict[str, Any], number: Any) -> str:
    """The question that goes least with the others, and alpha without it."""
    items = own(teller, "items")
    rows = items[(items["questionnaire"] == one["questionnaire"]) & (items["scale"] == one["scale"])]
    if rows["item_rest"].notna().sum() == 0:
        return MISSING
    least = rows.loc[rows["item_rest"].idxmin()]
    told = number(least["item_rest"])
    return told if pd.isna(least["alpha_if_dropped"]) else f"{told} → {number(least['alpha_if_dropped'])}"


def formative(teller: Teller) -> Sentence | None:
    """The measures made up of their questions: these need not agree, so no alpha is told."""
    lang, measures = teller.lang, teller.book.framework.measures
    found = own(teller, "reliability")
    several = found[found["items"] > 1]["scale"].unique() if len(found) else []
    made = [name for name in several if name in measures and measures[name].measurement == "formative"]
    if not made:
        return None
    names = lang.names(teller.title(name) for name in made[:3])
    return Sentence("plain", lang.say("answers.formative", count=len(made), names=names))

"""The segments of an audience on the page of the answers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...definition.questionnaire import Choice
from ...definition.tool_codes import code_of
from ..language import MISSING
from .audiences import audience, own
from .divided import questions
from .rows import Teller
from .shapes import Table

_WIDTHS = (16, 11, 13, 8, 9, 13, 30)
MOST = 5  # segments that the page has room for


def segments(teller: Teller, room: int) -> Table | None:
    """A row a segment: how many answered, how well, how far they agree, and what they rate furthest from
    their audience; those of too few people are counted alone. `room` is how many rows the page has."""
    lang, found = teller.lang, own(teller, "segments")
    if found.empty:
        return None
    told = found[found["state"] == "told"]
    rows = [_row(teller, one) for one in told.head(max(min(room, MOST), 3)).to_dict("records")]
    kinds = ("segment", "audience", "respondents", "share", "flagged", "agreement", "furthest")
    heads = tuple(lang.say(f"answers.{kind}") for kind in kinds)
    few = len(found) - len(told)
    kind = "segments_few" if few else "segments_some" if len(told) > len(rows) else "segments"
    caption = lang.say(f"answers.{kind}", shown=len(rows), all=len(found), few=few)
    return Table(heads, tuple(rows), (False, False, True, True, True, True, False), caption, _WIDTHS)


def _row(teller: Teller, one: dict[str, Any]) -> tuple[str, ...]:
    lang = teller.lang
    named = (_named(teller, one), audience(teller, one["role"]))
    readings = own(teller, "segment_readings")
    mine = readings[
        (readings["questionnaire"] == one["questionnaire"])
        & (readings["role"] == one["role"])
        & (readings["column"] == one["column"])
        & (readings["segment"] == one["segment"])
    ]
    agree = mine["r_wg"].dropna()
    return (
        *named,
        lang.number(int(one["respondents"]), 0),
        lang.share(float(one["share"])),
        lang.number(int(one["flagged"]), 0),
        lang.number(float(agree.median()), 2) if len(agree) else MISSING,
        _furthest(teller, one, mine),
    )


def _furthest(teller: Teller, one: dict[str, Any], mine: pd.DataFrame) -> str:
    """The measure on which a segment lies most of its standard errors off its audience."""
    told = own(teller, "audiences")
    of_role = told[told["role"] == one["role"]].set_index("measure")["value"]
    known = mine[mine["value"].notna() & (mine["standard_error"] > 0)]
    off = (known["value"] - known["measure"].map(of_role).astype(float)) / known["standard_error"]
    if off.notna().sum() == 0:
        return MISSING
    row = known.loc[off.abs().idxmax()]
    words = {
        "own": teller.lang.number(float(row["value"]), 1),
        "all": teller.lang.number(float(of_role[row["measure"]]), 1),
    }
    return teller.lang.say("answers.against", node=teller.title(row["measure"]), **words)


def _named(teller: Teller, one: dict[str, Any]) -> str:
    """The option in words; of a column that is no question, what stands in the file."""
    question = questions(teller).get(one["column"])
    if isinstance(question, Choice):
        for option in question.options:
            if code_of(option.value) == one["segment"]:
                return teller.lang.text(option.label)
    return str(one["segment"])

"""Where a score's interval comes from: the people, the errors, the method."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pandas as pd

from .result import Result


def interval_lines(
    result: Result, score: Any, measures: Collection[str], unit: str, wave: str
) -> Iterator[str]:
    """The interval of a row of `scores`, its method, and who answered for the measures below."""
    if pd.isna(score.low):
        return
    error = f"standard error {float(score.standard_error)!r}"
    ends = f"{float(score.low)!r} to {float(score.high)!r}"
    yield f"95 % interval {ends}: {_method(result, error, score.degrees_of_freedom)}"
    if people := list(_people(result, set(measures), unit, wave)):
        yield f"answered: {', '.join(people)}"


def _method(result: Result, error: str, freedom: float) -> str:
    spec = result.plan.uncertainty
    if spec.method == "standard-errors":
        return f"{error}, from the readings' standard errors, measures taken as independent; 1.96 of them either way"
    t = "as many as make it normal" if pd.isna(freedom) else f"{freedom:.4g}"
    if spec.method == "bootstrap":
        return (
            f"{error}, by bootstrap over respondents, {spec.replicates} replicates, seed {spec.seed};"
            f" percentiles set as far out as Student's t asks, degrees of freedom {t}"
        )
    return f"{error}, by respondents: what each one's answers move the score by; Student's t, degrees of freedom {t}"


def _people(result: Result, measures: set[str], unit: str, wave: str) -> Iterator[str]:
    """How many of each audience answered a questionnaire that feeds one of the measures."""
    table = result.tables.get("responses")
    if table is None or table.empty:
        return
    asking = {
        sheet.questionnaire
        for sheet in result.questionnaires
        if measures & {getattr(question, "feeds", None) for question in sheet.questions.values()}
    }
    own = table[(table["unit"] == unit) & (table["wave"] == wave) & table["questionnaire"].isin(asking)]
    for row in own.itertuples():
        yield f"{row.used} people ({row.role}, {row.questionnaire})"

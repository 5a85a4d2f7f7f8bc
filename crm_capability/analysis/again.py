"""Scoring a result again, from what its folder holds: no source data is needed."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from ..definition.plan import Plan
from ..scoring.assessment import Scored, score
from ..tables import shape
from .result import Result


def attributes_table(attributes: pd.DataFrame) -> pd.DataFrame:
    """The table `attributes`: what the plan says of each unit, an attribute a row."""
    named = {str(name): column for name, column in attributes.items()}
    rows = [
        {"unit": str(unit), "attribute": name, "value": _words(value)}
        for name, column in named.items()
        for unit, value in column.items()
        if not pd.isna(value) and str(value) != ""
    ]
    return shape("attributes", pd.DataFrame(rows, columns=["unit", "attribute", "value"]))


def _words(value: Hashable) -> str:
    return (
        repr(value) if isinstance(value, float) and not value.is_integer() else f"{value}".removesuffix(".0")
    )


def attributes_of(result: Result) -> pd.DataFrame:
    """The same as a frame: a row a unit, a column an attribute; texts, as in a file."""
    table = result.tables.get("attributes")
    if table is None or table.empty:
        return pd.DataFrame(index=list(result.units))
    return table.pivot(index="unit", columns="attribute", values="value").reindex(list(result.units))


def score_again(result: Result, plan: Plan | None = None, readings: pd.DataFrame | None = None) -> Scored:
    """A result's scores, by what was learned then; with another plan or other readings, what they
    would have been. Raises EvidenceError."""
    fitted = result.tables["fitted"]
    return score(
        result.framework,
        plan or result.plan,
        list(result.units),
        result.tables["readings"] if readings is None else readings,
        attributes_of(result),
        fitted if len(fitted) else None,
        result.tables.get("distributions"),
    )

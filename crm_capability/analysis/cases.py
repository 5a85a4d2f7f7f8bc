"""Published figures of single cases beside the unit's own readings: where they lie, and no more."""

from __future__ import annotations

import math

import pandas as pd

from ..definition.cases import Case, Cases
from ..definition.plan import Plan
from ..methods.model import Text
from ..tables import shape


def cases_table(cases: Cases, plan: Plan, readings: pd.DataFrame) -> pd.DataFrame:
    """The table `cases`: the plan's unit in the last wave beside each case; a column a language."""
    wave, unit = plan.waves[-1].id, plan.unit
    own = readings[(readings["wave"] == wave) & (readings["unit"] == unit)]
    values = dict(zip(own["measure"], own["value"].astype(float), strict=True))
    rows = []
    for case in cases.entries:
        value = values.get(case.measure, math.nan)
        rows.append(
            {
                "wave": wave,
                "unit": unit,
                "measure": case.measure,
                "case": case.id,
                "value": value,
                "low": case.low,
                "high": case.high,
                "position": _position(value, case),
                **by_language(case.title),
            }
        )
    return shape("cases", pd.DataFrame(rows))


def _position(value: float, case: Case) -> str | None:
    if math.isnan(value):
        return None
    if case.low is not None and value < case.low:
        return "below"
    return "above" if case.high is not None and value > case.high else "within"


def by_language(text: Text) -> dict[str, str]:
    """A text as columns: one a language, English for one that has none."""
    return {"en": text} if isinstance(text, str) else dict(text)

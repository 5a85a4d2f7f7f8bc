"""Units that something was done to, against units that it was not done to: difference in differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.plan import Plan
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.lines import Contrast, between_errors, between_groups
from ..methods.statistics import false_discovery
from ..tables import shape
from .respondents import Respondents

Array = NDArray[np.float64]


def difference_in_differences(respondents: Respondents, plan: Plan) -> pd.DataFrame:
    """The table of that name, where the plan has a `comparison`: every pair of waves and every node.

    The units are the observations: what counts is how differently they moved, not how many answered
    in each. With one unit a side there is nothing to see that by, and their own errors stand in.
    Raises EvidenceError for units that are not there.
    """
    if plan.comparison is None:
        return shape("difference_in_differences", {})
    scored = respondents.scored
    sides = [_places(scored.units, getattr(plan.comparison, key), key) for key in ("treated", "control")]
    parts = []
    for pair in plan.comparisons:
        change = scored.scores[:, scored.of_wave(pair.after)] - scored.scores[:, scored.of_wave(pair.before)]
        treated, control = (change[:, side] for side in sides)
        found, basis = between_groups(treated, control), "units"
        if sum(len(side) for side in sides) < 3:
            errors = np.sqrt(respondents.between(pair.before, pair.after).of_change)
            found, basis = (
                between_errors(treated, control, (errors[:, sides[0]], errors[:, sides[1]])),
                "readings",
            )
        parts.append(
            pd.DataFrame(
                {
                    "node": scored.tree.ids,
                    "level": scored.tree.levels,
                    "before_wave": pair.before,
                    "after_wave": pair.after,
                    "treated": (~np.isnan(treated)).sum(axis=1),
                    "control": (~np.isnan(control)).sum(axis=1),
                    "treated_change": _mean(treated),
                    "control_change": _mean(control),
                    **_columns(found),
                    "basis": pd.Series(basis, range(len(found.low))).mask(np.isnan(found.low)),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"level": [], "p_value": []})
    if parts:
        table["q_value"] = table.groupby(["before_wave", "after_wave", "level"], sort=False)[
            "p_value"
        ].transform(lambda family: false_discovery(family.to_numpy(float)))
    return shape("difference_in_differences", table.drop(columns="level"))


def _columns(found: Contrast) -> dict[str, Array]:
    names = ("difference", "low", "high", "p_value")
    return {name: getattr(found, name) for name in names}


def _places(units: Sequence[str], wanted: Sequence[str], key: str) -> list[int]:
    strange = [unit for unit in wanted if unit not in units]
    if strange:
        raise EvidenceError(
            [
                Problem(
                    Place(),
                    f'comparison: "{unit}" under `{key}` is no unit of the evidence',
                    near_miss(unit, units),
                )
                for unit in strange
            ]
        )
    return [units.index(unit) for unit in wanted]


def _mean(group: Array) -> Array:
    n = (~np.isnan(group)).sum(axis=1)
    return np.divide(np.nansum(group, axis=1), n, out=np.full(len(group), np.nan), where=n > 0)

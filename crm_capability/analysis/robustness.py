"""What a sensitivity analysis found, as tables and as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..definition.plan import Plan
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.resampling import Array, Indices, quantiles, share_ahead
from ..tables import shape


@dataclass(frozen=True)
class Robustness:
    """What a sensitivity analysis found: the tables `sensitivity` and `uncertainty`, and the score
    of every unit under each independent mixture of choices."""

    sensitivity: pd.DataFrame
    uncertainty: pd.DataFrame
    node: str
    waves: tuple[str, ...]
    units: tuple[Any, ...]
    scores: Array  # (mixtures, waves × units)
    notes: tuple[str, ...] = ()

    def ahead(self, first: Any, second: Any, wave: str | None = None) -> float:
        """The share of mixtures under which the unit `first` scores above `second`, in the last
        wave unless named; of those under which both have a score."""
        wave = self.waves[-1] if wave is None else wave
        return share_ahead(self._of(wave, first), self._of(wave, second))

    def above(self, after: str, before: str, unit: Any) -> float:
        """The share of mixtures under which a unit scores higher in one wave than in another."""
        return share_ahead(self._of(after, unit), self._of(before, unit))

    def _of(self, wave: str, unit: Any) -> Array:
        for name, known, what in ((wave, self.waves, "wave"), (unit, self.units, "unit")):
            if name not in known:
                raise EvidenceError(
                    Problem(Place(), f'no {what} "{name}" in this analysis', near_miss(name, known))
                )
        return self.scores[:, self.waves.index(wave) * len(self.units) + self.units.index(unit)]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by their names in a result."""
        return {"sensitivity": self.sensitivity, "uncertainty": self.uncertainty}

    def summary(self, plan: Plan) -> dict[str, Any]:
        """What a manifest says: settings, notes, and how often the plan's unit stays ahead of each
        other one in the last wave, and above itself in the earlier wave of each comparison."""
        assert plan.sensitivity is not None
        others = [unit for unit in self.units if unit != plan.unit]
        ahead = [
            {"unit": plan.unit, "other": one, "wave": self.waves[-1], "share": self.ahead(plan.unit, one)}
            for one in others
        ]
        above = [
            {
                "unit": plan.unit,
                "before": pair.before,
                "after": pair.after,
                "share": self.above(pair.after, pair.before, plan.unit),
            }
            for pair in plan.comparisons
        ]
        return {
            "node": self.node,
            "of": plan.sensitivity.of,
            "runs": plan.sensitivity.runs,
            "rebuilds": plan.sensitivity.runs * (len(self.sensitivity) + 2),
            "seed": plan.sensitivity.seed,
            "ahead": [_blank(one) for one in ahead],
            "above": [_blank(one) for one in above],
            "notes": list(self.notes),
        }


def _blank(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A share that is not known as None: JSON has no NaN."""
    return {key: None if value != value else value for key, value in entry.items()}


def shares_table(factors: Sequence[str], found: Indices) -> pd.DataFrame:
    """The table `sensitivity`."""
    columns = {
        "factor": factors,
        "first_order": found.first_order,
        "total_order": found.total_order,
        "low": found.total_low,
        "high": found.total_high,
        "first_low": found.first_low,
        "first_high": found.first_high,
    }
    return shape("sensitivity", columns)


def uncertainty_table(
    node: str, waves: Sequence[str], units: Sequence[Any], scores: Array, placed: Array
) -> pd.DataFrame:
    """The table `uncertainty`, from scores and ranks (mixtures, waves × units)."""
    median, best, worst = quantiles(placed, (0.5, 0.05, 0.95))
    low, high = quantiles(scores, (0.05, 0.95))
    return shape(
        "uncertainty",
        {
            "wave": np.repeat(np.array(waves, dtype=object), len(units)),
            "unit": np.tile(np.array([str(unit) for unit in units], dtype=object), len(waves)),
            "node": node,
            "rank_median": median,
            "rank_p05": best,
            "rank_p95": worst,
            "score_p05": low,
            "score_p95": high,
        },
    )

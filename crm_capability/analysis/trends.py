"""Where a node is heading over three waves and more: the slope of a straight line, with its interval."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.plan import Plan
from ..methods.lines import straight_lines
from ..methods.statistics import false_discovery
from ..tables import shape
from .respondents import Respondents

Array = NDArray[np.float64]
LEAST_WAVES = 3


def trends_table(respondents: Respondents, plan: Plan) -> pd.DataFrame:
    """The table `trends`: every unit and node with scores in three waves or more.

    Errors of waves go together where the same respondents answered. Waves stand at the middles of
    their periods, in years; without periods, one wave is one step.
    """
    scored = respondents.scored
    if len(scored.waves) < LEAST_WAVES:
        return shape("trends", {})
    times, per = _times(plan)
    nodes, units, waves = len(scored.tree.ids), len(scored.units), len(scored.waves)
    values = np.stack([scored.scores[:, scored.of_wave(wave)] for wave in scored.waves], axis=-1)
    covariances, freedom = _covariances(respondents, values.shape)
    values = values.reshape(nodes * units, waves)
    covariances = covariances.reshape(nodes * units, waves, waves)
    parts = []
    present = ~np.isnan(values)
    for pattern in np.unique(present, axis=0):
        here = np.nonzero(pattern)[0]
        rows = np.nonzero((present == pattern).all(axis=1))[0]
        if here.size < LEAST_WAVES:
            continue
        own = covariances[np.ix_(rows, here, here)]
        line = straight_lines(times[here], values[np.ix_(rows, here)], own, freedom.ravel()[rows])
        parts.append(
            {
                "case": rows,
                "place": rows % units,
                "unit": np.array(scored.units, dtype=object)[rows % units],
                "node": np.array(scored.tree.ids, dtype=object)[rows // units],
                "level": np.array(scored.tree.levels, dtype=object)[rows // units],
                "waves": here.size,
                "first_wave": scored.waves[here[0]],
                "last_wave": scored.waves[here[-1]],
                "per": per,
                "slope": line.slope,
                "low": line.low,
                "high": line.high,
                "p_value": line.p_value,
                "basis": np.where(line.by_errors, "errors", "scatter"),
                "bend_p": line.bend_p,
            }
        )
    return _table(parts)


def _table(parts: list[dict[str, Any]]) -> pd.DataFrame:
    """By unit and node, false discoveries controlled within a unit and a level."""
    if not parts:
        return shape("trends", {})
    found = pd.concat([pd.DataFrame(part) for part in parts])
    found["q_value"] = found.groupby(["unit", "level"], sort=False)["p_value"].transform(
        lambda family: false_discovery(family.to_numpy(float))
    )
    return shape("trends", found.sort_values(["place", "case"]).drop(columns=["case", "level", "place"]))


def _times(plan: Plan) -> tuple[Array, str]:
    """When each wave was, and what a step of that is called."""
    middles = []
    for wave in plan.waves:
        if wave.start is None or wave.end is None:
            return np.arange(len(plan.waves), dtype=float), "wave"
        middles.append((wave.start.toordinal() + wave.end.toordinal() + 1) / 2 / 365.25)
    if len(set(middles)) < len(middles):
        return np.arange(len(plan.waves), dtype=float), "wave"
    return np.array(middles), "year"


def _covariances(respondents: Respondents, form: tuple[int, ...]) -> tuple[Array, Array]:
    """Covariances of the waves' scores, shape (nodes, units, waves, waves), and the least degrees of
    freedom of any pair."""
    waves = respondents.scored.waves
    found = np.full((*form, len(waves)), np.nan)
    freedom = np.full(form[:2], np.inf)
    for a, b in combinations(range(len(waves)), 2):
        joint = respondents.between(waves[a], waves[b])
        found[..., a, a], found[..., b, b] = joint.before, joint.after
        found[..., a, b] = found[..., b, a] = joint.covariance
        freedom = np.minimum(freedom, joint.freedom)
    return found, freedom

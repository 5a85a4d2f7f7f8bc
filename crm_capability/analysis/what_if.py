"""What if: a result scored again with other readings, weights or targets, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..definition.checks import weights_problems
from ..definition.framework import Group
from ..definition.load import Definition
from ..definition.scenario import Scenario
from ..errors import ComparisonError, Problem, near_miss
from ..scoring.assessment import scores_table
from ..tables import MEASURED, NOT_APPLICABLE, shape
from .again import score_again
from .result import Result


def what_if(result: Result, definition: Definition[Scenario]) -> pd.DataFrame:
    """The table `what_if`: every wave, unit and node as it is and as it would be.

    Fitted ranges and weights learned from data stay as they were learned; a node whose weights the
    scenario gives has those. Raises ComparisonError with every place of the scenario that the
    result does not hold.
    """
    problems = list(_problems(result, definition))
    if problems:
        raise ComparisonError(problems)
    scenario, plan = definition.value, result.plan
    weights = {**plan.weights, **scenario.weights}
    waves = tuple(
        wave.model_copy(update={"weights": {**wave.weights, **scenario.weights}}) if wave.weights else wave
        for wave in plan.waves
    )
    other = plan.model_copy(update={"weights": weights, "waves": waves})
    table = result.tables["fitted"]
    kept = table[~(table["node"].isin(scenario.weights) & table["parameter"].str.startswith("weight:"))]
    changed = Result(
        other, result.framework, (), result.units, {**result.tables, "fitted": kept}, result.manifest
    )
    then = scores_table(result.framework, score_again(changed, readings=_readings(result, scenario)))
    now = scores_table(result.framework, score_again(result))
    keys = ["wave", "unit", "node"]
    targets = {**plan.targets, **scenario.targets}
    return shape(
        "what_if",
        now[[*keys, "level", "score", "band", "rank"]].assign(
            if_score=then["score"],
            change=then["score"] - now["score"],
            if_band=then["band"],
            if_rank=then["rank"],
            target=now["node"].map(plan.targets),
            if_target=now["node"].map(targets),
        ),
    )


def _readings(result: Result, scenario: Scenario) -> pd.DataFrame:
    readings = result.tables["readings"].copy()
    for change in scenario.readings:
        at = _rows(result, readings, change)
        old = readings.loc[at, "value"].to_numpy(float)
        readings.loc[at, "value"] = [change.of(value) for value in old]
        readings.loc[at, "state"] = MEASURED
        readings.loc[at, ["standard_error", "imputed"]] = np.nan
    return readings


def _rows(result: Result, readings: pd.DataFrame, change: Any) -> pd.Series:
    unit, wave = change.unit or result.plan.unit, change.wave or result.plan.waves[-1].id
    return (readings["measure"] == change.measure) & (readings["unit"] == unit) & (readings["wave"] == wave)


def _problems(result: Result, definition: Definition[Scenario]) -> Iterator[Problem]:
    scenario, say = definition.value, definition.problem
    nodes = {node.id: node for _, node, _ in result.framework.walk()}
    waves = [wave.id for wave in result.plan.waves]
    for n, change in enumerate(scenario.readings):
        strange = False
        for key, known, what in (
            ("measure", result.framework.measures, "measure of the framework"),
            ("unit", result.units, "unit of the result"),
            ("wave", waves, "wave of the result"),
        ):
            name = getattr(change, key)
            if name is not None and name not in known:
                strange = True
                yield say(("readings", n, key), f'"{name}" is no {what}', near_miss(name, known))
        if strange:
            continue
        row = result.tables["readings"][_rows(result, result.tables["readings"], change)].iloc[0]
        if row["state"] == NOT_APPLICABLE:
            what = f"{change.measure} is outside the scope there, so nothing follows from its reading"
            yield say(("readings", n, "measure"), what, "name another measure")
        elif change.value is None and pd.isna(row["value"]):
            what = f"{change.measure} has no reading there that could be changed"
            yield say(("readings", n), what, "give a `value`")
    for name, rule in scenario.weights.items():
        node = nodes.get(name)
        if isinstance(node, Group):
            yield from weights_problems(
                rule, tuple(child.id for child in node.children), ("weights", name), say
            )
        else:
            what = f'"{name}" is no node with children to weigh'
            groups = [one.id for one in nodes.values() if isinstance(one, Group)]
            yield say(("weights", name), what, near_miss(name, groups), key=True)
    for name in scenario.targets:
        if name not in nodes:
            yield say(
                ("targets", name), f'"{name}" is no node of the framework', near_miss(name, nodes), key=True
            )

"""What another version of its framework would make of a result: the same readings, scored anew."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..definition.framework import Framework, Group
from ..definition.plan import Plan
from ..methods.weighting import weighting
from ..scoring.assessment import score, scores_table
from ..tables import NOT_COLLECTED, shape
from .again import attributes_of
from .result import Result

_SAME = 1e-9  # scores nearer than this are one


def redefined(result: Result, framework: Framework) -> pd.DataFrame:
    """Scores of the plan's unit that a changed framework would move: wave, node, before, after.

    Ranges and weights that come from data are learned again. What the plan says of nodes that the
    framework has no more is passed over. Blank is "no score", or "no such node". Raises EvidenceError.
    """
    before = result.tables["scores"]
    scored = score(
        framework,
        _fitting(result.plan, framework),
        list(result.units),
        _readings(result, framework),
        attributes_of(result),
        None,
        result.tables.get("distributions"),
    )
    after = scores_table(framework, scored)
    sides = [
        frame.loc[frame["unit"] == result.plan.unit].set_index(["wave", "node"])["score"]
        for frame in (before, after)
    ]
    both = pd.concat(sides, axis=1, keys=["before", "after"], sort=False).reset_index()
    same = np.isclose(both["before"], both["after"], rtol=0, atol=_SAME, equal_nan=True)
    return both.loc[~same].reset_index(drop=True)


def _readings(result: Result, framework: Framework) -> pd.DataFrame:
    """The readings of the measures that the framework has; "not collected" for those that are new."""
    known = result.tables["readings"]
    names = ["wave", "unit", "measure"]
    waves = [wave.id for wave in result.plan.waves]
    whole = pd.MultiIndex.from_product([waves, list(result.units), list(framework.measures)], names=names)
    found = known.set_index(names).reindex(whole).reset_index()
    found["state"] = found["state"].fillna(NOT_COLLECTED)
    return shape("readings", found)


def _fitting(plan: Plan, framework: Framework) -> Plan:
    """The plan without what it says of nodes that are not there, or no longer have those children."""
    nodes = {node.id: node for _, node, _ in framework.walk()}
    weights = {
        name: rule
        for name, rule in plan.weights.items()
        if isinstance(node := nodes.get(name), Group)
        and not list(weighting(rule).mistakes(tuple(child.id for child in node.children)))
    }
    excluded = tuple(name for name in plan.scope.exclude if name in nodes)
    scope = plan.scope.model_copy(update={"exclude": excluded})
    return plan.model_copy(update={"weights": weights, "scope": scope})

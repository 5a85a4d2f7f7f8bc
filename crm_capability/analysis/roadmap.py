"""A roadmap: the actions that promise most for an effort, in an order that can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import numpy as np

from ..definition.actions import Action, Actions
from ..errors import ComparisonError, Place, Problem
from .result import Result

BEST = 100.0
NO_ACTION = "no action of it moves a measure that has a score and room to rise"
_SLACK = 1e-5  # points of the index that are nobody's concern, and the solver's tolerance


@dataclass(frozen=True)
class Roadmap:
    """Actions to take, in order; the index's expected gain in points; measures nobody could count.

    The gain takes the index as linear: each measure's points times its effective weight, as they
    stand. It is what the actions' own file promises, not a forecast.
    """

    steps: tuple[Action, ...]
    effort: float
    gain: float
    measures: dict[str, float]  # expected points of each measure's score
    unscored: tuple[str, ...]


def roadmap(result: Result, actions: Actions, budget: float) -> Roadmap:
    """The actions with the largest expected gain of the index within a budget, for the least effort.

    Exact: a mixed-integer programme (HiGHS) over actions taken or not, what they need, and
    measures that cannot pass the best score however many actions move them. Raises
    ComparisonError where the plan's unit has no scores.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # heavy, and only this needs it

    scores, weights = _present(result)
    every = actions.entries
    moved = sorted({measure for action in every for measure in action.moves})
    known = [measure for measure in moved if measure in scores]
    left = np.array([max(BEST - scores[m], 0.0) for m in known])
    promise = np.array([[a.moves.get(m, 0.0) for a in every] for m in known]).reshape(len(known), len(every))
    promise = promise * left[:, None]
    count, size = len(every), len(every) + len(known)
    rows, upper = [], []
    rows.append([*(a.effort for a in every), *([0.0] * len(known))])
    upper.append(budget)
    place = {action.id: n for n, action in enumerate(every)}
    for n, action in enumerate(every):
        for need in action.needs:
            row = np.zeros(size)
            row[n], row[place[need]] = 1.0, -1.0
            rows.append(row.tolist())
            upper.append(0.0)
    for k in range(len(known)):
        row = np.zeros(size)
        row[:count], row[count + k] = -promise[k], 1.0
        rows.append(row.tolist())
        upper.append(0.0)
    effort = np.array([*(a.effort for a in every), *([0.0] * len(known))])
    points = np.array([*([0.0] * count), *(weights[m] for m in known)])

    def solved(cost: Any, least: float) -> Any:
        found = milp(
            cost,
            constraints=[
                LinearConstraint(np.array(rows), ub=np.array(upper)),
                LinearConstraint(points, lb=least),
            ],
            integrality=np.array([1] * count + [0] * len(known)),
            bounds=Bounds(0.0, np.array([1.0] * count + left.tolist())),
            options={"mip_rel_gap": 0.0},
        )
        return found.x

    choice = solved(-points, 0.0)
    assert choice is not None  # to do nothing is always allowed
    cheaper = solved(effort, float(points @ choice) - _SLACK)  # the same gain for the least effort
    if cheaper is not None:  # within its tolerances the solver may find its own optimum out of reach
        choice = cheaper
    taken = [action for action, x in zip(every, choice, strict=False) if x > 0.5]
    gains = {m: float(g) for m, g in zip(known, choice[count:], strict=True) if g > 1e-9}
    return Roadmap(
        steps=_in_order(taken),
        effort=sum(action.effort for action in taken),
        gain=sum(weights[m] * g for m, g in gains.items()),
        measures=gains,
        unscored=tuple(m for m in moved if m not in scores),
    )


def _present(result: Result) -> tuple[dict[str, float], dict[str, float]]:
    """Scores and effective weights of the plan's unit in the last wave, of measures that have both."""
    wave, unit = result.plan.waves[-1].id, result.plan.unit
    found = []
    for table, column in (("scores", "score"), ("contributions", "effective_weight")):
        frame = result.tables[table]
        own = frame[(frame["wave"] == wave) & (frame["unit"] == unit) & frame[column].notna()]
        own = own[own["node"].isin(result.framework.measures)]
        found.append(dict(zip(own["node"], own[column].astype(float), strict=True)))
    # without an index, measures have scores and no weight in it
    scores, weights = ({m: one[m] for m in found[0] if m in found[1]} for one in found)
    if not scores:
        what = f"{unit} has no index in {wave}, so nothing can be said to gain"
        raise ComparisonError(Problem(Place(), what, "assess more of its measures first"))
    return scores, weights


def _in_order(taken: list[Action]) -> tuple[Action, ...]:
    """What is needed first; beyond that, in the file's order."""
    chosen = {action.id: action for action in taken}
    order = TopologicalSorter(
        {name: [n for n in action.needs if n in chosen] for name, action in chosen.items()}
    )
    return tuple(chosen[name] for name in order.static_order())

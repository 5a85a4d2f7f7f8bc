"""What the index is made of, laid out so that the sum can be done again elsewhere: in a spreadsheet's
cells, in a browser's page.

Nodes stand level by level, so that the children of a node are a row of neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..analysis.result import Result
from ..methods.aggregation import Aggregation
from ..scoring.tree import Branch, Leaf, grow
from ..tables import NOT_APPLICABLE

Place = tuple[str, str, str]  # wave, unit, node


@dataclass(frozen=True)
class Step:
    """One node: its parent and its children by their places among the steps."""

    id: str
    level: str
    parent: int | None
    children: range
    leaf: Leaf | None
    branch: Branch | None

    @property
    def rule(self) -> Aggregation:
        """How the node is made of its children."""
        assert self.branch is not None
        return self.branch.rule


@dataclass(frozen=True)
class Arithmetic:
    """The steps from the index down to the measures, and the numbers of every wave and unit."""

    steps: tuple[Step, ...]
    waves: tuple[str, ...]
    units: tuple[str, ...]
    scores: Mapping[Place, float]
    readings: Mapping[Place, float]
    imputed: Mapping[Place, float]
    not_applicable: frozenset[Place]
    weights: Mapping[tuple[str, str], float]  # of a wave and a node, among its siblings

    def screened_out(self, wave: str, unit: str) -> bool:
        """Has the unit readings of which none counts?"""
        places = [(wave, unit, step.id) for step in self.steps if step.leaf is not None]
        return not any(p in self.scores for p in places) and any(p in self.readings for p in places)


def arithmetic(result: Result) -> Arithmetic:
    """The sum behind a result's scores."""
    tables = result.tables
    scores, readings = tables["scores"], tables["readings"]
    imputed = readings if "imputed" in readings else readings.head(0).assign(imputed=0.0)
    without = readings[readings["state"] == NOT_APPLICABLE]
    weights = tables["contributions"].drop_duplicates(["wave", "node"])
    return Arithmetic(
        steps=_steps(result),
        waves=tuple(wave.id for wave in result.plan.waves),
        units=tuple(scores["unit"].drop_duplicates()),
        scores=_numbers(scores, "node", "score"),
        readings=_numbers(readings, "measure", "value"),
        imputed=_numbers(imputed, "measure", "imputed"),
        not_applicable=frozenset(zip(without["wave"], without["unit"], without["measure"], strict=True)),
        weights=dict(zip(zip(weights["wave"], weights["node"], strict=True), weights["weight"], strict=True)),
    )


def _numbers(frame: pd.DataFrame, node: str, column: str) -> dict[Place, float]:
    known = frame[frame[column].notna()]
    places = zip(known["wave"], known["unit"], known[node], strict=True)
    return dict(zip(places, known[column].astype(float), strict=True))


def _steps(result: Result) -> tuple[Step, ...]:
    tree = grow(result.framework, (result.plan.weights,))
    leaves = {leaf.node: leaf for leaf in tree.leaves}
    branches = {branch.node: branch for branch in tree.branches}
    order = [tree.branches[-1].node]
    parents: list[int | None] = [None]
    steps: list[Step] = []
    for place, node in enumerate(order):
        branch = branches.get(node)
        children = branch.children if branch else ()
        first = len(order)
        order.extend(children)
        parents.extend([place] * len(children))
        steps.append(
            Step(
                id=tree.ids[node],
                level=tree.levels[node],
                parent=parents[place],
                children=range(first, first + len(children)),
                leaf=leaves.get(node),
                branch=branch,
            )
        )
    return tuple(steps)

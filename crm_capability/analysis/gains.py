"""What the index would be if single nodes scored otherwise: scored anew, exactly.

Means that are not linear, and gates, make a point here worth more or less than its weight says; so
nothing is multiplied out, the way up the tree is gone again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..scoring.assessment import Scored
from ..scoring.score import applicable_nodes, combine_children, roll_up

Array = NDArray[np.float64]


def scores_if(scored: Scored, row: int, changes: Sequence[dict[int, float]]) -> Array:
    """All scores of one row under each of some changes (node → score), shape (nodes, changes).

    A changed node keeps its given score whatever is below it; what is above follows. Fuzzy nodes
    are evaluated from their children's scores.
    """
    tree = scored.tree
    scores = np.repeat(scored.scores[:, row : row + 1], max(len(changes), 1), axis=1)[:, : len(changes)]
    applicable = applicable_nodes(tree, scored.applicable[:, row : row + 1])

    def put(node: int | None = None) -> None:
        for column, change in enumerate(changes):
            for name, score in change.items():
                if node in (None, name):
                    scores[name, column] = score

    put()
    for branch in tree.branches:
        combine_children(branch, scores, weights_of(scored, branch.id, row), applicable)
        put(branch.node)
    return scores


def weights_of(scored: Scored, branch: str, row: int) -> Array:
    """The weights of a branch's children in one row, shape (children, 1)."""
    weights = scored.weights[branch]
    return weights if weights.shape[1] == 1 else weights[:, row : row + 1]


def index_if(scored: Scored, row: int, changes: Sequence[dict[int, float]]) -> Array:
    """The index under each of some changes."""
    return scores_if(scored, row, changes)[scored.tree.branches[-1].node]


def derivatives(scored: Scored, row: int) -> Array:
    """Points of the index for the next point of each node, shape (nodes,)."""
    found = np.zeros(len(scored.tree.ids))
    found[scored.tree.branches[-1].node] = 1.0
    for branch in reversed(scored.tree.branches):
        found[list(branch.children)] = found[branch.node] * scored.gradient[branch.node][:, row]
    return np.where(np.isnan(scored.scores[:, row]), np.nan, found)


def best_scores(scored: Scored, row: int) -> Array:
    """The best score each node can have; NaN where a measure below has no bounds."""
    tree = scored.tree
    column = np.full((len(tree.ids), 1), np.nan)
    column[tree.leaf_nodes, 0] = [
        leaf.rule.ends({}, leaf.better)[1] if leaf.rule.bounded else np.nan for leaf in tree.leaves
    ]
    roll_up(tree, column, {branch.id: weights_of(scored, branch.id, row) for branch in tree.branches})
    open_ended = {leaf.node for leaf in tree.leaves if not leaf.rule.bounded}
    for branch in tree.branches:
        if open_ended & set(branch.children):
            open_ended.add(branch.node)
    column[sorted(open_ended)] = np.nan
    return column[:, 0]

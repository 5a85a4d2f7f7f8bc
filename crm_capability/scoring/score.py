"""From measure scores up the tree: one array operation a node, all waves and units at once.

Arrays of scores have the shape (nodes, rows): a row is one unit in one wave, NaN is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..methods.aggregation import Counts, Fuzzy, Spread, missing_children
from ..methods.weighting import Weighed
from .tree import Branch, Tree

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]
Weights = Mapping[str, Array]  # branch -> (children, 1) or (children, rows)

# Shares of small whole numbers: 2 of 4 children must not fall short of 0.5 by a rounding.
_TINY = 1e-12

NOTHING_BEHIND: Mapping[int, Spread] = MappingProxyType({})


def weigh(tree: Tree) -> dict[str, Weighed]:
    """The weights of every branch's children."""
    return {branch.id: branch.weighting.weigh(branch.names) for branch in tree.branches}


def roll_up(
    tree: Tree,
    scores: Array,
    weights: Weights,
    applicable: Rows | None = None,
    answered: Mapping[int, Spread] | None = None,
) -> None:
    """Fill the branches' rows of `scores` from the measures' rows, from the leaves up.

    `applicable`, shape (nodes, rows), says what counts against `min_share`; None means all.
    `answered` holds the answers behind measures that a fuzzy evaluation takes apart.
    """
    spreads = dict(answered or {})
    for branch in tree.branches:
        combine_children(branch, scores, weights[branch.id], applicable, spreads)


def combine_children(
    branch: Branch,
    scores: Array,
    weights: Array,
    applicable: Rows | None = None,
    spreads: dict[int, Spread] | None = None,
) -> None:
    """Fill one branch's row of `scores` from its children's. `spreads` holds what is behind the
    children's scores, by their numbers; the grades of a fuzzy branch join it."""
    first, last = branch.children[0], branch.children[-1]
    in_a_row = last - first == len(branch.children) - 1  # then a view will do
    children = scores[first : last + 1] if in_a_row else scores[list(branch.children)]
    if isinstance(branch.rule, Fuzzy) and spreads is not None:
        vector = branch.rule.vector(children, weights, [spreads.get(child) for child in branch.children])
        combined = np.asarray(branch.rule.values @ vector)
        lacking: Counts | None = missing_children(children)
        spreads[branch.node] = Spread(branch.rule.values, vector)
    else:
        combined, lacking = branch.rule.combine_and_count(children, weights, branch.names)
    if lacking is not None:
        np.copyto(combined, np.nan, where=_too_few(branch, lacking, applicable))
    scores[branch.node] = combined
    if spreads is not None and branch.node in spreads:
        spreads[branch.node].shares[:, np.isnan(combined)] = np.nan


def _too_few(branch: Branch, lacking: Counts, applicable: Rows | None) -> Rows:
    """The rows where fewer than `min_share` of the applicable children have a score."""
    count = len(branch.children)
    if applicable is None:  # whole numbers compare fast: the most children that may be missing
        return np.asarray(lacking > count - int(np.ceil(branch.min_share * count - _TINY)))
    asked = applicable[list(branch.children)].sum(axis=0)
    return np.asarray(count - lacking.astype(int) < branch.min_share * asked - _TINY)


def applicable_nodes(tree: Tree, measures: Rows) -> Rows:
    """Which nodes have any applicable measure below, shape (nodes, rows)."""
    found = np.zeros((len(tree.ids), measures.shape[1]), dtype=bool)
    found[tree.leaf_nodes] = measures
    for branch in tree.branches:
        found[branch.node] = found[list(branch.children)].any(axis=0)
    return found


def coverage(tree: Tree, scores: Array, measures: Rows) -> Array:
    """Share of the applicable measures below each node that have a score."""
    known = ~np.isnan(scores[tree.leaf_nodes]) & measures
    found = np.full(scores.shape, np.nan)
    for node, below in tree.below.items():
        asked = measures[below].sum(axis=0)
        np.divide(known[below].sum(axis=0), asked, out=found[node], where=asked > 0)
    return found


def gradients(
    tree: Tree, scores: Array, weights: Weights, spreads: Mapping[int, Spread] = NOTHING_BEHIND
) -> dict[int, Array]:
    """For each branch the partial derivatives of its score by its children's scores."""
    return {
        branch.node: np.where(
            np.isnan(scores[branch.node]), 0.0, _gradient(branch, scores, weights[branch.id], spreads)
        )
        for branch in tree.branches
    }


def _gradient(branch: Branch, scores: Array, weights: Array, spreads: Mapping[int, Spread]) -> Array:
    children = scores[list(branch.children)]
    if isinstance(branch.rule, Fuzzy):
        behind = [spreads.get(child) for child in branch.children]
        return branch.rule.gradient(children, weights, branch.names, behind)
    return branch.rule.gradient(children, weights, branch.names)


def propagate(
    tree: Tree, variances: Array, slopes: Mapping[int, Array], other: Mapping[int, Array] | None = None
) -> Array:
    """Variances (or covariances between two waves, with the other wave's slopes) of every node
    from those of the measures, shape (nodes, rows); NaN where nothing below has one.

    First-order: Var f = Σ (∂f/∂xᵢ)² Var xᵢ, measures taken as independent of each other.
    """
    other = slopes if other is None else other
    for branch in tree.branches:
        below = variances[list(branch.children)]
        total = np.nansum(slopes[branch.node] * other[branch.node] * below, axis=0)
        counted = ~np.isnan(below) & (slopes[branch.node] != 0)
        variances[branch.node] = np.where(counted.any(axis=0), total, np.nan)
    return variances


@dataclass(frozen=True)
class Shares:
    """How each node takes part in the index, shape (nodes, rows)."""

    weight: Array
    effective: Array
    contribution: Array


def shares(tree: Tree, scores: Array, weights: Weights, slopes: Mapping[int, Array]) -> Shares:
    """Weights among siblings, effective weights in the index, contributions to it.

    A node's score is split among its children by xᵢ·∂f/∂xᵢ, which sums to f for every mean of
    degree one (Euler); where it does not (a closed gate), in proportion.
    """
    rows = scores.shape[1]
    weight, effective, contribution = (np.full(scores.shape, np.nan) for _ in range(3))
    root = tree.branches[-1].node
    weight[root] = 1.0
    effective[root] = np.where(np.isnan(scores[root]), np.nan, 1.0)
    contribution[root] = scores[root]
    for branch in reversed(tree.branches):
        children = list(branch.children)
        defined = np.broadcast_to(weights[branch.id], (len(children), rows))
        weight[children] = defined / defined.sum(axis=0)
        present = np.where(np.isnan(scores[children]), 0.0, defined)
        total = present.sum(axis=0)
        part = np.divide(present, total, out=np.zeros_like(present), where=total > 0)
        effective[children] = _passed_down(effective[branch.node], part, scores[children])
        pull = slopes[branch.node] * np.nan_to_num(scores[children])
        whole = pull.sum(axis=0)
        split = np.divide(pull, whole, out=part.copy(), where=np.abs(whole) > _TINY)
        contribution[children] = _passed_down(contribution[branch.node], split, scores[children])
    return Shares(weight, effective, contribution)


def _passed_down(parent: Array, part: Array, children: Array) -> Array:
    """A parent's amount split among its children; blank where the parent has none, and zero
    for a child that is missing."""
    return np.where(np.isnan(parent), np.nan, np.where(np.isnan(children), 0.0, parent * part))


def ranks(scores: Array, groups: NDArray[np.generic]) -> Array:
    """Rank of each row among the rows of its group, 1 the best; scores within 1e-9 tie and
    share the lowest rank; missing ones have none. Shape (nodes, rows)."""
    found = np.full(scores.shape, np.nan)
    for group in np.unique(groups):
        members = np.nonzero(groups == group)[0]
        sub = scores[:, members]
        order = np.argsort(-sub, axis=1, kind="stable")  # NaN last
        ranked = np.take_along_axis(sub, order, axis=1)
        step = np.ones(ranked.shape, dtype=bool)
        step[:, 1:] = (ranked[:, :-1] - ranked[:, 1:]) > 1e-9
        place = np.maximum.accumulate(np.where(step, np.arange(1, len(members) + 1), 0), axis=1).astype(float)
        place[np.isnan(ranked)] = np.nan
        block = np.empty_like(place)
        np.put_along_axis(block, order, place, axis=1)
        found[:, members] = block
    return found

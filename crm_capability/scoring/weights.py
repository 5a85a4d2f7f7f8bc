"""Weights of every branch: given ones at once, learned ones on the way from the leaves up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EvidenceError, Place, Problem
from ..methods.aggregation import Spread
from ..methods.weighting import Equal, Given, Weighed, Weighting, WeightingError
from .fitted import Recorded, recorded_rows
from .preparation import FitRows
from .score import Rows, combine_children
from .tree import Branch, Tree

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Occasion:
    """One wave's own weighting of some branches, beside those of the tree."""

    wave: str
    own: frozenset[str]  # branches that this wave weighs by itself
    weightings: Mapping[str, Weighting]  # of every branch


@dataclass(frozen=True)
class Weights:
    """Weights of every branch, what to record of them, notes."""

    arrays: dict[str, Array]  # branch -> (children, 1), or (children, rows) where waves differ
    fitted: list[dict[str, Any]]
    notes: list[tuple[str, str]]


def learns_weights(tree: Tree) -> bool:
    """Does any branch take its weights from the scores of its children?"""
    return any(branch.weighting.needs_scores for branch in tree.branches)


def weigh_up(
    tree: Tree,
    scores: Array,
    rows: FitRows,
    occasions: Sequence[Occasion] = (),
    applicable: Rows | None = None,
    recorded: Recorded | None = None,
    spreads: dict[int, Spread] | None = None,
) -> Weights:
    """Weigh every branch and fill its row of `scores`, from the leaves up; `spreads` are what
    `combine_children` takes and adds to.

    Weights learned from data come from the rows that taught the measures below (all rows, where
    these differ among themselves) and hold for every wave. Raises EvidenceError.
    """
    occasions = occasions or [Occasion("", frozenset(), {b.id: b.weighting for b in tree.branches})]
    each = scores.shape[1] // len(occasions)
    found = Weights({}, [], [])
    spreads = {} if spreads is None else spreads
    for branch in tree.branches:
        columns, seen = [], {}
        teaching = scores[list(branch.children)][:, teaching_rows(tree, branch, rows)]
        for occasion in occasions:
            key = f"@{occasion.wave}" if branch.id in occasion.own else ""
            if key not in seen:
                rule = occasion.weightings[branch.id]
                seen[key] = weigh_branch(branch, rule, teaching, recorded, key)
                _record(found, branch, rule, seen[key], key)
            columns.append(seen[key].weights)
        found.arrays[branch.id] = _by_row(np.stack(columns, axis=1), each)
        combine_children(branch, scores, found.arrays[branch.id], applicable, spreads)
    return found


def weigh_branch(
    branch: Branch, rule: Weighting, teaching: Array, recorded: Recorded | None = None, key: str = ""
) -> Weighed:
    """The weights of one branch's children, from their scores in the teaching rows where the rule
    learns. Raises EvidenceError."""
    if recorded and rule.needs_scores:
        old = recorded.of(branch.id, rule.method)  # type: ignore[attr-defined]
        names = [f"weight:{name}{key}" for name in branch.names]
        if all(name in old for name in names):
            return Weighed(np.array([old[name] for name in names]))
    try:
        return rule.weigh(branch.names, teaching)
    except WeightingError as error:
        raise EvidenceError(
            Problem(Place(), f"{branch.id}: {error}", "weigh this node by another method")
        ) from None


def _record(found: Weights, branch: Branch, rule: Weighting, weighed: Weighed, key: str) -> None:
    if isinstance(rule, Equal | Given):
        return
    values = {f"weight:{name}": w for name, w in zip(branch.names, weighed.weights, strict=True)}
    named = {name + key: value for name, value in {**values, **weighed.parameters}.items()}
    found.fitted.extend(recorded_rows(branch.id, rule.method, named))  # type: ignore[attr-defined]
    found.notes.extend((branch.id, note) for note in weighed.notes)


def teaching_rows(tree: Tree, branch: Branch, rows: FitRows) -> Rows:
    """Which rows weights learn from: those that taught the measures below."""
    words = {tree.leaves[n].fit for n in tree.below[branch.node]}
    word = words.pop() if len(words) == 1 else "pooled"
    return np.asarray(getattr(rows, word))


def _by_row(columns: Array, each: int) -> Array:
    """Weights (children, waves) as (children, 1), or (children, rows) where waves differ."""
    same = (columns == columns[:, :1]).all()
    return columns[:, :1] if same else np.repeat(columns, each, axis=1)

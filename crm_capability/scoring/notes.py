"""What aggregation did that a reader should know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..methods.aggregation import ARITHMETIC, Gate
from .preparation import Subjects
from .score import Weights
from .tree import Branch, Tree

Array = NDArray[np.float64]
MOST_NAMED = 20  # cases named one by one; beyond that their number stands


def aggregation_notes(
    tree: Tree, scores: Array, weights: Weights, subjects: Subjects
) -> list[tuple[str, str]]:
    """Means that met zero or a negative score, and gates that closed."""
    notes = []
    for branch in tree.branches:
        children = scores[list(branch.children)]
        if branch.rule.positive_only:
            notes += _not_positive(branch, children)
        if isinstance(branch.rule, Gate):
            notes += _closed(branch, branch.rule, children, weights[branch.id], subjects)
    return notes


def _not_positive(branch: Branch, children: Array) -> list[tuple[str, str]]:
    notes = []
    method, cases = branch.rule.method, children.shape[1]  # type: ignore[attr-defined]
    zeros = int((children == 0).any(axis=0).sum())
    if zeros:
        notes.append(
            (branch.id, f"a child scores zero in {zeros} of {cases} cases, and a {method} mean with it")
        )
    below = int((children < 0).any(axis=0).sum())
    if below:
        what = (
            f"a child scores below zero in {below} cases: the {method} mean is not defined and left missing"
        )
        notes.append((branch.id, what))
    return notes


def _closed(
    branch: Branch, gate: Gate, children: Array, weights: Array, subjects: Subjects
) -> list[tuple[str, str]]:
    """Where the gate and the mean disagree: the mean lies above the cap."""
    mean = ARITHMETIC.combine(children, weights)
    barrier = children[branch.names.index(gate.on)]
    capped = np.nonzero((barrier < gate.below) & (mean > gate.cap))[0]
    notes = [
        (
            branch.id,
            f"{subjects.name(row)}: the mean is {mean[row]:.4g}, and the gate caps it at {gate.cap:g}, "
            f"because {gate.on} scores {barrier[row]:.4g}, below {gate.below:g}",
        )
        for row in capped[:MOST_NAMED]
    ]
    if len(capped) > MOST_NAMED:
        notes.append((branch.id, f"the gate caps {len(capped) - MOST_NAMED} more"))
    return notes

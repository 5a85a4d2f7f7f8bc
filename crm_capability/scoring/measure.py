"""From readings to measure scores: learned once, applied unchanged to every wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..methods.normalisation import Fitted, Goalposts, Learned, MinMax, ZScore
from ..methods.transformation import transformed
from .tree import Leaf, Tree

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class FitRows:
    """Which rows (of waves and units) teach a fitted method, by the words of `fit`."""

    pooled: Rows
    baseline: Rows
    peers: Rows

    @classmethod
    def all(cls, count: int) -> FitRows:
        """Every row teaches, whatever the word."""
        rows = np.ones(count, dtype=bool)
        return cls(rows, rows, rows)


@dataclass(frozen=True)
class Fit:
    """What normalisation learned, measure by measure, and notes on what was odd."""

    learned: tuple[Learned, ...]
    notes: Mapping[str, str] = field(default_factory=dict)


def learn(tree: Tree, values: Array, rows: FitRows) -> Fit:
    """Learn each measure's parameters from `values`, shape (measures, rows)."""
    learned, notes = [], {}
    for leaf, reading in zip(tree.leaves, values, strict=True):
        if isinstance(leaf.rule, Goalposts):  # learns nothing, and there may be a million rows
            learned.append(leaf.rule.learn(reading[:0], leaf.better))
            continue
        chosen = reading[getattr(rows, leaf.rule.fit)] if isinstance(leaf.rule, Fitted) else reading
        found = leaf.rule.learn(transformed(leaf.transform, chosen), leaf.better)
        learned.append(found)
        if isinstance(leaf.rule, MinMax | ZScore) and found["min"] == found["max"]:
            notes[leaf.id] = f"every reading it was fitted on is {chosen[~np.isnan(chosen)][0]:g}: all score the middle"
    return Fit(tuple(learned), notes)


def apply(leaf: Leaf, learned: Learned, values: Array) -> Array:
    """Scores of one measure's readings under what was learned."""
    return leaf.rule.apply(transformed(leaf.transform, values), learned, leaf.better)


def apply_all(tree: Tree, fit: Fit, values: Array, out: Array) -> None:
    """Scores of all measures, shape (measures, rows), into the rows of `out`."""
    for leaf, learned, reading in zip(tree.leaves, fit.learned, values, strict=True):
        leaf.rule.apply_into(out[leaf.node], transformed(leaf.transform, reading), learned, leaf.better)


def slopes(tree: Tree, fit: Fit, values: Array, errors: Array) -> Array:
    """How many points of score one unit of reading is worth, around each reading: the mean
    slope over one standard error to either side, so that bounds and bends are felt."""
    found = np.full(values.shape, np.nan)
    for n, (leaf, learned) in enumerate(zip(tree.leaves, fit.learned, strict=True)):
        step = errors[n]
        rise = apply(leaf, learned, values[n] + step) - apply(leaf, learned, values[n] - step)
        np.divide(rise, 2 * step, out=found[n], where=step > 0)
        found[n, step == 0] = 0.0
    return found


def ends(tree: Tree, fit: Fit) -> tuple[Array, Array]:
    """Worst and best score of each measure."""
    pairs = [leaf.rule.ends(learned, leaf.better) for leaf, learned in zip(tree.leaves, fit.learned, strict=True)]
    worst, best = np.array(pairs, dtype=float).T
    return worst, best


def fitted_rows(tree: Tree, fit: Fit) -> list[dict[str, Any]]:
    """What was learned, as rows of the table `fitted`."""
    rows = []
    for leaf, learned in zip(tree.leaves, fit.learned, strict=True):
        if not isinstance(leaf.rule, Fitted):
            continue
        method = leaf.rule.method  # type: ignore[attr-defined]
        for name, value in learned.items():
            many = enumerate(np.atleast_1d(value)) if np.ndim(value) else [(None, value)]
            rows += [
                {"node": leaf.id, "method": method, "parameter": name if n is None else f"{name}:{n}", "value": float(v)}
                for n, v in many
            ]
    return rows

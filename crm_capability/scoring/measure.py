"""From readings to measure scores: learned once, applied unchanged to every wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..methods.normalisation import NOTHING, Fitted, Goalposts, Learned, MinMax, ZScore
from ..methods.transformation import transformed
from ..methods.treatment import Winsorise
from .fitted import Recorded, recorded_rows
from .preparation import FitRows
from .tree import Leaf, Tree

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """What normalisation and treatment learned, measure by measure, and notes on what was odd."""

    learned: tuple[Learned, ...]
    treated: tuple[Learned, ...]
    notes: Mapping[str, str] = field(default_factory=dict)


def learn(tree: Tree, values: Array, rows: FitRows, recorded: Recorded | None = None) -> Fit:
    """Learn each measure's parameters from `values`, shape (measures, rows), or take them from
    what an earlier result recorded."""
    learned, treated, notes = [], [], {}
    for leaf, reading in zip(tree.leaves, values, strict=True):
        if leaf.outliers is None and isinstance(leaf.rule, Goalposts):  # learns nothing, and there
            learned.append(NOTHING)  # may be a million rows
            treated.append(NOTHING)
            continue
        chosen = reading[getattr(rows, leaf.fit)]
        treatment, found, note = _learned(leaf, chosen, recorded)
        learned.append(found)
        treated.append(treatment)
        if note:
            notes[leaf.id] = note
    return Fit(tuple(learned), tuple(treated), notes)


def _learned(leaf: Leaf, chosen: Array, recorded: Recorded | None) -> tuple[Learned, Learned, str]:
    """What one measure's treatment and rule learn from the chosen rows, and a note on them."""
    treatment: Learned = NOTHING
    notes = []
    if leaf.outliers is not None:
        treatment = recorded.of(leaf.id, "winsorise") if recorded else leaf.outliers.learn(chosen)
        notes += _treated(leaf.outliers, treatment)
    ready = _ready(leaf, treatment, chosen)
    lost = int((np.isnan(ready) & ~np.isnan(chosen)).sum())
    if lost and leaf.transform is not None:
        notes.append(f"{lost} readings of zero or below have no {leaf.transform.method}: left missing")
    if recorded and isinstance(leaf.rule, Fitted):
        found = recorded.of(leaf.id, leaf.rule.method)  # type: ignore[attr-defined]
    else:
        found = leaf.rule.learn(ready, leaf.better)
    if isinstance(leaf.rule, MinMax | ZScore) and found["min"] == found["max"]:
        known = chosen[~np.isnan(ready)]
        same = f"{known[0]:g}" if known.size else f"{found['min']:g}"
        notes.append(f"every reading it was fitted on is {same}: all score the middle")
    return treatment, found, "; ".join(notes)


def _treated(rule: Winsorise, learned: Learned) -> list[str]:
    """What treatment did to a measure, for the reader."""
    if "then_min" in learned:
        assert rule.then is not None
        return [f"outliers: {rule.then.method} of the readings, skewness {learned['skewness']:.3g}"]
    moved = [f"{side} at {learned[side]:g}" for side in ("low", "high") if side in learned]
    return [f"outliers: {learned['points']:.0f} winsorised, {' and '.join(moved)}"] if moved else []


def _ready(leaf: Leaf, treatment: Learned, values: Array) -> Array:
    """Values as the rule takes them: treated, then transformed."""
    if leaf.outliers is not None:
        values = leaf.outliers.apply(values, treatment)
    return transformed(leaf.transform, values)


def apply_all(tree: Tree, fit: Fit, values: Iterable[Array], out: Array) -> None:
    """Scores of all measures, shape (measures, rows), into the rows of `out`."""
    for leaf, treated, learned, reading in zip(tree.leaves, fit.treated, fit.learned, values, strict=True):
        leaf.rule.apply_into(out[leaf.node], _ready(leaf, treated, reading), learned, leaf.better)


def score_of(leaf: Leaf, learned: Learned, values: Array) -> Array:
    """Scores of readings, of one measure, that nothing was treated in."""
    return leaf.rule.apply(transformed(leaf.transform, values), learned, leaf.better)


def slopes(tree: Tree, fit: Fit, values: Array, errors: Array) -> Array:
    """How many points of score one unit of reading is worth, around each reading: the mean
    slope over one standard error to either side, so that bounds and bends are felt."""
    found = np.full(values.shape, np.nan)
    for n, leaf in enumerate(tree.leaves):
        step = errors[n]
        high, low = (_ready(leaf, fit.treated[n], values[n] + way * step) for way in (1.0, -1.0))
        rise = leaf.rule.apply(high, fit.learned[n], leaf.better) - leaf.rule.apply(
            low, fit.learned[n], leaf.better
        )
        np.divide(rise, 2 * step, out=found[n], where=step > 0)
        found[n, step == 0] = 0.0
    return found


def ends(tree: Tree, fit: Fit) -> tuple[Array, Array]:
    """Worst and best score of each measure."""
    pairs = [
        leaf.rule.ends(learned, leaf.better) for leaf, learned in zip(tree.leaves, fit.learned, strict=True)
    ]
    worst, best = np.array(pairs, dtype=float).T
    return worst, best


def fitted_rows(tree: Tree, fit: Fit) -> list[dict[str, Any]]:
    """What was learned, as rows of the table `fitted`."""
    rows = []
    for leaf, learned, treated in zip(tree.leaves, fit.learned, fit.treated, strict=True):
        if leaf.outliers is not None:
            rows += recorded_rows(leaf.id, leaf.outliers.method, treated)
        if isinstance(leaf.rule, Fitted):
            rows += recorded_rows(leaf.id, leaf.rule.method, learned)  # type: ignore[attr-defined]
    return rows

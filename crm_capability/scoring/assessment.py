"""All scores of a plan: every wave, unit and node, with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..errors import EvidenceError, Place, Problem
from ..methods.normalisation import Likert
from ..methods.statistics import Z95
from ..methods.weighting import Equal, Given, WeightingError
from ..tables import NOT_APPLICABLE, shape
from . import measure as measures
from .score import Shares, applicable_nodes, coverage, gradients, propagate, ranks, roll_up, shares, weigh
from .tree import Tree, grow

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """The arithmetic of an assessment. Arrays have the shape (nodes or measures, rows), where
    row = wave number × units + unit number."""

    tree: Tree
    waves: tuple[str, ...]
    units: tuple[str, ...]
    applicable: NDArray[np.bool_]  # measures
    scores: Array  # nodes
    weights: dict[str, Array]  # branch -> (children, 1) or (children, rows)
    gradient: dict[int, Array]  # branch number -> (children, rows)
    slope: Array  # measures: points of score per unit of reading
    variance: Array  # nodes
    if_worst: Array
    if_best: Array
    shares: Shares
    fitted: pd.DataFrame
    notes: tuple[tuple[str, str], ...]  # node, what to know

    def of_wave(self, wave: str) -> slice:
        """The rows of one wave."""
        first = self.waves.index(wave) * len(self.units)
        return slice(first, first + len(self.units))


def score(framework: Framework, plan: Plan, units: Sequence[str], readings: pd.DataFrame) -> Scored:
    """Score the readings of a plan (its whole grid, as `collect` gives it)."""
    waves = tuple(wave.id for wave in plan.waves)
    tree = grow(framework)
    grid = _Grid.of(readings, tree, waves, tuple(units), plan)
    fit = measures.learn(tree, grid.values, grid.fit_rows(waves, units, plan.unit))
    weights, fitted, notes = _weights(framework, plan, len(units))
    scores = np.full((len(tree.ids), grid.values.shape[1]), np.nan)
    measures.apply_all(tree, fit, grid.values, scores)
    scores[tree.leaf_nodes] = np.where(grid.applicable, scores[tree.leaf_nodes], np.nan)
    applicable = applicable_nodes(tree, grid.applicable)
    worst, best = (_with_ends(scores, tree, grid.applicable, end) for end in measures.ends(tree, fit))
    for array in (scores, worst, best):
        roll_up(tree, array, weights, applicable)
    gradient = gradients(tree, scores, weights)
    slope = measures.slopes(tree, fit, grid.values, grid.errors)
    variance = np.full(scores.shape, np.nan)
    variance[tree.leaf_nodes] = (slope * grid.errors) ** 2
    return Scored(
        tree=tree,
        waves=waves,
        units=tuple(units),
        applicable=grid.applicable,
        scores=scores,
        weights=weights,
        gradient=gradient,
        slope=slope,
        variance=propagate(tree, variance, gradient),
        if_worst=worst,
        if_best=best,
        shares=shares(tree, scores, weights, gradient),
        fitted=shape("fitted", pd.DataFrame(measures.fitted_rows(tree, fit) + fitted)),
        notes=(*fit.notes.items(), *notes, *_not_positive(tree, scores), *grid.notes),
    )


@dataclass(frozen=True)
class _Grid:
    """Readings as arrays (measures, rows)."""

    values: Array
    errors: Array
    applicable: NDArray[np.bool_]
    taking_part: NDArray[np.bool_]  # rows left after screening
    notes: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, readings: pd.DataFrame, tree: Tree, waves: tuple[str, ...], units: tuple[str, ...], plan: Plan) -> _Grid:
        ids = [leaf.id for leaf in tree.leaves]
        frame = readings[readings["measure"].isin(ids)]
        wide = (len(waves) * len(units), len(ids))
        values = frame["value"].to_numpy(dtype=float).reshape(wide).T.copy()
        errors = frame["standard_error"].to_numpy(dtype=float).reshape(wide).T.copy()
        applicable = (frame["state"] != NOT_APPLICABLE).to_numpy().reshape(wide).T.copy()
        _refuse_off_scale(tree, values, waves, units)
        taking_part = np.ones(wide[0], dtype=bool)
        notes = []
        if plan.screen is not None:
            known = (~np.isnan(values)).sum(axis=0)
            taking_part = known >= plan.screen.min_share * applicable.sum(axis=0) - 1e-12
            values[:, ~taking_part] = np.nan
            for row in np.nonzero(~taking_part)[0]:
                wave, unit = waves[row // len(units)], units[row % len(units)]
                notes.append((tree.ids[0], f"{unit} in {wave} is screened out: {known[row]} of {len(ids)} measures"))
        return cls(values, errors, applicable, taking_part, tuple(notes))

    def fit_rows(self, waves: Sequence[str], units: Sequence[str], unit: str) -> measures.FitRows:
        """Which rows teach: all, the first wave's, those of the other units."""
        row = np.arange(len(waves) * len(units))
        own = list(units).index(unit)
        return measures.FitRows(
            pooled=self.taking_part,
            baseline=self.taking_part & (row < len(units)),
            peers=self.taking_part & (row % len(units) != own),
        )


def _refuse_off_scale(tree: Tree, values: Array, waves: tuple[str, ...], units: tuple[str, ...]) -> None:
    """A mean answer outside its scale is a mistake in the data, not a good score."""
    problems = []
    for leaf, reading in zip(tree.leaves, values, strict=True):
        if isinstance(leaf.rule, Likert) and leaf.transform is None:
            for row in np.nonzero((reading < leaf.rule.min) | (reading > leaf.rule.max))[0]:
                what = f"{leaf.id} of {units[row % len(units)]} in {waves[row // len(units)]} is {reading[row]:g}"
                remedy = f"the scale runs from {leaf.rule.min:g} to {leaf.rule.max:g}"
                problems.append(Problem(Place(), what, remedy))
    if problems:
        raise EvidenceError(problems)


def _weights(
    framework: Framework, plan: Plan, units: int
) -> tuple[dict[str, Array], list[dict[str, object]], list[tuple[str, str]]]:
    """Weights of every branch, with a column a row only where waves differ; what to record."""
    by_wave, rows, notes = [], [], []
    recorded: set[tuple[str, str]] = set()
    for wave in plan.waves:
        tree = grow(framework, (plan.weights, wave.weights))
        try:
            found = weigh(tree)
        except WeightingError as error:
            raise EvidenceError(Problem(Place(), str(error))) from None
        by_wave.append(found)
        for branch in tree.branches:
            if isinstance(branch.weighting, Equal | Given):
                continue
            own = f"@{wave.id}" if branch.id in wave.weights else ""
            if (branch.id, own) in recorded:
                continue
            recorded.add((branch.id, own))
            weighed = found[branch.id]
            values = {f"weight:{name}": w for name, w in zip(branch.names, weighed.weights, strict=True)}
            method = branch.weighting.method  # type: ignore[attr-defined]
            for name, value in {**values, **weighed.parameters}.items():
                rows.append({"node": branch.id, "method": method, "parameter": name + own, "value": float(value)})
            notes += [(branch.id, note) for note in weighed.notes]
    weights = {}
    for branch_id in by_wave[0]:
        columns = np.stack([found[branch_id].weights for found in by_wave], axis=1)
        same = (columns == columns[:, :1]).all()
        weights[branch_id] = columns[:, :1] if same else np.repeat(columns, units, axis=1)
    return weights, rows, notes


def _with_ends(scores: Array, tree: Tree, applicable: NDArray[np.bool_], ends: Array) -> Array:
    """The scores with every applicable measure that has none at one end of its range."""
    filled = scores.copy()
    leaves = scores[tree.leaf_nodes]
    filled[tree.leaf_nodes] = np.where(np.isnan(leaves) & applicable, ends[:, None], leaves)
    return filled


def _not_positive(tree: Tree, scores: Array) -> list[tuple[str, str]]:
    """Where a mean that needs positive scores met others, and what it did."""
    notes = []
    for branch in tree.branches:
        if not branch.rule.positive_only:
            continue
        children = scores[list(branch.children)]
        method = branch.rule.method  # type: ignore[attr-defined]
        zeros = int((children == 0).any(axis=0).sum())
        if zeros:
            notes.append((branch.id, f"a child scores zero in {zeros} of {children.shape[1]} cases, and a {method} mean with it"))
        below = int((children < 0).any(axis=0).sum())
        if below:
            notes.append((branch.id, f"a child scores below zero in {below} cases: the {method} mean is not defined and left missing"))
    return notes


def scores_table(framework: Framework, scored: Scored) -> pd.DataFrame:
    """The table `scores`."""
    tree, scores = scored.tree, scored.scores
    rows = _row_groups(scored)
    low, high = _interval(scored)
    found = ranks(scores, rows)
    return _long(
        "scores",
        scored,
        {
            "score": scores,
            "low": low,
            "high": high,
            "if_worst": scored.if_worst,
            "if_best": scored.if_best,
            "coverage": coverage(tree, scores, scored.applicable),
            "rank": found,
        },
    ).assign(band=lambda table: bands(framework, table["score"].to_numpy()))


def contributions_table(scored: Scored) -> pd.DataFrame:
    """The table `contributions`."""
    part = scored.shares
    columns = {"weight": part.weight, "effective_weight": part.effective, "contribution": part.contribution}
    return _long("contributions", scored, columns)


def bands(framework: Framework, scores: Array) -> NDArray[np.object_]:
    """The id of the band that each score lies in; None below the lowest and for missing ones."""
    names = np.array([None, *(band.id for band in framework.bands)], dtype=object)
    starts = [band.start for band in framework.bands]
    place = np.searchsorted(starts, np.nan_to_num(scores, nan=-np.inf), side="right")
    return np.asarray(names[place])


def _interval(scored: Scored) -> tuple[Array, Array]:
    """95 % intervals, kept inside the range that bounded measures leave a node."""
    half = Z95 * np.sqrt(scored.variance)
    low, high = scored.scores - half, scored.scores + half
    least, most = _range(scored)
    return np.maximum(low, least[:, None]), np.minimum(high, most[:, None])


def _range(scored: Scored) -> tuple[Array, Array]:
    """The worst and best score a node can have; infinite where a measure has no bounds."""
    tree = scored.tree
    ends = []
    for end in (0, 1):
        column = np.full((len(tree.ids), 1), np.nan)
        column[tree.leaf_nodes, 0] = [leaf.rule.ends({}, leaf.better)[end] if leaf.rule.bounded else np.nan for leaf in tree.leaves]
        roll_up(tree, column, {name: w[:, :1] for name, w in scored.weights.items()})
        open_ended = {leaf.node for leaf in tree.leaves if not leaf.rule.bounded}
        for branch in tree.branches:
            if open_ended & set(branch.children):
                open_ended.add(branch.node)
        column[sorted(open_ended), 0] = -np.inf if end == 0 else np.inf
        ends.append(column[:, 0])
    return ends[0], ends[1]


def _row_groups(scored: Scored) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(scored.waves)), len(scored.units))


def _long(table: str, scored: Scored, columns: dict[str, Array]) -> pd.DataFrame:
    """Arrays (nodes, rows) as a long table, by wave, unit and node."""
    nodes, rows = len(scored.tree.ids), len(scored.waves) * len(scored.units)
    return shape(
        table,
        pd.DataFrame(
            {
                "wave": np.repeat(scored.waves, len(scored.units) * nodes),
                "unit": np.tile(np.repeat(scored.units, nodes), len(scored.waves)),
                "node": np.tile(scored.tree.ids, rows),
                **({"level": np.tile(scored.tree.levels, rows)} if table == "scores" else {}),
                **{name: array.T.ravel() for name, array in columns.items()},
            }
        ),
    )

"""All scores of a plan: every wave, unit and node, with what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..methods.aggregation import Fuzzy, Spread
from ..methods.statistics import Z95
from ..tables import shape
from . import measure as measures
from .answered import answered, answered_notes
from .fitted import Recorded
from .frozen import Frozen
from .grid import Grid
from .notes import aggregation_notes
from .preparation import Prepared, Subjects, prepare
from .score import Shares, applicable_nodes, coverage, gradients, propagate, ranks, roll_up, shares
from .tree import Tree, grow
from .weights import Occasion, weigh_up

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """The arithmetic of an assessment. Arrays have the shape (nodes or measures, rows), where
    row = wave number × units + unit number."""

    tree: Tree
    waves: tuple[str, ...]
    units: tuple[str, ...]
    applicable: NDArray[np.bool_]  # measures
    imputed: Array  # measures: what was put in the place of a missing reading, else NaN
    scores: Array  # nodes
    weights: dict[str, Array]  # branch -> (children, 1) or (children, rows)
    gradient: dict[int, Array]  # branch number -> (children, rows)
    slope: Array  # measures: points of score per unit of reading
    variance: Array  # nodes
    if_worst: Array
    if_best: Array
    shares: Shares
    answered: Mapping[int, Spread]  # measures under a fuzzy node: the answers behind their scores
    vectors: Mapping[int, Array]  # fuzzy branches: (grades, rows)
    fitted: pd.DataFrame
    notes: tuple[tuple[str, str], ...]  # node, what to know
    frozen: Frozen  # to score other readings of the same rows by

    def of_wave(self, wave: str) -> slice:
        """The rows of one wave."""
        first = self.waves.index(wave) * len(self.units)
        return slice(first, first + len(self.units))


def score(
    framework: Framework,
    plan: Plan,
    units: Sequence[str],
    readings: pd.DataFrame,
    attributes: pd.DataFrame | None = None,
    fitted: pd.DataFrame | None = None,
    distributions: pd.DataFrame | None = None,
) -> Scored:
    """Score the readings of a plan (its whole grid, as `collect` gives it).

    `attributes` holds the units' groups and denominators, a row a unit; `fitted` the table of an
    earlier result, to score with the old fit; `distributions` the answers behind measures that a
    fuzzy evaluation takes apart. Raises EvidenceError.
    """
    waves = tuple(wave.id for wave in plan.waves)
    subjects = subjects_of(plan, units, attributes)
    recorded = None if fitted is None else Recorded.read(fitted)
    trees = [grow(framework, (plan.weights, wave.weights)) for wave in plan.waves]
    tree = trees[0]
    grid = Grid.of(readings, tree, subjects, plan)
    rows = grid.fit_rows(subjects, plan.unit)
    prepared = prepare(tree, grid.values, grid.applicable & grid.taking_part, subjects, rows, recorded)
    fit = measures.learn(tree, prepared.values, rows, recorded)
    scores = np.full((len(tree.ids), grid.values.shape[1]), np.nan)
    measures.apply_all(tree, fit, prepared.values, scores)
    scores[tree.leaf_nodes] = np.where(grid.applicable, scores[tree.leaf_nodes], np.nan)
    applicable = applicable_nodes(tree, grid.applicable)
    distributions = shape("distributions", {}) if distributions is None else distributions
    behind = answered(tree, fit, grid.values, distributions, subjects)
    spreads = dict(behind)
    weights = weigh_up(tree, scores, rows, _occasions(plan, trees), applicable, recorded, spreads)
    worst, best = _cases(tree, fit, scores, grid.applicable, prepared.imputed)
    for array in (worst, best):
        roll_up(tree, array, weights.arrays, applicable, behind)
    gradient = gradients(tree, scores, weights.arrays, spreads)
    slope = _slopes(tree, fit, prepared, grid.errors)
    variance = np.full(scores.shape, np.nan)
    variance[tree.leaf_nodes] = (slope * grid.errors) ** 2
    learned = [*prepared.fitted, *measures.fitted_rows(tree, fit), *weights.fitted]
    notes = (
        *grid.notes,
        *prepared.notes,
        *fit.notes.items(),
        *weights.notes,
        *answered_notes(tree, distributions),
    )
    return Scored(
        tree=tree,
        waves=waves,
        units=tuple(units),
        applicable=grid.applicable,
        imputed=np.where(prepared.imputed, prepared.values, np.nan),
        scores=scores,
        weights=weights.arrays,
        gradient=gradient,
        slope=slope,
        variance=propagate(tree, variance, gradient),
        if_worst=worst,
        if_best=best,
        shares=shares(tree, scores, weights.arrays, gradient),
        answered=behind,
        vectors={node: spread.shares for node, spread in spreads.items() if node not in behind},
        fitted=shape("fitted", pd.DataFrame(learned)),
        notes=(*notes, *aggregation_notes(tree, scores, weights.arrays, subjects)),
        frozen=Frozen(
            tree,
            fit,
            prepared.values,
            _divided(prepared, grid.errors),
            prepared.divisors,
            weights.arrays,
            applicable,
        ),
    )


def subjects_of(plan: Plan, units: Sequence[str], attributes: pd.DataFrame | None) -> Subjects:
    """What the rows of a plan stand for."""
    days = [np.nan if wave.start is None else wave.start.toordinal() for wave in plan.waves]
    known = pd.DataFrame(index=list(units)) if attributes is None else attributes.reindex(list(units))
    return Subjects(tuple(wave.id for wave in plan.waves), np.array(days, dtype=float), tuple(units), known)


def _occasions(plan: Plan, trees: Sequence[Tree]) -> list[Occasion]:
    return [
        Occasion(wave.id, frozenset(wave.weights), {branch.id: branch.weighting for branch in tree.branches})
        for wave, tree in zip(plan.waves, trees, strict=True)
    ]


def _slopes(tree: Tree, fit: measures.Fit, prepared: Prepared, errors: Array) -> Array:
    """Points of score per unit of raw reading: denominators included."""
    slope = measures.slopes(tree, fit, prepared.values, _divided(prepared, errors))
    for n, divisor in prepared.divisors.items():
        slope[n] /= divisor
    return slope


def _divided(prepared: Prepared, errors: Array) -> Array:
    """Standard errors of the prepared readings."""
    divided = errors.copy()
    for n, divisor in prepared.divisors.items():
        divided[n] = errors[n] / divisor
    return divided


def _cases(
    tree: Tree, fit: measures.Fit, scores: Array, applicable: NDArray[np.bool_], imputed: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """The scores with every applicable measure that has no reading, imputed ones included, at the
    worst and at the best end of its range."""
    leaves = np.where(imputed, np.nan, scores[tree.leaf_nodes])
    both = []
    for end in measures.ends(tree, fit):
        filled = scores.copy()
        filled[tree.leaf_nodes] = np.where(np.isnan(leaves) & applicable, end[:, None], leaves)
        both.append(filled)
    return both[0], both[1]


def readings_table(readings: pd.DataFrame, scored: Scored) -> pd.DataFrame:
    """The table `readings`, with what was imputed beside the readings that are missing."""
    imputed = scored.imputed
    if np.isnan(imputed).all():
        return readings
    frame = readings.copy()
    place = {leaf.id: n for n, leaf in enumerate(scored.tree.leaves)}
    own = frame["measure"].isin(place).to_numpy()  # in the order wave, unit, measure
    frame.loc[own, "imputed"] = imputed.T.ravel()
    put_in = frame["imputed"].notna()
    rules = {
        leaf.id: f"imputed by {leaf.impute.method}" for leaf in scored.tree.leaves if leaf.impute is not None
    }
    words = frame["measure"].map(rules)
    before = frame["source"].where(frame["source"].notna(), "")
    frame["source"] = frame["source"].mask(put_in, (before + "; " + words).str.removeprefix("; "))
    return shape("readings", frame)


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
            "standard_error": np.sqrt(scored.variance),
        },
    ).assign(band=lambda table: bands(framework, table["score"].to_numpy()))


def contributions_table(scored: Scored) -> pd.DataFrame:
    """The table `contributions`."""
    part = scored.shares
    columns = {"weight": part.weight, "effective_weight": part.effective, "contribution": part.contribution}
    return _long("contributions", scored, columns)


def grades_table(scored: Scored) -> pd.DataFrame:
    """The table `grades`: how far each fuzzily evaluated node belongs to each grade."""
    parts = []
    for branch in scored.tree.branches:
        if isinstance(branch.rule, Fuzzy):
            grades = [grade.id for grade in branch.rule.grades]
            each = pd.MultiIndex.from_product([scored.waves, scored.units, [branch.id], grades])
            frame = pd.DataFrame(list(each), columns=["wave", "unit", "node", "grade"])
            parts.append(frame.assign(membership=scored.vectors[branch.node].T.ravel()))
    return shape("grades", pd.concat(parts, ignore_index=True) if parts else pd.DataFrame())


def bands(framework: Framework, scores: Array) -> NDArray[np.object_]:
    """The id of the band that each score lies in; None below the lowest and for missing ones."""
    named = framework.bands or framework.defaults.bands or ()
    names = np.array([None, *(band.id for band in named)], dtype=object)
    starts = [band.start for band in named]
    reached = np.nan_to_num(scores, nan=-np.inf) + 1e-9  # as ranks: closer than that is the same score
    place = np.searchsorted(starts, reached, side="right")
    return np.asarray(names[place])


def _interval(scored: Scored) -> tuple[Array, Array]:
    """95 % intervals, kept inside the range that bounded measures leave a node."""
    half = Z95 * np.sqrt(scored.variance)
    low, high = scored.scores - half, scored.scores + half
    least, most = reachable(scored)
    return np.maximum(low, least[:, None]), np.minimum(high, most[:, None])


def reachable(scored: Scored) -> tuple[Array, Array]:
    """The worst and best score a node can have; infinite where a measure has no bounds."""
    tree = scored.tree
    ends = []
    for end in (0, 1):
        column = np.full((len(tree.ids), 1), np.nan)
        column[tree.leaf_nodes, 0] = [
            leaf.rule.ends({}, leaf.better)[end] if leaf.rule.bounded else np.nan for leaf in tree.leaves
        ]
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

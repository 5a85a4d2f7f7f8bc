"""Robustness: how far results hang on choices that might reasonably have been made otherwise.

The factors are sampled together on a scrambled Sobol' sequence, every run is scored, and the
variance of the outcome is shared out among the factors (Saisana, Saltelli and Tarantola 2005).
The outcome of a run is the mean of |rank − rank in the plan as it stands| over the units of the
last wave, or the score of one unit there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..definition.framework import Framework
from ..definition.load import Definition, formed
from ..definition.loaded import LoadedPlan
from ..definition.sensitivity import Sensitivity
from ..definition.sensitivity_checks import sensitivity_problems
from ..errors import DefinitionError, EvidenceError, Place, Problem, near_miss
from ..evidence.distributions import distributions_table
from ..evidence.readings import Evidence
from ..methods.resampling import MOST_COLUMNS, Array, Whole, design, indices, sample
from ..methods.suppression import MINIMUM_GROUP
from ..scoring.answered import answers_of
from ..scoring.assessment import subjects_of
from ..scoring.grid import Grid
from ..scoring.preparation import FitRows, Subjects
from ..scoring.score import ranks
from ..scoring.tree import Tree, grow
from ..scoring.values import finite_readings, readings_of
from ..scoring.values import subjects_of as subjects_of_table
from ..yaml_files import parse_yaml
from .alternatives import Alternatives
from .levers import Choice, Lever, lever
from .robustness import Robustness, shares_table, uncertainty_table
from .variants import Case

Progress = Callable[[int, int], None]  # runs done, of how many
MOST_NUMBERS = 8_000_000  # held at once: larger analyses go through in several parts


def sensitivity(
    framework: Framework,
    values: pd.DataFrame,
    factors: Sequence[Mapping[str, Any]],
    node: str | None = None,
    of: Literal["rank", "score"] = "rank",
    runs: int = 1024,
    seed: int = 0,
    units: pd.DataFrame | None = None,
    unit: Any = None,
    errors: pd.DataFrame | None = None,
) -> Robustness:
    """The analysis of a plan's `sensitivity`, on frames.

    `values` holds one row a unit and one column a measure, as for `score_values`; `factors` are
    written as in a plan; `node` is the root unless named; `of="score"` needs the `unit` whose
    score it is. `units` holds the units' attributes, `errors` the standard errors of `values`, for
    `{"vary": "readings"}`. Raises DefinitionError for factors that do not fit the framework, and
    EvidenceError for tables that cannot be used.
    """
    spec = _spec({"node": node, "of": of, "factors": list(factors), "runs": runs, "seed": seed}, framework)
    tree = grow(framework)
    names = tuple(leaf.id for leaf in tree.leaves)
    readings = np.stack(list(finite_readings(readings_of(names, values), slice(None), values)))
    case = Case(
        framework=framework,
        overrides=((),),
        subjects=subjects_of_table(tree, values, units),
        values=readings,
        errors=np.full(readings.shape, np.nan)
        if errors is None
        else readings_of(names, errors.reindex(values.index)),
        linked=np.zeros(readings.shape),
        applicable=np.ones(readings.shape, dtype=bool),
        screen=None,
        teaching=FitRows.all(len(values)),
        answers={},
    )
    return analysed(case, spec, [lever(factor, framework, tree) for factor in spec.factors], unit)


def plan_sensitivity(
    loaded: LoadedPlan, evidence: Evidence, progress: Progress = lambda done, all: None
) -> Robustness:
    """The analysis that a plan's `sensitivity` asks for. Raises EvidenceError."""
    plan, framework, spec = loaded.plan, loaded.framework, loaded.plan.sensitivity
    if spec is None:
        where = loaded.definition.document.place()
        raise DefinitionError(
            Problem(where, "the plan has no `sensitivity`", "add it, with at least one factor")
        )
    subjects = subjects_of(plan, list(evidence.units), evidence.attributes)
    tree = grow(framework)
    levers = [
        lever(factor, framework, tree, loaded.weight_files.get(n)) for n, factor in enumerate(spec.factors)
    ]
    whole = plan.model_copy(update={"screen": None})  # every run screens for itself
    grid = Grid.of(evidence.readings, tree, subjects, whole)
    case = Case(
        framework=framework,
        overrides=tuple((plan.weights, wave.weights) for wave in plan.waves),
        subjects=subjects,
        values=grid.values,
        errors=grid.errors,
        linked=_linked(evidence.pairings, tree, subjects, grid.errors),
        applicable=grid.applicable,
        screen=None if plan.screen is None else plan.screen.min_share,
        teaching=grid.fit_rows(subjects, plan.unit),
        answers=answers_of(tree, _distributions(loaded, evidence, levers), subjects),
    )
    return analysed(case, spec, levers, plan.unit, progress)


def _distributions(loaded: LoadedPlan, evidence: Evidence, levers: Iterable[Lever]) -> pd.DataFrame:
    """The answers behind the measures that any of the choices evaluates by grades."""
    framework, plan = loaded.framework, loaded.plan
    graded = set(framework.graded_measures)
    for one in levers:
        if isinstance(one, Choice) and one.path == "defaults.aggregate":
            for option in one.options:
                defaults = framework.defaults.model_copy(update={"aggregate": option})
                graded |= framework.model_copy(update={"defaults": defaults}).graded_measures
    if graded == framework.graded_measures:
        return evidence.distributions
    fewest = plan.minimum_group or MINIMUM_GROUP
    return distributions_table(evidence.sheets, graded, plan.roles, evidence.readings, [], fewest)


def _linked(pairings: pd.DataFrame, tree: Tree, subjects: Subjects, errors: Array) -> Array:
    """Correlations of readings with those of the wave before, shape (measures, rows), from the
    covariances that the same respondents' answers have; 0 where other people answered."""
    found = np.zeros(errors.shape)
    places = {leaf.id: n for n, leaf in enumerate(tree.leaves)}
    count = len(subjects.units)
    for row in pairings.itertuples():
        wave = subjects.waves.index(row.after_wave)
        if row.measure in places and wave > 0 and subjects.waves[wave - 1] == row.before_wave:
            n, now = places[row.measure], wave * count + subjects.units.index(row.unit)
            both = errors[n, now - count] * errors[n, now]
            if both > 0 and row.covariance == row.covariance:
                found[n, now] = np.clip(row.covariance / both, -1.0, 1.0)
    return found


def analysed(
    case: Case,
    spec: Sensitivity,
    levers: Sequence[Lever],
    unit: Any,
    progress: Progress = lambda done, all: None,
) -> Robustness:
    """Sample, score every run, share the variance out. Raises EvidenceError."""
    waves, units = case.subjects.waves, case.subjects.units
    _refuse_pointless(spec, units, unit)
    columns = sum(one.columns for one in levers)
    if columns > MOST_COLUMNS:
        what = f"the factors vary {columns} numbers, and {MOST_COLUMNS} is the most"
        raise EvidenceError(Problem(Place(), what, "vary less: name a node with `at`"))
    points = sample(columns, spec.runs, spec.seed)
    others = Alternatives(case, levers, points, spec.seed)
    node = spec.node or others.base.ids[0]
    keys = _keys(levers, points, spec.runs)
    scores = _scored(others, node, keys, spec.runs, progress)
    mixtures = slice(0, 2 * spec.runs)
    placed = ranks(scores[mixtures], np.repeat(np.arange(len(waves)), len(units)))
    last = slice((len(waves) - 1) * len(units), None)
    if spec.of == "rank":
        standing = others.scores(node, np.zeros((1, len(levers)), dtype=np.int64))
        together = np.zeros(len(units), dtype=np.int64)
        others_placed = ranks(scores[2 * spec.runs :, last], together)
        y = _mean_shift(np.concatenate([placed[:, last], others_placed]), ranks(standing[:, last], together))
    else:
        y = scores[:, last][:, units.index(unit)]
    found = indices(y, len(levers), spec.seed)
    return Robustness(
        sensitivity=shares_table([one.path for one in levers], found),
        uncertainty=uncertainty_table(node, waves, units, scores[mixtures], placed),
        node=node,
        waves=waves,
        units=units,
        scores=scores[mixtures],
        notes=tuple(_notes(others, node, levers, y)),
    )


def _keys(levers: Sequence[Lever], points: Array, runs: int) -> Whole:
    """What each factor is set to in each run of the design, shape (runs of the design, factors)."""
    picked = design(len(levers), runs)
    found, first = np.empty_like(picked), 0
    for f, one in enumerate(levers):
        found[:, f] = one.keys(points[:, first : first + one.columns])[picked[:, f]]
        first += one.columns
    return found


def _refuse_pointless(spec: Sensitivity, units: Sequence[Any], unit: Any) -> None:
    if spec.of == "rank" and len(units) < 2:
        raise EvidenceError(
            Problem(Place(), "sensitivity of ranks needs two units or more", "write `of: score`")
        )
    if spec.of == "score" and unit not in units:
        what = "sensitivity of a score needs the unit whose score it is"
        raise EvidenceError(Problem(Place(), what, near_miss(str(unit), map(str, units))))


def _scored(others: Alternatives, node: str, keys: Whole, base: int, progress: Progress) -> Array:
    """Scores of all runs, (runs, rows). Base rows go in parts: the runs of one share their sample
    points with no other."""
    blocks = keys.reshape(-1, base, keys.shape[1])
    size = max(1, MOST_NUMBERS // (len(blocks) * others.width(node)))
    found = np.empty((len(blocks), base, others.case.values.shape[1]))
    for first in range(0, base, size):
        progress(len(blocks) * first, len(keys))
        part = blocks[:, first : first + size]
        found[:, first : first + size] = others.scores(node, part.reshape(-1, keys.shape[1])).reshape(
            *part.shape[:2], -1
        )
    progress(len(keys), len(keys))
    return found.reshape(len(keys), -1)


def _mean_shift(placed: Array, standing: Array) -> Array:
    """Mean |rank − rank as it stands| of each run over the units that have both; NaN for none."""
    away = np.abs(placed - standing)
    count = (~np.isnan(away)).sum(axis=1)
    return np.divide(np.nansum(away, axis=1), count, out=np.full(len(away), np.nan), where=count > 0)


def _notes(others: Alternatives, node: str, levers: Iterable[Lever], y: Array) -> Iterable[str]:
    """What a reader has to know beside the numbers."""
    place = others.base.ids.index(node)
    for f, one in enumerate(levers):
        if f not in others.touched[place]:
            yield f"{one.path} changes nothing in {node}: what it would set is set lower down, or has no effect here"
    lost = int(np.isnan(y).sum())
    if lost:
        yield f"{lost} of {y.size} runs give no outcome: too few scores; the indices leave their base rows out"


def _spec(written: dict[str, Any], framework: Framework) -> Sensitivity:
    """Factors and settings of a caller, checked as those of a plan are. Raises DefinitionError."""
    text = json.dumps(
        {key: value for key, value in written.items() if value is not None}, default=str, indent=1
    )
    document = parse_yaml(text, "sensitivity")
    try:
        spec = formed(document, Sensitivity)
        problems = list(sensitivity_problems(Definition(spec, document, Path()), spec, framework, ()))
    except DefinitionError as error:
        problems = list(error.problems)
    if problems:
        raise DefinitionError([Problem(Place(), problem.what, problem.remedy) for problem in problems])
    return spec

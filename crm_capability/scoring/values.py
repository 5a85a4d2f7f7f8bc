"""Scores straight from a table of numbers, for notebooks and large tables."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..errors import CapabilityWarning, EvidenceError, Place, Problem, near_miss
from .fitted import Recorded
from .measure import apply_all, learn
from .preparation import FitRows, Subjects, needs_preparation, prepare
from .score import roll_up, weigh
from .tree import Tree, grow
from .weights import learns_weights, weigh_up

Array = NDArray[np.float64]
BLOCK = 16_384  # rows scored at a time: what is in work stays in the processor's cache


def score_values(
    framework: Framework,
    values: pd.DataFrame,
    units: pd.DataFrame | None = None,
    fitted: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Score every node of a framework for a table of readings.

    `values` holds one row a unit and one column a measure, in the measures' own units; NaN is
    missing, and so is a measure without a column. `units` holds the units' attributes (groups,
    denominators), its index the same as that of `values`. Gives one row a unit and one column a
    node, from the root down. Fitted methods learn from all the rows, or take what the table
    `fitted` of an earlier result recorded. Raises EvidenceError for columns that are no measure,
    text and infinite numbers, attributes that lack, and imputation over waves: there are none.
    """
    tree = grow(framework)
    readings = readings_of(tuple(leaf.id for leaf in tree.leaves), values)
    rows = FitRows.all(len(values))
    recorded = None if fitted is None else Recorded.read(fitted)
    notes: list[tuple[str, str]] = []
    if needs_preparation(tree):
        list(finite_readings(readings, slice(None), values))
        prepared = prepare(
            tree,
            readings,
            np.ones(readings.shape, dtype=bool),
            subjects_of(tree, values, units),
            rows,
            recorded,
        )
        readings, notes = prepared.values, list(prepared.notes)
    with np.errstate(invalid="ignore"):  # infinite readings are found, and refused, on the way
        fit = learn(tree, readings, rows, recorded)
    notes += fit.notes.items()
    scores = np.empty((len(tree.ids), len(values)))
    if learns_weights(tree):
        apply_all(tree, fit, finite_readings(readings, slice(None), values), scores)
        notes += weigh_up(tree, scores, rows, recorded=recorded).notes
    else:
        weighed = weigh(tree)
        weights = {name: found.weights[:, None] for name, found in weighed.items()}
        for first in range(0, len(values), BLOCK):
            block = scores[:, first : first + BLOCK]
            apply_all(tree, fit, finite_readings(readings, slice(first, first + BLOCK), values), block)
            roll_up(tree, block, weights)
        notes += [(name, note) for name, found in weighed.items() for note in found.notes]
    for node, note in notes:
        warnings.warn(f"{node}: {note}", CapabilityWarning, stacklevel=2)
    return pd.DataFrame(scores.T, index=values.index, columns=list(tree.ids), copy=False)


def subjects_of(tree: Tree, values: pd.DataFrame, units: pd.DataFrame | None) -> Subjects:
    """One wave of the units in the table, with their attributes. Raises EvidenceError."""
    problems = [
        Problem(
            Place(),
            f"{leaf.id}: {leaf.impute.method} looks at other waves, and a table has none",
            "assess a plan with waves",
        )
        for leaf in tree.leaves
        if leaf.impute is not None and leaf.impute.over_waves
    ]
    if units is not None:
        strange = values.index.difference(units.index)
        shown = ", ".join(str(unit) for unit in strange[:10])
        if len(strange):
            remedy = "give `units` the index of `values`"
            problems.append(Problem(Place(), f"`units` holds no attributes of {shown}", remedy))
        if units.index.has_duplicates:
            problems.append(Problem(Place(), "a unit stands twice in `units`", "keep one row a unit"))
    if problems:
        raise EvidenceError(problems)
    attributes = pd.DataFrame(index=values.index) if units is None else units.reindex(values.index)
    return Subjects(("",), np.array([np.nan]), tuple(values.index), attributes)


def readings_of(measures: tuple[str, ...], values: pd.DataFrame) -> Array:
    """The readings as an array (measures, rows), in the tree's order."""
    names = list(values.columns)
    problems = [] if tuple(names) == measures else _strange_columns(names, measures)
    readings = values.to_numpy()
    if readings.dtype != np.float64 and not all(
        pd.api.types.is_numeric_dtype(kind) for kind in values.dtypes
    ):
        texts = [name for name, kind in values.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
        problems += [
            Problem(Place(), f'the column "{name}" does not hold numbers', "convert it") for name in texts
        ]
    if problems:
        raise EvidenceError(problems)
    if tuple(names) != measures:
        readings = values.reindex(columns=list(measures)).to_numpy(dtype=np.float64, na_value=np.nan)
    elif readings.dtype != np.float64:
        readings = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return readings.T


def finite_readings(readings: Array, rows: slice, values: pd.DataFrame) -> Iterator[Array]:
    """Each measure's readings in these rows, looked at just before they are scored: then they
    are in the processor's cache already, and a second walk through memory is spared."""
    for reading in readings:
        part = reading[rows]
        if np.count_nonzero(np.isinf(part)):
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            bad = [
                name for name, column in zip(values.columns, numbers.T, strict=True) if np.isinf(column).any()
            ]
            raise EvidenceError(
                [
                    Problem(Place(), f'the column "{name}" holds an infinite number', "correct it")
                    for name in bad
                ]
            )
        yield part


def _strange_columns(names: list[str], measures: tuple[str, ...]) -> list[Problem]:
    known = set(measures)
    found = [
        Problem(Place(), f'the column "{name}" is no measure of the framework', near_miss(str(name), known))
        for name in names
        if name not in known
    ]
    twice = {name for name in names if names.count(name) > 1}
    return found + [
        Problem(Place(), f'the column "{name}" stands twice', "keep one of them") for name in twice
    ]

"""Scores straight from a table of numbers, for notebooks and large tables."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from ..definition.framework import Framework
from ..errors import CapabilityWarning, EvidenceError, Place, Problem, near_miss
from .measure import FitRows, apply_all, learn
from .score import roll_up, weigh
from .tree import grow


def score_values(framework: Framework, values: pd.DataFrame, units: pd.DataFrame | None = None) -> pd.DataFrame:
    """Score every node of a framework for a table of readings.

    `values` holds one row a unit and one column a measure, in the measures' own units; NaN is
    missing, and so is a measure without a column. `units` holds the units' attributes. Gives
    one row a unit and one column a node, from the root down; fitted methods learn from all the
    rows. Raises EvidenceError for columns that are no measure, text and infinite numbers.
    """
    tree = grow(framework)
    readings = _readings(tuple(leaf.id for leaf in tree.leaves), values)
    fit = learn(tree, readings, FitRows.all(len(values)))
    weighed = weigh(tree)
    scores = np.empty((len(tree.ids), len(values)))
    apply_all(tree, fit, readings, scores)
    roll_up(tree, scores, {name: found.weights[:, None] for name, found in weighed.items()})
    notes = [f"{node}: {note}" for node, note in fit.notes.items()]
    notes += [note for found in weighed.values() for note in found.notes]
    for note in notes:
        warnings.warn(note, CapabilityWarning, stacklevel=2)
    return pd.DataFrame(scores.T, index=values.index, columns=list(tree.ids), copy=False)


def _readings(measures: tuple[str, ...], values: pd.DataFrame) -> np.ndarray:
    """The readings as an array (measures, rows), in the tree's order."""
    names = list(values.columns)
    problems = [] if tuple(names) == measures else _strange_columns(names, measures)
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in set(values.dtypes)):
        texts = [name for name, kind in values.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
        problems += [Problem(Place(), f'the column "{name}" does not hold numbers', "convert it") for name in texts]
    if problems:
        raise EvidenceError(problems)
    if tuple(names) != measures:
        values = values.reindex(columns=list(measures))
    readings = values.to_numpy(dtype=np.float64, na_value=np.nan).T
    infinite = np.isinf(readings)
    if infinite.any():
        bad = [name for name, rows in zip(measures, infinite, strict=True) if rows.any()]
        raise EvidenceError([Problem(Place(), f'the column "{name}" holds an infinite number', "correct it") for name in bad])
    return readings


def _strange_columns(names: list[str], measures: tuple[str, ...]) -> list[Problem]:
    known = set(measures)
    found = [
        Problem(Place(), f'the column "{name}" is no measure of the framework', near_miss(str(name), known))
        for name in names
        if name not in known
    ]
    twice = {name for name in names if names.count(name) > 1}
    return found + [Problem(Place(), f'the column "{name}" stands twice', "keep one of them") for name in twice]

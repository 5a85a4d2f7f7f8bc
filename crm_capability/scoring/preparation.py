"""From raw readings to numbers that can be normalised: screen, denominator, imputation.

Arrays have the shape (measures, rows), row = wave × units + unit. Outliers, transform and
normalisation follow in `measure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.imputation import Around, GroupImputation, Learned
from .fitted import Recorded, recorded_rows
from .tree import Leaf, Tree

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]
_TINY = 1e-12  # shares of small whole numbers: 2 of 4 must not fall short of 0.5 by a rounding


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
class Subjects:
    """What the rows stand for: waves with their start dates, units with their attributes."""

    waves: tuple[str, ...]
    days: Array  # start of each wave in days, NaN where it has none
    units: tuple[Any, ...]
    attributes: pd.DataFrame  # a row a unit, in their order

    def name(self, row: int) -> str:
        """How to call a row in a message."""
        unit = self.units[row % len(self.units)]
        return f"{unit} in {self.waves[row // len(self.units)]}" if len(self.waves) > 1 else str(unit)

    def attribute(self, name: str, whose: str) -> pd.Series:
        """A column of the attributes. Raises EvidenceError."""
        if name not in self.attributes.columns:
            what = f"{whose} needs the attribute {name} of the units, and there is none"
            remedy = (
                near_miss(name, self.attributes.columns) or "list the units with it, in the plan or a file"
            )
            raise EvidenceError(Problem(Place(), what, remedy))
        return self.attributes[name]


@dataclass(frozen=True)
class Prepared:
    """Readings ready to be treated and normalised."""

    values: Array  # divided, gaps filled
    divisors: Mapping[int, Array]  # by measure: what its raw readings were divided by
    imputed: Rows  # where a number was put in
    fitted: tuple[dict[str, Any], ...]  # rows of the table `fitted`
    notes: tuple[tuple[str, str], ...]  # measure, what to know


def screened(values: Array, applicable: Rows, min_share: float) -> Rows:
    """The rows that have at least this share of their applicable measures, counted before
    anything is imputed."""
    known = (~np.isnan(values) & applicable).sum(axis=0)
    return np.asarray(known >= min_share * applicable.sum(axis=0) - _TINY)


def prepare(
    tree: Tree,
    values: Array,
    fillable: Rows,
    subjects: Subjects,
    rows: FitRows,
    recorded: Recorded | None = None,
) -> Prepared:
    """Divide by denominators, then fill gaps where `fillable` (applicable, and not screened out).

    Raises EvidenceError for attributes that are missing or no numbers, all at once.
    """
    divisors, notes = _divisors(tree, values, subjects)
    if divisors:
        values = values.copy()
        for n, divisor in divisors.items():
            values[n] = values[n] / divisor
    imputed = np.zeros(values.shape, dtype=bool)
    fitted: list[dict[str, Any]] = []
    filled = values
    for n, leaf in enumerate(tree.leaves):
        gaps = np.isnan(values[n]) & fillable[n]
        if leaf.impute is None:
            continue
        around = _around(tree, leaf, values, subjects)
        learned = _learned(leaf, values[n], around, rows, recorded)
        fitted += recorded_rows(leaf.id, leaf.impute.method, learned)
        found = leaf.impute.fill(values[n], around, learned)
        imputed[n] = gaps & ~np.isnan(found)
        filled = filled.copy() if filled is values else filled
        filled[n, imputed[n]] = found[imputed[n]]
        notes += _imputation_notes(leaf, int(imputed[n].sum()), int(gaps.sum()))
    return Prepared(filled, divisors, imputed, tuple(fitted), tuple(notes))


def needs_preparation(tree: Tree) -> bool:
    """Is there any denominator or imputation in the tree?"""
    return any(leaf.denominator is not None or leaf.impute is not None for leaf in tree.leaves)


def _divisors(
    tree: Tree, values: Array, subjects: Subjects
) -> tuple[dict[int, Array], list[tuple[str, str]]]:
    """What each measure with a denominator is divided by, row by row, NaN where that is missing,
    zero or negative: such a reading is lost, and a note names it."""
    found: dict[int, Array] = {}
    notes: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for n, leaf in enumerate(tree.leaves):
        if leaf.denominator is None:
            continue
        try:
            numbers = _numbers(subjects.attribute(leaf.denominator, leaf.id), leaf.denominator)
        except EvidenceError as error:
            problems += error.problems
            continue
        divisor = np.tile(np.where(numbers > 0, numbers, np.nan), len(subjects.waves))
        found[n] = divisor
        lost = np.nonzero(np.isnan(divisor) & ~np.isnan(values[n]))[0]
        if lost.size:
            whose = ", ".join(subjects.name(row) for row in lost[:10]) + (" …" if lost.size > 10 else "")
            what = f"the denominator {leaf.denominator} is missing, zero or negative for {whose}"
            notes.append((leaf.id, f"{what}: these readings are left out"))
    if problems:
        raise EvidenceError(sorted(set(problems)))
    return found, notes


def _numbers(column: pd.Series, name: str) -> Array:
    """An attribute as numbers, blank cells as NaN. Raises EvidenceError."""
    text = column.astype("str").str.strip()
    blank = column.isna() | text.isin(["", "nan", "None", "<NA>"])
    numbers = pd.to_numeric(text.where(~blank), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = column.index[~blank.to_numpy() & ~np.isfinite(numbers)]
    if len(wrong):
        shown = [
            Problem(Place(), f'{name} of {unit} is "{column[unit]}", no number', "correct it")
            for unit in wrong[:20]
        ]
        raise EvidenceError(shown)
    return np.asarray(numbers)


def _around(tree: Tree, leaf: Leaf, values: Array, subjects: Subjects) -> Around:
    labels = {}
    if isinstance(leaf.impute, GroupImputation):
        column = subjects.attribute(leaf.impute.by, leaf.id).astype("str").str.strip()
        one_wave = np.array(
            [None if text in ("", "nan", "None", "<NA>") else text for text in column], dtype=object
        )
        labels = {leaf.impute.by: np.tile(one_wave, len(subjects.waves))}
    others = [n for n in leaf.family if tree.leaves[n] is not leaf]
    near = [tree.leaves[n] for n in others]
    return Around(
        days=subjects.days,
        labels=labels,
        siblings={tree.leaves[n].id: values[n] for n in others},
        lower=frozenset(one.id for one in (leaf, *near) if one.better == "lower"),
        name=leaf.id,
    )


def _learned(leaf: Leaf, values: Array, around: Around, rows: FitRows, recorded: Recorded | None) -> Learned:
    assert leaf.impute is not None
    learned = leaf.impute.learn(values, around, getattr(rows, leaf.fit))
    return recorded.of(leaf.id, leaf.impute.method) if recorded and not leaf.impute.over_waves else learned


def _imputation_notes(leaf: Leaf, filled: int, gaps: int) -> list[tuple[str, str]]:
    assert leaf.impute is not None
    if not gaps:
        return []
    rest = f"; {gaps - filled} stay missing, there is nothing to go by" if filled < gaps else ""
    return [(leaf.id, f"{filled} of {gaps} missing readings imputed by {leaf.impute.method}{rest}")]

"""Readings of a plan as arrays, screened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.plan import Plan
from ..errors import EvidenceError, Place, Problem
from ..methods.normalisation import Likert
from ..tables import NOT_APPLICABLE
from .preparation import FitRows, Subjects, screened
from .tree import Tree

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Readings as arrays (measures, rows)."""

    values: Array
    errors: Array
    applicable: NDArray[np.bool_]
    taking_part: NDArray[np.bool_]  # rows left after screening
    notes: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, readings: pd.DataFrame, tree: Tree, subjects: Subjects, plan: Plan) -> Grid:
        ids = [leaf.id for leaf in tree.leaves]
        frame = readings[readings["measure"].isin(ids)]
        wide = (len(subjects.waves) * len(subjects.units), len(ids))
        values = frame["value"].to_numpy(dtype=float).reshape(wide).T.copy()
        errors = frame["standard_error"].to_numpy(dtype=float).reshape(wide).T.copy()
        applicable = (frame["state"] != NOT_APPLICABLE).to_numpy().reshape(wide).T.copy()
        _refuse_off_scale(tree, values, subjects)
        if plan.screen is None:
            return cls(values, errors, applicable, np.ones(wide[0], dtype=bool), ())
        taking_part = screened(values, applicable, plan.screen.min_share)
        out = np.nonzero(~taking_part)[0]
        known, asked = (~np.isnan(values) & applicable).sum(axis=0), applicable.sum(axis=0)
        said = [
            f"{subjects.name(int(row))} is screened out: {known[row]} of {asked[row]} measures" for row in out
        ]
        values[:, ~taking_part] = np.nan
        return cls(values, errors, applicable, taking_part, tuple((tree.ids[0], text) for text in said))

    def fit_rows(self, subjects: Subjects, unit: str) -> FitRows:
        """Which rows teach: all, the first wave's, those of the other units."""
        count = len(subjects.units)
        row = np.arange(len(subjects.waves) * count)
        own = subjects.units.index(unit)
        return FitRows(
            pooled=self.taking_part,
            baseline=self.taking_part & (row < count),
            peers=self.taking_part & (row % count != own),
        )


def _refuse_off_scale(tree: Tree, values: Array, subjects: Subjects) -> None:
    """A mean answer outside its scale is a mistake in the data, not a good score."""
    problems = []
    for leaf, reading in zip(tree.leaves, values, strict=True):
        if isinstance(leaf.rule, Likert) and leaf.transform is None and leaf.denominator is None:
            for row in np.nonzero((reading < leaf.rule.min) | (reading > leaf.rule.max))[0]:
                unit, wave = (
                    subjects.units[row % len(subjects.units)],
                    subjects.waves[row // len(subjects.units)],
                )
                what = f"{leaf.id} of {unit} in {wave} is {reading[row]:g}"
                remedy = f"the scale runs from {leaf.rule.min:g} to {leaf.rule.max:g}"
                problems.append(Problem(Place(), what, remedy))
    if problems:
        raise EvidenceError(problems)

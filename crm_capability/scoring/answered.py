"""Answers behind measures that a fuzzy evaluation takes apart, as shares of scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.aggregation import Fuzzy, Spread
from ..methods.normalisation import Fitted
from .measure import Fit, score_of
from .preparation import Subjects
from .tree import Leaf, Tree

Array = NDArray[np.float64]


def answered(
    tree: Tree, fit: Fit, values: Array, distributions: pd.DataFrame, subjects: Subjects
) -> dict[int, Spread]:
    """By the number of each measure under a fuzzy node: its answers, each at its own score, shares
    of shape (answers, rows). `values` are the readings that take part, shape (measures, rows);
    `distributions` is the table of that name."""
    graded = _graded(tree)
    found = {}
    count = len(subjects.units)
    for n, leaf in enumerate(tree.leaves):
        own = distributions[distributions["measure"] == leaf.id]
        if leaf.node not in graded or own.empty or not _by_itself(leaf):
            continue
        answers, place = np.unique(own["value"].to_numpy(dtype=float), return_inverse=True)
        waves = own["wave"].map({wave: w for w, wave in enumerate(subjects.waves)})
        units = own["unit"].map({unit: u for u, unit in enumerate(subjects.units)})
        row = (waves * count + units).to_numpy(dtype=np.int64)
        shares = np.full((len(answers), len(subjects.waves) * count), np.nan)
        shares[:, row] = 0.0
        shares[place, row] = own["share"].to_numpy(dtype=float)
        shares[:, np.isnan(values[n])] = np.nan
        found[leaf.node] = Spread(score_of(leaf, fit.learned[n], answers), shares)
    return found


def answered_notes(tree: Tree, distributions: pd.DataFrame) -> list[tuple[str, str]]:
    """Measures whose answers cannot stand for themselves."""
    graded, had = _graded(tree), set(distributions["measure"])
    what = "its grades come from the mean answer: one answer alone has no score here (a fitted normalisation, outliers or a denominator)"
    return [
        (leaf.id, what)
        for leaf in tree.leaves
        if leaf.id in had and leaf.node in graded and not _by_itself(leaf)
    ]


def _graded(tree: Tree) -> set[int]:
    """The children of fuzzy nodes."""
    return {child for branch in tree.branches if isinstance(branch.rule, Fuzzy) for child in branch.children}


def _by_itself(leaf: Leaf) -> bool:
    """Does one answer have a score of its own? What was learned from means of units says nothing
    of a single answer."""
    return not isinstance(leaf.rule, Fitted) and leaf.outliers is None and leaf.denominator is None

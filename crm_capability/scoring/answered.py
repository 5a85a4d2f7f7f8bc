"""Answers behind measures that a fuzzy evaluation takes apart, as shares of scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.aggregation import Fuzzy, Spread
from ..methods.normalisation import Fitted, Learned
from .measure import Fit, score_of
from .preparation import Subjects
from .tree import Leaf, Tree

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]
_EDGE = 1e-3  # of the span of the answers: nobody's mean moves closer to the outermost answer
_STEPS = 12  # of Newton's method; it has the mean to a rounding in six or so
_STRIDE = 4.0  # over the span of the answers: the longest step


@dataclass(frozen=True)
class Answers:
    """What respondents answered to one measure: the answers, and their shares in each row, shape
    (answers, rows), NaN where nobody's answers are known."""

    values: Array
    shares: Array

    def spread(self, leaf: Leaf, learned: Learned, known: Rows) -> Spread:
        """Each answer at its own score, in the rows that have a reading."""
        return Spread(score_of(leaf, learned, self.values), np.where(known, self.shares, np.nan))

    def moved(self, by: Array) -> Answers:
        """The same with each row's mean moved by `by`: shares go from low to high answers, or back,
        by exponential tilting (Efron 1981), which leaves the answers that can be given alone."""
        by = np.nan_to_num(by)
        if not by.any():
            return self
        shares = np.nan_to_num(self.shares)
        least, most = (np.where(shares > 0, self.values[:, None], end) for end in (np.inf, -np.inf))
        room = _EDGE * np.ptp(self.values)
        lowest, highest = least.min(axis=0) + room, most.max(axis=0) - room
        split = highest > lowest  # where all say the same there is nothing to move
        aim = np.clip(self.values @ shares + by, np.where(split, lowest, 0.0), np.where(split, highest, 0.0))
        pull, tilted = np.zeros(shares.shape[1]), shares
        for _ in range(_STEPS):
            mean = self.values @ tilted
            variance = (tilted * (self.values[:, None] - mean) ** 2).sum(axis=0)
            step = np.divide(aim - mean, variance, out=np.zeros(len(mean)), where=split & (variance > 0))
            pull = pull + np.clip(step, -_STRIDE / np.ptp(self.values), _STRIDE / np.ptp(self.values))
            height = pull * self.values[:, None]
            tilted = shares * np.exp(height - height.max(axis=0))
            tilted = tilted / np.where((total := tilted.sum(axis=0)) > 0, total, 1.0)
        changed = split & (by != 0)
        return Answers(self.values, np.where(changed & ~np.isnan(self.shares), tilted, self.shares))


def answers_of(tree: Tree, distributions: pd.DataFrame, subjects: Subjects) -> dict[int, Answers]:
    """The answers to each measure that has any, by its place among the leaves; `distributions` is
    the table of that name."""
    found = {}
    count = len(subjects.units)
    for n, leaf in enumerate(tree.leaves):
        own = distributions[distributions["measure"] == leaf.id]
        if own.empty:
            continue
        answers, place = np.unique(own["value"].to_numpy(dtype=float), return_inverse=True)
        waves = own["wave"].map({wave: w for w, wave in enumerate(subjects.waves)})
        units = own["unit"].map({unit: u for u, unit in enumerate(subjects.units)})
        row = (waves * count + units).to_numpy(dtype=np.int64)
        shares = np.full((len(answers), len(subjects.waves) * count), np.nan)
        shares[:, row] = 0.0
        shares[place, row] = own["share"].to_numpy(dtype=float)
        found[n] = Answers(answers, shares)
    return found


def answered(
    tree: Tree, fit: Fit, values: Array, distributions: pd.DataFrame, subjects: Subjects
) -> dict[int, Spread]:
    """By the number of each measure under a fuzzy node: its answers, each at its own score, shares
    of shape (answers, rows). `values` are the readings that take part, shape (measures, rows)."""
    graded = _graded(tree)
    return {
        tree.leaves[n].node: answers.spread(tree.leaves[n], fit.learned[n], ~np.isnan(values[n]))
        for n, answers in answers_of(tree, distributions, subjects).items()
        if tree.leaves[n].node in graded and by_itself(tree.leaves[n])
    }


def answered_notes(tree: Tree, distributions: pd.DataFrame) -> list[tuple[str, str]]:
    """Measures whose answers cannot stand for themselves."""
    graded, had = _graded(tree), set(distributions["measure"])
    what = "its grades come from the mean answer: one answer alone has no score here (a fitted normalisation, outliers or a denominator)"
    return [
        (leaf.id, what)
        for leaf in tree.leaves
        if leaf.id in had and leaf.node in graded and not by_itself(leaf)
    ]


def _graded(tree: Tree) -> set[int]:
    """The children of fuzzy nodes."""
    return {child for branch in tree.branches if isinstance(branch.rule, Fuzzy) for child in branch.children}


def by_itself(leaf: Leaf) -> bool:
    """Does one answer have a score of its own? What was learned from means of units says nothing
    of a single answer."""
    return not isinstance(leaf.rule, Fitted) and leaf.outliers is None and leaf.denominator is None

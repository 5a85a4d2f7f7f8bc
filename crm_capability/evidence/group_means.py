"""Means over respondents and their standard errors, group by group, without a step a respondent.

Where everybody counts the same, each pattern of answers is looked at once and counted; else one
pass over the respondents serves all groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.raking import Margin, influences
from ..tables import NOT_APPLICABLE, NOT_COLLECTED, STATES, UNKNOWN
from .cells import Array, Cells, Patterns, means_of, patterns
from .columns import Codes

KEYS = ["wave", "unit", "role"]
MARKS = (NOT_COLLECTED, UNKNOWN, NOT_APPLICABLE)  # the state of a cell without a value, by its mark
NOT_ASKED = len(MARKS)  # the mark of a question that a condition kept from the respondent: not applicable
_MOST_COUNTS = 1 << 20  # groups × patterns; beyond it a count would be mostly zeros


@dataclass(frozen=True)
class Groups:
    """Respondents by wave, unit and role: `keys` a row a group, in order of first appearance, and
    which group each respondent is in."""

    keys: pd.DataFrame
    which: Codes

    @property
    def sizes(self) -> NDArray[np.intp]:
        return np.bincount(self.which, minlength=len(self.keys))


@dataclass(frozen=True)
class Means:
    """A mean over respondents by group; NaN where nobody answered, with the state to say instead."""

    value: Array
    n: NDArray[np.intp]
    standard_error: Array
    state: list[str]


def groups_of(people: pd.DataFrame) -> Groups:
    """The groups that some people form."""
    code = np.zeros(len(people), dtype=np.int64)
    for key in KEYS:
        found, distinct = codes_of(people[key])
        if len(distinct) > 1:
            code = code * len(distinct) + found
    which, distinct = pd.factorize(code)
    first = np.zeros(len(distinct), dtype=np.intp)
    first[which[::-1]] = np.arange(len(which) - 1, -1, -1)
    return Groups(people[KEYS].iloc[first].astype("str").reset_index(drop=True), which)


def stacked(keys: pd.DataFrame, parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Parts as one frame, each beside the keys of its groups: `group` numbers these, a row each; the
    rest are columns, where one value counts for every row of its part. A frame a part would take
    longer than all that is in them."""
    sizes = [len(part["group"]) for part in parts]
    which = np.concatenate([part["group"] for part in parts])
    found = {key: keys[key].to_numpy(dtype=object)[which] for key in keys.columns}
    for name in parts[0]:
        if name != "group":
            values = [part[name] for part in parts]
            whole = [np.ndim(value) > 0 for value in values]
            found[name] = np.concatenate(values) if all(whole) else np.repeat(np.array(values, object), sizes)
    return pd.DataFrame(found)


def codes_of(column: pd.Series) -> tuple[Codes, pd.Index]:
    """A column as codes and what they stand for, in order of first appearance. The usual case, one
    wave, unit and role for all, needs no look at the rows."""
    if isinstance(column.dtype, pd.CategoricalDtype) and len(column.cat.categories) == 1:
        return np.zeros(len(column), dtype=np.int8), column.cat.categories
    codes, distinct = pd.factorize(column)
    return codes, pd.Index(distinct)


def group_means(
    questions: Sequence[Cells], groups: Groups, weights: Array, margins: Sequence[Margin] = ()
) -> Means:
    """The mean over respondents of each one's mean over the questions answered, by group, with
    its standard error; of weighted respondents √(n/(n−1)·Σw²(x−m)²)/Σw, of raked ones with the
    `margins` that their weights meet."""
    parts = patterns(questions)
    alike = not margins and bool((weights == weights[:1]).all())
    with np.errstate(invalid="ignore", divide="ignore"):
        if alike and len(parts) == 1 and parts[0].size * len(groups.keys) <= _MOST_COUNTS:
            mean, n, error = _counted(parts[0], groups)
        else:
            mean, n, error = _summed(means_of(questions), groups, weights, margins)
    states = np.full(len(n), STATES[0], dtype=object)
    if not n.all():
        states[n == 0] = _states(questions, groups)[n == 0]
    return Means(mean, n, np.where(n > 1, error, np.nan), list(states))


def counts_of(pattern: Patterns, groups: Groups) -> NDArray[np.intp]:
    """How many of each group answered in each pattern, groups × patterns."""
    both = pattern.codes
    if len(groups.keys) > 1:
        both = groups.which * pattern.size + pattern.codes
    counts = np.bincount(both, minlength=pattern.size * len(groups.keys))
    return counts.reshape(len(groups.keys), pattern.size)


def _counted(pattern: Patterns, groups: Groups) -> tuple[Array, NDArray[np.intp], Array]:
    counts = counts_of(pattern, groups)
    seen = np.flatnonzero(counts.any(axis=0))
    table = np.asarray(pattern.table(seen, "values"), dtype=np.float64)
    means = np.nansum(table, axis=1) / (~np.isnan(table)).sum(axis=1)
    given = ~np.isnan(means)
    means, counts = means[given], counts[:, seen[given]]
    n = counts.sum(axis=1)
    mean = counts @ means / n
    squares = (counts * (means - mean[:, None]) ** 2).sum(axis=1)
    return mean, n, np.sqrt(squares / (n - 1) / n)


def _summed(
    means: Array, groups: Groups, weights: Array, margins: Sequence[Margin] = ()
) -> tuple[Array, NDArray[np.intp], Array]:
    given = ~np.isnan(means)
    x, w, which = means[given], weights[given], groups.which[given]
    size = len(groups.keys)
    n = np.bincount(which, minlength=size)
    weight = np.bincount(which, w, minlength=size)
    mean = np.bincount(which, w * x, minlength=size) / weight
    squares = np.bincount(which, (w * (x - mean[which])) ** 2, minlength=size)
    error = np.sqrt(n / (n - 1) * squares) / weight
    if margins:
        moved = np.nan_to_num(weights * (means - mean[groups.which]))
        for group, square in _raked(moved, groups, weights, margins):
            error[group] = np.sqrt((n[group] - 1) / n[group] * square) / weight[group]
    return mean, n, error


def _raked(
    moved: Array, groups: Groups, weights: Array, margins: Sequence[Margin]
) -> Iterator[tuple[int, float]]:
    """Each group whose weights were raked, with the sum of its squared influences."""
    raked = np.any([margin.codes >= 0 for margin in margins], axis=0)
    for group in np.unique(groups.which[raked]):
        rows = np.flatnonzero(groups.which == group)
        own = [margin.taken(rows) for margin in margins]
        yield int(group), float((influences(moved[rows, None], weights[rows], own) ** 2).sum())


def _states(questions: Sequence[Cells], groups: Groups) -> NDArray[np.object_]:
    """What to say of each group of whom nobody answered: all does not apply, else anything unknown
    is unknown, else nothing was collected."""
    size = len(groups.keys)
    outside, unknown = np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.intp)
    for question in questions:
        marks = question.states
        outside += np.bincount(groups.which[marks >= MARKS.index(NOT_APPLICABLE)], minlength=size)
        unknown += np.bincount(groups.which[marks == MARKS.index(UNKNOWN)], minlength=size)
    states = np.where(unknown > 0, UNKNOWN, NOT_COLLECTED).astype(object)
    states[outside == groups.sizes * len(questions)] = NOT_APPLICABLE
    return states

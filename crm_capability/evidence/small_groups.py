"""Small groups are not told of: a reading of four customers is a reading about them.

A unit's own reading is told however few stand behind it, unless the source or the plan says
otherwise. A breakdown (bands, segments, classes) takes a unit apart, so there a minimum holds
unless it is lifted, and what is left must not tell by subtraction what was left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ..definition.metric_types import Growth, classes_of
from ..definition.metrics import Metrics
from ..methods.suppression import MINIMUM_GROUP, kept_back


def without_small_groups(
    metrics: Metrics, found: Mapping[str, pd.DataFrame], of_plan: int | None
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The figures of each measure without those of small groups, and a note on each measure that
    lost some. `found`: value, n and standard error by wave and unit."""
    told = dict(found)
    notes: list[str] = []
    for key, metric in metrics.every.items():
        if isinstance(metric, Growth):
            continue
        source = metrics.sources[metric.source]
        classes = tuple(classes_of(metric))
        fewest = source.minimum_group or of_plan or (MINIMUM_GROUP if classes else 1)
        names = classes or (key,)
        n = np.nan_to_num(found[names[0]]["n"].to_numpy("float64"))
        hidden = np.tile((n > 0) & (n < fewest), (len(names), 1))
        if classes:
            shares = np.array([found[name]["value"].to_numpy("float64") for name in names])
            hidden |= hidden_classes(np.rint(np.nan_to_num(shares) * n), n, fewest)
        for name, lost in zip(names, hidden, strict=True):
            if lost.any():
                frame = told[name].copy()
                frame.loc[lost, ["value", "standard_error"]] = np.nan
                frame.loc[lost, "n"] = 0
                told[name] = frame
        notes += _notes(f"{metrics.metrics}:", names, hidden, fewest, bool(classes))
    return told, notes


def hidden_classes(counts: np.ndarray, n: np.ndarray, fewest: int) -> np.ndarray:
    """Which of the counts (classes × groups of n) are not told. Whoever is in no class counts as
    one more: of a class that leaves only a few outside, they would be told.

    >>> hidden_classes(np.array([[3.0], [500.0], [497.0]]), np.array([1000.0]), 5)[:, 0].tolist()
    [True, False, True]
    """
    rest = np.maximum(n - counts.sum(axis=0), 0)
    whole = np.vstack([counts, rest]).astype(np.intp)
    totals = np.tile(np.arange(len(n)), len(whole))
    return kept_back(whole.ravel(), totals, fewest).reshape(whole.shape)[:-1]


def _notes(
    file: str, names: tuple[str, ...], hidden: np.ndarray, fewest: int, of_classes: bool
) -> Iterator[str]:
    for name, lost in zip(names, hidden.sum(axis=1), strict=True):
        if lost and of_classes:
            yield (
                f"{file}{name}: {lost} readings are not told, of fewer than {fewest} or telling of so few;"
                " `minimum_group: 1` of the source tells all"
            )
        elif lost:
            yield f"{file}{name}: {lost} readings of fewer than {fewest} are not told"

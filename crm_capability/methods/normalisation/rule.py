"""What every normalisation is: a rule from a measure's readings to its scores.

A method is a frozen model that YAML, JSON Schema and code share. What it learns from data
(`learn`) is a value of its own; `apply` uses it unchanged for every wave. Arrays are
one-dimensional, float64, NaN where a reading is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..model import Model
from ..transformation import Transform

Array: TypeAlias = NDArray[np.float64]
Learned: TypeAlias = Mapping[str, Any]  # parameter -> number, or array of numbers
Better: TypeAlias = Literal["higher", "lower", "target"]
Fit: TypeAlias = Literal["pooled", "baseline", "peers"]

NOTHING: Learned = {}


class Normalisation(Model):
    """A rule from readings to scores."""

    own_direction: ClassVar[bool] = False  # does the method itself say which end is better?
    fitted: ClassVar[bool] = False

    def learn(self, values: Array, better: Better) -> Learned:
        """The parameters that the rows `values` teach; nothing unless the method is fitted."""
        return NOTHING

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        """Scores of `values` (same shape) under parameters learned before."""
        raise NotImplementedError

    def apply_into(self, out: Array, values: Array, learned: Learned, better: Better) -> None:
        """The same, written into `out`: a method that large tables use may spare a copy."""
        out[:] = self.apply(values, learned, better)

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        """The worst and the best score that a reading can take."""
        return 0.0, 100.0

    @property
    def bounded(self) -> bool:
        """Can no reading whatever score beyond the ends?"""
        return False

    def after(self, transform: Transform | None) -> Normalisation:
        """The same rule for values that went through `transform`."""
        return self


class Fitted(Normalisation):
    """A rule whose parameters come from data: all rows, the first wave's, or the peers'."""

    fitted: ClassVar[bool] = True
    fit: Fit = "pooled"

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return observed_ends(self, learned, better)


def extent(values: Array) -> dict[str, float]:
    """The least and the largest of the known values."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return {"min": np.nan, "max": np.nan}
    return {"min": float(known.min()), "max": float(known.max())}


def observed_ends(rule: Normalisation, learned: Learned, better: Better) -> tuple[float, float]:
    """Where a method has no ends of its own: the scores of the extreme fitted values."""
    extremes = rule.apply(np.array([learned["min"], learned["max"]]), learned, better)
    return float(extremes.min()), float(extremes.max())

"""What every weighting is: a rule that weighs the children of one node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..model import Model

Array = NDArray[np.float64]


class WeightingError(ValueError):
    """Weights that cannot be had; the caller says where."""


@dataclass(frozen=True)
class Weighed:
    """Weights that sum to 1, what to record of them, and notes for the reader."""

    weights: Array
    parameters: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Weighting(Model):
    """A rule that weighs the children of one node."""

    needs_scores: ClassVar[bool] = False

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        """Weights in the order of `children`. Raises WeightingError."""
        raise NotImplementedError

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        """What does not fit these children, before any data is read."""
        return []


def names_problems(weights: Mapping[str, float], children: tuple[str, ...]) -> list[str]:
    """Children without a weight, and weights without a child."""
    lacking = [f"{child} has no weight here" for child in children if child not in weights]
    return lacking + [f"{name} is no child here" for name in weights if name not in children]


def to_one(weights: Array) -> Array:
    """The weights, summing to 1."""
    return np.asarray(weights / weights.sum())

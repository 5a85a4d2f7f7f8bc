"""What every aggregation is: a rule from the scores of a node's children to the node's own.

`combine` takes scores of shape (children, rows), NaN where a child is missing, and weights
of shape (children, 1) or (children, rows); the weights of the present children are rescaled
to 1. It gives one score a row, NaN where no child is present. `gradient` gives the partial
derivatives in the same shape, 0 for a missing child: it carries standard errors upwards and,
because every mean here is homogeneous of degree one, splits a score into contributions that
sum to it (Euler's theorem: f(x) = Σ xᵢ ∂f/∂xᵢ).
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..model import Model

Array: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[Any]


def rescaled(scores: Array, weights: Array) -> Array:
    """Weights of the present children, summing to 1 in each row; 0 for missing ones."""
    present = np.where(np.isnan(scores), 0.0, weights)
    total = present.sum(axis=0)
    return np.divide(present, total, out=np.zeros_like(present), where=total > 0)


def missing_children(scores: Array) -> Counts:
    """How many children are missing in each row, as small whole numbers."""
    return np.asarray(
        np.add.reduce(np.isnan(scores), axis=0, dtype=np.uint8 if len(scores) < 256 else np.int64)
    )


class Aggregation(Model):
    """A rule from the children's scores to their parent's."""

    positive_only: ClassVar[bool] = False  # undefined for negative scores, zero for a zero

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        """The parent's score in each row."""
        raise NotImplementedError

    def combine_and_count(
        self, scores: Array, weights: Array, children: tuple[str, ...] = ()
    ) -> tuple[Array, Counts | None]:
        """The parent's score and how many children are missing in each row (None: nowhere any)."""
        return self.combine(scores, weights, children), missing_children(scores)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        """Partial derivatives of the parent's score, child by child."""
        raise NotImplementedError

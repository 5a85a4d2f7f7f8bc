"""A gate: one weak child caps the whole."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..model import Id, Number
from .means import ARITHMETIC
from .rule import Aggregation, Array, rescaled


class Gate(Aggregation):
    """Weighted arithmetic mean, min(mean, `cap`) while the child `on` scores under `below`.

    Where the child has no score the gate stays open. Where the gate and the mean disagree a note
    names the unit, the mean and what caused it.

    Source: a veto threshold, as in Roy (1991) for ELECTRE.
    Use when: without one thing the rest is worth little: safety, legality, data protection.
    Not when: the threshold is not one that a reader would accept at sight.

    >>> rule = Gate(method="gate", on="law", below=50, cap=40)
    >>> rule.combine(np.array([[90.0, 90.0], [49.0, 50.0]]), np.ones((2, 1)), ("sales", "law"))
    array([40., 70.])
    """

    method: Literal["gate"]
    on: Id
    below: Number
    cap: Number

    def _closed(self, scores: Array, children: tuple[str, ...]) -> NDArray[np.bool_]:
        return scores[children.index(self.on)] < self.below

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        mean = ARITHMETIC.combine(scores, weights)
        return np.where(self._closed(scores, children), np.minimum(mean, self.cap), mean)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        shares = rescaled(scores, weights)
        mean = ARITHMETIC.combine(scores, weights)
        return np.where(self._closed(scores, children) & (mean > self.cap), 0.0, shares)

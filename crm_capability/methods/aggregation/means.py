"""Weighted means: arithmetic, geometric, harmonic, power."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from ..model import Number
from .rule import Aggregation, Array, Counts, missing_children, rescaled


class Arithmetic(Aggregation):
    """Weighted arithmetic mean Σ wᵢsᵢ.

    Source: OECD/JRC handbook (2008), section 6 (linear aggregation).
    Use when: strength in one child makes up for weakness in another.
    Not when: a weak child should show: it can be bought off in full.

    >>> Arithmetic(method="arithmetic").combine(np.array([[20.0], [80.0]]), np.array([[1.0], [3.0]]))
    array([65.])
    """

    method: Literal["arithmetic"]

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return self.combine_and_count(scores, weights)[0]

    def combine_and_count(
        self, scores: Array, weights: Array, children: tuple[str, ...] = ()
    ) -> tuple[Array, Counts | None]:
        if weights.shape[1] > 1:
            shares = rescaled(scores, weights)
            total = (shares * _with_zeros(scores)).sum(axis=0)
            return np.where(shares.any(axis=0), total, np.nan), missing_children(scores)
        row = weights[:, 0] / weights.sum()
        mean = row @ scores  # one product, unless somebody is missing
        if not np.count_nonzero(np.isnan(mean)):
            return mean, None
        lacking = missing_children(scores)
        mean = row @ _with_zeros(scores)
        mean /= _weight_present(row, scores, lacking)
        return mean, lacking

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return rescaled(scores, weights)


class Geometric(Aggregation):
    """Weighted geometric mean Π sᵢ^wᵢ.

    A child that scores zero makes it zero; a negative one makes it missing; a note says how often.

    Source: OECD/JRC handbook (2008), section 6; UNDP technical note 1 (since 2010).
    Use when: children are needed together, and the weaker one is the better place to improve.
    Not when: scores may be zero or below: normalise to a range above zero, or take another mean.

    >>> Geometric(method="geometric").combine(np.array([[20.0], [80.0]]), np.ones((2, 1))).round(9)
    array([40.])
    """

    positive_only: ClassVar[bool] = True
    method: Literal["geometric"]

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_mean(scores, rescaled(scores, weights), 0.0)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_gradient(scores, rescaled(scores, weights), 0.0)


class Harmonic(Aggregation):
    """Weighted harmonic mean 1/Σ(wᵢ/sᵢ).

    A child that scores zero makes it zero; a negative one makes it missing; a note says how often.

    Source: Bullen (2003), chapter II, section 1.2.
    Use when: a weak child should cost even more than in a geometric mean.
    Not when: scores may be zero or below.

    >>> Harmonic(method="harmonic").combine(np.array([[20.0], [80.0]]), np.ones((2, 1))).round(9)
    array([32.])
    """

    positive_only: ClassVar[bool] = True
    method: Literal["harmonic"]

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_mean(scores, rescaled(scores, weights), -1.0)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_gradient(scores, rescaled(scores, weights), -1.0)


class Power(Aggregation):
    """Weighted power mean (Σ wᵢsᵢ^p)^(1/p), geometric for p = 0; scores must not be negative.

    Source: Bullen (2003), chapter III, section 1.1 (generalised mean).
    Use when: how far children make up for each other is a choice to be stated, or to be varied.
    Not when: nobody can say why this exponent.

    >>> Power(method="power", exponent=2).combine(np.array([[30.0], [40.0]]), np.ones((2, 1))).round(6)
    array([35.355339])
    """

    positive_only: ClassVar[bool] = True
    method: Literal["power"]
    exponent: Number

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_mean(scores, rescaled(scores, weights), self.exponent)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_gradient(scores, rescaled(scores, weights), self.exponent)


def _with_zeros(scores: Array) -> Array:
    """The scores, zero where they are missing. Where none is negative, fmax does it without a
    branch for the processor to guess wrong: gaps that lie anywhere would cost twice as much."""
    if np.fmin.reduce(scores, axis=None) < 0:
        return np.where(np.isnan(scores), 0.0, scores)
    return np.asarray(np.fmax(scores, 0.0))


def _weight_present(row: Array, scores: Array, lacking: Counts) -> Array:
    """The weight of the children that are there, NaN where nobody is; equal weights are counted,
    not multiplied."""
    if (row == row[0]).all():
        total = np.asarray(row[0] * (len(row) - lacking.astype(np.float64)))
    else:
        total = np.asarray(row @ (~np.isnan(scores)).astype(np.float64))
    total[total == 0] = np.nan
    return total


def _power_mean(scores: Array, shares: Array, exponent: float) -> Array:
    missing = np.isnan(scores)
    with np.errstate(divide="ignore", invalid="ignore"):
        if exponent == 0:
            logs = np.where(missing | (shares == 0), 0.0, np.log(scores))
            mean = np.exp((shares * logs).sum(axis=0))
        else:
            powers = np.where(missing | (shares == 0), 0.0, scores**exponent)
            mean = (shares * powers).sum(axis=0) ** (1.0 / exponent)
    undefined = missing.all(axis=0) | (scores < 0).any(axis=0)
    return np.where(undefined, np.nan, mean)


def _power_gradient(scores: Array, shares: Array, exponent: float) -> Array:
    mean = _power_mean(scores, shares, exponent)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = shares * (scores / mean) ** (exponent - 1.0)
    # at zero the slope of a geometric or harmonic mean is not finite: nothing is attributed
    return np.where(np.isfinite(slopes), slopes, 0.0)


ARITHMETIC = Arithmetic(method="arithmetic")

"""Aggregation: from the scores of a node's children to the node's own score.

`combine` takes scores of shape (children, rows), NaN where a child is missing, and weights
of shape (children, 1) or (children, rows); the weights of the present children are rescaled
to 1. It gives one score a row, NaN where no child is present. `gradient` gives the partial
derivatives in the same shape, 0 for a missing child: it carries standard errors upwards and,
because every mean here is homogeneous of degree one, splits a score into contributions that
sum to it (Euler's theorem: f(x) = Σ xᵢ ∂f/∂xᵢ).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from .model import Id, Model, Number

Array: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[Any]


def rescaled(scores: Array, weights: Array) -> Array:
    """Weights of the present children, summing to 1 in each row; 0 for missing ones."""
    present = np.where(np.isnan(scores), 0.0, weights)
    total = present.sum(axis=0)
    return np.divide(present, total, out=np.zeros_like(present), where=total > 0)


def missing_children(scores: Array) -> Counts:
    """How many children are missing in each row, as small whole numbers."""
    return np.asarray(np.add.reduce(np.isnan(scores), axis=0, dtype=np.uint8 if len(scores) < 256 else np.int64))


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


class Arithmetic(Aggregation):
    """Weighted arithmetic mean Σ wᵢsᵢ.

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
    """Weighted geometric mean Π sᵢ^wᵢ; a zero makes it zero, a negative score missing."""

    positive_only: ClassVar[bool] = True
    method: Literal["geometric"]

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_mean(scores, rescaled(scores, weights), 0.0)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_gradient(scores, rescaled(scores, weights), 0.0)


class Harmonic(Aggregation):
    """Weighted harmonic mean 1/Σ(wᵢ/sᵢ); a zero makes it zero, a negative score missing."""

    positive_only: ClassVar[bool] = True
    method: Literal["harmonic"]

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_mean(scores, rescaled(scores, weights), -1.0)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_gradient(scores, rescaled(scores, weights), -1.0)


class Power(Aggregation):
    """Weighted power mean (Σ wᵢsᵢ^p)^(1/p), geometric for p = 0; scores must not be negative."""

    positive_only: ClassVar[bool] = True
    method: Literal["power"]
    exponent: Number

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_mean(scores, rescaled(scores, weights), self.exponent)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return _power_gradient(scores, rescaled(scores, weights), self.exponent)


class Ordered(Aggregation):
    """Shared by means of the sorted scores: position weights, largest score first.

    The weights of the children play no part. With children missing, position weights for the
    smaller number come from the same cumulative curve (Yager 1996, quantifier-guided).
    """

    def _positions(self, count: int) -> Array:
        raise NotImplementedError

    def _shares(self, scores: Array) -> Array:
        order = np.argsort(np.where(np.isnan(scores), np.inf, -scores), axis=0, kind="stable")
        present = (~np.isnan(scores)).sum(axis=0)
        by_position = np.zeros_like(scores)
        for count in np.unique(present[present > 0]):
            by_position[:count, present == count] = self._positions(int(count))[:, None]
        shares = np.zeros_like(scores)
        np.put_along_axis(shares, order, by_position, axis=0)
        return shares

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        shares = self._shares(scores)
        total = (shares * np.nan_to_num(scores)).sum(axis=0)
        return np.where(np.isnan(scores).all(axis=0), np.nan, total)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return self._shares(scores)


class Minimum(Ordered):
    """The lowest child: a chain is as strong as its weakest link."""

    method: Literal["minimum"]

    def _positions(self, count: int) -> Array:
        return np.eye(count)[-1]


class Maximum(Ordered):
    """The highest child."""

    method: Literal["maximum"]

    def _positions(self, count: int) -> Array:
        return np.eye(count)[0]


class Median(Ordered):
    """The middle child, or the mean of the middle two."""

    method: Literal["median"]

    def _positions(self, count: int) -> Array:
        middle = np.zeros(count)
        middle[(count - 1) // 2] += 0.5
        middle[count // 2] += 0.5
        return middle


class OrderedWeighted(Ordered):
    """Ordered weighted average (Yager 1988): weights belong to places, the best first.

    >>> rule = OrderedWeighted(method="owa", weights=(0.5, 0.3, 0.2))
    >>> rule.combine(np.array([[10.0], [30.0], [20.0]]), np.ones((3, 1)))
    array([23.])
    """

    method: Literal["owa"]
    weights: Annotated[tuple[Annotated[Number, Field(ge=0)], ...], Field(min_length=1)]

    @field_validator("weights")
    @classmethod
    def _some(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if not sum(weights) > 0:
            raise PydanticCustomError("owa", "the weights sum to zero")
        return weights

    def _positions(self, count: int) -> Array:
        curve = np.concatenate([[0.0], np.cumsum(self.weights) / sum(self.weights)])
        at = np.linspace(0.0, 1.0, count + 1)
        return np.diff(np.interp(at, np.linspace(0.0, 1.0, curve.size), curve))


class Gate(Aggregation):
    """Weighted arithmetic mean, capped at `cap` while the child `on` scores below `below`."""

    method: Literal["gate"]
    on: Id
    below: Number
    cap: Number

    def _closed(self, scores: Array, children: tuple[str, ...]) -> NDArray[np.bool_]:
        return scores[children.index(self.on)] < self.below

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        mean = Arithmetic(method="arithmetic").combine(scores, weights)
        return np.where(self._closed(scores, children), np.minimum(mean, self.cap), mean)

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        shares = rescaled(scores, weights)
        mean = Arithmetic(method="arithmetic").combine(scores, weights)
        return np.where(self._closed(scores, children) & (mean > self.cap), 0.0, shares)


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


def _by_name(value: Any) -> Any:
    return {"method": value} if isinstance(value, str) else value


AnyAggregation = Annotated[
    Arithmetic | Geometric | Harmonic | Power | Minimum | Maximum | Median | OrderedWeighted | Gate,
    Field(discriminator="method"),
    BeforeValidator(_by_name),
]
ARITHMETIC = Arithmetic(method="arithmetic")

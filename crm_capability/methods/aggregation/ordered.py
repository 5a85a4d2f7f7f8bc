"""Means of the sorted scores: minimum, maximum, median, ordered weighted average."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from ..model import Number
from .rule import Aggregation, Array


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
    """The lowest child. The weights of the children play no part.

    Source: Yager (1988), the ordered weighted average with all weight on the last place.
    Use when: a chain is as strong as its weakest link.
    Not when: there are many children: the lowest is then often chance.

    >>> Minimum(method="minimum").combine(np.array([[20.0], [80.0]]), np.ones((2, 1)))
    array([20.])
    """

    method: Literal["minimum"]

    def _positions(self, count: int) -> Array:
        return np.eye(count)[-1]


class Maximum(Ordered):
    """The highest child. The weights of the children play no part.

    Source: Yager (1988), the ordered weighted average with all weight on the first place.
    Use when: one way of doing it is enough.
    Not when: the children are parts of one whole.

    >>> Maximum(method="maximum").combine(np.array([[20.0], [80.0]]), np.ones((2, 1)))
    array([80.])
    """

    method: Literal["maximum"]

    def _positions(self, count: int) -> Array:
        return np.eye(count)[0]


class Median(Ordered):
    """The middle child, or the mean of the middle two. The weights of the children play no part.

    Source: OECD/JRC handbook (2008), section 6, among the non-linear rules.
    Use when: single children may be wildly off.
    Not when: there are two or three children.

    >>> Median(method="median").combine(np.array([[20.0], [80.0], [30.0]]), np.ones((3, 1)))
    array([30.])
    """

    method: Literal["median"]

    def _positions(self, count: int) -> Array:
        middle = np.zeros(count)
        middle[(count - 1) // 2] += 0.5
        middle[count // 2] += 0.5
        return middle


class OrderedWeighted(Ordered):
    """Σ vⱼs₍ⱼ₎: weights belong to places, the best first; those of the children play no part.

    With children missing, weights for the smaller number come from the same cumulative curve.

    Source: Yager (1988), equation 1; Yager (1996) for the curve.
    Use when: an attitude is meant: how much the best or the worst child shall count.
    Not when: the children themselves differ in importance.

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

"""Transformations of raw values, before a measure is normalised."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .model import BY_NAME, Model, Number

Array: TypeAlias = NDArray[np.float64]


class NoTransform(Model):
    """The values as they are: for a measure that shall not take the transform of `defaults`.

    Source: none.
    Use when: one measure of many is no amount.
    Not when: no transform stands under `defaults`; leave the key out.
    """

    method: Literal["none"]

    def apply(self, values: Array) -> Array:
        return values


class Log(Model):
    """ln x; a value of zero or below has no logarithm and becomes missing, and a note says so.

    Source: OECD/JRC handbook (2008), section 5; UNDP technical note 1 takes it for income.
    Use when: equal ratios are worth the same: incomes, sizes, waiting times.
    Not when: zero is a real reading.

    >>> Log(method="log").apply(np.array([1.0, 0.0]))
    array([ 0., nan])
    """

    method: Literal["log"]

    def apply(self, values: Array) -> Array:
        return np.log(np.where(values > 0, values, np.nan))


class BoxCox(Model):
    """(x^λ − 1)/λ, ln x for λ = 0. A value of zero or below becomes missing, and a note says so.

    Source: Box and Cox (1964), equation 1.
    Use when: a logarithm bends too much or too little.
    Not when: readers are to follow the arithmetic.

    >>> BoxCox.model_validate({"method": "box-cox", "lambda": 0.5}).apply(np.array([4.0]))
    array([2.])
    """

    method: Literal["box-cox"]
    power: Number = Field(alias="lambda")

    def apply(self, values: Array) -> Array:
        positive = np.where(values > 0, values, np.nan)
        if self.power == 0:
            return np.log(positive)
        return (positive**self.power - 1.0) / self.power


Transform = Annotated[Log | BoxCox | NoTransform, Field(discriminator="method"), BY_NAME]


def transformed(transform: Transform | None, values: Array) -> Array:
    """The values after the transform, if there is one."""
    return values if transform is None else transform.apply(values)

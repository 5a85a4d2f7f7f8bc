"""Transformations of raw values, before a measure is normalised."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from .model import Model, Number

Array: TypeAlias = NDArray[np.float64]


class Log(Model):
    """ln x; a value of zero or below has no logarithm and becomes missing."""

    method: Literal["log"]

    def apply(self, values: Array) -> Array:
        return np.log(np.where(values > 0, values, np.nan))


class BoxCox(Model):
    """(x^λ − 1)/λ, ln x for λ = 0; Box and Cox (1964), equation 1. Positive values only.

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


def _by_name(value: Any) -> Any:
    return {"method": value} if isinstance(value, str) else value


Transform = Annotated[Union[Log, BoxCox], Field(discriminator="method"), BeforeValidator(_by_name)]


def transformed(transform: Transform | None, values: Array) -> Array:
    """The values after the transform, if there is one."""
    return values if transform is None else transform.apply(values)

"""Aggregation: from the scores of a node's children to the node's own score."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from .fuzzy import Fuzzy, Grade
from .gate import Gate
from .means import ARITHMETIC, Arithmetic, Geometric, Harmonic, Power
from .ordered import Maximum, Median, Minimum, OrderedWeighted
from .rule import Aggregation, Array, Counts, rescaled


def _by_name(value: Any) -> Any:
    return {"method": value} if isinstance(value, str) else value


AnyAggregation = Annotated[
    Arithmetic
    | Geometric
    | Harmonic
    | Power
    | Minimum
    | Maximum
    | Median
    | OrderedWeighted
    | Fuzzy
    | Gate,
    Field(discriminator="method"),
    BeforeValidator(_by_name),
]

__all__ = [
    "ARITHMETIC",
    "Aggregation",
    "AnyAggregation",
    "Arithmetic",
    "Array",
    "Counts",
    "Fuzzy",
    "Gate",
    "Geometric",
    "Grade",
    "Harmonic",
    "Maximum",
    "Median",
    "Minimum",
    "OrderedWeighted",
    "Power",
    "rescaled",
]

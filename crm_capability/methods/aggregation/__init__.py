"""Aggregation: from the scores of a node's children to the node's own score."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..model import BY_NAME
from .fuzzy import Fuzzy, Grade, Spread
from .gate import Gate
from .means import ARITHMETIC, Arithmetic, Geometric, Harmonic, Power
from .ordered import Maximum, Median, Minimum, OrderedWeighted
from .rule import Aggregation, Array, Counts, missing_children, rescaled

AnyAggregation = Annotated[
    Arithmetic | Geometric | Harmonic | Power | Minimum | Maximum | Median | OrderedWeighted | Fuzzy | Gate,
    Field(discriminator="method"),
    BY_NAME,
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
    "Spread",
    "missing_children",
    "rescaled",
]

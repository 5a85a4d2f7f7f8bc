"""A pool of peers: what others scored, without saying who they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ..methods.model import Id, Model, Number, Text, UnitId, Version, Whole, Words
from ..methods.statistics import quantiles
from .days import Day

# Fewer than this, and a figure would tell of somebody in particular (k-anonymity with k = 5).
FEWEST = 5
LEVELS = (10, 25, 50, 75, 90)


class Ordered:
    """Numbers from low to high, held as one array: ten thousand of them are read, compared and
    written faster so. In a file they stand as numbers parted by blanks, or as a list."""

    def __init__(self, values: NDArray[np.float64]):
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[float]:
        return iter(self.values.tolist())

    def __getitem__(self, place: int) -> float:
        return float(self.values[place])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Ordered | tuple | list):
            return np.array_equal(self.values, np.asarray(getattr(other, "values", other), dtype=float))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.values.tobytes())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(lambda one: one.values.tolist())
        return core_schema.no_info_plain_validator_function(_ordered, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]}


def _ordered(value: Any) -> Ordered:
    words = value.split() if isinstance(value, str) else value if isinstance(value, list) else [value]
    try:
        if any(isinstance(word, bool) or not isinstance(word, str | int | float) for word in words):
            raise ValueError
        found = np.array([float(word) for word in words])
    except ValueError:
        raise PydanticCustomError("numbers", "not numbers parted by blanks") from None
    if not np.isfinite(found).all():
        raise PydanticCustomError("numbers", "not numbers parted by blanks")
    if (np.diff(found) < 0).any():
        raise PydanticCustomError("pool", "scores must rise from low to high")
    return Ordered(found)


class Quantiles(Model):
    """Five quantiles, interpolated linearly between the two nearest (Hyndman and Fan's type 7)."""

    p10: Number
    p25: Number
    p50: Number
    p75: Number
    p90: Number

    @classmethod
    def of(cls, values: Any) -> Quantiles:
        """The quantiles of some numbers.

        >>> Quantiles.of([1, 2, 3, 4, 5]).p75
        4.0
        """
        return cls.of_ordered(np.sort(np.asarray(values, dtype=float)))

    @classmethod
    def of_ordered(cls, ordered: NDArray[np.float64]) -> Quantiles:
        """The same of numbers from low to high."""
        found = quantiles(ordered, LEVELS)
        return cls(**{f"p{level}": float(value) for level, value in zip(LEVELS, found, strict=True)})


class PoolReadings(Model):
    """Readings of one measure, in its own unit: how many, and how they spread."""

    n: Annotated[Whole, Field(ge=FEWEST)]
    unit: Text
    quantiles: Quantiles


class PoolScores(Model):
    """Scores at one node, low to high: as they are nobody's, they make percentiles exact."""

    n: Annotated[Whole, Field(ge=FEWEST)]
    quantiles: Quantiles
    scores: Ordered

    @model_validator(mode="after")
    def _in_order(self) -> PoolScores:
        if self.n != len(self.scores):
            raise PydanticCustomError("pool", f"n is {self.n}, and there are {len(self.scores)} scores")
        told = list(self.quantiles.model_dump().values())
        if not np.allclose(list(Quantiles.of_ordered(self.sorted).model_dump().values()), told):
            raise PydanticCustomError("pool", "the quantiles are not those of the scores")
        return self

    @classmethod
    def of(cls, ordered: NDArray[np.float64]) -> PoolScores:
        """Of scores that are in order already."""
        return cls.model_construct(
            n=len(ordered), quantiles=Quantiles.of_ordered(ordered), scores=Ordered(ordered)
        )

    @property
    def sorted(self) -> NDArray[np.float64]:
        """The scores as an array."""
        return self.scores.values


class Pool(Model):
    """A whole pool file.

    `scale` is a hash of what else than the framework decides a score (fitted ranges and weights),
    `members` holds one of the id and all the scores of each peer: who has both finds itself there,
    and nobody is named who has not agreed.
    """

    pool: Id
    version: Version
    title: Text | None = None
    framework: Id
    framework_version: Version
    wave: Id | None = None
    start: Day | None = Field(default=None, alias="from")
    end: Day | None = Field(default=None, alias="to")
    sector: Text | None = None
    source: Annotated[Text, Field()]
    scale: Words
    peers: Annotated[Whole, Field(ge=FEWEST)]
    members: tuple[Words, ...]
    left_out: tuple[Id, ...] = ()
    named: dict[UnitId, dict[Id, Number]] = {}  # peers who agreed to it, with their scores
    nodes: Annotated[dict[Id, PoolScores], Field(min_length=1)]
    groups: dict[Words, dict[Words, dict[Id, PoolScores]]] = {}  # by attribute, and what units are by it
    readings: dict[Id, PoolReadings] = {}

    @model_validator(mode="after")
    def _hides_the_others(self) -> Pool:
        left = self.peers - len(self.named)
        if self.named and 0 < left < FEWEST:
            raise PydanticCustomError(
                "named",
                f"{len(self.named)} of {self.peers} peers are named, which gives the other {left} away",
            )
        return self

    @property
    def year(self) -> int | None:
        """The year in which its figures end."""
        return None if self.end is None else self.end.year

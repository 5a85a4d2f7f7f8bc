"""A pool of peers: what others scored, without saying who they are."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Number, Text, UnitId, Version, Whole, Words
from .days import Day

# Fewer than this, and a figure would tell of somebody in particular (k-anonymity with k = 5).
FEWEST = 5
LEVELS = (10, 25, 50, 75, 90)


def _numbers(value: Any) -> Any:
    """Numbers parted by blanks: ten thousand of them read faster so than as a list."""
    if isinstance(value, str):
        try:
            value = [float(word) for word in value.split()]
        except ValueError:
            raise PydanticCustomError("numbers", "not numbers parted by blanks") from None
    return [value] if isinstance(value, int | float) else value


Numbers = Annotated[tuple[Number, ...], BeforeValidator(_numbers)]


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
        found = np.percentile(values, LEVELS)
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
    scores: Numbers

    @model_validator(mode="after")
    def _in_order(self) -> PoolScores:
        if self.n != len(self.scores):
            raise PydanticCustomError("pool", f"n is {self.n}, and there are {len(self.scores)} scores")
        if (np.diff(self.sorted) < 0).any():
            raise PydanticCustomError("pool", "scores must rise from low to high")
        if not np.allclose(
            list(Quantiles.of(self.scores).model_dump().values()), list(self.quantiles.model_dump().values())
        ):
            raise PydanticCustomError("pool", "the quantiles are not those of the scores")
        return self

    @property
    def sorted(self) -> NDArray[np.float64]:
        """The scores as an array."""
        return np.array(self.scores, dtype=float)


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

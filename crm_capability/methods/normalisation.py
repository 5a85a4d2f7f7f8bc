"""Normalisation: from a measure's own unit to a score.

A method is a frozen model that YAML, JSON Schema and code share. What it learns from data
(`learn`) is a value of its own; `apply` uses it unchanged for every wave. Arrays are
one-dimensional, float64, NaN where a reading is missing.

Goalposts, likert, piecewise and none learn nothing: their bounds are part of the definition.
The others learn from the rows that `fit` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .model import Model, Number
from .transformation import Transform, transformed

Array: TypeAlias = NDArray[np.float64]
Learned: TypeAlias = Mapping[str, Any]  # parameter -> number, or array of numbers
Better: TypeAlias = Literal["higher", "lower", "target"]
Fit: TypeAlias = Literal["pooled", "baseline", "peers"]

NOTHING: Learned = {}


class Normalisation(Model):
    """A rule from readings to scores."""

    own_direction: ClassVar[bool] = False  # does the method itself say which end is better?
    fitted: ClassVar[bool] = False

    def learn(self, values: Array, better: Better) -> Learned:
        """The parameters that the rows `values` teach; nothing unless the method is fitted."""
        return NOTHING

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        """Scores of `values` (same shape) under parameters learned before."""
        raise NotImplementedError

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        """The worst and the best score that a reading can take."""
        return 0.0, 100.0

    @property
    def bounded(self) -> bool:
        """Can no reading whatever score beyond the ends?"""
        return False

    def after(self, transform: Transform | None) -> Normalisation:
        """The same rule for values that went through `transform`."""
        return self


class Goalposts(Normalisation):
    """100·(x − worst)/(best − worst), held between 0 and 100 unless `truncate: false`.

    UNDP, Human Development Report technical note 1, equation 1.

    >>> Goalposts(method="goalposts", worst=30, best=1).apply(np.array([30.0, 15.5, 0.0]), NOTHING, "lower")
    array([  0.,  50., 100.])
    """

    own_direction: ClassVar[bool] = True
    method: Literal["goalposts"]
    worst: Number
    best: Number
    truncate: bool = True

    @model_validator(mode="after")
    def _apart(self) -> Goalposts:
        if self.worst == self.best:
            raise PydanticCustomError("goalposts", "worst and best are the same point")
        return self

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        scores = values - self.worst
        scores *= 100.0 / (self.best - self.worst)
        if self.truncate:
            scores.clip(0.0, 100.0, out=scores)
        return scores

    @property
    def bounded(self) -> bool:
        return self.truncate

    def after(self, transform: Transform | None) -> Goalposts:
        if transform is None:
            return self
        worst, best = transformed(transform, np.array([self.worst, self.best]))
        return self.model_copy(update={"worst": float(worst), "best": float(best)})


class Likert(Normalisation):
    """100·(x − min)/(max − min): a mean answer on a rating scale as a share of its span.

    >>> Likert(method="likert", min=1, max=5).apply(np.array([4.0]), NOTHING, "higher")
    array([75.])
    """

    method: Literal["likert"]
    min: Number
    max: Number

    @model_validator(mode="after")
    def _ordered(self) -> Likert:
        if self.min >= self.max:
            raise PydanticCustomError("likert", "min must be below max")
        return self

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        if better == "lower":
            return (self.max - values) * (100.0 / (self.max - self.min))
        return (values - self.min) * (100.0 / (self.max - self.min))

    @property
    def bounded(self) -> bool:
        return True

    def after(self, transform: Transform | None) -> Likert:
        if transform is None:
            return self
        low, high = transformed(transform, np.array([self.min, self.max]))
        return self.model_copy(update={"min": float(low), "max": float(high)})


class Piecewise(Normalisation):
    """Straight lines between given points (x, score); flat beyond the ends.

    >>> Piecewise(method="piecewise", points=[[0, 0], [10, 80], [20, 100]]).apply(np.array([5.0, 25.0]), NOTHING, "higher")
    array([ 40., 100.])
    """

    own_direction: ClassVar[bool] = True
    method: Literal["piecewise"]
    points: Annotated[tuple[tuple[Number, Number], ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _rising(self) -> Piecewise:
        if np.any(np.diff([x for x, _ in self.points]) <= 0):
            raise PydanticCustomError("piecewise", "the x of the points must rise from point to point")
        return self

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        x, scores = np.array(self.points).T
        return np.asarray(np.interp(values, x, scores))

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        scores = [score for _, score in self.points]
        return min(scores), max(scores)

    @property
    def bounded(self) -> bool:
        return True

    def after(self, transform: Transform | None) -> Piecewise:
        if transform is None:
            return self
        x = transformed(transform, np.array([x for x, _ in self.points]))
        points = tuple((float(new), score) for new, (_, score) in zip(x, self.points, strict=True))
        return self.model_copy(update={"points": points})


class Identity(Normalisation):
    """The reading is the score already (turned round where lower is better)."""

    method: Literal["none"]

    def learn(self, values: Array, better: Better) -> Learned:
        return _extent(values)

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        return -values if better == "lower" else values.copy()

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return _observed_ends(self, learned, better)


class Fitted(Normalisation):
    """A rule whose parameters come from data: all rows, the first wave's, or the peers'."""

    fitted: ClassVar[bool] = True
    fit: Fit = "pooled"

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return _observed_ends(self, learned, better)


class MinMax(Fitted):
    """low + (high − low)·(x − min)/(max − min); OECD/JRC handbook (2008), section 5.3.

    A column without spread gives every unit the middle of the range.

    >>> rule = MinMax(method="min-max"); x = np.array([2.0, 4.0, 6.0])
    >>> rule.apply(x, rule.learn(x, "lower"), "lower")
    array([100.,  50.,   0.])
    """

    method: Literal["min-max"]
    low: Number = 0.0
    high: Number = 100.0

    @model_validator(mode="after")
    def _ordered(self) -> MinMax:
        if self.low >= self.high:
            raise PydanticCustomError("min-max", "low must be below high")
        return self

    def learn(self, values: Array, better: Better) -> Learned:
        return _extent(values)

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        least, most = learned["min"], learned["max"]
        if not most > least:
            return np.where(np.isnan(values), np.nan, (self.low + self.high) / 2)
        share = (most - values if better == "lower" else values - least) / (most - least)
        return self.low + (self.high - self.low) * share

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return self.low, self.high


class ZScore(Fitted):
    """mean + sd·(x − m)/s with s over n − 1; OECD/JRC handbook (2008), section 5.2.

    A column without spread gives every unit the mean.

    >>> rule = ZScore(method="z-score", mean=10, sd=2); x = np.array([1.0, 2.0, 3.0])
    >>> rule.apply(x, rule.learn(x, "higher"), "higher")
    array([ 8., 10., 12.])
    """

    method: Literal["z-score"]
    mean: Number = 0.0
    sd: Annotated[Number, Field(gt=0)] = 1.0

    def learn(self, values: Array, better: Better) -> Learned:
        known = values[~np.isnan(values)]
        spread = float(known.std(ddof=1)) if known.size > 1 else 0.0
        if known.size and not np.ptp(known) > 0:  # equal values whose mean is not exact
            spread = 0.0
        centre = float(known.mean()) if known.size else np.nan
        return {"mean": centre, "sd": spread, **_extent(values)}

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        if not learned["sd"] > 0:
            return np.where(np.isnan(values), np.nan, self.mean)
        sign = -1.0 if better == "lower" else 1.0
        return self.mean + sign * self.sd * (values - learned["mean"]) / learned["sd"]


class Ranking(Fitted):
    """Shared by the rank methods: a place among the fitted values, best highest."""

    ties: Literal["min", "average"] = "min"

    def learn(self, values: Array, better: Better) -> Learned:
        return {"value": np.sort(values[~np.isnan(values)]), **_extent(values)}

    def _rank(self, values: Array, learned: Learned, better: Better) -> Array:
        """1 for the worst of the fitted values; a value between two of them takes the
        place it would have pushed into."""
        reference = np.asarray(learned["value"])
        if better == "lower":
            worse = reference.size - np.searchsorted(reference, values, side="right")
            not_better = reference.size - np.searchsorted(reference, values, side="left")
        else:
            worse = np.searchsorted(reference, values, side="left")
            not_better = np.searchsorted(reference, values, side="right")
        rank = worse + 1.0
        if self.ties == "average":
            rank += np.maximum(not_better - worse - 1, 0) / 2
        return np.where(np.isnan(values), np.nan, rank)


class Rank(Ranking):
    """The place among the fitted rows: 1 is the worst, n the best."""

    method: Literal["rank"]

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        return self._rank(values, learned, better)


class Borda(Ranking):
    """Borda points: the number of fitted rows that are worse; rank − 1."""

    method: Literal["borda"]

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        return self._rank(values, learned, better) - 1.0


class PercentileRank(Ranking):
    """100·(rank − 1)/(n − 1). One row alone stands in the middle."""

    method: Literal["percentile-rank"]

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        count = np.asarray(learned["value"]).size
        if count < 2:
            return np.where(np.isnan(values), np.nan, 50.0)
        return 100.0 * (self._rank(values, learned, better) - 1.0) / (count - 1)

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return 0.0, 100.0


class Target(Fitted):
    """100·(x − w)/(target − w): the way from the worst fitted value to a target.

    `w` is the fitted minimum, or the maximum where lower is better; `cap` stops at 100.
    """

    method: Literal["target"]
    target: Number
    cap: bool = False

    def learn(self, values: Array, better: Better) -> Learned:
        return _extent(values)

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        worst = learned["max"] if better == "lower" else learned["min"]
        if self.target == worst:  # nobody has any way to go
            reached = values <= self.target if better == "lower" else values >= self.target
            return np.where(np.isnan(values), np.nan, np.where(reached, 100.0, 0.0))
        scores = 100.0 * (values - worst) / (self.target - worst)
        return np.minimum(scores, 100.0) if self.cap else scores

    def after(self, transform: Transform | None) -> Target:
        if transform is None:
            return self
        return self.model_copy(update={"target": float(transformed(transform, np.array([self.target]))[0])})


def _extent(values: Array) -> dict[str, float]:
    known = values[~np.isnan(values)]
    if known.size == 0:
        return {"min": np.nan, "max": np.nan}
    return {"min": float(known.min()), "max": float(known.max())}


def _observed_ends(rule: Normalisation, learned: Learned, better: Better) -> tuple[float, float]:
    """Where a method has no ends of its own: the scores of the extreme fitted values."""
    extremes = rule.apply(np.array([learned["min"], learned["max"]]), learned, better)
    return float(extremes.min()), float(extremes.max())


def _by_name(value: Any) -> Any:
    return {"method": value} if isinstance(value, str) else value


AnyNormalisation = Annotated[
    Union[Goalposts, Likert, Piecewise, Identity, MinMax, ZScore, Rank, Borda, PercentileRank, Target],
    Field(discriminator="method"),
    BeforeValidator(_by_name),
]

"""Rules that measure against the range or the spread of the fitted rows."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..model import Number
from ..transformation import Transform, transformed
from .rule import Array, Better, Fitted, Learned, extent


class MinMax(Fitted):
    """low + (high − low)·(x − min)/(max − min), min and max those of the fitted rows.

    A column without spread gives every unit the middle of the range, and a note says so. A later
    reading beyond the fitted ends scores beyond `low` and `high`.

    Source: OECD/JRC handbook (2008), section 5.3, with its range.
    Use when: units are to be told apart within the data at hand.
    Not when: an outlier holds one end (treat it first), or units come and go between waves.

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
        return extent(values)

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        least, most = learned["min"], learned["max"]
        if not most > least:
            return np.where(np.isnan(values), np.nan, (self.low + self.high) / 2)
        share = (most - values if better == "lower" else values - least) / (most - least)
        return self.low + (self.high - self.low) * share

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return self.low, self.high


class ZScore(Fitted):
    """mean + sd·(x − m)/s, m and s those of the fitted rows, s over n − 1.

    A column without spread gives every unit the mean, and a note says so.

    Source: OECD/JRC handbook (2008), section 5.2.
    Use when: being exceptional shall count: extreme readings keep extreme scores.
    Not when: the parent's mean is geometric or harmonic: half the scores are negative unless
    `mean` lifts them.

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
        return {"mean": centre, "sd": spread, **extent(values)}

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        if not learned["sd"] > 0:
            return np.where(np.isnan(values), np.nan, self.mean)
        sign = -1.0 if better == "lower" else 1.0
        return self.mean + sign * self.sd * (values - learned["mean"]) / learned["sd"]


class Target(Fitted):
    """100·(x − w)/(target − w): the way from the worst fitted value w to a target.

    `w` is the fitted minimum, or the maximum where lower is better; `cap` stops at 100. Where w
    is the target itself nobody has any way to go: a reading at or beyond it scores 100, else 0.

    Source: OECD/JRC handbook (2008), section 5 (distance to a reference), from the worst value
    as in the distance-to-target method of COINr (Becker et al. 2022).
    Use when: a target was set, and what counts is how much of the way is behind.
    Not when: the target lies inside the data and going past it is no better: set `cap`.

    >>> rule = Target(method="target", target=90); x = np.array([40.0, 65.0, 90.0])
    >>> rule.apply(x, rule.learn(x, "higher"), "higher")
    array([  0.,  50., 100.])
    """

    method: Literal["target"]
    target: Number
    cap: bool = False

    def learn(self, values: Array, better: Better) -> Learned:
        return extent(values)

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

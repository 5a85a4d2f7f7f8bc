"""Rules whose bounds are part of the definition: goalposts, likert, piecewise, none.

They learn nothing: a score does not depend on who else is assessed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..model import Number
from ..transformation import Transform, transformed
from .rule import Array, Better, Learned, Normalisation, extent, observed_ends


class Goalposts(Normalisation):
    """100·(x − worst)/(best − worst), held between 0 and 100 unless `truncate: false`.

    Source: UNDP, Human Development Report 2023/24, technical note 1, equation 1.
    Use when: the ends mean something outside the data, so that scores may be compared over years
    and with units that come later.
    Not when: nobody can defend the two points; the score then says more of them than of the unit.

    >>> Goalposts(method="goalposts", worst=30, best=1).apply(np.array([30.0, 15.5, 0.0]), {}, "lower")
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
        scores = np.empty_like(values)
        self.apply_into(scores, values, learned, better)
        return scores

    def apply_into(self, out: Array, values: Array, learned: Learned, better: Better) -> None:
        self.apply_between(out, values, self.worst, self.best)

    def apply_between(self, out: Array, values: Array, worst: float | Array, best: float | Array) -> None:
        """The same with other ends that lie the same way round, one for all values or many."""
        if self.best > self.worst:
            np.subtract(values, worst, out=out)
            out *= 100.0 / (best - worst)
        else:  # turned round, so that the worst point scores 0 and not −0
            np.subtract(worst, values, out=out)
            out *= 100.0 / (worst - best)
        if self.truncate:
            out.clip(0.0, 100.0, out=out)

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

    Source: the percentage-of-scale-maximum score (Cohen, Cohen, Aiken and West 1999, equation 1).
    Use when: the reading is a mean of answers on a scale with fixed ends.
    Not when: the answers pile up at one end; the middle of the scale is then no middle of people.

    >>> Likert(method="likert", min=1, max=5).apply(np.array([4.0]), {}, "higher")
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

    Source: a piecewise linear value function (von Winterfeldt and Edwards 1986, chapter 7).
    Use when: a step in the middle of the range is worth more than one at its end, or both too
    much and too little are bad.
    Not when: two points would do: use goalposts.

    >>> Piecewise(method="piecewise", points=[[0, 0], [10, 80], [20, 100]]).apply(np.array([5.0, 25.0]), {}, "higher")
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
    """The reading is the score already (turned round, as −x, where lower is better).

    Source: OECD/JRC handbook (2008), section 5, "no normalisation".
    Use when: the readings come as scores on the framework's own range.
    Not when: siblings have other units: a mean of them means nothing.

    >>> Identity(method="none").apply(np.array([40.0]), {}, "higher")
    array([40.])
    """

    method: Literal["none"]

    def learn(self, values: Array, better: Better) -> Learned:
        return extent(values)

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        return -values if better == "lower" else values.copy()

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return observed_ends(self, learned, better)

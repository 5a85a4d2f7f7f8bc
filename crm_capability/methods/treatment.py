"""Treatment of outliers, before a measure is transformed and normalised.

What a treatment learns (limits, or the shift of a logarithm) comes from the same rows as the
normalisation and is applied unchanged to every wave. A measure whose distribution is no trouble
is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .model import BY_NAME, Model, Positive, Whole
from .transformation import BoxCox, Log

Array: TypeAlias = NDArray[np.float64]
Learned: TypeAlias = Mapping[str, float]


Then = Annotated[Log | BoxCox, Field(discriminator="method"), BY_NAME]


class NoTreatment(Model):
    """The readings as they are: for a measure that shall not take the treatment of `defaults`.

    Source: none.
    Use when: the measure's extremes are the point.
    Not when: no treatment stands under `defaults`; leave the key out.
    """

    method: Literal["none"]


class Winsorise(Model):
    """Outliers take the value of the next reading, one after the other, until the measure passes.

    A measure passes if |skewness| < `skew` or excess kurtosis < `kurtosis`. Until it does, the
    highest reading (the lowest, where the skew is negative) moves to the next one; tied readings
    move together. Where that would move more than `max_points` readings, and `then` is given, the
    limits are dropped and `then` is applied to the raw readings: `log` = ln(x − min + 0.01·(max −
    min)), `box-cox` on x − min + 1, min and max those of the fitted rows; with `combine`, to the
    winsorised ones. Without `then` the limits found so far stay. A later reading below the fitted
    min counts as the min. Fewer than four readings, or equal ones, always pass.

    Source: OECD/JRC handbook (2008), section 4 and step 5 of its toolbox; the two stages and
    their defaults are those of COINr (Becker et al. 2022), `Treat` with `winsorise` and `log_CT`.
    Use when: a few extreme readings squeeze all others into a corner of the scale.
    Not when: the extreme readings are the point, or the measure has goalposts: those already say
    where more stops counting.

    >>> rule = Winsorise(method="winsorise"); x = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100])
    >>> learned = rule.learn(x); learned["high"], learned["points"]
    (10.0, 1.0)
    >>> rule.apply(np.array([5.0, 70.0]), learned)
    array([ 5., 10.])
    """

    method: Literal["winsorise"]
    max_points: Annotated[Whole, Field(ge=0)] = 5
    skew: Positive = 2.0
    kurtosis: Positive = 3.5
    then: Then | None = None
    combine: bool = False

    def learn(self, values: Array) -> Learned:
        """Limits, or the range that `then` needs, from the readings of the fitted rows."""
        known = values[~np.isnan(values)]
        found = {"skewness": skewness(known), "kurtosis": kurtosis(known)}
        if self._passes(known):
            return found
        treated, limits = self._winsorised(known)
        if self.then is None or self._passes(treated):
            return {**found, **limits}
        base = treated if self.combine else known
        dropped = limits if self.combine else {}
        return {**found, **dropped, "then_min": float(base.min()), "then_max": float(base.max())}

    def apply(self, values: Array, learned: Learned) -> Array:
        """The readings as they go on, under what was learned."""
        if "high" in learned or "low" in learned:
            values = np.clip(values, learned.get("low", -np.inf), learned.get("high", np.inf))
        if "then_min" not in learned:
            return values
        least, most = learned["then_min"], learned["then_max"]
        raised = np.maximum(values, least) - least
        if isinstance(self.then, Log):
            return np.asarray(np.log(raised + 0.01 * (most - least)))
        assert isinstance(self.then, BoxCox)
        return self.then.apply(raised + 1.0)

    def _passes(self, known: Array) -> bool:
        skew, peaked = skewness(known), kurtosis(known)
        return bool(np.isnan(skew) or np.isnan(peaked) or abs(skew) < self.skew or peaked < self.kurtosis)

    def _winsorised(self, known: Array) -> tuple[Array, dict[str, float]]:
        """The readings with as many outliers moved as it takes, and the limits they moved to."""
        treated, limits, moved = known, {"points": 0.0}, 0
        while not self._passes(treated):
            side = "high" if skewness(treated) >= 0 else "low"
            end = treated.max() if side == "high" else treated.min()
            others = treated[treated != end]  # never empty: equal readings pass
            limit = float(others.max() if side == "high" else others.min())
            further = np.clip(known, limits.get("low", -np.inf), limits.get("high", np.inf))
            further = np.minimum(further, limit) if side == "high" else np.maximum(further, limit)
            moved = int((further != known).sum())
            if moved > self.max_points:
                break
            treated, limits = further, {**limits, side: limit, "points": float(moved)}
        return treated, limits


def skewness(known: Array) -> float:
    """Skewness corrected for bias, G₁ = n/((n − 1)(n − 2))·Σz³ (Joanes and Gill 1998); NaN for
    fewer than four readings and for equal ones.

    >>> round(skewness(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 100])), 4)
    3.0632
    """
    n = known.size
    z = _standardised(known)
    return float(n / ((n - 1) * (n - 2)) * (z**3).sum()) if z is not None else np.nan


def kurtosis(known: Array) -> float:
    """Excess kurtosis corrected for bias, G₂ (Joanes and Gill 1998); NaN as for skewness."""
    n = known.size
    z = _standardised(known)
    if z is None:
        return np.nan
    whole = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * (z**4).sum()
    return float(whole - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))


def _standardised(known: Array) -> Array | None:
    if known.size < 4 or not np.ptp(known) > 0:
        return None
    return np.asarray((known - known.mean()) / known.std(ddof=1))


Treatment = Annotated[Winsorise | NoTreatment, Field(discriminator="method"), BY_NAME]

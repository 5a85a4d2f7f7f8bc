"""Shrinkage: figures that rest on little drawn toward what their peers say together.

Empirical Bayes: how much the peers truly differ is estimated from the figures themselves, and each
figure keeps as much of its own as its precision deserves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEWEST = 4  # with three or fewer, Stein's estimator is no better than the figures themselves


@dataclass(frozen=True)
class Shrunk:
    """The figures after shrinkage, what they were drawn toward, and the share each keeps of its own."""

    values: Array
    mean: float
    own: Array


def between_variance(values: Array, variances: Array) -> float:
    """The variance of the true figures, by moments (DerSimonian and Laird 1986, their eq. 8).

    >>> round(between_variance(np.array([1.0, 3.0, 5.0]), np.array([1.0, 1.0, 1.0])), 9)
    3.0
    """
    weight = 1.0 / variances
    total = weight.sum()
    mean = (weight * values).sum() / total
    scatter = (weight * (values - mean) ** 2).sum()
    spread = total - (weight**2).sum() / total
    return float(max(0.0, (scatter - (len(values) - 1)) / spread)) if spread > 0 else 0.0


def normal_shrinkage(values: Array, variances: Array) -> Shrunk:
    """Figures with known sampling variances (above zero), shape (k,), drawn toward their mean.

    The share given up is (k − 3)/(k − 1) · v/(v + τ²) (Morris 1983, section 3); for equal variances
    that is the estimator of James and Stein about the mean (Efron and Morris 1975, eq. 1.4). Fewer
    than four figures stay as they are.
    """
    k = len(values)
    if k < FEWEST:
        return Shrunk(values, float("nan"), np.ones(k))
    between = between_variance(values, variances)
    weight = 1.0 / (variances + between)
    mean = float((weight * values).sum() / weight.sum())
    own = 1.0 - (k - 3) / (k - 1) * variances * weight
    return Shrunk(mean + own * (values - mean), mean, own)


def beta_binomial_shrinkage(shares: Array, cases: Array) -> Shrunk:
    """Shares of so many cases each, shape (k,), drawn toward the share of all cases together.

    The beta distribution of the true shares is fitted by moments, each share weighted by its cases
    (Kleinman 1973); a share of n cases keeps n/(n + M), M = (1 − ρ)/ρ, ρ the correlation of two
    cases of one peer. Without any, all take the common share. Fewer than four stay as they are.

    >>> beta_binomial_shrinkage(np.array([0.5, 0.5, 0.5, 0.5]), np.array([3.0, 9.0, 30.0, 90.0])).own.tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    k = len(shares)
    if k < FEWEST:
        return Shrunk(shares, float("nan"), np.ones(k))
    part = cases / cases.sum()
    mean = float((part * shares).sum())
    one = mean * (1.0 - mean)
    if one <= 0:  # all or none, everywhere
        return Shrunk(shares, mean, np.zeros(k))
    chance = one * (1.0 - part).sum()  # Σ (w/n)(1 − w/Σw) with w = n
    scatter = (cases * (shares - mean) ** 2).sum() - chance
    room = one * (cases * (1.0 - part)).sum() - chance
    correlation = min(max(scatter / room, 0.0), 1.0) if room > 0 else 0.0
    own = cases * correlation / (cases * correlation + 1.0 - correlation)
    return Shrunk(mean + own * (shares - mean), mean, own)

"""Small pieces of statistics that several rooms need."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Z95 = NormalDist().inv_cdf(0.975)  # half-width of a 95 % interval in standard errors: 1.95996…


def two_sided_p(difference: Array, error: Array) -> Array:
    """Two-sided p-value of a normal difference being zero; NaN where the error is not known.

    >>> two_sided_p(np.array([1.959963984540054]), np.array([1.0])).round(6).tolist()
    [0.05]
    """
    from scipy.special import ndtr  # heavy to import, and only comparisons need it

    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(difference) / error
    return np.where(error > 0, 2.0 * ndtr(-z), np.nan)


def false_discovery(p_values: Array) -> Array:
    """q-values of one family: the least rate of false discoveries at which each is found.

    Benjamini and Hochberg (1995), in the step-up form q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·m/j. NaN is
    no test and does not count towards m.

    >>> false_discovery(np.array([0.01, 0.04, 0.03, np.nan])).round(4).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    q_values = np.full(p_values.shape, np.nan)
    tested = np.nonzero(~np.isnan(p_values))[0]
    if tested.size == 0:
        return q_values
    order = tested[np.argsort(p_values[tested], kind="stable")]
    scaled = p_values[order] * tested.size / np.arange(1, tested.size + 1)
    q_values[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q_values

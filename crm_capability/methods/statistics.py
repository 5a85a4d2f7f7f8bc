"""Small pieces of statistics that several rooms need."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Z95 = NormalDist().inv_cdf(0.975)  # half-width of a 95 % interval in standard errors: 1.95996…


def t_quantile(freedom: Array | float, at: float = 0.975) -> Array:
    """Quantile of Student's t; of the normal distribution where the degrees of freedom are infinite.

    >>> t_quantile(np.array([9.0, np.inf])).round(4).tolist()
    [2.2622, 1.96]
    """
    from scipy.special import stdtrit  # heavy to import, and only comparisons need it

    found, which = np.unique(freedom, return_inverse=True)  # few differ, and each takes a search
    quantiles = np.where(np.isinf(found), NormalDist().inv_cdf(at), stdtrit(found, at))
    return np.asarray(quantiles[which].reshape(np.shape(freedom)))


def two_sided_p(difference: Array, error: Array, freedom: Array | float = np.inf) -> Array:
    """Two-sided p-value of a difference being zero, by Student's t with so many degrees of freedom
    (the normal distribution where they are infinite); NaN where the error is not known.

    >>> two_sided_p(np.array([1.959963984540054]), np.array([1.0])).round(6).tolist()
    [0.05]
    """
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(difference) / error
    return np.where(error > 0, 2.0 * stdtr(freedom, -t), np.nan)


def partly_overlapping(
    first: Array, second: Array, in_first: NDArray[np.bool_], in_second: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Covariance of two means of partly the same people, and the degrees of freedom of the test of
    their difference.

    Shapes (people, cases). `first` and `second` are what each person moves each mean by, so that the
    sums of squares are the variances of the means; `in_first` and `in_second` say who answered.
    Derrick, Russ, Toher and White (2017), T_new2 with ν_new2: the covariance is r·s₁·s₂·n_c/(n₁·n₂),
    r over the n_c people in both; with all of them it is the paired test, with none Welch's.
    """
    both = in_first & in_second
    n1, n2, common = (each.sum(axis=0).astype(float) for each in (in_first, in_second, both))
    v1, v2 = (first**2).sum(axis=0), (second**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = [
            np.where(both, x - np.where(both, x, 0.0).sum(axis=0) / common, 0.0) for x in (first, second)
        ]
        spread = np.sqrt((centred[0] ** 2).sum(axis=0) * (centred[1] ** 2).sum(axis=0))
        r = np.where(spread > 0, (centred[0] * centred[1]).sum(axis=0) / spread, 0.0)
        covariance = np.clip(r, -1.0, 1.0) * np.sqrt(v1 * v2) * common / np.sqrt(n1 * n2)
        welch = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        alone = n1 + n2 - 2 * common
        freedom = np.where(
            common == 0,
            welch,
            common - 1 + np.where(alone > 0, (welch - common + 1) / (n1 + n2) * alone, 0.0),
        )
    return np.nan_to_num(covariance), np.where(np.isnan(freedom), np.inf, np.maximum(freedom, 1.0))


def pooled_freedom(variances: Array, freedoms: Array) -> Array:
    """Degrees of freedom of a sum of independent variances, down the first axis (Satterthwaite 1946).
    Infinite where no part with finite ones counts.

    >>> pooled_freedom(np.array([[1.0], [1.0]]), np.array([[9.0], [9.0]])).tolist()
    [18.0]
    """
    counted = variances > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(counted, variances**2 / freedoms, 0.0).sum(axis=0)
        return np.where(parts > 0, variances.sum(axis=0) ** 2 / parts, np.inf)


def within(centre: Array, variance: Array, low: Array, high: Array) -> Array:
    """Probability that a normal number lies in a range; one without variance is where it is.

    >>> within(np.array([0.0]), np.array([1.0]), np.array([-1.96]), np.array([1.96])).round(3).tolist()
    [0.95]
    """
    sd = np.sqrt(variance)
    return _below(high, centre, sd) - _below(low, centre, sd)


def both_within(
    centres: tuple[Array, Array],
    variances: tuple[Array, Array],
    covariance: Array,
    lows: tuple[Array, Array],
    highs: tuple[Array, Array],
) -> Array:
    """Probability that two jointly normal numbers both lie in their ranges; the ends may be infinite.

    The second is integrated given the first, over 48 Gauss-Legendre points within eight standard
    deviations. A number without variance is where it is.
    """
    points, weights = np.polynomial.legendre.leggauss(48)
    sd = np.sqrt(variances[0])
    known = sd > 0
    start = np.maximum(lows[0], centres[0] - 8 * sd)
    end = np.minimum(highs[0], centres[0] + 8 * sd)
    half = np.maximum(end - start, 0.0)[..., None] / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(
            known[..., None],
            (start[..., None] + half * (points + 1) - centres[0][..., None]) / sd[..., None],
            0.0,
        )
        slope = np.where(known, covariance / sd, 0.0)[..., None]
        rest = np.sqrt(np.maximum(variances[1][..., None] - slope**2, 0.0))
        given = centres[1][..., None] + slope * z
        inside = _below(highs[1][..., None], given, rest) - _below(lows[1][..., None], given, rest)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) / np.where(known, sd, 1.0)[..., None]
    spread = (weights * half * density * inside).sum(axis=-1)
    return np.where(known, np.clip(spread, 0.0, 1.0), inside[..., 0])


def _below(bound: Array, centre: Array, sd: Array) -> Array:
    """Normal distribution function; a step where there is no spread."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sd > 0, ndtr((bound - centre) / sd), (bound > centre).astype(float))


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


def quantiles(ordered: Array, levels: Sequence[float]) -> Array:
    """Quantiles (in percent) of numbers from low to high, linear between the two nearest (type 7 of
    Hyndman and Fan 1996): what numpy gives, without its sorting.

    >>> quantiles(np.array([1.0, 2.0, 3.0, 4.0]), (0, 50, 75)).tolist()
    [1.0, 2.5, 3.25]
    """
    place = np.asarray(levels, dtype=float) / 100.0 * (len(ordered) - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, len(ordered) - 1)
    return np.asarray(ordered[below] + (place - below) * (ordered[above] - ordered[below]))

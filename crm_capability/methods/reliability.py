"""How far several questions measure one thing, and how far people agree: alpha, omega, r_wg, ICC.

All take complete rows: an array of respondents × questions, reversed questions turned round.

Cronbach (1951) for alpha; McDonald (1999), equation 6.20b, for omega; James, Demaree and Wolf
(1984), equations 1 and 2, for r_wg; Bliese (2000) and Shrout and Fleiss (1979) for ICC.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_LOWEST = np.log(0.005)  # the bound of R's factanal on unique variances: keeps a Heywood case finite
_FLAT, _MOST_STEPS = 1e-10, 200


def covariances(answers: Array, counts: Array | None = None) -> Array:
    """Covariances of the questions, n − 1 in the denominator. One matrix product over the rows,
    each of which may stand for several respondents."""
    times = np.ones(len(answers)) if counts is None else counts
    n = times.sum()
    if n < 2:
        return np.full((answers.shape[1],) * 2, np.nan)
    centred = answers - times @ answers / n
    return np.asarray((centred.T * times) @ centred / (n - 1))


def correlations(covariance: Array) -> Array:
    """Correlations out of covariances; NaN where a question does not vary."""
    deviation = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(covariance / np.outer(deviation, deviation))


def alpha(covariance: Array) -> float:
    """Raw alpha, from covariances: k/(k−1)·(1 − Σ variances / variance of the sum).

    >>> round(alpha(np.array([[1.0, 0.5], [0.5, 1.0]])), 3)
    0.667
    """
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 0:
        return np.nan
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def alpha_standardized(covariance: Array) -> float:
    """Alpha of the questions brought to the same spread: from correlations. Another number than
    raw alpha wherever the spreads differ."""
    return alpha(correlations(covariance))


def alpha_if_dropped(covariance: Array) -> Array:
    """Raw alpha without each question in turn; NaN where fewer than two would stay."""
    keep = ~np.eye(len(covariance), dtype=bool)
    return np.array([alpha(covariance[np.ix_(rest, rest)]) for rest in keep])


def item_rest(covariance: Array) -> Array:
    """Correlation of each question with the sum of the others."""
    variance = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - variance
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + variance
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(with_rest / np.sqrt(variance * rest))


def omega(covariance: Array) -> float:
    """McDonald's omega: (Σλ)² / ((Σλ)² + Σψ), of the one-factor model fitted by maximum likelihood
    to the covariances. Two questions do not determine their loadings: taken as equal, they give
    alpha. NaN where a question does not vary."""
    k = len(covariance)
    deviation = np.sqrt(np.diag(covariance))
    if k < 2 or not (deviation > 0).all():
        return np.nan
    if k == 2:
        return alpha(covariance)
    loading, unique = one_factor(correlations(covariance))
    common = float((loading * deviation).sum()) ** 2
    return common / (common + float((unique * deviation**2).sum()))


def one_factor(correlation: Array) -> tuple[Array, Array]:
    """Loadings and unique variances of one factor, by maximum likelihood: the likelihood with the
    loadings solved for is minimised over the logarithms of the unique variances by Newton's steps,
    with the second derivatives as they are where the model fits (Jöreskog 1967, equations 21 to
    30). From a start near the solution a handful of steps suffices."""
    start = 0.5 / np.maximum(np.diag(np.linalg.pinv(correlation)), 1e-9)
    at = np.log(np.clip(start, 0.01, 1.0))
    misfit, slope, curve, loading = _likelihood(correlation, at)
    for _ in range(_MOST_STEPS):
        held = ((at <= _LOWEST) & (slope > 0)) | ((at >= 0) & (slope < 0))
        if held.all() or np.abs(slope[~held]).max() < _FLAT:
            break
        step = np.zeros(len(at))
        free = np.ix_(~held, ~held)
        step[~held] = np.linalg.lstsq(curve[free], slope[~held], rcond=1e-12)[0]
        length = 1.0
        while True:
            to = np.clip(at - length * step, _LOWEST, 0.0)
            further = _likelihood(correlation, to)
            if further[0] <= misfit or length < 1e-6:
                break
            length /= 2
        at, (misfit, slope, curve, loading) = to, further
    return loading * (np.sign(loading.sum()) or 1.0), np.exp(at)


def _likelihood(correlation: Array, at: Array) -> tuple[float, Array, Array, Array]:
    """The misfit at these logarithms of unique variances, its slope, its curvature and the loadings
    that go with them."""
    root = np.exp(at / 2)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    rest, others = np.maximum(values[:-1], 1e-12), vectors[:, :-1]
    misfit = float((rest - np.log(rest)).sum() - len(rest))
    loading = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    return misfit, others**2 @ (1 - rest), (others @ others.T) ** 2, loading


def r_wg(variances: Array, by_chance: Array) -> Array:
    """Agreement among people on J questions: against the variance of answers given at random, even
    over the points. 1 is full agreement; 0 where people differ as much as chance, or more.
    `variances` has the shape (J,), or (groups, J) for a number a group.

    >>> r_wg(np.array([[0.5, 0.5], [2.5, 2.5]]), np.array([2.0, 2.0])).round(3)  # five points: (25 − 1)/12 = 2
    array([0.857, 0.   ])
    """
    share = np.mean(variances / by_chance, axis=-1)
    j = np.shape(variances)[-1]
    with np.errstate(invalid="ignore"):
        found = np.where(share < 1, j * (1 - share) / (j * (1 - share) + share), 0.0)
    return np.where(np.isfinite(share), found, np.nan)


def variance_by_chance(points: Array) -> float:
    """The variance of answers even over the points; (A² − 1)/12 for 1 … A."""
    return float(np.mean(points**2) - np.mean(points) ** 2)


def intraclass(values: Array, groups: NDArray[np.intp], counts: Array | None = None) -> tuple[float, float]:
    """ICC(1), the share of variance that lies between groups, and ICC(2), how reliable the groups'
    means are. One-way analysis of variance; with groups of different size, the size is
    (N − Σn²/N)/(J − 1). NaN for a single group, or where every group has one member. Each value
    may stand for several members."""
    times = np.ones(len(values)) if counts is None else counts
    sizes = np.bincount(groups, weights=times)
    present = sizes > 0
    sizes = sizes[present]
    n, j = sizes.sum(), len(sizes)
    if j < 2 or n == j:
        return np.nan, np.nan
    means = np.bincount(groups, weights=times * values)[present] / sizes
    between = float((sizes * (means - times @ values / n) ** 2).sum()) / (j - 1)
    labels = np.cumsum(present) - 1
    within = float((times * (values - means[labels[groups]]) ** 2).sum()) / (n - j)
    if not between > 0:
        return (np.nan, np.nan) if within == 0 else (float(-1 / (n / j - 1)), np.nan)
    size = (n - float((sizes**2).sum()) / n) / (j - 1)
    return (between - within) / (between + (size - 1) * within), (between - within) / between

"""A smooth curve through noisy points, and what it leaves over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_PLACES = 150  # of points side by side: a smooth curve needs no more
MOST_BENDS = 20  # beyond that it follows the noise
GRID = 60  # stiffnesses tried at a time
_NEAR = 9  # decimals of the span: closer points lie at one place


def residual_variance(x: Array, y: Array) -> float:
    """The variance of y around a smooth curve f(x), for at least three different x.

    f is the natural cubic smoothing spline: min Σ(y − f)² + λ∫f″². With the eigenvalues v of its
    penalty and H the matrix that smooths, λ has the least (n − 2)·ln σ² − Σ ln(λv/(1 + λv)), and
    σ² = yᵀ(y − Hy)/(n − 2): restricted maximum likelihood, which makes up for what the curve took
    from the noise.

    Source: Wahba (1985), A comparison of GCV and GML for choosing the smoothing parameter in the
    generalized spline smoothing problem; Green and Silverman (1994), section 2.3, for the penalty.

    >>> x = np.linspace(0, 1, 11)
    >>> round(residual_variance(x, x + np.tile([0.1, -0.1], 6)[:11]), 4)
    0.0121
    """
    places, which, counts = _places(x)
    means = np.bincount(which, weights=y) / counts
    root = np.sqrt(counts)
    shapes, bending = _shapes(places, root)
    heights = (shapes @ (root * means)) ** 2  # of the data along each shape, the stiffest last
    within = float(((y - means[which]) ** 2).sum())
    free = y.size - 2
    rising = np.sort(bending[:-2])
    liveliest = rising[min(MOST_BENDS, rising.size - 1)]
    least = np.finfo(float).eps * float((y**2).sum())  # a curve through every point leaves a rounding
    low, high, left = 1.0 / liveliest, 1e4 / rising[0], np.zeros(0)
    for _ in range(2):  # once over the whole range, once closely around the best
        stiffness = np.geomspace(low, high, GRID)
        removed = stiffness[:, None] * bending
        removed /= 1.0 + removed
        left = np.maximum(removed @ heights + within, least)
        likelihood = free * np.log(left) - np.log(removed[:, :-2]).sum(axis=1)
        best = int(np.argmin(likelihood))
        low, high = stiffness[max(best - 1, 0)], stiffness[min(best + 1, GRID - 1)]
    return float(left[best]) / free


def _places(x: Array) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """The different x, spread over 0 to 1, which of them each point has, and how many points each
    has. Where there are many, neighbours share a place: none of them wide, none of them crowded."""
    scaled = np.round((x - x.min()) / np.ptp(x), _NEAR)
    places, which, counts = np.unique(scaled, return_inverse=True, return_counts=True)
    if places.size > MOST_PLACES:
        along = (places + np.cumsum(counts) / x.size) / 2.0  # half by distance, half by number
        which = np.minimum((along * MOST_PLACES).astype(np.int64), MOST_PLACES - 1)[which]
        which = np.unique(which, return_inverse=True)[1]
        counts = np.bincount(which)
        places = np.bincount(which, weights=scaled) / counts
    return places, which, counts


def _shapes(places: Array, root: Array) -> tuple[Array, Array]:
    """The shapes a curve is made of, a row each, and how much each bends; the last two are straight
    lines. `root` holds the square roots of the points' numbers at each place."""
    gaps, inner = np.diff(places), np.arange(places.size - 2)
    second = np.zeros((places.size - 2, places.size))  # differences of slopes
    second[inner, inner] = 1.0 / gaps[:-1]
    second[inner, inner + 1] = -1.0 / gaps[:-1] - 1.0 / gaps[1:]
    second[inner, inner + 2] = 1.0 / gaps[1:]
    weight = np.diag((gaps[:-1] + gaps[1:]) / 3.0)
    weight += np.diag(gaps[1:-1] / 6.0, 1) + np.diag(gaps[1:-1] / 6.0, -1)
    bends = np.linalg.solve(np.linalg.cholesky(weight), second / root)
    _, sizes, shapes = np.linalg.svd(bends)
    return shapes, np.concatenate([sizes**2, [0.0, 0.0]])

"""Straight lines through few points whose errors are known, or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .statistics import t_quantile, two_sided_p

Array = NDArray[np.float64]
_SINGULAR = 1e-10  # of the largest eigenvalue: a covariance that says two waves are one


@dataclass(frozen=True)
class Line:
    """Slopes of several cases with their 95 % intervals; `bend_p` is the probability of points at
    least as far from a straight line, NaN where their errors are not known."""

    slope: Array
    low: Array
    high: Array
    p_value: Array
    by_errors: NDArray[np.bool_]
    bend_p: Array


def straight_lines(times: Array, values: Array, covariances: Array, freedom: Array) -> Line:
    """Lines through `values`, shape (cases, times), by generalised least squares (Aitken 1935) where
    `covariances`, shape (cases, times, times), are known and of full rank; else by ordinary least
    squares, with the scatter about the line for an error (n − 2 degrees of freedom).

    >>> times = np.array([0.0, 1.0, 2.0])
    >>> line = straight_lines(times, np.array([[1.0, 3.0, 5.0]]), np.eye(3)[None], np.array([np.inf]))
    >>> line.slope.tolist(), line.bend_p.tolist()
    ([2.0], [1.0])
    """
    from scipy.special import chdtrc

    design = np.stack([np.ones_like(times), times - times.mean()], axis=1)
    known = np.asarray(~np.isnan(covariances).any(axis=(1, 2)))
    safe = np.where(known[:, None, None], covariances, np.eye(times.size))
    roots = np.linalg.eigvalsh(safe)
    known &= roots[:, 0] > _SINGULAR * roots[:, -1]
    safe = np.where(known[:, None, None], safe, np.eye(times.size))
    weighted = np.linalg.solve(safe, np.broadcast_to(design, (len(values), *design.shape)))
    spread = np.linalg.inv(design.T @ weighted)  # covariance of the intercept and the slope
    found = (spread @ (weighted.transpose(0, 2, 1) @ values[:, :, None]))[:, :, 0]
    away = values - found @ design.T
    squares = (away[:, None, :] @ np.linalg.solve(safe, away[:, :, None]))[:, 0, 0]
    left = times.size - 2
    variance = spread[:, 1, 1] * np.where(known, 1.0, squares / left)
    degrees = np.where(known, freedom, left)
    error = np.sqrt(variance)
    half = t_quantile(degrees) * error
    slope = found[:, 1]
    return Line(
        slope,
        slope - half,
        slope + half,
        two_sided_p(slope, error, degrees),
        known,
        np.where(known, chdtrc(left, squares), np.nan),
    )


@dataclass(frozen=True)
class Contrast:
    """How much more one group moved than another, case by case."""

    difference: Array
    low: Array
    high: Array
    p_value: Array


def between_groups(treated: Array, control: Array) -> Contrast:
    """Difference of the mean changes of two groups of units, shape (cases, units), NaN missing: Welch's
    test of the units' changes, each unit one observation; a single treated (or control) unit takes the
    spread of the others for its own (Student's pooled test). NaN with fewer than three units."""
    n = np.stack([(~np.isnan(group)).sum(axis=1).astype(float) for group in (treated, control)])
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [np.nansum(group, axis=1) / n[g] for g, group in enumerate((treated, control))]
        squares = np.stack(
            [
                np.nansum((group - means[g][:, None]) ** 2, axis=1)
                for g, group in enumerate((treated, control))
            ]
        )
        own = squares / (n - 1) / n
        welch = own.sum(axis=0) ** 2 / (own**2 / (n - 1)).sum(axis=0)
        pooled = squares.sum(axis=0) / (n.sum(axis=0) - 2) * (1 / n).sum(axis=0)
        both = (n >= 2).all(axis=0)
        enough = (n >= 1).all(axis=0) & (n.sum(axis=0) >= 3)
        variance = np.where(both, own.sum(axis=0), pooled)
        freedom = np.where(both, welch, n.sum(axis=0) - 2)
    return _contrast(means[0] - means[1], np.where(enough, variance, np.nan), freedom)


def between_errors(treated: Array, control: Array, errors: tuple[Array, Array]) -> Contrast:
    """The same where units are too few to show their spread: from the errors of their own changes,
    which say nothing of how units differ by chance."""
    known = [
        ~np.isnan(group) & ~np.isnan(error) for group, error in zip((treated, control), errors, strict=True)
    ]
    whole = [(~np.isnan(group)).sum(axis=1) for group in (treated, control)]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [np.nansum(group, axis=1) / n for group, n in zip((treated, control), whole, strict=True)]
        variance = sum(
            np.where(k.sum(axis=1) == n, np.nansum(error**2, axis=1) / n**2, np.nan)
            for k, n, error in zip(known, whole, errors, strict=True)
        )
    return _contrast(means[0] - means[1], np.asarray(variance), np.full(len(treated), np.inf))


def _contrast(difference: Array, variance: Array, freedom: Array) -> Contrast:
    error = np.sqrt(variance)
    freedom = np.where(np.isnan(freedom), 1.0, freedom)
    half = t_quantile(freedom) * error
    return Contrast(difference, difference - half, difference + half, two_sided_p(difference, error, freedom))

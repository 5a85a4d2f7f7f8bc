"""Ranks of units on one node, beside its score: other ways to say who is ahead.

All take the children's scores, shape (children, rows), higher is better, and weights (children,)
that sum to 1. Only rows in which every child has a score can be compared so; the others are NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_ROWS = 2000  # Copeland compares every two rows; beyond this it is left blank
TIE = 1e-9


def _complete(rule: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """The rule on complete rows, NaN elsewhere."""

    def on_complete(scores: Array, weights: Array) -> Array:
        found = np.full(scores.shape[1], np.nan)
        known = ~np.isnan(scores).any(axis=0)
        if known.any():
            found[known] = rule(scores[:, known], weights)
        return found

    on_complete.__doc__ = rule.__doc__
    on_complete.__name__, on_complete.__module__ = rule.__name__, rule.__module__
    on_complete.__wrapped__ = rule  # type: ignore[attr-defined]
    return on_complete


@_complete
def topsis(scores: Array, weights: Array) -> Array:
    """d⁻/(d⁺ + d⁻): closeness to the best point that the rows reach together, 0 to 1.

    d⁺ and d⁻ are Euclidean distances to the ideal (the best of every child) and to the anti-ideal,
    after each child is divided by its Euclidean length and weighted. Where all rows are alike, 0.5.

    Source: Hwang and Yoon (1981), chapter 3.
    Use when: being near the best all round shall count, not only the mean.
    Not when: units come and go: two may swap places because a third one left.

    >>> topsis(np.array([[5.0, 7, 8, 7], [8, 6, 8, 4], [4, 8, 6, 6]]), np.array([0.3, 0.4, 0.3])).round(4)
    array([0.5037, 0.6581, 0.7482, 0.334 ])
    """
    length = np.sqrt((scores**2).sum(axis=1, keepdims=True))
    weighted = weights[:, None] * np.divide(scores, length, out=np.zeros_like(scores), where=length > 0)
    to_best = np.sqrt(((weighted - weighted.max(axis=1, keepdims=True)) ** 2).sum(axis=0))
    to_worst = np.sqrt(((weighted - weighted.min(axis=1, keepdims=True)) ** 2).sum(axis=0))
    both = to_best + to_worst
    return np.divide(to_worst, both, out=np.full(both.shape, 0.5), where=both > 0)


@_complete
def vikor(scores: Array, weights: Array) -> Array:
    """Q = v(S − S*)/(S⁻ − S*) + (1 − v)(R − R*)/(R⁻ − R*), v = 1/2: 0 is the best compromise.

    S is the weighted sum of gaps to the best, R the largest single one, each gap a share of its
    child's range; * is the least and ⁻ the largest of the rows. A range of zero counts as no gap.

    Source: Opricovic and Tzeng (2004), equations 1 to 4.
    Use when: a single large gap shall hurt as much as many small ones.
    Not when: two rows are compared: one of them is always 0 and the other 1.

    >>> vikor(np.array([[5.0, 7, 8, 7], [8, 6, 8, 4], [4, 8, 6, 6]]), np.array([0.3, 0.4, 0.3])).round(6)
    array([0.75, 0.25, 0.  , 1.  ])
    """
    best = scores.max(axis=1, keepdims=True)
    gaps = weights[:, None] * _share(best - scores, best - scores.min(axis=1, keepdims=True))
    group, regret = gaps.sum(axis=0), gaps.max(axis=0)
    parts = [_share(part - part.min(), np.ptp(part)) for part in (group, regret)]
    return np.asarray(0.5 * parts[0] + 0.5 * parts[1])


@_complete
def grey_relational(scores: Array, weights: Array) -> Array:
    """Σ wᵢ(Δmin + ζΔmax)/(Δᵢ + ζΔmax), ζ = 1/2: likeness to the best of every child, up to 1.

    Scores are brought to 0–1 within each child; Δᵢ is the gap to 1, Δmin and Δmax those of all
    children and rows.

    Source: Deng (1982); Deng (1989), equation 12, for the distinguishing coefficient ζ.
    Use when: few rows and no belief in distributions.
    Not when: how far the value moves with ζ has not been looked at.

    >>> grey_relational(np.array([[0.0, 50, 100], [0, 100, 100]]), np.array([0.5, 0.5])).round(6)
    array([0.333333, 0.75    , 1.      ])
    """
    low = scores.min(axis=1, keepdims=True)
    span = np.ptp(scores, axis=1, keepdims=True)
    gaps = np.where(span > 0, 1.0 - _share(scores - low, span), 0.0)
    least, most = gaps.min(), gaps.max()
    if not most > 0:
        return np.ones(scores.shape[1])
    return np.asarray(weights @ ((least + 0.5 * most) / (gaps + 0.5 * most)))


@_complete
def copeland(scores: Array, weights: Array) -> Array:
    """Wins less defeats: a row beats another where the weight of the children in which it is
    better exceeds that of those in which it is worse.

    Source: Copeland (1951); OECD/JRC handbook (2008), section 6, for outranking of units.
    Use when: weights are meant as importance: strength in one child buys nothing in another.
    Not when: distances matter: a hair's breadth wins like a mile.

    >>> copeland(np.array([[3.0, 2, 1], [3, 1, 2], [1, 2, 3]]), np.array([0.4, 0.3, 0.3]))
    array([ 2., -2.,  0.])
    """
    rows = scores.shape[1]
    if rows > MOST_ROWS:
        return np.full(rows, np.nan)
    balance = np.zeros((rows, rows))
    for child, weight in zip(scores, weights, strict=True):
        gap = child[:, None] - child[None, :]
        balance += weight * np.where(np.abs(gap) <= TIE, 0.0, np.sign(gap))
    return np.asarray(np.where(np.abs(balance) <= TIE, 0.0, np.sign(balance)).sum(axis=1))


def _share(part: Array, whole: Array) -> Array:
    """part/whole, 0 where the whole is 0."""
    spread = np.broadcast_to(whole, part.shape)
    return np.divide(part, spread, out=np.zeros_like(part), where=spread > 0)

"""Weights that bring a sample to known shares of the population, column by column: raking.

Deming and Stephan (1940); Kolenikov (2014) for the practice, trimming included. Kish (1965) for the
design effect. Deville and Särndal (1992), equation 3.4, and Deville, Särndal and Sautory (1993) for the
variance of what raked weights give; Valliant (2002) for its correction in small samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CLOSE, MOST_ROUNDS = 1e-9, 1000
_ALONE = 1e-6


@dataclass(frozen=True)
class Margin:
    """Which level of a column each respondent is in, −1 for not known, and each level's share of the
    population."""

    codes: NDArray[np.intp]
    shares: Array

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Margin:
        """The levels of some respondents."""
        return Margin(self.codes[rows], self.shares)


@dataclass(frozen=True)
class Raked:
    """The weights, with a mean of 1; how many rounds it took; and how far the farthest share still
    lies from where it should (0.01 is a point of per cent)."""

    weights: Array
    rounds: int
    off: float


def rake(weights: Array, margins: Sequence[Margin], most: float | None = None) -> Raked:
    """Scale weights until every margin has its shares.

    A respondent whose level is not known keeps the weight as far as that column goes, and the others
    are brought to the shares. With `most`, no weight grows beyond so many times the mean: it is cut
    there after every round, and the shares are met as far as that allows. Every level needs a
    respondent.

    >>> sex = Margin(np.array([0, 0, 0, 1]), np.array([0.5, 0.5]))
    >>> rake(np.ones(4), [sex]).weights.round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]
    """
    w = weights / weights.mean()
    off, rounds = _off(w, margins), 0
    while off > CLOSE and rounds < MOST_ROUNDS:
        before = w
        for margin in margins:
            known = margin.codes >= 0
            codes = margin.codes[known]
            held = np.bincount(codes, w[known], minlength=len(margin.shares))
            factor = margin.shares / margin.shares.sum() * held.sum() / held
            w = w.copy()
            w[known] *= factor[codes]
        w = w / w.mean()
        if most is not None:
            w = _cut(w, most)
        off, rounds = _off(w, margins), rounds + 1
        if most is not None and np.abs(w - before).max() < CLOSE:
            break  # trimmed weights come to rest before the shares are met
    return Raked(w, rounds, off)


def influences(moved: Array, weights: Array, margins: Sequence[Margin]) -> Array:
    """What each respondent moves a weighted mean by, once the weights are raked: shape (respondents,
    means), out of `moved` = w(x − x̄)/Σw, which takes the weights as given.

    Part of the answers goes with the columns raked by, and of these the shares are known: it varies
    from sample to sample no more. What does is w·e/Σw, e being what a regression of the answers on the
    columns, weighted by the raked weights, leaves over. It leaves too little of a respondent who
    draws the regression to himself, by 1 − h, h the leverage; divided by it, the sum of squares is
    that of a jackknife which rakes anew without each respondent in turn. A respondent alone in a level,
    of whom nothing is left over, counts as if the weights were given.

    >>> sex = Margin(np.array([0, 0, 1, 1]), np.array([0.5, 0.5]))
    >>> influences(np.array([[1.0], [3.0], [-1.0], [-3.0]]), np.ones(4), [sex]).ravel().round(9).tolist()
    [-2.0, 2.0, 2.0, -2.0]
    """
    columns = [np.ones((len(weights), 1)), *map(_known_shares, margins)]
    root = np.sqrt(weights)[:, None]
    scaled = np.hstack(columns) * root
    inverse = np.linalg.pinv(scaled.T @ scaled, hermitian=True)
    fitted = root * (scaled @ (inverse @ (scaled.T @ (moved / root))))
    left = 1 - ((scaled @ inverse) * scaled).sum(axis=1)[:, None]
    return np.where(left > _ALONE, (moved - fitted) / np.maximum(left, _ALONE), moved)


def _known_shares(margin: Margin) -> Array:
    """A column a level but the last: its weighted sum is nought, for the shares are met."""
    shares = margin.shares / margin.shares.sum()
    in_level = margin.codes[:, None] == np.arange(len(shares) - 1)
    return np.where(margin.codes[:, None] >= 0, in_level - shares[:-1], 0.0)


def _cut(w: Array, most: float) -> Array:
    """Weights of mean 1 with none above `most`: what is cut off goes to the others in proportion."""
    cut = np.zeros(len(w), dtype=bool)
    while (over := (w > most) & ~cut).any():
        cut |= over
        rest = len(w) - most * cut.sum()
        w = np.where(cut, most, w * rest / w[~cut].sum())
    return w


def _off(w: Array, margins: Sequence[Margin]) -> float:
    worst = 0.0
    for margin in margins:
        known = margin.codes >= 0
        held = np.bincount(margin.codes[known], w[known], minlength=len(margin.shares))
        worst = max(worst, float(np.abs(held / held.sum() - margin.shares / margin.shares.sum()).max()))
    return worst


def effective_n(weights: Array) -> float:
    """Kish's effective sample size: (Σw)²/Σw².

    >>> effective_n(np.array([1.0, 1.0, 2.0])).__round__(4)
    2.6667
    """
    return float(weights.sum() ** 2 / (weights**2).sum())

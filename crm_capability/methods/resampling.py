"""Global sensitivity by resampling: Sobol' sequences, Saltelli's design, variance-based indices.

A model is run over a design of 2·N sample points, A and B, and for each factor i over AB_i: A
with the columns of factor i taken from B. N·(k + 2) runs give the first-order and the total-order
index of all k factors. A factor may have several columns (a group of inputs that move together).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]

DRAWS = 1000  # bootstrap samples behind an interval
MOST_COLUMNS = 10_000  # scipy has direction numbers for 21,201 dimensions, and A and B need two each


def sample(columns: int, runs: int, seed: int) -> Array:
    """A and B, one under the other: shape (2·runs, columns), in [0, 1).

    The first half of the columns of one scrambled Sobol' sequence is A, the second B (Sobol' 1967;
    scrambling by Owen 1998), which keeps A and B independent of each other. Its points are
    balanced where `runs` is a power of two.
    """
    from scipy.stats import qmc  # heavy to import

    exponent = max(int(runs - 1).bit_length(), 0)
    points = qmc.Sobol(2 * columns, scramble=True, rng=seed).random_base2(exponent)[:runs]
    return np.concatenate([points[:, :columns], points[:, columns:]])


def design(factors: int, runs: int) -> Whole:
    """Which sample point each factor takes in each run, shape (runs·(factors + 2), factors).

    Point n < runs is row n of A, point runs + n is row n of B. The runs are A, B, AB_1, … AB_k
    (Saltelli et al. 2010, table 2).

    >>> design(2, 1).tolist()
    [[0, 0], [1, 1], [1, 0], [0, 1]]
    """
    a = np.repeat(np.arange(runs)[:, None], factors, axis=1)
    blocks = [a, a + runs]
    for factor in range(factors):
        mixed = a.copy()
        mixed[:, factor] += runs
        blocks.append(mixed)
    return np.concatenate(blocks)


@dataclass(frozen=True)
class Indices:
    """Shares of the variance that go back to each factor, shape (factors,), with the ends of their
    95 % intervals."""

    first_order: Array
    total_order: Array
    first_low: Array
    first_high: Array
    total_low: Array
    total_high: Array


def indices(y: Array, factors: int, seed: int) -> Indices:
    """First-order and total-order indices of a model's results over `design`.

    First order: S_i = E[f(B)·(f(AB_i) − f(A))]/V with f centred (Saltelli et al. 2010, table 2,
    row b; centring keeps a large mean from swamping it). Total order: T_i = E[(f(A) −
    f(AB_i))²]/2V (Jansen 1999). V is the variance over A and B. Base rows with a missing result
    are left out; where nothing varies, all indices are zero. Intervals are percentiles of 1,000
    bootstrap samples of the base rows (Archer et al. 1997); they take no account of the evenness
    of the sequence, and so err on the wide side.
    """
    rows = y.reshape(factors + 2, -1)
    rows = rows[:, ~np.isnan(rows).any(axis=0)]
    if rows.shape[1] == 0 or not np.ptp(rows) > 0:
        zero = np.zeros(factors)
        return Indices(zero, zero, zero, zero, zero, zero)
    parts = _statistics(rows - rows[:2].mean())
    first, total = _ratios(parts.mean(axis=0, keepdims=True), factors)
    counts = _bootstrap_counts(parts.shape[0], seed)
    first_draws, total_draws = _ratios(counts @ parts / parts.shape[0], factors)
    ends = [0.025, 0.975]
    return Indices(
        first[0],
        total[0],
        *np.quantile(first_draws, ends, axis=0),
        *np.quantile(total_draws, ends, axis=0),
    )


def _statistics(rows: Array) -> Array:
    """What the estimators average, a row a base row: any resampling is one matrix product."""
    a, b, mixed = rows[0], rows[1], rows[2:]
    steps = mixed - a
    return np.concatenate([[(a + b) / 2, (a**2 + b**2) / 2], b * steps, steps, steps**2]).T


def _ratios(means: Array, factors: int) -> tuple[Array, Array]:
    """First and total order from averages of the statistics, shape (draws, factors)."""
    centre, square = means[:, :1], means[:, 1:2]
    products, steps, squares = np.split(means[:, 2:], 3, axis=1)
    variance = np.maximum(square - centre**2, np.finfo(float).tiny)
    return (products - centre * steps) / variance, squares / (2.0 * variance)


def _bootstrap_counts(size: int, seed: int) -> Array:
    """How often each of `size` rows stands in each bootstrap sample, shape (DRAWS, size)."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, size, (DRAWS, size)) + np.arange(DRAWS)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=DRAWS * size).reshape(DRAWS, size).astype(np.float64)


def quantiles(values: Array, at: Sequence[float]) -> Array:
    """Quantiles down the first axis, shape (len(at), …), linear between values; missing ones are
    left out."""
    if not np.isnan(values).any():
        return np.asarray(np.quantile(values, at, axis=0))
    found = np.full((len(at), values.shape[1]), np.nan)
    for column, one in enumerate(values.T):
        known = one[~np.isnan(one)]
        if known.size:
            found[:, column] = np.quantile(known, at)
    return found


def share_ahead(first: Array, second: Array) -> float:
    """The share of runs in which the first is above the second; NaN where they never meet.

    >>> share_ahead(np.array([2.0, 1.0, np.nan]), np.array([1.0, 1.0, 1.0]))
    0.5
    """
    both = ~np.isnan(first) & ~np.isnan(second)
    return float((first[both] > second[both] + 1e-9).mean()) if both.any() else float("nan")


def distinct(keys: Whole) -> tuple[Whole, Whole]:
    """The distinct rows of a table of whole numbers: where each first stands, and which of them
    each row is. With no columns all rows are the same.

    >>> first, which = distinct(np.array([[1, 0], [0, 2], [1, 0]]))
    >>> first.tolist(), which.tolist()
    ([1, 0], [1, 0, 1])
    """
    code: Any = np.zeros(len(keys), dtype=np.int64)
    for column in keys.T:
        code = code * (int(column.max(initial=0)) + 1) + column
        _, code = np.unique(code, return_inverse=True)  # small numbers again: nothing overflows
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return first, which

"""Intervals by resampling respondents, where no formula is right.

Respondents who answered alike are one kind with a count. A bootstrap sample then is one draw of
counts from a multinomial distribution (Efron 1979), so that ten million respondents take no longer
than their few thousand kinds of answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

DRAWS = 1000
_ENDS = [0.025, 0.975]
_CELLS = 1 << 22  # draws × kinds held at once


def resampled(kinds: Array, counts: Array, draws: int = DRAWS, seed: int = 0) -> Array:
    """The means of each column of `kinds` in bootstrap samples, draws × columns. `counts` says how
    many respondents are of each kind.

    >>> resampled(np.array([[1.0], [1.0]]), np.array([3.0, 4.0]), draws=2).tolist()
    [[1.0], [1.0]]
    """
    parts = [of @ kinds / counts.sum() for of in _samples(counts, draws, seed)]
    return np.concatenate(parts) if parts else np.empty((0, kinds.shape[1]))


def _samples(counts: Array, draws: int, seed: int) -> Iterator[Array]:
    random = np.random.default_rng(seed)
    n, step = int(counts.sum()), max(1, _CELLS // len(counts))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        yield random.multinomial(n, counts / counts.sum(), size=size).astype(np.float64)


def agreement_intervals(
    answers: Array, counts: Array, by_chance: Array | None, draws: int = DRAWS, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """The 95 % percentile intervals of raw alpha, and of r_wg where the variances by chance are
    known, from complete answers, kinds × questions. Samples in which nothing varies have none."""
    n, k = counts.sum(), answers.shape[1]
    centred = answers - counts @ answers / n
    total = centred.sum(axis=1, keepdims=True)
    means = resampled(np.hstack([centred, centred**2, total, total**2]), counts, draws, seed)
    variances = (means[:, k : 2 * k] - means[:, :k] ** 2) * n / (n - 1)
    of_sum = (means[:, -1] - means[:, -2] ** 2) * n / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "alpha": np.where(of_sum > 1e-12, k / (k - 1) * (1 - variances.sum(axis=1) / of_sum), np.nan)
        }
        if by_chance is not None:
            share = (variances / by_chance).mean(axis=1)
            found["r_wg"] = np.where(share < 1, k * (1 - share) / (k * (1 - share) + share), 0.0)
    return {name: _ends(of) for name, of in found.items()}


def _ends(figures: Array) -> tuple[float, float]:
    known = figures[~np.isnan(figures)]
    if not known.size:
        return np.nan, np.nan
    low, high = np.quantile(known, _ENDS)
    return float(low), float(high)

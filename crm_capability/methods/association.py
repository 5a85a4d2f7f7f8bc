"""How two series of numbers go together: correlation and a straight line, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .statistics import Z95

Array = NDArray[np.float64]
Interval = tuple[float, float]
NOWHERE: Interval = (float("nan"), float("nan"))


def fisher_interval(r: float, n: int, ranks: bool = False) -> Interval:
    """95 % interval of a correlation of n pairs (Fisher 1921); of ranks, with the standard error of
    Bonett and Wright (2000).

    >>> [round(end, 3) for end in fisher_interval(0.5, 28)]
    [0.156, 0.736]
    """
    if n < 4 or not abs(r) < 1.0 - 1e-9:  # all on one line
        return NOWHERE
    error = np.sqrt((1.0 + r**2 / 2.0 if ranks else 1.0) / (n - 3))
    return float(np.tanh(np.arctanh(r) - Z95 * error)), float(np.tanh(np.arctanh(r) + Z95 * error))


@dataclass(frozen=True)
class Association:
    """Two series: Pearson's and Spearman's correlation, and the line of the second on the first."""

    n: int
    pearson: float
    pearson_interval: Interval
    spearman: float
    spearman_interval: Interval
    slope: float
    slope_interval: Interval
    intercept: float
    p_value: float

    @classmethod
    def of(cls, x: Array, y: Array) -> Association:
        """Of at least three pairs without gaps; neither series may be constant.

        The interval of the slope is Student's with n − 2 degrees of freedom.
        """
        from scipy import stats  # heavy, and only links need it

        n = len(x)
        line = stats.linregress(x, y)
        ranks = float(stats.spearmanr(x, y).statistic)
        half = stats.t.ppf(0.975, n - 2) * line.stderr
        r = float(line.rvalue)
        return cls(
            n=n,
            pearson=r,
            pearson_interval=fisher_interval(r, n),
            spearman=ranks,
            spearman_interval=fisher_interval(ranks, n, ranks=True),
            slope=float(line.slope),
            slope_interval=(float(line.slope - half), float(line.slope + half)),
            intercept=float(line.intercept),
            p_value=float(line.pvalue),
        )


def same_correlation(correlations: Array, counts: Array) -> float:
    """p-value of some independent correlations being one: Σ(n − 3)(z − z̄)² against chi-squared
    with one degree less than there are (Rao 1973, 6g.3). NaN for fewer than two.

    >>> round(same_correlation(np.array([0.6, 0.6]), np.array([20.0, 30.0])), 3)
    1.0
    """
    from scipy.special import gammaincc

    if len(correlations) < 2 or not (np.abs(correlations) < 1).all():
        return float("nan")
    z, weight = np.arctanh(correlations), counts - 3.0
    mean = (weight * z).sum() / weight.sum()
    return float(gammaincc((len(z) - 1) / 2.0, (weight * (z - mean) ** 2).sum() / 2.0))

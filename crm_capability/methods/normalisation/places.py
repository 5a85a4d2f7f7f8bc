"""Rules that keep the order of the fitted rows and nothing of their distances."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .rule import Array, Better, Fitted, Learned, extent


class Ranking(Fitted):
    """Shared by the rank methods: a place among the fitted values, best highest."""

    ties: Literal["min", "average"] = "min"

    def learn(self, values: Array, better: Better) -> Learned:
        return {"value": np.sort(values[~np.isnan(values)]), **extent(values)}

    def _rank(self, values: Array, learned: Learned, better: Better) -> Array:
        """1 for the worst of the fitted values; a value between two of them takes the
        place it would have pushed into."""
        reference = np.asarray(learned["value"])
        if better == "lower":
            worse = reference.size - np.searchsorted(reference, values, side="right")
            not_better = reference.size - np.searchsorted(reference, values, side="left")
        else:
            worse = np.searchsorted(reference, values, side="left")
            not_better = np.searchsorted(reference, values, side="right")
        rank = worse + 1.0
        if self.ties == "average":
            rank += np.maximum(not_better - worse - 1, 0) / 2
        return np.where(np.isnan(values), np.nan, rank)


class Rank(Ranking):
    """The place among the fitted rows as a plain number: 1 is the worst, n the best.

    Source: OECD/JRC handbook (2008), section 5. Ties share the lowest place (`ties: min`) or the
    mean of theirs (`average`). A later reading takes the place it would have pushed into.
    Use when: only the order is believed.
    Not when: distances matter, or the number of rows differs between what is compared.

    >>> rule = Rank(method="rank"); x = np.array([5.0, 9.0, 9.0])
    >>> rule.apply(x, rule.learn(x, "higher"), "higher")
    array([1., 2., 2.])
    """

    method: Literal["rank"]

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        return self._rank(values, learned, better)


class Borda(Ranking):
    """Borda points: how many of the fitted rows are worse; rank − 1.

    Source: de Borda (1781); OECD/JRC handbook (2008), section 6.
    Use when: places are to be added up over measures, as votes are.
    Not when: rows without a reading are many: who is missing gives nobody points.

    >>> rule = Borda(method="borda"); x = np.array([5.0, 9.0, 7.0])
    >>> rule.apply(x, rule.learn(x, "higher"), "higher")
    array([0., 2., 1.])
    """

    method: Literal["borda"]

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        return self._rank(values, learned, better) - 1.0


class PercentileRank(Ranking):
    """100·(rank − 1)/(n − 1). One row alone stands in the middle.

    Source: OECD/JRC handbook (2008), section 5, on a range of 0 to 100.
    Use when: an order is wanted that does not depend on the number of units.
    Not when: there are few units: five of them can only score 0, 25, 50, 75 and 100.

    >>> rule = PercentileRank(method="percentile-rank"); x = np.array([5.0, 9.0, 7.0])
    >>> rule.apply(x, rule.learn(x, "higher"), "higher")
    array([  0., 100.,  50.])
    """

    method: Literal["percentile-rank"]

    def apply(self, values: Array, learned: Learned, better: Better) -> Array:
        count = np.asarray(learned["value"]).size
        if count < 2:
            return np.where(np.isnan(values), np.nan, 50.0)
        return 100.0 * (self._rank(values, learned, better) - 1.0) / (count - 1)

    def ends(self, learned: Learned, better: Better) -> tuple[float, float]:
        return 0.0, 100.0

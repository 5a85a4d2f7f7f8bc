"""Groups too small to be told, and those that would give them away.

A breakdown tells a total and its groups. A group of fewer people than `fewest` is not told; and
where only one is kept back, it is what the others leave of the total, so the next smallest is kept
back too, until what is kept back together holds two groups and `fewest` people (complementary
suppression: Hundepool et al. 2012, Statistical Disclosure Control, section 4.3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MINIMUM_GROUP = 5


def kept_back(
    counts: NDArray[np.intp], totals: NDArray[np.intp], fewest: int = MINIMUM_GROUP
) -> NDArray[np.bool_]:
    """Which groups are not to be told. `counts` people in each, `totals` the number of the total
    that each is a part of; an empty group has nothing to hide.

    >>> kept_back(np.array([40, 9, 3]), np.array([0, 0, 0])).tolist()
    [False, True, True]
    >>> kept_back(np.array([40, 9, 2, 0]), np.array([0, 1, 1, 1])).tolist()
    [False, True, True, False]
    """
    hidden = (counts > 0) & (counts < fewest)
    for total in np.unique(totals[hidden]):
        members = np.flatnonzero((totals == total) & (counts > 0))
        members = members[np.argsort(counts[members], kind="stable")]
        back = int(hidden[members].sum())
        while back < len(members) and (back < 2 or counts[members[:back]].sum() < fewest):
            back += 1
        hidden[members[:back]] = True
    return hidden

"""Standing: where a unit is among its peers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.plan import Benchmark
from ..scoring.assessment import Scored
from ..tables import shape

Array = NDArray[np.float64]
OTHER_UNITS = "units"


def standing_table(scored: Scored, benchmark: Benchmark | None) -> pd.DataFrame:
    """The table `standing`: every wave, unit and node among the plan's other units.

    A unit is never its own peer. Where fewer peers than `minimum_peers` have a score, their
    number stands and nothing else.
    """
    if benchmark is None:
        return shape("standing", {})
    blocks = []
    for wave in scored.waves:
        scores = scored.scores[:, scored.of_wave(wave)]
        for u, unit in enumerate(scored.units):
            peers = np.delete(scores, u, axis=1)
            columns = standing(scores[:, u], peers, benchmark.minimum_peers)
            blocks.append(pd.DataFrame({"wave": wave, "unit": unit, "node": scored.tree.ids, **columns}))
    return shape("standing", pd.concat(blocks, ignore_index=True))


def standing(own: Array, peers: Array, minimum: int) -> dict[str, Array]:
    """Standing of one score a node, shape (nodes,), among peers, shape (nodes, peers).

    >>> {k: v.tolist() for k, v in standing(np.array([5.0]), np.array([[1.0, 5.0, 9.0]]), 3).items()}["percentile"]
    [50.0]
    """
    known = ~np.isnan(peers)
    count = known.sum(axis=1)
    usable = (count >= minimum) & (count > 0)
    worse = (peers < own[:, None] - 1e-9).sum(axis=1)
    ties = (known & (np.abs(peers - own[:, None]) <= 1e-9)).sum(axis=1)
    blank = np.full(own.shape, np.nan)
    percentile = np.divide(
        100.0 * (worse + 0.5 * ties), count, out=blank.copy(), where=usable & ~np.isnan(own)
    )
    median, best = blank.copy(), blank.copy()
    median[usable] = [np.median(row[~np.isnan(row)]) for row in peers[usable]]
    best[usable] = np.nanmax(peers[usable], axis=1) if usable.any() else []
    return {
        "score": own,
        "peers": count.astype(float),
        "percentile": percentile,
        "quartile": np.minimum(np.floor(percentile / 25.0) + 1.0, 4.0),
        "median": median,
        "best": best,
        "gap_to_median": own - median,
        "gap_to_best": own - best,
    }

"""Standing: where a unit is among its peers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..definition.pool import Pool
from ..methods.statistics import Z95, quantiles
from ..scoring.assessment import Scored
from ..tables import shape
from .comparable import listed
from .peers import Peers
from .pool import scale_of

Array = NDArray[np.float64]
TIE = 1e-9  # closer than that is the same score, as for ranks
OLD = 2  # years between a pool and a wave that are worth saying


def standing_table(peers: Peers | None, minimum: int = 5) -> pd.DataFrame:
    """The table `standing`: every wave, unit and node among its peers.

    A unit is never its own peer. Where fewer peers than `minimum` have a score, their number
    stands and nothing else.
    """
    if peers is None:
        return shape("standing", {})
    scored, blocks = peers.scored, []
    for wave in scored.waves:
        rows = scored.of_wave(wave)
        scores, half = scored.scores[:, rows], Z95 * np.sqrt(scored.variance[:, rows])
        for u, unit in enumerate(scored.units):
            columns = standing(scores[:, u], peers.scores(wave, u), minimum, half[:, u])
            where = {"wave": wave, "unit": unit, "node": scored.tree.ids, "like": peers.kind(u)}
            blocks.append(pd.DataFrame({**where, **columns}))
    return shape("standing", pd.concat(blocks, ignore_index=True))


def standing(
    own: Array, peers: Sequence[Array] | Array, minimum: int, half: Array | None = None
) -> dict[str, Array]:
    """Standing of one score a node, shape (nodes,), among peers: each node's scores, low to high.

    `half` is half the width of each score's 95 % interval: the percentiles at its ends are the
    percentile's own interval (the peers' scores are taken as they stand).

    >>> found = standing(np.array([5.0]), [np.array([1.0, 5.0, 9.0])], 3)
    >>> found["percentile"].tolist(), found["gap_to_best"].tolist()
    ([50.0], [-4.0])
    """
    half = np.full(own.shape, np.nan) if half is None else half
    columns = {name: np.full(own.shape, np.nan) for name in _FROM_PEERS}
    for n, known in enumerate(peers):
        if len(known) >= max(minimum, 1):
            columns["percentile"][n] = percentile(own[n], known)
            columns["percentile_low"][n] = percentile(own[n] - half[n], known)
            columns["percentile_high"][n] = percentile(own[n] + half[n], known)
            columns["median"][n], columns["top_quartile"][n] = quantiles(known, (50, 75))
            columns["best"][n] = known[-1]
    return {
        "score": own,
        "peers": np.array([len(known) for known in peers], dtype=float),
        **columns,
        "quartile": np.minimum(np.floor(columns["percentile"] / 25.0) + 1.0, 4.0),
        "gap_to_median": own - columns["median"],
        "gap_to_best": own - columns["best"],
        "gap_to_top_quartile": own - columns["top_quartile"],
    }


_FROM_PEERS = ("percentile", "percentile_low", "percentile_high", "median", "top_quartile", "best")


def percentile(score: float, peers: Array) -> float:
    """The share of peers (low to high) that are strictly worse, plus half the ties, 0 to 100.

    >>> percentile(5.0, np.array([1.0, 5.0, 5.0, 9.0]))
    50.0
    """
    if np.isnan(score):
        return float("nan")
    worse, up_to = np.searchsorted(peers, score - TIE, "left"), np.searchsorted(peers, score + TIE, "right")
    return float(50.0 * (worse + up_to) / len(peers))


def standing_notes(peers: Peers | None, framework: Framework, plan: Plan) -> Iterator[str]:
    """What to know before the standing of the plan's unit is believed: sentences."""
    if peers is None or plan.benchmark is None or plan.unit not in peers.scored.units:
        return
    scored, pool, least = peers.scored, peers.pool, plan.benchmark.minimum_peers
    unit = scored.units.index(plan.unit)
    if peers.like and peers.kinds[unit] is None:
        yield f"{plan.unit} has no {', '.join(peers.like)}, so nobody is its like: no comparison is made"
    for wave in scored.waves:
        scores = scored.scores[:, scored.of_wave(wave)]
        few: dict[int, list[str]] = {}
        alike = []
        for node, own, known in zip(scored.tree.ids, scores[:, unit], peers.scores(wave, unit), strict=True):
            if np.isnan(own):
                continue
            if len(known) < least:
                few.setdefault(len(known), []).append(node)
            elif len(known) > 1 and known[-1] - known[0] <= TIE:
                alike.append(node)
        for count, nodes in sorted(few.items()):
            has = "1 peer has a score" if count == 1 else f"{count or 'no'} peers have a score"
            yield f"{wave}: {has}, and a comparison takes {least}: nothing but their number stands at {listed(nodes)}"
        if alike:
            yield f"{wave}: all peers score the same, so a percentile says above, level or below and no more at {listed(alike)}"
    if pool is not None:
        yield from _pool_notes(scored, framework, plan, pool, unit in peers.members)


def _pool_notes(scored: Scored, framework: Framework, plan: Plan, pool: Pool, member: bool) -> Iterator[str]:
    if member:
        yield f"the pool {pool.pool} holds {plan.unit} itself: it is left out of its own peers"
    if scale_of(framework, plan, scored.fitted) != pool.scale:
        yield (
            f"the pool {pool.pool} was scored with other rules, weights or fitted ranges than this assessment: "
            "only nodes that these leave alone can be compared with it"
        )
    ends = [wave.end.year for wave in plan.waves if wave.end is not None]
    if pool.year is not None and ends and abs(ends[-1] - pool.year) >= OLD:
        yield f"the pool {pool.pool} is of {pool.year}, and the last wave of {ends[-1]}: peers have moved meanwhile"

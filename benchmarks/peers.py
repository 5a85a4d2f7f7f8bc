"""Pools of peers against numpy's quantiles of the same scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_capability.analysis.benchmark import standing
from crm_capability.analysis.disclosure import spread
from crm_capability.definition.pool import LEVELS

from .timing import ratio

NAMES = ("pool build 10000x75", "pool query 10000x75")
COMPANIES, NODES = 10_000, 75


def run(full: bool) -> Iterator[dict[str, Any]]:
    """10,000 companies at 75 nodes: from their scores to a pool, and one company's standing in it."""
    chance = np.random.default_rng(7)
    scores = chance.uniform(0.0, 100.0, (NODES, COMPANIES))
    names = [f"node-{n}" for n in range(NODES)]
    own, half = chance.uniform(0.0, 100.0, NODES), np.full(NODES, 3.0)

    def floor() -> NDArray[np.float64]:
        return np.percentile(scores, LEVELS, axis=1)

    pool = spread(names, scores)
    peers = [found.sorted for found in pool.values()]
    told = np.array([list(found.quantiles.model_dump().values()) for found in pool.values()]).T
    assert np.allclose(told, floor(), rtol=0, atol=1e-9), "the two sides do not compute the same"
    for name, ours, what in (
        (NAMES[0], lambda: spread(names, scores), "sorted scores and quantiles of every node, as a pool"),
        (
            NAMES[1],
            lambda: standing(own, peers, 5, half),
            "percentile with interval, quartile and gaps at every node",
        ),
    ):
        times, seconds, plain = ratio(ours, floor, 15)
        yield {
            "name": name,
            "ratio": round(times, 3),
            "goal": 2.0,
            "unit": "numpy quantiles",
            "seconds": round(seconds, 6),
            "detail": f"{what}; numpy's five quantiles of each node take {plain:.6f} s",
        }

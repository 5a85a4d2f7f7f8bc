"""Which differences between the plan's unit and its peers are noise, one peer at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..definition.plan import Plan
from ..methods.statistics import Z95, false_discovery, two_sided_p
from ..tables import shape
from .peers import Peers

CLEAR = 0.05  # q-values below this are told apart


def differences_table(peers: Peers | None, plan: Plan) -> pd.DataFrame:
    """The table `differences`: the plan's unit against each unit it is compared with.

    Readings of two units are taken as independent. False discoveries are controlled over the peers
    of a wave and node. Units of a pool have no names and no errors, so there is nothing to tell.
    """
    if peers is None or peers.pool is not None or plan.unit not in peers.scored.units:
        return shape("differences", {})
    scored, own = peers.scored, peers.scored.units.index(plan.unit)
    others = [u for u in range(len(scored.units)) if u != own and peers.kinds[u] == peers.kinds[own]]
    blocks = []
    for wave in scored.waves if others else ():
        rows = scored.of_wave(wave)
        scores, variance = scored.scores[:, rows], scored.variance[:, rows]
        difference = scores[:, [own]] - scores[:, others]
        error = np.sqrt(variance[:, [own]] + variance[:, others])
        p_value = two_sided_p(difference, error)
        q_value = np.array([false_discovery(row) for row in p_value])
        verdict = np.where(difference > 0, "ahead", "behind").astype(object)
        verdict[q_value >= CLEAR] = "noise"
        verdict[np.isnan(q_value)] = None
        nodes, count = difference.shape
        block = pd.DataFrame(
            {
                "wave": wave,
                "node": np.repeat(scored.tree.ids, count),
                "unit": plan.unit,
                "other": np.tile([scored.units[u] for u in others], nodes),
                "difference": difference.ravel(),
                "low": (difference - Z95 * error).ravel(),
                "high": (difference + Z95 * error).ravel(),
                "p_value": p_value.ravel(),
                "q_value": q_value.ravel(),
                "verdict": verdict.ravel(),
            }
        )
        blocks.append(block[block["difference"].notna()])
    return shape("differences", pd.concat(blocks, ignore_index=True) if blocks else {})

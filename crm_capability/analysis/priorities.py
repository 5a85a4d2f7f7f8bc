"""Importance against performance: where a point more is worth most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..definition.plan import Plan
from ..scoring.assessment import Scored
from ..tables import shape
from .gains import best_scores, derivatives, index_if

KEEP, CONCENTRATE = "keep", "concentrate"
LOW_PRIORITY, OVERKILL = "low-priority", "possible-overkill"
_SAME = 1e-9  # what sums of equal weights differ by


def priorities_table(scored: Scored, plan: Plan) -> pd.DataFrame:
    """The table `priorities` of the plan's unit in the last wave.

    The quadrants are those of Martilla and James (1977); the lines cross at the mean weight of the
    node's level and at the index, so that "important" and "good" are said against one's own.
    """
    if plan.unit not in scored.units:
        return shape("priorities", {})
    tree, wave = scored.tree, scored.waves[-1]
    row = scored.of_wave(wave).start + scored.units.index(plan.unit)
    root = tree.branches[-1].node
    nodes = [n for n in range(len(tree.ids)) if n != root and _asked(scored, n, row)]
    score, weight = scored.scores[:, row], scored.shares.effective[:, row]
    index, best = score[root], best_scores(scored, row)
    lines = _weight_lines(scored, nodes, weight)
    target = np.array([plan.targets.get(name, np.nan) for name in tree.ids])

    def gain(to: np.ndarray) -> np.ndarray:
        known = [n for n in nodes if not np.isnan(to[n] + score[n])]
        found = np.full(len(tree.ids), np.nan)
        found[known] = index_if(scored, row, [{n: float(to[n])} for n in known]) - _same(scored, row)
        return found[nodes]

    one_more = np.fmin(score + 1.0, np.where(np.isnan(best), np.inf, np.maximum(best, score)))
    columns = {
        "wave": wave,
        "unit": plan.unit,
        "node": [tree.ids[n] for n in nodes],
        "level": [tree.levels[n] for n in nodes],
        "effective_weight": weight[nodes],
        "score": score[nodes],
        "weight_line": [lines[tree.levels[n]] for n in nodes],
        "score_line": index,
        "gain_per_point": derivatives(scored, row)[nodes],
        "gain_of_one": gain(one_more),
        "target": target[nodes],
        "gain_to_target": gain(np.where(np.isnan(target), np.nan, np.maximum(target, score))),
        "gain_to_best": gain(np.where(np.isnan(best), np.nan, np.maximum(best, score))),
    }
    frame = pd.DataFrame(columns)
    frame["quadrant"] = [
        _quadrant(r.effective_weight >= r.weight_line * (1 - _SAME), r.score, index)
        for r in frame.itertuples()
    ]
    return shape("priorities", frame)


def _same(scored: Scored, row: int) -> float:
    """The index with nothing changed, on the same way."""
    return float(index_if(scored, row, [{}])[0])


def _asked(scored: Scored, node: int, row: int) -> bool:
    return bool(scored.applicable[scored.tree.below[node], row].any())


def _weight_lines(scored: Scored, nodes: list[int], weight: np.ndarray) -> dict[str, float]:
    """The mean effective weight of each level, of the nodes that have a score."""
    found: dict[str, float] = {}
    for level in {scored.tree.levels[n] for n in nodes}:
        own = [weight[n] for n in nodes if scored.tree.levels[n] == level and weight[n] > 0]
        found[level] = float(np.mean(own)) if own else float("nan")
    return found


def _quadrant(important: bool, score: float, index: float) -> str | None:
    if np.isnan(score) or np.isnan(index):
        return None
    if score >= index - _SAME * abs(index):
        return KEEP if important else OVERKILL
    return CONCENTRATE if important else LOW_PRIORITY


def target_notes(scored: Scored, plan: Plan) -> Iterator[tuple[str, str]]:
    """Targets that are met already: node and sentence."""
    if plan.unit not in scored.units:
        return
    row = scored.of_wave(scored.waves[-1]).start + scored.units.index(plan.unit)
    for node, target in plan.targets.items():
        score = scored.scores[scored.tree.ids.index(node), row] if node in scored.tree.ids else np.nan
        if score >= target:
            yield node, f"the target of {target:g} is met already, with {score:.1f}: set the next one"

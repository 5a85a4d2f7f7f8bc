"""Before and after: how much each node moved, how sure that is, and where it came from.

Every change is split exactly into what readings did (value), what changed weight definitions
did (weight), and what came or went (membership: readings present in one wave alone, with the
rescaling of the others that follows). Value and weight are taken in both orders and averaged,
so neither hides the other (Bennet 1920; the Shapley value of two causes).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.plan import Comparison, Plan
from ..methods.aggregation import Spread
from ..methods.statistics import both_within, false_discovery, t_quantile, two_sided_p
from ..scoring.assessment import Scored, bands
from ..scoring.score import combine_children
from ..scoring.tree import Tree
from ..tables import shape
from .bootstrap import Bootstrap
from .certainty import band_ends, finite_freedom
from .respondents import Respondents

Array = NDArray[np.float64]
CLEAR = 0.05  # the rate of false discoveries below which a change is called clear


@dataclass(frozen=True)
class Split:
    """The three parts of a change, shape (nodes, units), NaN where there is none."""

    value: Array
    weight: Array
    membership: Array


def changes_table(
    respondents: Respondents,
    framework: Framework,
    plan: Plan,
    replicates: Bootstrap | None = None,
    apart: Mapping[tuple[str, str], Collection[str]] | None = None,
) -> pd.DataFrame:
    """The table `changes`: every comparison, unit and node; intervals from replicates where given.

    `apart` names by comparison the measures whose two readings do not mean the same: they have no
    change, and count above as evidence that came and went."""
    apart = apart or {}
    parts = [
        _comparison(respondents, pair, framework, plan, replicates, apart.get((pair.before, pair.after), ()))
        for pair in plan.comparisons
    ]
    return shape("changes", pd.concat(parts, ignore_index=True) if parts else pd.DataFrame())


def _comparison(
    respondents: Respondents,
    pair: Comparison,
    framework: Framework,
    plan: Plan,
    replicates: Bootstrap | None,
    apart: Collection[str],
) -> pd.DataFrame:
    scored = respondents.scored
    first, last = scored.of_wave(pair.before), scored.of_wave(pair.after)
    before, after = scored.scores[:, first], scored.scores[:, last]
    change = after - before
    alone = np.isin(scored.tree.ids, list(apart))
    change[alone] = np.nan
    joint = respondents.between(pair.before, pair.after)
    error = np.sqrt(joint.of_change)
    half = t_quantile(joint.freedom) * error
    low, high = change - half, change + half
    sides = before, after
    begins, ends = (
        (one, two) for one, two in zip(*(band_ends(framework, score) for score in sides), strict=True)
    )
    if replicates is None:
        bands_right = both_within(sides, (joint.before, joint.after), joint.covariance, begins, ends)
    else:
        found = replicates.changes[pair.before, pair.after]
        low, high, error, bands_right = found.low, found.high, found.error, found.within
    p_value = two_sided_p(change, error, joint.freedom)
    q_value = _q_values(scored.tree, p_value)
    smallest = smallest_changes(scored.tree, plan)[:, None]
    named = bands(framework, before), bands(framework, after)
    moved = (named[0] != named[1]) & ~np.isnan(error)
    parts = split(scored, pair, alone)
    low, high, error = (np.where(alone[:, None], np.nan, end) for end in (low, high, error))
    for part in (parts.value, parts.weight, parts.membership):
        part[alone] = np.nan
    nodes, units = before.shape
    columns = {
        "before": before,
        "after": after,
        "change": change,
        "low": low,
        "high": high,
        "p_value": p_value,
        "q_value": q_value,
        "from_value": parts.value,
        "from_weight": parts.weight,
        "from_membership": parts.membership,
        "smallest_change": np.broadcast_to(smallest, change.shape),
        "verdict": verdicts(change, low, high, q_value, smallest),
        "band_before": named[0],
        "band_after": named[1],
        "band_change_probability": np.where(moved, bands_right, np.nan),
        "standard_error": error,
        "degrees_of_freedom": finite_freedom(joint.freedom, error),
    }
    return pd.DataFrame(
        {
            "unit": np.repeat(scored.units, nodes),
            "node": np.tile(scored.tree.ids, units),
            "before_wave": pair.before,
            "after_wave": pair.after,
            **{name: array.T.ravel() for name, array in columns.items()},
        }
    )


def smallest_changes(tree: Tree, plan: Plan) -> Array:
    """The change worth talking about at every node, NaN where the plan names none."""
    wanted = plan.smallest_change
    if isinstance(wanted, dict):
        return np.array([wanted.get(node, np.nan) for node in tree.ids])
    return np.full(len(tree.ids), np.nan if wanted is None else wanted)


def verdicts(change: Array, low: Array, high: Array, q_value: Array, smallest: Array) -> NDArray[np.object_]:
    """Whether a change is clear, and whether it matters: two words; None where no error is known."""
    clear = ((low > 0) | (high < 0)) & (q_value < CLEAR)
    said = np.full(change.shape, None, dtype=object)
    said[~np.isnan(low)] = "unclear"
    said[(low >= -smallest) & (high <= smallest)] = "none"
    said[clear] = "clear"
    said[clear & (np.abs(change) >= smallest)] = "clear-and-matters"
    said[clear & (np.abs(change) < smallest)] = "clear-but-small"
    return said


def _q_values(tree: Tree, p_values: Array) -> Array:
    """False discoveries are controlled within a unit and a level of the tree."""
    found = np.full(p_values.shape, np.nan)
    for level in set(tree.levels):
        members = [n for n, name in enumerate(tree.levels) if name == level]
        for unit in range(p_values.shape[1]):
            found[members, unit] = false_discovery(p_values[members, unit])
    return found


def split(scored: Scored, pair: Comparison, apart: NDArray[np.bool_]) -> Split:
    """Where the change of every node comes from; `apart` are nodes whose readings do not compare."""
    first, last = scored.of_wave(pair.before), scored.of_wave(pair.after)
    before, after = scored.scores[:, first], scored.scores[:, last]
    common = _common(scored.tree, before, after, apart)

    def state(values: slice, weights: slice) -> Array:
        return _with_members(scored, values, weights, common)

    old, new = state(first, first), state(last, last)
    new_values, new_weights = state(last, first), state(first, last)
    value = 0.5 * ((new_values - old) + (new - new_weights))
    weight = 0.5 * ((new_weights - old) + (new - new_values))
    membership = (after - before) - value - weight
    alone = ~common & ~np.isnan(after - before)  # scored in both waves, from nothing in common
    value[alone], weight[alone] = 0.0, 0.0
    membership[alone] = (after - before)[alone]
    gone = np.isnan(after - before)
    for part in (value, weight, membership):
        part[gone] = np.nan
    return Split(value, weight, membership)


def _common(tree: Tree, before: Array, after: Array, apart: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes scored in both waves that rest on something scored in both, and meaning the same."""
    common = ~np.isnan(before) & ~np.isnan(after) & ~apart[:, None]
    for branch in tree.branches:
        common[branch.node] &= common[list(branch.children)].any(axis=0)
    return common


def _with_members(scored: Scored, wave: slice, weights: slice, common: NDArray[np.bool_]) -> Array:
    """Scores from one wave's measures under one wave's weights, with the common members alone."""
    tree, values = scored.tree, scored.scores[:, wave]
    spreads = {node: Spread(found.points, found.shares[:, wave]) for node, found in scored.answered.items()}
    scores = np.full(values.shape, np.nan)
    scores[tree.leaf_nodes] = np.where(common[tree.leaf_nodes], values[tree.leaf_nodes], np.nan)
    for branch in tree.branches:
        defined = scored.weights[branch.id]
        defined = defined if defined.shape[1] == 1 else defined[:, weights]
        combine_children(replace(branch, min_share=0.0), scores, defined, spreads=spreads)
        scores[branch.node, ~common[branch.node]] = np.nan
    return scores

"""Diagnosis of an assessment with several units: importance, correlations, gaps, other rankings.

Every table is empty for fewer than three units: two points always lie on a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework, Group
from ..methods.diagnostics import (
    correlation_ratio,
    cronbach_alpha,
    described,
    explained_variance,
    linear_r2,
    pairwise_correlations,
)
from ..methods.ranking import copeland, grey_relational, topsis, vikor
from ..scoring.assessment import Scored
from ..scoring.score import ranks
from ..scoring.tree import Branch
from ..tables import MEASURED, NOT_APPLICABLE, shape

Array = NDArray[np.float64]
LEAST_UNITS = 3
COLLINEAR, NEGATIVE, SILENT = 0.92, -0.4, 0.3  # as JRC's audits and COINr flag them
MOST_MEASURES = 200  # pairs across pillars grow with the square of the measures


def diagnostic_tables(
    framework: Framework, scored: Scored, readings: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables `ranking`, `importance`, `correlations`, `pillars`, `statistics` and `missing`."""
    if len(scored.units) < LEAST_UNITS:
        return {}
    return {
        "ranking": ranking_table(scored),
        "importance": importance_table(scored),
        "correlations": correlations_table(scored),
        "pillars": pillars_table(framework, scored),
        "statistics": statistics_table(readings),
        "missing": missing_table(readings),
    }


def ranking_table(scored: Scored) -> pd.DataFrame:
    """The table `ranking`: other ways to rank units on each node, beside its score."""
    parts = []
    for wave, branch, children, weights in _occasions(scored):
        own = scored.scores[branch.node, scored.of_wave(wave)]
        columns: dict[str, Array] = {"score": own, "rank": _ranks(own)}
        for name, rule in (
            ("topsis", topsis),
            ("vikor", vikor),
            ("grey", grey_relational),
            ("copeland", copeland),
        ):
            value = rule(children, weights)
            columns |= {name: value, f"{name}_rank": _ranks(-value if name == "vikor" else value)}
        parts.append(pd.DataFrame({"wave": wave, "unit": scored.units, "node": branch.id, **columns}))
    return shape("ranking", pd.concat(parts, ignore_index=True))


def importance_table(scored: Scored) -> pd.DataFrame:
    """The table `importance`: how much of each node goes with each child, beside its weight."""
    rows: list[dict[str, Any]] = []
    for wave, branch, children, weights in _occasions(scored):
        own = scored.scores[branch.node, scored.of_wave(wave)]
        ratios = np.array([correlation_ratio(child, own) for child in children])
        parts = np.maximum(ratios, 0.0)  # an estimate near none can fall below
        total = np.nansum(parts)
        for name, child, weight, ratio, part in zip(
            branch.names, children, weights, ratios, parts, strict=True
        ):
            rows.append(
                {
                    "wave": wave,
                    "node": branch.id,
                    "child": name,
                    "weight": weight,
                    "importance": part / total if total > 0 else np.nan,
                    "correlation_ratio": ratio,
                    "linear_r2": linear_r2(child, own),
                    "units": int((~np.isnan(child) & ~np.isnan(own)).sum()),
                }
            )
    return shape("importance", pd.DataFrame(rows))


def correlations_table(scored: Scored) -> pd.DataFrame:
    """The table `correlations`: siblings, parent and child, and measures of different parents."""
    tree = scored.tree
    parent = {child: branch for branch in tree.branches for child in branch.children}
    pairs = [(a, b, "siblings") for branch in tree.branches for a, b in combinations(branch.children, 2)]
    pairs += [(child, branch.node, "parent") for branch in tree.branches for child in branch.children]
    root = tree.branches[-1].node
    pairs += [(leaf, root, "index") for leaf in tree.leaf_nodes if parent[leaf].node != root]
    if len(tree.leaves) <= MOST_MEASURES:
        across = combinations(tree.leaf_nodes, 2)
        pairs += [(a, b, "across") for a, b in across if parent[a] is not parent[b]]
    rows = []
    for wave in scored.waves:
        rs, both = pairwise_correlations(scored.scores[:, scored.of_wave(wave)])
        for a, b, relation in pairs:
            r, units = float(rs[a, b]), int(both[a, b])
            known = {"wave": wave, "node": tree.ids[a], "other": tree.ids[b], "relation": relation}
            rows.append({**known, "r": r, "units": units, "flag": _flag(r, relation)})
    return shape("correlations", pd.DataFrame(rows))


def _flag(r: float, relation: str) -> str | None:
    upwards = relation in ("parent", "index")
    if np.isnan(r):
        return None
    if r <= (0.0 if upwards else NEGATIVE):
        return "negative"
    if r >= COLLINEAR and not upwards:
        return "collinear"
    return "silent" if upwards and r < SILENT else None


def pillars_table(framework: Framework, scored: Scored) -> pd.DataFrame:
    """The table `pillars`: how well the children of a node hang together."""
    reflective = {
        node.id
        for _, node, _ in framework.walk()
        if isinstance(node, Group) and node.measurement == "reflective"
    }
    rows = []
    for wave, branch, children, _ in _occasions(scored):
        rs = pairwise_correlations(children)[0][np.triu_indices(len(children), 1)]
        known = rs[~np.isnan(rs)]
        rows.append(
            {
                "wave": wave,
                "node": branch.id,
                "children": len(children),
                "units": int((~np.isnan(children).any(axis=0)).sum()),
                "mean_correlation": float(known.mean()) if known.size else np.nan,
                "explained": explained_variance(children),
                "alpha": cronbach_alpha(children) if branch.id in reflective else np.nan,
            }
        )
    return shape("pillars", pd.DataFrame(rows))


def statistics_table(readings: pd.DataFrame) -> pd.DataFrame:
    """The table `statistics`: each measure's readings in each wave, before anything is done."""
    rows = []
    for (wave, measure), group in readings.groupby(["wave", "measure"], sort=False):
        asked = group[group["state"] != NOT_APPLICABLE]
        rows.append({"wave": wave, "measure": measure, **described(asked["value"].to_numpy(dtype=float))})
    return shape("statistics", pd.DataFrame(rows))


def missing_table(readings: pd.DataFrame) -> pd.DataFrame:
    """The table `missing`: the share of applicable readings that were not had, by unit and measure."""
    asked = readings[readings["state"] != NOT_APPLICABLE]
    lacking = (asked["state"] != MEASURED).astype(float)
    parts = []
    for kind in ("unit", "measure"):
        grouped = (
            lacking.groupby([asked["wave"], asked[kind]], sort=False).agg(["mean", "size"]).reset_index()
        )
        frame = grouped.rename(columns={kind: "name", "mean": "missing", "size": "asked"})
        parts.append(frame.assign(kind=kind))
    return shape("missing", pd.concat(parts, ignore_index=True))


def _occasions(scored: Scored) -> Iterator[tuple[str, Branch, Array, Array]]:
    """Every wave and branch with its children's scores and its weights in that wave."""
    for n, wave in enumerate(scored.waves):
        for branch in scored.tree.branches:
            defined = scored.weights[branch.id]
            weights = defined[:, 0 if defined.shape[1] == 1 else n * len(scored.units)]
            yield (
                wave,
                branch,
                scored.scores[list(branch.children)][:, scored.of_wave(wave)],
                weights / weights.sum(),
            )


def _ranks(values: Array) -> Array:
    return ranks(values[None, :], np.zeros(values.size))[0]

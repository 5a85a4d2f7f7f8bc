"""How differently audiences see the same thing: the view of one less that of another, node by node.

Each audience's answers are scored alone, by the same rules and fits, on the measures that both
were asked about, so that a difference is one of opinion and not of questions.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework, Group, Measure
from ..definition.plan import Plan
from ..evidence.readings import Evidence
from ..methods.statistics import false_discovery, t_quantile, two_sided_p
from ..scoring.assessment import Scored, score
from ..scoring.score import propagate
from ..tables import MEASURED, NOT_APPLICABLE, shape

KEYS = ["wave", "unit", "measure"]
# the later in this order less the earlier: what the firm thinks of itself less what customers think
ORDER = ("customer", "employee", "manager", "expert")


def audience_gaps_table(framework: Framework, plan: Plan, evidence: Evidence, scored: Scored) -> pd.DataFrame:
    """The table `audience_gaps`: a row for each pair of audiences, wave, unit and node that both
    have a view of. Samples are independent; false discoveries are controlled within a pair, wave,
    unit and level."""
    told = evidence.audiences
    told = told[(told["state"] == MEASURED) & told["standard_error"].notna()]
    roles = sorted(told["role"].unique(), key=lambda r: (ORDER.index(r) if r in ORDER else len(ORDER), r))
    parts = [
        part
        for other, audience in combinations(roles, 2)
        if len(part := _pair(framework, plan, evidence, scored, told, audience, other))
    ]
    return shape("audience_gaps", pd.concat(parts, ignore_index=True) if parts else {})


def _pair(
    framework: Framework,
    plan: Plan,
    evidence: Evidence,
    scored: Scored,
    told: pd.DataFrame,
    audience: str,
    other: str,
) -> pd.DataFrame:
    sides = [told[told["role"] == role].drop_duplicates(KEYS).set_index(KEYS) for role in (audience, other)]
    common = sides[0].index.intersection(sides[1].index)
    common = common[common.get_level_values("measure").isin(framework.measures)]
    if common.empty:
        return pd.DataFrame()
    views = [_view(framework, plan, evidence, scored, side.loc[common]) for side in sides]
    tree = scored.tree
    variance = views[0].variance + views[1].variance
    error = np.sqrt(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = variance**2 / sum(_parts(view, side) for view, side in zip(views, sides, strict=True))
    gap = views[0].scores - views[1].scores
    nodes, rows = gap.shape
    units = len(scored.units)
    frame = pd.DataFrame(
        {
            "wave": np.repeat(scored.waves, units * nodes),
            "unit": np.tile(np.repeat(scored.units, nodes), len(scored.waves)),
            "node": np.tile(tree.ids, rows),
            "level": np.tile(tree.levels, rows),
            "audience": audience,
            "other": other,
            "score": views[0].scores.T.ravel(),
            "other_score": views[1].scores.T.ravel(),
            "gap": gap.T.ravel(),
            "standard_error": error.T.ravel(),
            "freedom": np.where(freedom > 0, freedom, np.inf).T.ravel(),
        }
    )
    frame = frame[frame["gap"].notna()].reset_index(drop=True)
    gap, error, freedom = (
        frame.pop(name).to_numpy() if name == "freedom" else frame[name].to_numpy()
        for name in ("gap", "standard_error", "freedom")
    )
    half = t_quantile(freedom) * error
    frame = frame.assign(low=gap - half, high=gap + half, p_value=two_sided_p(gap, error, freedom))
    family = frame.groupby(["wave", "unit", "level"], sort=False)["p_value"]
    frame["q_value"] = family.transform(lambda p: false_discovery(p.to_numpy(dtype=float)))
    return frame.merge(_behind(framework, sides, common), on=["wave", "unit", "node"], how="left")


def _view(framework: Framework, plan: Plan, evidence: Evidence, scored: Scored, side: pd.DataFrame) -> Scored:
    """The scores that one audience's answers alone give; all else does not apply."""
    grid = evidence.readings.set_index(KEYS)
    grid[["value", "n", "standard_error"]] = np.nan
    grid["state"] = NOT_APPLICABLE
    for column in ("value", "n", "standard_error"):
        grid.loc[side.index, column] = side[column].to_numpy(dtype=float)
    grid.loc[side.index, "state"] = MEASURED
    alone = plan.model_copy(update={"screen": None})
    fitted = scored.fitted if len(scored.fitted) else None
    return score(framework, alone, list(evidence.units), grid.reset_index(), evidence.attributes, fitted)


def _parts(view: Scored, side: pd.DataFrame) -> NDArray[np.float64]:
    """Σ v²/(n − 1) over the measures behind each node, v being each one's part of its variance:
    the variance squared over this is the degrees of freedom (Welch 1947; Satterthwaite 1946)."""
    tree = view.tree
    rows = [(wave, unit) for wave in view.waves for unit in view.units]
    found = np.full(view.scores.shape, np.nan)
    n = side["n"].astype(float)
    for leaf in tree.leaves:
        counts = np.array([n.get((wave, unit, leaf.id), np.nan) for wave, unit in rows])
        found[leaf.node] = view.variance[leaf.node] ** 2 / (counts - 1)
    squares = {node: slopes**2 for node, slopes in view.gradient.items()}
    return propagate(tree, found, squares)


def _behind(framework: Framework, sides: list[pd.DataFrame], common: pd.MultiIndex) -> pd.DataFrame:
    """What stands behind each node: how many measures, how many people on each side (on the measure
    that fewest answered), and of a measure itself the two readings."""
    one, two = (side.loc[common].reset_index() for side in sides)
    both = one[KEYS].assign(
        value=one["value"], other_value=two["value"], n=one["n"].astype(float), other_n=two["n"].astype(float)
    )
    found = []
    for _, node, _ in framework.walk():
        below = _measures(node)
        rows = both[both["measure"].isin(below)]
        grouped = rows.groupby(["wave", "unit"], sort=False)
        part = grouped.agg(measures=("measure", "size"), n=("n", "min"), other_n=("other_n", "min"))
        if isinstance(node, Measure):
            part = part.join(grouped[["value", "other_value"]].first())
        found.append(part.reset_index().assign(node=node.id))
    return pd.concat([part for part in found if len(part)], ignore_index=True)


def _measures(node: Group | Measure) -> list[str]:
    if isinstance(node, Group):
        return [name for child in node.children for name in _measures(child)]
    return [node.id]

"""Links between capability and performance: what goes together, which is not what causes what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..definition.links import Links
from ..definition.plan import Plan
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.association import Association, same_correlation
from ..methods.statistics import false_discovery
from ..scoring.assessment import Scored
from ..tables import shape

UNITS, WAVES = "units", "waves"


def links_table(
    scored: Scored, plan: Plan, readings: pd.DataFrame, attributes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The table `links`: what the plan's `links` ask for.

    Over the units of the last wave where there are enough of them, else over the waves of the
    plan's unit. Rows of one unit in several waves are never taken for several units. Where pairs
    are too few, or one side never varies, the row says so and holds no number. Raises EvidenceError
    for a moderator that the units do not have.
    """
    if plan.links is None:
        return shape("links", {})
    links, over = plan.links, _over(scored, plan)
    groups = _groups(scored, links, attributes) if over == UNITS else None
    rows: list[dict[str, Any]] = []
    for source in links.sources:
        for to in links.to:
            if source == to and not links.lag:
                continue
            x, y = _pairs(scored, plan, readings, source, to, over)
            about = {"source": source, "to": to, "lag": links.lag, "over": over}
            rows.append({**about, **_row(x, y, links.minimum, over)})
            if groups is not None:
                parts = [
                    {**about, "group": name, **_row(x[own], y[own], links.minimum, over)}
                    for name, own in groups
                ]
                known = [part for part in parts if "pearson" in part]
                p = same_correlation(
                    np.array([part["pearson"] for part in known]),
                    np.array([float(part["n"]) for part in known]),
                )
                rows += [{**part, "moderator_p": p} for part in parts]
    table = shape("links", pd.DataFrame(rows))
    whole = table["group"].isna().to_numpy()
    q_value = np.full(len(table), np.nan)
    q_value[whole] = false_discovery(table.loc[whole, "p_value"].to_numpy(float))
    return table.assign(q_value=q_value)


def _over(scored: Scored, plan: Plan) -> str:
    """Units, unless there are too few of them and waves are more."""
    links = plan.links
    assert links is not None
    few = len(scored.units) < links.minimum
    return WAVES if few and len(scored.waves) > len(scored.units) else UNITS


def _pairs(
    scored: Scored, plan: Plan, readings: pd.DataFrame, source: str, to: str, over: str
) -> tuple[np.ndarray, np.ndarray]:
    """Both series, a place a unit or a wave; NaN where there is nothing."""
    assert plan.links is not None
    lag, units = plan.links.lag, len(scored.units)
    x, y = _series(scored, readings, source, False), _series(scored, readings, to, True)
    if over == WAVES:
        own = scored.units.index(plan.unit)
        return x[: len(x) - lag, own], y[lag:, own]
    return x[len(x) - 1 - lag].reshape(units), y[-1].reshape(units)


def _series(scored: Scored, readings: pd.DataFrame, node: str, raw: bool) -> np.ndarray:
    """A node's scores, shape (waves, units); of a measure of performance its readings."""
    size = (len(scored.waves), len(scored.units))
    if raw and any(leaf.id == node for leaf in scored.tree.leaves):
        own = readings[readings["measure"] == node]
        wide = own.pivot(index="wave", columns="unit", values="value")
        return wide.reindex(index=list(scored.waves), columns=list(scored.units)).to_numpy(float)
    return scored.scores[scored.tree.ids.index(node)].reshape(size)


def _row(x: np.ndarray, y: np.ndarray, minimum: int, over: str) -> dict[str, Any]:
    both = ~np.isnan(x) & ~np.isnan(y)
    x, y = x[both], y[both]
    if len(x) < minimum:
        return {"n": len(x), "note": f"{len(x)} {over} have both, and a link takes {minimum}"}
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return {
            "n": len(x),
            "note": f"all {over} have the same {'first' if np.ptp(x) == 0 else 'second'} number",
        }
    found = Association.of(x, y)
    return {
        "n": found.n,
        "pearson": found.pearson,
        "pearson_low": found.pearson_interval[0],
        "pearson_high": found.pearson_interval[1],
        "spearman": found.spearman,
        "spearman_low": found.spearman_interval[0],
        "spearman_high": found.spearman_interval[1],
        "slope": found.slope,
        "slope_low": found.slope_interval[0],
        "slope_high": found.slope_interval[1],
        "intercept": found.intercept,
        "p_value": found.p_value,
    }


def _groups(
    scored: Scored, links: Links, attributes: pd.DataFrame | None
) -> list[tuple[str, np.ndarray]] | None:
    if links.moderator is None:
        return None
    known = pd.DataFrame() if attributes is None else attributes
    if links.moderator not in known.columns:
        what = f"links: the units have no attribute {links.moderator}"
        remedy = near_miss(links.moderator, known.columns) or "list the units with it, in the plan or a file"
        raise EvidenceError(Problem(Place(), what, remedy))
    values = known.reindex(list(scored.units))[links.moderator].map(str, na_action="ignore")
    names = sorted(name for name in values.dropna().unique() if name)
    return [(name, (values == name).to_numpy()) for name in names]


def links_notes(table: pd.DataFrame) -> Iterator[str]:
    """What to know before a link is believed: sentences."""
    if table.empty:
        return
    whole = table[table["group"].isna()]
    if whole["pearson"].notna().any():
        yield (
            "links say what goes together and not what causes what: units that are good at one thing may be good at "
            "another for a third reason"
        )
    for row in whole[whole["note"].notna()].itertuples():
        yield f"no link from {row.source} to {row.to}: {row.note}"

"""What a pool may tell without telling of anybody: enough peers, nobody who dominates, no group that
gives those outside it away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.pool import FEWEST, PoolScores
from ..errors import NOWHERE, Problem, near_miss

Array = NDArray[np.float64]
MOST = 0.5  # of the peers that one owner may bring


def pool_scores(scores: pd.DataFrame) -> dict[str, PoolScores]:
    """What units count with at each node, low to high, where at least five have a score."""
    nodes = scores["node"].unique()
    wide = scores.pivot(index="node", columns="unit", values="counting").loc[nodes]
    return spread(nodes.tolist(), wide.to_numpy(float))


def spread(nodes: Sequence[str], counting: Array) -> dict[str, PoolScores]:
    """The same from an array, shape (nodes, units), NaN where a unit has no score."""
    ordered = np.sort(counting, axis=1)  # NaN last
    counts = ordered.shape[1] - np.isnan(ordered[:, ::-1]).argmin(axis=1)
    counts[np.isnan(ordered).all(axis=1)] = 0
    return {
        node: PoolScores.of(row[:count])
        for node, row, count in zip(nodes, ordered, counts.tolist(), strict=True)
        if count >= FEWEST
    }


def grouped_scores(scores: pd.DataFrame, attribute: pd.Series) -> dict[str, dict[str, PoolScores]]:
    """The same within each group that is large enough.

    Where the units outside all groups that are told would be fewer than five, what is told of the
    whole less what is told of the groups would give them away: the smallest group goes too.
    """
    marked = scores.assign(group=scores["unit"].map(attribute.to_dict()))
    found: dict[str, dict[str, PoolScores]] = {}
    for node, rows in marked.groupby("node", sort=False):
        groups = {str(name): part for name, part in rows.groupby("group") if len(part) >= FEWEST}
        while groups and 0 < len(rows) - sum(map(len, groups.values())) < FEWEST:
            del groups[min(groups, key=lambda name: len(groups[name]))]
        for name, part in groups.items():
            found.setdefault(name, {})[str(node)] = PoolScores.of(np.sort(part["counting"].to_numpy(float)))
    return found


def unknown_attributes(attributes: pd.DataFrame, *wanted: str | None) -> Iterator[Problem]:
    """Attributes that no unit has."""
    for name in wanted:
        if name is not None and name not in attributes.columns:
            remedy = near_miss(name, attributes.columns) or "list the units with it, in the plan or a file"
            yield Problem(NOWHERE, f'the units have no attribute "{name}"', remedy)


def dominance(units: Iterable[str], attributes: pd.DataFrame, owner: str | None) -> list[Problem]:
    """Too few owners, or one who brings more than half of the units."""
    if owner is None:
        return []
    owners = attributes[owner].to_dict()
    counts = pd.Series([owners.get(unit) or unit for unit in units]).value_counts()
    if len(counts) < FEWEST:
        what = f"the units are of {len(counts)} by {owner}: with fewer than {FEWEST} a figure would tell of one of them"
        return [Problem(NOWHERE, what, "add results of others")]
    if counts.iloc[0] > MOST * counts.sum():
        what = f"{counts.index[0]} brings {counts.iloc[0]} of {counts.sum()} units: a pool where one has more than half tells of that one"
        return [Problem(NOWHERE, what, "leave some of them out with --without, or add others")]
    return []


def named_problems(peers: int, named: Sequence[str]) -> list[Problem]:
    """Naming so many that the others are given away."""
    left = peers - len(set(named))
    if not named or left == 0 or left >= FEWEST:
        return []
    what = f"naming {len(set(named))} of {peers} peers would give the other {left} away"
    return [Problem(NOWHERE, what, f"name all, or leave at least {FEWEST} unnamed")]

"""Facts for findings about people and peers: the unit and its peers, one audience and another, an
audience and itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..definition.plan import Plan
from ..methods.model import Text, in_language

MOST = 6  # peers that a sentence names
CLEAR = 0.05
Facts = dict[str, float]


@dataclass(frozen=True)
class Between:
    """Facts of each node, and who is meant by them."""

    facts: Mapping[str, Facts]
    level: Mapping[str, tuple[Text, ...]]  # the peers that cannot be told apart
    sides: Mapping[str, tuple[Text, Text]]  # the audience that scores higher, and the other
    divided: Mapping[str, Text]  # the audience that agrees with itself least

    def names(self, node: str, language: str) -> dict[str, str]:
        """The words of a sentence about the node."""
        comma = "、" if language.startswith("zh") else ", "
        level = [in_language(name, language) for name in self.level.get(node, ())]
        shown = comma.join(level[:MOST]) + (" …" if len(level) > MOST else "")
        higher, lower = self.sides.get(node, ("", ""))
        found = {"level_names": shown}
        if node in self.divided:
            found["divided_title"] = in_language(self.divided[node], language)
        if higher:
            found |= {
                "higher_title": in_language(higher, language),
                "lower_title": in_language(lower, language),
            }
        return found


def between_facts(
    plan: Plan,
    tables: Mapping[str, pd.DataFrame],
    units: Mapping[str, Text],
    audiences: Mapping[str, Text],
) -> Between:
    """From the tables `differences`, `audience_gaps` and `audiences`, in the last wave."""
    facts: dict[str, Facts] = {}
    level: dict[str, tuple[Text, ...]] = {}
    sides: dict[str, tuple[Text, Text]] = {}
    peers = _last(tables.get("differences"), plan)
    for node, rows in peers[peers["verdict"].notna()].groupby("node") if len(peers) else ():
        counts = rows["verdict"].value_counts()
        facts[str(node)] = {
            "level_peers": float(counts.get("noise", 0)),
            "clear_ahead": float(counts.get("behind", 0)),  # the unit is behind them
            "clear_behind": float(counts.get("ahead", 0)),
        }
        level[str(node)] = tuple(
            units.get(name, name) for name in rows.loc[rows["verdict"] == "noise", "other"]
        )
    gaps = _last(tables.get("audience_gaps"), plan)
    for node, rows in gaps[gaps["q_value"] < CLEAR].groupby("node") if len(gaps) else ():
        row = rows.loc[rows["gap"].abs().idxmax()]
        ends = (float(row["low"]), float(row["high"]))
        names = tuple(audiences.get(row[side], row[side]) for side in ("audience", "other"))
        if row["gap"] < 0:  # told from the side that scores higher
            ends, names = (-ends[1], -ends[0]), names[::-1]
        facts.setdefault(str(node), {}).update(
            gap=abs(float(row["gap"])), gap_low=ends[0], gap_high=ends[1], gap_q=float(row["q_value"])
        )
        sides[str(node)] = (names[0], names[1])
    divided: dict[str, Text] = {}
    told = _last(tables.get("audiences"), plan)
    for node, rows in told[told["r_wg"].notna()].groupby("measure") if len(told) else ():
        row = rows.loc[rows["r_wg"].idxmin()]
        facts.setdefault(str(node), {}).update(agreement=float(row["r_wg"]), agreement_n=float(row["n"]))
        divided[str(node)] = audiences.get(row["role"], row["role"])
    return Between(facts, level, sides, divided)


def _last(table: pd.DataFrame | None, plan: Plan) -> pd.DataFrame:
    if table is None or table.empty:
        return pd.DataFrame()
    return table[(table["unit"] == plan.unit) & (table["wave"] == plan.waves[-1].id)]

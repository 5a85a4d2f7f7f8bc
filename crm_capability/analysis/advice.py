"""What a result says beyond its scores: peers one by one, priorities, links, published cases, a roadmap."""

from __future__ import annotations

import pandas as pd

from ..definition.loaded import LoadedPlan
from ..evidence.readings import Evidence
from ..scoring.assessment import Scored
from .cases import cases_table
from .differences import differences_table
from .links import links_notes, links_table
from .peers import Peers
from .priorities import priorities_table, target_notes
from .result import Result
from .roadmap import roadmap
from .roadmap_table import first_day, roadmap_notes, roadmap_table, roadmap_targets

Note = dict[str, str]


def advice_tables(
    loaded: LoadedPlan,
    evidence: Evidence,
    scored: Scored,
    peers: Peers | None,
    tables: dict[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], list[Note]]:
    """The tables of advice that hold anything, and what to know about them.

    `tables` holds what is known so far. Raises EvidenceError for attributes that the units lack.
    """
    plan, framework, advice = loaded.plan, loaded.framework, loaded.advice
    found = {
        "priorities": priorities_table(scored, plan),
        "differences": differences_table(peers, plan),
        "links": links_table(scored, plan, evidence.readings, evidence.attributes),
    }
    notes: list[Note] = [{"node": node, "text": text} for node, text in target_notes(scored, plan)]
    notes += [{"node": "", "text": text} for text in links_notes(found["links"])]
    if advice.cases is not None:
        found["cases"] = cases_table(advice.cases.value, plan, evidence.readings)
        text = "published case figures (table cases) have no known n: they say where others were, not how one ranks"
        notes.append({"node": "", "text": text})
    if advice.actions is not None and plan.roadmap is not None and _has_scores(tables, plan.unit):
        result = Result(plan, framework, (), evidence.units, tables)
        chosen = roadmap(result, advice.actions.value, plan.roadmap.effort)
        found["roadmap"] = roadmap_table(result, scored, chosen, first_day(result, plan.roadmap.start))
        found["roadmap_targets"] = roadmap_targets(result, scored, chosen)
        notes += [{"node": "", "text": text} for text in roadmap_notes(chosen, plan.roadmap.effort)]
    return {name: table for name, table in found.items() if len(table)}, notes


def _has_scores(tables: dict[str, pd.DataFrame], unit: str) -> bool:
    scores = tables["scores"]
    last = scores["wave"].iloc[-1]
    return bool(scores.loc[(scores["unit"] == unit) & (scores["wave"] == last), "score"].notna().any())

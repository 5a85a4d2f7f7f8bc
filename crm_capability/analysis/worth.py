"""What the answers behind a result are worth: who answered, scales, how far people and audiences
agree, and the scores without those who may not have read the questions."""

from __future__ import annotations

import pandas as pd

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..evidence.readings import Evidence
from ..evidence.scales import reliability_tables
from ..scoring.assessment import Scored, score, scores_table
from ..tables import shape
from .views import audience_gaps_table

# Below these, people differ too much for one number to speak for them: r_wg from .71 on is strong
# agreement (LeBreton and Senter 2008, table 3); a mean over respondents tells units apart from an
# ICC(2) of .70 on (Klein and Kozlowski 2000). A scale's questions hang together from an alpha of .70
# on (Nunnally 1978).
AGREE, TELLS_APART, RELIABLE = 0.70, 0.70, 0.70


def worth_tables(
    framework: Framework, plan: Plan, evidence: Evidence, scored: Scored
) -> dict[str, pd.DataFrame]:
    """The tables about the answers, where the plan has answers."""
    if not evidence.sheets:
        return {}
    tables = {
        **reliability_tables(evidence.sheets, _formative(framework)),
        "respondents": evidence.respondents,
        "responses": evidence.responses,
        "audiences": evidence.audiences,
        "item_shares": evidence.item_shares,
        "weights": evidence.weights,
        "caps": evidence.caps,
        "quotes": evidence.quotes,
        "segments": evidence.segments,
        "segment_readings": evidence.segment_readings,
        "audience_gaps": audience_gaps_table(framework, plan, evidence, scored),
        "without_flagged": _without_flagged(framework, plan, evidence, scored),
    }
    always = ("reliability", "items", "respondents", "responses")
    return {name: table for name, table in tables.items() if len(table) or name in always}


def _formative(framework: Framework) -> set[str]:
    return {name for name, measure in framework.measures.items() if measure.measurement == "formative"}


def _without_flagged(framework: Framework, plan: Plan, evidence: Evidence, scored: Scored) -> pd.DataFrame:
    """The table `without_flagged`: every node of a unit and wave that has flagged respondents.
    Where the plan sets `minimum_group`, fewer flagged than that are not taken out: what is left
    would give them away."""
    if evidence.without_flagged is None:
        return shape("without_flagged", {})
    fitted = scored.fitted if len(scored.fitted) else None
    careful = score(
        framework,
        plan,
        list(evidence.units),
        evidence.without_flagged,
        evidence.attributes,
        fitted,
        evidence.distributions_without_flagged,
    )
    keys = ["wave", "unit", "node"]
    both = scores_table(framework, scored)[[*keys, "score"]].merge(
        scores_table(framework, careful)[[*keys, "score"]], on=keys, suffixes=("", "_without")
    )
    people = evidence.respondents.assign(flagged=evidence.respondents["flags"].fillna("") != "")
    people = people.astype({"wave": "str", "unit": "str"})
    counts = people.groupby(["wave", "unit"], sort=False)["flagged"].agg(["size", "sum"]).reset_index()
    counts = counts.rename(columns={"size": "respondents", "sum": "flagged"})
    found = both.merge(counts, on=["wave", "unit"])
    return shape("without_flagged", found[found["flagged"] >= (plan.minimum_group or 1)])


def worth_notes(framework: Framework, plan: Plan, tables: dict[str, pd.DataFrame]) -> list[dict[str, str]]:
    """What to know of the answers: measures that have no alpha, people who disagree, the index of
    the plan's unit without the flagged."""
    notes = []
    scales = tables.get("reliability", shape("reliability", {}))
    several = scales.loc[scales["items"] > 1, "scale"].unique()
    for measure in sorted(_formative(framework) & set(several)):
        text = "formative: its questions make it up and need not agree, so it has no alpha and no omega"
        notes.append({"node": measure, "text": text})
    notes += [{"node": "", "text": text} for text in _disagreement(plan, tables, scales)]
    index = tables.get("without_flagged", shape("without_flagged", {}))
    index = index[(index["unit"] == plan.unit) & (index["node"] == framework.tree.id)]
    for row in index.to_dict("records"):
        found = f"the index is {row['score']:.1f}, and {row['score_without']:.1f} without"
        text = (
            f"{plan.unit}, {row['wave']}: {found} the {row['flagged']} flagged respondents of "
            f"{row['respondents']} (table respondents)"
        )
        notes.append({"node": framework.tree.id, "text": text})
    return notes


def _disagreement(plan: Plan, tables: dict[str, pd.DataFrame], scales: pd.DataFrame) -> list[str]:
    """Measures on which an audience does not agree with itself, and those whose units' means say
    little; of the last wave."""
    found = []
    last = plan.waves[-1].id
    told = tables.get("audiences", shape("audiences", {}))
    split = told[(told["unit"] == plan.unit) & (told["wave"] == last) & (told["r_wg"] < AGREE)]
    for role, rows in split.groupby("role", sort=False):
        names = ", ".join(f"{row.measure} ({row.r_wg:.2f})" for row in rows.itertuples())
        found.append(f"{role}, {last}: people disagree, r_wg below {AGREE:g}: {names}; table item_shares")
    weak = scales[(scales["wave"] == last) & (scales["icc2"] < TELLS_APART)]
    if len(weak):
        names = ", ".join(f"{row.scale} ({row.icc1:.2f}, {row.icc2:.2f})" for row in weak.itertuples())
        found.append(
            f"{last}: answers tell the units apart poorly, ICC(2) below {TELLS_APART:g} (ICC(1), ICC(2)): {names}"
        )
    return found

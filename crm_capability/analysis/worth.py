"""What the answers behind a result are worth: scales, respondents, and the index without those who
may not have read the questions."""

from __future__ import annotations

import pandas as pd

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..evidence.readings import Evidence
from ..evidence.scales import reliability_tables
from ..scoring.assessment import Scored, score, scores_table


def worth_tables(framework: Framework, evidence: Evidence) -> dict[str, pd.DataFrame]:
    """The tables `reliability`, `items` and `respondents`, where the plan has answers."""
    if not evidence.sheets:
        return {}
    return {**reliability_tables(evidence.sheets, _formative(framework)), "respondents": evidence.respondents}


def _formative(framework: Framework) -> set[str]:
    return {name for name, measure in framework.measures.items() if measure.measurement == "formative"}


def worth_notes(framework: Framework, plan: Plan, evidence: Evidence, scored: Scored) -> list[dict[str, str]]:
    """The index of the plan's unit with and without the flagged respondents, and which measures
    have no alpha because their questions make them up."""
    notes = []
    fed = {measure for answers in evidence.sheets for measure, asked in answers.fed.items() if len(asked) > 1}
    for measure in sorted(_formative(framework) & fed):
        text = "formative: its questions make it up and need not agree, so it has no alpha and no omega"
        notes.append({"node": measure, "text": text})
    if evidence.without_flagged is None:
        return notes
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
    both = [_index(framework, plan, one) for one in (scored, careful)]
    for wave, index in both[0].items():
        people = evidence.respondents[
            (evidence.respondents["wave"] == wave) & (evidence.respondents["unit"] == plan.unit)
        ]
        flagged = int((people["flags"].fillna("") != "").sum())
        if flagged:
            found = f"the index is {index:.1f}, and {both[1].get(wave, float('nan')):.1f} without"
            text = f"{plan.unit}, {wave}: {found} the {flagged} flagged respondents of {len(people)} (table respondents)"
            notes.append({"node": framework.tree.id, "text": text})
    return notes


def _index(framework: Framework, plan: Plan, scored: Scored) -> dict[str, float]:
    scores = scores_table(framework, scored)
    own = scores[(scores["unit"] == plan.unit) & (scores["node"] == framework.tree.id)]
    return dict(zip(own["wave"], own["score"], strict=True))

"""Levels of maturity that need a document, and what an answer counts as without one."""

from __future__ import annotations

from typing import Any

import pytest

from crm_capability import assess, load_plan

SHEET: dict[str, Any] = {
    "questionnaire": "levels",
    "version": "1.0.0",
    "title": "Levels",
    "audience": "expert",
    "sections": [
        {
            "id": "all",
            "title": "All",
            "questions": [
                {
                    "id": "data-model",
                    "type": "maturity",
                    "text": "How far is the data model?",
                    "levels": [{"value": n, "label": str(n)} for n in range(1, 6)],
                    "evidence_above": 2,
                    "feeds": "voice",
                }
            ],
        }
    ],
}
ANSWERS = "respondent,wave,data-model\n1,before,4\n2,before,1\n3,before,dk\n1,after,5\n2,after,2\n"
WAVES = [
    {"id": "before", "from": "2017-01-01", "to": "2017-06-30"},
    {"id": "after", "from": "2017-07-01", "to": "2017-12-31"},
]
DOCUMENT = {"question": "data-model", "title": "Data model, signed"}


def plan_of(*documents: dict[str, Any]) -> dict[str, Any]:
    return {"waves": WAVES, "documents": list(documents)}


def readings(assessment: Any, *documents: dict[str, Any]) -> tuple[Any, dict[str, float]]:
    result = assess(load_plan(assessment(plan=plan_of(*documents), sheet=SHEET, answers=ANSWERS)))
    table = result.tables["readings"]
    own = table[table["measure"] == "voice"].set_index("wave")["value"]
    return result, own.to_dict()


@pytest.mark.parametrize(
    ("documents", "before", "after"),
    [
        ((), 1.5, 2.0),
        ((DOCUMENT,), 2.5, 3.5),
        (({**DOCUMENT, "wave": "after"},), 1.5, 3.5),
        (({**DOCUMENT, "unit": "us"},), 2.5, 3.5),
        (({**DOCUMENT, "unit": "them"},), 1.5, 2.0),
        (({**DOCUMENT, "expires": "2017-06-30"},), 2.5, 2.0),  # good on the last day of the first wave
        (({**DOCUMENT, "expires": "2017-06-29"},), 1.5, 2.0),
        (({**DOCUMENT, "date": "2017-07-01"},), 1.5, 3.5),
    ],
)
def test_a_level_counts_as_far_as_it_is_proven(
    assessment: Any, documents: tuple[dict[str, Any], ...], before: float, after: float
) -> None:
    _, found = readings(assessment, *documents)
    assert found == {"before": before, "after": after}


def test_the_cap_is_shown(assessment: Any) -> None:
    result, _ = readings(assessment, {**DOCUMENT, "expires": "2017-10-01"})
    caps = result.tables["caps"]
    assert len(caps) == 1
    row = caps.iloc[0]
    assert (row["wave"], row["question"], row["cap"], row["capped"], row["answers"]) == (
        "after",
        "data-model",
        2.0,
        1,
        2,
    )
    assert row["why"] == "Data model, signed expired on 2017-10-01"
    assert any("1 of 2 answers count as level 2" in note["text"] for note in result.manifest["notes"])
    table = result.tables["readings"]
    source = table[(table["measure"] == "voice") & (table["wave"] == "after")]["source"].iloc[0]
    assert source.endswith("(capped at 2 for want of evidence)")


def test_a_question_that_demands_nothing_is_as_it_was(assessment: Any) -> None:
    question = {
        key: value for key, value in SHEET["sections"][0]["questions"][0].items() if key != "evidence_above"
    }
    sheet = {**SHEET, "sections": [{**SHEET["sections"][0], "questions": [question]}]}
    result = assess(load_plan(assessment(sheet=sheet, answers=ANSWERS)))
    assert "caps" not in result.tables
    own = result.tables["readings"].query("measure == 'voice'").set_index("wave")["value"]
    assert own.to_dict() == {"before": 2.5, "after": 3.5}


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (plan_of({**DOCUMENT, "question": "data-modell"}), "is no question that demands evidence"),
        (plan_of({**DOCUMENT, "wave": "later"}), 'no wave "later"'),
        ({"documents": [{**DOCUMENT, "expires": "2017-10-01"}]}, "has no period, and the document has days"),
        (plan_of({**DOCUMENT, "date": "2017-10-01", "expires": "2017-09-01"}), "expires before its date"),
    ],
)
def test_documents_that_fit_nothing_are_problems(assessment: Any, faults: Any, plan: Any, said: str) -> None:
    path = assessment(plan=plan, sheet=SHEET, answers=ANSWERS)
    assert any(said in line for line in faults(lambda: load_plan(path)))


@pytest.mark.parametrize(("key", "value"), [("evidence_above", 0), ("evidence_above", 5), ("reverse", True)])
def test_a_threshold_without_levels_on_both_sides_is_a_problem(
    assessment: Any, faults: Any, key: str, value: Any
) -> None:
    question = {**SHEET["sections"][0]["questions"][0], key: value}
    sheet = {**SHEET, "sections": [{**SHEET["sections"][0], "questions": [question]}]}
    assert any(
        "evidence_above" in line
        for line in faults(lambda: load_plan(assessment(sheet=sheet, answers=ANSWERS)))
    )

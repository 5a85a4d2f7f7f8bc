"""Two versions of a questionnaire in one plan: matched through a bridge, or not compared."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from crm_capability import assess, load_plan

QUESTIONS: list[dict[str, Any]] = [
    {"id": "kind", "text": "They are kind", "scale": "agree", "feeds": "voice"},
    {"id": "rude", "text": "They are rude", "scale": "agree", "feeds": "voice", "reverse": True},
]


def sheet_of(version: str, questions: list[dict[str, Any]], points: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "questionnaire": "voice-of-many",
        "version": version,
        "title": "Voice",
        "audience": "customer",
        "scales": {"agree": {"points": [{"value": n, "label": str(n)} for n in range(1, points + 1)]}},
        "sections": [{"id": "all", "title": "All", "questions": questions}],
        **more,
    }


EVIDENCE = [
    {"values": "values.csv"},
    {"survey": "./old.yaml", "answers": "old.csv", "wave": "before"},
    {"survey": "./new.yaml", "answers": "new.csv", "wave": "after"},
]
OLD = "respondent,kind,rude\n1,2,4\n2,4,3\n3,3,3\n"


@pytest.fixture
def assessed(assessment: Any, write: Any) -> Any:
    def make(new: dict[str, Any], answers: str, old: dict[str, Any] | None = None, before: str = OLD) -> Any:
        write("old.yaml", json.dumps(old or sheet_of("1.0.0", QUESTIONS)))
        write("new.yaml", json.dumps(new))
        write("old.csv", before)
        write("new.csv", answers)
        return assess(load_plan(assessment(plan={"evidence": EVIDENCE})))

    return make


def change(result: Any, node: str = "voice") -> Any:
    return result.tables["changes"].set_index("node").loc[node]


def renamed(**more: Any) -> dict[str, Any]:
    questions = [{**QUESTIONS[0], "id": "friendly", "text": "They are friendly"}, QUESTIONS[1]]
    return sheet_of("2.0.0", questions, **more)


NEW = "respondent,friendly,rude\n1,4,2\n2,5,1\n3,4,2\n"


def test_a_reworded_question_is_not_compared_and_says_why(assessed: Any) -> None:
    result = assessed(renamed(), NEW)
    row = change(result)
    assert row[["change", "low", "high", "p_value", "q_value", "from_value", "from_membership"]].isna().all()
    assert not np.isnan(row["before"])
    assert not np.isnan(row["after"])
    note = next(one for one in result.manifest["notes"] if "not compared" in one["text"])
    assert note["node"] == "voice"
    assert "friendly new, kind no longer asked" in note["text"]
    assert "voice-of-many@1.0.0" in note["text"]
    index = change(result, "index")
    assert index["change"] == pytest.approx(
        index["from_value"] + index["from_weight"] + index["from_membership"]
    )
    speed = change(result, "speed")
    assert abs(index["from_membership"]) > 1
    assert index["from_value"] == pytest.approx(speed["change"]), "of the two parts only speed compares"


def test_the_same_id_in_other_words_is_not_compared_either(assessed: Any) -> None:
    questions = [{**QUESTIONS[0], "text": "They are always kind"}, QUESTIONS[1]]
    result = assessed(sheet_of("1.1.0", questions), NEW.replace("friendly", "kind"))
    assert np.isnan(change(result)["change"])
    assert any("kind worded otherwise" in one["text"] for one in result.manifest["notes"])


def test_a_version_in_the_same_words_is_compared(assessed: Any) -> None:
    result = assessed(sheet_of("1.0.1", QUESTIONS), NEW.replace("friendly", "kind"))
    assert change(result)["change"] == pytest.approx(change(result)["after"] - change(result)["before"])
    assert not any("not compared" in one["text"] for one in result.manifest["notes"])


def test_a_bridge_matches_them(assessed: Any) -> None:
    bridges = [{"from": "voice-of-many@1.0.0", "questions": {"friendly": {"was": "kind"}}}]
    result = assessed(renamed(bridges=bridges), NEW)
    row = change(result)
    assert row["change"] == pytest.approx(row["after"] - row["before"])
    assert not np.isnan(row["low"])


def test_a_bridge_brings_answers_to_the_new_scale(assessed: Any) -> None:
    old = sheet_of("1.0.0", QUESTIONS, points=3)
    pairs = [[1, 1], [2, 3], [3, 5]]
    questions = {"friendly": {"was": "kind", "values": pairs}, "rude": {"was": "rude", "values": pairs}}
    bridges = [{"from": "voice-of-many@1.0.0", "questions": questions}]
    result = assessed(renamed(bridges=bridges), NEW, old, "respondent,kind,rude\n1,3,1\n2,2,2\n3,1,2\n")
    # kind 3, 2, 1 becomes 5, 3, 1; rude 1, 2, 2 becomes 1, 3, 3 and turned round 5, 3, 3
    mean = np.mean([(5 + 5) / 2, (3 + 3) / 2, (1 + 3) / 2])
    own = result.tables["readings"].query("measure == 'voice' and wave == 'before'")["value"].iloc[0]
    assert own == pytest.approx(mean, abs=1e-12)
    assert change(result)["before"] == pytest.approx(25 * (mean - 1), abs=1e-9)


@pytest.mark.parametrize(
    ("bridge", "said"),
    [
        ({"from": "voice-of-many@1.0.0", "questions": {"frendly": {"was": "kind"}}}, 'no question "frendly"'),
        (
            {"from": "voice-of-many@2.0.0", "questions": {"friendly": {"was": "kind"}}},
            "a bridge from this very version",
        ),
        (
            {
                "from": "voice-of-many@1.0.0",
                "questions": {"friendly": {"was": "kind", "values": [[1, 1], [2, 9]]}},
            },
            "2 becomes 9, which is no answer to friendly",
        ),
        (
            {
                "from": "voice-of-many@1.0.0",
                "questions": {"friendly": {"was": "kind", "values": [[1, 1], [2, 2]]}},
            },
            "says nothing of the answer",
        ),
    ],
)
def test_a_bridge_that_does_not_hold_is_a_problem(assessed: Any, faults: Any, bridge: Any, said: str) -> None:
    assert any(said in line for line in faults(lambda: assessed(renamed(bridges=[bridge]), NEW)))

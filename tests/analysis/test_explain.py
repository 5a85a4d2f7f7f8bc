"""`explain`: each printed formula, evaluated, gives the score; nothing behind it is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.analysis.explain import explained

Assessment = Callable[..., Path]
NOW: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "now"}]}
VALUES = "measure,value\ndays,6\nshare,0.3\nvoice,4\n"


@pytest.fixture
def framework(assessment: Assessment) -> dict[str, Any]:
    return json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))


def value_of(line: str) -> float:
    """What a printed formula comes to, read as a person would."""
    text = re.sub(r" \((the gate is.*|weight.*)\)|, kept within 0 to 100", "", line.strip().lstrip("= "))
    text = text.split(" = ")[0].replace("×", "*").replace("^", "**").replace("−", "-")
    return float(eval(text, {"__builtins__": {}}, {"min": min, "max": max}))


@pytest.mark.parametrize(
    "rule",
    [
        "arithmetic",
        "geometric",
        "harmonic",
        "minimum",
        "maximum",
        {"method": "power", "exponent": 3},
        {"method": "gate", "on": "speed", "below": 60, "cap": 50},
        {"method": "gate", "on": "speed", "below": 40, "cap": 30},
    ],
)
def test_the_printed_formula_gives_the_score(
    assessment: Assessment, framework: dict[str, Any], rule: Any
) -> None:
    framework["tree"] |= {"aggregate": rule, "weights": {"speed": 1, "voice": 3}}
    result = assess(load_plan(assessment(NOW, framework=framework, values=VALUES)))
    index = float(result.tables["scores"].set_index("node").loc["index", "score"])
    lines = [line for line in explained(result, "index") if line.strip().startswith("=")]
    assert value_of(lines[1]) == pytest.approx(index)
    assert lines[1].endswith(f" = {index!r}")


@pytest.mark.parametrize(("measure", "score"), [("days", 80), ("share", 30), ("voice", 75)])
def test_the_scale_with_the_reading_in_it(assessment: Assessment, measure: str, score: float) -> None:
    lines = explained(assess(load_plan(assessment(NOW, values=VALUES))), measure)
    (line,) = [one for one in lines if one.strip().startswith("= 100")]
    assert value_of(line) == pytest.approx(score)


def test_what_is_missing_and_what_it_could_come_to(assessment: Assessment) -> None:
    plan = {**NOW, "scope": {"exclude": ["voice"]}}
    lines = explained(assess(load_plan(assessment(plan, values="measure,value\ndays,6\n"))), "index")
    said = " ".join(line.strip() for line in lines)
    assert "missing: share (not-collected); between 40.0 and 90.0 if it were known" in said
    assert "outside the scope: voice" in said


def test_every_file_behind_several_audiences(assessment: Assessment, write: Any) -> None:
    """Two questionnaires feed `voice`: both files, both audiences, how many each and what they count."""
    sheet = json.loads(assessment().with_name("sheet.yaml").read_text("utf-8"))
    write("staff.yaml", json.dumps({**sheet, "questionnaire": "staff", "audience": "employee"}))
    write("voice-of-many.yaml", json.dumps(sheet))
    rows = "respondent,kind,rude\n" + "".join(f"{n},4,2\n" for n in range(6))
    write("staff.csv", rows.replace("4,2", "2,4"))
    write("many.csv", rows)
    evidence = [
        {"survey": "./voice-of-many.yaml", "answers": "many.csv", "feeds_role": "customer"},
        {"survey": "./staff.yaml", "answers": "staff.csv", "feeds_role": "employee"},
    ]
    plan = {**NOW, "evidence": evidence, "roles": {"voice": {"customer": 3, "employee": 1}}}
    said = "\n".join(explained(assess(load_plan(assessment(plan))), "voice"))
    assert "< customer: 4.0, n 6, counts 3" in said
    assert "< employee: 2.0, n 6, counts 1" in said
    assert "n 12" in said
    for file in ("voice-of-many.yaml", "staff.yaml", "many.csv", "staff.csv"):
        assert re.search(rf"{re.escape(file)} sha256 [0-9a-f]{{64}}", said)

"""All evidence together: the whole grid, units, scope, allowed kinds, and all problems at once."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
Faults = Callable[[Callable[[], Any]], list[str]]


def test_problems_of_several_files_come_at_once(assessment: Assessment, write: Write, faults: Faults) -> None:
    write("units.csv", "unit,size\nus,1\nus,2\n,3\n")
    plan = assessment(
        {"units": {"file": "units.csv"}},
        values="wave,measure,value\nnever,dayz,x\n",
        answers="respondent,wave,kind\n1,before,9\n1,before,1\n",
    )
    assert faults(lambda: assess(load_plan(plan))) == [
        "units.csv:4: no unit id (give each unit an id)",
        'units.csv:3: the unit "us" stands twice (keep one)',
        'values.csv:2: value: "x" is not a number (write a number or leave it blank)',
        'values.csv:2: "never" is no wave of the plan (known: after, before)',
        'values.csv:2: "dayz" is no measure of the framework (did you mean "days"?)',
        'answers.csv:3: respondent "1" stands twice in this wave (keep one of the rows)',
        'answers.csv:2: kind: "9" is not an answer to this question (allowed: 1, 2, 3, 4, 5, na, 98)',
    ]


def test_units_of_a_file_with_titles_and_attributes(assessment: Assessment, write: Write) -> None:
    write("units.csv", "code,name,group\nus,Us Ltd,retail\n9E,,\n")
    result = assess(load_plan(assessment({"units": {"file": "units.csv", "id": "code", "title": "name"}})))
    assert dict(result.units) == {"us": "Us Ltd", "9E": "9E"}
    assert len(result.tables["readings"]) == 2 * 2 * 3


@pytest.mark.parametrize(
    ("units", "rows", "problem"),
    [
        (
            {"file": "units.csv", "id": "cod"},
            "code\nus\n",
            'units.csv:1: no column "cod" (did you mean "code"?)',
        ),
        (
            {"file": "units.csv"},
            "unit\nthem\n",
            'assessment.yaml:5:10: "us" is not in units.csv (known: them)',
        ),
    ],
)
def test_units_files_that_do_not_fit(
    assessment: Assessment, write: Write, faults: Faults, units: Any, rows: str, problem: str
) -> None:
    write("units.csv", rows)
    plan = assessment({"units": units}, answers="respondent,wave,kind\n1,before,4\n")
    assert problem in faults(lambda: assess(load_plan(plan)))


def test_what_is_out_of_scope_leaves_the_denominator(assessment: Assessment) -> None:
    result = assess(
        load_plan(assessment({"scope": {"exclude": ["speed"], "because": {"speed": "not ours"}}}))
    )
    readings = result.tables["readings"].query("measure == 'days'")
    assert set(readings["state"]) == {"not-applicable"}
    assert set(readings["source"]) == {"out of scope"}
    assert readings["value"].isna().all()
    scores = result.tables["scores"].set_index(["wave", "node"])
    assert scores.loc[("after", "index")]["coverage"] == 1
    assert scores.loc[("after", "index")]["score"] == scores.loc[("after", "voice")]["score"]
    assert math.isnan(scores.loc[("after", "speed")]["coverage"])
    assert math.isnan(scores.loc[("after", "speed")]["if_worst"])
    assert result.manifest["excluded"] == {"speed": "not ours"}


def test_evidence_that_a_measure_does_not_take(assessment: Assessment, faults: Faults) -> None:
    framework = copy.deepcopy(json.loads((assessment().parent / "framework.yaml").read_text()))
    framework["tree"]["children"][1]["evidence"] = ["operational"]
    plan = assessment(framework=framework)
    assert faults(lambda: assess(load_plan(plan))) == [
        "sheet.yaml:1:1: voice takes operational evidence, and this is survey (feed it otherwise, or allow this kind in the framework)"
    ]


def test_what_is_fictitious_is_recorded(assessment: Assessment) -> None:
    evidence = [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "answers.csv", "fictitious": True},
    ]
    assert assess(load_plan(assessment({"evidence": evidence}))).manifest["fictitious"] == ["voice"]


def test_progress_names_each_file(assessment: Assessment) -> None:
    told: list[str] = []
    assess(load_plan(assessment()), told.append)
    assert told[:2] == ["values.csv", "answers.csv"]
    assert "scores" in told

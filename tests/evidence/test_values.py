"""Files of values: long and wide, and every row that is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_capability import assess, load_plan
from crm_capability.definition.plan import ValuesEvidence
from crm_capability.errors import EvidenceError
from crm_capability.evidence.occasions import Occasions
from crm_capability.evidence.values import read_values

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
Faults = Callable[[Callable[[], Any]], list[str]]


def plan_of(entry: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"evidence": [entry], **more}


LONG = {"values": "values.csv"}
WIDE = {"values": "values.csv", "layout": "wide"}


def readings(plan: Path) -> pd.DataFrame:
    return assess(load_plan(plan)).tables["readings"].set_index(["wave", "unit", "measure"])


def test_long_with_all_its_columns(assessment: Assessment) -> None:
    values = (
        "wave,unit,measure,value,n,standard_error,state,source,date\n"
        "before,us,days,12.5,40,0.5,,ledger,2017-01-01\n"
        "before,us,share,,,,unknown,,\n"
        "after,us,voice,4.25,,,measured,,\n"
        "after,us,share,,,,,,\n"
    )
    table = readings(assessment(plan_of(LONG), values=values))
    days = table.loc[("before", "us", "days")]
    assert days.to_list()[:6] == [12.5, 40, 0.5, "measured", "values", "values.csv:2 ledger"]
    assert table.loc[("before", "us", "share")]["state"] == "unknown"
    assert table.loc[("after", "us", "voice")]["value"] == 4.25
    assert table.loc[("after", "us", "share")]["state"] == "not-collected"
    assert len(table) == 6  # every measure of every wave


def test_an_empty_cell_is_not_zero(assessment: Assessment) -> None:
    table = readings(assessment(plan_of(LONG), values="wave,measure,value\nbefore,days,0\nafter,days,\n"))
    assert table.loc[("before", "us", "days")]["value"] == 0
    assert math.isnan(table.loc[("after", "us", "days")]["value"])


def test_wide_with_columns_named_otherwise(assessment: Assessment) -> None:
    entry = {**WIDE, "columns": {"unit": "firm", "wave": "when"}}
    plan = assessment(
        plan_of(entry),
        values="when;firm;days;share;remark\nbefore;us;12;0.5;x\nafter;us;;0.75;y\nafter;9E;3;;\n",
    )
    table = readings(plan)
    assert table.loc[("after", "9E", "days")]["value"] == 3
    assert table.loc[("after", "us", "days")]["state"] == "not-collected"
    assert table.loc[("after", "us", "share")]["source"] == "values.csv:3"
    notes = [note["text"] for note in assess(load_plan(plan)).manifest["notes"]]
    assert "values.csv: columns that are no measure were not used: remark" in notes


def test_wave_and_unit_beside_the_file(assessment: Assessment) -> None:
    table = readings(
        assessment(plan_of({**LONG, "wave": "after", "unit": "9E"}), values="measure,value\ndays,7\n")
    )
    assert table.loc[("after", "9E", "days")]["value"] == 7


def test_a_wave_with_no_rows_is_not_collected(assessment: Assessment) -> None:
    plan = assessment(
        plan_of(LONG), values="wave,measure,value\nbefore,days,7\nbefore,share,0.5\nbefore,voice,3\n"
    )
    result = assess(load_plan(plan))
    after = result.tables["readings"].query("wave == 'after'")
    assert set(after["state"]) == {"not-collected"}
    scores = result.tables["scores"].query("wave == 'after'")
    assert scores["score"].isna().all()
    assert (scores["coverage"] == 0).all()
    assert scores["rank"].isna().all()
    assert result.tables["changes"]["change"].isna().all()


def test_a_file_with_a_header_alone(assessment: Assessment, faults: Faults) -> None:
    plan = assessment(plan_of(LONG), values="wave,measure,value\n")
    assert faults(lambda: assess(load_plan(plan))) == [
        "values.csv: no row in it (check that the export is complete)"
    ]


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ("wave,measure,value\nbefore,dayz,1\n", ['values.csv:2: "dayz" is no measure of the framework (did you mean "days"?)']),
        ("wave,measure,value\nbefor,days,1\n", ['values.csv:2: "befor" is no wave of the plan (did you mean "before"?)']),
        ("wave,measure,value\nbefore,days,x\nafter,days,inf\n", [
            'values.csv:2: value: "x" is not a number (write a number or leave it blank)',
            'values.csv:3: value: "inf" is not a number (write a number or leave it blank)',
        ]),
        ("wave,measure,value,n\nbefore,days,y,z\n", [
            'values.csv:2: value: "y" is not a number (write a number or leave it blank)',
            'values.csv:2: n: "z" is not a number (write a number or leave it blank)',
        ]),
        ("wave,measure,value\nbefore,days,1\nbefore,days,2\n", ['values.csv:3: a second value for "days" in the same wave and unit (keep one of them)']),
        ("wave,measure,value,state\nbefore,days,1,unknown\n", ['values.csv:2: a value in the state "unknown" (take one of them out)']),
        ("wave,measure,value,state\nbefore,days,,measured\n", ["values.csv:2: measured, but no value (give the value or another state)"]),
        ("wave,measure,value,state\nbefore,days,,unknwon\n", ['values.csv:2: unknown state "unknwon" (one of measured, not-applicable, unknown, not-collected)']),
        ("wave,measure,value,standard_error\nbefore,days,1,-1\n", ["values.csv:2: a standard error below zero (correct it)"]),
        ("wave,measure,value,n\nbefore,days,1,-1\n", ["values.csv:2: an n below zero (correct it)"]),
        ("wave,measure,value,n\nbefore,days,1,2.5\n", ["values.csv:2: an n that is no whole number (correct it)"]),
        ("measure,value\ndays,1\n", ["values.csv:1: no column says which wave a row belongs to (add a column `wave`, or `wave:` beside the file)"]),
        ("wave,days\nbefore,1\n", ["values.csv:1: the column measure, value is missing (known: days, wave; or say `layout: wide`)"]),
        ("wave,unit,measure,value\nbefore,,days,1\nbefore,us,share,0\n", ["values.csv:2: no unit (known: us)"]),
    ],
)  # fmt: skip
def test_long_values_that_cannot_be_used(
    assessment: Assessment, faults: Faults, values: str, problems: list[str]
) -> None:
    plan = assessment(plan_of(LONG), values=values)
    assert faults(lambda: assess(load_plan(plan))) == problems


@pytest.mark.parametrize(
    ("entry", "values", "problems"),
    [
        (WIDE, "wave,dayz\nbefore,1\n", ['values.csv:1: no column is called like a measure of the framework (did you mean "dayz"?)']),
        ({**WIDE, "columns": {"unit": "firm"}}, "wave,company,days\nbefore,us,1\n", ["values.csv:1: no column firm (known: company, days, wave)"]),
        (WIDE, "wave,days,share\nbefore,x,y\n", [
            'values.csv:2: days: "x" is not a number (write a number or leave it blank)',
            'values.csv:2: share: "y" is not a number (write a number or leave it blank)',
        ]),
        (WIDE, "wave,days\nbefore,1\nbefore,2\n", ['values.csv:3: a second value for "days" in the same wave and unit (keep one of them)']),
        ({**WIDE, "wave": "before"}, "wave,days\nafter,1\n", ['values.csv:2: wave "after", but the plan says the file is of wave "before" (take `wave:` out of the plan, or the column out of the file)']),
    ],
)  # fmt: skip
def test_wide_values_that_cannot_be_used(
    assessment: Assessment, faults: Faults, entry: Any, values: str, problems: list[str]
) -> None:
    plan = assessment(plan_of(entry), values=values)
    assert faults(lambda: assess(load_plan(plan))) == problems


def test_units_that_the_plan_does_not_list(assessment: Assessment, faults: Faults) -> None:
    plan = assessment(
        plan_of(LONG, units={"us": None, "them": None}),
        values="wave,unit,measure,value\nbefore,thm,days,1\nafter,thm,days,1\n",
    )
    assert faults(lambda: assess(load_plan(plan))) == [
        'values.csv:2: "thm" is no unit of the plan, in 2 rows (did you mean "them"?)'
    ]


def test_a_mean_beyond_its_rating_scale(assessment: Assessment, faults: Faults) -> None:
    plan = assessment(plan_of(LONG), values="wave,measure,value\nbefore,voice,5.5\n")
    assert faults(lambda: assess(load_plan(plan))) == [
        "voice of us in before is 5.5 (the scale runs from 1 to 5)"
    ]


def test_a_file_that_changed_its_mind_about_sheets(
    assessment: Assessment, tmp_path: Path, faults: Faults
) -> None:
    pd.DataFrame({"wave": ["before"], "measure": ["days"], "value": [3]}).to_excel(
        tmp_path / "v.xlsx", sheet_name="Q1", index=False
    )
    assert (
        readings(assessment(plan_of({"values": "v.xlsx", "sheet": "Q1"}))).loc[("before", "us", "days")][
            "value"
        ]
        == 3
    )
    plan = assessment(plan_of({"values": "v.xlsx", "sheet": "Q2"}))
    assert faults(lambda: assess(load_plan(plan))) == ['v.xlsx: no sheet "Q2" (sheets: Q1)']


def test_text_for_a_number_hides_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    path.write_text("measure,value,state\nspeed,four,measured\nspeeed,5,\n", encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_values(ValuesEvidence(values=path.name), path, ("speed",), Occasions(("only",), "firm", None))
    assert [(problem.where.line, problem.what) for problem in caught.value.problems] == [
        (2, 'value: "four" is not a number'),
        (3, '"speeed" is no measure of the framework'),
    ]

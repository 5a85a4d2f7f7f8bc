"""What is said about two waves before their comparison is believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_capability import assess, load_plan

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
ALONE = {"evidence": [{"values": "values.csv"}]}
INSURERS = Path(__file__).resolve().parents[3] / "shared/data/insurer_complaints_ny/insurer_complaints_ny.csv"


def said(plan: Path) -> list[str]:
    return [note["node"] + note["text"] for note in assess(load_plan(plan)).manifest["notes"]]


def periods(*days: str) -> dict[str, Any]:
    return {
        "waves": [
            {"id": "before", "from": days[0], "to": days[1]},
            {"id": "after", "from": days[2], "to": days[3]},
        ]
    }


def test_the_same_readings_once_more(assessment: Assessment) -> None:
    values = "wave,measure,value\nbefore,days,15\nafter,days,15\nbefore,share,0.3\nafter,share,0.3\n"
    assert said(assessment(ALONE, values=values)) == [
        "before and after hold exactly the same 2 readings: the later evidence looks like the earlier once more, "
        "so this pair shows no change, not that nothing changed"
    ]
    assert said(assessment(ALONE, values=values.replace("after,share,0.3", "after,share,0.31"))) == []


def test_other_audiences_are_another_population(assessment: Assessment) -> None:
    answers = "respondent,wave,role,kind\n" + "".join(
        f"{n},{wave},{role},{3 + n % 2}\n"
        for wave, role in (("before", "customer"), ("after", "customer"), ("after", "partner"))
        for n in range(4)
    )
    plan = assessment({"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}]}, answers=answers)
    text = "asked of customer, partner in after and of customer in before, another population: voice"
    assert text in said(plan)


def test_one_reading_that_stays_is_nothing_to_say(assessment: Assessment) -> None:
    assert said(assessment(ALONE, values="wave,measure,value\nbefore,days,15\nafter,days,15\n")) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2020-01-01", "2020-06-30", "2021-01-01", "2021-06-30"), []),
        (("2020-01-01", "2020-12-31", "2021-04-01", "2022-03-31"), []),
        (
            ("2020-01-01", "2020-06-30", "2020-07-01", "2020-12-31"),
            [
                "before covers January to June and after July to December: a season may be behind part of a change, "
                "and nothing here takes it out"
            ],
        ),
        (
            ("2021-01-01", "2021-06-30", "2020-01-01", "2020-06-30"),
            ["before is compared as the earlier one, and its period starts after that of after"],
        ),
        (
            ("2020-01-01", "2020-06-30", "2020-01-10", "2020-06-30"),
            ["before and after overlap: days in both count in both"],
        ),
        (
            ("2020-03-01", "2020-03-31", "2021-03-01", "2021-03-10"),
            ["before has 31 days and after 10: counts and totals do not compare"],
        ),
    ],
)
def test_periods(days: tuple[str, ...], expected: list[str], assessment: Assessment) -> None:
    assert said(assessment({**ALONE, **periods(*days)})) == expected


def test_other_evidence_another_question_another_source(assessment: Assessment, write: Write) -> None:
    plan = assessment()
    sheet = json.loads(plan.with_name("sheet.yaml").read_text("utf-8"))
    newer = {**sheet, "version": "1.1.0"}
    write("newer.yaml", json.dumps(newer))
    write("after.csv", "respondent,kind,rude\n1,5,1\n2,4,2\n")
    write("before.csv", "respondent,kind,rude\n1,4,1\n2,4,2\n")
    write("values.csv", "wave,measure,value,source\nbefore,days,15,ledger\nafter,days,6,guess\n")
    evidence = [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "before.csv", "wave": "before"},
        {"survey": "./newer.yaml", "answers": "after.csv", "wave": "after"},
    ]
    changed = json.loads(plan.read_text("utf-8")) | {"evidence": evidence}
    plan.write_text(json.dumps(changed), "utf-8")
    assert said(plan) == [
        "daysread otherwise in after (guess) than in before (ledger)",
        "voiceread otherwise in after (voice-of-many@1.1.0: kind, rude) than in before (voice-of-many@1.0.0: kind, rude)",
    ]
    write("values.csv", "wave,measure,value\nbefore,days,15\nafter,days,6\nafter,voice,4\n")
    changed["evidence"] = evidence[:2]
    plan.write_text(json.dumps(changed), "utf-8")
    assert said(plan) == ["other evidence in after (values) than in before (survey): voice"]


def test_units_of_one_wave_alone(assessment: Assessment) -> None:
    values = (
        "wave,unit,measure,value\nbefore,us,days,15\nafter,us,days,6\nbefore,gone,days,1\nafter,new,days,2\n"
    )
    assert said(assessment(ALONE, values=values)) == [
        "before alone has readings of 1 unit, so ranks and fits rest on others: gone",
        "after alone has readings of 1 unit, so ranks and fits rest on others: new",
    ]


@pytest.mark.skipif(not INSURERS.is_file(), reason=f"no {INSURERS}: the shared data are not here")
def test_new_york_published_2015_twice(assessment: Assessment) -> None:
    table = pd.read_csv(INSURERS).drop_duplicates(["naic", "filing_year"])
    table = table[table["filing_year"].isin([2014, 2015, 2016])]
    frame = pd.DataFrame(
        {
            "wave": "y" + table["filing_year"].astype(str),
            "unit": table["naic"].astype(str),
            "days": table["complaint_ratio"],
            "share": table["upheld"],
        }
    )
    long = frame.melt(["wave", "unit"], var_name="measure").to_csv(index=False)
    waves = [{"id": f"y{year}"} for year in (2014, 2015, 2016)]
    same = [
        text
        for text in said(assessment({**ALONE, "waves": waves, "unit": "23787"}, values=long))
        if "same" in text
    ]
    assert len(same) == 1
    assert same[0].startswith("y2015 and y2016 hold exactly the same 316 readings of 158 units")


def test_one_wave_alone(assessment: Assessment) -> None:
    plan = assessment({**ALONE, "waves": [{"id": "now"}]}, values="measure,value\ndays,15\n")
    assert said(plan) == ["one wave alone, now: nothing is compared, and no change is told"]
    assert assess(load_plan(plan)).tables["changes"].empty


def test_no_common_measure(assessment: Assessment) -> None:
    plan = assessment(ALONE, values="wave,measure,value\nbefore,days,15\nafter,share,0.3\n")
    text = "before and after have no measure in common: what differs between them are the measures, not us"
    assert said(plan) == [text]
    found = assess(load_plan(plan)).tables["changes"].set_index("node")
    assert found.loc[["days", "share"], "change"].isna().all()
    assert found.loc["speed", "from_value"] == 0  # a difference of measures is no change of readings

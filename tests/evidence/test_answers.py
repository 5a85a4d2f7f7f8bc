"""Survey answers by hand: means, errors, states, reversed items, roles; and every answer that is refused."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from crm_capability import assess, load_plan
from crm_capability.definition.plan import SurveyEvidence
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.evidence.answers import answers_readings, read_answers
from crm_capability.evidence.occasions import Occasions

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
ONE_WAVE = {"waves": [{"id": "now"}], "evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}]}
TWO_WAVES = {"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}]}


def reading(plan: Path, wave: str = "now", measure: str = "voice") -> Any:
    table = assess(load_plan(plan)).tables["readings"]
    return table[(table["wave"] == wave) & (table["measure"] == measure)].iloc[0]


def change(plan: Path, node: str = "voice") -> Any:
    table = assess(load_plan(plan)).tables["changes"]
    return table[table["node"] == node].iloc[0]


def test_the_mean_of_means_with_a_reversed_question(assessment: Assessment) -> None:
    # means: (2 + (6 − 4))/2 = 2; (4 + (6 − 1))/2 = 4.5; kind alone 5
    found = reading(assessment(ONE_WAVE, answers="respondent,kind,rude\n1,2,4\n2,4,1\n3,5,\n"))
    mean = (2 + 4.5 + 5) / 3
    assert found["value"] == pytest.approx(mean, abs=1e-12)
    assert found["n"] == 3
    deviations = sum((x - mean) ** 2 for x in (2, 4.5, 5))
    assert found["standard_error"] == pytest.approx(math.sqrt(deviations / 2) / math.sqrt(3), abs=1e-12)
    assert (found["state"], found["evidence"]) == ("measured", "survey")
    assert found["source"] == "voice-of-many@1.0.0: kind, rude (answers.csv)"


def test_weights_and_the_weighted_error(assessment: Assessment) -> None:
    found = reading(assessment(ONE_WAVE, answers="respondent,weight,kind\n1,1,2\n2,2,4\n3,0.5,5\n4,9,na\n"))
    x, w = (2, 4, 5), (1, 2, 0.5)
    mean = (2 + 8 + 2.5) / 3.5
    error = math.sqrt(3 / 2 * sum(b * b * (a - mean) ** 2 for a, b in zip(x, w, strict=True))) / 3.5
    assert found["value"] == pytest.approx(mean, abs=1e-12)
    assert found["standard_error"] == pytest.approx(error, abs=1e-12)
    assert found["n"] == 3


def test_equal_weights_are_no_weights(assessment: Assessment) -> None:
    plain = reading(assessment(ONE_WAVE, answers="respondent,kind\n1,2\n2,4\n3,5\n"))
    weighted = reading(assessment(ONE_WAVE, answers="respondent,kind,weight\n1,2,7\n2,4,7\n3,5,7\n"))
    assert weighted["value"] == pytest.approx(plain["value"], abs=1e-12)
    assert weighted["standard_error"] == pytest.approx(plain["standard_error"], abs=1e-12)


def test_one_respondent_has_no_error(assessment: Assessment) -> None:
    found = reading(assessment(ONE_WAVE, answers="respondent,kind\n1,2\n2,\n"))
    assert (found["value"], found["n"]) == (2, 1)
    assert math.isnan(found["standard_error"])


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        (["na,na", "na,na"], "not-applicable"),
        (["na,98", "na,na"], "unknown"),
        (["na,", "na,na"], "not-collected"),
        ([",", "98,"], "unknown"),
        ([",", ","], "not-collected"),
        (["98,98", ","], "unknown"),
    ],
)
def test_states_where_there_is_no_mean(assessment: Assessment, cells: list[str], state: str) -> None:
    rows = "".join(f"{n},{cell}\n" for n, cell in enumerate(cells))
    found = reading(assessment(ONE_WAVE, answers=f"respondent,kind,rude\n{rows}"))
    assert found["state"] == state
    assert math.isnan(found["value"])


def test_a_numeric_state_is_never_averaged(assessment: Assessment) -> None:
    for spelt in ("98", "98.0", " 98 "):
        found = reading(assessment(ONE_WAVE, answers=f"respondent,kind\n1,4\n2,{spelt}\n3,2\n"))
        assert (found["value"], found["n"]) == (3, 2)


def test_numbers_with_their_bounds_and_default_states(
    assessment: Assessment, faults: Faults, sheet: dict[str, Any]
) -> None:
    hours = {"id": "kind", "text": "Hours", "type": "number", "min": 0, "max": 40, "feeds": "days"}
    sheet["sections"][0]["questions"][0] = hours
    found = reading(
        assessment(ONE_WAVE, sheet=sheet, answers="respondent,kind\n1,12.5\n2,na\n3,dk\n4,40\n"),
        measure="days",
    )
    assert (found["value"], found["n"]) == (26.25, 2)
    plan = assessment(ONE_WAVE, sheet=sheet, answers="respondent,kind\n1,41\n2,-1\n3,ten\n")
    assert faults(lambda: assess(load_plan(plan))) == [
        f'answers.csv:{row}: kind: "{text}" is not an answer to this question (allowed: a number from 0 to 40, na, dk)'
        for row, text in ((2, "41"), (3, "-1"), (4, "ten"))
    ]


def roles(
    assessment: Assessment, weights: dict[str, float] | None, second: str = "customer,5\n", sheet: Any = None
) -> Any:
    plan = ONE_WAVE if weights is None else {**ONE_WAVE, "roles": {"voice": weights}}
    rows = "1,customer,2\n2,customer,4\n3,employee,5\n4,employee,4\n"
    return reading(assessment(plan, sheet=sheet, answers=f"respondent,role,kind\n{rows}"))


def test_roles_combine_by_their_weights(assessment: Assessment) -> None:
    found = roles(assessment, {"customer": 2, "employee": 1})
    assert found["value"] == pytest.approx((2 * 3 + 1 * 4.5) / 3, abs=1e-12)
    assert found["standard_error"] == pytest.approx(
        math.sqrt((2 / 3 * 1) ** 2 + (1 / 3 * 0.5) ** 2), abs=1e-12
    )
    assert found["n"] == 4


def test_roles_count_the_same_unless_the_plan_says(assessment: Assessment) -> None:
    assert roles(assessment, None)["value"] == pytest.approx(3.75, abs=1e-12)


def test_a_role_that_is_not_named_takes_no_part_and_is_noted(assessment: Assessment) -> None:
    plan = assessment(
        {**ONE_WAVE, "roles": {"voice": {"customer": 1}}},
        answers="respondent,role,kind\n1,customer,2\n2,employee,5\n",
    )
    result = assess(load_plan(plan))
    assert reading(plan)["value"] == 2
    assert "voice: answers of employee are not used, `roles` does not name them" in [
        note["text"] for note in result.manifest["notes"]
    ]


def test_feeds_role_names_the_role_of_a_whole_file(assessment: Assessment, write: Any) -> None:
    write("more.csv", "respondent,kind\n9,5\n8,3\n")
    evidence = [
        *ONE_WAVE["evidence"],
        {"survey": "./sheet.yaml", "answers": "more.csv", "feeds_role": "partner"},
    ]
    plan = assessment(
        {**ONE_WAVE, "evidence": evidence, "roles": {"voice": {"customer": 3, "partner": 1}}},
        answers="respondent,kind\n1,2\n",
    )
    found = reading(plan)
    assert found["value"] == pytest.approx((3 * 2 + 1 * 4) / 4)
    assert math.isnan(found["standard_error"])  # one of the two has none


# --- before and after --------------------------------------------------------------------------

BEFORE, AFTER = (2, 3, 3, 4, 5), (3, 3, 5, 4, 5)


def waves(people_after: str) -> str:
    rows = [f"{n},before,{x}" for n, x in enumerate(BEFORE)]
    rows += [f"{people_after}{n},after,{x}" for n, x in enumerate(AFTER)]
    return "respondent,wave,kind\n" + "\n".join(rows) + "\n"


def test_the_same_people_are_paired_as_in_a_paired_t_test(assessment: Assessment) -> None:
    found = change(assessment(TWO_WAVES, answers=waves("")))
    t = stats.ttest_rel(AFTER, BEFORE)
    error = 25 * (sum(AFTER) - sum(BEFORE)) / 5 / t.statistic  # 25 points of score a point of the scale
    half = stats.t.ppf(0.975, 4) * error
    assert found["change"] == pytest.approx(25 * 0.6)
    assert found["low"] == pytest.approx(15 - half, abs=1e-9)
    assert found["high"] == pytest.approx(15 + half, abs=1e-9)
    assert found["p_value"] == pytest.approx(t.pvalue, rel=1e-9)


def test_fresh_people_are_compared_as_two_samples(assessment: Assessment) -> None:
    found = change(assessment(TWO_WAVES, answers=waves("new-")))
    t = stats.ttest_ind(AFTER, BEFORE, equal_var=False)
    error = 25 * 0.6 / t.statistic
    assert found["high"] - found["change"] == pytest.approx(stats.t.ppf(0.975, t.df) * error, abs=1e-9)
    assert found["p_value"] == pytest.approx(t.pvalue, rel=1e-9)


def test_partly_the_same_people_lie_between(assessment: Assessment) -> None:
    rows = [f"{n},before,{x}" for n, x in enumerate(BEFORE)] + [
        f"{n if n < 3 else f'new-{n}'},after,{x}" for n, x in enumerate(AFTER)
    ]
    widths = []
    for answers in (waves(""), "respondent,wave,kind\n" + "\n".join(rows) + "\n", waves("new-")):
        found = change(assessment(TWO_WAVES, answers=answers))
        widths.append(found["high"] - found["low"])
    assert widths[0] < widths[1] < widths[2]


def test_how_many_were_paired_is_recorded(assessment: Assessment) -> None:
    pairs = assess(load_plan(assessment(TWO_WAVES, answers=waves("")))).tables["pairings"]
    assert pairs[["measure", "respondents"]].to_numpy().tolist() == [["voice", 5]]
    covariance = pd.Series(BEFORE, dtype=float).cov(pd.Series(AFTER, dtype=float))
    assert pairs["covariance"].iloc[0] == pytest.approx(covariance / 5)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ("respondent,kind\n", ["answers.csv: no respondent in it (check that the export is complete)"]),
        ("respondent,kind\n1,6\n2,6\n3,x\n", [
            'answers.csv:2: kind: "6" is not an answer to this question, in 2 rows (allowed: 1, 2, 3, 4, 5, na, 98)',
            'answers.csv:4: kind: "x" is not an answer to this question (allowed: 1, 2, 3, 4, 5, na, 98)',
        ]),
        ("respondent,kind\n1,2.5\n", ['answers.csv:2: kind: "2.5" is not an answer to this question (allowed: 1, 2, 3, 4, 5, na, 98)']),
        ("respondent,kind\n1,99\n", ['answers.csv:2: kind: "99" is not an answer to this question (allowed: 1, 2, 3, 4, 5, na, 98)']),
        ("respondent,kindd\n1,2\n", ['answers.csv:1: "kindd" is no question of voice-of-many (did you mean "kind"?)']),
        ("respondents,kind\n1,2\n", [
            'answers.csv:1: "respondents" is no question of voice-of-many (did you mean "respondent"?)',
            "answers.csv:1: the column respondent is missing (did you mean \"respondents\"?)",
        ]),
        ("respondent,kind\nA,2\nB,3\nA,4\n", ['answers.csv:4: respondent "A" stands twice in this wave (keep one of the rows)']),
        ("respondent,kind\n,2\n", ["answers.csv:2: no respondent id (give each respondent an id)"]),
        ("respondent,weight,kind\n1,0,2\n2,-1,2\n3,,2\n", [f"answers.csv:{n}: weight: not above zero (give each respondent a weight)" for n in (2, 3, 4)]),
        ("respondent,weight,kind\n1,much,2\n", ['answers.csv:2: weight: "much" is not a number (write a number or leave it blank)']),
        ("respondent,wave,kind\n1,nwo,2\n", ['answers.csv:2: "nwo" is no wave of the plan (did you mean "now"?)']),
        ("respondent,wave,kind\n1,now,2\n2,,2\n", ["answers.csv:3: no wave (known: now)"]),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_used(
    assessment: Assessment, faults: Faults, answers: str, problems: list[str]
) -> None:
    plan = assessment(ONE_WAVE, answers=answers)
    assert faults(lambda: assess(load_plan(plan))) == problems


def test_the_same_person_may_answer_in_another_wave_or_role(assessment: Assessment) -> None:
    rows = "respondent,wave,role,kind\n1,before,customer,2\n1,after,customer,2\n1,after,employee,4\n"
    assert reading(assessment(TWO_WAVES, answers=rows), "after")["value"] == 3


def test_a_file_of_two_waves_without_a_wave_column(assessment: Assessment, faults: Faults) -> None:
    plan = assessment(TWO_WAVES, answers="respondent,kind\n1,2\n")
    assert faults(lambda: assess(load_plan(plan))) == [
        "answers.csv:1: no column says which wave a row belongs to (add a column `wave`, or `wave:` beside the file)"
    ]


def test_unknown_units_are_named_with_how_many_rows(assessment: Assessment, faults: Faults) -> None:
    plan = assessment(
        {**ONE_WAVE, "units": {"us": None, "them": None}},
        answers="respondent,unit,kind\n1,tham,2\n2,tham,3\n",
    )
    assert faults(lambda: assess(load_plan(plan))) == [
        'answers.csv:2: "tham" is no unit of the plan, in 2 rows (did you mean "them"?)'
    ]


def test_measured_twice_is_a_clash(assessment: Assessment, faults: Faults) -> None:
    evidence = [*ONE_WAVE["evidence"], {"values": "values.csv"}]
    plan = assessment(
        {**ONE_WAVE, "evidence": evidence},
        values="measure,value\nvoice,4\n",
        answers="respondent,kind\n1,2\n",
    )
    (problem,) = faults(lambda: assess(load_plan(plan)))
    assert problem.startswith("voice of us in now is measured twice: ")
    assert problem.endswith("values.csv:2 (keep one of the sources)")


def test_a_state_that_is_also_a_point_is_refused(
    assessment: Assessment, faults: Faults, sheet: dict[str, Any]
) -> None:
    sheet["scales"]["agree"]["states"][1]["value"] = 5
    (problem,) = faults(lambda: load_plan(assessment(ONE_WAVE, sheet=sheet)))
    assert "5 is both a point and a state" in problem


@pytest.fixture
def sheet(assessment: Assessment) -> dict[str, Any]:
    """The small questionnaire, to change."""
    found: dict[str, Any] = copy.deepcopy(json.loads((assessment().parent / "sheet.yaml").read_text()))
    return found


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_answers_read_the_same_from_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame(
        {"respondent": ["1", "2", "3"], "wave": "only", "polite": ["4", "na", "2"], "rude": ["2", "", "98"]}
    )
    path = tmp_path / f"answers.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    sheet = Questionnaire.model_validate(
        {
            "questionnaire": "q",
            "version": "1.0.0",
            "title": "Q",
            "audience": "customer",
            "scales": {
                "five": {
                    "points": [{"value": n, "label": str(n)} for n in range(1, 6)],
                    "states": [
                        {"value": "na", "state": "not-applicable", "label": "n/a"},
                        {"value": 98, "state": "unknown", "label": "?"},
                    ],
                }
            },
            "sections": [
                {
                    "id": "s",
                    "title": "S",
                    "questions": [
                        {"id": "polite", "text": "t", "scale": "five", "feeds": "attitude"},
                        {"id": "rude", "text": "t", "scale": "five", "feeds": "attitude", "reverse": True},
                    ],
                }
            ],
        }
    )
    entry = SurveyEvidence(survey="q", answers=path.name)
    answers, _ = read_answers(entry, sheet, path, Occasions(("only",), "firm", None))
    reading = answers_readings(answers).iloc[0]
    assert (reading["value"], reading["n"], reading["standard_error"]) == (3.0, 2, 1.0)

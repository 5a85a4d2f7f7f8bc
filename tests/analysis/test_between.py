"""Two results side by side, by hand."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from crm_capability import assess, load_plan
from crm_capability.analysis.between import between
from crm_capability.analysis.result import Result

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]

ALONE: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "now"}]}
HEAD = "measure,value,standard_error\n"
OLD, NEW = HEAD + "days,15,3\nshare,0.5,\n", HEAD + "days,6,4\nshare,0.5,\n"


@pytest.fixture
def result(assessment: Assessment) -> Callable[..., Result]:
    def of(values: str = OLD, plan: dict[str, Any] | None = None, **files: Any) -> Result:
        return assess(load_plan(assessment({**ALONE, **(plan or {})}, values=values, **files)))

    return of


@pytest.fixture
def framework(assessment: Assessment) -> dict[str, Any]:
    return json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))


def why(found: Any) -> dict[str, str]:
    table = found.table[found.table["why_not"] != ""]
    return dict(zip(table["node"], table["why_not"], strict=True))


def test_changes_and_intervals_by_hand(result: Callable[..., Result]) -> None:
    found = between(result(OLD), result(NEW))
    table = found.table.set_index("node")
    assert why(found) == {}
    # days 50 → 80, standard errors 10 and 40/3 points; speed is its mean with share
    error = math.hypot(10, 40 / 3)
    assert table.loc["days", "change"] == pytest.approx(30)
    assert table.loc["days", "low"] == pytest.approx(30 - stats.norm.ppf(0.975) * error)
    assert table.loc["days", "p_value"] == pytest.approx(2 * stats.norm.sf(30 / error))
    assert table.loc["speed", ["before", "after", "change"]].to_list() == pytest.approx([50, 65, 15])
    assert math.isnan(table.loc["voice", "change"])
    assert (found.before, found.after) == ("us now", "us now")


def test_nothing_in_common_is_said(result: Callable[..., Result], framework: dict[str, Any]) -> None:
    framework["tree"]["children"][0]["min_share"] = 1.0
    framework["tree"]["min_share"] = 1.0
    found = between(
        result(HEAD + "days,15,3\n", framework=framework), result(HEAD + "share,0.5,\n", framework=framework)
    )
    assert found.notes[-1] == "nothing is compared: no node has a score in both that means the same"


def test_the_same_as_two_waves_of_one_plan(assessment: Assessment, result: Callable[..., Result]) -> None:
    values = "wave," + HEAD + "before,days,15,3\nafter,days,6,4\nbefore,share,0.5,\nafter,share,0.5,\n"
    within = assess(load_plan(assessment({"evidence": ALONE["evidence"]}, values=values))).tables["changes"]
    apart = between(result(OLD), result(NEW)).table.set_index("node")
    for row in within.itertuples():
        for column in ("change", "low", "high", "p_value", "q_value"):
            assert apart.loc[row.node, column] == pytest.approx(getattr(row, column), nan_ok=True)


def test_another_rule_is_named_and_its_change_is_not_printed(
    result: Callable[..., Result], framework: dict[str, Any]
) -> None:
    newer = copy.deepcopy(framework)
    newer["version"] = "1.3.0"
    newer["tree"]["children"][0]["children"][0]["normalise"]["worst"] = 40
    newer["tree"]["children"][0]["children"][1]["title"] = "Share of all"
    newer["tree"]["children"].append(
        {
            "id": "more",
            "title": "More",
            "unit": "x",
            "normalise": {"method": "goalposts", "worst": 0, "best": 1},
        }
    )
    found = between(result(OLD), result(NEW, framework=newer))
    assert why(found) == {
        "days": "defined otherwise: normalise",
        "speed": "rests on what does not compare: days",
        "index": "defined otherwise: children, weight of each child",
        "more": "not in the first framework",
    }
    table = found.table.set_index("node")
    assert table.loc["share", "change"] == 0
    assert math.isnan(table.loc["days", "change"])
    assert table.loc["days", "after"] == pytest.approx(85)
    assert found.notes[:2] == (
        "small has version 1.2.0 in the first and 1.3.0 in the second",
        "worded otherwise, by the same rules: share",
    )


def test_another_question_is_named(assessment: Assessment, result: Callable[..., Result]) -> None:
    sheet = json.loads(assessment().with_name("sheet.yaml").read_text("utf-8"))
    newer = copy.deepcopy(sheet)
    newer["sections"][0]["questions"][0]["text"] = "They are very kind"
    survey = {"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}]}
    answers = "respondent,kind,rude\n1,4,2\n2,5,1\n"
    found = between(result(plan=survey, answers=answers), result(plan=survey, answers=answers, sheet=newer))
    assert why(found) == {
        "voice": "asked otherwise: kind",
        "index": "rests on what does not compare: voice",
    }


def test_other_weights_and_fits(result: Callable[..., Result], framework: dict[str, Any]) -> None:
    found = between(result(), result(NEW, {"weights": {"speed": {"days": 3, "share": 1}}}))
    assert why(found)["speed"] == "weighted otherwise by the plans"
    fitted = copy.deepcopy(framework)
    fitted["tree"]["children"][0]["children"][0]["normalise"] = {"method": "min-max"}
    units = ["unit,measure,value\nus,days,15\nb,days,5\n", "unit,measure,value\nus,days,15\nb,days,4\n"]
    one, two = (result(text, framework=fitted) for text in units)
    assert why(between(one, two))["days"] == "fitted on other data: its range or weights differ"
    assert why(between(one, one)) == {}


def test_what_else_differs_is_said(result: Callable[..., Result]) -> None:
    wave = [{"id": "now", "from": "2020-01-01", "to": "2020-12-31"}]
    earlier = [{"id": "then", "from": "2019-01-01", "to": "2019-12-31"}]
    found = between(
        result(plan={"waves": wave}),
        result(plan={"waves": earlier, "scope": {"exclude": ["voice"]}}),
    )
    assert found.notes == (
        "in scope in one alone: voice",
        "now is compared as the earlier one, and its period starts after that of then",
        "the first and the second hold exactly the same 2 readings: the later evidence looks like the earlier once "
        "more, so this pair shows no change, not that nothing changed",
        "intervals take the two samples as independent; for the same respondents, put both waves into one plan",
    )


def test_other_frameworks_and_waves_that_are_not_there(
    result: Callable[..., Result], framework: dict[str, Any], faults: Faults
) -> None:
    other = result(framework={**framework, "framework": "large"})
    assert faults(lambda: between(result(), other, after_wave="nwo")) == [
        "assessed by small@1.2.0 and by large@1.2.0: scores of different frameworks do not compare (assess both by the same framework)",
        'test has no wave "nwo" (did you mean "now"?)',
    ]

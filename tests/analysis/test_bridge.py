"""Results of an earlier framework set beside those of a later one that has a bridge from it."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.analysis.between import between
from crm_capability.analysis.result import Result

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
NOW: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "now"}]}
HEAD = "measure,value,standard_error\n"


@pytest.fixture
def old(assessment: Assessment) -> dict[str, Any]:
    return json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))


@pytest.fixture
def new(old: dict[str, Any]) -> dict[str, Any]:
    """Days became hours under another name, the share is read on another range, voice is the same."""
    later = copy.deepcopy(old)
    later["version"] = "2.0.0"
    speed = later["tree"]["children"][0]
    speed["aggregate"] = "geometric"
    speed["children"][0] = {
        "id": "hours", "title": "Hours", "unit": "hours", "better": "lower",
        "normalise": {"method": "goalposts", "worst": 480, "best": 0},
    }  # fmt: skip
    speed["children"][1]["normalise"] = {"method": "goalposts", "worst": 0.2, "best": 1}
    later["bridges"] = [
        {
            "version": "1.2.0",
            "because": "working days of eight hours",
            "measures": {"hours": {"was": "days", "times": 8}},
        }
    ]
    return later


@pytest.fixture
def results(
    assessment: Assessment, old: dict[str, Any], new: dict[str, Any]
) -> Callable[..., tuple[Result, Result]]:
    def of(later: dict[str, Any] | None = None) -> tuple[Result, Result]:
        first = assess(load_plan(assessment(NOW, framework=old, values=HEAD + "days,15,3\nshare,0.5,\n")))
        values = HEAD + "hours,120,16\nshare,0.6,\n"
        return first, assess(load_plan(assessment(NOW, framework=later or new, values=values)))

    return of


def test_over_a_bridge_the_earlier_readings_are_scored_by_the_later_framework(
    results: Callable[..., tuple[Result, Result]],
) -> None:
    found = between(*results())
    table = found.table.set_index("node")
    assert table.loc["hours", ["before", "after", "change"]].to_list() == pytest.approx([75, 75, 0])
    assert table.loc["share", "before"] == pytest.approx(37.5)
    assert table.loc["speed", "before"] == pytest.approx(math.sqrt(75 * 37.5))
    # 3 days are 24 hours, and 5 points of score; 16 hours are 10/3
    assert table.loc["hours", "high"] == pytest.approx(1.959964 * math.hypot(5, 10 / 3), rel=1e-6)
    assert "days" not in table.index
    assert found.notes[0] == (
        "the first, assessed by small@1.2.0, is scored again by small@2.0.0 over its bridge"
        " (working days of eight hours): hours = 8 × days"
    )


def test_without_a_bridge_what_changed_is_not_printed(
    results: Callable[..., tuple[Result, Result]], new: dict[str, Any]
) -> None:
    new["bridges"] = []
    found = between(*results(new))
    table = found.table.set_index("node")
    assert table.loc[["hours", "days", "share", "speed", "index"], "change"].isna().all()
    assert table.loc["share", "why_not"] == "defined otherwise: normalise"
    assert found.notes[0] == "small has version 1.2.0 in the first and 2.0.0 in the second"


def test_a_measure_that_no_bridge_leads_to_is_not_printed(
    results: Callable[..., tuple[Result, Result]], new: dict[str, Any]
) -> None:
    new["bridges"][0]["measures"] = {}
    table = between(*results(new)).table.set_index("node")
    assert table.loc["hours", "why_not"] == "no bridge leads to it from the first"
    assert table.loc["speed", "why_not"].startswith("rests on what does not compare: hours")
    assert table.loc["share", "change"] == pytest.approx(12.5)


def test_another_framework_may_be_bridged_too(
    results: Callable[..., tuple[Result, Result]], new: dict[str, Any]
) -> None:
    new["framework"] = "other"
    new["bridges"][0]["framework"] = "small"
    assert between(*results(new)).table.set_index("node").loc["share", "change"] == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("bridges", "problem"),
    [
        ([{"version": "1.0.0", "because": "b", "measures": {"dys": {"was": "days"}}}], '"dys" is no measure of this framework (did you mean "days"?)'),
        ([{"version": "1.2.0", "because": "b"}], "a bridge from this very version"),
        ([{"version": "1.0.0", "because": "b"}, {"version": "1.0.0", "because": "b"}], "a second bridge from small@1.0.0"),
        ([{"version": "1.0.0", "because": "b", "measures": {"days": {"was": "days", "times": 0}}}], "zero times a reading is no reading"),
    ],
)  # fmt: skip
def test_bridges_to_nowhere(
    assessment: Assessment, faults: Faults, old: dict[str, Any], bridges: Any, problem: str
) -> None:
    old["bridges"] = bridges
    (found,) = faults(lambda: load_plan(assessment(framework=old)))
    assert problem in found
    assert found.startswith("framework.yaml:")

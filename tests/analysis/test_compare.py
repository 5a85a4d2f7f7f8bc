"""Before and after, by hand: the parts of a change, intervals, p- and q-values."""

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

Assessment = Callable[..., Path]
VALUES_ALONE = {"evidence": [{"values": "values.csv"}]}


def changes(plan: Path) -> Any:
    return assess(load_plan(plan)).tables["changes"].set_index("node")


def row(*lines: str) -> str:
    return "wave,measure,value,standard_error\n" + "".join(f"{line}\n" for line in lines)


def test_a_change_of_readings_is_all_value(assessment: Assessment) -> None:
    found = changes(
        assessment(
            VALUES_ALONE,
            values=row("before,days,15,", "after,days,6,", "before,share,0.5,", "after,share,0.5,"),
        )
    )
    assert found.loc[
        "speed", ["before", "after", "change", "from_value", "from_weight", "from_membership"]
    ].to_list() == pytest.approx([50, 65, 15, 15, 0, 0])


def test_what_came_and_went_is_membership(assessment: Assessment) -> None:
    found = changes(
        assessment(VALUES_ALONE, values=row("before,days,15,", "after,days,15,", "after,share,1,"))
    )
    assert found.loc[
        "speed", ["change", "from_value", "from_weight", "from_membership"]
    ].to_list() == pytest.approx([25, 0, 0, 25])


def test_weights_and_values_share_their_joint_effect(assessment: Assessment) -> None:
    """Half of Δw·Δx to each: x 50→65 and 50→50 under weights ½,½ → ¾,¼."""
    waves = [{"id": "before"}, {"id": "after", "weights": {"speed": {"days": 3, "share": 1}}}]
    found = changes(
        assessment(
            {**VALUES_ALONE, "waves": waves},
            values=row("before,days,15,", "after,days,6,", "before,share,0.2,", "after,share,0.2,"),
        )
    )
    # scores 50 → 80 and 20 → 20: 35 → 65
    assert found.loc["speed", "change"] == pytest.approx(30)
    assert found.loc["speed", "from_value"] == pytest.approx((0.5 * 30 + 0.75 * 30) / 2)
    assert found.loc["speed", "from_weight"] == pytest.approx((0.25 * 30 + 0.25 * 60) / 2)
    assert found.loc["speed", "from_membership"] == pytest.approx(0, abs=1e-12)


def test_errors_travel_up_the_tree(assessment: Assessment) -> None:
    found = changes(
        assessment(
            VALUES_ALONE,
            values=row(
                "before,days,15,1.5", "after,days,6,1.2", "before,share,0.25,0.03", "after,share,0.5,0.04"
            ),
        )
    )
    slope_days, slope_share = 100 / 30, 100
    error = math.sqrt(
        (slope_days / 2) ** 2 * (1.5**2 + 1.2**2) + (slope_share / 2) ** 2 * (0.03**2 + 0.04**2)
    )
    half = stats.norm.ppf(0.975) * error
    speed = found.loc["speed"]
    assert (speed["low"], speed["high"]) == pytest.approx((speed["change"] - half, speed["change"] + half))
    assert speed["p_value"] == pytest.approx(2 * stats.norm.sf(abs(speed["change"]) / error))


def test_q_values_are_of_a_level(assessment: Assessment) -> None:
    found = changes(
        assessment(
            VALUES_ALONE,
            values=row("before,days,15,3", "after,days,12,3", "before,share,0.25,0.1", "after,share,0.5,0.1"),
        )
    )
    p_values = found.loc[["days", "share"], "p_value"]
    expected = stats.false_discovery_control(p_values, method="bh")
    assert found.loc[["days", "share"], "q_value"].to_list() == pytest.approx(expected.tolist())


def test_no_error_known_no_interval(assessment: Assessment) -> None:
    found = changes(assessment(VALUES_ALONE, values=row("before,days,15,", "after,days,6,")))
    assert found.loc["days", ["low", "high", "p_value", "q_value"]].isna().all()


def test_a_node_missing_in_one_wave_has_no_change(assessment: Assessment) -> None:
    found = changes(
        assessment(VALUES_ALONE, values=row("before,days,15,", "after,days,6,", "after,share,1,"))
    )
    assert (
        found.loc["share", ["before", "change", "from_value", "from_weight", "from_membership"]].isna().all()
    )
    assert found.loc["share", "after"] == 100


def test_waves_are_compared_each_with_the_one_before_unless_the_plan_says(assessment: Assessment) -> None:
    waves = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    values = row("a,days,15,", "b,days,6,", "c,days,3,")
    pairs = assess(load_plan(assessment({**VALUES_ALONE, "waves": waves}, values=values))).tables["changes"]
    assert set(zip(pairs["before_wave"], pairs["after_wave"], strict=True)) == {("a", "b"), ("b", "c")}
    plan = assessment(
        {**VALUES_ALONE, "waves": waves, "compare": [{"before": "a", "after": "c"}]}, values=values
    )
    found = changes(plan).loc["days"]
    assert (found["before_wave"], found["after_wave"], found["change"]) == ("a", "c", pytest.approx(40))


def test_one_wave_has_no_changes(assessment: Assessment) -> None:
    plan = assessment({**VALUES_ALONE, "waves": [{"id": "a"}]}, values=row("a,days,15,"))
    assert assess(load_plan(plan)).tables["changes"].empty


def test_intervals_stay_on_the_scale(assessment: Assessment) -> None:
    plan = assessment(VALUES_ALONE, values=row("before,days,29,4", "after,days,1,4"))
    scores = assess(load_plan(plan)).tables["scores"].set_index(["wave", "node"])
    assert scores.loc[("before", "days"), "low"] == 0
    assert scores.loc[("after", "days"), "high"] == 100


def test_a_geometric_index_carries_errors_by_its_slopes(assessment: Assessment) -> None:
    framework = copy.deepcopy(json.loads((assessment().parent / "framework.yaml").read_text()))
    framework["tree"]["children"][0]["aggregate"] = "geometric"
    plan = assessment(
        VALUES_ALONE,
        framework=framework,
        values=row("before,days,15,1", "before,share,0.2,0.01", "after,days,6,"),
    )
    found = assess(load_plan(plan)).tables["scores"].set_index(["wave", "node"]).loc[("before", "speed")]
    mean = math.sqrt(50 * 20)
    error = math.sqrt((mean / 2 / 50 * 100 / 30) ** 2 + (mean / 2 / 20 * 100 * 0.01) ** 2)
    assert found["score"] == pytest.approx(mean)
    assert found["high"] == pytest.approx(mean + stats.norm.ppf(0.975) * error)

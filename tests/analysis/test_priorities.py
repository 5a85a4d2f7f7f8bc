"""Importance against performance, and differences between peers: by hand and by brute force."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from crm_capability import assess, load_plan

Assessment = Callable[..., Path]
NOW: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "now"}]}
VALUES = "measure,value\ndays,15\nshare,0.2\nvoice,4\n"  # scores 50, 20, 75; speed 35; index 55


@pytest.fixture
def framework(assessment: Assessment) -> dict[str, Any]:
    return json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))


def priorities(plan: Path) -> Any:
    return assess(load_plan(plan)).tables["priorities"].set_index("node")


def test_by_hand(assessment: Assessment) -> None:
    table = priorities(assessment({**NOW, "targets": {"speed": 45, "voice": 70}}, values=VALUES))
    assert table["effective_weight"].to_dict() == pytest.approx(
        {"speed": 0.5, "days": 0.25, "share": 0.25, "voice": 0.5}
    )
    assert table["quadrant"].to_dict() == {
        "speed": "concentrate",
        "days": "low-priority",
        "share": "low-priority",
        "voice": "keep",
    }
    assert table["gain_per_point"].to_dict() == pytest.approx(
        {"speed": 0.5, "days": 0.25, "share": 0.25, "voice": 0.5}
    )
    assert table["gain_of_one"].to_dict() == pytest.approx(table["gain_per_point"].to_dict())
    assert table["gain_to_best"].to_dict() == pytest.approx(
        {"speed": 32.5, "days": 12.5, "share": 20, "voice": 12.5}
    )
    assert table.loc["speed", "gain_to_target"] == pytest.approx(5)
    assert table.loc["voice", "gain_to_target"] == 0  # met already
    assert np.isnan(table.loc["days", "gain_to_target"])


@pytest.mark.parametrize("rule", ["geometric", "harmonic", "minimum", {"method": "power", "exponent": 3}])
def test_gains_are_what_scoring_the_changed_reading_gives(
    assessment: Assessment, framework: dict[str, Any], rule: Any
) -> None:
    """A point more at `share` is 0.01 in its reading."""
    framework["defaults"] = {"aggregate": rule}
    index = [
        assess(load_plan(assessment(NOW, framework=framework, values=VALUES.replace("0.2", share))))
        .tables["scores"]
        .set_index("node")
        .loc["index", "score"]
        for share in ("0.2", "0.21", "0.2000001", "1")
    ]
    table = priorities(assessment(NOW, framework=framework, values=VALUES))
    assert table.loc["share", "gain_of_one"] == pytest.approx(index[1] - index[0])
    assert table.loc["share", "gain_per_point"] == pytest.approx((index[2] - index[0]) / 1e-5, rel=1e-4)
    assert table.loc["share", "gain_to_best"] == pytest.approx(index[3] - index[0])


def test_a_gate_gives_nothing_until_it_opens(assessment: Assessment, framework: dict[str, Any]) -> None:
    """Speed of 35 is under 40 and caps the index at 30; voice gains nothing, speed at 40 gives 57.5."""
    framework["tree"]["aggregate"] = {"method": "gate", "on": "speed", "below": 40, "cap": 30}
    table = priorities(assessment({**NOW, "targets": {"speed": 40}}, framework=framework, values=VALUES))
    assert table.loc["voice", "gain_to_best"] == 0
    assert (table.loc["speed", "gain_per_point"], table.loc["speed", "gain_of_one"]) == (0, 0)
    assert table.loc["speed", "gain_to_target"] == pytest.approx((40 + 75) / 2 - 30)


def test_at_its_best_there_is_no_point_more(assessment: Assessment) -> None:
    table = priorities(assessment(NOW, values=VALUES.replace("voice,4", "voice,5")))
    assert (table.loc["voice", "gain_of_one"], table.loc["voice", "gain_to_best"]) == (0, 0)


def test_what_has_no_score_gains_nothing_known(assessment: Assessment) -> None:
    table = priorities(assessment(NOW, values="measure,value\ndays,15\nvoice,4\n"))
    assert table.loc["share", ["gain_per_point", "gain_of_one", "gain_to_best"]].isna().all()
    assert table["quadrant"].isna()["share"]


def test_a_target_that_is_met_is_said(assessment: Assessment) -> None:
    notes = assess(load_plan(assessment({**NOW, "targets": {"voice": 70}}, values=VALUES))).manifest["notes"]
    assert {"node": "voice", "text": "the target of 70 is met already, with 75.0: set the next one"} in notes


def test_differences_between_peers_by_hand(assessment: Assessment) -> None:
    """days ± 0.6 is ± 2 points: against u1, 4 points apart, z = 4/√8; against u2, 40 points."""
    values = (
        "unit,measure,value,standard_error\nus,days,15,0.6\nu1,days,16.2,0.6\nu2,days,3,0.6\nu3,days,30,\n"
    )
    plan = {**NOW, "benchmark": {"pool": "units", "minimum_peers": 1}}
    result = assess(load_plan(assessment(plan, values=values)))
    table = result.tables["differences"].query("node == 'days'").set_index("other")
    assert table["difference"].to_dict() == pytest.approx({"u1": 4, "u2": -40, "u3": 50})
    p_values = [2 * stats.norm.sf(4 / 8**0.5), 2 * stats.norm.sf(40 / 8**0.5)]
    assert table.loc[["u1", "u2"], "p_value"].to_list() == pytest.approx(p_values)
    assert table.loc[["u1", "u2"], "q_value"].to_list() == pytest.approx(
        stats.false_discovery_control(p_values).tolist()
    )
    assert table.loc[["u1", "u2"], "verdict"].to_list() == ["noise", "behind"]
    assert np.isnan(table.loc["u3", "q_value"])
    assert table["verdict"].isna()["u3"]  # without an error nothing is called noise
    assert table.loc["u1", "low"] == pytest.approx(4 - 1.959964 * 8**0.5, abs=1e-5)

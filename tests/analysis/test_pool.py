"""Pools of peers: built without names, read strictly, compared with by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crm_capability import assess, load_plan
from crm_capability.analysis.benchmark import percentile, standing
from crm_capability.analysis.pool import build_pool
from crm_capability.analysis.pool_text import pool_text, write_pool
from crm_capability.definition.pool import Quantiles
from crm_capability.definition.pool_file import load_pool

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
Write = Callable[[str, str | bytes], Path]

ALONE: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "before"}]}
# days 30 … 0 score 0 … 100; seven peers at 0, 20, 40, 40, 60, 80, 100
DAYS = (30, 24, 18, 18, 12, 6, 0)


@pytest.fixture
def framework(assessment: Assessment) -> dict[str, Any]:
    """The small framework of these tests, to change."""
    return json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))


def values(days: tuple[float, ...], names: str = "pqrstuvw") -> str:
    return "unit,measure,value\n" + "".join(
        f"{name},days,{d}\n" for name, d in zip(names, days, strict=False)
    )


@pytest.fixture
def peers(assessment: Assessment) -> Any:
    """Results of units p, q, r, … that have only `days`."""

    def of(
        days: tuple[float, ...] = DAYS, names: str = "pqrstuvw", framework: Any = None, plan: Any = None
    ) -> Any:
        text = values(days, names)
        path = assessment({**ALONE, "unit": names[0], **(plan or {})}, framework=framework, values=text)
        return assess(load_plan(path))

    return of


def test_a_pool_holds_scores_in_order_quantiles_and_no_name(peers: Any, tmp_path: Path) -> None:
    result = peers()
    pool = build_pool({"r": result}, "seven")
    write_pool(pool, tmp_path / "pool.yaml")
    data = yaml.safe_load((tmp_path / "pool.yaml").read_text("utf-8"))
    assert data["nodes"]["days"]["n"] == 7
    assert [float(word) for word in data["nodes"]["days"]["scores"].split()] == [0, 20, 40, 40, 60, 80, 100]
    assert data["nodes"]["days"]["quantiles"]["p50"] == 40
    assert data["nodes"]["days"]["quantiles"]["p75"] == 70
    assert data["readings"]["days"]["quantiles"]["p25"] == 9
    assert (data["framework"], data["framework_version"], data["peers"]) == ("small", "1.2.0", 7)
    assert "share" in data["left_out"]
    assert load_pool(tmp_path / "pool.yaml").value == pool
    for name in "pqrstuv":
        assert f'"{name}"' not in pool_text(pool)


def test_quantiles_are_scipys(peers: Any) -> None:
    numbers = np.random.default_rng(3).exponential(size=37)
    found = Quantiles.of(numbers)
    expected = stats.mstats.mquantiles(numbers, [0.1, 0.25, 0.5, 0.75, 0.9], alphap=1, betap=1)
    assert list(found.model_dump().values()) == pytest.approx(expected.tolist())


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(-1, 10))
def test_percentile_is_scipys_mean_percentile(scores: list[int], own: int) -> None:
    expected = stats.percentileofscore(scores, own, kind="mean")
    assert percentile(float(own), np.sort(np.array(scores, dtype=float))) == pytest.approx(expected)


def test_standing_in_a_pool_by_hand(peers: Any, assessment: Assessment, tmp_path: Path) -> None:
    write_pool(build_pool({"r": peers()}, "seven"), tmp_path / "pool.yaml")
    plan = assessment(
        {**ALONE, "benchmark": {"pool": "./pool.yaml"}}, values="measure,value,standard_error\ndays,18,3\n"
    )
    result = assess(load_plan(plan))
    row = result.tables["standing"].set_index("node").loc["days"]
    # 40 among 0, 20, 40, 40, 60, 80, 100: two worse, two ties
    assert row["peers"] == 7
    assert row["percentile"] == pytest.approx(100 * 3 / 7)
    assert (row["quartile"], row["median"], row["best"], row["top_quartile"]) == (2, 40, 100, 70)
    assert (row["gap_to_median"], row["gap_to_best"], row["gap_to_top_quartile"]) == (0, -60, -30)
    # 95 % of 40 ± 19.6: 20.4 has two below it, 59.6 has four
    assert (row["percentile_low"], row["percentile_high"]) == pytest.approx((200 / 7, 400 / 7))
    assert "pool.yaml" in [one["file"] for one in result.manifest["inputs"]]


def test_a_unit_in_the_pool_is_never_its_own_peer(peers: Any, assessment: Assessment, tmp_path: Path) -> None:
    write_pool(build_pool({"r": peers()}, "seven"), tmp_path / "pool.yaml")
    plan = assessment(
        {**ALONE, "unit": "p", "benchmark": {"pool": "./pool.yaml"}}, values=values((*DAYS, 15.0))
    )
    result = assess(load_plan(plan))
    table = result.tables["standing"].query("node == 'days'").set_index("unit")
    assert table["peers"].to_list() == [6] * 7 + [7]
    assert table.loc["p", "percentile"] == 0
    assert table.loc["v", "percentile"] == 100
    assert table.loc["v", "best"] == 80
    assert table.loc["r", "percentile"] == pytest.approx(100 * 2.5 / 6)
    assert any("holds p itself" in note["text"] for note in result.manifest["notes"])


def test_the_same_standing_from_a_pool_as_from_the_plans_units(
    peers: Any, assessment: Assessment, tmp_path: Path
) -> None:
    write_pool(build_pool({"r": peers()}, "seven"), tmp_path / "pool.yaml")
    found = [
        assess(
            load_plan(assessment({**ALONE, "unit": "p", "benchmark": {"pool": pool}}, values=values(DAYS)))
        ).tables["standing"]
        for pool in ("units", "./pool.yaml")
    ]
    assert found[0].drop(columns="wave").equals(found[1].drop(columns="wave"))


def test_a_unit_may_be_left_out(peers: Any) -> None:
    assert build_pool({"r": peers()}, "six", without=("p",)).nodes["days"].scores == (20, 40, 40, 60, 80, 100)


def test_four_peers_are_no_pool(peers: Any, faults: Faults) -> None:
    assert faults(lambda: build_pool({"r": peers(DAYS[:4])}, "four")) == [
        "r: 4 units have scores: with fewer than 5 a figure would tell of one of them (add results of more units)"
    ]


def test_a_node_of_four_is_left_out(peers: Any, assessment: Assessment) -> None:
    text = values(DAYS) + "".join(f"{name},share,0.5\n" for name in "pqrs")
    result = assess(load_plan(assessment({**ALONE, "unit": "p"}, values=text)))
    pool = build_pool({"r": result}, "seven")
    assert "share" not in pool.nodes
    assert "share" not in pool.readings
    assert "share" in pool.left_out
    assert pool.nodes["speed"].n == 7


def test_fewer_peers_than_the_plan_takes(peers: Any, assessment: Assessment, tmp_path: Path) -> None:
    write_pool(build_pool({"r": peers(DAYS[:5])}, "five"), tmp_path / "pool.yaml")
    plan = assessment(
        {**ALONE, "benchmark": {"pool": "./pool.yaml", "minimum_peers": 6}}, values="measure,value\ndays,18\n"
    )
    result = assess(load_plan(plan))
    row = result.tables["standing"].set_index("node").loc["days"]
    assert row["peers"] == 5
    assert math.isnan(row["percentile"])
    notes = [note["text"] for note in result.manifest["notes"]]
    assert (
        "before: 5 peers have a score, and a comparison takes 6: nothing but their number stands at index, speed, days"
        in notes
    )


def test_four_other_units_and_all_equal_are_said(assessment: Assessment) -> None:
    plan = {**ALONE, "unit": "p", "benchmark": {"pool": "units"}}
    few = assess(load_plan(assessment(plan, values=values(DAYS[:5]))))
    assert (
        "before: 4 peers have a score, and a comparison takes 5: nothing but their number stands at index, speed, days"
        in [note["text"] for note in few.manifest["notes"]]
    )
    alike = assess(load_plan(assessment(plan, values=values((6.0, *[12.0] * 6)))))
    assert (
        "before: all peers score the same, so a percentile says above, level or below and no more at index, speed, days"
        in [note["text"] for note in alike.manifest["notes"]]
    )
    assert alike.tables["standing"].set_index(["unit", "node"]).loc[("p", "days"), "percentile"] == 100


@pytest.mark.parametrize(
    ("change", "named"), [({"version": "1.3.0"}, "small@1.3.0"), ({"framework": "tiny"}, "tiny@1.2.0")]
)
def test_a_pool_of_another_framework_or_version(
    change: dict[str, str],
    named: str,
    peers: Any,
    assessment: Assessment,
    framework: dict[str, Any],
    tmp_path: Path,
    faults: Faults,
) -> None:
    write_pool(build_pool({"r": peers()}, "seven"), tmp_path / "pool.yaml")
    plan = assessment({**ALONE, "benchmark": {"pool": "./pool.yaml"}}, framework={**framework, **change})
    (problem,) = faults(lambda: load_plan(plan))
    assert (
        f"the pool seven is of small@1.2.0, and the plan of {named} (take a pool of the same framework"
        in problem
    )
    assert problem.startswith("assessment.yaml:")


def test_a_pool_that_is_not_there(assessment: Assessment, faults: Faults) -> None:
    (problem,) = faults(lambda: load_plan(assessment({**ALONE, "benchmark": {"pool": "./gone.yaml"}})))
    assert "no such file: ./gone.yaml" in problem


def test_a_pool_scored_by_other_weights_is_said(peers: Any, assessment: Assessment, tmp_path: Path) -> None:
    write_pool(build_pool({"r": peers()}, "seven"), tmp_path / "pool.yaml")
    weights = {"speed": {"days": 3, "share": 1}}
    plan = {**ALONE, "benchmark": {"pool": "./pool.yaml"}, "weights": weights}
    notes = assess(load_plan(assessment(plan, values="measure,value\ndays,18\n"))).manifest["notes"]
    assert any("scored with other rules, weights or fitted ranges" in note["text"] for note in notes)


def test_results_that_do_not_go_together(peers: Any, framework: dict[str, Any], faults: Faults) -> None:
    one = peers()
    newer = peers(framework={**framework, "version": "1.3.0"})
    weighed = peers(plan={"weights": {"speed": {"days": 3, "share": 1}}})
    assert faults(lambda: build_pool({"a": one, "b": newer, "c": weighed}, "mixed")) == [
        "b: assessed by small@1.3.0, and a by small@1.2.0 (take results of one framework and version)",
        "c: scored with other rules, weights or fitted ranges than a (assess all units in one plan, or by a framework with bounds and weights of its own)",
    ]
    assert faults(lambda: build_pool({"a": one, "b": peers()}, "twice")) == [
        "b: brings units again, with the same scores: p, q, r, s, t … (name each result once)"
    ]
    assert faults(lambda: build_pool({"a": one}, "w", wave="befor")) == [
        'a: no wave "befor" (did you mean "before"?)'
    ]
    assert faults(lambda: build_pool({"a": one}, "w", without=("z",)))[0].startswith(
        'no result has a unit "z" to leave out'
    )
    assert faults(lambda: build_pool({"a": one}, "No Name", version="one")) == [
        '"No Name" cannot be the id of a pool (ids are small letters, digits and hyphens, a letter first)',
        '"one" is no version (write one such as 1.0.0)',
    ]


def test_translations_are_no_other_scale(peers: Any, framework: dict[str, Any]) -> None:
    framework["tree"]["title"] = {"en": "Index", "zh-Hans": "指数"}
    assert build_pool({"a": peers(DAYS[:4]), "b": peers(DAYS[4:], "xyz", framework)}, "both").peers == 7


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("n: 7", "n: 6", "n is 6, and there are 7 scores"),
        ("0.0 20.0", "20.0 0.0", "scores must rise from low to high"),
        ("p75: 70.0", "p75: 71.0", "the quantiles are not those of the scores"),
        ("20.0 40.0", "20.0 forty", "not numbers parted by blanks"),
        ("peers: 7", "peers: 4", "4 is out of range"),
    ],
)
def test_a_pool_file_with_faults(
    old: str, new: str, said: str, peers: Any, write: Write, faults: Faults
) -> None:
    text = pool_text(build_pool({"r": peers()}, "seven"))
    assert old in text
    found = faults(lambda: load_pool(write("pool.yaml", text.replace(old, new))))
    assert any(said in problem for problem in found)
    assert all(problem.startswith("pool.yaml:") for problem in found)


def test_ten_thousand_peers_stand_as_exactly_as_seven() -> None:
    peers = np.sort(np.random.default_rng(1).normal(50, 15, 10_000))
    found = standing(np.array([61.0]), [peers], 5)
    assert found["percentile"][0] == pytest.approx(stats.percentileofscore(peers, 61.0, kind="mean"))
    assert found["median"][0] == np.median(peers)

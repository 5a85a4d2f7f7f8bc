"""Standing among peers, by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_capability import assess, load_plan
from crm_capability.analysis.benchmark import standing

Assessment = Callable[..., Path]


def of(own: float, *peers: float, minimum: int = 1) -> dict[str, Any]:
    known = np.sort([peer for peer in peers if not math.isnan(peer)])
    found = standing(np.array([own]), [known], minimum)
    return {name: float(column[0]) for name, column in found.items()}


def test_standing_by_hand() -> None:
    found = of(50, 10, 40, 50, 60, 90)
    assert found["percentile"] == 100 * (2 + 0.5) / 5
    assert (found["peers"], found["quartile"], found["median"], found["best"]) == (5, 3, 50, 90)
    assert (found["gap_to_median"], found["gap_to_best"]) == (0, -40)


@pytest.mark.parametrize(
    ("own", "percentile", "quartile"), [(0, 0, 1), (15, 25, 2), (25, 50, 3), (35, 75, 4), (45, 100, 4)]
)
def test_quartiles_best_is_four(own: float, percentile: float, quartile: int) -> None:
    found = of(own, 10, 20, 30, 40)
    assert (found["percentile"], found["quartile"]) == (percentile, quartile)


def test_missing_peers_do_not_count_and_too_few_give_their_number_alone() -> None:
    found = of(50, 10, math.nan, 40, minimum=3)
    assert (found["peers"], found["score"]) == (2, 50)
    assert all(
        math.isnan(found[name])
        for name in ("percentile", "quartile", "median", "best", "gap_to_median", "gap_to_best")
    )
    assert of(50, 10, math.nan, 40, minimum=2)["percentile"] == 100


def test_a_missing_score_has_no_standing() -> None:
    found = of(math.nan, 10, 20)
    assert (found["peers"], found["median"]) == (2, 15)
    assert all(math.isnan(found[name]) for name in ("score", "percentile", "quartile", "gap_to_median"))


@given(st.lists(st.integers(0, 20), min_size=2, max_size=12))
def test_percentiles_among_each_other_average_fifty(scores: list[int]) -> None:
    found = [of(own, *scores[:n], *scores[n + 1 :])["percentile"] for n, own in enumerate(scores)]
    assert np.mean(found) == pytest.approx(50)


def test_a_unit_is_never_its_own_peer(assessment: Assessment) -> None:
    units = ("us", "b", "c", "d")
    values = "wave,unit,measure,value\n" + "".join(
        f"before,{unit},days,{n * 5}\n" for n, unit in enumerate(units)
    )
    plan = assessment(
        {"evidence": [{"values": "values.csv"}], "benchmark": {"pool": "units", "minimum_peers": 3}},
        values=values,
    )
    table = (
        assess(load_plan(plan))
        .tables["standing"]
        .query("wave == 'before' and node == 'days'")
        .set_index("unit")
    )
    assert table["peers"].to_list() == [3] * 4
    assert table.loc["us"][["percentile", "quartile"]].to_list() == [100, 4]
    assert table.loc["d"][["percentile", "gap_to_best"]].to_list() == [0, -50]


def test_no_benchmark_no_table(assessment: Assessment) -> None:
    assert assess(load_plan(assessment())).tables["standing"].empty

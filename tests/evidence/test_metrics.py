"""Readings from operational data, against independent computations in pandas."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sqlglot import exp

from crm_capability.definition.load import Definition, read_definition
from crm_capability.definition.metrics import Metrics, metrics_problems
from crm_capability.definition.plan import Connection, Wave
from crm_capability.errors import EvidenceError
from crm_capability.evidence.metrics import MetricsReading, read_metrics
from crm_capability.evidence.sources.duckdb_engine import DuckDB, _unreadable
from crm_capability.tables import TABLES

PERIODS = {
    "earlier": ("2016-07-04", "2016-12-31"),
    "before": ("2017-01-01", "2017-06-30"),
    "after": ("2017-07-01", "2017-12-31"),
    "empty": ("2019-01-01", "2019-06-30"),
}
WAVES = tuple(
    Wave.model_validate({"id": name, "from": start, "to": end})
    for name, (start, end) in PERIODS.items()
    if name != "earlier"
)
EARLIER = {"before": "earlier", "after": "before", "empty": "after"}


def define(folder: Path, text: str) -> Definition[Metrics]:
    path = folder / "shop.metrics.yaml"
    path.write_text(text, "utf-8")
    definition = read_definition(path, Metrics, "m")
    assert metrics_problems(definition) == []
    return definition


def read(
    folder: Path,
    text: str,
    waves: tuple[Wave, ...] = WAVES,
    connection: Connection | None = None,
    **files: Path,
) -> MetricsReading:
    tables = {name: (path,) for name, path in files.items()}
    return read_metrics(define(folder, text), connection or Connection(), tables, waves, "shop")


def readings(result: MetricsReading) -> pd.DataFrame:
    return result.readings.set_index(["measure", "wave", "unit"])


def faults(call) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def orders(seed: int, rows: int = 600) -> pd.DataFrame:
    """Seeded order lines with blanks everywhere, ties, and a branch that comes and goes."""
    random = np.random.default_rng(seed)
    days = random.integers(0, 546, rows)
    frame = pd.DataFrame(
        {
            "customer": random.integers(0, 60, rows).astype("float64"),
            "invoice": random.integers(0, 200, rows),
            "amount": random.integers(-2, 20, rows).astype("float64"),
            "discount": random.random(rows) * 3,
            "units": random.integers(0, 4, rows),
            "own": random.random(rows) < 0.4,
            "branch": random.choice(["N", "S", "", None], rows, p=[0.5, 0.4, 0.05, 0.05]),
            "sold_at": pd.Timestamp("2016-07-04")
            + pd.to_timedelta(days * 86_400 + random.integers(0, 86_400, rows), unit="s"),
        }
    )
    frame["sent_at"] = frame["sold_at"] + pd.to_timedelta(random.integers(0, 400_000, rows), unit="s")
    frame.loc[random.random(rows) < 0.1, ["customer"]] = np.nan
    frame.loc[random.random(rows) < 0.1, ["amount"]] = np.nan
    frame.loc[random.random(rows) < 0.2, ["sent_at"]] = pd.NaT
    # a customer whose rows hold no amount at all, and the edges of the waves
    frame.loc[frame["customer"] == 7, "amount"] = np.nan
    edges = ["2017-01-01", "2017-06-30 23:59:59.999999", "2017-07-01", "2018-01-01", "2016-12-31 23:59:59"]
    frame.loc[: len(edges) - 1, "sold_at"] = pd.to_datetime(edges, format="ISO8601")
    return frame


TEXT = """\
metrics: shop
version: 1.0.0
sources:
  orders: {table: orders, time: sold_at, UNIT where: "units > 0 or own", minimum_group: 1}
measures:
  lines: {type: simple, source: orders, value: count(*)}
  amount: {type: simple, source: orders, value: avg(amount)}
  hours: {type: simple, source: orders, value: "median(hours_between(sold_at, sent_at))"}
  big: {type: simple, source: orders, value: count_if(amount > 10), where: own or units = 1}
  invoices: {type: simple, source: orders, value: count(distinct invoice)}
  own-share: {type: ratio, source: orders, numerator: sum(case when own then amount end), denominator: sum(amount)}
  sent-share: {type: ratio, source: orders, numerator: count(sent_at), denominator: count(*), where: own or units = 2}
  late-share: {type: ratio, source: orders, numerator: "count_if(days_between(sold_at, sent_at) > 2)", denominator: count(sent_at)}
  net: {type: ratio, source: orders, numerator: sum(amount) - 2 * sum(discount), denominator: sum(amount)}
  never: {type: ratio, source: orders, numerator: count(*), denominator: count_if(amount > 1000)}
  price: {type: ratio, source: orders, numerator: sum(amount), denominator: sum(units), where: amount is not null}
  repeat: {type: ratio, source: orders, per: customer, facts: {n: count(distinct invoice)}, numerator: count_if(n >= 3), denominator: count(*), where: own}
  spend: {type: simple, source: orders, per: customer, facts: {spend: sum(amount), lines: count(*)}, value: avg(spend)}
  basket: {type: ratio, source: orders, per: customer, facts: {spend: sum(amount), n: count(distinct invoice)}, numerator: sum(spend), denominator: sum(n)}
  retention: {type: retention, source: orders, entity: customer}
  own-retention: {type: retention, source: orders, entity: customer, where: own}
  top: {type: top-share, source: orders, entity: customer, value: sum(amount), top: 0.2}
  own-top: {type: top-share, source: orders, entity: customer, value: count(*), top: 0.07, where: own}
  p90: {type: percentile, source: orders, value: amount, p: 0.9}
  own-p25: {type: percentile, source: orders, value: "hours_between(sold_at, sent_at)", p: 0.25, where: own}
  spend-median: {type: percentile, source: orders, per: customer, facts: {spend: sum(amount)}, value: spend, p: 0.5}
  new: {type: new-customer-share, source: orders, entity: customer}
  own-new: {type: new-customer-share, source: orders, entity: customer, where: own}
  converted: {type: conversion, source: orders, entity: customer, from: units = 1, to: amount > 12, within: 30 days}
  own-converted: {type: conversion, source: orders, entity: customer, from: amount > 5, to: units >= 2, within: 12 hours, where: own}
  bands:
    type: distribution
    source: orders
    entity: customer
    value: sum(amount)
    bands: {small: {below: 20}, middle: {from: 20, below: 60}, large: {from: 60}}
  own-bands: {type: distribution, source: orders, entity: customer, value: count(*), bands: {own-many: {from: 3}}, where: own}
  segments:
    type: rfm
    source: orders
    entity: customer
    value: sum(amount)
    classes: 4
    segments: {champions: {recency: [3, 4], frequency: [3, 4], monetary: [3, 4]}, sleeping: {recency: [1, 1]}}
  classes: {type: abc, source: orders, entity: customer, value: sum(amount), classes: {golden: a, steady: b, rest: c}}
  own-classes: {type: abc, source: orders, entity: customer, value: sum(units), a: 0.5, b: 0.9, classes: {own-golden: a}, where: own}
  golden-growth: {type: growth, of: golden}
  growth: {type: growth, of: spend}
  line-growth: {type: growth, of: lines}
  retention-growth: {type: growth, of: retention}
"""


class Oracle:
    """The same numbers, computed by hand in pandas for one period and unit."""

    def __init__(self, frame: pd.DataFrame, branch: str | None):
        frame = frame[(frame["units"] > 0) | frame["own"]]
        if branch is not None:
            frame = frame[frame["branch"] == branch]
        self.frame = frame

    def rows(self, period: str) -> pd.DataFrame:
        start, end = PERIODS.get(period, ("2016-01-05", "2016-07-03"))
        time = self.frame["sold_at"]
        return self.frame[(time >= pd.Timestamp(start)) & (time < pd.Timestamp(end) + pd.Timedelta(days=1))]

    def simple(self, period: str) -> dict[str, tuple[float, int, float]]:
        rows = self.rows(period)
        hours = (rows["sent_at"] - rows["sold_at"]).dt.total_seconds() / 3600
        some = rows[rows["own"] | (rows["units"] == 1)]
        nothing = math.nan
        return {
            "lines": (len(rows) or nothing, len(rows), nothing),
            "amount": mean(rows["amount"]),
            "hours": quantile(hours, 0.5),
            "p90": quantile(rows["amount"], 0.9),
            "own-p25": quantile(hours[rows["own"]], 0.25),
            "big": ((some["amount"] > 10).sum() if len(some) else nothing, len(some), nothing),
            "invoices": (rows["invoice"].nunique() or nothing, len(rows), nothing),
        }

    def ratios(self, period: str) -> dict[str, tuple[float, int, float]]:
        rows = self.rows(period)
        amount, own = rows["amount"].fillna(0), rows["own"]
        days = (rows["sent_at"] - rows["sold_at"]).dt.total_seconds() / 86400
        some, priced = rows[own | (rows["units"] == 2)], rows[rows["amount"].notna()]
        own_rows = rows[own & rows["customer"].notna()]
        people = rows[rows["customer"].notna()].groupby("customer")
        spend = people["amount"].sum(min_count=1)
        return {
            "own-share": ratio(amount.where(own, 0), amount)
            if rows.loc[own, "amount"].notna().any()
            else (math.nan, len(rows), math.nan),
            "sent-share": ratio(some["sent_at"].notna(), np.ones(len(some))),
            "late-share": ratio(days > 2, rows["sent_at"].notna()),
            "net": ratio(amount - 2 * rows["discount"], amount),
            "never": (math.nan, len(rows), math.nan),
            "price": ratio(priced["amount"], priced["units"]),
            "repeat": ratio(
                own_rows.groupby("customer")["invoice"].nunique() >= 3,
                np.ones(own_rows["customer"].nunique()),
            ),
            "spend": mean(spend),
            "spend-median": quantile(spend, 0.5),
            "basket": ratio(spend.fillna(0), people["invoice"].nunique()),
        }

    def entities(self, period: str) -> dict[str, tuple[float, int, float]]:
        rows = self.rows(period)
        rows = rows[rows["customer"].notna()]
        own = rows[rows["own"]]
        return {
            "retention": self.retention(period, False),
            "own-retention": self.retention(period, True),
            "top": top(rows.groupby("customer")["amount"].sum(min_count=1).dropna(), 1, 5),
            "own-top": top(own.groupby("customer").size(), 7, 100),
            **self.classes(rows, own),
            **self.journeys(period),
        }

    def classes(self, rows: pd.DataFrame, own: pd.DataFrame) -> dict[str, tuple[float, int, float]]:
        spend = rows.groupby("customer")["amount"].sum(min_count=1).dropna()
        lines = own.groupby("customer").size()
        people = rows.groupby("customer").agg(last=("sold_at", "max"), lines=("sold_at", "size"))
        people = people.loc[spend.index].assign(spend=spend)
        n = len(people)
        places = {
            name: 1 + (4 * (people[name].rank(method="min").astype(int) - 1)) // max(n, 1) for name in people
        }
        best = (places["last"] >= 3) & (places["lines"] >= 3) & (places["spend"] >= 3)
        return {
            "small": share(spend < 20),
            "middle": share((spend >= 20) & (spend < 60)),
            "large": share(spend >= 60),
            "own-many": share(lines >= 3),
            "champions": (*share(best)[:2], math.nan),
            "sleeping": (*share(places["last"] == 1)[:2], math.nan),
            **abc(spend, {"golden": "a", "steady": "b", "rest": "c"}, 0.8, 0.95),
            **abc(own.groupby("customer")["units"].sum(), {"own-golden": "a"}, 0.5, 0.9),
        }

    def journeys(self, period: str) -> dict[str, tuple[float, int, float]]:
        def converted(whole: pd.DataFrame, rows: pd.DataFrame, start: str, goal: str, hours: float):
            starts = rows.query(start).groupby("customer")["sold_at"].min()
            goals = whole.query(goal)
            reached = []
            for who, begun in starts.items():
                after = goals.loc[goals["customer"] == who, "sold_at"] - begun
                reached.append(((after >= pd.Timedelta(0)) & (after <= pd.Timedelta(hours=hours))).any())
            return share(pd.Series(reached, dtype=bool))

        def new(whole: pd.DataFrame, rows: pd.DataFrame):
            ever, now = whole.groupby("customer")["sold_at"].min(), rows.groupby("customer")["sold_at"].min()
            return share(ever.reindex(now.index) == now)

        rows, whole = self.rows(period), self.frame
        own, own_whole = rows[rows["own"]], whole[whole["own"]]
        return {
            "new": new(whole, rows),
            "own-new": new(own_whole, own),
            "converted": converted(whole, rows, "units == 1", "amount > 12", 720),
            "own-converted": converted(own_whole, own, "amount > 5", "units >= 2", 12),
        }

    def retention(self, period: str, own: bool) -> tuple[float, int, float]:
        before_period = EARLIER.get(period, "earliest")
        now, before = (
            set((rows[rows["own"]] if own else rows)["customer"].dropna())
            for rows in (self.rows(period), self.rows(before_period))
        )
        if not before or not now:
            return math.nan, len(before) if len(self.rows(period)["customer"].dropna()) else 0, math.nan
        share = len(before & now) / len(before)
        error = math.sqrt(share * (1 - share) / (len(before) - 1)) if len(before) > 1 else math.nan
        return share, len(before), error

    def growth(self, period: str) -> dict[str, tuple[float, int, float]]:
        found = {}
        for name, of, group in (
            ("growth", "spend", self.ratios), ("line-growth", "lines", self.simple), ("retention-growth", "retention", self.entities), ("golden-growth", "golden", self.entities),
        ):  # fmt: skip
            now, before = group(period)[of], group(EARLIER[period])[of]
            found[name] = (now[0] / before[0] - 1 if before[0] else math.nan, now[1], math.nan)
        return found

    def all(self, period: str) -> dict[str, tuple[float, int, float]]:
        return {**self.simple(period), **self.ratios(period), **self.entities(period), **self.growth(period)}


def mean(values: pd.Series) -> tuple[float, int, float]:
    n = int(values.count())
    return values.mean(), n, values.std(ddof=1) / math.sqrt(n) if n > 1 else math.nan


def ratio(above: object, below: object) -> tuple[float, int, float]:
    a, b = np.asarray(above, float), np.asarray(below, float)
    n = len(a)
    if not n or not b.sum():
        return math.nan, n, math.nan
    value = a.sum() / b.sum()
    error = math.sqrt(n / (n - 1) * ((a - value * b) ** 2).sum()) / abs(b.sum()) if n > 1 else math.nan
    return value, n, error


def share(marks: pd.Series) -> tuple[float, int, float]:
    n = len(marks)
    p = marks.mean() if n else math.nan
    return p, n, math.sqrt(p * (1 - p) / (n - 1)) if n > 1 else math.nan


def quantile(values: pd.Series, p: float) -> tuple[float, int, float]:
    """Standard error: Siddiqui's estimate of how fast values rise at the quantile."""
    values = values.dropna()
    n, h = len(values), min(p, 1 - p) / 4
    rise = (values.quantile(p + h) - values.quantile(p - h)) / (2 * h)
    return values.quantile(p), n, rise * math.sqrt(p * (1 - p) / n) if n > 1 else math.nan


def abc(values: pd.Series, names: dict[str, str], a: float, b: float) -> dict[str, tuple[float, int, float]]:
    """One entity after the other, the largest first."""
    total, reached = values[values > 0].sum(), 0.0
    found = []
    for value in values.sort_values(ascending=False):
        place = "a" if reached < a * total else "b" if reached < b * total else "c"
        found.append(place if value > 0 else "c")
        reached += max(value, 0)
    n = len(found)
    return {
        measure: (found.count(name) / n if n else math.nan, n, math.nan) for measure, name in names.items()
    }


def top(values: pd.Series, above: int, below: int) -> tuple[float, int, float]:
    """The first ceil(n · above / below), in whole numbers."""
    n = len(values)
    first = -(-n * above // below)
    total = values.sum()
    return (
        (values.sort_values(ascending=False).iloc[:first].sum() / total if total else math.nan),
        n,
        math.nan,
    )


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        (0, "parquet"),
        (1, "parquet"),
        (2, "parquet"),
        (3, "parquet"),
        (0, "csv"),
        (4, "csv"),
        (5, "duckdb"),
        (6, "sqlite"),
    ],
)
def test_agreement_with_pandas(tmp_path: Path, seed: int, kind: str):
    frame = orders(seed, 600 if seed else 25)
    file = tmp_path / f"orders.{kind}"
    connection = Connection()
    if kind == "parquet":
        frame.to_parquet(file, index=False)
    elif kind == "csv":
        frame.to_csv(file, index=False)
    elif kind == "duckdb":
        with duckdb.connect(str(file)) as session:
            session.register("frame", frame)
            session.execute("CREATE SCHEMA sales")
            session.execute("CREATE TABLE sales.lines AS SELECT * FROM frame")
        connection = Connection(database=str(file), tables={"orders": "sales.lines"})
    if kind == "sqlite":
        with contextlib.closing(sqlite3.connect(file)) as base:
            frame.to_sql("order lines", base, index=False)
        connection = Connection(database=str(file), tables={"orders": "order lines"})
    name = "database" if kind in ("duckdb", "sqlite") else "orders"
    for branches in (None, ("N", "S")):
        text = TEXT.replace("UNIT ", "unit: branch, " if branches else "")
        found = readings(read(tmp_path, text, connection=connection, **{name: file}))
        units = branches or ("shop",)
        assert len(found) == 39 * len(WAVES) * len(units)
        for unit in units:
            oracle = Oracle(frame, unit if branches else None)
            for wave in WAVES:
                for measure, expected in oracle.all(wave.id).items():
                    row = found.loc[(measure, wave.id, unit)]
                    value, n, error = expected
                    label = f"{measure} {wave.id} {unit}"
                    assert row["value"] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), label
                    assert row["standard_error"] == pytest.approx(error, rel=1e-6, abs=1e-7, nan_ok=True), (
                        label
                    )
                    assert row["n"] == n, label
                    assert row["state"] == ("not-collected" if math.isnan(value) else "measured"), label


def test_the_table(tmp_path: Path):
    file = tmp_path / "orders.parquet"
    orders(1).to_parquet(file)
    result = read(tmp_path, TEXT.replace("UNIT ", ""), orders=file)
    assert list(result.readings.columns) == list(TABLES["readings"])
    assert set(result.readings["evidence"]) == {"operational"}
    assert set(result.readings["source"]) == {f"shop:{name}" for name in result.readings["measure"]}
    assert [one["name"] for one in result.statements] == ["shop: orders", "shop: orders by customer"]
    assert all(
        one["sql"].startswith("WITH orders_in_waves AS (") and one["rows"] > 0 for one in result.statements
    )


PICK = """\
metrics: desk
version: 1.0.0
sources:
  tickets: {table: tickets, time: opened_at, key: number, PICK where: "state <> 'Canceled'"}
measures:
  tickets: {type: simple, source: tickets, value: count(*)}
  solved: {type: ratio, source: tickets, numerator: count_if(state = 'Closed'), denominator: count(*)}
"""


def tickets(tmp_path: Path, rows: list[tuple[str | None, str, str, int, str]]) -> Path:
    file = tmp_path / "tickets.csv"
    pd.DataFrame(rows, columns=["number", "opened_at", "updated_at", "version", "state"]).to_csv(
        file, index=False
    )
    return file


def test_pick_comes_before_where_and_wave(tmp_path: Path):
    file = tickets(
        tmp_path,
        [
            ("a", "2017-01-05", "2017-01-05", 1, "New"),
            ("a", "2017-01-05", "2017-01-09", 2, "Closed"),
            # canceled last: the row before it does not come back
            ("b", "2017-01-05", "2017-01-05", 1, "New"),
            ("b", "2017-01-05", "2017-02-01", 1, "Canceled"),
            # the last row moved the ticket out of the wave
            ("c", "2017-01-05", "2017-01-05", 1, "New"),
            ("c", "2019-12-05", "2019-12-05", 1, "New"),
            # the same moment, told apart by the version
            ("d", "2017-01-05", "2017-01-06", 2, "Closed"),
            ("d", "2017-01-05", "2017-01-06", 1, "New"),
            # a blank key
            (None, "2017-01-05", "2017-01-06", 1, "Closed"),
        ],
    )
    text = PICK.replace("PICK ", "pick: {last_by: [updated_at, version]}, ")
    found = readings(read(tmp_path, text, tickets=file))
    assert found.loc[("tickets", "before", "shop"), "value"] == 2
    assert found.loc[("solved", "before", "shop"), "value"] == 1
    assert found.loc[("solved", "after", "shop"), "state"] == "not-collected"


def test_ties_are_problems(tmp_path: Path):
    file = tickets(
        tmp_path,
        [
            ("a", "2017-01-05", "2017-01-06", 1, "x"),
            ("a", "2017-01-05", "2017-01-06", 2, "y"),
            ("b", "2017-01-05", "2017-01-06", 1, "y"),
        ],
    )
    tied = PICK.replace("PICK ", "pick: {last_by: updated_at}, ")
    assert faults(lambda: read(tmp_path, tied, tickets=file)) == [
        'm:4:75: 1 keys of "tickets" have several last rows by updated_at, such as "a" (add a column to `last_by` that tells them apart)'
    ]
    assert faults(lambda: read(tmp_path, PICK.replace("PICK ", ""), tickets=file)) == [
        'm:4:51: 1 keys of "tickets" have several rows, such as "a" (add `pick: {last_by: COLUMN}`)'
    ]


SMALL = "metrics: m\nversion: 1.0.0\nsources:\n  t: {table: t, time: day}\nmeasures:\n"


def test_top_share_takes_whole_numbers(tmp_path: Path):
    """0.07 × 100 is 7, though not in doubles."""
    frame = pd.DataFrame({"day": "2017-01-05", "who": range(100), "a": [1.0] * 100})
    frame.to_csv(tmp_path / "t.csv", index=False)
    text = SMALL + "  top: {type: top-share, source: t, entity: who, value: sum(a), top: 0.07}\n"
    found = readings(read(tmp_path, text, t=tmp_path / "t.csv"))
    assert found.loc[("top", "before", "shop"), "value"] == 0.07


def test_division_is_of_real_numbers_and_by_zero_blank(tmp_path: Path):
    frame = pd.DataFrame({"day": "2017-01-05", "a": [7, 5], "b": [2, 0]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    text = SMALL + (
        "  half: {type: simple, source: t, value: sum(a / b)}\n"
        "  rest: {type: simple, source: t, value: sum(a % b)}\n"
        "  whole: {type: simple, source: t, value: sum(a) / sum(b)}\n"
        "  zero: {type: simple, source: t, value: sum(a) / sum(b - b)}\n"
        "  none: {type: ratio, source: t, numerator: sum(a), denominator: sum(b - b)}\n"
        "  one: {type: simple, source: t, value: avg(a), where: a = 7}\n"
    )
    found = readings(read(tmp_path, text, t=tmp_path / "t.csv")).xs("before", level="wave").droplevel("unit")
    assert found["value"].to_dict() == pytest.approx(
        {"half": 3.5, "rest": 1, "whole": 6, "zero": math.nan, "none": math.nan, "one": 7}, nan_ok=True
    )
    assert found.loc["none", "state"] == "not-collected"
    assert math.isnan(found.loc["one", "standard_error"])


def test_decimals_are_averaged_as_real_numbers(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "d.duckdb")) as session:
        session.execute(
            "CREATE TABLE t AS SELECT DATE '2017-01-05' AS day, unnest([0.01, 0.02, 0.02])::DECIMAL(9, 2) AS a"
        )
    text = SMALL + (
        "  mean: {type: simple, source: t, value: avg(a)}\n"
        "  middle: {type: simple, source: t, value: median(a), where: a > 0}\n"
        "  per: {type: simple, source: t, per: a, facts: {s: sum(a)}, value: avg(s)}\n"
    )
    result = read(tmp_path, text, connection=Connection(database="d"), database=tmp_path / "d.duckdb")
    found = readings(result)
    assert found.loc[("mean", "before", "shop"), "value"] == pytest.approx(0.05 / 3, rel=1e-14)
    assert found.loc[("per", "before", "shop"), "value"] == pytest.approx(0.025, rel=1e-14)


def test_new_customers_need_to_know_since_when(tmp_path: Path):
    """Who bought before the data begin counts as new: the reading says when they begin."""
    frame = pd.DataFrame(
        {"day": ["2017-01-05", "2017-02-01", "2017-07-05", "2017-07-06"], "who": [1, 2, 1, 3]}
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    text = SMALL + "  new: {type: new-customer-share, source: t, entity: who}\n"
    result = read(tmp_path, text, t=tmp_path / "t.csv")
    assert result.readings["value"].tolist()[:2] == [1.0, 0.5]
    assert result.notes == ["m:new: the data begin on 2017-01-05; who was there before counts as new in them"]


@pytest.mark.parametrize(
    ("metric", "growth"),
    [
        # monthly spend by the customers 1 to 4 is 90, 5, 3, 2, then 30, 30, 20, 20: 1 of 4 make up
        # the first half, then 2 of 4
        ("{type: abc, source: t, entity: who, value: sum(a), a: 0.5, b: 0.9, classes: {best: a}}", 1.0),
        # 3 and 4 came last; 1 and 2 spend most, then 1 and 2 came last too: none of 4, so no growth
        ("{type: rfm, source: t, entity: who, value: sum(a), classes: 2, segments: {best: {recency: [2, 2], monetary: [2, 2]}}}", math.nan),
        # 3 and 4 came last, then 1 and 2; of 1 and 2, the last came 0 of 2, then 2 of 2
        ("{type: rfm, source: t, entity: who, value: sum(a), classes: 2, segments: {best: {recency: [2, 2]}}}", 0.0),
    ],
)  # fmt: skip
def test_growth_of_one_class_reaches_the_period_before(tmp_path: Path, metric: str, growth: float):
    """Nothing else in the file asks for the half year before the first wave."""
    frame = pd.DataFrame(
        {
            "day": [f"2016-12-0{who}" for who in range(1, 5)]
            + [f"2017-03-0{9 - who}" for who in range(1, 5)],
            "who": [1, 2, 3, 4] * 2,
            "a": [90, 5, 3, 2, 30, 30, 20, 20],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    text = SMALL.replace("time: day", "time: day, minimum_group: 1") + f"  classes: {metric}\n"
    found = readings(read(tmp_path, text + "  g: {type: growth, of: best}\n", t=tmp_path / "t.csv"))
    np.testing.assert_equal(found.loc[("g", "before", "shop"), "value"], growth)
    assert math.isnan(found.loc[("g", "after", "shop"), "value"])


def test_few_are_not_told(tmp_path: Path):
    frame = pd.DataFrame({"day": ["2017-01-05"] * 4 + ["2017-07-05"] * 5, "who": range(9), "a": 1})
    frame.to_csv(tmp_path / "t.csv", index=False)
    text = SMALL.replace("time: day", "time: day, minimum_group: 5") + (
        "  n: {type: simple, source: t, value: count(*)}\n"
        "  mean: {type: simple, source: t, per: who, facts: {s: sum(a)}, value: avg(s)}\n"
        "  g: {type: growth, of: n}\n"
    )
    result = read(tmp_path, text, t=tmp_path / "t.csv")
    found = readings(result)
    for measure in ("n", "mean"):
        few = found.loc[(measure, "before", "shop")]
        assert (few["state"], few["n"]) == ("not-collected", 0)
        assert f"m:{measure}: 1 readings of fewer than 5 are not told" in result.notes
    assert found.loc[("n", "after", "shop"), "value"] == 5
    # what few there were must not follow from a change either
    assert math.isnan(found.loc[("g", "after", "shop"), "value"])


def test_days_are_those_of_the_declared_zone(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "d.duckdb")) as session:
        session.execute("SET TimeZone = 'UTC'")
        session.execute(
            "CREATE TABLE t AS SELECT unnest(['2016-12-31 22:59:59+00', '2016-12-31 23:00:00+00',"
            " '2017-06-30 21:59:59+00', '2017-06-30 22:00:00+00'])::TIMESTAMPTZ AS day"
        )
    text = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
    base = Connection(database="d")
    for zone, expected in (
        ("", [2, 1]),
        ("timezone: Europe/Vienna, ", [2, 1]),
        ("timezone: America/New_York, ", [2, 0]),
    ):
        zoned = text.replace("{table: t, ", "{table: t, " + zone)
        found = readings(read(tmp_path, zoned, connection=base, database=tmp_path / "d.duckdb"))["value"]
        counts = found.fillna(0).tolist()[:2]
        assert counts == expected or zone == ""


def test_texts_with_zones_are_not_mixed(tmp_path: Path):
    days = ["2017-01-05 10:00:00+02:00", "2017-01-05 10:00:00-05:00", "2017-01-05 10:00:00"]
    pd.DataFrame({"day": days}).to_parquet(tmp_path / "t.parquet")
    text = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
    (found,) = faults(lambda: read(tmp_path, text, t=tmp_path / "t.parquet"))
    assert found.startswith(
        'm:4:23: the time column "day" holds texts with a time zone, such as "2017-01-05 10:00:00'
    )


def test_overlapping_waves_share_rows(tmp_path: Path):
    frame = orders(3)
    frame.to_parquet(tmp_path / "orders.parquet")
    year = Wave.model_validate({"id": "year", "from": "2017-01-01", "to": "2017-12-31"})
    found = readings(
        read(
            tmp_path,
            TEXT.replace("UNIT ", "unit: branch, "),
            (WAVES[0], WAVES[1], year),
            orders=tmp_path / "orders.parquet",
        )
    )
    values = found["value"]
    for unit in ("N", "S"):
        assert (
            values["lines", "year", unit] == values["lines", "before", unit] + values["lines", "after", unit]
        )


def test_ids_stay_as_written_and_dates_may_be_text(tmp_path: Path):
    frame = pd.DataFrame(
        {"day": ["2017-01-05", "2017-06-30T23:59:59", "2017-07-01"], "shop": ["001", "002", "001"]}
    )
    text = (
        SMALL.replace("time: day", "time: Day, unit: SHOP")
        + "  n: {type: simple, source: t, value: count(*)}\n"
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    for kind in ("csv", "parquet", "xlsx"):
        found = readings(read(tmp_path, text, t=tmp_path / f"t.{kind}"))
        assert found.loc[("n", "before", "001"), "value"] == 1
        assert found.loc[("n", "before", "002"), "value"] == 1
        assert found.loc[("n", "after", "002"), "state"] == "not-collected"


def test_no_rows_at_all(tmp_path: Path):
    (tmp_path / "t.csv").write_text("day,a,who\n2011-01-01,1,1\n")
    text = SMALL.replace("time: day", "time: day, unit: who") + (
        "  n: {type: simple, source: t, value: sum(a)}\n"
        "  r: {type: retention, source: t, entity: a}\n"
        "  g: {type: growth, of: r}\n"
    )
    found = readings(read(tmp_path, text, t=tmp_path / "t.csv"))
    assert len(found) == 9
    assert set(found["state"]) == {"not-collected"}
    assert found["value"].isna().all()


def test_problems_with_data(tmp_path: Path):
    (tmp_path / "t.csv").write_text("day,amount,state\n2017-01-01,1,x\n2017-01-02,n/a,y\n")
    count = "  n: {type: simple, source: t, value: count(*)}\n"

    def told(text: str, **files: Path) -> list[str]:
        return faults(lambda: read(tmp_path, text, **(files or {"t": tmp_path / "t.csv"})))

    assert told(SMALL.replace("table: t,", "table: tt,") + count) == [
        'm:4:14: the plan gives no table "tt" (did you mean "t"?)'
    ]
    assert told(SMALL.replace("day", "dya") + "  n: {type: simple, source: t, value: sum(amout)}\n") == [
        'm:4:23: the table "t" has no column "dya" (did you mean "day"?)',
        'm:6:43: the table "t" has no column "amout" (did you mean "amount"?)',
    ]
    assert told(SMALL.replace("day", "state") + count) == [
        'm:4:23: the time column "state" holds "x" in row 1, which is no ISO date (write dates like 2017-01-31)'
    ]
    assert told(SMALL + "  n: {type: simple, source: t, value: sum(amount)}\n") == [
        'm:6:43: the types do not fit: "amount" holds text, "n/a" in row 2 (compare text with text, or clean the column)'
    ]
    assert told(SMALL + "  n: {type: simple, source: t, value: max(day)}\n") == [
        "m:6:39: gives a date, not a number (count, sum or measure something)"
    ]
    both = "  n: {type: simple, source: t, value: sum(cast(amount as number))}\n  m: {type: simple, source: t, value: count(*), where: day > 5}\n"
    assert [one.split(": ")[0] for one in told(SMALL + both)] == ["m:6:48", "m:7:56"]


def test_files_that_cannot_be_read(tmp_path: Path):
    text = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + b"x" * 100)
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "gbk.csv").write_bytes("day,城市\n2017-01-01,北京\n".encode("gbk"))
    (tmp_path / "t.txt.zip").write_bytes(b"x")
    (tmp_path / "bad.xlsx").write_bytes(b"x")
    for name in ("cut.parquet", "empty.csv", "gbk.csv", "t.txt.zip", "bad.xlsx"):
        found = faults(lambda name=name: read(tmp_path, text, t=tmp_path / name))
        assert len(found) == 1
        assert found[0].startswith(f'm:4:14: the table "t" cannot be read from {tmp_path / name}: ')
    late = "day,amount\n" + "2017-01-01,1\n" * 30_000 + "2017-01-01,abc\n"
    (tmp_path / "late.csv").write_text(late)
    summed = SMALL + "  n: {type: simple, source: t, value: sum(amount)}\n"
    found = faults(lambda: read(tmp_path, summed, t=tmp_path / "late.csv"))
    assert len(found) == 1
    assert "line 30002: " in found[0]
    assert '"abc"' in found[0]


def test_problems_with_a_plan(tmp_path: Path):
    text = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
    (tmp_path / "t.csv").write_text("day\n2017-01-01\n")
    undated = (Wave.model_validate({"id": "x"}),)
    assert "waves with a period" in faults(lambda: read(tmp_path, text, undated, t=tmp_path / "t.csv"))[0]
    limit = Connection(memory_limit="much")
    assert (
        "DuckDB cannot start"
        in faults(lambda: read(tmp_path, text, connection=limit, t=tmp_path / "t.csv"))[0]
    )
    with duckdb.connect(str(tmp_path / "d.duckdb")) as session:
        session.execute("CREATE TABLE orders (a INTEGER)")
    base = Connection(database="d.duckdb", tables={"t": "order"})
    assert faults(lambda: read(tmp_path, text, connection=base, database=tmp_path / "d.duckdb")) == [
        'm:4:14: the database holds no table "order" (did you mean "orders"?)'
    ]


def test_problems_with_a_sqlite_database(tmp_path: Path):
    text = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
    with contextlib.closing(sqlite3.connect(tmp_path / "d.db")) as base:
        base.execute("CREATE TABLE orders (day TEXT)")
    settings = Connection(database="d.db", tables={"t": "order"})
    assert faults(lambda: read(tmp_path, text, connection=settings, database=tmp_path / "d.db")) == [
        'm:4:14: the database holds no table "order" (did you mean "orders"?)'
    ]
    (tmp_path / "cut.db").write_bytes((tmp_path / "d.db").read_bytes()[:50])
    (found,) = faults(lambda: read(tmp_path, text, connection=settings, database=tmp_path / "cut.db"))
    assert "SQLite says: file is not a database" in found or "SQLite says: database disk image" in found


def test_an_interrupted_statement_is_an_interruption():
    class Stopped:
        def execute(self, text: str) -> None:
            raise RuntimeError("Query interrupted")  # what DuckDB makes of Ctrl-C

    with pytest.raises(KeyboardInterrupt):
        DuckDB(Stopped()).run(exp.select("1"))  # type: ignore[arg-type]


def test_a_memory_limit_that_is_too_small_is_said_so(tmp_path: Path):
    """No expression is to blame: the error stands at the file, with the setting to raise."""
    with duckdb.connect() as session:
        session.execute(
            f"COPY (SELECT DATE '2017-01-01' AS day, hash(i) / 3.0 AS a FROM range(4000000) numbers(i)) TO '{tmp_path}/t.parquet'"
        )
    text = SMALL + "  middle: {type: simple, source: t, value: median(a)}\n"

    def limited(limit: str):
        connection = Connection(memory_limit=limit, threads=1)
        return read(tmp_path, text, connection=connection, t=tmp_path / "t.parquet").readings

    assert faults(lambda: limited("40MB")) == [
        "m:1:1: the source is too large for `memory_limit: 40MB` (raise `memory_limit` of the connection, lower "
        "its `threads`, or take fewer rows (a source's `where`, shorter waves))"
    ]
    assert limited("400MB")["n"].to_list()[0] == 4_000_000


def test_a_workbook_that_memory_does_not_hold_and_a_full_disk_are_said_so():
    full = duckdb.OutOfMemoryException("Out of Memory Error: failed to offload (max_temp_directory_size …)")
    short = duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block of size 256.0 KiB")
    whole = duckdb.IOException("IO Error: Could not write file: No space left on device")
    assert (
        _unreadable("t", (), short, None)[0]
        == "the source is too large for four fifths of this machine's memory"
    )
    for error in (full, whole):
        assert _unreadable("t", (), error, "1GB")[0] == "the disk has no room for what memory could not hold"


def test_settings_are_taken(tmp_path: Path):
    (tmp_path / "t.csv").write_text("day\n2017-01-01\n")
    text = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
    result = read(
        tmp_path, text, connection=Connection(threads=1, memory_limit="200MB"), t=tmp_path / "t.csv"
    )
    assert result.readings["value"].tolist()[0] == 1

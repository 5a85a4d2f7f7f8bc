"""Metrics over five real data sets, against computations in pandas that share no code with them.

The data lie beside the checkout, in ../shared/data; where they do not, these tests are skipped.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_capability.definition.load import read_definition
from crm_capability.definition.metrics import Metrics, metrics_problems
from crm_capability.definition.plan import Connection, Wave
from crm_capability.evidence.metrics import read_metrics

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA}: the real data are not here")


def values(folder: Path, text: str, file: Path, *waves: tuple[str, str, str]) -> pd.Series:
    """The values by measure, wave and unit."""
    path = folder / "real.metrics.yaml"
    path.write_text("metrics: real\nversion: 1.0.0\n" + text, "utf-8")
    definition = read_definition(path, Metrics)
    assert metrics_problems(definition) == []
    dated = [Wave.model_validate({"id": name, "from": start, "to": end}) for name, start, end in waves]
    found = read_metrics(definition, Connection(), {"t": (file,)}, dated, "all").readings
    return found.set_index(["measure", "wave", "unit"])["value"]


def agree(found: pd.Series, wave: str, expected: dict[str, float], unit: str = "all") -> None:
    for measure, value in expected.items():
        got = found[measure, wave, unit]
        assert got == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), (measure, wave, unit)


def test_online_retail(tmp_path: Path):
    file = DATA / "online_retail" / "online_retail.parquet"
    text = """\
sources:
  lines: {table: t, time: InvoiceDate}
  sales: {table: t, time: InvoiceDate, where: "Quantity > 0 and UnitPrice > 0"}
measures:
  returned: {type: ratio, source: lines, numerator: "count_if(InvoiceNo like 'C%')", denominator: count(*)}
  repeat: {type: ratio, source: sales, per: CustomerID, facts: {n: count(distinct InvoiceNo)}, numerator: count_if(n >= 2), denominator: count(*)}
  order-value: {type: ratio, source: sales, numerator: sum(Quantity * UnitPrice), denominator: count(distinct InvoiceNo)}
  retention: {type: retention, source: sales, entity: CustomerID}
  new: {type: new-customer-share, source: sales, entity: CustomerID}
  golden: {type: top-share, source: sales, entity: CustomerID, value: sum(Quantity * UnitPrice), top: 0.2}
  basket-p90: {type: percentile, source: sales, per: InvoiceNo, facts: {v: sum(Quantity * UnitPrice)}, value: v, p: 0.9}
  bands: {type: distribution, source: sales, entity: CustomerID, value: sum(Quantity * UnitPrice), bands: {small: {below: 200}, large: {from: 2000}}}
  classes: {type: abc, source: sales, entity: CustomerID, value: sum(Quantity * UnitPrice), classes: {a: a, c: c}}
  segments: {type: rfm, source: sales, entity: CustomerID, value: sum(Quantity * UnitPrice), frequency: count(distinct InvoiceNo), segments: {best: {recency: [5, 5], frequency: [5, 5], monetary: [5, 5]}}}
  growth: {type: growth, of: order-value}
"""
    waves = (("h1", "2010-12-01", "2011-05-31"), ("h2", "2011-06-01", "2011-11-30"))
    found = values(tmp_path, text, file, *waves)
    frame = pd.read_parquet(file)
    frame["v"] = frame["Quantity"] * frame["UnitPrice"]
    sold = frame[(frame["Quantity"] > 0) & (frame["UnitPrice"] > 0)]
    first = sold.groupby("CustomerID")["InvoiceDate"].min()
    before, earlier_value = set(), math.nan
    for wave, start, end in waves:
        stop = pd.Timestamp(end) + pd.Timedelta(days=1)
        lines = frame[(frame["InvoiceDate"] >= start) & (frame["InvoiceDate"] < stop)]
        rows = sold[(sold["InvoiceDate"] >= start) & (sold["InvoiceDate"] < stop)]
        people = rows.groupby("CustomerID")
        spend, n = people["v"].sum(), people["InvoiceNo"].nunique()
        active = set(spend.index)
        ordered = spend.sort_values(ascending=False)
        reached = ordered.cumsum().shift(fill_value=0.0) / spend.sum()
        classes = [
            np.floor(5 * (each.rank(method="min") - 1) / len(each)) + 1
            for each in (people["InvoiceDate"].max(), n, spend)
        ]
        value = rows["v"].sum() / rows["InvoiceNo"].nunique()
        agree(
            found,
            wave,
            {
                "returned": lines["InvoiceNo"].str.startswith("C").mean(),
                "repeat": (n >= 2).mean(),
                "order-value": value,
                "retention": len(before & active) / len(before) if before else math.nan,
                "new": (first[spend.index] >= start).mean(),
                "golden": ordered.head(math.ceil(len(ordered) / 5)).sum() / spend.sum(),
                "basket-p90": rows.groupby("InvoiceNo")["v"].sum().quantile(0.9),
                "small": (spend < 200).mean(),
                "large": (spend >= 2000).mean(),
                "a": (reached < 0.8).mean(),
                "c": (reached >= 0.95).mean(),
                "best": pd.concat(classes, axis=1).eq(5).all(axis=1).mean(),
                "growth": value / earlier_value - 1,
            },
        )
        before, earlier_value = active, value


def test_hotel_bookings(tmp_path: Path):
    """Two hotels as units; arrivals have no date of their own, so the last change of state dates a row."""
    file = DATA / "hotel_bookings" / "hotel_bookings.parquet"
    text = """\
sources: {bookings: {table: t, time: reservation_status_date, unit: hotel}}
measures:
  canceled: {type: ratio, source: bookings, numerator: count_if(is_canceled = 1), denominator: count(*)}
  repeated: {type: ratio, source: bookings, numerator: sum(is_repeated_guest), denominator: count(*), where: is_canceled = 0}
  room-kept: {type: ratio, source: bookings, numerator: count_if(reserved_room_type = assigned_room_type), denominator: count(*), where: is_canceled = 0}
  lead: {type: simple, source: bookings, value: median(lead_time)}
  rate: {type: simple, source: bookings, value: avg(adr), where: adr > 0}
  agents: {type: top-share, source: bookings, entity: agent, value: count(*), top: 0.1}
  rate-p75: {type: percentile, source: bookings, value: adr / (adults + children), p: 0.75, where: is_canceled = 0}
"""
    waves = (("first", "2015-07-01", "2016-06-30"), ("second", "2016-07-01", "2017-06-30"))
    found = values(tmp_path, text, file, *waves)
    frame = pd.read_parquet(file)
    frame["day"] = pd.to_datetime(frame["reservation_status_date"])
    for wave, start, end in waves:
        for hotel, rows in frame[frame["day"].between(start, end)].groupby("hotel"):
            stayed = rows[rows["is_canceled"] == 0]
            heads = stayed["adults"] + stayed["children"]
            agents = rows["agent"].value_counts()
            expected = {
                "canceled": rows["is_canceled"].mean(),
                "repeated": stayed["is_repeated_guest"].mean(),
                "room-kept": (stayed["reserved_room_type"] == stayed["assigned_room_type"]).mean(),
                "lead": rows["lead_time"].median(),
                "rate": rows.loc[rows["adr"] > 0, "adr"].mean(),
                "agents": agents.head(math.ceil(len(agents) / 10)).sum() / agents.sum(),
                "rate-p75": (stayed["adr"] / heads.where(heads > 0)).quantile(0.75),
            }
            agree(found, wave, expected, hotel)


def test_flights_by_carrier(tmp_path: Path):
    file = DATA / "flights_nyc_2013" / "flights.parquet"
    text = """\
sources: {flights: {table: t, time: flight_date, unit: carrier}}
measures:
  on-time: {type: ratio, source: flights, numerator: count_if(arr_delay < 15), denominator: count(arr_delay)}
  flown: {type: ratio, source: flights, numerator: count(dep_delay), denominator: count(*)}
  p95: {type: percentile, source: flights, value: arr_delay, p: 0.95}
  recovered: {type: ratio, source: flights, numerator: count_if(dep_delay >= 15 and arr_delay < 15), denominator: count_if(dep_delay >= 15 and arr_delay is not null)}
  late-days: {type: ratio, source: flights, per: flight_date, facts: {late: avg(arr_delay)}, numerator: count_if(late > 15), denominator: count(*)}
"""
    waves = (("h1", "2013-01-01", "2013-06-30"), ("h2", "2013-07-01", "2013-12-31"))
    found = values(tmp_path, text, file, *waves)
    frame = pd.read_parquet(file)
    frame["day"] = pd.to_datetime(frame["flight_date"])
    assert frame["carrier"].nunique() == 16
    for wave, start, end in waves:
        for carrier, rows in frame[frame["day"].between(start, end)].groupby("carrier"):
            late, landed = rows["dep_delay"] >= 15, rows["arr_delay"].notna()
            expected = {
                "on-time": (rows.loc[landed, "arr_delay"] < 15).mean(),
                "flown": rows["dep_delay"].notna().mean(),
                "p95": rows["arr_delay"].quantile(0.95),
                "recovered": (rows.loc[late & landed, "arr_delay"] < 15).mean(),
                "late-days": (rows.groupby("day")["arr_delay"].mean() > 15).mean(),
            }
            agree(found, wave, expected, carrier)


def test_cdnow(tmp_path: Path):
    file = DATA / "cdnow" / "cdnow.parquet"
    text = """\
sources: {purchases: {table: t, time: date}}
measures:
  spend: {type: simple, source: purchases, per: customer_id, facts: {s: sum(dollar_value)}, value: avg(s)}
  retention: {type: retention, source: purchases, entity: customer_id}
  new: {type: new-customer-share, source: purchases, entity: customer_id}
  again: {type: conversion, source: purchases, entity: customer_id, from: number_of_cds >= 1, to: number_of_cds >= 3, within: 30 days}
  several: {type: distribution, source: purchases, entity: customer_id, value: sum(number_of_cds), bands: {one: {below: 2}, many: {from: 10}}}
  golden: {type: top-share, source: purchases, entity: customer_id, value: sum(dollar_value), top: 0.2}
"""
    waves = (
        ("q1", "1997-01-01", "1997-03-31"),
        ("q2", "1997-04-01", "1997-06-30"),
        ("q3", "1997-07-01", "1997-09-30"),
    )
    found = values(tmp_path, text, file, *waves)
    frame = pd.read_parquet(file)
    frame["day"] = pd.to_datetime(frame["date"])
    first, before = frame.groupby("customer_id")["day"].min(), set()
    goals = frame[frame["number_of_cds"] >= 3][["customer_id", "day"]]
    for wave, start, end in waves:
        rows = frame[frame["day"].between(start, end)]
        people = rows.groupby("customer_id")
        spend, cds = people["dollar_value"].sum(), people["number_of_cds"].sum()
        begun = (
            rows[rows["number_of_cds"] >= 1].groupby("customer_id")["day"].min().rename("begun").reset_index()
        )
        pairs = begun.merge(goals, on="customer_id")
        after = (pairs["day"] - pairs["begun"]).dt.days
        reached = pairs.loc[(after >= 0) & (after <= 30), "customer_id"].nunique()
        active = set(spend.index)
        expected = {
            "spend": spend.mean(),
            "retention": len(active & before) / len(before) if before else math.nan,
            "new": (first[spend.index] >= start).mean(),
            "again": reached / len(begun),
            "one": (cds < 2).mean(),
            "many": (cds >= 10).mean(),
            "golden": spend.nlargest(math.ceil(len(spend) / 5)).sum() / spend.sum(),
        }
        agree(found, wave, expected)
        before = active


def test_incident_log_one_ticket_many_rows(tmp_path: Path):
    file = DATA / "incident_log" / "incident_event_log.parquet"
    text = """\
sources:
  tickets: {table: t, time: opened_at, key: number, pick: {last_by: [sys_updated_at, sys_mod_count, closed_at]}}
measures:
  tickets: {type: simple, source: tickets, value: count(*)}
  within-sla: {type: ratio, source: tickets, numerator: count_if(made_sla), denominator: count(*)}
  hours: {type: simple, source: tickets, value: "median(hours_between(opened_at, resolved_at))", where: resolved_at is not null}
  hours-p90: {type: percentile, source: tickets, value: "hours_between(opened_at, resolved_at)", p: 0.9}
  reopened: {type: ratio, source: tickets, numerator: count_if(reopen_count > 0), denominator: count(*)}
  handed-on: {type: simple, source: tickets, value: avg(reassignment_count)}
"""
    waves = (("spring", "2016-03-01", "2016-03-31"), ("later", "2016-04-01", "2016-05-31"))
    frame = pd.read_parquet(file)
    last = frame.sort_values(["sys_updated_at", "sys_mod_count", "closed_at"]).groupby("number").tail(1)
    found = values(tmp_path, text, file, *waves)
    for wave, start, end in waves:
        stop = pd.Timestamp(end) + pd.Timedelta(days=1)
        rows = last[(last["opened_at"] >= start) & (last["opened_at"] < stop)]
        hours = (rows["resolved_at"] - rows["opened_at"]).dt.total_seconds() / 3600
        expected = {
            "tickets": len(rows),
            "within-sla": rows["made_sla"].mean(),
            "hours": hours.median(),
            "hours-p90": hours.quantile(0.9),
            "reopened": (rows["reopen_count"] > 0).mean(),
            "handed-on": rows["reassignment_count"].mean(),
        }
        agree(found, wave, expected)

"""The statements, as a person would read them: golden SQL under tests/golden.

To accept a change: UPDATE_GOLDEN=1 pytest tests/evidence/sources/test_statement.py, then read
the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from crm_capability.definition.load import read_definition
from crm_capability.definition.metrics import Metrics, metrics_problems
from crm_capability.definition.plan import Wave
from crm_capability.evidence.sources.columns import columns_of
from crm_capability.evidence.sources.dialects import sql
from crm_capability.evidence.sources.fragments import fresh, identifier
from crm_capability.evidence.sources.origin import Origin, repeated_entities, repeated_keys
from crm_capability.evidence.sources.periods import periods, spans
from crm_capability.evidence.sources.statement import statements

GOLDEN = Path(__file__).parents[2] / "golden"
KINDS = {
    "tickets": {
        "number": "text", "company": "text", "opened_at": "timestamp", "resolved_at": "timestamp",
        "updated_at": "timestamp", "Version No": "number", "made_sla": "boolean", "state": "text", "cost": "decimal",
    },
    "orders": {
        "Customer": "number", "invoice": "number", "sales": "number", "discount": "number", "units": "number",
        "day": "text", "period": "number",
    },
}  # fmt: skip
TABLES = """
CREATE TABLE tickets (number TEXT, company TEXT, opened_at TIMESTAMP, resolved_at TIMESTAMP, updated_at TIMESTAMP,
  "Version No" INTEGER, made_sla BOOLEAN, state TEXT, cost DECIMAL(9, 2));
CREATE TABLE orders ("Customer" INTEGER, invoice INTEGER, sales DOUBLE, discount DOUBLE, units INTEGER, day TEXT, period INTEGER);
"""
DEFINITION = """\
metrics: example
version: 1.0.0
sources:
  tickets:
    table: tickets
    time: opened_at
    unit: company
    key: number
    pick: {last_by: [updated_at, version no]}
    where: "state <> 'Canceled' or state like 'Re%'"
  orders: {table: orders, time: day, where: "sales / units > 1"}
measures:
  sla-share: {type: ratio, source: tickets, numerator: "count_if(made_sla)", denominator: "count(*)"}
  median-hours: {type: simple, source: tickets, value: "median(hours_between(opened_at, resolved_at))", where: resolved_at is not null}
  cost: {type: simple, source: tickets, value: avg(cost)}
  kept: {type: ratio, source: orders, numerator: sum(sales) - sum(discount), denominator: sum(sales), where: units > 0 and period > 1}
  repeat-rate: {type: ratio, source: orders, per: customer, facts: {orders: count(distinct invoice)}, numerator: count_if(orders >= 2), denominator: count(*)}
  spend: {type: simple, source: orders, per: customer, facts: {sales: sum(sales)}, value: avg(sales), where: units > 1}
  retention: {type: retention, source: orders, entity: customer, where: units > 1}
  top-share: {type: top-share, source: orders, entity: customer, value: sum(sales), top: 0.2}
  growth: {type: growth, of: kept}
  p90: {type: percentile, source: tickets, value: cost, p: 0.9}
  rounded: {type: simple, source: tickets, value: "sum(round(cost, 1) % 2)"}
  new-share: {type: new-customer-share, source: orders, entity: customer}
  conversion: {type: conversion, source: orders, entity: customer, from: units = 1, to: units > 2, within: 30 days}
  bands: {type: distribution, source: orders, entity: customer, value: sum(sales), bands: {small: {below: 10}, large: {from: 10}}}
  rfm: {type: rfm, source: orders, entity: customer, value: sum(sales), segments: {champions: {recency: [4, 5], monetary: [5, 5]}}}
  abc: {type: abc, source: orders, entity: customer, value: sum(sales), classes: {golden: a, steady: b, rest: c}}
"""

JOINED = """\
metrics: example
version: 1.0.0
calendars: {office: {hours: {mon-fri: ["09:00-12:00", "13:00-17:30"], sat: 10:00-14:00}, holidays: [2017-12-25, 2018-01-01], timezone: Europe/Vienna}}
sources:
  tickets: {table: tickets, time: opened_at, entities: {customer: caller, team: team}, unit: customer__tier}
  customers: {table: customers, entities: {customer: id}, primary: customer, key: number, pick: {last_by: changed}, where: not closed}
  teams: {table: teams, entities: {team: team}, primary: team}
measures:
  hours: {type: simple, source: tickets, value: "avg(working_hours_between(opened_at, resolved_at, 'office'))"}
  in-time: {type: ratio, source: tickets, numerator: "count_if(working_hours_between(opened_at, resolved_at, 'office') <= team__goal)", denominator: count(resolved_at)}
  again: {type: simple, source: tickets, per: caller, facts: {n: count(*)}, value: avg(n)}
"""
JOINED_KINDS = {
    "tickets": {
        "caller": "text", "team": "number", "opened_at": "timestamp with time zone", "resolved_at": "timestamp with time zone",
    },
    "customers": {"id": "text", "tier": "text", "number": "number", "changed": "date", "closed": "boolean"},
    "teams": {"team": "number", "goal": "number"},
}  # fmt: skip


def wave(name: str, start: str, end: str) -> Wave:
    return Wave.model_validate({"id": name, "from": start, "to": end})


BEFORE, AFTER = wave("before", "2017-01-01", "2017-06-30"), wave("after", "2017-07-01", "2017-12-31")
YEAR = wave("year", "2017-01-01", "2017-12-31")


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> Metrics:
    return defined(tmp_path_factory, DEFINITION)


def defined(folders: pytest.TempPathFactory, text: str) -> Metrics:
    path = folders.mktemp("metrics") / "example.metrics.yaml"
    path.write_text(text)
    definition = read_definition(path, Metrics)
    assert metrics_problems(definition) == []
    return definition.value


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
@pytest.mark.parametrize(
    ("name", "waves"), [("metrics", (BEFORE, AFTER)), ("metrics_overlapping", (BEFORE, YEAR))]
)
def test_golden(metrics: Metrics, name: str, waves: tuple[Wave, ...], dialect: str):
    found = statements(metrics, waves, KINDS)
    assert [one.name for one in found] == ["tickets", "orders", "orders by Customer"]
    texts = [f"-- {one.name}\n{sql(one.tree, dialect, pretty=True)};\n" for one in found]
    tickets = Origin(metrics.sources["tickets"], columns_of(metrics, "tickets", KINDS), metrics.calendars)
    texts.append(f"-- keys\n{sql(repeated_keys(tickets), dialect, pretty=True)};\n")
    is_golden(f"{name}.{dialect}", texts)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_golden_of_joined_sources(tmp_path_factory: pytest.TempPathFactory, dialect: str):
    metrics = defined(tmp_path_factory, JOINED)
    found = statements(metrics, (BEFORE, AFTER), JOINED_KINDS)
    assert [one.tables for one in found] == [("tickets", "customers", "teams"), ("tickets", "customers")]
    texts = [f"-- {one.name}\n{sql(one.tree, dialect, pretty=True)};\n" for one in found]
    customers = Origin(metrics.sources["customers"], columns_of(metrics, "customers", JOINED_KINDS), {})
    texts.append(f"-- keys\n{sql(repeated_entities(customers), dialect, pretty=True)};\n")
    is_golden(f"metrics_joined.{dialect}", texts)


def is_golden(name: str, texts: list[str]) -> None:
    golden = GOLDEN / f"{name}.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text("\n".join(texts))
    assert "\n".join(texts) == golden.read_text()


@pytest.mark.parametrize("waves", [(BEFORE, AFTER), (BEFORE, YEAR), (BEFORE,)])
def test_a_database_takes_the_statements(metrics: Metrics, waves: tuple[Wave, ...]):
    with duckdb.connect() as session:
        session.execute(TABLES)
        for one in statements(metrics, waves, KINDS):
            columns = [row[0] for row in session.execute(sql(one.tree, "duckdb")).description]
            parts = {name for parts in one.parts.values() for name in parts.values()}
            assert {"wave", one.rows, *parts} <= set(columns)
            assert len(set(columns)) == len(columns)


def test_every_word_of_a_database_is_quoted_as_a_name():
    """A column may be called `order`; the generator knows DuckDB's own words."""
    with duckdb.connect() as session:
        words = [row[0] for row in session.execute("SELECT keyword_name FROM duckdb_keywords()").fetchall()]
        for word in [*words, "Größe", "尺寸", 'a"b', "a b", "A", "1a", "user", "current_date"]:
            name = sql(identifier(word), "duckdb")
            session.execute(f"CREATE OR REPLACE TABLE t ({name} INTEGER)")
            assert session.execute(f"SELECT t.{name} FROM t WHERE t.{name} > 0").fetchall() == []


def test_periods():
    two = periods((BEFORE, AFTER), 2)
    assert [(one.id, one.number, one.earlier) for one in two[:3]] == [
        ("before", 1, "earlier than before"),
        ("after", 2, "before"),
        ("earlier than before", 0, "earlier than earlier than before"),
    ]
    assert [(str(one.begins), str(one.ends)) for one in two] == [
        ("2017-01-01", "2017-07-01"),
        ("2017-07-01", "2018-01-01"),
        ("2016-07-04", "2017-01-01"),
        ("2016-01-05", "2016-07-04"),
    ]
    assert [(str(a), str(b)) for a, b in spans(two)] == [("2016-01-05", "2018-01-01")]
    gap = spans(periods((BEFORE, wave("later", "2018-01-01", "2018-01-31")), 0))
    assert len(gap) == 2


def test_fresh_names():
    assert fresh("unit", ["Unit", "unit_2"]) == "unit_3"
    assert fresh("unit", []) == "unit"

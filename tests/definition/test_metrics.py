"""Metrics files: their form, and every problem at its own line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_capability.definition.load import read_definition
from crm_capability.definition.metric_types import Ratio
from crm_capability.definition.metrics import Metrics, metrics_problems
from crm_capability.errors import DefinitionError

HEAD = """\
metrics: desk
version: 1.0.0
sources:
  tickets: {table: tickets, time: opened_at}
measures:
"""


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "m.metrics.yaml"
    path.write_text(text, "utf-8")
    try:
        found = metrics_problems(read_definition(path, Metrics, "m"))
    except DefinitionError as error:
        found = list(error.problems)
    return [str(problem) for problem in found]


def measure(folder: Path, text: str) -> list[str]:
    return problems(folder, HEAD + text)


def test_the_contract_s_example(tmp_path: Path):
    text = """\
metrics: service-desk
version: 1.0.0
sources:
  tickets:
    table: tickets
    time: opened_at
    unit: company
    key: number
    pick: {last_by: updated_at}
    where: "state <> 'Canceled'"
  orders: {table: orders, time: day}
measures:
  sla-share:       {type: ratio,     source: tickets, numerator: "count_if(made_sla)", denominator: "count(*)"}
  median-hours:    {type: simple,    source: tickets, value: "median(hours_between(opened_at, resolved_at))", where: "resolved_at is not null"}
  repeat-rate:     {type: ratio,     source: orders, per: customer_id, facts: {orders: "count(distinct invoice)"}, numerator: "count_if(orders >= 2)", denominator: "count(*)"}
  retention:       {type: retention, source: orders, entity: customer_id}
  top-share:       {type: top-share, source: orders, entity: customer_id, value: "sum(amount)", top: 0.2}
  customer-growth: {type: growth,    of: repeat-rate}
"""
    assert problems(tmp_path, text) == []
    metrics = read_definition(tmp_path / "m.metrics.yaml", Metrics).value
    assert isinstance(metrics.measures["repeat-rate"], Ratio)
    assert metrics.source_of("customer-growth") == "orders"
    assert metrics.sources["tickets"].pick is not None
    assert metrics.sources["tickets"].pick.last_by == ("updated_at",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a: {type: simple, source: tikets, value: count(*)}\n", 'm:6:29: no source "tikets" (did you mean "tickets"?)'),
        ("  a: {type: simple, source: tickets, value: countif(x)}\n", "m:6:45: the function `countif` is not allowed in an expression (did you mean \"count_if\"?)"),
        ("  a: {type: growth, of: b}\n", 'm:6:25: no measure "b" in this file (known: a)'),
        ("  a: {type: growth, of: a}\n", "m:6:25: growth of a growth (name the measure that grows)"),
        ("  a: {type: ratio, source: tickets, per: x, facts: {n: count(*)}, numerator: count_if(m > 1), denominator: count(*)}\n", 'm:6:87: no fact "m" (known: n)'),
        ("  a: {type: simple, source: tickets, per: x, facts: {case: count(*)}, value: count(*)}\n", 'm:6:54: "case" has a meaning of its own in expressions (rename the fact)'),
        ("  a: {type: simple, source: tickets, facts: {n: count(*)}, value: count(*)}\n", "m:6:6: `facts` needs `per`: the column of what they are facts about"),
        ("  a: {type: simpel, source: tickets}\n", 'm:6:6: unknown type "simpel" (did you mean "simple"?)'),
        ("  a: {source: tickets, value: count(*)}\n", "m:6:6: no `type`: write simple, ratio, percentile, retention, new-customer-share, conversion, top-share, distribution, rfm, abc or growth"),
        ("  a: {type: simple, source: tickets, valu: count(*), value: count(*)}\n", 'm:6:38: unknown key "valu" (did you mean "value"?)'),
        ("  A: {type: simple, source: tickets, value: count(*)}\n", 'm:6:3: "A" does not have the right form (ids are small letters, digits and hyphens, a letter first)'),
        ("  a: {type: top-share, source: tickets, entity: x, value: sum(y), top: 1.5}\n", "m:6:72: 1.5 is out of range (write a number at most 1)"),
        ("  a: {type: percentile, source: tickets, value: x, p: 90}\n", "m:6:55: 90 is out of range"),
        ("  a: {type: percentile, source: tickets, value: sum(x), p: 0.9}\n", "m:6:49: an aggregate where single rows are looked at"),
        ("  a: {type: conversion, source: tickets, entity: x, from: y, to: z, within: a month}\n", "m:6:77: not a length of time such as 30 days"),
        ("  a: {type: conversion, source: tickets, entity: x, from: y;, to: z, within: 30 days}\n", "m:6:60: a second statement"),
        ("  a: {type: distribution, source: tickets, entity: x, value: sum(y), bands: {b: {from: 2, below: 1}}}\n", "m:6:81: the band ends where it starts"),
        ("  a: {type: distribution, source: tickets, entity: x, value: sum(y), bands: {b: {}}}\n", "m:6:81: a band needs `from`, `below` or both"),
        ("  a: {type: distribution, source: tickets, entity: x, value: sum(y), bands: {b: {from: 1}}}\n  b: {type: simple, source: tickets, value: count(*)}\n", 'm:6:78: "b" is fed twice in this file'),
        ("  a: {type: rfm, source: tickets, entity: x, value: sum(y), segments: {b: {recency: [4, 6]}}}\n", "m:6:6: the segment b needs classes from 1 to 5"),
        ("  a: {type: abc, source: tickets, entity: x, value: sum(y), a: 0.9, b: 0.5, classes: {b: a}}\n", "m:6:6: `a` must lie below `b`"),
        ("  a: {type: simple, source: tickets, value: sum(x), where: sum(x) > 1}\n", "m:6:60: an aggregate where single rows are looked at (compare columns here)"),
    ],
)  # fmt: skip
def test_a_problem_has_a_place_and_a_remedy(tmp_path: Path, text: str, expected: str):
    assert any(found.startswith(expected) for found in measure(tmp_path, text))


def test_sources_declare_zones_that_exist(tmp_path: Path):
    text = (
        HEAD.replace("time: opened_at", "time: opened_at, timezone: Europe/Vienne")
        + "  a: {type: growth, of: a}\n"
    )
    (found,) = problems(tmp_path, text)
    assert found.startswith("m:4:56: not a time zone such as Europe/Vienna")


def test_pick_needs_a_key(tmp_path: Path):
    text = (
        HEAD.replace("time: opened_at", "time: opened_at, pick: {last_by: x}")
        + "  a: {type: growth, of: a}\n"
    )
    (found,) = problems(tmp_path, text)
    assert found.startswith("m:4:12: `pick` needs a `key`: one row of each key is picked")


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("value: sum(x) ; y", 9, 19),
        ('value: "sum(x) ; y"', 9, 20),
        ("value: 'sum(x) + count(''x'') ; y'", 9, 35),
        ('value: "\\u0073um(x) ; y"', 9, 25),
        ("value: |\n      sum(x)\n       ; y", 11, 8),
        ("value: >-\n\n      sum(x)\n      ; y", 12, 7),
        ("value: sum(x)\n      + sum(y) ; z", 10, 16),
        ('value: "sum(x)\n      + sum(y) ; z"', 10, 16),
    ],
)
def test_the_place_is_that_of_the_word(tmp_path: Path, written: str, line: int, column: int):
    found = measure(tmp_path, f"  a:\n    type: simple\n    source: tickets\n    {written}\n")
    assert len(found) == 1
    assert found[0].startswith(f"m:{line}:{column}: a second statement")


def test_all_problems_at_once(tmp_path: Path):
    text = HEAD.replace("time: opened_at", "time: opened_at, where: a ; b") + (
        "  a: {type: ratio, source: x, numerator: foo(a), denominator: b}\n  b: {type: growth, of: zz}\n"
    )
    assert len(problems(tmp_path, text)) == 5

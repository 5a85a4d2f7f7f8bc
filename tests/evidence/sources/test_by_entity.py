"""Two groupings give the facts that COUNT(DISTINCT …) gives in one."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from crm_capability.definition.expressions import parse
from crm_capability.evidence.sources.by_entity import by_entity
from crm_capability.evidence.sources.dialects import sql
from crm_capability.evidence.sources.fragments import adapted, column, identifier, table

KINDS = {"who": "text", "invoice": "number", "amount": "number", "own": "boolean"}
# seven customers, invoices of one to five rows, some without a number, amounts with gaps
ROWS = """
CREATE TABLE rows_in_waves AS SELECT
  i % 2 AS period, 'c' || (hash(i // 3) % 7) AS who,
  CASE WHEN hash(i + 1) % 5 > 0 THEN (hash(i // 3) % 40)::INTEGER END AS invoice,
  CASE WHEN hash(i + 2) % 6 > 0 THEN (hash(i + 3) % 1000)::DOUBLE / 8 END AS amount,
  CASE WHEN hash(i + 4) % 7 > 0 THEN hash(i + 5) % 2 = 0 END AS own
FROM range(500) numbers(i)
"""


def _facts(only: str | None, **facts: str) -> dict[str, exp.Expr]:
    condition = None if only is None else adapted(parse(only, False).tree, KINDS)
    return {name: adapted(parse(text, True).tree, KINDS, None, condition) for name, text in facts.items()}


def _run(session: duckdb.DuckDBPyConnection, steps: list[tuple[str, exp.Select]]) -> list[tuple[object, ...]]:
    query = exp.Select().select(exp.Star()).from_(table(steps[-1][0]))
    for name, step in steps:
        query = query.with_(identifier(name), as_=step)
    return session.execute(f"{sql(query, 'duckdb')} ORDER BY period, who").fetchall()


@pytest.mark.parametrize("only", [None, "own", "amount > 40 and amount is not null"])
def test_things_are_counted_as_count_distinct_counts_them(only: str | None):
    facts = _facts(
        only,
        orders="count(distinct invoice)", lines="count(*)", spend="sum(amount)", known="count(amount)",
        least="min(amount)", most="max(amount)", large="count_if(amount > 100)",
        a_line="sum(amount) / count(*)", a_order="round(sum(amount) / count(distinct invoice), 6)",
    )  # fmt: skip
    with duckdb.connect() as session:
        session.execute(ROWS)
        found = by_entity("rows_in_waves", "by_who", ("period", "who"), facts)
        assert [name for name, _ in found] == ["by_who_and_invoice", "by_who"]
        keys = [column(name) for name in ("period", "who")]
        once = exp.Select().select(*keys, *(exp.alias_(tree.copy(), name) for name, tree in facts.items()))
        once = once.from_(table("rows_in_waves")).group_by(*(key.copy() for key in keys))
        # eighths add up without rounding, in any order
        assert _run(session, found) == _run(session, [("by_who", once)])


@pytest.mark.parametrize(
    "facts",
    [
        {"spend": "sum(amount)"},
        {"orders": "count(distinct invoice)", "mean": "avg(amount)"},
        {"orders": "count(distinct invoice)", "middle": "median(amount)"},
        {"orders": "count(distinct invoice)", "amounts": "count(distinct amount)"},
        {"orders": "count(distinct who)"},
    ],
)
def test_one_grouping_where_two_would_not_do(facts: dict[str, str]):
    found = by_entity("rows_in_waves", "by_who", ("period", "who"), _facts(None, **facts))
    assert [name for name, _ in found] == ["by_who"]


@pytest.mark.parametrize(
    ("text", "only", "expected"),
    [
        ("count_if(amount is not null)", None, "COUNT(amount)"),
        ("count(*)", "amount is not null", "COUNT(amount)"),
        ("count_if(amount > 1)", "amount is not null", "COUNT(*) FILTER(WHERE amount > 1)"),
        ("sum(amount * 2)", "amount is not null", "SUM(amount * 2)"),
        ("sum(amount)", "amount is not null and own", "SUM(amount) FILTER(WHERE own)"),
        ("sum(amount)", "invoice is not null", "SUM(amount) FILTER(WHERE NOT invoice IS NULL)"),
        # nothing may come of what is there, and something of what is not
        (
            "sum(coalesce(amount, 1))",
            "amount is not null",
            "SUM(COALESCE(amount, 1)) FILTER(WHERE NOT amount IS NULL)",
        ),
        (
            "count_if(amount > 1 or own)",
            "own is not null",
            "COUNT(*) FILTER(WHERE NOT own IS NULL AND (amount > 1 OR own))",
        ),
    ],
)
def test_nobody_asks_twice_whether_something_is_there(text: str, only: str | None, expected: str):
    assert sql(_facts(only, it=text)["it"], "duckdb") == expected

"""Operational metrics against one hand-written SQL statement for the same numbers.

Five million order rows in Parquet, twelve metrics of mixed types, two waves. Both sides open
DuckDB, bind the file, give value, n and standard error of every metric in both waves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from .timing import ratio

ROWS, FULL_ROWS = 5_000_000, 100_000_000
NAMES = ("metrics 5M rows", "metrics 100M rows")

_DEFINITION = """
metrics: orders
version: 1.0.0
sources:
  orders: {table: orders, time: ordered_at}
measures:
  sales-per-line: {type: simple, source: orders, value: avg(amount)}
  hours-to-deliver:
    {type: simple, source: orders, value: "median(hours_between(ordered_at, delivered_at))", where: delivered_at is not null}
  own-brand-share: {type: ratio, source: orders, numerator: "sum(case when own_brand then amount else 0 end)", denominator: sum(amount)}
  return-rate: {type: ratio, source: orders, numerator: count_if(returned), denominator: count(*)}
  discount-share: {type: ratio, source: orders, numerator: sum(discount), denominator: sum(amount), where: amount > 1}
  late-share:
    {type: ratio, source: orders, numerator: "count_if(hours_between(ordered_at, delivered_at) > 72)", denominator: count_if(delivered_at is not null)}
  repeat-rate:
    {type: ratio, source: orders, per: customer_id, facts: {orders: count(distinct invoice)}, numerator: count_if(orders >= 2), denominator: count(*)}
  spend: {type: simple, source: orders, per: customer_id, facts: {spend: sum(amount)}, value: avg(spend)}
  lines-per-customer: {type: ratio, source: orders, per: customer_id, facts: {lines: count(*)}, numerator: sum(lines), denominator: count(*)}
  retention: {type: retention, source: orders, entity: customer_id}
  golden-share: {type: top-share, source: orders, entity: customer_id, value: sum(amount), top: 0.2}
  spend-growth: {type: growth, of: spend}
"""

# Written by hand, as an analyst who knows DuckDB well would: each number computed once.
_BY_HAND = """
WITH lines AS (
  SELECT
    CASE WHEN ordered_at < DATE '2017-01-01' THEN 0 WHEN ordered_at < DATE '2017-07-01' THEN 1 ELSE 2 END AS wave,
    customer_id, invoice, amount, discount, own_brand, returned, delivered_at,
    date_diff('microsecond', ordered_at, delivered_at) / 3600000000.0 AS hours
  FROM read_parquet('{file}')
  WHERE ordered_at >= DATE '2016-07-04' AND ordered_at < DATE '2018-01-01'
), of_lines AS (
  SELECT
    wave, count(*) AS n, count(amount) AS n_amount, avg(amount) AS line, stddev_samp(amount) AS line_sd,
    quantile_cont(hours, [0.375, 0.5, 0.625]) AS hours, count(hours) AS n_hours,
    sum(amount) AS a, sum(amount * amount) AS aa,
    sum(amount) FILTER (WHERE own_brand) AS own, sum(amount * amount) FILTER (WHERE own_brand) AS own2,
    count(*) FILTER (WHERE returned) AS returned,
    count(*) FILTER (WHERE amount > 1) AS dn, sum(discount) FILTER (WHERE amount > 1) AS d,
    sum(amount) FILTER (WHERE amount > 1) AS da, sum(discount * discount) FILTER (WHERE amount > 1) AS dd,
    sum(discount * amount) FILTER (WHERE amount > 1) AS dda, sum(amount * amount) FILTER (WHERE amount > 1) AS daa,
    count(*) FILTER (WHERE hours > 72) AS late
  FROM lines WHERE wave > 0 GROUP BY wave
), customers AS (
  SELECT wave, customer_id, count(DISTINCT invoice) AS orders, sum(amount) AS spend, count(*) AS lines
  FROM lines WHERE customer_id IS NOT NULL GROUP BY wave, customer_id
), placed AS (
  SELECT wave, spend, row_number() OVER (PARTITION BY wave ORDER BY spend DESC) AS place, count(*) OVER (PARTITION BY wave) AS m
  FROM customers WHERE wave > 0 AND spend IS NOT NULL
), golden AS (
  SELECT wave, sum(spend) FILTER (WHERE place <= ceil(0.2 * m)) / sum(spend) AS share, count(*) AS n FROM placed GROUP BY wave
), kept AS (
  SELECT b.wave + 1 AS wave, count(*) AS n, count(a.customer_id) / count(*) AS p
  FROM customers b LEFT JOIN customers a ON a.customer_id = b.customer_id AND a.wave = b.wave + 1
  WHERE b.wave < 2 GROUP BY b.wave
), of_customers AS (
  SELECT
    wave, count(*) AS n, count(*) FILTER (WHERE orders >= 2) AS again, avg(spend) AS spend, stddev_samp(spend) AS spend_sd,
    count(spend) AS n_spend, sum(lines) AS lines, sum(lines * lines) AS lines2
  FROM customers GROUP BY wave
)
SELECT
  l.wave, l.line, l.n_amount, l.line_sd / sqrt(l.n_amount), l.hours[2], l.n_hours, (l.hours[3] - l.hours[1]) / 0.25 * 0.5 / sqrt(l.n_hours),
  l.own / l.a, l.n, sqrt(l.n / (l.n - 1) * greatest(l.own2 - 2 * l.own / l.a * l.own2 + (l.own / l.a) ** 2 * l.aa, 0)) / l.a,
  l.returned / l.n, l.n, sqrt(l.n / (l.n - 1) * (l.returned - l.returned ** 2 / l.n)) / l.n,
  l.d / l.da, l.dn, sqrt(l.dn / (l.dn - 1) * greatest(l.dd - 2 * l.d / l.da * l.dda + (l.d / l.da) ** 2 * l.daa, 0)) / l.da,
  l.late / l.n_hours, l.n, sqrt(l.n / (l.n - 1) * (l.late - l.late ** 2 / l.n_hours)) / l.n_hours,
  c.again / c.n, c.n, sqrt(c.n / (c.n - 1) * (c.again - c.again ** 2 / c.n)) / c.n,
  c.spend, c.n_spend, c.spend_sd / sqrt(c.n_spend),
  c.lines / c.n, c.n, sqrt(c.n / (c.n - 1) * (c.lines2 - c.lines ** 2 / c.n)) / c.n,
  k.p, k.n, sqrt(k.p * (1 - k.p) / (k.n - 1)), g.share, g.n, c.spend / e.spend - 1, c.n_spend
FROM of_lines l JOIN of_customers c USING (wave) JOIN kept k USING (wave) JOIN golden g USING (wave)
JOIN of_customers e ON e.wave = l.wave - 1
ORDER BY l.wave
"""


def run(full: bool) -> Iterator[dict[str, Any]]:
    """The ratio for five million rows; with `full` also for a hundred million."""
    for name, rows in zip(NAMES, (ROWS, FULL_ROWS) if full else (ROWS,), strict=False):
        with tempfile.TemporaryDirectory() as folder:
            yield _compare(name, rows, Path(folder))


def _compare(name: str, rows: int, folder: Path) -> dict[str, Any]:
    file = folder / "orders.parquet"
    _generate(file, rows)
    ours, by_hand = _ours(file, folder), _hand_written(file)
    _same(ours(), by_hand())
    times, mine, theirs = ratio(ours, by_hand, runs=9 if rows == ROWS else 3)
    return {
        "name": name,
        "ratio": round(times, 3),
        "goal": 1.2,
        "unit": "one hand-written statement",
        "seconds": round(mine, 4),
        "detail": f"12 metrics, 2 waves, {rows:,} rows; by hand {theirs:.4f} s",
    }


def _ours(file: Path, folder: Path):  # type: ignore[no-untyped-def]
    from crm_capability.definition.load import read_definition
    from crm_capability.definition.metrics import Metrics
    from crm_capability.definition.plan import Connection, Wave
    from crm_capability.evidence.metrics import read_metrics

    path = folder / "orders.metrics.yaml"
    path.write_text(_DEFINITION)
    definition = read_definition(path, Metrics)
    waves = (
        Wave.model_validate({"id": "before", "from": "2017-01-01", "to": "2017-06-30"}),
        Wave.model_validate({"id": "after", "from": "2017-07-01", "to": "2017-12-31"}),
    )
    return lambda: read_metrics(definition, Connection(), {"orders": (file,)}, waves, "shop").readings


def _hand_written(file: Path):  # type: ignore[no-untyped-def]
    def call() -> list[tuple[Any, ...]]:
        with duckdb.connect() as session:
            session.execute("SET enable_progress_bar = false")
            return session.execute(_BY_HAND.format(file=file)).fetchall()

    return call


def _same(ours: Any, by_hand: list[tuple[Any, ...]]) -> None:
    """Both sides give the same numbers, or the comparison means nothing."""
    for wave, row in zip(("before", "after"), by_hand, strict=True):
        here = ours[ours["wave"] == wave]
        numbers = [
            number
            for value, n, error in zip(here["value"], here["n"], here["standard_error"], strict=True)
            for number in ((value, n) if np.isnan(error) else (value, n, error))
        ]
        np.testing.assert_allclose(np.array(numbers, float), np.array(row[1:], float), rtol=1e-9)


def _generate(file: Path, rows: int) -> None:
    """Seeded order lines: three lines an invoice, a long tail of customers, 5 % undelivered."""
    with duckdb.connect() as session:
        session.execute("SET preserve_insertion_order = false")
        session.execute("SET enable_progress_bar = false")
        session.execute(
            f"""
            COPY (
              SELECT
                (i // 3)::INTEGER AS invoice,
                (pow(hash(i // 3) / 18446744073709551615.0, 2) * {rows // 15})::INTEGER AS customer_id,
                TIMESTAMP '2016-07-04' + to_seconds((hash(i // 3 + 11) % 47174400)::BIGINT) AS ordered_at,
                round(hash(i + 1) / 184467440737095516.15, 2) AS amount,
                round(hash(i + 2) / 1844674407370955161.5, 2) AS discount,
                hash(i + 3) % 10 < 3 AS own_brand,
                hash(i + 4) % 100 < 5 AS returned,
                CASE WHEN hash(i + 5) % 100 < 95
                  THEN TIMESTAMP '2016-07-04' + to_seconds((hash(i // 3 + 11) % 47174400 + hash(i + 6) % 432000)::BIGINT)
                END AS delivered_at
              FROM range({rows}) numbers(i)
            ) TO '{file}' (FORMAT parquet)
            """
        )

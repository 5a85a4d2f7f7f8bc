"""A fictitious firm in the tables of metrics/data-model.yaml: seeded, the same on every machine."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from crm_capability.definition.data_model import DataModel
from crm_capability.definition.load import read_definition

ROOT = Path(__file__).parents[2]
MODEL: DataModel = read_definition(ROOT / "metrics" / "data-model.yaml", DataModel).value
WAVES = [
    {"id": "before", "from": "2025-01-01", "to": "2025-06-30"},
    {"id": "after", "from": "2025-07-01", "to": "2025-12-31"},
]
ENDS = [pd.Timestamp("2024-12-31"), pd.Timestamp("2025-06-30"), pd.Timestamp("2025-12-31")]
SQL_TYPES = {
    "text": "text", "number": "double precision", "whole": "bigint", "day": "date", "moment": "timestamp",
    "yes-no": "boolean",
}  # fmt: skip


def firm(seed: int = 7) -> dict[str, pd.DataFrame]:
    """A frame a table, columns in the model's order."""
    random = np.random.default_rng(seed)
    tables = {"products": _products(random)}
    tables["orders"] = _orders(random)
    tables["customers"] = _customers(random, tables["orders"])
    tables["tickets"] = _tickets(random)
    tables["calls"] = _calls(random)
    tables["campaigns"] = _campaigns(random)
    tables["activities"] = pd.DataFrame(
        {
            "activity_id": [f"a{n}" for n in range(800)],
            "customer_id": _chosen(random, 800),
            "happened_at": _moments(random, 800, "2025-01-01", 365),
        }
    )
    tables["opportunities"] = _opportunities(random)
    tables["handovers"] = _handovers(random)
    tables |= _monthly(random)
    return {name: tables[name].reindex(columns=list(table.columns)) for name, table in MODEL.tables.items()}


def kinds(table: str) -> dict[str, str]:
    """The SQL types of a table's columns."""
    return {name: SQL_TYPES[column.type] for name, column in MODEL.tables[table].columns.items()}


def _moments(random: np.random.Generator, rows: int, start: str, days: int) -> pd.Series:
    minutes = random.integers(0, days * 24 * 60, rows)
    return pd.Series(pd.Timestamp(start) + pd.to_timedelta(minutes, unit="m"))


def _some(random: np.random.Generator, values: pd.Series, share: float) -> pd.Series:
    """The values, with this share of them blank."""
    return values.where(random.random(len(values)) >= share)


def _chosen(random: np.random.Generator, rows: int, customers: int = 240) -> np.ndarray:
    """Customers, the first of them far more often than the last."""
    return np.array([f"c{n:03}" for n in (customers * random.random(rows) ** 2).astype(int)])


def _products(random: np.random.Generator) -> pd.DataFrame:
    launched = pd.Series(pd.Timestamp("2022-01-01") + pd.to_timedelta(random.integers(0, 1450, 40), unit="D"))
    return pd.DataFrame(
        {
            "product_id": [f"p{n}" for n in range(40)],
            "launched_on": _some(random, launched, 0.05),
            "own_brand": random.random(40) < 0.4,
        }
    )


def _orders(random: np.random.Generator, rows: int = 3000) -> pd.DataFrame:
    ordered = _moments(random, rows, "2021-06-01", 1670).sort_values(ignore_index=True)
    day = ordered.dt.normalize()
    promised = day + pd.to_timedelta(random.integers(2, 12, rows), unit="D")
    delivered = day + pd.to_timedelta(random.integers(1, 14, rows), unit="D")
    standard = pd.Series(random.integers(500, 9000, rows) / 100)
    return pd.DataFrame(
        {
            "order_id": [f"o{n // 2}" for n in range(rows)],
            "customer_id": _some(random, pd.Series(np.repeat(_chosen(random, rows // 2), 2)), 0.04),
            "product_id": [f"p{n}" for n in random.integers(0, 42, rows)],  # two are in no list
            "ordered_at": ordered,
            "amount": random.integers(1000, 50000, rows) / 100,
            "discount": random.integers(0, 3, rows) * 2.5,
            "cost": standard * random.uniform(0.9, 1.5, rows).round(3),
            "standard_cost": _some(random, standard, 0.1),
            "custom": random.random(rows) < 0.3,
            "cross_sale": random.random(rows) < 0.15,
            "point_of_sale": random.choice(["shop", "web", "app"], rows),
            "promised_on": _some(random, promised, 0.1),
            "delivered_on": delivered.where(delivered <= ENDS[-1]),
        }
    )


def _customers(random: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    """What the model's own statement makes of the orders, and beside it what it cannot know."""
    with duckdb.connect() as session:
        session.register("orders", orders)
        statement = MODEL.tables["customers"].statement
        assert statement is not None
        made = session.execute(statement).df().sort_values(["exported_on", "customer_id"], ignore_index=True)
    rows = len(made)
    known = pd.DataFrame(
        {
            "contribution": (made["sales"] * random.uniform(-0.1, 0.5, rows)).round(2),
            "care_spend": (made["sales"] * random.uniform(0, 0.1, rows)).round(2),
            "member_since": _some(
                random, pd.Series(_moments(random, rows, "2022-01-01", 1400).dt.normalize()), 0.5
            ),
            "name_known": random.random(rows) < 0.95,
            "contact_known": random.random(rows) < 0.8,
            "salesperson_id": _some(random, pd.Series(random.choice(["s1", "s2", "s3"], rows)), 0.1),
            "last_contact_on": _some(random, made["exported_on"], 0.2),
            "product_kinds": random.integers(1, 6, rows),
        }
    )
    return pd.concat([made, known], axis=1)


def _tickets(random: np.random.Generator, rows: int = 900) -> pd.DataFrame:
    opened = _moments(random, rows, "2025-01-01", 360)
    replied = opened + pd.to_timedelta(random.integers(10, 4000, rows), unit="m")
    return pd.DataFrame(
        {
            "ticket_id": [f"t{n}" for n in range(rows)],
            "opened_at": opened,
            "first_replied_at": _some(random, replied, 0.1),
            "solved_at": _some(
                random, replied + pd.to_timedelta(random.integers(0, 9000, rows), unit="m"), 0.1
            ),
            "kind": random.choice(["complaint", "enquiry", "other"], rows),
            "public": random.random(rows) < 0.3,
            "contacts": pd.Series(random.integers(1, 4, rows)).astype("Int64"),
        }
    )


def _calls(random: np.random.Generator, rows: int = 1200) -> pd.DataFrame:
    started = _moments(random, rows, "2025-01-01", 365)
    answered = _some(random, started + pd.to_timedelta(random.integers(1, 12, rows), unit="m"), 0.12)
    ended = answered.fillna(started) + pd.to_timedelta(random.integers(1, 40, rows), unit="m")
    names = [f"k{n}" for n in range(rows)]
    return pd.DataFrame({"call_id": names, "started_at": started, "answered_at": answered, "ended_at": ended})


def _campaigns(random: np.random.Generator, rows: int = 1500) -> pd.DataFrame:
    addressed = _moments(random, rows, "2025-01-01", 365).dt.normalize()
    return pd.DataFrame(
        {
            "campaign_id": [f"m{n % 6}" for n in range(rows)],
            "customer_id": _chosen(random, rows),
            "addressed_on": addressed,
            "responded_on": _some(random, addressed + pd.Timedelta(days=3), 0.85),
            "personal": random.random(rows) < 0.6,
        }
    )


def _opportunities(random: np.random.Generator, rows: int = 400) -> pd.DataFrame:
    """Each opportunity as it stood at the end of every period from its entry on."""
    created = _moments(random, rows, "2024-07-01", 540).dt.normalize()
    closed = created + pd.to_timedelta(random.integers(5, 320, rows), unit="D")
    won = random.random(rows) < 0.35
    frames = []
    for end in ENDS:
        frame = pd.DataFrame(
            {
                "opportunity_id": [f"o{n}" for n in range(rows)],
                "exported_on": end,
                "created_on": created,
                "closed_on": closed.where(closed <= end),
                "stage": _some(random, pd.Series(random.choice(["first", "offer"], rows)), 0.1),
                "value": _some(random, pd.Series(random.integers(100, 9000, rows) / 1.0), 0.1),
                "expected_on": _some(random, closed, 0.1),
                "stage_changed_on": created + pd.to_timedelta(random.integers(0, 60, rows), unit="D"),
                "last_contact_on": _some(
                    random, end - pd.to_timedelta(pd.Series(random.integers(0, 150, rows)), unit="D"), 0.2
                ),
            }
        )
        frames.append(frame.assign(won=won & frame["closed_on"].notna())[created <= end])
    return pd.concat(frames, ignore_index=True)


def _handovers(random: np.random.Generator, rows: int = 70) -> pd.DataFrame:
    left = _moments(random, rows, "2024-06-01", 570).dt.normalize()
    reached = left + pd.to_timedelta(random.integers(0, 70, rows), unit="D")
    customers = [f"c{n:03}" for n in random.permutation(240)[:rows]]
    return pd.DataFrame(
        {"customer_id": customers, "left_on": left, "contacted_on": _some(random, reached, 0.2)}
    )


def _monthly(random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """What comes from the books, the works, the shelves and the bills."""
    months = pd.Series(pd.date_range("2024-07-31", "2025-12-31", freq="ME"))
    rows = len(months)
    sales = random.integers(80_000, 120_000, rows) / 1.0
    ledger = {
        "month_end": months,
        "sales": sales,
        "operating_profit": (sales * 0.11).round(2),
        "care_cost": sales / 8,
    }
    process = {
        "month_end": months,
        "cases": random.integers(200, 400, rows),
        "staff": random.integers(10, 14, rows) / 1.0,
        "work_cost": random.integers(20_000, 30_000, rows) / 1.0,
        "overhead_cost": random.integers(4_000, 9_000, rows) / 1.0,
    }
    made = pd.DataFrame({"made_on": months}).merge(
        pd.DataFrame({"product_id": [f"p{n}" for n in range(40)]}), how="cross"
    )
    checks = pd.DataFrame({"checked_on": months}).merge(made[["product_id"]].drop_duplicates(), how="cross")
    wanted = random.integers(5, 30, len(checks)) / 1.0
    paying = pd.DataFrame({"counted_on": ENDS}).merge(
        pd.DataFrame({"customer_id": [f"c{n:03}" for n in range(60)]}), how="cross"
    )
    seats = random.integers(1, 50, len(paying))
    return {
        "ledger": pd.DataFrame(ledger),
        "process": pd.DataFrame(process),
        "output": made.assign(quantity=random.integers(1, 100, len(made)) / 1.0),
        "availability": checks.assign(wanted=wanted, found=wanted - random.integers(0, 4, len(checks))),
        "subscriptions": paying.assign(
            seats=seats,
            active_seats=(seats * random.random(len(paying))).astype(int),
            recurring=random.integers(0, 5, len(paying)) * 100.0,
            recurring_year_before=random.integers(0, 5, len(paying)) * 100.0,
        ),
    }  # fmt: skip

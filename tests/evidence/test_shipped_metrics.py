"""The shipped metrics, run for real on a fictitious firm: against pandas, and engine against engine."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import yaml

from crm_capability import load_plan
from crm_capability.definition.data_model import columns_read
from crm_capability.definition.loaded import load_metrics
from crm_capability.evidence.readings import collect

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "metrics").glob("*.metrics.yaml"))
NAMES = [path.name.removesuffix(".metrics.yaml") for path in TEMPLATES]
HALVES = {
    "before": ("2025-01-01", "2025-06-30", "2024-07-04", "2024-12-31"),
    "after": ("2025-07-01", "2025-12-31", "2025-01-01", "2025-06-30"),
}
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("firm", Path(__file__).with_name("firm.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["firm"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tables(made: ModuleType) -> Tables:
    return made.firm()


@pytest.fixture(scope="module")
def folder(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firm's export, as the page on the data model asks for it."""
    place = tmp_path_factory.mktemp("firm")
    for name, frame in tables.items():
        frame.to_csv(place / f"{name}.csv", index=False)
    return place


def plan_of(made: ModuleType, name: str, connection: dict[str, object], only: tuple[str, ...] = ()) -> str:
    """A plan whose evidence is the shipped metrics of one framework; a variant leans on its base."""
    files = [name] if not name.startswith("crm-capability-") else ["crm-capability", name]
    entry = {"only": list(only)} if only else {}
    return yaml.safe_dump(
        {
            "assessment": "firm", "title": "A firm", "framework": f"{name}@1", "unit": "firm", "units": {"firm": None},
            "waves": made.WAVES, "evidence": [{"metrics": f"{one}@1", "connection": connection, **entry} for one in files],
        }
    )  # fmt: skip


def read(place: Path, text: str) -> pd.DataFrame:
    """The readings that metrics gave, by measure and wave."""
    (place / "assessment.yaml").write_text(text, encoding="utf-8")
    frame = collect(load_plan(place / "assessment.yaml")).readings
    return frame[frame["source"].fillna("") != ""].set_index(["measure", "wave"]).sort_index()


@pytest.fixture(scope="module")
def readings(made: ModuleType, folder: Path) -> dict[str, pd.DataFrame]:
    connection = {"tables": {name: f"{name}.csv" for name in made.MODEL.tables}}
    return {name: read(folder, plan_of(made, name, connection)) for name in NAMES}


def test_templates_and_model_speak_of_the_same_columns(made: ModuleType):
    held = {(table, column) for table, whole in made.MODEL.tables.items() for column in whole.columns}
    keys = {(table, column) for table, whole in made.MODEL.tables.items() for column in whole.key}
    spoken = {
        (table, column) for path in TEMPLATES for table, column, _ in columns_read(load_metrics(path).value)
    }
    assert spoken - held == set(), "columns that the model lacks"
    assert held - spoken - keys == set(), "columns that nobody needs"
    assert keys - held == set()
    systems = {
        system
        for whole in made.MODEL.tables.values()
        for one in (whole, *whole.columns.values())
        for system in one.found_in
    }
    assert systems == set(made.MODEL.systems)


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_of_a_template_gets_a_number(readings: dict[str, pd.DataFrame], name: str):
    found = readings[name].xs("after", level="wave")
    own = load_metrics(ROOT / "metrics" / f"{name}.metrics.yaml").value
    assert set(own.fed) <= set(found.index)
    assert found["value"].notna().all(), found[found["value"].isna()].index.tolist()
    assert (found["n"] > 0).all()


def _within(frame: pd.DataFrame, column: str, first: str, last: str) -> pd.DataFrame:
    day = frame[column].dt.normalize()
    return frame[(day >= pd.Timestamp(first)) & (day <= pd.Timestamp(last))]


def _share(mask: pd.Series) -> float:
    return float(mask.sum()) / len(mask)


def _sales_of_top(orders: pd.DataFrame, share: float) -> float:
    totals = orders.groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    return float(totals.iloc[: math.ceil(share * len(totals))].sum() / totals.sum())


def _kept(orders: pd.DataFrame, half: tuple[str, str, str, str]) -> float:
    now = set(_within(orders, "ordered_at", *half[:2])["customer_id"].dropna())
    before = set(_within(orders, "ordered_at", *half[2:])["customer_id"].dropna())
    return len(now & before) / len(before)


def _new_sales(t: Tables, half: tuple[str, str, str, str]) -> float:
    orders = _within(t["orders"], "ordered_at", *half[:2]).merge(t["products"], on="product_id", how="left")
    fresh = (orders["ordered_at"].dt.normalize() - orders["launched_on"]).dt.days <= 184
    return float(orders["amount"][fresh].sum() / orders["amount"].sum())


def _on_time(t: Tables, half: tuple[str, str, str, str]) -> float:
    due = _within(t["orders"], "promised_on", *half[:2])
    late = due["delivered_on"].isna() | (due["delivered_on"] > due["promised_on"])
    return _share(~late.groupby(due["order_id"]).any())


def _custom(t: Tables, half: tuple[str, str, str, str]) -> pd.DataFrame:
    lines = _within(t["orders"], "delivered_on", *half[:2])
    return lines[lines["custom"]]


def _premium(t: Tables, half: tuple[str, str, str, str]) -> float:
    lines = _custom(t, half).dropna(subset=["cost", "standard_cost"])
    return float(lines["cost"].sum() / lines["standard_cost"].sum()) - 1


def _minutes(t: Tables, half: tuple[str, str, str, str], start: str, end: str) -> float:
    calls = _within(t["calls"], "started_at", *half[:2])
    return float(((calls[end] - calls[start]).dt.total_seconds() / 60).mean())


def _records(t: Tables, half: tuple[str, str, str, str]) -> pd.DataFrame:
    return t["customers"][t["customers"]["exported_on"] == pd.Timestamp(half[1])]


def _records_before(t: Tables, half: tuple[str, str, str, str]) -> pd.DataFrame:
    return t["customers"][t["customers"]["exported_on"] == pd.Timestamp(half[3])]


def _golden_profit_growth(t: Tables, half: tuple[str, str, str, str]) -> float:
    now, before = _records(t, half), _records_before(t, half)
    return float(
        now["contribution"][now["abc_class"] == "A"].sum()
        / before["contribution"][before["abc_class"] == "A"].sum()
        - 1
    )


def _maintenance(t: Tables, half: tuple[str, str, str, str]) -> float:
    kept = _records(t, half).query("sales_before > 0 and orders > 0")
    return float(kept["sales"].sum() / kept["care_spend"].sum())


def _responses(t: Tables, half: tuple[str, str, str, str]) -> float:
    offers = _within(t["campaigns"], "addressed_on", *half[:2]).query("personal")
    return _share(offers["responded_on"].notna().groupby(offers["customer_id"]).any())


def _replied(t: Tables, half: tuple[str, str, str, str]) -> float:
    tickets = _within(t["tickets"], "opened_at", *half[:2]).query("kind == 'complaint' and public")
    return _share((tickets["first_replied_at"] - tickets["opened_at"]) <= pd.Timedelta(hours=24))


def _discounted(t: Tables, half: tuple[str, str, str, str]) -> float:
    first = t["customers"].sort_values("exported_on").groupby("customer_id")["first_ordered_on"].last()
    orders = _within(t["orders"], "ordered_at", *half[:2])
    later = orders[orders["ordered_at"].dt.normalize() > orders["customer_id"].map(first)]
    return float(later["amount"][later["discount"] > 0].sum() / later["amount"].sum())


def _gap(t: Tables, half: tuple[str, str, str, str]) -> float:
    records = _records(t, half)
    twice, member = records["orders_ever"] >= 2, records["member_since"] <= records["exported_on"]
    return float(twice[member].mean() - twice[~member].mean())


def _lost(t: Tables, half: tuple[str, str, str, str]) -> float:
    records = _records(t, half).query("sales_before > 0")
    left = records["customer_id"].map(t["handovers"].set_index("customer_id")["left_on"])
    days = (records["exported_on"] - left).dt.days
    gone = (days >= 184) & (days <= 368)
    silent = records["orders"] == 0
    return float(silent[gone].mean() - silent[~gone].mean())


def _cycle(t: Tables, half: tuple[str, str, str, str]) -> float:
    latest = t["opportunities"].sort_values("exported_on").groupby("opportunity_id").tail(1)
    won = _within(latest, "closed_on", *half[:2]).query("won")
    return float((won["closed_on"] - won["created_on"]).dt.days.median())


def _stale(t: Tables, half: tuple[str, str, str, str]) -> float:
    open_ = _within(t["opportunities"], "exported_on", *half[:2])
    open_ = open_[open_["closed_on"].isna()]
    quiet = [
        open_[column].isna() | ((open_["exported_on"] - open_[column]).dt.days > 60)
        for column in ("stage_changed_on", "last_contact_on")
    ]
    return _share(quiet[0] & quiet[1])


def _new_customers(t: Tables, half: tuple[str, str, str, str]) -> float:
    orders = t["orders"].dropna(subset=["customer_id"])
    first = orders.groupby("customer_id")["ordered_at"].min()
    now = _within(orders, "ordered_at", *half[:2])["customer_id"].unique()
    return _share(first[now] >= pd.Timestamp(half[0]))


def _case_cost_change(t: Tables, half: tuple[str, str, str, str]) -> float:
    now, before = _within(t["process"], "month_end", *half[:2]), _within(t["process"], "month_end", *half[2:])
    cost = [(one["work_cost"] + one["overhead_cost"]).sum() / one["cases"].sum() for one in (now, before)]
    return float(cost[0] / cost[1] - 1)


def _output(t: Tables, half: tuple[str, str, str, str]) -> float:
    made = _within(t["output"], "made_on", *half[:2]).merge(t["products"], on="product_id", how="left")
    fresh = (made["made_on"] - made["launched_on"]).dt.days <= 184
    return float(made["quantity"][fresh].sum() / made["quantity"].sum())


def _orders(t: Tables, half: tuple[str, str, str, str]) -> pd.DataFrame:
    return _within(t["orders"], "ordered_at", *half[:2])


Figure = Callable[[Tables, tuple[str, str, str, str]], float]
BY_HAND: dict[tuple[str, str], Figure] = {
    ("crm-capability", "knowledge-decision-response"): _responses,
    ("crm-capability", "golden-share"): lambda t, h: _sales_of_top(_orders(t, h), 0.2),
    ("crm-capability", "golden-share-growth"): lambda t, h: (
        _sales_of_top(_orders(t, h), 0.2) / _sales_of_top(_orders(t, h[2:]), 0.2) - 1  # type: ignore[arg-type]
    ),
    ("crm-capability", "golden-profit-growth"): _golden_profit_growth,
    ("crm-capability", "new-product-sales-share"): _new_sales,
    ("crm-capability", "custom-cost-premium"): _premium,
    ("crm-capability", "custom-lead-days"): lambda t, h: float(
        (_custom(t, h)["delivered_on"] - _custom(t, h)["ordered_at"].dt.normalize()).dt.days.mean()
    ),
    ("crm-capability", "delivery-on-time"): _on_time,
    ("crm-capability", "channel-use"): lambda t, h: float(
        _orders(t, h).groupby("customer_id")["point_of_sale"].nunique().mean()
    ),
    ("crm-capability", "maintenance-return"): _maintenance,
    ("crm-capability", "churn-rate"): lambda t, h: 1 - _kept(t["orders"], h),
    ("crm-capability", "waiting-minutes"): lambda t, h: _minutes(t, h, "started_at", "answered_at"),
    ("crm-capability", "answer-minutes"): lambda t, h: _minutes(t, h, "answered_at", "ended_at"),
    ("crm-capability", "abandonment-rate"): lambda t, h: _share(
        _within(t["calls"], "started_at", *h[:2])["answered_at"].isna()
    ),
    ("crm-capability-retail", "known-sales-share"): lambda t, h: float(
        _orders(t, h).dropna(subset=["customer_id"])["amount"].sum() / _orders(t, h)["amount"].sum()
    ),
    ("customer-journey", "reply-share-24h"): _replied,
    ("customer-loyalty", "period-retention"): lambda t, h: _kept(t["orders"], h),
    ("customer-loyalty", "discount-dependence"): _discounted,
    ("customer-loyalty", "member-repurchase-gap"): _gap,
    ("customer-portfolio", "largest-customer-share"): lambda t, h: _sales_of_top(_orders(t, h), 1e-6),
    ("customer-portfolio", "lost-with-salesperson"): _lost,
    ("customer-portfolio", "sales-cycle-days"): _cycle,
    ("customer-portfolio", "stale-share"): _stale,
    ("customer-scorecard", "new-customer-share"): _new_customers,
    ("performance", "new-output-share"): _output,
    ("performance", "acquisition-rate"): lambda t, h: float(
        _records(t, h).query("orders > 0 and orders == orders_ever").shape[0]
        / _records(t, h).query("sales_before > 0").shape[0]
    ),
    ("process-reengineering", "case-cost-change"): _case_cost_change,
}


@pytest.mark.parametrize(("name", "measure"), BY_HAND)
def test_a_measure_is_what_pandas_says(
    readings: dict[str, pd.DataFrame], tables: Tables, name: str, measure: str
):
    for wave, half in HALVES.items():
        found = readings[name].loc[(measure, wave), "value"]
        assert found == pytest.approx(BY_HAND[name, measure](tables, half), rel=1e-9, abs=1e-12), wave


def test_every_type_that_the_templates_use_is_checked_by_hand():
    every = {name: load_metrics(path).value.every for name, path in zip(NAMES, TEMPLATES, strict=True)}
    used = {metric.type for metrics in every.values() for metric in metrics.values()}
    assert used == {every[name][measure].type for name, measure in BY_HAND}


def test_a_plan_takes_only_some_and_needs_no_other_table(made: ModuleType, folder: Path, faults):
    connection = {"tables": {"orders": "orders.csv"}}
    found = read(folder, plan_of(made, "crm-capability", connection, ("golden-share-growth", "churn-rate")))
    assert set(found.index.get_level_values("measure")) == {
        "golden-share",
        "golden-share-growth",
        "churn-rate",
    }
    every = {"tables": {name: f"{name}.csv" for name in made.MODEL.tables if name != "calls"}}
    entry = yaml.safe_load(plan_of(made, "crm-capability", every))
    entry["evidence"][0]["without"] = ["waiting-minutes", "abandonment-rate", "answer-minutes"]
    found = read(folder, yaml.safe_dump(entry))
    fed = set(load_metrics(ROOT / "metrics" / "crm-capability.metrics.yaml").value.fed)
    assert fed - set(found.index.get_level_values("measure")) == set(entry["evidence"][0]["without"])
    (folder / "assessment.yaml").write_text(plan_of(made, "crm-capability", connection, ("churn-rat",)))
    (problem,) = faults(lambda: load_plan(folder / "assessment.yaml"))
    assert 'crm-capability@1 has no measure "churn-rat" (did you mean "churn-rate"?)' in problem
    (folder / "assessment.yaml").write_text(plan_of(made, "crm-capability", connection).replace("@1", "@9"))
    assert any(
        "crm-capability@9 is wanted" in one for one in faults(lambda: load_plan(folder / "assessment.yaml"))
    )


@pytest.mark.parametrize("engine", ["postgres", pytest.param("spark", marks=pytest.mark.slow)])
def test_another_engine_agrees(
    request,
    monkeypatch,
    made: ModuleType,
    tables: Tables,
    readings: dict[str, pd.DataFrame],
    tmp_path: Path,
    engine: str,
):
    server = request.getfixturevalue(engine)
    if engine == "postgres":
        for name, frame in tables.items():
            server.load(f"public.{name}", frame, made.kinds(name))
        monkeypatch.setenv("TEST_DSN", server.dsn("reader"))
        connection: dict[str, object] = {
            "engine": "postgres", "dsn_env": "TEST_DSN", "tables": {name: f"public.{name}" for name in tables},
        }  # fmt: skip
    else:
        for name, frame in tables.items():
            frame.to_csv(tmp_path / f"{name}.csv", index=False)
        connection = {"engine": "spark", "tables": {name: f"{name}.csv" for name in tables}}
    for name in NAMES:
        there = read(tmp_path, plan_of(made, name, connection))
        here = readings[name]
        assert there.index.equals(here.index)
        np.testing.assert_allclose(there["value"], here["value"], rtol=1e-12, atol=1e-12, err_msg=name)
        assert there["n"].tolist() == here["n"].tolist()

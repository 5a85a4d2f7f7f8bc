"""Small groups: which classes are not told, and that nothing told gives them away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_capability.evidence.small_groups import hidden_classes

TEXT = """\
metrics: shop
version: 1.0.0
sources: {orders: {table: orders, time: day, unit: branch MINIMUM}}
measures:
  spend: {type: simple, source: orders, value: avg(amount)}
  bands: {type: distribution, source: orders, entity: who, value: sum(amount), bands: {low: {below: 10}, middle: {from: 10, below: 20}, high: {from: 20}}}
  high-growth: {type: growth, of: high}
"""


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([3, 500, 497], [True, False, True]),
        ([2, 2, 996], [True, True, True]),
        ([3, 3, 994], [True, True, False]),
        ([0, 600, 400], [False, False, False]),
        ([0, 0, 1000], [False, False, False]),
        ([0, 998, 2], [False, True, True]),
        ([5, 495, 500], [False, False, False]),
        ([5, 495], [False, False]),  # 500 in no class
        ([998], [True]),  # two are in no class
        ([2], [True]),
        ([300], [False]),
    ],
)
def test_hidden_classes(counts, hidden):
    n = np.array([1000.0])
    assert hidden_classes(np.array([counts], float).T, n, 5)[:, 0].tolist() == hidden


def test_no_small_class_follows_from_what_is_told():
    """Whatever the counts: the hidden ones together are none, or at least two with five members."""
    random = np.random.default_rng(3)
    counts = random.integers(0, 12, (4, 3000)) * random.integers(0, 2, (4, 3000))
    n = counts.sum(axis=0).astype(float)
    hidden = hidden_classes(counts.astype(float), n, 5) | (n < 5)
    told = np.where(hidden, 0, counts)
    assert not ((told > 0) & (told < 5)).any()
    some = (hidden & (counts > 0)).any(axis=0) & ((counts > 0).sum(axis=0) > 1)
    assert some.sum() > 1000
    assert ((hidden & (counts > 0)).sum(axis=0)[some] >= 2).all()
    assert (np.where(hidden, counts, 0).sum(axis=0)[some & (n >= 5)] >= 5).all()


def shop_table(folder: Path) -> Path:
    """Branch N has 3 high spenders of 30, branch S 4 customers in all."""
    rows = [("N", f"n{k}", 5.0 if k < 15 else 15.0 if k < 27 else 25.0) for k in range(30)]
    rows += [("S", f"s{k}", 5.0) for k in range(4)]
    frame = pd.DataFrame(rows, columns=["branch", "who", "amount"]).assign(day=pd.Timestamp("2017-02-01"))
    frame.to_parquet(folder / "orders.parquet", index=False)
    return folder / "orders.parquet"


def test_classes_have_a_minimum_and_own_readings_none(tmp_path: Path, shop):
    file = shop_table(tmp_path)
    result = shop.read(tmp_path, TEXT.replace("MINIMUM", ""), orders=file)
    found = result.readings.query("wave == 'before'").set_index(["measure", "unit"])
    assert found.loc[("spend", "S"), ["value", "n"]].tolist() == [5.0, 4]
    assert found["state"].xs("S", level="unit")[["low", "middle", "high"]].unique() == ["not-collected"]
    assert found["value"]["low", "N"] == 0.5
    assert found["n"][[("middle", "N"), ("high", "N")]].tolist() == [0, 0]
    assert found["value"][[("middle", "N"), ("high", "N")]].isna().all()
    assert [note for note in result.notes if "high" in note] == [
        "shop:high: 2 readings are not told, of fewer than 5 or telling of so few; "
        "`minimum_group: 1` of the source tells all"
    ]


def test_a_minimum_may_be_lifted_or_raised(tmp_path: Path, shop):
    file = shop_table(tmp_path)
    free = shop.read(tmp_path, TEXT.replace("MINIMUM", ", minimum_group: 1"), orders=file)
    found = free.readings.query("wave == 'before'").set_index(["measure", "unit"])["value"]
    assert found["high", "N"] == pytest.approx(0.1)
    assert found["low", "S"] == 1.0
    assert not free.notes
    raised = shop.read(tmp_path, TEXT.replace("MINIMUM", ", minimum_group: 31"), orders=file)
    assert (raised.readings["state"] == "not-collected").all()
    assert "shop:spend: 2 readings of fewer than 31 are not told" in raised.notes


def test_the_plan_has_a_minimum_for_sources_that_have_none(tmp_path: Path, shop):
    from crm_capability.definition.plan import Connection
    from crm_capability.evidence.metrics import read_metrics

    tables = {"orders": (shop_table(tmp_path),)}
    for own, of_plan, told in (("", 5, False), ("", None, True), (", minimum_group: 4", 5, True)):
        definition = shop.define(tmp_path, TEXT.replace("MINIMUM", own))
        found = read_metrics(
            definition, Connection(), tables, shop.WAVES, "shop", minimum_group=of_plan
        ).readings
        reading = found.set_index(["measure", "wave", "unit"]).loc[("spend", "before", "S")]
        assert (reading["state"] == "measured") is told

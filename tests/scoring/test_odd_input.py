"""Odd tables: a decided behaviour each, whatever the normalisation."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_capability import score_values
from crm_capability.definition.framework import Framework
from crm_capability.errors import CapabilityWarning

RULES: dict[str, Any] = {
    "goalposts": {"method": "goalposts", "worst": 0, "best": 10},
    "likert": {"method": "likert", "min": 0, "max": 10},
    "min-max": "min-max",
    "z-score": "z-score",
    "rank": "rank",
    "borda": "borda",
    "percentile-rank": "percentile-rank",
    "target": {"method": "target", "target": 5},
    "piecewise": {"method": "piecewise", "points": [[0, 0], [10, 100]]},
    "none": "none",
}
# what a column of fives scores, alone or many times: ties share the lowest place
OF_FIVES = {"goalposts": 50, "likert": 50, "min-max": 50, "z-score": 0, "rank": 1, "borda": 0, "percentile-rank": {1: 50, 3: 0}, "target": 100, "piecewise": 50, "none": 5}  # fmt: skip


def model(rule: Any, measures: int = 1, **tree: Any) -> Framework:
    leaves = [{"id": f"m{n}", "title": "M", "unit": "points", "normalise": rule} for n in range(measures)]
    root = {"id": "index", "title": "Index", "children": leaves, **tree}
    return Framework.model_validate({"framework": "f", "version": "1.0.0", "title": "F", "tree": root})


def scored(framework: Framework, values: Any) -> pd.DataFrame:
    values = np.atleast_2d(np.array(values, dtype=float).T).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", CapabilityWarning)  # notes are meant; numpy's are not
        return score_values(
            framework, pd.DataFrame(values, columns=[f"m{n}" for n in range(values.shape[1])])
        )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_column_of_equals(rule: str, rows: int) -> None:
    expected = OF_FIVES[rule]
    expected = expected[rows] if isinstance(expected, dict) else expected
    found = scored(model(RULES[rule]), [5.0] * rows)
    assert found["m0"].tolist() == [expected] * rows
    assert found["index"].tolist() == [expected] * rows  # one measure: the node is its measure


@pytest.mark.parametrize("rule", RULES)
def test_a_column_of_nothing(rule: str) -> None:
    found = scored(model(RULES[rule], 2), [[np.nan, 1.0], [np.nan, 2.0]])
    assert found["m0"].isna().all()
    assert (found["index"] == found["m1"]).all()
    assert scored(model(RULES[rule]), [np.nan, np.nan]).isna().all(axis=None)
    assert len(scored(model(RULES[rule]), np.empty((0, 1)))) == 0


def test_constant_columns_are_told() -> None:
    with pytest.warns(
        CapabilityWarning, match="m0: every reading it was fitted on is 5: all score the middle"
    ):
        score_values(model("min-max"), pd.DataFrame({"m0": [5.0, 5.0]}))


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic"])
def test_means_that_need_positive_scores(aggregate: str) -> None:
    found = scored(model("none", 2, aggregate=aggregate), [[0.0, 50], [-1, 50], [50, 50]])["index"]
    assert found[0] == 0
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(50)


tables = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=3, max_size=3), min_size=2, max_size=8
).map(
    lambda rows: np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=float)
)


@given(tables, st.sampled_from(sorted(RULES)), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_permuting_units_permutes_scores(table: np.ndarray, rule: str, random: Any) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    straight, mixed = scored(model(RULES[rule], 3), table), scored(model(RULES[rule], 3), table[order])
    np.testing.assert_allclose(mixed, straight.iloc[order], atol=1e-9)


@given(tables, st.integers(-1000, 1000))
@settings(max_examples=60)
def test_a_constant_changes_nothing_under_min_max(table: np.ndarray, constant: int) -> None:
    framework = model("min-max", 3)
    np.testing.assert_allclose(scored(framework, table + constant), scored(framework, table), atol=1e-9)


@given(tables)
@settings(max_examples=60)
def test_units_that_teach_nothing_change_nothing(table: np.ndarray) -> None:
    """Goalposts, likert, piecewise and none: a unit's score does not depend on the others."""
    for rule in ("goalposts", "likert", "piecewise", "none"):
        framework = model(RULES[rule], 3)
        whole = scored(framework, table)
        for n in range(len(table)):
            np.testing.assert_allclose(
                scored(framework, table[n : n + 1]).iloc[0], whole.iloc[n], rtol=1e-12, atol=1e-12
            )

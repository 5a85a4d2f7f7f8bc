"""Scores straight from a table: a published index as it was published, and tables that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability import load_framework, score_values

CASES = Path(__file__).resolve().parents[1] / "cases"
HDI = Path(__file__).resolve().parents[3] / "shared" / "data" / "hdi"
Faults = Callable[[Callable[[], Any]], list[str]]


@pytest.fixture
def countries() -> pd.DataFrame:
    if not HDI.is_dir():
        pytest.skip(f"the published HDI is not here: {HDI}")
    return pd.read_csv(HDI / "hdi_2022.csv")


def test_human_development_index_2022_of_every_country(countries: pd.DataFrame) -> None:
    scores = score_values(load_framework(CASES / "hdi.yaml"), countries[["le", "eys", "mys", "gnipc"]])
    found = (scores["hdi"] / 100).round(3)
    assert len(found) == 193
    np.testing.assert_array_equal(found, countries["hdi_published"].round(3))
    np.testing.assert_array_equal(found.rank(ascending=False, method="min"), countries["hdi_rank_2022"])
    np.testing.assert_allclose(scores["education"] / 100, countries["education_index"], rtol=1e-12)
    np.testing.assert_allclose(scores["income"] / 100, countries["income_index"], rtol=1e-12)


def test_human_development_index_by_hand() -> None:
    """(52.5 − 20)/65 = ½; (9/18 + 7.5/15)/2 = ½; √(100·75000) lies half-way in logarithms."""
    rows = pd.DataFrame(
        {"le": [52.5, 95], "eys": [9, 20], "mys": [7.5, 15], "gnipc": [7500000**0.5, 90000]},
        index=["half", "full"],
    )
    scores = score_values(load_framework(CASES / "hdi.yaml"), rows)
    np.testing.assert_allclose(scores["hdi"], [50, 100])
    assert list(scores.columns) == ["hdi", "health", "le", "education", "eys", "mys", "income", "gnipc"]
    assert list(scores.index) == ["half", "full"]


def test_a_missing_dimension_and_a_missing_column() -> None:
    framework = load_framework(CASES / "hdi.yaml")
    rows = pd.DataFrame({"le": [52.5, np.nan], "eys": [9.0, 9.0], "gnipc": [100.0, 75000.0]})
    scores = score_values(framework, rows)
    assert np.isnan(scores["education"]).all()  # min_share: 1 and no mean years
    assert scores["hdi"].iloc[0] == 0.0  # income stands at its worst, and a geometric mean with it
    assert np.isnan(scores["hdi"].iloc[1])  # one dimension of three is less than half


def test_an_income_of_zero_has_no_logarithm_and_is_missing() -> None:
    rows = pd.DataFrame({"le": [52.5], "eys": [9.0], "mys": [7.5], "gnipc": [0.0]})
    scores = score_values(load_framework(CASES / "hdi.yaml"), rows)
    assert np.isnan(scores["gnipc"].iloc[0])
    np.testing.assert_allclose(scores["hdi"], [50])


def test_what_is_refused(faults: Faults) -> None:
    framework = load_framework(CASES / "hdi.yaml")
    rows = pd.DataFrame({"le": [1.0], "mis": [2.0], "eys": ["x"]})
    assert faults(lambda: score_values(framework, rows)) == [
        'the column "mis" is no measure of the framework (did you mean "mys"?)',
        'the column "eys" does not hold numbers (convert it)',
    ]
    assert faults(
        lambda: score_values(framework, pd.DataFrame({"le": [1.0, np.inf], "eys": [-np.inf, 1.0]}))
    ) == [
        'the column "le" holds an infinite number (correct it)',
        'the column "eys" holds an infinite number (correct it)',
    ]
    twice = pd.DataFrame([[1.0, 2.0]], columns=["le", "le"])
    assert faults(lambda: score_values(framework, twice)) == [
        'the column "le" stands twice (keep one of them)'
    ]


def test_a_units_score_does_not_depend_on_units_it_is_not_fitted_with() -> None:
    rows = pd.DataFrame({"le": [52.5, 70], "eys": [9, 12], "mys": [7.5, 3], "gnipc": [1000, 5000]})
    framework = load_framework(CASES / "hdi.yaml")
    pd.testing.assert_frame_equal(
        score_values(framework, rows).iloc[:1], score_values(framework, rows.iloc[:1])
    )


def test_no_units_at_all() -> None:
    assert score_values(load_framework(CASES / "hdi.yaml"), pd.DataFrame({"le": []}, dtype=float)).empty

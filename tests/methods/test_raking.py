"""Raking, against the table that is nearest among all that meet the margins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from crm_capability.methods.raking import Margin, effective_n, influences, rake

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/raking.yaml").read_text(encoding="utf-8"))

# A sample of 1,000 in three rows and columns, and the margins of the population: the problem of
# Ardilly and Tillé that R's TeachingSampling ships with its function IPFP.
TABLE = np.array([[80, 170, 150], [90, 80, 210], [10, 80, 130]], dtype=float)
ROWS, COLUMNS = np.array([430.0, 360.0, 210.0]), np.array([150.0, 300.0, 550.0])


def respondents() -> tuple[np.ndarray, np.ndarray]:
    counts = TABLE.astype(int)
    row, column = np.indices(counts.shape)
    return np.repeat(row.ravel(), counts.ravel()), np.repeat(column.ravel(), counts.ravel())


def nearest() -> np.ndarray:
    """The table with the margins that is nearest to the sample by Kullback and Leibler, by its dual:
    minimise Σ n·exp(a + b) − Σ R·a − Σ C·b. No step of raking is in it."""

    def dual(x: np.ndarray) -> tuple[float, np.ndarray]:
        grown = TABLE * np.exp(x[:3, None] + x[None, 3:])
        slope = np.concatenate([grown.sum(axis=1) - ROWS, grown.sum(axis=0) - COLUMNS])
        return float(grown.sum() - x[:3] @ ROWS - x[3:] @ COLUMNS), slope

    found = minimize(dual, np.zeros(6), jac=True, method="BFGS", options={"gtol": 1e-10})
    return np.asarray(TABLE * np.exp(found.x[:3, None] + found.x[None, 3:]))


def test_the_weighted_table_is_the_nearest_with_these_margins() -> None:
    rows, columns = respondents()
    raked = rake(np.ones(len(rows)), [Margin(rows, ROWS), Margin(columns, COLUMNS)])
    table = np.zeros((3, 3))
    np.add.at(table, (rows, columns), raked.weights)
    np.testing.assert_allclose(table, nearest(), atol=1e-5)
    assert raked.off < 1e-9
    assert raked.weights.mean() == pytest.approx(1.0, abs=1e-12)
    assert effective_n(raked.weights) < 1000


@pytest.mark.parametrize("case", CASES["tables"], ids=lambda case: case["source"][:24])
def test_the_weighted_table_is_as_published(case: dict[str, Any]) -> None:
    counts = np.array(case["sample"])
    row, column = (np.repeat(place.ravel(), counts.ravel()) for place in np.indices(counts.shape))
    margins = [Margin(row, np.array(case["rows"], float)), Margin(column, np.array(case["columns"], float))]
    raked = rake(np.ones(counts.sum()), margins)
    table = np.zeros(counts.shape)
    np.add.at(table, (row, column), raked.weights * sum(case["rows"]) / counts.sum())
    np.testing.assert_array_equal(table.round(2), case["raked"])


def test_one_margin_is_post_stratification() -> None:
    codes = np.array([0] * 30 + [1] * 70)
    raked = rake(np.ones(100), [Margin(codes, np.array([0.5, 0.5]))])
    assert raked.rounds == 1
    np.testing.assert_allclose(raked.weights[:30], 50 / 30)
    np.testing.assert_allclose(raked.weights[30:], 50 / 70)
    # by hand: n/(Σ of n²-shares) = 100²/(30·(5/3)² + 70·(5/7)²)
    assert effective_n(raked.weights) == pytest.approx(100**2 / (30 * (5 / 3) ** 2 + 70 * (5 / 7) ** 2))


def test_whose_level_is_not_known_keeps_the_weight_of_that_column() -> None:
    codes = np.array([0, 0, 0, 1, -1, -1])
    raked = rake(np.ones(6), [Margin(codes, np.array([0.5, 0.5]))])
    np.testing.assert_allclose(raked.weights, [2 / 3, 2 / 3, 2 / 3, 2, 1, 1])


def test_a_trimmed_weight_stays_within_its_bound_and_says_how_far_the_shares_are_off() -> None:
    codes = np.array([0] * 95 + [1] * 5)
    raked = rake(np.ones(100), [Margin(codes, np.array([0.5, 0.5]))], most=3.0)
    assert raked.weights.max() <= 3.0 + 1e-6
    held = raked.weights[codes == 1].sum() / raked.weights.sum()
    assert raked.off == pytest.approx(0.5 - held, abs=1e-9)
    assert 0.13 < held < 0.2


@given(st.lists(st.integers(1, 40), min_size=4, max_size=4), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_margins_are_met_from_any_start(counts: list[int], one: float, two: float) -> None:
    first = np.repeat([0, 0, 1, 1], counts)
    second = np.repeat([0, 1, 0, 1], counts)
    margins = [Margin(first, np.array([one, 1 - one])), Margin(second, np.array([two, 1 - two]))]
    raked = rake(np.linspace(1, 2, len(first)), margins)
    assert raked.weights[first == 0].sum() / raked.weights.sum() == pytest.approx(one, abs=1e-6)
    assert raked.weights[second == 0].sum() / raked.weights.sum() == pytest.approx(two, abs=1e-6)


def schools(case: dict[str, Any], names: list[str]) -> tuple[np.ndarray, list[Margin]]:
    x = np.concatenate([one["api00"] for one in case["schools"]]).astype(float)
    sizes = [len(one["api00"]) for one in case["schools"]]
    margins = []
    for name in names:
        levels = list(case["columns"][name])
        codes = np.repeat([levels.index(one[name]) for one in case["schools"]], sizes)
        margins.append(Margin(codes, np.array([*case["columns"][name].values()], float)))
    return x, margins


def mean_and_error(x: np.ndarray, margins: list[Margin]) -> tuple[float, float]:
    w = rake(np.ones(len(x)), margins).weights
    mean = w @ x / w.sum()
    moved = influences((w * (x - mean) / w.sum())[:, None], w, margins)
    return mean, float(np.sqrt((len(x) - 1) / len(x) * (moved**2).sum()))


@pytest.mark.parametrize("case", CASES["means"], ids=lambda case: case["source"][:24])
def test_the_error_of_a_raked_mean_is_as_published(case: dict[str, Any]) -> None:
    for names, published in (
        (["stype"], case["stype_alone"]),
        (["stype", "sch.wide"], case),
    ):
        x, margins = schools(case, names)
        mean, error = mean_and_error(x, margins)
        assert mean == pytest.approx(published["mean"], abs=1e-6)
        assert error == pytest.approx(published["jackknife"], rel=5e-4)
        # the textbook's figure, by least squares on columns of noughts and ones
        w = rake(np.ones(len(x)), margins).weights
        of_levels = [m.codes[:, None] == np.arange(len(m.shares)) for m in margins]
        z = np.hstack(of_levels).astype(float) * np.sqrt(w)[:, None]
        rest = np.sqrt(w) * (x - mean)
        rest = rest - z @ np.linalg.lstsq(z, rest, rcond=None)[0]
        n = len(x)
        linearised = np.sqrt(n / (n - 1) * (w * rest**2).sum()) / w.sum()
        assert linearised == pytest.approx(published["linearised"], rel=1e-4)
        assert linearised < error < 1.02 * linearised


def test_the_error_is_that_of_raking_anew_without_each_respondent() -> None:
    random = np.random.default_rng(5)
    a, b = random.integers(0, 3, 60), random.integers(0, 2, 60)
    x = a + 2.0 * b + random.normal(size=60)
    shares = np.array([0.3, 0.3, 0.4]), np.array([0.4, 0.6])

    def margins(rows: np.ndarray) -> list[Margin]:
        return [Margin(a[rows], shares[0]), Margin(b[rows], shares[1])]

    means = []
    for out in range(60):
        rows = np.arange(60) != out
        w = rake(np.ones(59), margins(rows)).weights
        means.append(w @ x[rows] / w.sum())
    spread = np.sqrt(59 / 60 * ((np.array(means) - np.mean(means)) ** 2).sum())
    assert mean_and_error(x, margins(np.arange(60)))[1] == pytest.approx(spread, rel=0.01)


def test_intervals_of_raked_means_hold_the_population_s_as_often_as_they_say() -> None:
    """Three levels by three, answers that go with both, 50 respondents; 1,000 samples."""
    random = np.random.default_rng(11)
    shares = np.array([0.25, 0.3, 0.45]), np.array([0.3, 0.35, 0.35])
    truth = 0.8 * (shares[0] @ np.arange(3)) + 0.5 * (shares[1] @ np.arange(3))
    found = []
    for _ in range(1000):
        a, b = random.choice(3, 50, p=[0.2, 0.3, 0.5]), random.choice(3, 50, p=[0.3, 0.4, 0.3])
        x = 0.8 * a + 0.5 * b + random.normal(size=50)
        mean, error = mean_and_error(x, [Margin(a, shares[0]), Margin(b, shares[1])])
        found.append((abs(mean - truth) < 2.0096 * error, mean, error))
    held, means, errors = (np.array(one) for one in zip(*found, strict=True))
    assert 0.935 < held.mean() < 0.975
    assert np.sqrt((errors**2).mean()) == pytest.approx(means.std(), rel=0.12)


def test_without_columns_it_is_the_formula_for_weights_that_are_all_the_same() -> None:
    x = np.array([1.0, 2.0, 4.0, 4.0])
    moved = influences(((x - x.mean()) / 4)[:, None], np.ones(4), [])
    assert np.sqrt(3 / 4 * (moved**2).sum()) == pytest.approx(x.std(ddof=1) / 2)


def test_who_is_alone_in_a_level_counts_as_if_the_weights_were_given() -> None:
    codes = np.array([0, 0, 0, 1])
    moved = np.array([[-1.0], [0.0], [1.0], [2.0]])
    found = influences(moved, np.ones(4), [Margin(codes, np.array([0.75, 0.25]))])
    assert found[3, 0] == 2.0
    np.testing.assert_allclose(found[:3, 0], [-1.5, 0.0, 1.5], atol=1e-12)

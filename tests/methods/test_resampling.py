"""Sampling, Saltelli's design and the estimators against functions whose indices are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from crm_capability.methods.resampling import design, distinct, indices, quantiles, sample, share_ahead

RUNS = 1024
Function = Callable[[np.ndarray], np.ndarray]


def ishigami(u: np.ndarray, a: float = 7.0, b: float = 0.1) -> np.ndarray:
    """sin x₁ + a·sin² x₂ + b·x₃⁴·sin x₁ with x uniform on ±π (Ishigami and Homma 1990)."""
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    first = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    second = a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = first + second + both
    return np.array([first, second, 0.0]) / whole, np.array([first + both, second, both]) / whole


G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])


def g_function(u: np.ndarray) -> np.ndarray:
    """Π (|4u − 2| + a)/(1 + a) (Sobol' 1993; the a are those of Saltelli et al. 2008)."""
    return np.prod((np.abs(4.0 * u - 2.0) + G) / (1.0 + G), axis=1)


def g_indices() -> tuple[np.ndarray, np.ndarray]:
    partial = 1.0 / (3.0 * (1.0 + G) ** 2)
    whole = np.prod(1.0 + partial) - 1.0
    return partial / whole, partial * np.prod(1.0 + partial) / (1.0 + partial) / whole


def outcomes(function: Function, factors: int, runs: int, seed: int) -> np.ndarray:
    points, picked = sample(factors, runs, seed), design(factors, runs)
    return function(np.stack([points[picked[:, f], f] for f in range(factors)], axis=1))


CASES = [(ishigami, *ishigami_indices()), (g_function, *g_indices())]


@pytest.mark.parametrize(("function", "first", "total"), CASES, ids=["ishigami", "g"])
@pytest.mark.parametrize("seed", range(5))
def test_indices_are_the_analytic_ones(
    function: Function, first: np.ndarray, total: np.ndarray, seed: int
) -> None:
    found = indices(outcomes(function, len(first), 4 * RUNS, seed), len(first), seed)
    np.testing.assert_allclose(found.first_order, first, atol=0.02)
    np.testing.assert_allclose(found.total_order, total, atol=0.02)


@pytest.mark.parametrize(("function", "first", "total"), CASES, ids=["ishigami", "g"])
def test_intervals_hold_the_analytic_indices(
    function: Function, first: np.ndarray, total: np.ndarray
) -> None:
    held = []
    for seed in range(20):
        found = indices(outcomes(function, len(first), RUNS, seed), len(first), seed)
        held += [(found.first_low <= first) & (first <= found.first_high)]
        held += [(found.total_low <= total) & (total <= found.total_high)]
    assert np.mean(held) >= 0.95


def test_a_large_mean_does_not_swamp_the_indices() -> None:
    plain = indices(outcomes(ishigami, 3, RUNS, 1), 3, 1)
    lifted = indices(outcomes(lambda u: ishigami(u) + 1e6, 3, RUNS, 1), 3, 1)
    np.testing.assert_allclose(lifted.first_order, plain.first_order, atol=1e-8)
    np.testing.assert_allclose(lifted.total_order, plain.total_order, atol=1e-8)


def test_nothing_varies() -> None:
    found = indices(np.full(5 * RUNS, 3.0), 3, 0)
    assert not np.any([found.first_order, found.total_order, found.total_low, found.total_high])


def test_base_rows_without_an_outcome_are_left_out() -> None:
    y = outcomes(ishigami, 3, RUNS, 1)
    y[3 * RUNS + 7] = np.nan  # one of AB_2
    found = indices(y, 3, 1)
    kept = np.delete(y.reshape(5, RUNS), 7, axis=1).ravel()
    np.testing.assert_array_equal(found.total_order, indices(kept, 3, 1).total_order)


def test_the_same_seed_gives_the_same_sample() -> None:
    np.testing.assert_array_equal(sample(3, 8, 5), sample(3, 8, 5))
    assert (sample(3, 8, 5) != sample(3, 8, 6)).any()


def test_both_halves_are_evenly_spread() -> None:
    points = sample(4, 256, 2)
    for half in (points[:256], points[256:]):
        assert (np.sort(half, axis=0) * 256 - np.arange(256)[:, None] >= 0).all()
        assert (np.sort(half, axis=0) * 256 - np.arange(256)[:, None] < 1).all()


@pytest.mark.parametrize("runs", [2, 3, 100])
def test_any_number_of_runs(runs: int) -> None:
    assert sample(2, runs, 0).shape == (2 * runs, 2)


def test_design_swaps_one_factor_at_a_time() -> None:
    picked = design(3, 4)
    assert picked.shape == (20, 3)
    for factor in range(3):
        block = picked[8 + 4 * factor : 12 + 4 * factor]
        assert (block[:, factor] == np.arange(4, 8)).all()
        assert (np.delete(block, factor, axis=1) == np.arange(4)[:, None]).all()


def test_distinct_finds_every_row_again() -> None:
    keys = np.random.default_rng(0).integers(0, 3, (200, 4))
    first, which = distinct(keys)
    np.testing.assert_array_equal(keys[first][which], keys)
    assert len(first) == len(np.unique(keys, axis=0))
    assert distinct(keys[:, :0])[0].tolist() == [0]


def test_quantiles_leave_missing_values_out() -> None:
    values = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.nan], [3.0, 7.0, np.nan]])
    np.testing.assert_array_equal(quantiles(values, (0.0, 0.5)), [[1.0, 5.0, np.nan], [2.0, 6.0, np.nan]])


def test_ties_are_not_ahead() -> None:
    assert share_ahead(np.array([1.0 + 1e-12, 2.0]), np.array([1.0, 1.0])) == 0.5
    assert np.isnan(share_ahead(np.array([np.nan]), np.array([1.0])))

"""Shrinkage: published batting averages, other libraries, and what simulated peers say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from crm_capability.methods.shrinkage import beta_binomial_shrinkage, between_variance, normal_shrinkage
from crm_capability.yaml_files import read_yaml

CASES = read_yaml(Path(__file__).parents[1] / "cases" / "shrinkage.yaml").data


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_published(case: dict[str, Any]) -> None:
    averages, n = np.array(case["hits"]) / case["cases"], case["cases"]
    if case["scale"] == "binomial":
        common = averages.mean()
        found = normal_shrinkage(averages, np.full(len(averages), common * (1 - common) / n))
        values = found.values
    else:
        found = normal_shrinkage(np.sqrt(n) * np.arcsin(2 * averages - 1), np.ones(len(averages)))
        values = (np.sin(found.values / np.sqrt(n)) + 1) / 2
    assert found.own == pytest.approx(np.full(len(averages), case["own"]), abs=5e-4)
    assert values[0] == pytest.approx(case["first"], abs=5e-4)
    if "values" in case:
        assert values == pytest.approx(case["values"], abs=5.01e-4)


def test_the_variance_between_is_statsmodels() -> None:
    chance = np.random.default_rng(4)
    for k in (4, 9, 40):
        variances = chance.uniform(0.1, 4.0, k)
        values = chance.normal(5.0, np.sqrt(2.0 + variances))
        expected = combine_effects(values, variances, method_re="dl").tau2
        assert between_variance(values, variances) == pytest.approx(expected, abs=1e-12)


def test_the_less_a_figure_rests_on_the_more_it_moves() -> None:
    values, variances = np.array([1.0, 9.0, 5.0, 4.0, 7.0]), np.array([0.1, 4.0, 0.1, 0.1, 0.1])
    found = normal_shrinkage(values, variances)
    assert found.own[1] < found.own.min(where=variances < 1, initial=1.0)
    assert ((found.values - found.mean) * (values - found.mean) >= 0).all()
    assert normal_shrinkage(values[:3], variances[:3]).values.tolist() == values[:3].tolist()


def test_beta_binomial_finds_the_spread_of_simulated_peers() -> None:
    """True shares from Beta(6, 14): M = 20, so a share of 30 cases should keep 30/50."""
    chance = np.random.default_rng(11)
    cases = chance.choice([10, 30, 90], size=6000).astype(float)
    true = chance.beta(6, 14, size=cases.size)
    shares = chance.binomial(cases.astype(int), true) / cases
    found = beta_binomial_shrinkage(shares, cases)
    assert found.mean == pytest.approx(0.3, abs=0.01)
    assert found.own[cases == 30][0] == pytest.approx(0.6, abs=0.03)
    assert ((found.values - true) ** 2).mean() < 0.7 * ((shares - true) ** 2).mean()


def test_a_rate_of_three_cases_keeps_little() -> None:
    shares, cases = np.array([1.0, 0.30, 0.34, 0.25, 0.28, 0.41]), np.array([3, 400, 350, 500, 450, 300.0])
    found = beta_binomial_shrinkage(shares, cases)
    assert found.own[0] < 0.1
    assert found.values[0] < 0.4
    assert found.values[1:] == pytest.approx(shares[1:], abs=0.03)


def test_no_share_anywhere_stays_none() -> None:
    assert beta_binomial_shrinkage(np.zeros(5), np.full(5, 9.0)).values.tolist() == [0.0] * 5

"""Correlations and lines: published examples, SciPy and statsmodels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from crm_capability.methods.association import Association, fisher_interval, same_correlation
from crm_capability.yaml_files import read_yaml

CASES = read_yaml(Path(__file__).parents[1] / "cases" / "association.yaml").data


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_published(case: dict[str, Any]) -> None:
    found = Association.of(np.array(case["x"], dtype=float), np.array(case["y"], dtype=float))
    for name, digits in case["decimals"].items():
        assert getattr(found, name) == pytest.approx(case[name], abs=0.5001 * 10.0**-digits), name


def test_intervals_are_scipys_and_statsmodels() -> None:
    data = sm.datasets.longley.load_pandas().data
    for name in ("GNP", "UNEMP", "POP"):
        x, y = data[name].to_numpy(float), data["TOTEMP"].to_numpy(float)
        found = Association.of(x, y)
        line = sm.OLS(y, sm.add_constant(x)).fit()
        assert (found.intercept, found.slope) == pytest.approx(tuple(line.params))
        assert found.slope_interval == pytest.approx(tuple(line.conf_int()[1]))
        assert found.p_value == pytest.approx(line.pvalues[1])
        interval = stats.pearsonr(x, y).confidence_interval()
        assert found.pearson_interval == pytest.approx((interval.low, interval.high))
        assert found.spearman == pytest.approx(stats.spearmanr(x, y).statistic)


def test_the_interval_of_ranks_holds_the_truth() -> None:
    """Of normal pairs with r = 0.6 Spearman's correlation is 6/π·asin(0.3)."""
    truth, chance = 6 / np.pi * np.arcsin(0.3), np.random.default_rng(5)
    pairs = chance.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=(2000, 30))
    inside = 0
    for x, y in pairs.transpose(0, 2, 1):
        low, high = fisher_interval(stats.spearmanr(x, y).statistic, 30, ranks=True)
        inside += low <= truth <= high
    assert 0.93 < inside / 2000 < 0.97


def test_one_correlation_or_several() -> None:
    """By hand: z = 0.5493 and 0, weights 47 and 47: Σ = 47·2·0.27465² = 7.0909, one degree."""
    assert same_correlation(np.array([0.5, 0.0]), np.array([50.0, 50.0])) == pytest.approx(
        stats.chi2.sf(7.0909, 1), rel=1e-3
    )
    assert np.isnan(same_correlation(np.array([0.5]), np.array([50.0])))


def test_a_perfect_line_has_no_interval_of_its_correlation() -> None:
    found = Association.of(np.arange(5.0), 2 * np.arange(5.0))
    assert found.pearson == pytest.approx(1)
    assert np.isnan(found.spearman_interval[0])

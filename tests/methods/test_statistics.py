"""Intervals, p-values and false discoveries against SciPy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crm_capability.methods.statistics import Z95, false_discovery, two_sided_p


def test_the_width_of_a_95_percent_interval() -> None:
    np.testing.assert_allclose(Z95, stats.norm.ppf(0.975), rtol=1e-14)


@given(st.floats(-20, 20), st.floats(0.01, 10))
def test_two_sided_p(difference: float, error: float) -> None:
    (found,) = two_sided_p(np.array([difference]), np.array([error]))
    np.testing.assert_allclose(found, 2 * stats.norm.sf(abs(difference) / error), rtol=1e-9)


def test_no_error_known_means_no_test() -> None:
    assert np.isnan(two_sided_p(np.array([1.0, 1.0]), np.array([0.0, np.nan]))).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_false_discoveries_as_scipy_has_them(p_values: list[float]) -> None:
    found = false_discovery(np.array([*p_values, np.nan]))
    np.testing.assert_allclose(found[:-1], stats.false_discovery_control(p_values, method="bh"), rtol=1e-12)
    assert np.isnan(found[-1])

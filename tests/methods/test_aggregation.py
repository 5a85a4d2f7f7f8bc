"""Means: what holds for all of them, whatever the scores, weights and gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import TypeAdapter, ValidationError

from crm_capability.methods.aggregation import AnyAggregation

MEANS: list[Any] = [
    "arithmetic", "geometric", "harmonic", "minimum", "maximum", "median",
    {"method": "power", "exponent": 3}, {"method": "power", "exponent": -2}, {"method": "power", "exponent": 0},
    {"method": "owa", "weights": [4, 2, 1]}, {"method": "owa", "weights": [0, 1]},
]  # fmt: skip
every_mean = pytest.mark.parametrize("rule", MEANS, ids=str)
table = arrays(float, (4, 3), elements=st.floats(0.5, 100))
gaps = arrays(bool, (4, 3))
column = arrays(float, (4, 1), elements=st.floats(0.1, 10))


def made(rule: Any) -> Any:
    return TypeAdapter(AnyAggregation).validate_python(rule)


@every_mean
@given(table, gaps, column)
def test_a_mean_lies_between_its_extremes_and_missing_is_not_zero(
    rule: Any, scores: Any, holes: Any, weights: Any
) -> None:
    scores = np.where(holes, np.nan, scores)
    found = made(rule).combine(scores, weights)
    for row, score in enumerate(found):
        known = scores[~np.isnan(scores[:, row]), row]
        if known.size == 0:
            assert np.isnan(score)
        else:
            assert known.min() - 1e-9 <= score <= known.max() + 1e-9


@every_mean
@given(table, gaps, column, st.floats(0.01, 100))
def test_the_unit_of_weights_does_not_matter(
    rule: Any, scores: Any, holes: Any, weights: Any, factor: float
) -> None:
    scores = np.where(holes, np.nan, scores)
    np.testing.assert_allclose(
        made(rule).combine(scores, weights), made(rule).combine(scores, weights * factor), rtol=1e-12
    )


@every_mean
@given(table, column, st.integers(0, 3), st.floats(0, 50))
def test_a_better_child_never_lowers_the_parent(
    rule: Any, scores: Any, weights: Any, child: int, rise: float
) -> None:
    better = scores.copy()
    better[child] += rise
    assert (made(rule).combine(better, weights) >= made(rule).combine(scores, weights) - 1e-9).all()


@every_mean
@given(table, gaps, column)
def test_score_times_slope_sums_to_the_mean(rule: Any, scores: Any, holes: Any, weights: Any) -> None:
    """Euler's theorem for functions of degree one."""
    scores = np.where(holes, np.nan, scores)
    mean, slope = made(rule).combine(scores, weights), made(rule).gradient(scores, weights)
    known = ~np.isnan(mean)
    np.testing.assert_allclose((np.nan_to_num(scores) * slope).sum(axis=0)[known], mean[known], rtol=1e-9)
    assert (slope[np.isnan(scores)] == 0).all()


@pytest.mark.parametrize("rule", MEANS[:3] + MEANS[6:9], ids=str)
@given(table, column)
def test_slopes_are_those_of_small_steps(rule: Any, scores: Any, weights: Any) -> None:
    slope = made(rule).gradient(scores, weights)
    for child in range(4):
        up, down = scores.copy(), scores.copy()
        up[child] *= 1 + 1e-6
        down[child] *= 1 - 1e-6
        rise = (made(rule).combine(up, weights) - made(rule).combine(down, weights)) / (2e-6 * scores[child])
        np.testing.assert_allclose(slope[child], rise, rtol=1e-4, atol=1e-7)


@every_mean
@given(table, gaps, column)
def test_weights_by_row_and_by_child_agree(rule: Any, scores: Any, holes: Any, weights: Any) -> None:
    scores = np.where(holes, np.nan, scores)
    wide = np.repeat(weights, 3, axis=1)
    np.testing.assert_allclose(
        made(rule).combine(scores, weights), made(rule).combine(scores, wide), rtol=1e-12
    )
    np.testing.assert_allclose(
        made(rule).gradient(scores, weights), made(rule).gradient(scores, wide), rtol=1e-12
    )


def test_scores_are_left_as_they_were() -> None:
    scores = np.array([[1.0, np.nan], [4.0, 9.0]])
    before = scores.copy()
    for rule in MEANS:
        made(rule).combine(scores, np.ones((2, 1)))
        made(rule).gradient(scores, np.ones((2, 1)))
    np.testing.assert_array_equal(scores, before)


def test_what_cannot_be_written() -> None:
    for rule, words in (
        ("geometrical", "does not match any of the expected tags"),
        ({"method": "owa", "weights": [0, 0]}, "the weights sum to zero"),
        ({"method": "owa", "weights": [1, -1]}, "greater than or equal to 0"),
        ({"method": "owa", "weights": []}, "at least 1 item"),
        ({"method": "power"}, "exponent"),
        ({"method": "gate", "on": "a", "below": 1}, "cap"),
        ({"method": "arithmetic", "weight": 1}, "Extra inputs"),
    ):
        with pytest.raises(ValidationError, match=words):
            made(rule)

"""Normalisation: monotone, frozen once learned, sane on odd columns; forms that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crm_capability.methods.normalisation import AnyNormalisation
from crm_capability.methods.transformation import Transform

RULES: list[Any] = [
    {"method": "likert", "min": 0, "max": 100}, "min-max", {"method": "min-max", "low": 1, "high": 7}, "z-score",
    "rank", {"method": "rank", "ties": "average"}, "borda", "percentile-rank", {"method": "target", "target": 50}, "none",
]  # fmt: skip
every_rule = pytest.mark.parametrize("rule", RULES, ids=str)
readings = st.lists(st.floats(0, 100), min_size=2, max_size=12).map(np.array)


def made(rule: Any) -> Any:
    return TypeAdapter(AnyNormalisation).validate_python(rule)


@every_rule
@pytest.mark.parametrize("better", ["higher", "lower"])
@given(readings, st.permutations(range(12)))
def test_units_may_stand_in_any_order(rule: Any, better: Any, values: Any, order: list[int]) -> None:
    order = [place for place in order if place < values.size]
    one = made(rule).apply(values, made(rule).learn(values, better), better)
    again = made(rule).apply(values[order], made(rule).learn(values[order], better), better)
    np.testing.assert_allclose(again, one[order], rtol=1e-9, atol=1e-9)


@every_rule
@given(readings)
def test_a_better_reading_never_scores_lower(rule: Any, values: Any) -> None:
    for better, sign in (("higher", 1), ("lower", -1)):
        if rule == {"method": "target", "target": 50} and (values.min() > 50 or values.max() < 50):
            continue  # a target on the wrong side of the worst turns the scale round
        scores = made(rule).apply(values, made(rule).learn(values, better), better)
        ranked = scores[np.argsort(sign * values, kind="stable")]
        assert (np.diff(ranked) >= -1e-9).all()


@every_rule
@given(readings, readings)
def test_what_was_learned_stays_whatever_comes_later(rule: Any, first: Any, later: Any) -> None:
    learned = made(rule).learn(first, "higher")
    alone = made(rule).apply(first, learned, "higher")
    together = made(rule).apply(np.concatenate([first, later]), learned, "higher")[: first.size]
    np.testing.assert_array_equal(alone, together)


@every_rule
def test_missing_readings_score_nothing_and_teach_nothing(rule: Any) -> None:
    values = np.array([np.nan, 10.0, 60.0, np.nan, 40.0])
    known = values[~np.isnan(values)]
    learned = made(rule).learn(values, "higher")
    scores = made(rule).apply(values, learned, "higher")
    assert np.isnan(scores).tolist() == [True, False, False, True, False]
    np.testing.assert_array_equal(
        scores[[1, 2, 4]], made(rule).apply(known, made(rule).learn(known, "higher"), "higher")
    )


@given(readings, st.integers(-1000, 1000), st.integers(1, 64))
def test_min_max_and_z_scores_do_not_see_the_unit_of_measure(values: Any, shift: int, power: int) -> None:
    values = np.round(values, 3)
    for rule in ("min-max", "z-score", "rank"):
        moved = values * power + shift
        one = made(rule).apply(values, made(rule).learn(values, "higher"), "higher")
        again = made(rule).apply(moved, made(rule).learn(moved, "higher"), "higher")
        np.testing.assert_allclose(one, again, atol=1e-6)


@pytest.mark.parametrize(
    ("rule", "middle"),
    [("min-max", 50), ({"method": "min-max", "low": 1, "high": 7}, 4), ("z-score", 0), ({"method": "z-score", "mean": 10, "sd": 2}, 10), ("rank", 1), ("borda", 0), ("percentile-rank", 0)],
)  # fmt: skip
def test_a_constant_column_scores_the_middle_and_stays_in_the_index(rule: Any, middle: float) -> None:
    values = np.array([0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2, np.nan])
    for better in ("higher", "lower"):
        scores = made(rule).apply(values, made(rule).learn(values, better), better)
        assert scores[:3].tolist() == [middle] * 3
        assert np.isnan(scores[3])


@every_rule
def test_one_unit_and_none(rule: Any) -> None:
    one = np.array([40.0])
    assert np.isfinite(made(rule).apply(one, made(rule).learn(one, "higher"), "higher")).all()
    nobody = np.array([np.nan, np.nan])
    assert np.isnan(made(rule).apply(nobody, made(rule).learn(nobody, "higher"), "higher")).all()


def test_one_unit_stands_in_the_middle_of_percentile_ranks() -> None:
    rule = made("percentile-rank")
    assert rule.apply(np.array([3.0]), rule.learn(np.array([3.0]), "higher"), "higher").tolist() == [50.0]


def test_a_target_that_the_worst_has_reached() -> None:
    rule = made({"method": "target", "target": 5})
    values = np.array([5.0, 7.0, np.nan])
    assert rule.apply(values, rule.learn(values, "higher"), "higher")[:2].tolist() == [100, 100]


def test_ranks_of_values_that_came_later_are_the_places_they_push_into() -> None:
    rule = made("rank")
    learned = rule.learn(np.array([1.0, 3.0, 5.0]), "higher")
    assert rule.apply(np.array([0.0, 1.0, 2.0, 5.0, 9.0]), learned, "higher").tolist() == [1, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"method": "goalposts", "worst": 5, "best": 5}, "worst and best are the same point"),
        ({"method": "goalposts", "worst": 5}, "best"),
        ({"method": "goalposts", "worst": float("nan"), "best": 1}, "finite"),
        ({"method": "goalposts", "worst": "5", "best": 1}, "valid number"),
        ({"method": "goalposts", "worst": True, "best": 0}, "valid number"),
        ({"method": "likert", "min": 5, "max": 1}, "min must be below max"),
        ({"method": "min-max", "low": 10, "high": 10}, "low must be below high"),
        ({"method": "z-score", "sd": 0}, "greater than 0"),
        ({"method": "piecewise", "points": [[0, 0]]}, "at least 2 items"),
        ({"method": "piecewise", "points": [[0, 0], [0, 5]]}, "must rise"),
        ({"method": "rank", "ties": "max"}, "'min' or 'average'"),
        ({"method": "min-max", "fit": "all"}, "'pooled', 'baseline' or 'peers'"),
        ({"method": "goal-posts", "worst": 0, "best": 1}, "does not match any of the expected tags"),
    ],
)
def test_what_cannot_be_written(rule: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        made(rule)


def test_values_without_a_logarithm_are_missing() -> None:
    for transform in ("log", {"method": "box-cox", "lambda": 0.5}, {"method": "box-cox", "lambda": 0}):
        values = TypeAdapter(Transform).validate_python(transform).apply(np.array([-1.0, 0.0, 1.0, np.nan]))
        assert np.isnan(values).tolist() == [True, True, False, True]
        assert values[2] == 0

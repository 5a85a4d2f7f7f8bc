"""Worked cases of weighting, treatment, imputation and ranking, and what odd input does to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy.linalg import hadamard

from crm_capability.methods import ranking
from crm_capability.methods.aggregation import Fuzzy, Gate, Spread
from crm_capability.methods.diagnostics import correlation, correlation_ratio, cronbach_alpha, described
from crm_capability.methods.imputation import AnyImputation, Around, impute
from crm_capability.methods.treatment import Treatment, Winsorise, kurtosis, skewness
from crm_capability.methods.weighting import AnyWeighting, WeightingError
from crm_capability.yaml_files import read_yaml

FILES = Path(__file__).resolve().parents[1] / "cases"


def worked(topic: str) -> pytest.MarkDecorator:
    cases = read_yaml(FILES / f"{topic}.yaml").data
    assert all(case["source"] for case in cases)
    return pytest.mark.parametrize("case", cases, ids=[case["case"] for case in cases])


def numbers(values: list[Any]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def close(found: Any, expected: Any, decimals: int = 9) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.5000001 * 10.0**-decimals)


def of_covariance(covariance: np.ndarray) -> np.ndarray:
    """Eight rows of scores with exactly this covariance."""
    signs = hadamard(8)[1 : len(covariance) + 1]  # uncorrelated, of mean 0 and variance 8/7
    scores = np.linalg.cholesky(covariance) @ signs * np.sqrt(7 / 8)
    np.testing.assert_allclose(np.cov(scores), covariance, atol=1e-15)
    return scores


@worked("weighting")
def test_weighting(case: dict[str, Any]) -> None:
    rule: Any = TypeAdapter(AnyWeighting).validate_python(case["rule"])
    children = tuple(case["children"])
    assert rule.mistakes(children) == []
    scores = np.array(case["scores"], dtype=float) if "scores" in case else None
    if "readings" in case:  # the method's own first step, here that of the measures: min-max
        readings = np.array(case["readings"], dtype=float).T
        scores = ((readings - readings.min(axis=0)) / np.ptp(readings, axis=0)).T
    if "covariance" in case:
        scores = of_covariance(np.array(case["covariance"], dtype=float))
    found = rule.weigh(children, scores)
    loadings = np.array(case.get("loadings", [1.0]))
    close(found.weights, case.get("weights", loadings / loadings.sum()), case["decimals"])
    for name, value in case.get("parameters", {}).items():
        close(found.parameters[name], value, case["decimals"])
    assert found.weights.sum() == pytest.approx(1)


@worked("treatment")
def test_treatment(case: dict[str, Any]) -> None:
    rule: Any = TypeAdapter(Treatment).validate_python(case["rule"])
    readings = numbers(case["readings"])
    found = rule.apply(readings, rule.learn(readings))
    if "treated" in case:
        close(found, numbers(case["treated"]), case.get("decimals", 9))
    if "moved" in case:
        moved = dict(case["moved"])
        close(found, [moved.get(reading, reading) for reading in case["readings"]])
    for name, rule_of in (("skewness", skewness), ("kurtosis", kurtosis)):
        if name in case:
            close(rule_of(found), case[name], case["decimals"])


@worked("imputation")
def test_imputation(case: dict[str, Any]) -> None:
    rule: Any = TypeAdapter(AnyImputation).validate_python(case["rule"])
    around = Around(
        days=numbers(case.get("days", [0])),
        labels={name: np.array(labels, dtype=object) for name, labels in case.get("groups", {}).items()},
        siblings={name: numbers(values) for name, values in case.get("siblings", {}).items()},
        lower=frozenset(case.get("lower", ())),
        name="own",
    )
    close(impute(rule, numbers(case["readings"]), around), numbers(case["filled"]), case.get("decimals", 9))


@worked("ranking")
def test_ranking(case: dict[str, Any]) -> None:
    rule = getattr(ranking, case["rule"])
    found = rule(np.array(case["scores"], dtype=float), np.array(case["weights"]))
    close(found, case["values"], case["decimals"])


def test_winsorising_is_learned_once() -> None:
    rule = Winsorise(method="winsorise", then={"method": "log"}, combine=True, max_points=1)  # type: ignore[arg-type]
    learned = rule.learn(numbers([*range(20), 400, 500]))
    assert {"then_min", "then_max", "high"} <= set(learned)
    later = rule.apply(numbers([-50, 0, 900]), learned)
    assert later[0] == later[1]  # below the least that was seen counts as the least
    assert later[2] == pytest.approx(np.log(400 + 4.0))  # winsorised first, then the logarithm


@pytest.mark.parametrize("values", [[], [1], [1, 1, 1, 1, 1], [1, 2, 3]])
def test_too_little_to_judge_passes(values: list[float]) -> None:
    rule = Winsorise(method="winsorise")
    assert np.isnan(skewness(numbers(values)))
    assert np.isnan(kurtosis(numbers(values)))
    assert "high" not in rule.learn(numbers(values))


ROWS = np.array([[1.0, 2, 3, 4], [4.0, 3, 2, 1]])


@pytest.mark.parametrize(
    ("method", "scores", "what"),
    [
        ("pca", [[1.0, 2, 3, 4], [4.0, 3, 2, 1.5], [1.0, 2, 3, 5]], "mixed signs: b run against the others"),
        ("pca", [[1.0, 2, 3], [5.0, 5, 5], [1.0, 2, 4]], "b does not vary"),
        ("pca", [[1.0, 2], [2.0, 1], [1.0, 3]], "need 3 rows"),
        ("entropy", [[1.0, -2, 3], [1.0, 2, 3], [1.0, 2, 4]], "a has -2"),
        (
            "entropy",
            [[1.0, np.nan], [1.0, 2], [3.0, 4]],
            "need 2 rows in which every child has a score, and there are 1",
        ),
        ("equal-variance", [[1.0, 2, 3], [5.0, 5, 5], [1.0, 2, 4]], "b does not vary"),
        ("equal-variance", [[1.0, 2, 3], [2.0, 4, 6], [1.0, 2, 4]], "no one solution"),
    ],
)
def test_weights_that_cannot_be_learned(method: str, scores: list[list[float]], what: str) -> None:
    rule: Any = TypeAdapter(AnyWeighting).validate_python({"method": method})
    with pytest.raises(WeightingError, match=what):
        rule.weigh(("a", "b", "c"), np.array(scores))


@pytest.mark.parametrize("method", ["entropy", "critic", "standard-deviation"])
def test_a_constant_child_is_named(method: str) -> None:
    rule: Any = TypeAdapter(AnyWeighting).validate_python({"method": method})
    found = rule.weigh(("a", "b", "c"), np.array([[1.0, 2, 3], [5.0, 5, 5], [3.0, 1, 2]]))
    assert found.weights[1] == 0
    assert found.notes == ("b does not vary and weighs nothing",)
    alike = rule.weigh(("a", "b"), np.ones((2, 4)))
    assert alike.weights.tolist() == [0.5, 0.5]
    assert alike.notes == ("no child varies: all weigh the same",)
    assert rule.weigh(("a",), np.ones((1, 1))).weights.tolist() == [1.0]
    absent = rule.weigh(("a", "b", "c"), np.array([[1.0, 2, 3], [np.nan] * 3, [3.0, 1, 2]]))
    assert absent.weights[1] == 0


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.floats(-9, 9)), min_size=6, max_size=20))
def test_equal_variance_contributions_are_equal(rows: list[tuple[float, float, float]]) -> None:
    scores = np.array(rows).T.round(3)
    rule: Any = TypeAdapter(AnyWeighting).validate_python({"method": "equal-variance"})
    try:
        weights = rule.weigh(("a", "b", "c"), scores).weights
    except WeightingError:
        return  # refused, with a reason: a child does not vary, or they add up to nothing
    shares = weights * (np.cov(scores) @ weights)
    np.testing.assert_allclose(shares, shares.mean(), rtol=1e-5)
    assert (weights > 0).all()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"best": "z"}, "z is no child here"),
        ({"worst": "a"}, "a is called both best and worst"),
        ({"best_to_others": {"c": 8}}, "best_to_others lacks b"),
        ({"others_to_worst": {"a": 7, "b": 4}}, "a against c is judged twice, 8 and 7"),
        ({"best_to_others": {"b": 0.5, "c": 8}}, "best_to_others: b stands below 1"),
    ],
)
def test_best_worst_mistakes(change: dict[str, Any], what: str) -> None:
    given_ = {
        "best": "a",
        "worst": "c",
        "best_to_others": {"b": 2, "c": 8},
        "others_to_worst": {"a": 8, "b": 4},
    }
    rule: Any = TypeAdapter(AnyWeighting).validate_python({"method": "best-worst", **given_, **change})
    assert what in rule.mistakes(("a", "b", "c"))


def fuzzy(operator: str) -> Fuzzy:
    grades = [{"id": f"g{value}", "value": value} for value in (20, 50, 80)]
    return Fuzzy.model_validate({"method": "fuzzy", "operator": operator, "grades": grades})


@pytest.mark.parametrize(
    ("operator", "composed"),
    [
        # memberships (½, ½, 0) and (0, 0, 1), weights 0.6 and 0.4, by hand
        ("product-sum", [0.3, 0.3, 0.4]),
        ("product-max", [0.3, 0.3, 0.4]),
        ("min-max", [0.5, 0.5, 0.4]),
        ("min-sum", [0.5, 0.5, 0.4]),
    ],
)
def test_fuzzy_operators(operator: str, composed: list[float]) -> None:
    vector = fuzzy(operator).vector(np.array([[35.0], [80.0]]), np.array([[0.6], [0.4]]))
    close(vector[:, 0], np.array(composed) / sum(composed))


@worked("fuzzy")
def test_fuzzy_evaluation(case: dict[str, Any]) -> None:
    memberships, weights = numbers(case["memberships"]), numbers(case["weights"])[:, None]
    values = np.arange(memberships.shape[1], dtype=float)
    grades = [{"id": f"g{value:g}", "value": value} for value in values]
    rule = Fuzzy.model_validate({"method": "fuzzy", "operator": case["operator"], "grades": grades})
    behind = [Spread(values, row[:, None]) for row in memberships]
    found = rule.vector(memberships @ values[:, None], weights, behind)
    composed = numbers(case["composed"])
    close(found[:, 0], composed / composed.sum())


def test_answers_behind_a_score_keep_disagreement() -> None:
    rule, scores = fuzzy("product-sum"), np.array([[50.0, 50.0, 50.0]])
    halves = Spread(
        np.array([0.0, 50.0, 100.0]), np.array([[0.5, 0, np.nan], [0, 1, np.nan], [0.5, 0, np.nan]])
    )
    found = rule.vector(scores, np.ones((1, 1)), [halves])
    close(found, [[0.5, 0, 0], [0, 1, 1], [0.5, 0, 0]])
    # from 1s to 5s a hundred points of reading are the sixty between the outer grades
    close(rule.gradient(scores, np.ones((1, 1)), spreads=[halves])[0], [0.6, 1, 1], 6)


def test_fuzzy_of_missing_and_of_grades_that_do_not_rise() -> None:
    rule = fuzzy("product-sum")
    scores = np.array([[np.nan, np.nan, 95.0], [np.nan, 50.0, 5.0]])
    found = rule.combine(scores, np.ones((2, 1)))
    assert np.isnan(found[0])
    close(found[1:], [50, 50])  # beyond the outer grades a score belongs wholly to them
    slopes = rule.gradient(np.array([[35.0], [65.0]]), np.array([[1.0], [3.0]]))
    close(slopes[:, 0], [0.25, 0.75], 6)
    with pytest.raises(ValidationError, match="higher value"):
        Fuzzy.model_validate(
            {"method": "fuzzy", "grades": [{"id": "a", "value": 2}, {"id": "b", "value": 1}]}
        )


def test_a_gate_above_the_mean_changes_nothing() -> None:
    rule = Gate(method="gate", on="a", below=50, cap=60)
    found = rule.combine(np.array([[40.0, 40.0], [90.0, 50.0]]), np.ones((2, 1)), ("a", "b"))
    assert found.tolist() == [60, 45]


@pytest.mark.parametrize("rule", [ranking.topsis, ranking.vikor, ranking.grey_relational, ranking.copeland])
def test_rankings_leave_incomplete_units_out(rule: Any) -> None:
    scores = np.array([[1.0, 2, np.nan, 4], [2.0, 1, 5, 4]])
    found = rule(scores, np.array([0.5, 0.5]))
    assert np.isnan(found).tolist() == [False, False, True, False]
    np.testing.assert_array_equal(found[[0, 1, 3]], rule(scores[:, [0, 1, 3]], np.array([0.5, 0.5])))
    assert np.isnan(rule(np.full((2, 3), np.nan), np.array([0.5, 0.5]))).all()


def test_diagnostics_by_hand() -> None:
    assert described(numbers([None, None]))["missing"] == 1
    assert correlation(numbers([1, 2, 3]), numbers([1, 1, 1]))[1] == 3
    assert np.isnan(correlation(numbers([1, 2, 3]), numbers([1, 1, 1]))[0])
    assert np.isnan(cronbach_alpha(np.ones((2, 5))))
    # two groups of the child, their means 1 and 5: left over 4 of 20, over 2 and 3 degrees of freedom
    assert correlation_ratio(numbers([0, 0, 1, 1]), numbers([0, 2, 4, 6])) == pytest.approx(0.7)
    random = np.random.default_rng(3)
    x, noise = random.normal(size=(2, 4000))
    assert correlation_ratio(x, x**2) > 0.97
    assert correlation_ratio(x, x + noise) == pytest.approx(0.5, abs=0.04)
    assert abs(correlation_ratio(x, noise)) < 0.01

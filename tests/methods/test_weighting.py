"""Weights: what holds for all of them, incomplete and contradicting judgements, several judges."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_capability.methods.weighting import (
    Ahp,
    Judge,
    Swing,
    completed,
    consistency_ratio,
    principal,
    weighting,
)

NAMES = ("a", "b", "c", "d", "e", "f")


def ahp(*judges: dict[str, Any], **settings: Any) -> Ahp:
    return Ahp.model_validate({"method": "ahp", "judges": list(judges), **settings})


def judge(pairs: list[list[Any]], name: str = "one") -> dict[str, Any]:
    return {"id": name, "pairs": pairs}


def consistent(weights: list[float], keep: set[tuple[int, int]] | None = None) -> list[list[Any]]:
    return [
        [NAMES[i], NAMES[j], weights[i] / weights[j]]
        for i, j in itertools.combinations(range(len(weights)), 2)
        if keep is None or (i, j) in keep
    ]


some_weights = st.lists(st.floats(0.05, 20), min_size=2, max_size=6)


@given(some_weights, st.floats(1e-3, 1e3))
def test_given_weights_sum_to_one_and_their_unit_does_not_matter(values: list[float], factor: float) -> None:
    names = NAMES[: len(values)]
    first = weighting(dict(zip(names, values, strict=True))).weigh(names).weights
    again = (
        weighting(dict(zip(names, [value * factor for value in values], strict=True))).weigh(names).weights
    )
    assert first.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(first, again, rtol=1e-12)


def test_equal_and_swing() -> None:
    assert weighting("equal").weigh(("a", "b", "c", "d")).weights.tolist() == [0.25] * 4
    swing = Swing(method="swing", points={"a": 100, "b": 60, "c": 40})
    assert swing.weigh(("c", "a", "b")).weights.tolist() == [0.2, 0.5, 0.3]


@given(some_weights)
@pytest.mark.parametrize("priority", ["eigenvector", "geometric-mean", "column-sum"])
def test_consistent_judgements_give_their_weights_by_every_method(priority: str, values: list[float]) -> None:
    names = NAMES[: len(values)]
    found = ahp(judge(consistent(values)), priority=priority).weigh(names)
    np.testing.assert_allclose(found.weights, np.array(values) / sum(values), rtol=1e-9)
    assert found.parameters["lambda_max"] == pytest.approx(len(values), abs=1e-9)
    assert found.parameters["consistency_ratio"] == pytest.approx(0, abs=1e-9)
    assert found.notes == ()


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_judgements_left_out_of_a_consistent_matrix_change_nothing(data: st.DataObject) -> None:
    """Any spanning set of consistent judgements completes to the one consistent matrix
    (Bozóki, Fülöp and Rónyai 2010, theorem 2: unique if and only if connected)."""
    values = data.draw(st.lists(st.floats(0.2, 5), min_size=3, max_size=6))
    count = len(values)
    tree = {tuple(sorted((n, data.draw(st.integers(0, n - 1))))) for n in range(1, count)}
    more = data.draw(st.sets(st.sampled_from(list(itertools.combinations(range(count), 2)))))
    found = ahp(judge(consistent(values, tree | more))).weigh(NAMES[:count])  # type: ignore[arg-type]
    np.testing.assert_allclose(found.weights, np.array(values) / sum(values), rtol=1e-5)
    assert found.parameters["lambda_max"] == pytest.approx(count, abs=1e-8)


def test_a_blank_is_filled_where_the_largest_eigenvalue_is_least() -> None:
    matrix = np.array([[1, 2, 4, np.nan], [1 / 2, 1, 3, 5], [1 / 4, 1 / 3, 1, 2], [np.nan, 1 / 5, 1 / 2, 1]])
    whole = completed(matrix)
    best = principal(whole)[0]
    for factor in (0.9, 0.99, 0.999, 1.001, 1.01, 1.1):
        other = whole.copy()
        other[0, 3], other[3, 0] = whole[0, 3] * factor, whole[3, 0] / factor
        assert principal(other)[0] > best
    known = ~np.isnan(matrix)
    np.testing.assert_array_equal(whole[known], matrix[known])


def test_two_judges_by_judgements_and_by_priorities() -> None:
    """Forman and Peniwati (1998): geometric means, of judgements or of priorities."""
    one, two = judge(consistent([1, 2, 4]), "one"), judge(consistent([9, 2, 1]), "two")
    expected = np.sqrt(np.array([1 / 7 * 9 / 12, 2 / 7 * 2 / 12, 4 / 7 * 1 / 12]))
    for combine in ("judgements", "priorities"):  # the same where each is consistent
        found = ahp(one, two, combine=combine).weigh(NAMES[:3])
        np.testing.assert_allclose(found.weights, expected / expected.sum(), rtol=1e-12)
        assert {"lambda_max:one", "consistency_ratio:two", "lambda_max", "consistency_ratio"} <= set(
            found.parameters
        )


def test_the_two_ways_to_combine_differ_where_judges_are_inconsistent() -> None:
    one = judge([["a", "b", 3], ["b", "c", 3], ["a", "c", "1/3"]], "one")
    two = judge([["a", "b", 2], ["b", "c", 5], ["a", "c", 4]], "two")
    by_judgements = ahp(one, two).weigh(NAMES[:3]).weights
    matrix = np.sqrt([[1, 6, 4 / 3], [1 / 6, 1, 15], [3 / 4, 1 / 15, 1]])
    np.testing.assert_allclose(by_judgements, principal(matrix)[1], rtol=1e-12)
    by_priorities = ahp(one, two, combine="priorities").weigh(NAMES[:3]).weights
    each = [ahp({**who, "id": "x"}).weigh(NAMES[:3]).weights for who in (one, two)]
    mean = np.sqrt(each[0] * each[1])
    np.testing.assert_allclose(by_priorities, mean / mean.sum(), rtol=1e-12)


def test_inconsistency_is_noted_by_judge_and_table() -> None:
    found = ahp(judge([["a", "b", 9], ["b", "c", 9], ["c", "a", 9]]), random_index="saaty-2005").weigh(
        NAMES[:3]
    )
    # λmax of a perfect circle: 1 + 9 + 1/9
    ratio = ((1 + 9 + 1 / 9) - 3) / 2 / 0.52
    assert found.parameters["consistency_ratio:one"] == pytest.approx(ratio)
    assert found.notes == (
        f"judge one: consistency ratio {ratio:.3f} (saaty-2005) is above 0.1; look at these judgements again: "
        "a against b is 9, 1/81 would leave 0.000; a against c is 1/9, 81 would leave 0.000; "
        "b against c is 9, 1/81 would leave 0.000",
    )
    np.testing.assert_allclose(found.weights, 1 / 3)


def test_two_children_are_always_consistent() -> None:
    assert consistency_ratio(np.array([[1, 9], [1 / 9, 1]]), "saaty-1980") == 0


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([["a", "b", 3], ["b", "a", 3]], "b against a is judged twice, 0.3333 and 3"),
        ([["a", "b", 3], ["a", "b", 2]], "a against b is judged twice, 3 and 2"),
        ([["a", "a", 2]], "a is judged against itself"),
        ([["a", "b", 0]], "a judgement must be above zero"),
        ([["a", "b", -2]], "a judgement must be above zero"),
        ([["a", "b", "1/0"]], "not a number or a fraction such as 1/3"),
        ([["a", "b", "much"]], "not a number or a fraction such as 1/3"),
        ([["a", "b", "1e400"]], "finite"),
        ([["a", "b", "3/"]], "not a number or a fraction such as 1/3"),
        ([["a", "b", math.inf]], "finite"),
        ([["a", "b", math.nan]], "finite"),
    ],
)
def test_judgements_that_cannot_be(pairs: list[list[Any]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Judge.model_validate(judge(pairs))


def test_a_judgement_repeated_the_other_way_round_is_no_contradiction() -> None:
    found = ahp(judge([["a", "b", 3], ["b", "a", "1/3"], ["a", "a", 1]])).weigh(("a", "b"))
    np.testing.assert_allclose(found.weights, [0.75, 0.25])


def test_mistakes_are_found_before_any_data_is_read() -> None:
    rule = ahp(judge([["a", "b", 3]], "one"), judge([["a", "z", 2]], "two"), judge([["a", "b", 2]], "one"))
    assert rule.mistakes(("a", "b", "c")) == [
        "judge one stands twice",
        "judge one: no chain of judgements links a with c",
        "judge two names z, which is no child here",
        "judge one: no chain of judgements links a with c",
    ]
    many = tuple(f"c{n}" for n in range(16))
    star = judge([["c0", name, 2] for name in many[1:]])
    assert ahp(star).mistakes(many) == ["saaty-1980 has no random index for 16 children"]
    assert ahp(star, random_index="donegan-dodd-1991").mistakes(many) == []


def test_weights_for_the_wrong_children() -> None:
    assert weighting({"a": 1, "z": 2}).mistakes(("a", "b")) == ["b has no weight here", "z is no child here"]

"""Formulas in rules: what they give, and what they refuse."""

from __future__ import annotations

import math

import pytest

from crm_capability.methods.formula import names_in, value_of

FACTS = {"a": 2.0, "b": -3.0, "none": math.nan}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("-a * (b - 1) / 4", 2),
        ("abs(b) + min(a, b, 0) + max(a, 1)", 2),
        ("1 < a <= 2", 1),
        ("a > 1 and not b > 0", 1),
        ("a > 5 or b == -3", 1),
        ("a != 2", 0),
        ("none < 1 or none >= 1 or none != 1 or none == none", 0),
    ],
)
def test_values(formula: str, expected: float) -> None:
    assert value_of(formula, FACTS) == expected


def test_a_division_by_nothing_is_missing() -> None:
    assert math.isnan(value_of("a / (a - 2)", FACTS))


@pytest.mark.parametrize(
    "formula",
    ["", "a +", "a.real", "a[0]", "__import__('os')", "'x'", "True", "a ** 9", "lambda: 1", "max(1)", "abs()",
     "min(a, key=b)", "a if b else 0", "(a := 1)", "a in b", "a" + "+1" * 300, "(" * 400 + "a" + ")" * 400],
)  # fmt: skip
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        names_in(formula)

"""Sample sizes against published worked cases."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm_capability.methods.sampling import sample_size

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/sampling.yaml").read_text(encoding="utf-8"))[
    "cases"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["source"][:40])
def test_published_cases(case):
    assert sample_size(**case["given"]) == case["needed"]


@given(st.floats(0.01, 0.3), st.integers(1, 100_000))
def test_never_more_than_there_are_and_more_for_a_larger_population(margin, population):
    few, more = sample_size(margin, population=population), sample_size(margin, population=population + 1000)
    assert 1 <= few <= population
    assert few <= more <= sample_size(margin)

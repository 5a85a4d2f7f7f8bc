"""Worked cases with published numbers: each case of each file under tests/cases, and its source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from crm_capability.methods.aggregation import AnyAggregation
from crm_capability.methods.normalisation import AnyNormalisation
from crm_capability.methods.transformation import Transform, transformed
from crm_capability.methods.weighting import RANDOM_INDEX, Ahp
from crm_capability.yaml_files import read_yaml

FILES = Path(__file__).resolve().parents[1] / "cases"


def worked(topic: str) -> pytest.MarkDecorator:
    """One run of the test for each case of a file."""
    cases = read_yaml(FILES / f"{topic}.yaml").data
    assert all(case["source"] for case in cases)
    return pytest.mark.parametrize("case", cases, ids=[case.get("case", case.get("table")) for case in cases])


def numbers(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def close(found: Any, expected: Any, decimals: int) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.5000001 * 10.0**-decimals)


@worked("normalisation")
def test_normalisation(case: dict[str, Any]) -> None:
    transform = TypeAdapter(Transform).validate_python(case["transform"]) if "transform" in case else None
    rule = TypeAdapter(AnyNormalisation).validate_python(case["rule"]).after(transform)
    readings = transformed(transform, numbers(case["readings"]))
    better = case.get("better", "higher")
    learned = rule.learn(transformed(transform, numbers(case.get("fitted_on", case["readings"]))), better)
    close(rule.apply(readings, learned, better), numbers(case["scores"]), case["decimals"])


@worked("aggregation")
def test_aggregation(case: dict[str, Any]) -> None:
    rule = TypeAdapter(AnyAggregation).validate_python(case["rule"])
    scores = numbers(case["scores"])[:, None]
    weights = np.array(case.get("weights", [1.0] * len(scores)), dtype=float)[:, None]
    names = tuple("abcdefgh"[: len(scores)])
    close(rule.combine(scores, weights, names), numbers([case["score"]]), case["decimals"])


@worked("ahp")
def test_ahp(case: dict[str, Any]) -> None:
    rows = [row.split() for row in case["matrix"]]
    names = tuple(f"child-{n}" for n in range(len(rows)))
    upper = [(i, j) for i in range(len(rows)) for j in range(i + 1, len(rows)) if rows[i][j] != "."]
    for i, row in enumerate(rows):  # a slip of the pen in the case itself would show here
        assert all(
            cell == rows[j][i] == "." or Fraction(cell) * Fraction(rows[j][i]) == 1
            for j, cell in enumerate(row)
        )
    judge = {"id": "saaty", "pairs": [[names[i], names[j], rows[i][j]] for i, j in upper]}
    named = {key: case[key] for key in ("random_index", "priority") if key in case}
    found = Ahp.model_validate({"method": "ahp", "judges": [judge], **named}).weigh(names)
    close(found.weights, case["weights"], case["decimals"])
    if "lambda_max" in case:
        close(found.parameters["lambda_max"], case["lambda_max"], 2)
        close(found.parameters["lambda_max:saaty"], case["lambda_max"], 2)
    if "consistency_ratio" in case:
        close(
            found.parameters["consistency_ratio"],
            case["consistency_ratio"],
            len(str(case["consistency_ratio"])) - 2,
        )
        assert bool(found.notes) == (case["consistency_ratio"] > 0.1)


@worked("random_index")
def test_random_index(case: dict[str, Any]) -> None:
    first = 3  # up to two items are always consistent
    assert RANDOM_INDEX[case["table"]][:2] == (0, 0)
    assert list(RANDOM_INDEX[case["table"]][first - 1 :]) == case["values"]

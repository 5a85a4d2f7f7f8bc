"""Worked cases with published numbers: each case of each file under tests/cases, and its source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from crm_capability import score_values
from crm_capability.definition.framework import Framework
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


def test_a_borda_count_decides_an_election() -> None:
    """Wikipedia, Borda count, the capital of Tennessee: 126, 194, 173 and 107 points from the
    percentages of voters who live in each city. Voters are measures, their numbers given weights."""
    (case,) = read_yaml(FILES / "borda.yaml").data
    voters = [{"id": name, "title": name, "unit": "place", "better": "lower"} for name in case["voters"]]
    framework = Framework.model_validate(
        {
            "framework": "election",
            "version": "1.0.0",
            "title": "Election",
            "defaults": {"normalise": "borda"},
            "tree": {"id": "points", "title": "Points", "weights": case["voters"], "children": voters},
        }
    )
    places = pd.DataFrame(case["places"], index=case["candidates"])
    found = score_values(framework, places)["points"] * sum(case["voters"].values())
    close(found.to_numpy(), case["points"], 9)


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


@worked("ahp_groups")
def test_ahp_of_groups(case: dict[str, Any]) -> None:
    """Judgements combined are the printed matrix; priorities combined are the printed ones, rescaled."""
    together = np.array(case["together"], dtype=float)
    names = tuple(f"child-{n}" for n in range(len(together)))
    upper = [(names[i], names[j]) for i in range(len(names)) for j in range(i + 1, len(names))]
    judges = [
        {"id": f"judge-{n}", "pairs": [[*pair, ratio] for pair, ratio in zip(upper, one, strict=True)]}
        for n, one in enumerate(case["judges"])
    ]

    def weights(judges: list[dict[str, Any]], **more: str) -> np.ndarray:
        asked = {"method": "ahp", "judges": judges, **more}
        return Ahp.model_validate(asked).weigh(names).weights

    for judge, printed in zip(judges, case["alone"], strict=True):
        known = [n for n, weight in enumerate(printed) if weight is not None]
        alone = weights([judge], priority=case["priority"])
        close(alone[known], [printed[n] for n in known], case["decimals"])
    printed_group = {
        "id": "group",
        "pairs": [[*pair, float(together[names.index(pair[0]), names.index(pair[1])])] for pair in upper],
    }
    by_hand = np.prod(together, axis=1) ** (1.0 / len(names))
    for combine in ("judgements", "priorities"):
        found = weights(judges, priority=case["priority"], combine=combine)
        close(found, by_hand / by_hand.sum(), case["decimals"])
    eigen = weights(judges, combine="judgements")
    close(eigen, weights([printed_group]), case["decimals"])
    singles = np.array([weights([judge]) for judge in judges])
    by_hand = np.prod(singles, axis=0) ** (1.0 / len(judges))
    close(weights(judges, combine="priorities"), by_hand / by_hand.sum(), case["decimals"])
    assert np.abs(eigen - by_hand / by_hand.sum()).max() > 1e-4  # with eigenvectors the two differ


@worked("random_index")
def test_random_index(case: dict[str, Any]) -> None:
    first = 3  # up to two items are always consistent
    assert RANDOM_INDEX[case["table"]][:2] == (0, 0)
    assert list(RANDOM_INDEX[case["table"]][first - 1 :]) == case["values"]

"""Large tables are scored in blocks of rows: nothing of that may show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import crm_capability.scoring.values as home
from crm_capability import CapabilityError, score_values
from crm_capability.definition.framework import Framework


def framework(normalise: dict[str, object]) -> Framework:
    def measure(name: str, weight: float = 1.0) -> dict[str, object]:
        return {"id": name, "title": name, "unit": "points", "weight": weight, "normalise": normalise}

    pillars = [
        {"id": "even", "title": "Even", "children": [measure(f"e{n}") for n in range(4)]},
        {"id": "uneven", "title": "Uneven", "children": [measure(f"u{n}", n + 1.0) for n in range(4)]},
    ]
    tree = {"id": "index", "title": "Index", "children": pillars}
    return Framework.model_validate(
        {"framework": "small", "version": "1.0.0", "title": "Small", "tree": tree}
    )


def table(gaps: float) -> pd.DataFrame:
    random = np.random.default_rng(3)
    values = random.uniform(-5, 15, (50, 8))
    values[random.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(values, columns=[f"{pillar}{n}" for pillar in "eu" for n in range(4)])


RULES = [
    {"method": "goalposts", "worst": 0, "best": 10},
    {"method": "goalposts", "worst": 0, "best": 10, "truncate": False},  # scores below zero
    {"method": "z-score"},
]


@pytest.mark.parametrize("rule", RULES, ids=["bounded", "open", "z-score"])
@pytest.mark.parametrize("gaps", [0.0, 0.1, 0.6, 1.0])
def test_blocks_give_what_one_pass_gives(
    rule: dict[str, object], gaps: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = score_values(framework(rule), table(gaps))
    monkeypatch.setattr(home, "BLOCK", 7)
    pd.testing.assert_frame_equal(score_values(framework(rule), table(gaps)), whole, rtol=1e-13)


@pytest.mark.parametrize("rule", RULES, ids=["bounded", "open", "z-score"])
@pytest.mark.parametrize("gaps", [0.0, 0.1, 0.6])
def test_means_are_those_of_the_present_children(rule: dict[str, object], gaps: float) -> None:
    scores = score_values(framework(rule), table(gaps))
    for pillar, weights in (("even", np.ones(4)), ("uneven", np.arange(1.0, 5.0))):
        children = scores[[f"{pillar[0]}{n}" for n in range(4)]]
        present = children.notna().to_numpy()
        with np.errstate(invalid="ignore"):
            mean = np.nansum(children * weights, axis=1) / (present * weights).sum(axis=1)
        mean[present.sum(axis=1) < 2] = np.nan
        np.testing.assert_allclose(scores[pillar], mean, rtol=1e-12)


def test_an_infinite_reading_in_a_later_block_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "BLOCK", 7)
    values = table(0.1)
    values.loc[40, "e2"] = np.inf
    values.loc[45, "u1"] = -np.inf
    for rule in RULES:
        with pytest.raises(CapabilityError) as caught:
            score_values(framework(rule), values)
        assert {problem.what for problem in caught.value.problems} == {
            'the column "e2" holds an infinite number',
            'the column "u1" holds an infinite number',
        }


def test_no_rows() -> None:
    assert score_values(framework(RULES[0]), table(0.0).iloc[:0]).shape == (0, 11)

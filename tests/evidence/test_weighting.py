"""Weights that a plan asks for: shares of the population, met within each wave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_capability import assess, load_plan

PEOPLE = [
    ("young", 5),
    ("young", 4),
    ("young", 5),
    ("young", 3),
    ("young", 4),
    ("young", 5),
    ("old", 2),
    ("old", 1),
]


def file_of(people: list[tuple[str, int]] = PEOPLE) -> str:
    lines = ["respondent,wave,age,kind,rude"]
    lines += [
        f"{n},{wave},{age},{x},{6 - x}" for wave in ("before", "after") for n, (age, x) in enumerate(people)
    ]
    return "\n".join(lines) + "\n"


def plan_of(**more: Any) -> dict[str, Any]:
    sheet = {
        "survey": "./sheet.yaml",
        "answers": "answers.csv",
        "rake": {"age": {"young": 0.5, "old": 0.5}},
        **more,
    }
    return {"evidence": [{"values": "values.csv"}, sheet]}


def test_the_reading_is_that_of_the_population_with_its_error(assessment: Any) -> None:
    result = assess(load_plan(assessment(plan=plan_of() | {"minimum_group": 2}, answers=file_of())))
    row = result.tables["readings"].set_index(["wave", "measure"]).loc[("after", "voice")]
    x = np.array([x for _, x in PEOPLE], dtype=float)
    w = np.array([4 / 6 if age == "young" else 4 / 2 for age, _ in PEOPLE])
    mean = (w * x).sum() / w.sum()
    assert row["value"] == pytest.approx(mean, abs=1e-9)
    assert row["value"] == pytest.approx(0.5 * x[:6].mean() + 0.5 * x[6:].mean(), abs=1e-9)
    # by hand: within an age, what a respondent is off its mean, without himself; 7/8 as of a jackknife
    off = np.concatenate([(x[:6] - x[:6].mean()) * 6 / 5, (x[6:] - x[6:].mean()) * 2])
    assert row["standard_error"] == pytest.approx(np.sqrt(7 / 8 * (w**2 * off**2).sum()) / w.sum(), abs=1e-9)
    table = result.tables["weights"]
    old = table[(table["wave"] == "after") & (table["level"] == "old")].iloc[0]
    assert (old["column"], old["target"], old["sample"], old["rounds"]) == ("age", 0.5, 0.25, 1)
    assert old["weighted"] == pytest.approx(0.5, abs=1e-9)
    effective = w.sum() ** 2 / (w**2).sum()
    responses = result.tables["responses"].set_index("wave").loc["after"]
    assert responses["effective_n"] == pytest.approx(effective, abs=1e-9)
    assert responses["design_effect"] == pytest.approx(8 / effective, abs=1e-9)


def test_how_few_of_a_level_answered_is_not_told(assessment: Any) -> None:
    table = assess(load_plan(assessment(plan=plan_of(), answers=file_of()))).tables["weights"]
    assert table["sample"].isna().all(), "two are old, and the young would be what is left of eight"
    assert table["weighted"].tolist() == pytest.approx([0.5] * 4)


def test_trimming_is_told(assessment: Any) -> None:
    result = assess(load_plan(assessment(plan=plan_of(largest_weight=1.5), answers=file_of())))
    assert result.tables["weights"]["largest"].max() <= 1.5 + 1e-6
    assert any("points off (table weights)" in note["text"] for note in result.manifest["notes"])
    row = result.tables["readings"].set_index(["wave", "measure"]).loc[("after", "voice")]
    x = np.array([x for _, x in PEOPLE], dtype=float)
    w = np.array([(8 - 3) / 6 if age == "young" else 1.5 for age, _ in PEOPLE])
    given = np.sqrt(8 / 7 * (w**2 * (x - (w * x).sum() / 8) ** 2).sum()) / 8
    assert row["standard_error"] == pytest.approx(given, rel=1e-6), "shares are not met: the weights as given"


def test_what_follows_from_a_raked_reading_knows_its_error(assessment: Any) -> None:
    """Respondents of two waves, followed through the tree, and a bootstrap of them."""
    random = np.random.default_rng(2)
    ages = random.choice(["young", "old"], 120, p=[0.7, 0.3])
    people = [
        (str(age), int(random.integers(3, 6) if age == "young" else random.integers(1, 4))) for age in ages
    ]
    errors = {}
    for kind, more in (
        ("formula", {}),
        ("bootstrap", {"uncertainty": {"method": "bootstrap", "replicates": 4000}}),
    ):
        plan = plan_of() | more
        result = assess(load_plan(assessment(plan=plan, answers=file_of(people))))
        scores = result.tables["scores"].set_index(["wave", "node"]).loc[("after", "voice")]
        errors[kind] = (scores["high"] - scores["low"]) / 2
        own = (
            result.tables["readings"].set_index(["wave", "measure"]).loc[("after", "voice"), "standard_error"]
        )
    slope = 25.0  # points of the score per point of the scale of five
    assert errors["formula"] == pytest.approx(1.96 * own * slope, rel=0.01)
    assert errors["bootstrap"] == pytest.approx(1.98 * own * slope, rel=0.05)
    plain = np.std([x for _, x in people], ddof=1) / np.sqrt(120)
    assert own < 0.85 * plain, "the ages' part of the spread is known"


@pytest.mark.parametrize(
    ("rake", "people", "said"),
    [
        ({"sex": {"f": 1, "m": 1}}, PEOPLE, 'no column "sex" to weight by'),
        ({"age": {"young": 1, "middle": 1}}, PEOPLE, 'age: no share is given for "old"'),
        ({"age": {"young": 1, "old": 1}}, PEOPLE[:6], 'nobody of age "old" answered'),
    ],
)
def test_shares_that_do_not_fit_the_answers_are_problems(
    assessment: Any, faults: Any, rake: Any, people: Any, said: str
) -> None:
    plan = assessment(
        plan=plan_of(rake=rake),
        answers=file_of(people)
        if "sex" not in rake
        else file_of(people).replace("age,", "", 1).replace(",young", "").replace(",old", ""),
    )
    assert any(said in line for line in faults(lambda: assess(load_plan(plan))))

"""Tests of changes, against published cases and against SciPy and statsmodels."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttest_ind

from crm_capability import assess, load_plan
from crm_capability.methods.statistics import both_within, false_discovery, partly_overlapping

Assessment = Callable[..., Path]
CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "comparisons.yaml").read_text())
FRAMEWORK = {
    "framework": "hours",
    "version": "1.0.0",
    "title": "Hours",
    "tree": {
        "id": "index",
        "title": "Index",
        "children": [{"id": "voice", "title": "Hours", "unit": "hours", "normalise": {"method": "none"}}],
    },
}
SHEET = {
    "questionnaire": "voice-of-many",
    "version": "1.0.0",
    "title": "Hours",
    "audience": "customer",
    "sections": [
        {
            "id": "all",
            "title": "All",
            "questions": [
                {"id": "kind", "text": "Hours?", "type": "number", "unit": "hours", "feeds": "voice"}
            ],
        }
    ],
}


def change(assessment: Assessment, before: dict[str, float], after: dict[str, float]) -> Any:
    """The row of the index in `changes`: an answer a respondent."""
    rows = [
        f"{who},{wave},{x}"
        for wave, answers in (("before", before), ("after", after))
        for who, x in answers.items()
    ]
    plan = assessment(
        {"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}]},
        framework=FRAMEWORK,
        sheet=SHEET,
        answers="respondent,wave,kind\n" + "\n".join(rows) + "\n",
    )
    return assess(load_plan(plan)).tables["changes"].set_index("node").loc["index"]


def numbered(values: list[float], name: str = "") -> dict[str, float]:
    return {f"{name}{n}": value for n, value in enumerate(values)}


def test_the_same_people_as_published(assessment: Assessment) -> None:
    case = CASES["paired"]
    found = change(assessment, numbered(case["before"]), numbered(case["after"]))
    expected = stats.ttest_rel(case["after"], case["before"])
    interval = expected.confidence_interval(0.95)
    assert found["change"] == pytest.approx(case["change"])
    assert found["p_value"] == pytest.approx(case["p_paired"], abs=5e-7)
    assert found["p_value"] == pytest.approx(expected.pvalue)
    assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high))


def test_fresh_people_as_published(assessment: Assessment) -> None:
    case = CASES["paired"]
    found = change(assessment, numbered(case["before"]), numbered(case["after"], "new-"))
    expected = stats.ttest_ind(case["after"], case["before"], equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found["p_value"] == pytest.approx(case["p_unpaired"], abs=5e-6)
    assert found["p_value"] == pytest.approx(ttest_ind(case["after"], case["before"], usevar="unequal")[1])
    assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high))


def by_hand(case: Any, equal: bool) -> tuple[float, float, float]:
    """T, degrees of freedom and p of the partly overlapping t-test, formula by formula."""
    one = np.array(case["first_alone"] + case["first_paired"], dtype=float)
    two = np.array(case["second_alone"] + case["second_paired"], dtype=float)
    n1, n2, nc = len(one), len(two), len(case["first_paired"])
    na, nb = n1 - nc, n2 - nc
    s1, s2 = one.var(ddof=1), two.var(ddof=1)
    r = np.corrcoef(case["first_paired"], case["second_paired"])[0, 1]
    if equal:
        pooled = ((n1 - 1) * s1 + (n2 - 1) * s2) / (n1 + n2 - 2)
        error = math.sqrt(pooled * (1 / n1 + 1 / n2 - 2 * r * nc / (n1 * n2)))
        free = (nc - 1) + (na + nb + nc - 1) / (na + nb + 2 * nc) * (na + nb)
    else:
        error = math.sqrt(s1 / n1 + s2 / n2 - 2 * r * math.sqrt(s1 * s2) * nc / (n1 * n2))
        welch = (s1 / n1 + s2 / n2) ** 2 / ((s1 / n1) ** 2 / (n1 - 1) + (s2 / n2) ** 2 / (n2 - 1))
        free = (nc - 1) + (welch - nc + 1) / (na + nb + 2 * nc) * (na + nb)
    t = (one.mean() - two.mean()) / error
    return t, free, 2 * stats.t.sf(abs(t), free)


def test_partly_the_same_people_as_published(assessment: Assessment) -> None:
    case = CASES["partly_overlapping"]
    assert by_hand(case, equal=True)[2] == pytest.approx(case["p_equal_variances"], abs=5e-4)
    before = {**numbered(case["first_alone"], "old-"), **numbered(case["first_paired"])}
    after = {**numbered(case["second_alone"], "new-"), **numbered(case["second_paired"])}
    found = change(assessment, before, after)
    t, free, p = by_hand(case, equal=False)
    half = stats.t.ppf(0.975, free) * abs(found["change"] / t)
    assert found["p_value"] == pytest.approx(p)
    assert (found["low"], found["high"]) == pytest.approx((found["change"] - half, found["change"] + half))


def test_false_discoveries_as_published() -> None:
    case = CASES["false_discovery"]
    p_values = np.array(case["p_values"])
    found = false_discovery(p_values)
    assert (found <= 0.05).tolist() == [n < case["discoveries"] for n in range(15)]
    np.testing.assert_allclose(found, multipletests(p_values, method="fdr_bh")[1])
    np.testing.assert_allclose(found, stats.false_discovery_control(p_values))


@pytest.mark.parametrize("common", [0, 1, 2, 7])
def test_partly_overlapping_reduces_to_the_two_known_tests(common: int) -> None:
    random = np.random.default_rng(common)
    x, y = random.normal(size=(2, 14 - common))
    people = 14
    in_x = np.arange(people) < 7
    in_y = np.arange(people) >= 7 - common
    in_y &= np.arange(people) < 14 - common
    sides = []
    for values, here in ((x, in_x), (y, in_y)):
        full = np.zeros(people)
        full[: len(values)] = values
        centred = np.where(here, full - full[here].mean(), 0.0)
        sides.append((centred / math.sqrt(here.sum() * (here.sum() - 1)))[:, None])
    covariance, freedom = partly_overlapping(sides[0], sides[1], in_x[:, None], in_y[:, None])
    variance = float((sides[0] ** 2 + sides[1] ** 2).sum() - 2 * covariance[0])
    if common == 7:
        expected = np.var(x[:7] - y[:7], ddof=1) / 7
        assert freedom[0] == pytest.approx(6)
        assert variance == pytest.approx(expected)
    elif common == 0:
        welch = stats.ttest_ind(x[:7], y[7:14], equal_var=False)
        assert freedom[0] == pytest.approx(welch.df)
    assert variance > 0
    assert freedom[0] >= 1


def test_both_within_is_the_bivariate_normal_rectangle() -> None:
    for covariance in (-1.2, 0.0, 0.9):
        joint = stats.multivariate_normal([50.0, 57.0], [[4.0, covariance], [covariance, 1.0]])
        expected = joint.cdf([52.0, 58.0], lower_limit=[49.0, 56.5])
        found = both_within(
            (np.array([50.0]), np.array([57.0])),
            (np.array([4.0]), np.array([1.0])),
            np.array([covariance]),
            (np.array([49.0]), np.array([56.5])),
            (np.array([52.0]), np.array([58.0])),
        )
        assert found[0] == pytest.approx(expected, abs=1e-5)

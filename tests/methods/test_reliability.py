"""Reliability against published values, and against what its definitions imply."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crm_capability.methods.reliability import (
    alpha,
    alpha_if_dropped,
    alpha_standardized,
    correlations,
    covariances,
    intraclass,
    item_rest,
    omega,
    one_factor,
    r_wg,
    variance_by_chance,
)

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/reliability.yaml").read_text(encoding="utf-8"))
DATA = Path(__file__).parents[3] / "shared/data"
FILES = {"mobi": DATA / "mobi/mobi.csv", "corp_rep": DATA / "corp_rep/corp_rep_data.csv"}
BFI = DATA / "survey_bfi/bfi.csv"


@pytest.mark.parametrize("case", CASES["intraclass"], ids=lambda case: case["source"][:24])
def test_intraclass_as_published(case):
    groups = case["groups"]
    found = intraclass(
        np.concatenate(groups).astype(float), np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    )
    assert np.round(found, 2).tolist() == [case["icc1"], case["icc2"]]


@pytest.mark.parametrize("case", CASES["r_wg"], ids=lambda case: case["source"][:40])
def test_r_wg_as_published(case):
    chance = variance_by_chance(np.arange(1.0, case["points"] + 1))
    variances = np.array(case["variances"], dtype=float)
    assert r_wg(variances, np.full(len(variances), chance)) == pytest.approx(case["r_wg"], abs=5e-4)


@pytest.mark.skipif(not all(map(Path.is_file, FILES.values())), reason="the data are not on this machine")
@pytest.mark.parametrize("case", CASES["alphas"], ids=lambda case: case["source"])
def test_raw_and_standardized_alphas_as_published(case):
    answers = pd.read_csv(FILES[case.get("data", "mobi")])[case["items"]].astype(float).replace(-99, np.nan)
    covariance = covariances(answers.fillna(answers.mean()).to_numpy())
    assert round(alpha(covariance), 3) == case["raw"]
    assert round(alpha_standardized(covariance), 3) == case["standardized"]


@pytest.mark.parametrize("case", CASES["one_factor"], ids=lambda case: case["source"][:24])
def test_one_factor_as_published_and_the_omega_that_follows(case):
    covariance = np.array(case["covariance"])
    loading, unique = one_factor(correlations(covariance))
    assert loading.round(3).tolist() == case["loadings"]
    assert unique.round(3).tolist() == case["uniquenesses"]
    spread = np.sqrt(np.diag(covariance))
    common = (np.array(case["loadings"]) @ spread) ** 2
    by_hand = common / (common + np.array(case["uniquenesses"]) @ spread**2)
    assert omega(covariance) == pytest.approx(by_hand, abs=5e-4)
    assert omega(covariance) > alpha(covariance) + 0.05, "loadings differ, so alpha is lower"


@pytest.mark.parametrize(
    "case", [one for one in CASES["omegas"] if "covariance" in one], ids=lambda case: case["source"][:10]
)
def test_omega_as_published(case):
    covariance = np.array(case["covariance"])
    assert omega(covariance) == pytest.approx(case["omega"], abs=5e-4)
    loading, _ = one_factor(correlations(covariance))
    np.testing.assert_allclose(loading * np.sqrt(np.diag(covariance)), case["loadings"], atol=0.01)


@pytest.mark.skipif(not BFI.is_file(), reason="the data are not on this machine")
@pytest.mark.parametrize(
    "case", [one for one in CASES["omegas"] if "items" in one], ids=lambda case: case["source"]
)
def test_omega_as_another_program_finds_it(case):
    answers = pd.read_csv(BFI)[case["items"]].dropna().astype(float)
    answers[case["turned"]] = 7 - answers[case["turned"]]
    assert len(answers) == case["respondents"]
    covariance = covariances(answers.to_numpy())
    assert omega(covariance) == pytest.approx(case["omega"], abs=2e-6)
    assert alpha(covariance) == pytest.approx(case["alpha"], abs=1e-6)


def test_omega_is_exact_where_one_factor_is_true():
    loading, spread = np.array([0.8, 0.7, 0.6, 0.5]), np.array([1.0, 2.0, 0.5, 1.5])
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1.0)
    found, unique = one_factor(correlation)
    np.testing.assert_allclose(found, loading, atol=1e-6)
    np.testing.assert_allclose(unique, 1 - loading**2, atol=1e-6)
    common = (loading * spread).sum() ** 2
    expected = common / (common + ((1 - loading**2) * spread**2).sum())
    assert omega(correlation * np.outer(spread, spread)) == pytest.approx(expected, abs=1e-6)


def test_omega_equals_alpha_for_equal_loadings_and_for_two_questions():
    covariance = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    assert omega(covariance) == pytest.approx(alpha(covariance), abs=1e-7)
    two = np.array([[1.0, 0.3], [0.3, 2.0]])
    assert omega(two) == alpha(two)


@pytest.mark.parametrize("how", [alpha, alpha_standardized, omega])
def test_one_question_and_one_that_does_not_vary_have_none(how):
    assert np.isnan(how(np.array([[1.0]])))
    if how is not alpha:
        assert np.isnan(how(np.array([[1.0, 0.0], [0.0, 0.0]])))


def test_one_group_has_no_intraclass_correlation():
    assert np.isnan(intraclass(np.array([1.0, 2.0]), np.array([0, 0]))).all()
    assert np.isnan(intraclass(np.array([1.0, 2.0]), np.array([0, 1]))).all()
    assert intraclass(np.array([1.0, 1, 2, 2]), np.array([3, 3, 7, 7])) == (1.0, 1.0)


@given(arrays(float, (30, 4), elements=st.integers(1, 5).map(float)))
def test_questions_dropped_and_rest_by_their_definitions(answers):
    covariance = covariances(answers)
    if not (np.diag(covariance) > 0).all():
        return
    rest = [answers.sum(axis=1) - answers[:, n] for n in range(4)]
    expected = [
        np.corrcoef(answers[:, n], r)[0, 1] if r.std() > 1e-12 else np.nan for n, r in enumerate(rest)
    ]
    found = item_rest(covariance)
    np.testing.assert_allclose(np.where(np.isnan(expected), 0, found), np.nan_to_num(expected), atol=1e-9)
    dropped = [alpha(covariances(np.delete(answers, n, axis=1))) for n in range(4)]
    np.testing.assert_allclose(alpha_if_dropped(covariance), dropped, atol=1e-12)
    np.testing.assert_allclose(correlations(covariance), np.corrcoef(answers.T), atol=1e-12)

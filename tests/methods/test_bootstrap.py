"""Intervals by counts of kinds against resampling of respondents one by one."""

from __future__ import annotations

import numpy as np
import pytest

from crm_capability.methods.bootstrap import agreement_intervals, resampled
from crm_capability.methods.reliability import alpha, covariances, r_wg


def people(n: int, k: int = 4, seed: int = 5) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.clip(np.rint(chance.normal(3, 0.7, (n, 1)) + chance.normal(0, 0.8, (n, k))), 1, 5)


def test_the_mean_of_a_bootstrap_spreads_like_its_standard_error():
    answers = people(200, 1)[:, :1]
    kinds, counts = np.unique(answers, return_counts=True)
    means = resampled(kinds[:, None], counts.astype(float), draws=4000)[:, 0]
    assert means.mean() == pytest.approx(answers.mean(), abs=4 * answers.std() / np.sqrt(200 * 4000) + 1e-9)
    assert means.std() == pytest.approx(answers.std() / np.sqrt(200), rel=0.05)


def test_intervals_are_those_of_respondents_drawn_one_by_one():
    answers = people(150)
    kinds, counts = np.unique(answers, axis=0, return_counts=True)
    found = agreement_intervals(kinds, counts.astype(float), np.full(4, 2.0), draws=4000)
    chance = np.random.default_rng(1)
    by_hand = []
    for _ in range(4000):
        drawn = covariances(answers[chance.integers(0, 150, 150)])
        by_hand.append((alpha(drawn), r_wg(np.diag(drawn), np.full(4, 2.0))))
    expected = np.quantile(np.array(by_hand), [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found["alpha"], expected[:, 0], atol=0.01)
    np.testing.assert_allclose(found["r_wg"], expected[:, 1], atol=0.01)
    assert found["alpha"][0] < alpha(covariances(answers)) < found["alpha"][1]


def test_the_same_seed_gives_the_same_interval_and_listing_does_not_matter():
    answers = people(60)
    assert agreement_intervals(answers, np.ones(60), None) == agreement_intervals(answers, np.ones(60), None)
    kinds, counts = np.unique(answers, axis=0, return_counts=True)
    one = agreement_intervals(answers, np.ones(60), None, draws=3000)["alpha"]
    other = agreement_intervals(kinds, counts.astype(float), None, draws=3000)["alpha"]
    np.testing.assert_allclose(one, other, atol=0.02)


def test_nothing_that_varies_has_no_interval():
    found = agreement_intervals(np.full((5, 3), 2.0), np.ones(5), np.full(3, 2.0))
    assert np.isnan(found["alpha"]).all()
    assert found["r_wg"] == (1.0, 1.0)

"""Diagnostics against published numbers: worked cases, and what COINr prints of its example data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability.methods import diagnostics
from crm_capability.yaml_files import read_yaml

CASES = Path(__file__).resolve().parents[1] / "cases"
ASEM = Path(__file__).resolve().parents[3] / "shared" / "data" / "composite_asem"

# COINr 1.1.14, vignette "Analysis": get_stats(coin, dset = "Raw"), three significant digits
STATISTICS = """\
iCode Min Max Mean Median Std Skew Kurt N.Avail N.Unique
LPI 2.07 4.23 3.41 3.42 0.538 -0.304 -0.657 51 51
Flights 0.99 211.00 38.60 25.60 46.700 2.100 4.510 51 51
Ship 0.00 21.20 12.00 12.70 6.840 -0.576 -0.681 51 43
Bord 0.00 122.00 23.60 18.00 24.800 2.150 5.790 51 30
Elec 0.00 110.00 16.20 6.91 22.700 2.230 5.790 51 46
"""
NAMES = ["min", "max", "mean", "median", "sd", "skewness", "kurtosis", "n", "distinct"]
# the same vignette, get_denom_corr(coin, dset = "Raw", cor_thresh = 0.7)
DENOMINATORS = """\
CultGood Energy 0.71
CultGood GDP 0.85
FDI Energy 0.74
FDI GDP 0.85
Goods GDP 0.80
PRemit GDP 0.71
Research GDP 0.78
Services GDP 0.77
StMob Energy 0.73
StMob GDP 0.84
"""


def cases(topic: str) -> Any:
    found = read_yaml(CASES / f"{topic}.yaml").data
    assert all(case["source"] for case in found)
    return found


@pytest.fixture
def asem() -> pd.DataFrame:
    if not ASEM.is_dir():
        pytest.skip(f"the published data is not here: {ASEM}")
    return pd.read_csv(ASEM / "iData.csv")


@pytest.mark.parametrize("case", cases("diagnostics"), ids=lambda case: case["case"])
def test_diagnostics(case: dict[str, Any]) -> None:
    rule = getattr(diagnostics, case["rule"])
    scores = np.array(case["scores"], dtype=float)
    found = rule(scores) if case["rule"] == "cronbach_alpha" else rule(*scores)
    assert found == pytest.approx(case["value"], rel=0, abs=0.5000001 * 10.0 ** -case["decimals"])


def test_explained_variance_of_arrests_in_fifty_states() -> None:
    (case,) = [case for case in cases("weighting") if "loadings" in case]
    found = diagnostics.explained_variance(np.array(case["scores"], dtype=float))
    assert found == pytest.approx(case["parameters"]["explained"], abs=5e-8)


def test_statistics_as_coinr_prints_them(asem: pd.DataFrame) -> None:
    for line in STATISTICS.splitlines()[1:]:
        code, *printed = line.split()
        found = diagnostics.described(asem[code].to_numpy(dtype=float))
        assert found["missing"] == 0
        assert [float(f"{found[name]:.3g}") for name in NAMES] == [float(number) for number in printed], code


def test_correlations_with_denominators_as_coinr_prints_them(asem: pd.DataFrame) -> None:
    for line in DENOMINATORS.splitlines():
        code, denominator, printed = line.split()
        r, _ = diagnostics.correlation(asem[code].to_numpy(float), asem[denominator].to_numpy(float))
        assert r == pytest.approx(float(printed), abs=0.005), line


def test_explained_variance_as_coinr_prints_it(asem: pd.DataFrame) -> None:
    """The same vignette, summary of get_PCA(coin, dset = "Raw", iCodes = "Sust"), group Social."""
    meta = pd.read_csv(ASEM / "iMeta.csv")
    social = asem[meta.loc[meta["Parent"] == "Social", "iCode"]].to_numpy(dtype=float).T
    assert diagnostics.explained_variance(social) == pytest.approx(0.5398, abs=5e-5)


def test_correlations_of_many_rows_are_those_of_each_pair() -> None:
    random = np.random.default_rng(2)
    scores = random.normal(size=(30, 12))
    scores[random.random(scores.shape) < 0.25] = np.nan
    scores[3], scores[4, 2:] = 5.0, np.nan  # one that does not vary, one with two columns
    r, columns = diagnostics.pairwise_correlations(scores)
    for a in range(30):
        for b in range(30):
            expected, both = diagnostics.correlation(scores[a], scores[b])
            assert columns[a, b] == both
            assert r[a, b] == pytest.approx(expected, abs=1e-12, nan_ok=True)

"""Slopes over several waves and differences in differences, against statsmodels and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
import yaml
from scipy import stats

from crm_capability import assess, load_plan
from crm_capability.methods.lines import between_errors, between_groups, straight_lines

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "comparisons.yaml").read_text())
ALONE = {"evidence": [{"values": "values.csv"}]}
WAVES = [{"id": f"y{n}", "from": f"201{n}-01-01", "to": f"201{n}-12-31"} for n in range(4)]


def table(rows: list[tuple[Any, ...]]) -> str:
    head = "wave,unit,measure,value,standard_error\n"
    return head + "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


# --- trends --------------------------------------------------------------------------------------


def test_a_line_through_points_with_correlated_errors_is_generalised_least_squares() -> None:
    random = np.random.default_rng(2)
    times = np.array([0.0, 1.0, 2.5, 4.0])
    root = random.normal(size=(4, 4))
    sigma = root @ root.T + np.eye(4)
    values = random.normal(50, 5, size=4)
    found = straight_lines(times, values[None], sigma[None], np.array([np.inf]))
    fit = sm.GLS(values, sm.add_constant(times), sigma=sigma).fit()
    error = np.sqrt(fit.normalized_cov_params[1, 1])
    assert found.slope[0] == pytest.approx(fit.params[1])
    assert found.p_value[0] == pytest.approx(2 * stats.norm.sf(abs(fit.params[1]) / error))
    assert (found.high - found.slope)[0] == pytest.approx(stats.norm.ppf(0.975) * error)
    away = values - fit.predict()
    assert found.bend_p[0] == pytest.approx(stats.chi2.sf(away @ np.linalg.solve(sigma, away), 2))


def test_without_errors_the_scatter_about_the_line_is_the_error() -> None:
    times, values = np.arange(5.0), np.array([3.0, 4.5, 4.0, 6.0, 7.5])
    found = straight_lines(times, values[None], np.full((1, 5, 5), np.nan), np.array([np.inf]))
    expected = stats.linregress(times, values)
    assert found.slope[0] == pytest.approx(expected.slope)
    assert found.p_value[0] == pytest.approx(expected.pvalue)
    assert not found.by_errors[0]
    assert np.isnan(found.bend_p[0])


def test_two_waves_that_are_one_say_nothing_twice() -> None:
    """A covariance without full rank is no covariance to weigh by."""
    found = straight_lines(
        np.arange(3.0), np.array([[1.0, 2.0, 3.5]]), np.ones((1, 3, 3)), np.array([np.inf])
    )
    assert not found.by_errors[0]


def test_trends_of_a_plan(assessment: Assessment) -> None:
    days = {"y0": 21, "y1": 18, "y2": 16.5, "y3": 12}
    rows = [(wave, "us", "days", value, 1.2) for wave, value in days.items()]
    rows += [(wave, "us", "share", value, "") for wave, value in (("y0", 0.2), ("y1", 0.3), ("y3", 0.2))]
    found = assess(load_plan(assessment({**ALONE, "waves": WAVES}, values=table(rows)))).tables["trends"]
    found = found.set_index("node")
    middles = [
        (pd.Timestamp(f"201{n}-01-01") + (pd.Timestamp(f"201{n}-12-31") - pd.Timestamp(f"201{n}-01-01")) / 2)
        for n in range(4)
    ]
    years = np.array([(middle - middles[0]).total_seconds() / 86400 / 365.25 for middle in middles])
    scores = 100 * (30 - np.array(list(days.values()))) / 30
    slope = np.polyfit(years, scores, 1)[0]
    row = found.loc["days"]
    error = 1.2 * 100 / 30 / np.sqrt(((years - years.mean()) ** 2).sum())
    assert row["slope"] == pytest.approx(slope)
    assert row["high"] - row["low"] == pytest.approx(2 * stats.norm.ppf(0.975) * error)
    assert (row["waves"], row["per"], row["basis"]) == (4, "year", "errors")
    share = found.loc["share"]
    assert (share["waves"], share["first_wave"], share["last_wave"], share["basis"]) == (
        3,
        "y0",
        "y3",
        "scatter",
    )
    assert "voice" not in found.index  # nobody was ever asked


def test_the_same_people_in_three_waves_make_a_surer_trend(assessment: Assessment) -> None:
    random = np.random.default_rng(5)
    person, said = random.integers(1, 4, 30), random.integers(0, 3, (3, 30))
    widths = []
    for fresh in (False, True):
        rows = ["respondent,wave,kind"]
        for w in range(3):
            for n, level in enumerate(person):
                rows.append(f"{f'{w}-' if fresh else ''}{n},y{w},{level + said[w, n]}")
        plan = assessment(
            {"waves": WAVES[:3], "evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}]},
            answers="\n".join(rows) + "\n",
        )
        row = assess(load_plan(plan)).tables["trends"].set_index("node").loc["voice"]
        assert row["basis"] == "errors"
        widths.append(row["high"] - row["low"])
    assert widths[0] < 0.7 * widths[1]


def test_two_waves_are_no_trend(assessment: Assessment) -> None:
    assert "trends" not in assess(load_plan(assessment())).tables


# --- difference in differences -------------------------------------------------------------------


def test_two_states_as_published() -> None:
    case = CASES["difference_in_differences"]
    sides = [np.array([[case[key][0]]]) for key in ("treated_change", "control_change")]
    errors = tuple(np.array([[case[key][1]]]) for key in ("treated_change", "control_change"))
    found = between_errors(sides[0], sides[1], (errors[0], errors[1]))
    assert found.difference[0] == pytest.approx(case["difference"], abs=0.011)  # from rounded changes
    error = (found.high - found.difference)[0] / stats.norm.ppf(0.975)
    assert error == pytest.approx(case["standard_error"], abs=0.005)


def test_units_are_the_observations() -> None:
    random = np.random.default_rng(3)
    treated, control = random.normal(3, 2, 6), random.normal(0, 1, 9)
    found = between_groups(treated[None], control[None])
    expected = stats.ttest_ind(treated, control, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found.difference[0] == pytest.approx(treated.mean() - control.mean())
    assert found.p_value[0] == pytest.approx(expected.pvalue)
    assert (found.low[0], found.high[0]) == pytest.approx((interval.low, interval.high))


def test_the_regression_with_unit_and_wave_effects_gives_the_same_difference() -> None:
    """y ~ units + after + treated·after in statsmodels; the spread by clusters, corrected as
    HC2 is for two groups, is Welch's."""
    random = np.random.default_rng(4)
    before = random.normal(50, 8, 12)
    after = before + random.normal(1, 2, 12) + np.where(np.arange(12) < 5, 4.0, 0.0)
    long = pd.DataFrame(
        {
            "unit": [f"u{n}" for n in range(12)] * 2,
            "y": np.concatenate([before, after]),
            "after": np.repeat([0, 1], 12),
            "both": np.concatenate([np.zeros(12), (np.arange(12) < 5).astype(float)]),
        }
    )
    fit = smf.ols("y ~ C(unit) + after + both", long).fit()
    change = after - before
    found = between_groups(change[None, :5], change[None, 5:])
    assert found.difference[0] == pytest.approx(fit.params["both"])
    changes = smf.ols("change ~ treated", pd.DataFrame({"change": change, "treated": np.arange(12) < 5}))
    robust = changes.fit(cov_type="HC2")
    half = (found.high - found.difference)[0]
    freedom = stats.ttest_ind(change[:5], change[5:], equal_var=False).df
    assert half == pytest.approx(stats.t.ppf(0.975, freedom) * robust.bse["treated[T.True]"])


def test_one_treated_unit_takes_the_spread_of_the_others() -> None:
    control = np.array([1.0, 2.0, 4.0, -1.0])
    found = between_groups(np.array([[6.0]]), control[None])
    expected = smf.ols("y ~ x", pd.DataFrame({"y": [6.0, *control], "x": [1, 0, 0, 0, 0]})).fit()
    assert found.difference[0] == pytest.approx(expected.params["x"])
    assert found.p_value[0] == pytest.approx(expected.pvalues["x"])


BRANCHES = {
    "units": {f"b{n}": None for n in range(6)},
    "unit": "b0",
    "comparison": {"treated": ["b0", "b1", "b2"], "control": ["b3", "b4", "b5"]},
}


def branch_rows() -> list[tuple[Any, ...]]:
    moved = [9, 6, 7.5, 3, 0, 1.5]
    return [
        (wave, f"b{n}", "days", 20 - w * move, 1.0)
        for w, wave in enumerate(("before", "after"))
        for n, move in enumerate(moved)
    ]


def test_a_plan_with_a_comparison_group(assessment: Assessment) -> None:
    plan = assessment({**ALONE, **BRANCHES}, values=table(branch_rows()))
    found = assess(load_plan(plan)).tables["difference_in_differences"].set_index("node").loc["days"]
    expected = stats.ttest_ind([30, 20, 25], [10, 0, 5], equal_var=False)
    assert (found["treated"], found["control"], found["basis"]) == (3, 3, "units")
    assert (found["treated_change"], found["control_change"]) == pytest.approx((25, 5))
    assert (found["difference"], found["p_value"]) == pytest.approx((20, expected.pvalue))


def test_two_branches_show_no_spread_and_their_readings_must_do(assessment: Assessment) -> None:
    plan = assessment(
        {**ALONE, **BRANCHES, "comparison": {"treated": ["b0"], "control": ["b3"]}},
        values=table(branch_rows()),
    )
    found = assess(load_plan(plan)).tables["difference_in_differences"].set_index("node").loc["days"]
    assert found["basis"] == "readings"
    assert found["high"] - found["difference"] == pytest.approx(stats.norm.ppf(0.975) * 2 * 100 / 30)


@pytest.mark.parametrize(
    ("comparison", "problem"),
    [
        ({"treated": ["b0", "b9"], "control": ["b3"]}, '"b9" is not among the units'),
        ({"treated": ["b0"], "control": ["b0"]}, '"b0" is both treated and control'),
        ({"treated": ["b0", "b0"], "control": ["b3"]}, '"b0" stands twice under `treated`'),
    ],
)
def test_groups_that_are_none(assessment: Assessment, faults: Faults, comparison: Any, problem: str) -> None:
    plan = assessment({**ALONE, **BRANCHES, "comparison": comparison}, values=table(branch_rows()))
    (found,) = faults(lambda: load_plan(plan))
    assert problem in found
    assert found.startswith("assessment.yaml:")


def test_a_comparison_group_in_one_wave_alone(assessment: Assessment, faults: Faults) -> None:
    plan = assessment({**ALONE, **BRANCHES, "waves": [{"id": "before"}]}, values=table(branch_rows()[:6]))
    (found,) = faults(lambda: load_plan(plan))
    assert "needs a change, and the plan has one wave alone" in found

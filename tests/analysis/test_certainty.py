"""Intervals by respondents and by bootstrap, bands, and changes that matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from crm_capability import assess, load_plan
from crm_capability.analysis.bootstrap import expanded
from crm_capability.analysis.compare import verdicts
from crm_capability.analysis.explain import explained

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
QUESTIONS = ("kind", "fast", "fair")


def framework(aggregate: str = "arithmetic") -> dict[str, Any]:
    likert = {"method": "likert", "min": 1, "max": 5}
    return {
        "framework": "small",
        "version": "1.0.0",
        "title": "Small",
        "bands": [
            {"id": "weak", "from": 0, "title": "Weak"},
            {"id": "fair", "from": 40, "title": "Fair"},
            {"id": "strong", "from": 60, "title": "Strong"},
        ],
        "tree": {
            "id": "index",
            "title": "Index",
            "aggregate": aggregate,
            "children": [
                {"id": f"m-{name}", "title": name, "unit": "points", "normalise": likert}
                for name in QUESTIONS
            ],
        },
    }


SHEET = {
    "questionnaire": "voice-of-many",
    "version": "1.0.0",
    "title": "Voice",
    "audience": "customer",
    "scales": {"agree": {"points": [{"value": n, "label": str(n)} for n in range(1, 6)]}},
    "sections": [
        {
            "id": "all",
            "title": "All",
            "questions": [
                {"id": name, "text": name, "scale": "agree", "feeds": f"m-{name}"} for name in QUESTIONS
            ],
        }
    ],
}


def answered(n: int, seed: int = 3, shift: float = 0.6, halo: float = 1.0) -> dict[str, np.ndarray]:
    """Answers of the same people in two waves: a person who likes one thing likes all."""
    random = np.random.default_rng(seed)
    person = random.normal(size=(n, 1)) * halo
    return {
        wave: np.clip(np.round(3 + person + 0.6 * random.normal(size=(n, 3)) + w * shift), 1, 5)
        for w, wave in enumerate(("before", "after"))
    }


def sheet_of(answers: dict[str, np.ndarray], fresh: bool = False) -> str:
    lines = ["respondent,wave,kind,fast,fair"]
    for wave, rows in answers.items():
        who = f"{wave}-" if fresh else ""
        lines += [f"{who}{n},{wave},{','.join(f'{x:g}' for x in row)}" for n, row in enumerate(rows)]
    return "\n".join(lines) + "\n"


def tables(assessment: Assessment, answers: str, aggregate: str = "arithmetic", **plan: Any) -> Any:
    told = {"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}], **plan}
    return assess(
        load_plan(assessment(told, framework=framework(aggregate), sheet=SHEET, answers=answers))
    ).tables


def index(table: Any, **where: str) -> Any:
    table = table[table["node"] == "index"]
    for column, value in where.items():
        table = table[table[column] == value]
    return table.iloc[0]


@pytest.mark.parametrize("fresh", [False, True])
def test_an_arithmetic_index_is_tested_as_each_persons_own_index(assessment: Assessment, fresh: bool) -> None:
    """With every question answered, the mean of the persons' indices is the index: SciPy's test of
    these is the test, however the questions go together."""
    answers = answered(14)
    found = index(tables(assessment, sheet_of(answers, fresh))["changes"])
    own = {wave: 25 * (rows.mean(axis=1) - 1) for wave, rows in answers.items()}
    if fresh:
        expected = stats.ttest_ind(own["after"], own["before"], equal_var=False)
    else:
        expected = stats.ttest_rel(own["after"], own["before"])
    interval = expected.confidence_interval(0.95)
    assert found["p_value"] == pytest.approx(expected.pvalue)
    assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high))


def test_scores_by_respondents_see_that_answers_go_together(assessment: Assessment) -> None:
    answers = answered(30)
    own = 25 * (answers["after"].mean(axis=1) - 1)
    expected = stats.ttest_1samp(own, 0).confidence_interval(0.95)
    plain = index(tables(assessment, sheet_of(answers))["scores"], wave="after")
    found = index(
        tables(assessment, sheet_of(answers), uncertainty={"method": "respondents"})["scores"], wave="after"
    )
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert found["high"] - found["low"] > 1.3 * (plain["high"] - plain["low"])


def test_an_interval_that_is_too_narrow_is_said_to_be(assessment: Assessment) -> None:
    def notes(**plan: Any) -> list[str]:
        told = {"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}], **plan}
        made = assessment(told, framework=framework(), sheet=SHEET, answers=sheet_of(answered(30)))
        return [note["text"] for note in assess(load_plan(made)).manifest["notes"]]

    assert any("by respondents it is 1.6 times as wide" in text for text in notes())
    assert not any("times as wide" in text for text in notes(uncertainty={"method": "respondents"}))


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric"])
def test_the_bootstrap_agrees_with_the_formula_where_there_are_many(
    assessment: Assessment, aggregate: str
) -> None:
    answers = sheet_of(answered(200))
    by_formula = tables(assessment, answers, aggregate, uncertainty={"method": "respondents"})
    replicates = {"method": "bootstrap", "replicates": 20_000, "seed": 5}
    by_bootstrap = tables(assessment, answers, aggregate, uncertainty=replicates)
    for name in ("scores", "changes"):
        for end in ("low", "high"):
            one, two = by_formula[name][end], by_bootstrap[name][end]
            np.testing.assert_allclose(one.to_numpy(), two.to_numpy(), atol=0.35)
        assert (by_formula[name]["high"] - by_formula[name]["low"]).min() > 3


def test_the_bootstrap_is_that_of_scipy(assessment: Assessment) -> None:
    """Percentiles of resampled indices, with as many persons drawn less one."""
    answers = answered(40)
    found = index(
        tables(
            assessment,
            sheet_of(answers),
            "geometric",
            uncertainty={"method": "bootstrap", "replicates": 20_000},
        )["changes"]
    )

    def change(random: np.random.Generator) -> float:
        drawn = random.integers(0, 40, 39)
        scores = [
            np.exp(np.log(25 * (answers[wave][drawn].mean(axis=0) - 1)).mean())
            for wave in ("after", "before")
        ]
        return float(scores[0] - scores[1])

    random = np.random.default_rng(9)
    draws = [change(random) for _ in range(20_000)]
    level = stats.norm.cdf(-stats.t.ppf(0.975, 39))
    expected = np.quantile(draws, [level, 1 - level])
    assert (found["low"], found["high"]) == pytest.approx(tuple(expected), abs=0.3)


def test_the_same_seed_gives_the_same_intervals_and_another_one_others(assessment: Assessment) -> None:
    answers = sheet_of(answered(20))
    ends = [
        index(tables(assessment, answers, uncertainty={"method": "bootstrap", "seed": seed})["changes"])[
            "p_value"
        ]
        for seed in (4, 4, 5)
    ]
    assert ends[0] == ends[1] != ends[2]


def test_readings_without_answers_are_drawn_from_their_errors(assessment: Assessment) -> None:
    values = "wave,measure,value,standard_error\n" + "".join(
        f"{wave},m-{name},{x},{e}\n"
        for wave, x in (("before", 3.0), ("after", 3.2))
        for name, e in zip(QUESTIONS, (0.1, 0.2, ""), strict=True)
    )
    plan = assessment(
        {
            "evidence": [{"values": "values.csv"}],
            "uncertainty": {"method": "bootstrap", "replicates": 20_000},
        },
        framework=framework(),
        values=values,
    )
    found = assess(load_plan(plan)).tables["changes"].set_index("node")
    error = 25 / 3 * np.sqrt(2 * (0.1**2 + 0.2**2))
    assert found.loc["index", "high"] - found.loc["index", "change"] == pytest.approx(1.96 * error, rel=0.04)
    assert np.isnan(found.loc["m-fair", "low"])  # nobody knows its error: no replicate moves it


def test_bands_are_told_with_how_sure_they_are(assessment: Assessment) -> None:
    values = (
        "wave,measure,value,standard_error\n"
        "before,m-kind,2.4,0.1\nafter,m-kind,2.64,0.1\nbefore,m-fast,3,\nafter,m-fast,3,\n"
    )
    plan = assessment({"evidence": [{"values": "values.csv"}]}, framework=framework(), values=values)
    found = assess(load_plan(plan)).tables
    score = found["scores"].set_index(["wave", "node"]).loc[("after", "m-kind")]
    assert (score["score"], score["band"]) == (pytest.approx(41), "fair")
    assert score["band_probability"] == pytest.approx(
        stats.norm.cdf(60, 41, 2.5) - stats.norm.cdf(40, 41, 2.5)
    )
    change = found["changes"].set_index("node").loc["m-kind"]
    assert (change["band_before"], change["band_after"]) == ("weak", "fair")
    expected = stats.norm.cdf(40, 35, 2.5) * score["band_probability"]
    assert change["band_change_probability"] == pytest.approx(expected, abs=1e-6)
    quiet = found["changes"].set_index("node").loc["m-fast"]
    assert np.isnan(quiet["band_change_probability"])  # the band is the same, and no error is known


def test_clear_and_matters_are_two_words() -> None:
    change = np.array([5.0, 1.0, 1.0, 5.0, 0.2, np.nan])
    low = np.array([3.0, 0.5, 0.5, -1.0, -1.0, np.nan])
    high = np.array([7.0, 1.5, 1.5, 9.0, 1.4, np.nan])
    q = np.array([0.01, 0.01, 0.2, 0.3, 0.8, np.nan])
    two = np.full(6, 2.0)
    assert verdicts(change, low, high, q, two).tolist() == [
        "clear-and-matters", "clear-but-small", "none", "unclear", "none", None,
    ]  # fmt: skip
    nothing = np.full(6, np.nan)
    assert verdicts(change, low, high, q, nothing).tolist() == [
        "clear", "clear", "unclear", "unclear", "unclear", None,
    ]  # fmt: skip


def test_the_plan_says_how_large_a_change_must_be(assessment: Assessment, faults: Faults) -> None:
    answers = sheet_of(answered(60, shift=0.5))
    found = tables(assessment, answers, smallest_change={"index": 40.0, "m-kind": 1})["changes"].set_index(
        "node"
    )
    assert found["verdict"].to_dict() == {
        "index": "clear-but-small", "m-kind": "clear-and-matters", "m-fast": "clear", "m-fair": "clear",
    }  # fmt: skip
    plan = assessment({"smallest_change": {"indx": 2}}, framework=framework(), sheet=SHEET)
    assert any(
        '"indx" is no node of the framework (did you mean "index"?)' in one
        for one in faults(lambda: load_plan(plan))
    )
    plan = assessment({"smallest_change": 0}, framework=framework(), sheet=SHEET)
    assert len(faults(lambda: load_plan(plan))) == 1


def test_expanded_percentiles_of_a_known_distribution() -> None:
    draws = np.random.default_rng(1).normal(size=(2, 100_000))
    low, high = expanded(draws, np.array([np.inf, 9.0]))
    np.testing.assert_allclose(low, [-1.96, -2.262], atol=0.03)
    np.testing.assert_allclose(high, [1.96, 2.262], atol=0.03)


def test_ends_are_found_alike_by_sorting_and_by_parting() -> None:
    """Many different degrees of freedom take the sort, few the partition."""
    draws = np.random.default_rng(1).normal(size=(9, 500))
    many = expanded(draws, np.arange(3.0, 12.0))
    for n, freedom in enumerate(np.arange(3.0, 12.0)):
        alone = expanded(draws[n : n + 1], np.array([freedom]))
        assert (many[0][n], many[1][n]) == (alone[0][0], alone[1][0])


def test_an_audience_that_is_divided_is_said_to_be(assessment: Assessment) -> None:
    """Half of them say 1 and half 5 of one thing; of the others all say the same."""
    rows = "".join(f"{n},after,{1 + 4 * (n % 2)},4,{3 + n % 2}\n" for n in range(12))
    found = tables(assessment, "respondent,wave,kind,fast,fair\n" + rows)["findings"]
    own = found[found["kind"] == "audience-divided"].set_index("node")
    assert list(own.index) == ["m-kind"]
    assert own.loc["m-kind", "severity"] == pytest.approx(10 * 0.7 / 3)
    assert "customers do not agree among themselves (r_wg 0.00 of 12 people" in own.loc["m-kind", "en"]
    assert "客户内部意见分歧（12人" in own.loc["m-kind", "zh-Hans"]
    assert "客戶內部意見分歧（12人" in own.loc["m-kind", "zh-Hant"]
    few = tables(assessment, "respondent,wave,kind,fast,fair\n" + "".join(rows.splitlines(True)[:8]))
    assert "audience-divided" not in set(few["findings"]["kind"])


def test_errors_and_degrees_of_freedom_give_the_intervals_again(assessment: Assessment) -> None:
    found = tables(assessment, sheet_of(answered(12)), uncertainty={"method": "respondents"})
    for table, centre in (("scores", "score"), ("changes", "change")):
        row = index(found[table])
        half = stats.t.ppf(0.975, row["degrees_of_freedom"]) * row["standard_error"]
        assert row["degrees_of_freedom"] == 11
        assert row["high"] - row[centre] == pytest.approx(half)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("standard-errors", "measures taken as independent; 1.96 of them either way"),
        (
            "respondents",
            "by respondents: what each one's answers move the score by; Student's t, degrees of freedom 11",
        ),
        ("bootstrap", "by bootstrap over respondents, 200 replicates, seed 7; percentiles"),
    ],
)
def test_explain_says_where_an_interval_comes_from(assessment: Assessment, method: str, said: str) -> None:
    spec = {"method": method} | ({"replicates": 200, "seed": 7} if method == "bootstrap" else {})
    told = {"evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}], "uncertainty": spec}
    answers = sheet_of(answered(12))
    result = assess(load_plan(assessment(told, framework=framework(), sheet=SHEET, answers=answers)))
    lines = explained(result, "index", wave="after")
    row = index(result.tables["scores"], wave="after")
    interval = next(line for line in lines if "95 % interval" in line)
    low, high, error = (float(row[name]) for name in ("low", "high", "standard_error"))
    assert f"{low!r} to {high!r}: standard error {error!r}" in interval
    assert said in interval
    assert "  answered: 12 people (customer, voice-of-many)" in lines[3]


def test_definitions_read_back_from_a_result(assessment: Assessment) -> None:
    plan = load_plan(assessment({"uncertainty": {"method": "respondents"}, "smallest_change": 2})).plan
    again = type(plan).model_validate(
        json.loads(json.dumps(plan.model_dump(mode="json", exclude_unset=True)))
    )
    assert again.smallest_change == 2
    assert again.uncertainty.method == "respondents"


def test_findings_keep_clear_and_important_apart(assessment: Assessment) -> None:
    answers = sheet_of(answered(60, shift=0.5))
    for smallest, kinds in ((40.0, {"clear-but-small"}), (1.0, {"largest-rise"})):
        found = tables(assessment, answers, smallest_change=smallest)["findings"]
        own = found[found["kind"].isin(["clear-but-small", "largest-rise", "inside-noise"])]
        assert set(own["kind"]) == kinds
    assert (
        "less than the 40 that matter here"
        in tables(assessment, answers, smallest_change=40.0)["findings"]
        .set_index("kind")
        .loc["clear-but-small", "en"]
        .iloc[0]
    )


def test_audiences_are_independent_and_count_as_roles_say(assessment: Assessment) -> None:
    answers = {role: answered(n, seed=n) for role, n in (("customer", 12), ("partner", 7))}
    lines = ["respondent,wave,role,kind,fast,fair"]
    for role, waves in answers.items():
        for wave, rows in waves.items():
            lines += [f"{n},{wave},{role},{','.join(f'{x:g}' for x in row)}" for n, row in enumerate(rows)]
    roles = {f"m-{name}": {"customer": 3, "partner": 1} for name in QUESTIONS}
    found = index(tables(assessment, "\n".join(lines) + "\n", roles=roles)["changes"])
    parts = []
    for role, share in (("customer", 0.75), ("partner", 0.25)):
        moved = 25 * (answers[role]["after"] - answers[role]["before"]).mean(axis=1)
        parts.append((share * moved.mean(), share**2 * moved.var(ddof=1) / len(moved), len(moved) - 1))
    variance = sum(part[1] for part in parts)
    freedom = variance**2 / sum(part[1] ** 2 / part[2] for part in parts)
    change = sum(part[0] for part in parts)
    assert found["change"] == pytest.approx(change)
    assert found["high"] - change == pytest.approx(stats.t.ppf(0.975, freedom) * np.sqrt(variance))


def test_many_people_are_taken_a_few_nodes_at_a_time(
    assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = sheet_of(answered(25))
    asked: dict[str, Any] = {"uncertainty": {"method": "respondents"}}
    whole = tables(assessment, answers, **asked)
    monkeypatch.setattr("crm_capability.analysis.respondents._CELLS", 30)
    parts = tables(assessment, answers, **asked)
    for name in ("scores", "changes"):
        np.testing.assert_allclose(whole[name]["low"], parts[name]["low"], rtol=1e-12)

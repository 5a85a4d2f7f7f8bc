"""Respondents by audience: who answered, what each says, and what is kept back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from crm_capability import assess, load_plan

SIDES = {"customer": [5, 4, 5, 3, 4, 5, 4, 2], "manager": [3, 2, 4, 3, 5, 2], "expert": [1, 2, 3]}


def file_of(sides: dict[str, list[int]], weights: bool = False) -> str:
    lines = ["respondent,wave,role,kind,rude" + (",weight" if weights else "")]
    for role, ratings in sides.items():
        lines += [
            f"{role}{n},{wave},{role},{x},{6 - x}" + (f",{1 + n % 3}" if weights else "")
            for wave in ("before", "after")
            for n, x in enumerate(ratings)
        ]
    return "\n".join(lines) + "\n"


def found(assessment: Any, sides: dict[str, list[int]] = SIDES, **plan: Any) -> Any:
    return assess(load_plan(assessment(answers=file_of(sides), plan=plan)))


def test_a_small_audience_is_kept_back_and_the_next_smallest_with_it(assessment):
    table = found(assessment).tables["audiences"]
    rows = table[table["wave"] == "after"].set_index("role")
    assert rows["state"].to_dict() == {"customer": "measured", "manager": "withheld", "expert": "withheld"}
    assert rows.loc["manager", ["value", "n", "standard_error", "r_wg"]].isna().all()
    assert rows.loc["customer", "value"] == pytest.approx(np.mean(SIDES["customer"]), abs=1e-12)
    share = np.var(SIDES["customer"], ddof=1) / 2
    assert rows.loc["customer", "r_wg"] == pytest.approx(
        2 * (1 - share) / (2 * (1 - share) + share), abs=1e-12
    )
    shares = found(assessment).tables["item_shares"]
    assert set(shares["role"]) == {"customer"}
    assert "audience_gaps" not in found(assessment).tables


def test_a_smaller_minimum_tells_more_and_a_larger_one_takes_readings_out(assessment):
    table = found(assessment, minimum_group=2).tables["audiences"]
    assert set(table["state"]) == {"measured"}
    result = found(assessment, minimum_group=18)
    readings = result.tables["readings"].set_index(["wave", "measure"])
    assert readings.loc[("after", "voice"), "state"] == "not-collected"
    assert readings.loc[("after", "voice"), "n"] == 0
    assert readings.loc[("after", "days"), "state"] == "measured", "no respondents stand behind it"
    assert any("fewer than 18 respondents" in note["text"] for note in result.manifest["notes"])


def test_readings_of_one_respondent_are_told_where_the_plan_asks_nothing(assessment):
    result = assess(load_plan(assessment(answers="respondent,wave,kind,rude\n1,before,2,4\n1,after,4,2\n")))
    readings = result.tables["readings"].set_index(["wave", "measure"])
    assert readings.loc[("after", "voice"), "n"] == 1


def test_gaps_are_those_of_two_independent_samples(assessment):
    sides = {"customer": [5, 4, 5, 3, 4, 5, 4, 2], "manager": [3, 2, 4, 3, 5, 2]}
    table = found(assessment, sides).tables["audience_gaps"]
    row = table[(table["wave"] == "after") & (table["node"] == "voice")].iloc[0]
    one, two = (np.array(sides[role], dtype=float) for role in ("manager", "customer"))
    test = stats.ttest_ind(one, two, equal_var=False)
    low, high = test.confidence_interval(0.95)
    assert (row["audience"], row["other"], row["n"], row["other_n"], row["measures"]) == (
        "manager",
        "customer",
        6,
        8,
        1,
    )
    # likert from 1 to 5: a point of the scale is 25 of the score
    assert row["gap"] == pytest.approx(25 * (one.mean() - two.mean()), abs=1e-9)
    assert row["p_value"] == pytest.approx(test.pvalue, abs=1e-9)
    assert [row["low"], row["high"]] == pytest.approx([25 * low, 25 * high], abs=1e-9)
    index = table[(table["wave"] == "after") & (table["node"] == "index")].iloc[0]
    assert index["gap"] == pytest.approx(row["gap"], abs=1e-9), (
        "on the measures that both answered, and no other"
    )
    assert index["low"] == pytest.approx(row["low"], abs=1e-9)


def test_shares_are_as_asked_and_weighted(assessment):
    plan = assessment(answers=file_of(SIDES, weights=True))
    table = assess(load_plan(plan)).tables["item_shares"]
    here = table[(table["wave"] == "after") & (table["role"] == "customer")].set_index(["question", "value"])
    weights = np.array([1 + n % 3 for n in range(8)])
    ratings = np.array(SIDES["customer"])
    for x in range(1, 6):
        share = weights[ratings == x].sum() / weights.sum()
        assert here.loc[("kind", x), "share"] == pytest.approx(share, abs=1e-12)
        assert here.loc[("rude", 6 - x), "share"] == pytest.approx(share, abs=1e-12), "not turned round"
    responses = assess(load_plan(plan)).tables["responses"]
    row = responses[(responses["wave"] == "after") & (responses["role"] == "customer")].iloc[0]
    assert row["effective_n"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), abs=1e-12)
    assert row["design_effect"] == pytest.approx(8 / row["effective_n"], abs=1e-12)


def test_the_response_rate_is_of_those_invited(assessment):
    evidence = [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "answers.csv", "invited": {"before": 12, "after": 10}},
    ]
    table = assess(load_plan(assessment(plan={"evidence": evidence}))).tables["responses"].set_index("wave")
    assert table["invited"].to_dict() == {"before": 12, "after": 10}
    assert table["response_rate"].to_dict() == {"before": 0.25, "after": 0.2}


def test_an_invitation_to_no_wave_is_a_problem(assessment, faults):
    evidence = [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "answers.csv", "invited": {"later": 12}},
    ]
    assert any(
        'no wave "later"' in line
        for line in faults(lambda: load_plan(assessment(plan={"evidence": evidence})))
    )


def test_scores_without_the_flagged_stand_beside_those_with_them(assessment):
    sides = {"customer": [1, 5, 2, 4, 3, 2, 4, 5]}
    plan = assessment(
        answers=file_of(sides)
        .replace("\n", ",60\n")
        .replace("rude,60", "rude,seconds", 1)
        .replace("customer1,after,customer,5,1,60", "customer1,after,customer,5,1,1")
    )
    result = assess(load_plan(plan))
    table = result.tables["without_flagged"].set_index(["wave", "node"])
    row = table.loc[("after", "voice")]
    assert (row["flagged"], row["respondents"]) == (1, 8)
    assert row["score"] == pytest.approx(25 * (np.mean(sides["customer"]) - 1), abs=1e-9)
    rest = [x for n, x in enumerate(sides["customer"]) if n != 1]
    assert row["score_without"] == pytest.approx(25 * (np.mean(rest) - 1), abs=1e-9)
    private = assessment(plan={"minimum_group": 5})
    assert "without_flagged" not in assess(load_plan(private)).tables, "one person could be worked out"

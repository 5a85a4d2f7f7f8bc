"""What answers are worth: scales, and respondents who may not have read the questions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability import assess, load_plan
from crm_capability.evidence.cells import Cells, cells
from crm_capability.evidence.quality import outlier_p
from crm_capability.methods.reliability import alpha, covariances

QUESTIONS = [f"q{n}" for n in range(12)]


def sheet(reverse: set[int] = frozenset(), feeds: str = "voice") -> dict[str, Any]:
    """Twelve ratings of five points, all of one measure."""
    return {
        "questionnaire": "twelve",
        "version": "1.0.0",
        "title": "Twelve",
        "audience": "customer",
        "scales": {"agree": {"points": [{"value": n, "label": str(n)} for n in range(1, 6)]}},
        "sections": [
            {
                "id": "all",
                "title": "All",
                "questions": [
                    {"id": name, "text": name, "scale": "agree", "feeds": feeds, "reverse": n in reverse}
                    for n, name in enumerate(QUESTIONS)
                ],
            }
        ],
    }


def answers(rows: list[list[Any]], more: dict[str, list[Any]] | None = None, wave: str = "before") -> str:
    extra = more or {}
    lines = [",".join(["respondent", "wave", *extra, *QUESTIONS])]
    lines += [
        ",".join(map(str, [n, wave, *(values[n] for values in extra.values()), *row]))
        for n, row in enumerate(rows)
    ]
    return "\n".join(lines) + "\n"


def careful(n: int, seed: int = 1) -> list[list[int]]:
    """People who read: ratings around a mean of their own."""
    chance = np.random.default_rng(seed)
    return (
        np.clip(np.rint(chance.normal(3, 0.8, (n, 1)) + chance.normal(0, 1, (n, 12))), 1, 5)
        .astype(int)
        .tolist()
    )


def test_the_table_holds_to_complete_rows_and_turned_questions(assessment):
    rows: list[list[Any]] = careful(40)
    turned = [[6 - x if n in (1, 4) else x for n, x in enumerate(row)] for row in rows]
    turned[3][5] = ""
    turned[7][2] = "na"
    plan = assessment(sheet=sheet({1, 4}), answers=answers(turned))
    table = assess(load_plan(plan)).tables["reliability"]
    complete = np.array([row for n, row in enumerate(rows) if n not in (3, 7)], dtype=float)
    row = table.iloc[0]
    assert (row["questionnaire"], row["scale"], row["wave"], row["items"], row["respondents"]) == (
        "twelve",
        "voice",
        "before",
        12,
        38,
    )
    assert row["alpha"] == pytest.approx(alpha(covariances(complete)), abs=1e-12)
    share = np.var(complete, axis=0, ddof=1).mean() / 2
    assert row["r_wg"] == pytest.approx(12 * (1 - share) / (12 * (1 - share) + share), abs=1e-12)
    assert np.isnan(row["icc1"])
    assert len(table) == 1


def test_several_units_have_intraclass_correlations(assessment):
    rows = careful(30) + [[min(5, x + 2) for x in row] for row in careful(30, seed=2)]
    units = {"unit": ["us"] * 30 + ["them"] * 30}
    row = (
        assess(load_plan(assessment(sheet=sheet(), answers=answers(rows, units))))
        .tables["reliability"]
        .iloc[0]
    )
    assert row["respondents"] == 60
    assert 0.3 < row["icc1"] < row["icc2"] < 1


def test_one_question_has_none(assessment):
    small = {
        **sheet(),
        "sections": [{"id": "all", "title": "All", "questions": sheet()["sections"][0]["questions"][:1]}],
    }
    plan = assessment(sheet=small, answers="respondent,wave,q0\n1,before,2\n2,before,3\n")
    row = assess(load_plan(plan)).tables["reliability"].iloc[0]
    assert (row["items"], row["respondents"]) == (1, 2)
    assert row[["alpha", "alpha_standardized", "omega", "r_wg", "icc1", "icc2"]].isna().all()


def test_a_formative_measure_has_no_alpha(assessment, write):
    from copy import deepcopy

    plan = assessment(sheet=sheet(), answers=answers(careful(20)))
    framework = json.loads((plan.parent / "framework.yaml").read_text())
    formative = deepcopy(framework)
    formative["tree"]["children"][1]["measurement"] = "formative"
    write("framework.yaml", json.dumps(formative))
    result = assess(load_plan(plan))
    row = result.tables["reliability"].iloc[0]
    assert np.isnan(row["alpha"])
    assert row["r_wg"] > 0
    assert any("formative" in note["text"] for note in result.manifest["notes"])


FLAGGED = [
    ("straight-line", [3] * 12, {}),
    ("long-string", [2, 2, 2, 2, 2, 2, 2, 5, 1, 4, 3, 1], {}),
    ("contradiction", [5, 5, 5, 5, 1, 2, 4, 5, 5, 3, 2, 4], {}),
    ("speed", [2, 3, 2, 4, 3, 2, 3, 4, 2, 3, 4, 3], {"seconds": 15}),
    ("outlier", [5, 1, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5], {}),
]


@pytest.mark.parametrize(("flag", "row", "more"), FLAGGED, ids=[flag for flag, _, _ in FLAGGED])
def test_each_check_finds_its_kind(assessment, flag, row, more):
    chance = np.random.default_rng(5)
    # people whose ratings hang together closely, so that one who contradicts himself stands out
    people = np.clip(np.rint(chance.normal(3, 1, (200, 1)) + chance.normal(0, 0.45, (200, 12))), 1, 5).astype(
        int
    )
    turned = {1, 3} if flag == "contradiction" else set()
    rows = [[6 - x if n in turned else int(x) for n, x in enumerate(person)] for person in people] + [row]
    extra = {"seconds": [60] * 200 + [more.get("seconds", 60)]}
    plan = assessment(sheet=sheet(turned), answers=answers(rows, extra))
    table = assess(load_plan(plan)).tables["respondents"]
    assert flag in table["flags"].iloc[-1].split(", ")


def test_duplicates_are_found_but_straight_lines_are_no_duplicates(assessment):
    rows = careful(30)
    rows[4] = rows[9] = [1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4]
    rows[5] = rows[6] = [4] * 12
    table = assess(load_plan(assessment(sheet=sheet(), answers=answers(rows)))).tables["respondents"]
    flags = table["flags"].fillna("").tolist()
    assert flags[4] == flags[9] == "duplicate"
    assert "duplicate" not in flags[5]
    assert sum("duplicate" in one for one in flags) == 2


def test_the_flagged_stay_unless_the_plan_drops_them(assessment):
    rows: list[list[Any]] = [*careful(20), [5] * 12, [5] * 12]
    text = answers(rows)
    kept = assess(load_plan(assessment(sheet=sheet(), answers=text)))
    evidence = [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "answers.csv", "drop": ["straight-line"]},
    ]
    dropped = assess(load_plan(assessment(plan={"evidence": evidence}, sheet=sheet(), answers=text)))

    def n(result):
        readings = result.tables["readings"]
        return readings[(readings["measure"] == "voice") & (readings["wave"] == "before")]["n"].iloc[0]

    assert (n(kept), n(dropped)) == (22, 20)
    assert len(dropped.tables["respondents"]) == 22, "the flagged are shown all the same"
    assert any(
        "2 of 22 respondents are left out: straight-line" in note["text"]
        for note in dropped.manifest["notes"]
    )
    note = next(note["text"] for note in kept.manifest["notes"] if "flagged" in note["text"])
    assert note.startswith("us, before: the index is ")
    assert "without the 2 flagged respondents of 22" in note


def test_nobody_left_is_a_problem(assessment, faults):
    evidence = [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "answers.csv", "drop": ["straight-line"]},
    ]
    plan = assessment(plan={"evidence": evidence}, sheet=sheet(), answers=answers([[5] * 12, [4] * 12]))
    assert any("nobody would be left" in line for line in faults(lambda: assess(load_plan(plan))))


def test_the_time_kept_by_an_import_is_read(assessment, write):
    plan = assessment(sheet=sheet(), answers=answers(careful(3)))
    write("answers.seconds.csv", "respondent,seconds\n0,12\n2,240\n")
    table = assess(load_plan(plan)).tables["respondents"]
    assert table["seconds_a_question"].iloc[0] == 1.0
    assert np.isnan(table["seconds_a_question"].iloc[1])
    assert table["seconds_a_question"].iloc[2] == 20.0
    assert table["flags"].fillna("").tolist() == ["speed", "", ""]


def as_cells(matrix: np.ndarray) -> list[Cells]:
    columns = [np.unique(column, return_inverse=True) for column in matrix.T]
    return [cells(codes, values, np.zeros(len(values), dtype=np.int8)) for values, codes in columns]


def test_mahalanobis_by_its_definition():
    chance = np.random.default_rng(0)
    given = chance.normal(size=(100, 3))
    wave = np.zeros(100, dtype=np.int8)
    centred = given - given.mean(axis=0)
    distance = (centred @ np.linalg.inv(np.cov(given.T)) * centred).sum(axis=1)
    from scipy.stats import chi2

    np.testing.assert_allclose(outlier_p(as_cells(given), wave), chi2.sf(distance, 3), rtol=1e-9)
    turned = given * [1, -1, 1] + [0, 6, 0]
    np.testing.assert_allclose(outlier_p(as_cells(turned), wave), chi2.sf(distance, 3), rtol=1e-9)
    assert np.isnan(outlier_p(as_cells(given[:10]), wave[:10])).all(), "too few to tell"
    twice = outlier_p(as_cells(np.concatenate([given, given * 3])), np.repeat([0, 1], 100))
    np.testing.assert_allclose(twice, np.tile(chi2.sf(distance, 3), 2), rtol=1e-9)


def test_looking_at_respondents_in_parts_changes_nothing(assessment, monkeypatch):
    rows = careful(60)
    rows[4] = rows[40]
    plan = assessment(sheet=sheet({1, 4}), answers=answers(rows))
    whole = assess(load_plan(plan)).tables["respondents"]
    monkeypatch.setattr("crm_capability.evidence.quality._ROWS", 7)
    parts = assess(load_plan(plan)).tables["respondents"]
    pd.testing.assert_frame_equal(whole, parts, rtol=1e-9)


def test_reliability_is_told_by_language_where_there_are_several(assessment):
    rows = careful(60)
    languages = ["zh-Hans" if n % 3 == 0 else "en" for n in range(57)] + ["fr"] * 3
    plan = assessment(sheet=sheet(), answers=answers(rows, {"language": languages}))
    tables = assess(load_plan(plan)).tables
    assert len(tables["reliability"]) == 1
    found = tables["reliability_by_language"].set_index("language")
    assert list(found.index) == ["en", "zh-Hans"], "three answers in French are too few"
    for language in found.index:
        part = np.array([row for row, of in zip(rows, languages, strict=True) if of == language], dtype=float)
        assert found.loc[language, "respondents"] == len(part)
        assert found.loc[language, "alpha"] == pytest.approx(alpha(covariances(part)), abs=1e-12)
    plan = assessment(sheet=sheet(), answers=answers(rows, {"language": ["en"] * 60}))
    assert "reliability_by_language" not in assess(load_plan(plan)).tables

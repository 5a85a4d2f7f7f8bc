"""An audience told apart by a choice question, without telling of a few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_capability import assess, load_plan

OPTIONS = [{"value": name, "label": name.title()} for name in ("north", "south", "west")]
SHEET: dict[str, Any] = {
    "questionnaire": "voice-of-many", "version": "1.0.0", "title": "Voice", "audience": "customer",
    "scales": {"agree": {"points": [{"value": n, "label": str(n)} for n in range(1, 6)]}},
    "sections": [{"id": "all", "title": "All", "questions": [
        {"id": "branch", "text": "Which branch?", "type": "choice", "options": OPTIONS},
        {"id": "used", "text": "Which did you use?", "type": "choice", "multiple": True,
         "options": [{"value": name, "label": name} for name in ("web", "shop")]},
        {"id": "kind", "text": "They are kind", "scale": "agree", "feeds": "voice"},
        {"id": "rude", "text": "They are rude", "scale": "agree", "feeds": "voice", "reverse": True},
    ]}],
}  # fmt: skip


def file_of(people: list[tuple[str, str, str]], header: str = "respondent,wave,branch,used,kind,rude") -> str:
    lines = [header]
    for wave in ("before", "after"):
        for n, (branch, used, kind) in enumerate(people):
            rude = "" if kind == "" else str(6 - int(kind))
            lines.append(f"{n},{wave},{branch},{used},{kind},{rude}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def told(assessment: Any) -> Any:
    def tell(people: list[tuple[str, str, str]], segments: list[str], **more: Any) -> Any:
        entry = {"survey": "./sheet.yaml", "answers": "answers.csv", "segments": segments}
        plan = {"evidence": [{"values": "values.csv"}, entry], **more}
        result = assess(load_plan(assessment(sheet=SHEET, answers=file_of(people), plan=plan)))
        of_after = {}
        for name in ("segments", "segment_readings"):
            table = result.tables[name]
            of_after[name] = table[table["wave"] == "after"].set_index(["column", "segment"])
        return of_after["segments"], of_after["segment_readings"]

    return tell


def branch(name: str, ratings: list[int | str]) -> list[tuple[str, str, str]]:
    return [(name, "", str(x)) for x in ratings]


def test_each_segment_has_its_numbers(told: Any) -> None:
    people = (
        branch("north", [5, 4, 5, 3, 4, 5]) + branch("south", [2, 1, 2, 3, 2, 1, ""]) + branch("", [3] * 6)
    )
    counts, readings = told(people, ["branch"])
    assert list(counts.index) == [("branch", "north"), ("branch", "south")], "nobody of the west answered"
    assert counts["respondents"].tolist() == [6, 7]
    assert counts["share"].tolist() == pytest.approx([6 / 13, 7 / 13])
    assert counts["answered"].tolist() == pytest.approx([1, 6 / 7])
    north = readings.loc[("branch", "north")]
    x = np.array([5, 4, 5, 3, 4, 5])
    assert (north["value"], north["n"]) == (pytest.approx(x.mean()), 6)
    assert north["standard_error"] == pytest.approx(x.std(ddof=1) / np.sqrt(6))
    variance = x.var(ddof=1) / 2
    assert north["r_wg"] == pytest.approx(2 * (1 - variance) / (2 * (1 - variance) + variance))
    assert readings.loc[("branch", "south"), "n"] == 6


def test_few_people_are_not_told_nor_what_the_whole_would_leave_of_them(told: Any) -> None:
    people = branch("north", [5] * 20) + branch("south", [4] * 8) + branch("west", [1, 2])
    counts, readings = told(people, ["branch"])
    assert counts["state"].tolist() == ["told", "withheld", "withheld"], "the south would give the west away"
    assert counts.loc[("branch", "west"), ["respondents", "share", "answered", "flagged"]].isna().all()
    assert readings.loc[("branch", "south"), ["value", "n", "standard_error", "r_wg"]].isna().all()
    assert readings.loc[("branch", "north"), "n"] == 20
    # two segments told, and three people who named none: they would be what is left of the whole
    counts, _ = told(branch("north", [5] * 20) + branch("south", [4] * 8) + branch("", [1, 2, 3]), ["branch"])
    assert counts["state"].tolist() == ["told", "withheld"]
    counts, _ = told(branch("north", [5] * 9) + branch("south", [4] * 8), ["branch"], minimum_group=9)
    assert counts["state"].tolist() == ["withheld", "withheld"]


def test_of_a_measure_too_few_answered(told: Any) -> None:
    people = branch("north", [5] * 9) + branch("south", [4, 3, "", "", "", "", ""]) + branch("west", [3] * 9)
    counts, readings = told(people, ["branch"])
    assert (counts["state"] == "told").all()
    assert readings["state"].tolist() == ["measured", "withheld", "withheld"] or readings["state"].tolist() == [
        "withheld", "withheld", "measured",
    ]  # fmt: skip


def test_a_choice_of_several_stands_against_those_who_did_not_choose_it(told: Any) -> None:
    people = [("", "web", "4")] * 6 + [("", "web; shop", "5")] * 5 + [("", "shop", "2")] * 7
    counts, readings = told(people, ["used"])
    assert counts["respondents"].tolist() == [11, 12]
    assert readings.loc[("used", "web"), "value"] == pytest.approx((6 * 4 + 5 * 5) / 11)
    counts, _ = told([("", "web", "4")] * 20 + [("", "shop", "2")] * 3, ["used"])
    assert counts["state"].tolist() == ["withheld", "withheld"], "all but three used the web"


def test_an_audience_that_is_withheld_has_no_segments(told: Any) -> None:
    _, readings = told(branch("north", [5] * 4), ["branch"])
    assert (readings["state"] == "withheld").all()


@pytest.mark.parametrize(
    ("column", "people", "said"),
    [
        (
            "branch",
            branch("nroth", [5] * 6),
            'answers.csv:2: branch: "nroth" is not an answer to this question',
        ),
        ("age", branch("north", [5] * 6), 'answers.csv:1: no column "age" to tell people apart by'),
        ("kind", branch("north", [5] * 6), "answers.csv:1: kind is no choice question"),
    ],
)
def test_what_does_not_fit_is_a_problem(
    assessment: Any, faults: Any, column: str, people: Any, said: str
) -> None:
    entry = {"survey": "./sheet.yaml", "answers": "answers.csv", "segments": [column]}
    plan = assessment(
        sheet=SHEET, answers=file_of(people), plan={"evidence": [{"values": "values.csv"}, entry]}
    )
    assert any(line.startswith(said) for line in faults(lambda: assess(load_plan(plan))))


def test_another_column_of_the_answers_may_tell_people_apart(assessment: Any) -> None:
    text = "respondent,wave,tariff,kind,rude\n" + "".join(
        f"{n},{wave},{'gold' if n < 6 else 'basic'},{5 if n < 6 else 2},1\n" for wave in ("before", "after") for n in range(12)
    )  # fmt: skip
    entry = {"survey": "./sheet.yaml", "answers": "answers.csv", "segments": ["tariff"]}
    plan = assessment(sheet=SHEET, answers=text, plan={"evidence": [{"values": "values.csv"}, entry]})
    readings = assess(load_plan(plan)).tables["segment_readings"]
    found = readings[readings["wave"] == "after"].set_index("segment")["value"]
    assert found.to_dict() == {"basic": 3.5, "gold": 5.0}

"""Words that respondents wrote are printed where the plan chooses them one by one, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.report.facts import facts
from crm_capability.report.folder import write_result
from crm_capability.report.language import language
from crm_capability.report.write import write_report

SHEET: dict[str, Any] = {
    "questionnaire": "opinion",
    "version": "1.0.0",
    "title": "Opinion",
    "audience": "customer",
    "scales": {"five": {"points": [{"value": n, "label": str(n)} for n in range(1, 6)]}},
    "sections": [
        {
            "id": "all",
            "title": "All",
            "questions": [
                {"id": "kind", "text": "They are kind", "scale": "five", "feeds": "voice"},
                {"id": "why", "type": "text", "text": {"en": "Why?", "zh-Hans": "为什么？"}},
            ],
        }
    ],
}
WORDS = {
    1: "They <b>listen</b> & help",
    2: "Ask anna@example.org",
    3: "致电１３８－００１３－８０００",
    4: "",
    5: "Nobody chose this",
    6: "Later I came back",
}


def answers(people: int = 6, wave: str = "after") -> str:
    lines = [f'{n},{wave},{1 + n % 5},"{WORDS[n]}"' for n in range(1, people + 1)]
    return "\n".join(["respondent,wave,kind,why", "1,before,3,Earlier words", *lines]) + "\n"


def plan_of(*quotes: dict[str, Any], **plan: Any) -> dict[str, Any]:
    entry = {"survey": "./sheet.yaml", "answers": "answers.csv", "quotes": list(quotes)}
    return {"evidence": [{"values": "values.csv"}, entry], **plan}


def chosen(respondent: str | int, **more: Any) -> dict[str, Any]:
    return {"respondent": respondent, "question": "why", **more}


@pytest.fixture
def asked(assessment: Any) -> Any:
    def make(*quotes: dict[str, Any], people: int = 6, **plan: Any) -> Any:
        return load_plan(assessment(plan=plan_of(*quotes, **plan), sheet=SHEET, answers=answers(people)))

    return make


def test_a_chosen_quote_is_a_row_that_names_no_respondent(asked: Any) -> None:
    table = assess(asked(chosen(1, wave="after"), chosen("6"))).tables["quotes"]
    assert list(table.columns) == ["questionnaire", "wave", "unit", "role", "question", "text"]
    assert list(table["text"]) == [WORDS[1], WORDS[6]]
    assert set(table["role"]) == {"customer"}


@pytest.mark.parametrize(("code", "left", "why"), [("en", "“", "Why?"), ("zh-Hant", "「", "Why?")])
def test_the_page_on_the_answers_tells_it_with_its_audience(
    asked: Any, code: str, left: str, why: str
) -> None:
    page = facts(assess(asked(chosen(6))), language(code)).answers
    assert page is not None
    (one,) = page.quotes
    assert one.text.startswith(f"{left}{WORDS[6]}")
    assert one.question == why
    assert one.audience == {"en": "Customers", "zh-Hant": "客戶"}[code]


def test_nothing_else_that_people_wrote_leaves_the_file(asked: Any, tmp_path: Path) -> None:
    result = assess(asked(chosen(1, wave="after")))
    write_result(result, tmp_path / "out")
    (tmp_path / "out" / "report").mkdir()
    write_report(result, tmp_path / "out" / "report", ["en"], "benchmark")
    texts = {
        file.name: file.read_text(encoding="utf-8")
        for file in (tmp_path / "out").rglob("*")
        if file.suffix in (".csv", ".json", ".html", ".md", ".yaml")
    }
    assert {"report.html", "quotes.csv", "manifest.json"} <= {name.replace(".en", "") for name in texts}, (
        texts
    )
    for name, text in texts.items():
        for words in (WORDS[2], WORDS[3], WORDS[5], WORDS[6], "Earlier words"):
            assert words not in text, name
    html = next(text for name, text in texts.items() if name.endswith(".html") and "blockquote" in text)
    assert "They &lt;b&gt;listen&lt;/b&gt; &amp; help" in html, "words are text, never markup"


@pytest.mark.parametrize(
    ("quote", "problem"),
    [
        (chosen(2), "answers.csv:4:4: the plan quotes this answer, and it holds an e-mail address"),
        (chosen(3), "answers.csv:5:4: the plan quotes this answer, and it holds a phone number"),
        (chosen(4), "answers.csv:6:4: the plan quotes this answer, and it is blank"),
        (chosen(1), 'answers.csv: respondent "1", whom the plan quotes, stands in 2 rows'),
        (chosen(1, wave="before"), "answers.csv:2:4: the plan quotes one of 1 people: fewer than 5"),
        (chosen("x9"), 'answers.csv: no respondent "x9" to quote'),
    ],
)
def test_what_cannot_be_quoted_is_refused_with_its_place(
    asked: Any, faults: Any, quote: dict[str, Any], problem: str
) -> None:
    (found,) = faults(lambda: assess(asked(quote)))
    assert found.startswith(problem)


def test_a_larger_minimum_group_holds_for_quotes_too(asked: Any, faults: Any) -> None:
    (found,) = faults(lambda: assess(asked(chosen(6), minimum_group=8)))
    assert "one of 6 people: fewer than 8 would give away" in found


@pytest.mark.parametrize(
    ("quote", "problem"),
    [
        ({"respondent": 1, "question": "kind"}, '"kind" is no question of opinion that is answered in words'),
        (chosen(1, wave="later"), 'no wave "later"'),
    ],
)
def test_a_quote_that_the_plan_gets_wrong(
    asked: Any, faults: Any, quote: dict[str, Any], problem: str
) -> None:
    (found,) = faults(lambda: asked(quote))
    assert problem in found
    assert found.startswith("assessment.yaml:")

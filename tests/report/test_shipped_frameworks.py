"""Every shipped framework runs from answers to a PDF in three languages: seeded answers to all of its
questions, values for what no question asks. Several frameworks make one report of chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pypdf import PdfReader

from crm_capability import assess, load_framework, load_plan
from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework, Measure
from crm_capability.definition.loaded import load_questionnaire
from crm_capability.definition.questionnaire import Maturity, NumberQuestion, Questionnaire, Rating
from crm_capability.report.enclosed import enclosed
from crm_capability.report.facts import report_day
from crm_capability.report.pdf import Printer
from crm_capability.report.template import find_template

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
WAVES = ("before", "after")
PEOPLE = {"customer": 24, "employee": 16, "manager": 8, "expert": 5}
NAME = {"en": "Northern Light", "zh-Hans": "北辰公司", "zh-Hant": "北辰公司"}
TITLE = {"en": "Assessment of 2025", "zh-Hans": "二〇二五年评估", "zh-Hant": "二〇二五年評估"}
TOLD = {
    "before": {"en": "First half", "zh-Hans": "上半年", "zh-Hant": "上半年"},
    "after": {"en": "Second half", "zh-Hans": "下半年", "zh-Hant": "下半年"},
}


@cache
def sheets() -> tuple[Questionnaire, ...]:
    """Every shipped questionnaire."""
    return tuple(load_questionnaire(path).value for path in sorted((ROOT / "questionnaires").glob("*.yaml")))


def sheets_for(framework: Framework) -> list[Questionnaire]:
    """Those that ask about a framework, or about the one that it was made from."""
    known = {None, *framework.measures, *framework.left_out}
    return [sheet for sheet in sheets() if {q.feeds for q in sheet.questions.values()} <= known]


def write_assessment(folder: Path, names: Sequence[str], **more: Any) -> Path:
    """A plan of these frameworks in a folder, with its evidence; gives the plan's path."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.random.default_rng(sum(map(ord, "".join(names))))
    evidence: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    for name in names:
        framework = load_framework(name)
        asked = set()
        for sheet in sheets_for(framework):
            table = pd.DataFrame(_answers(sheet, framework, numbers))
            table.to_csv(folder / f"{sheet.questionnaire}.csv", index=False)
            survey = f"{sheet.questionnaire}@{sheet.version.split('.')[0]}"
            evidence.append({"survey": survey, "answers": f"{sheet.questionnaire}.csv", "layout": "plain"})
            asked |= {question.feeds for question in sheet.questions.values()}
        values += [
            {
                "wave": wave,
                "measure": key,
                "value": _value(measure, framework, 0.3 + 0.2 * n + 0.3 * numbers.random()),
            }
            for key, measure in framework.measures.items()
            if key not in asked
            for n, wave in enumerate(WAVES)
        ]
    if values:
        pd.DataFrame(values).to_csv(folder / "values.csv", index=False)
        evidence.append({"values": "values.csv", "layout": "long"})
    plan = {
        "assessment": "shipped", "title": TITLE, "unit": "firm", "units": {"firm": {"title": NAME}},
        "framework": names[0] if len(names) == 1 else list(names),
        "waves": [
            {"id": "before", "title": TOLD["before"], "from": "2025-01-01", "to": "2025-06-30"},
            {"id": "after", "title": TOLD["after"], "from": "2025-07-01", "to": "2025-12-31"},
        ],
        "evidence": evidence,
        "report": {"languages": list(LANGUAGES), "template": "scorecard"},
        **more,
    }  # fmt: skip
    path = folder / "assessment.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _answers(sheet: Questionnaire, framework: Framework, numbers: Any) -> Iterator[dict[str, Any]]:
    """A row a respondent and wave: the second wave answers a little better."""
    for n, wave in enumerate(WAVES):
        for person in range(PEOPLE[sheet.audience]):
            mood = 0.3 + 0.2 * n + 0.2 * numbers.random()
            row: dict[str, Any] = {"respondent": f"{wave}-{person}", "wave": wave}
            for key, question in sheet.questions.items():
                if question.when and row.get(question.when.question) not in question.when.answers:
                    continue
                share = min(mood + 0.3 * numbers.random(), 1.0)
                measure = framework.measures.get(question.feeds or "")
                if isinstance(question, Rating | Maturity):
                    points = sorted(sheet.points(question) or ())
                    points = points[::-1] if question.reverse else points
                    row[key] = points[min(int(share * len(points)), len(points) - 1)]
                elif isinstance(question, NumberQuestion) and measure is not None:
                    row[key] = _value(measure, framework, share)
                elif question.type == "choice":
                    row[key] = question.options[person % len(question.options)].value
            yield row


def _value(measure: Measure, framework: Framework, share: float) -> float:
    """A value so far from a measure's worst towards its best, whole where the unit is counted."""
    rule = framework.normalisation(measure)
    worst = getattr(rule, "worst", getattr(rule, "min", 0.0))
    best = getattr(rule, "best", getattr(rule, "max", 1.0))
    if points := getattr(rule, "points", None):
        ordered = sorted(points, key=lambda point: point[1])
        worst, best = ordered[0][0], ordered[-1][0]
    value = worst + share * (best - worst)
    return float(round(value) if abs(best - worst) > 20 else round(value, 3))


# ---------------------------------------------------------------------- the reports

ALL = sorted(path.stem for path in (ROOT / "indicators").glob("*.yaml"))
CHAPTERS = ("crm-capability", "enablers", "performance")
SHIPPED_FONT = re.compile(r"(Inter|Noto-Sans-[ST]C(-Marks)?)(-(Regular|Medium|Semi-Bold|SemiBold|Bold))?\Z")
CHARACTERS = {"zh-Hans": "gb2312", "zh-Hant": "big5"}  # what the shipped fonts are subset to


@pytest.fixture(scope="module")
def press() -> Printer:
    """One for all reports: style sheets and fonts are read once."""
    template = find_template("scorecard")
    return Printer(template.styles(None), template.folder, template.roots)


def printed(press: Printer, result: Result, folder: Path, code: str) -> PdfReader:
    template = find_template("scorecard")
    html = template.render(result, template.language(code))
    press.write(html, folder / f"{code}.pdf", enclosed(result), report_day(result))
    return PdfReader(folder / f"{code}.pdf")


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def titles(framework: Framework, code: str) -> dict[str, str]:
    return {
        node.id: squeezed(node.title[code]) for _, node, _ in framework.walk() if isinstance(node.title, dict)
    }


def check(reader: PdfReader, framework: Framework, code: str) -> str:
    """What must hold of any report in one language; gives its words without spaces."""
    told = [page.extract_text() for page in reader.pages]
    assert len(told) == 4
    assert all(page.strip() for page in told)
    whole = "".join(told)
    assert "\ufffd" not in whole
    han = {letter for letter in whole if "\u3400" <= letter <= "\u9fff"}
    if code == "en":
        assert han == set()
    else:
        assert {letter for letter in han if not letter.encode(CHARACTERS[code], "ignore")} == set()
    text = squeezed(whole)
    own = titles(framework, code)
    for other in set(LANGUAGES) - {code}:
        foreign = {
            t
            for t in titles(framework, other).values()
            if len(t) > 3 and not any(t in o for o in own.values())
        }
        assert {t for t in foreign if t in text} == set(), other
    for number in range(1, int(reader.trailer["/Size"])):
        entry = reader.get_object(number)
        if isinstance(entry, dict) and entry.get("/Type") == "/Font":
            assert SHIPPED_FONT.match(str(entry["/BaseFont"]).lstrip("/").split("+")[-1]), entry["/BaseFont"]
    return text


@pytest.mark.parametrize(
    "name", [name if name == "performance" else pytest.param(name, marks=pytest.mark.slow) for name in ALL]
)
def test_it_runs_from_answers_to_a_report_in_three_languages(
    name: str, press: Printer, tmp_path: Path
) -> None:
    loaded = load_plan(write_assessment(tmp_path, [name]))
    result = assess(loaded)
    framework = loaded.framework
    scores = result.tables["scores"].set_index(["wave", "node"])["score"]
    assert scores.notna().all(), "every node is fed by the questions, or by a value"
    for code in LANGUAGES:
        text = check(printed(press, result, tmp_path, code), framework, code)
        for wave in WAVES:
            assert f"{scores[wave, framework.tree.id]:.1f}" in text
        named = titles(framework, code)
        assert [child.id for child in framework.tree.children if named[child.id] not in text] == []


@pytest.mark.slow
def test_several_frameworks_make_one_report_with_a_chapter_each(press: Printer, tmp_path: Path) -> None:
    loaded = load_plan(write_assessment(tmp_path, CHAPTERS))
    result = assess(loaded)
    assert [child.id for child in loaded.framework.tree.children] == list(CHAPTERS)
    scores = result.tables["scores"].set_index(["wave", "node"])["score"]
    for wave in WAVES:
        mean = np.mean([scores[wave, name] for name in CHAPTERS])
        assert scores[wave, "shipped"] == pytest.approx(mean)
    for code in LANGUAGES:
        reader = printed(press, result, tmp_path, code)
        text = check(reader, loaded.framework, code)
        named = titles(loaded.framework, code)
        card = squeezed(reader.pages[1].extract_text())
        places = [card.index(named[name]) for name in CHAPTERS]
        assert places == sorted(places)
        assert all(f"{scores['after', name]:.1f}" in text for name in CHAPTERS)


def test_links_run_across_the_chapters(tmp_path: Path) -> None:
    frameworks = [load_framework(name) for name in CHAPTERS]
    numbers = np.random.default_rng(20)
    skill = {f"u{n}": numbers.random() for n in range(14)}
    rows = [
        {"wave": wave, "unit": unit, "measure": key, "value": _value(measure, framework, share)}
        for framework in frameworks
        for key, measure in framework.measures.items()
        for unit, level in skill.items()
        for wave in WAVES
        # what the enablers are like says nothing of the effects
        for share in [
            numbers.random() if framework.framework == "enablers" else 0.8 * level + 0.2 * numbers.random()
        ]
    ]
    plan = write_assessment(tmp_path, CHAPTERS)
    pd.DataFrame(rows).to_csv(tmp_path / "many.csv", index=False)
    told = yaml.safe_load(plan.read_text(encoding="utf-8"))
    told |= {
        "unit": "u0", "units": {unit: {"title": unit} for unit in skill},
        "evidence": [{"values": "many.csv", "layout": "long"}],
        "links": {"from": ["crm-capability", "enablers"], "to": ["performance", "profit-margin"]},
    }  # fmt: skip
    plan.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    links = assess(load_plan(plan)).tables["links"]
    pearson = links.set_index(["source", "to"])["pearson"]
    assert pearson["crm-capability", "performance"] > 0.9
    assert pearson["crm-capability", "profit-margin"] > 0.7
    assert abs(pearson["enablers", "performance"]) < 0.7

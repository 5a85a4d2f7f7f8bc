"""Definitions as pages: what they hold, in both forms and every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crm_capability import load_framework
from crm_capability.cli import main
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.errors import DefinitionError
from crm_capability.report.definition_page import definition_page, framework_shares

LANGUAGES = ("en", "zh-Hans", "zh-Hant")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_framework_page_holds_every_node_with_its_feeds_and_actions(language: str) -> None:
    page = definition_page("crm-capability-retail", language)
    framework = load_framework("crm-capability-retail")
    for _, node, _ in framework.walk():
        assert isinstance(node.title, dict)
        assert node.title[language].replace("'", "&#39;") in page
    assert "customer-voice:attitude-polite" in page  # a question
    assert page.count("<svg") == len(framework.tree.children)
    assert f'lang="{language}"' in page


def test_the_shares_of_the_measures_make_the_whole() -> None:
    framework = load_framework("crm-capability")
    shares = framework_shares(framework)
    assert sum(shares[name] for name in framework.measures) == pytest.approx(1)
    assert shares["feedback-days"] == pytest.approx(1 / 12)


def test_markdown_tables_have_as_many_cells_as_heads() -> None:
    lines = definition_page("crm-capability", "en", "markdown").splitlines()
    head = 0
    for line in lines:
        if not line.startswith("|"):
            head = 0
            continue
        head = head or len(re.findall(r"(?<!\\)\|", line))
        assert len(re.findall(r"(?<!\\)\|", line)) == head, line


def test_a_hundred_measures_print(tmp_path: Path) -> None:
    nodes = "\n".join(
        f"        - {{id: m{n}, title: Measure number {n}, unit: x, normalise: none}}" for n in range(100)
    )
    file = tmp_path / "many.yaml"
    file.write_text(
        "framework: many\nversion: 1.0.0\ntitle: Many\ntree:\n  id: many\n  title: Many\n  children:\n"
        f"    - id: d\n      title: D\n      children:\n{nodes}\n"
    )
    page = definition_page(file)
    assert 'viewBox="0 0 720 2500"' in page
    assert page.count("<rect") == 101


@pytest.mark.parametrize("name", ["customer-voice", "expert-review"])
def test_a_questionnaire_page_holds_every_question(name: str) -> None:
    from crm_capability.definition.load import read_definition

    root = Path(__file__).parents[2]
    sheet = read_definition(root / "questionnaires" / f"{name}.yaml", Questionnaire).value
    page = definition_page(name, "zh-Hans", "markdown")
    for question in sheet.questions.values():
        assert isinstance(question.text, dict)
        assert question.text["zh-Hans"] in page


def test_metrics_and_actions_have_pages_too() -> None:
    root = Path(__file__).parents[2]
    metrics = next((root / "examples" / "grocer").glob("*.metrics.yaml"))
    assert "churn-rate" in definition_page(metrics)
    assert "Train the staff" in definition_page(root / "actions" / "crm-capability.yaml")


def test_hostile_titles_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        "framework: x\nversion: 1.0.0\ntitle: <script>alert(1)</script>\n"
        'tree: {id: x, title: "{{ 7*7 }} <b>", children: [{id: y, title: "</svg><script>", unit: u, normalise: none}]}\n'
    )
    page = definition_page(file)
    assert "<script>" not in page
    assert "{{ 7*7 }}" in page


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "customer-asset", "--out", str(tmp_path / "page.md"), "--lang", "zh-Hant"]) == 0
    assert (tmp_path / "page.md").read_text().startswith("# ")
    assert main(["docs", "customer-asset"]) == 0
    assert capsys.readouterr().out.count("<!DOCTYPE html>") == 1
    assert main(["docs", str(tmp_path / "none.yaml")]) == 1
    assert "no such file" in capsys.readouterr().err
    with pytest.raises(DefinitionError, match="no page for this kind"):
        definition_page(Path(__file__).parents[2] / "reports" / "glossary.yaml")

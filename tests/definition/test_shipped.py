"""Every shipped framework and questionnaire: clean, whole in three languages, printable with the
shipped fonts, and fed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crm_capability.definition.framework import Framework
from crm_capability.definition.lint import strict
from crm_capability.definition.loaded import load_framework_definition, load_questionnaire
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.definition.validate import problems_of
from crm_capability.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
FRAMEWORKS = sorted((ROOT / "indicators").glob("*.yaml"))
QUESTIONNAIRES = sorted((ROOT / "questionnaires").glob("*.yaml"))
LANGUAGES = {"en", "zh-Hans", "zh-Hant"}
CHARACTERS = {"zh-Hans": "gb2312", "zh-Hant": "big5"}  # what the shipped fonts are subset to
TEXTS = ("because", "title", "definition", "note", "source", "introduction", "text", "label", "hint")


def _name(path: Path) -> str:
    return path.stem


def _sheets_for(framework: Framework) -> list[Questionnaire]:
    """The questionnaires that ask about a framework: all that they feed is a measure of it, or of
    the one that it was made from."""
    known = {None, *framework.measures, *framework.left_out}
    sheets = [_questionnaire(sheet) for sheet in QUESTIONNAIRES]
    return [s for s in sheets if {question.feeds for question in s.questions.values()} <= known]


def _framework(name: str) -> Framework:
    return load_framework_definition(ROOT / "indicators" / f"{name}.yaml").value


@cache
def _questionnaire(path: Path) -> Questionnaire:
    return load_questionnaire(path).value


def _texts(data: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that readers see, with its place."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in TEXTS:
                yield f"{where}.{key}", value
            else:
                yield from _texts(value, f"{where}.{key}")
    elif isinstance(data, list):
        for n, value in enumerate(data):
            yield from _texts(value, f"{where}[{n}]")


each_file = pytest.mark.parametrize("path", [*FRAMEWORKS, *QUESTIONNAIRES], ids=_name)
each_framework = pytest.mark.parametrize("path", FRAMEWORKS, ids=_name)
each_questionnaire = pytest.mark.parametrize("path", QUESTIONNAIRES, ids=_name)


@each_file
def test_it_is_clean(path: Path) -> None:
    assert problems_of(path) == []


@each_file
def test_every_text_stands_in_every_language(path: Path) -> None:
    texts = dict(_texts(read_yaml(path).data))
    assert [
        where for where, text in texts.items() if not isinstance(text, dict) or set(text) != LANGUAGES
    ] == []
    assert [where for where, text in texts.items() if text["en"] in (text["zh-Hans"], text["zh-Hant"])] == []


@each_file
@pytest.mark.parametrize("language", CHARACTERS)
def test_the_fonts_hold_every_character(path: Path, language: str) -> None:
    texts = "".join(text[language] for _, text in _texts(read_yaml(path).data))
    missing = {
        c for c in texts if c != "·" and not c.encode(CHARACTERS[language], "ignore")
    }  # Inter has the dot
    assert missing == set()


@each_framework
def test_every_node_has_a_definition_and_a_title_that_fits(path: Path) -> None:
    framework = _framework(path.stem)
    assert [node.id for _, node, _ in framework.walk() if node.definition is None] == []
    long = {
        node.id
        for _, node, _ in framework.walk()
        if isinstance(node.title, dict)
        and (len(node.title["en"]) > 44 or any(len(node.title[language]) > 14 for language in CHARACTERS))
    }
    assert long == set()


@each_framework
def test_every_measure_can_be_fed(path: Path) -> None:
    framework = _framework(path.stem)
    fed = {q.feeds for sheet in _sheets_for(framework) for q in sheet.questions.values()}
    by_hand = {name for name, measure in framework.measures.items() if "operational" not in measure.evidence}
    assert by_hand - fed == set()


def test_every_questionnaire_belongs_to_a_framework() -> None:
    found = {sheet.questionnaire for path in FRAMEWORKS for sheet in _sheets_for(_framework(path.stem))}
    assert {path.stem for path in QUESTIONNAIRES} - found == set()


def test_all_that_ships_is_fit_to_be_published() -> None:
    """Languages, words, feeds, findings, actions, bounds, lengths, ids: `validate --strict`."""
    folders = [ROOT / name for name in ("actions", "indicators", "metrics", "pools", "questionnaires")]
    found = strict([*folders, ROOT / "reports" / "glossary.yaml", ROOT / "reports" / "findings.yaml"])
    assert found.problems == []
    assert found.advice == []


def test_the_lint_would_see_what_is_taken_away(tmp_path: Path) -> None:
    """A shipped framework with a measure more than anything feeds or moves."""
    framework = ROOT / "indicators" / "performance.yaml"
    text = framework.read_text(encoding="utf-8").replace("id: profit-margin", "id: profit-per-head")
    (tmp_path / "performance.yaml").write_text(text, encoding="utf-8")
    said = {problem.what for problem in strict([tmp_path / "performance.yaml"]).problems}
    assert 'no question and no metric feeds "profit-per-head"' in said
    assert 'the id "profit-margin" of the last release is gone' in said


@pytest.mark.parametrize("path", sorted((ROOT / "actions").glob("*.yaml")), ids=_name)
def test_actions_cite_their_document_and_call_their_figures_a_judgement(path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("actions:")[0]
    assert re.search(r"document 00[0-4]", head)
    assert "judgement" in head


def test_every_framework_has_actions() -> None:
    """Its own, or those of the framework that it extends."""
    names = {path.stem for path in (ROOT / "actions").glob("*.yaml")}
    assert {path.stem for path in FRAMEWORKS if _framework(path.stem).extends is None} == names

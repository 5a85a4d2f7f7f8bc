"""Every shipped framework and questionnaire: clean, whole in three languages, printable with the
shipped fonts, and fed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_capability.definition.framework import Framework
from crm_capability.definition.loaded import load_framework_definition, load_questionnaire
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.definition.validate import problems_of
from crm_capability.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
FRAMEWORKS = sorted((ROOT / "indicators").glob("*.yaml"))
QUESTIONNAIRES = sorted((ROOT / "questionnaires").glob("*.yaml"))
LANGUAGES = {"en", "zh-Hans", "zh-Hant"}
CHARACTERS = {"zh-Hans": "gb2312", "zh-Hant": "big5"}  # what the shipped fonts are subset to
CORE = "crm-capability"
TEXTS = ("title", "definition", "note", "source", "introduction", "text", "label", "hint")


def _name(path: Path) -> str:
    return path.stem


def _framework_of(sheet: Path) -> str:
    """The framework that a questionnaire feeds: the longest id that its name begins with."""
    ids = [file.stem for file in FRAMEWORKS if sheet.stem.startswith(f"{file.stem}-")]
    return max(ids, key=len, default=CORE)


def _framework(name: str) -> Framework:
    return load_framework_definition(ROOT / "indicators" / f"{name}.yaml").value


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
    missing = {letter for letter in texts if not letter.encode(CHARACTERS[language], "ignore")}
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
    sheets = [_questionnaire(sheet) for sheet in QUESTIONNAIRES if _framework_of(sheet) == path.stem]
    fed = {question.feeds for sheet in sheets for question in sheet.questions.values()}
    measures = _framework(path.stem).measures
    by_hand = {name for name, measure in measures.items() if "operational" not in measure.evidence}
    assert by_hand - fed == set()


@each_questionnaire
def test_every_question_feeds_a_measure_of_its_framework(path: Path) -> None:
    measures = _framework(_framework_of(path)).measures
    fed = {name: question.feeds for name, question in _questionnaire(path).questions.items()}
    assert {name: feeds for name, feeds in fed.items() if feeds not in measures} == {}

"""A questionnaire made ready to be asked: every text in every language wanted, answers with their
codes, how long it takes. A text that is blank in one of the languages is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..definition.load import Definition
from ..definition.questionnaire import (
    Choice,
    Condition,
    Maturity,
    NumberQuestion,
    Question,
    Questionnaire,
    Rating,
)
from ..definition.tool_codes import DEFAULT_LABELS, answers_of, code_of
from ..errors import DefinitionError, Problem
from ..methods.model import Model, Text
from .words import WORDS, word

Texts = Mapping[str, str]  # by language
_TEXT_FIELDS = ("title", "introduction", "text", "hint", "label", "unit")
# Reading speed and seconds to choose: Brysbaert (2019), 238 words a minute for English silent
# reading, 260 characters a minute for Chinese; about 4 s to choose or type an answer.
_WORDS_A_MINUTE, _CHARACTERS_A_MINUTE, _SECONDS_TO_CHOOSE = 238, 260, 4
_SECONDS_TO_WRITE = 30
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_SAYS_MINUTES = re.compile(r"minute|分钟|分鐘", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """One question. `points` counts the answers that are values; those after it are states."""

    id: str
    kind: str  # choose, number or text
    text: Texts
    hint: Texts
    answers: Mapping[str, Texts]  # by code, in order
    points: int
    unit: Texts
    low: float | None
    high: float | None
    when: tuple[str, tuple[str, ...]] | None  # an earlier question, and its answers by code
    several: bool = False  # as many answers as apply

    def typed_range(self, language: str) -> str:
        """Which number may be written, in words."""
        low = "" if self.low is None else word("least", language).format(min=f"{self.low:g}")
        high = "" if self.high is None else word("most", language).format(max=f"{self.high:g}")
        return word("number", language).format(range=low + high)


@dataclass(frozen=True)
class Part:
    """A section."""

    id: str
    title: Texts
    introduction: Texts
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Form:
    """A questionnaire in the languages wanted, the first of them the main one."""

    id: str
    version: str
    title: Texts
    introduction: Texts
    parts: tuple[Part, ...]
    languages: tuple[str, ...]
    minutes: int

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for part in self.parts for item in part.items)

    @property
    def main(self) -> str:
        return self.languages[0]

    @property
    def mark(self) -> str:
        """What says in an export which questionnaire it answers."""
        return f"{self.id}@{self.version}"


def form_of(definition: Definition[Questionnaire], languages: Sequence[str] = ()) -> Form:
    """The form in some languages, or in all that the questionnaire has. Raises DefinitionError for
    every text that one of them lacks."""
    sheet = definition.value
    chosen = tuple(dict.fromkeys(languages)) or _all_languages(sheet)
    problems = _blanks(definition, chosen)
    if problems:
        raise DefinitionError(problems)

    def texts(text: Text | None) -> Texts:
        if text is None:
            return {}
        return {language: text if isinstance(text, str) else text[language] for language in chosen}

    parts = tuple(
        Part(
            section.id,
            texts(section.title),
            texts(section.introduction),
            tuple(_item(sheet, question, texts, chosen) for question in section.questions),
        )
        for section in sheet.sections
    )
    minutes = max(_minutes(parts, language) for language in chosen)
    introduction = {
        language: _introduction(texts(sheet.introduction), language, minutes) for language in chosen
    }
    return Form(sheet.questionnaire, sheet.version, texts(sheet.title), introduction, parts, chosen, minutes)


def _item(sheet: Questionnaire, question: Question, texts: Any, chosen: tuple[str, ...]) -> Item:
    answers = answers_of(sheet, question)
    if not question.states and not set(chosen) <= set(DEFAULT_LABELS["na"]):
        answers = {code: label for code, label in answers.items() if label is not DEFAULT_LABELS.get(code)}
    points = len(sheet.points(question) or ()) or (
        len(question.options) if isinstance(question, Choice) else 0
    )
    kind = "choose" if isinstance(question, Rating | Maturity | Choice) else "text"
    number = question if isinstance(question, NumberQuestion) else None
    return Item(
        question.id,
        "number" if number else kind,
        texts(question.text),
        texts(question.hint),
        {code: texts(label) for code, label in answers.items()},
        points,
        texts(number.unit) if number else {},
        number.min if number else None,
        number.max if number else None,
        _condition(question.when),
        isinstance(question, Choice) and question.multiple,
    )


def _condition(when: Condition | None) -> tuple[str, tuple[str, ...]] | None:
    return None if when is None else (when.question, tuple(code_of(value) for value in when.answers))


def _introduction(own: Texts, language: str, minutes: int) -> str:
    text = own.get(language) or word("introduction", language)
    if _SAYS_MINUTES.search(text):
        return text
    return f"{text} {word('minutes', language).format(minutes=minutes)}"


def _minutes(parts: tuple[Part, ...], language: str) -> int:
    """How long it takes: to read each question, and the answers where they change, and to answer."""
    seconds, before = 0.0, None
    for part in parts:
        for item in part.items:
            seconds += _reading(item.text[language]) + (
                _SECONDS_TO_WRITE if item.kind == "text" else _SECONDS_TO_CHOOSE
            )
            if item.answers != before:
                seconds += sum(_reading(label[language]) for label in item.answers.values())
            before = item.answers
    return max(1, math.ceil(seconds / 60))


def _reading(text: str) -> float:
    characters = len(_CJK.findall(text))
    words = len(_CJK.sub(" ", text).split())
    return 60 * (words / _WORDS_A_MINUTE + characters / _CHARACTERS_A_MINUTE)


def _all_languages(sheet: Questionnaire) -> tuple[str, ...]:
    found = {language: None for _, text in _texts(sheet, ()) if isinstance(text, dict) for language in text}
    return tuple(found) or ("en",)


def _blanks(definition: Definition[Questionnaire], languages: tuple[str, ...]) -> list[Problem]:
    problems = []
    for path, text in _texts(definition.value, ()):
        for language in languages:
            given = text if isinstance(text, str) else text.get(language, "")
            if not given.strip():
                at = (*path, language) if isinstance(text, dict) and language in text else path
                what = f"no {language} text: a form with a blank is not written"
                problems.append(
                    definition.problem(at, what, "translate it, or leave the language out with --lang")
                )
    lacking = (
        sorted(set(languages) - set(WORDS["introduction"])) if definition.value.introduction is None else []
    )
    for language in lacking:
        what = (
            f"no introduction in {language}: respondents must be told the purpose and who sees their answers"
        )
        problems.append(definition.problem((), what, "write `introduction`"))
    return problems


def _texts(model: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Text]]:
    """Every text that a respondent reads, with its path."""
    if isinstance(model, Model):
        for name in type(model).model_fields:
            value = getattr(model, name)
            if name in _TEXT_FIELDS and isinstance(value, str | dict):
                yield (*path, name), value
            else:
                yield from _texts(value, (*path, name))
    elif isinstance(model, tuple):
        for n, one in enumerate(model):
            yield from _texts(one, (*path, n))
    elif isinstance(model, dict):
        for name, one in model.items():
            yield from _texts(one, (*path, name))

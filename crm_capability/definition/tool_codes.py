"""Codes of questions and answers in tools that are narrower than our ids, made the same way on
the way out and on the way back."""

from __future__ import annotations

import re

from ..methods.model import Text
from .questionnaire import DEFAULT_STATES, Choice, Maturity, Question, Questionnaire, Rating

LIMESURVEY_LONGEST = 20
_ANSWER_LONGEST = 5
AND = "; "  # between the codes of a choice of several, in the plain layout

# What a question that names no states understands, in the words of a respondent.
DEFAULT_LABELS: dict[str, dict[str, str]] = {
    "na": {"en": "Does not apply", "zh-Hans": "不适用", "zh-Hant": "不適用"},
    "dk": {"en": "Don't know", "zh-Hans": "不清楚", "zh-Hant": "不清楚"},
}


def code_of(value: str | float) -> str:
    """A value as it stands in a file of answers.

    >>> code_of(5.0), code_of(0.5), code_of("na")
    ('5', '0.5', 'na')
    """
    return value if isinstance(value, str) else format(value, ".15g")


def answers_of(sheet: Questionnaire, question: Question) -> dict[str, Text]:
    """The answers that a question offers, by code, in order: points, levels or options, then
    "does not apply" and "don't know" as the questionnaire words them, or else as we do. Numbers and
    free text offer only the states that they name."""
    offered: list[tuple[str | float, Text]] = []
    states = question.states
    if isinstance(question, Rating):
        scale = sheet.scales[question.scale]
        offered = [(point.value, point.label) for point in scale.points]
        states += scale.states
    elif isinstance(question, Maturity):
        offered = [(level.value, level.label) for level in question.levels]
    elif isinstance(question, Choice):
        offered = [(option.value, option.label) for option in question.options]
    offered += [(state.value, state.label) for state in states]
    if isinstance(question, Rating | Maturity) and not states:
        offered += [(code, DEFAULT_LABELS[str(code)]) for code in DEFAULT_STATES]
    return {code_of(value): label for value, label in offered}


def words_of(sheet: Questionnaire, question: Question) -> dict[str, Text]:
    """What an answer may be worded as, by code: those offered, and the states that every question
    understands."""
    offered = answers_of(sheet, question)
    understood = sheet.states(question)
    default = {str(code): DEFAULT_LABELS[str(code)] for code in DEFAULT_STATES if code in understood}
    return {**default, **offered}


def limesurvey_codes(sheet: Questionnaire) -> dict[str, str]:
    """LimeSurvey's code of each question of a questionnaire."""
    return limesurvey_codes_of(list(sheet.questions))


def limesurvey_codes_of(questions: list[str]) -> dict[str, str]:
    """The id without hyphens, at most 20 letters and digits, made unique by a number at its end.

    >>> limesurvey_codes_of(["attitude-polite", "a-b", "ab"])
    {'attitude-polite': 'attitudepolite', 'a-b': 'ab', 'ab': 'ab2'}
    """
    return _unique(questions, LIMESURVEY_LONGEST)


def limesurvey_answer_codes(codes: list[str]) -> dict[str, str]:
    """LimeSurvey's code of each answer, at most five letters and digits: the answer's own where it
    fits."""
    return _unique(codes, _ANSWER_LONGEST)


def _unique(names: list[str], longest: int) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9]", "", name.replace("-", "m") if _is_negative(name) else name)
        code, number = plain[:longest] or "x", 1
        while code.casefold() in taken:
            number += 1
            code = f"{plain[: longest - len(str(number))]}{number}"
        taken.add(code.casefold())
        found[name] = code
    return found


def _is_negative(name: str) -> bool:
    return re.fullmatch(r"-\d+(\.\d+)?", name) is not None

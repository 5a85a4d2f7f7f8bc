"""Two things asked as one: whoever agrees with one of them alone has no answer to give.

The signs are words and marks that join statements, so this is advice: a pair that is one thing to the
reader ("time and place") is joined as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import Problem
from .load import Definition
from .questionnaire import Maturity, Questionnaire, Rating

_QUESTION = re.compile(r"\band\b|以及|并且|而且|並且")
# A level is a statement: nouns may be joined in it, a second statement may not follow.
_LEVEL = re.compile(
    r"^[^,]*, and\b"
    r"|(?<!now )\band (?:is|are|was|were|has|have|it|they|we|then|also|\w+ed)\b"
    r"|, (?:with|\w+ed (?:by|with|in|from|as|on|at|out))\b"
    r"|\b(?:as well as|in addition|at the same time)\b"
    r"|[;.](?=\s+\S)"
    r"|，\s*(?:并|並|且|而且|也|还|還|又|同时|同時)"
    r"|以及|并且|並且|而且|此外"
    r"|[；。](?=.)",
    re.IGNORECASE,
)


def double_questions(definition: Definition[Questionnaire]) -> Iterator[Problem]:
    """Ratings and maturity levels that may hold two things at once, as advice."""
    for path, question in definition.value.walk():
        if isinstance(question, Rating):
            what, remedy = "two questions", "ask one thing, or make two of it"
            yield from _joined(definition, (*path, "text"), question.text, _QUESTION, what, remedy)
        elif isinstance(question, Maturity):
            what, remedy = "two behaviours in one level", "name the one that tells this level from the next"
            for n, level in enumerate(question.levels):
                place = (*path, "levels", n, "label")
                yield from _joined(definition, place, level.label, _LEVEL, what, remedy)


def _joined(
    definition: Definition[Questionnaire],
    path: tuple[Any, ...],
    text: Any,
    sign: re.Pattern[str],
    what: str,
    remedy: str,
) -> Iterator[Problem]:
    for language, words in text.items() if isinstance(text, dict) else [("", text)]:
        if found := sign.search(words):
            told = f"effective: “{found[0].strip(' ,，')}” may join {what}"
            yield definition.problem((*path, language) if language else path, told, remedy)

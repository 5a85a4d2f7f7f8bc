"""Questions asked on a condition (`when`), on the way back: of whom they were asked, and who answered
one that was not put to him.

A question is skipped where the one it depends on was answered otherwise, or was skipped itself. A blank
there is no gap: the question does not apply. An answer there does not count, and is told. Where the other
question was left blank nobody knows: a blank stays a blank, and an answer is told too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..definition.questionnaire import Question, Questionnaire
from ..definition.tool_codes import AND, code_of
from .cells import Cells, cells
from .columns import Codes

Mask = NDArray[np.bool_]
Coded = Callable[[str], tuple[Codes, list[str]] | None]  # a question's answers; None for no column


@dataclass(frozen=True)
class Asked:
    """One question asked on a condition: who was not asked, and which answers stand against it."""

    question: Question
    skipped: Mask
    against: Mask  # an answer though the condition is not met


def conditions(sheet: Questionnaire, coded: Coded) -> Iterator[Asked]:
    """Every question with a condition whose columns are there, in the questionnaire's order."""
    skipped: dict[str, Mask] = {}
    for question in sheet.questions.values():
        if question.when is None:
            continue
        on = coded(question.when.question)
        if on is None:
            continue
        codes, texts = on
        wanted = {code_of(value) for value in question.when.answers}
        met = np.array([_met(text, wanted) for text in texts], dtype=bool)[codes]
        given = np.array([text != "" for text in texts], dtype=bool)[codes]
        before = skipped.get(question.when.question, np.zeros(len(codes), dtype=bool))
        out = before | (given & ~met)
        skipped[question.id] = out
        own = coded(question.id)
        if own is None:
            continue
        answered = np.array([text != "" for text in own[1]], dtype=bool)[own[0]]
        yield Asked(question, out, answered & (out | ~met))


def _met(text: str, wanted: set[str]) -> bool:
    """Whether an answer, or one of several chosen, is one of those wanted; 1.0 is 1."""
    return any(_code(part) in wanted for part in text.split(AND.strip()))


def _code(text: str) -> str:
    text = text.strip()
    try:
        return code_of(float(text))
    except ValueError:
        return text


def without_skipped(given: Cells, asked: Asked, mark: int) -> Cells:
    """A question's answers where it was asked; whom it was not put to bears the mark."""
    codes = given.codes.astype(np.intp)
    size = len(given.values)
    codes[asked.against] = size + 1
    codes[asked.skipped] = size
    values = np.append(given.values, [np.nan, np.nan])
    return cells(codes, values, np.append(given.marks, np.array([mark, 0], dtype=np.int8)))


def said_against(asked: Asked) -> str:
    """What to say of answers that stand against a condition."""
    when = asked.question.when
    assert when is not None
    wanted = " or ".join(map(code_of, when.answers))
    return (
        f"{asked.question.id} was answered, and is asked only where {when.question} is {wanted}: "
        "it does not count"
    )

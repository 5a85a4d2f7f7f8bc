"""Imported answers to questions that a condition should have kept from the respondent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from ...definition.questionnaire import Questionnaire
from ..columns import Codes
from ..conditions import conditions, said_against
from .grid import MOST_PROBLEMS, Grid


def against_conditions(
    sheet: Questionnaire, answers: Mapping[str, list[str]], grid: Grid, rows: range, places: Mapping[str, int]
) -> Iterator[str]:
    """Answers to questions that were not to be asked, each with its row and column. The cells stay as they
    are: a reading leaves them out."""

    def given(name: str) -> tuple[Codes, list[str]] | None:
        if name not in answers:
            return None
        codes, texts = pd.factorize(pd.Series(answers[name], dtype=object))
        return codes, list(texts)

    for asked in conditions(sheet, given):
        found = asked.against.nonzero()[0]
        for respondent in found[:MOST_PROBLEMS]:
            where = grid.place(rows[int(respondent)], places[asked.question.id])
            yield f"{where}: {said_against(asked)}"
        if len(found) > MOST_PROBLEMS:
            yield f"{asked.question.id}: {len(found) - MOST_PROBLEMS} more such answers"

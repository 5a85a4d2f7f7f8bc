"""The words of respondents that a plan chooses one by one: the only free text that is ever read."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..data_files import row_place
from ..definition.plan import SurveyEvidence
from ..definition.quotes import Quote
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.suppression import MINIMUM_GROUP
from ..tables import shape
from .answers import Answers
from .columns import columns_of
from .personal import personal_words


def quotes_table(answers: Answers, entry: SurveyEvidence, path: Path, fewest: int | None) -> pd.DataFrame:
    """The table `quotes`. Raises EvidenceError for a respondent who is not there or wrote nothing, for
    words that hold an e-mail address or a phone number, and for an audience so small that a quote
    would tell who wrote it."""
    if not entry.quotes:
        return shape("quotes", {})
    columns = columns_of(path, entry.sheet)
    problems: list[Problem] = []
    rows = []
    for quote in entry.quotes:
        place = _row(answers.people, quote, path, problems)
        if place is None:
            continue
        if quote.question not in columns.names:
            what = f"no column for {quote.question}, of which the plan quotes"
            problems.append(Problem(Place(str(path), 1), what, near_miss(quote.question, columns.names)))
            continue
        row = answers.people.index[place]
        words = columns.text(quote.question).loc[row]
        who = answers.people.iloc[place]
        wrong = _wrong(words, _like(answers.people, who), fewest or MINIMUM_GROUP)
        if wrong:
            column = list(columns.names).index(quote.question) + 1
            where = Place(str(path), row_place(path, row).line, column)
            problems.append(Problem(where, *wrong))
            continue
        own = {"wave": who["wave"], "unit": who["unit"], "role": who["role"]}
        sheet = answers.sheet.questionnaire
        rows.append({"questionnaire": sheet, **own, "question": quote.question, "text": words})
    if problems:
        raise EvidenceError(problems)
    return shape("quotes", pd.DataFrame(rows))


def _row(people: pd.DataFrame, quote: Quote, path: Path, problems: list[Problem]) -> int | None:
    """Where the quoted respondent stands."""
    name = str(quote.respondent)
    found = people["respondent"] == name
    if quote.wave is not None:
        found &= people["wave"] == quote.wave
    places = np.flatnonzero(found)
    if len(places) == 1:
        return int(places[0])
    if len(places):
        what = f'respondent "{name}", whom the plan quotes, stands in {len(places)} rows'
        problems.append(Problem(Place(str(path)), what, "say of which `wave` the quote is"))
    else:
        when = f" of the wave {quote.wave}" if quote.wave else ""
        what = f'no respondent "{name}"{when} to quote'
        problems.append(Problem(Place(str(path)), what, _near(name, people["respondent"])))
    return None


def _near(name: str, known: Collection[str]) -> str:
    return near_miss(name, list(known)[:1000])


def _like(people: pd.DataFrame, who: pd.Series) -> int:
    """How many answered of the same wave, unit and audience."""
    same: Any = True
    for key in ("wave", "unit", "role"):
        same &= people[key] == who[key]
    return int(same.sum())


def _wrong(words: str, people: int, fewest: int) -> tuple[str, str] | None:
    """Why words cannot be quoted, and what to do; None where they can."""
    if not words:
        return "the plan quotes this answer, and it is blank", "take the quote out of the plan"
    if kind := personal_words(words):
        return (
            f"the plan quotes this answer, and it holds {kind}",
            "choose another, or take that out of the answer",
        )
    if people < fewest:
        what = f"the plan quotes one of {people} people: fewer than {fewest} would give away who it is"
        return what, "take the quote out of the plan"
    return None

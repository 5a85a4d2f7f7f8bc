"""Answers: from the plain layout, one row a respondent, to readings.

A measure's reading is the (weighted) mean over respondents of the mean of each respondent's
answered questions; its standard error is sd/√n, weighted √(n/(n−1)·Σw²(x−m)²)/Σw; of weights that
a plan raked, see `methods.raking.influences`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data_files import read_frame, row_place, to_numbers, to_text
from ..definition.plan import SurveyEvidence
from ..definition.questionnaire import Choice, FreeText, NumberQuestion, Question, Questionnaire
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.raking import Margin
from .cells import Cells, Decoded, blank_cells, cells, means_of
from .columns import Codes, Columns, columns_of
from .conditions import conditions, said_against, without_skipped
from .group_means import MARKS, NOT_ASKED, group_means, groups_of, stacked
from .occasions import Occasions, repeated

ID_COLUMNS = ("respondent", "unit", "wave", "role", "language", "weight", "seconds")
MOST_PROBLEMS = 50
MOST_TOLD = 10  # rows named in a note


def seconds_file(answers: Path) -> Path:
    """Where an import keeps the time that each respondent used, beside the answers."""
    return answers.with_name(f"{answers.stem}.seconds.csv")


@dataclass(frozen=True)
class Answers:
    """Checked answers: who answered, when, for which unit, in which role, and what.

    `values` and `states` map question ids to arrays over respondents: the number answered
    (reversed questions turned round) or NaN, and the code of the state where there is none.
    """

    sheet: Questionnaire
    file: str
    people: pd.DataFrame  # respondent, weight; wave, unit, role and, if told, language as categories
    cells: Mapping[str, Cells]
    seconds: NDArray[np.float64] | None = None  # used by each respondent, where an import kept them
    margins: tuple[Margin, ...] = ()  # what the weights were raked to; −1 for who was not

    @property
    def values(self) -> Mapping[str, Any]:
        return Decoded(self.cells, "numbers")

    @property
    def states(self) -> Mapping[str, Any]:
        return Decoded(self.cells, "states")

    @property
    def fed(self) -> dict[str, list[str]]:
        """The measures fed, each with its questions, in the questionnaire's order."""
        fed: dict[str, list[str]] = {}
        for question in self.sheet.questions.values():
            if question.feeds is not None:
                fed.setdefault(question.feeds, []).append(question.id)
        return fed

    def of(self, measure: str) -> list[Cells]:
        """The answers to a measure's questions."""
        return [self.cells[question] for question in self.fed[measure]]

    def part(self, rows: slice) -> Answers:
        """The answers of the respondents in these rows."""
        people = self.people.iloc[rows]
        cells = {name: cells.taken(rows) for name, cells in self.cells.items()}
        margins = tuple(margin.taken(rows) for margin in self.margins)
        return replace(self, people=people, cells=cells, seconds=None, margins=margins)

    def means(self, measure: str) -> NDArray[np.float64]:
        """Each respondent's mean over the answered questions of a measure, NaN for none."""
        return means_of(self.of(measure))


def read_answers(
    entry: SurveyEvidence, sheet: Questionnaire, path: Path, occasions: Occasions
) -> tuple[Answers, list[str]]:
    """Read and check one file of answers. Raises EvidenceError with every cell that is wrong."""
    columns = columns_of(path, entry.sheet)
    if columns.index.empty:
        raise EvidenceError(
            Problem(Place(str(path)), "no respondent in it", "check that the export is complete")
        )
    problems = _header_problems(columns.names, sheet, path, [*entry.rake, *entry.segments])
    if problems:
        raise EvidenceError(problems)
    people = _people(entry, columns, sheet, path, occasions, problems)
    found = {}
    for question in sheet.questions.values():
        if isinstance(question, Choice | FreeText):
            continue
        if question.id in columns.names:
            found[question.id] = _cells(sheet, question, columns, path, problems)
        else:
            found[question.id] = blank_cells(len(people))
    if problems:
        raise EvidenceError(problems[:MOST_PROBLEMS])
    notes = _where_asked(sheet, columns, found, path)
    absent = [name for name in found if name not in columns.names]
    notes += [f"{path.name}: no column for {', '.join(absent)}"] if absent else []
    return Answers(sheet, path.name, people, found, _seconds(columns, people["respondent"], path)), notes


def _where_asked(sheet: Questionnaire, columns: Columns, found: dict[str, Cells], path: Path) -> list[str]:
    """Take out what was not asked, in place; gives a note on answers that stand against a condition."""
    notes = []

    def coded(name: str) -> tuple[Codes, list[str]] | None:
        return columns.coded(name) if name in columns.names else None

    for asked in conditions(sheet, coded):
        if asked.question.id in found:
            found[asked.question.id] = without_skipped(found[asked.question.id], asked, NOT_ASKED)
        if asked.against.any():
            rows = columns.index[np.flatnonzero(asked.against)[:MOST_TOLD]]
            more = int(asked.against.sum()) - len(rows)
            places = ", ".join(f"{row_place(path, row).line}" for row in rows) + (
                f" and {more} more" if more else ""
            )
            notes.append(f"{path.name}, row {places}: {said_against(asked)}")
    return notes


def _seconds(columns: Columns, respondents: pd.Series, path: Path) -> NDArray[np.float64] | None:
    """The time that each respondent used: a column `seconds`, or the file beside the answers that
    the import wrote."""
    if "seconds" in columns.names:
        return columns.numbers("seconds").to_numpy()
    beside = seconds_file(path)
    if not beside.is_file():
        return None
    kept = read_frame(beside)
    if not {"respondent", "seconds"} <= set(kept.columns):
        return None
    used = to_numbers(kept["seconds"], beside, "seconds").groupby(to_text(kept["respondent"])).first()
    return respondents.map(used).to_numpy(dtype="float64")


def _header_problems(
    names: Collection[str], sheet: Questionnaire, path: Path, more: Collection[str]
) -> list[Problem]:
    known = [*ID_COLUMNS, *sheet.questions, *more]
    found = [
        Problem(
            Place(str(path), 1),
            f'"{name}" is no question of {sheet.questionnaire}',
            near_miss(str(name), known),
        )
        for name in names
        if name not in known
    ]
    if "respondent" not in names:
        what = "the column respondent is missing"
        found.append(Problem(Place(str(path), 1), what, near_miss("respondent", names)))
    return found


def _people(
    entry: SurveyEvidence,
    columns: Columns,
    sheet: Questionnaire,
    path: Path,
    occasions: Occasions,
    problems: list[Problem],
) -> pd.DataFrame:
    who = columns.text("respondent")
    role = _few(columns, "role").cat.rename_categories(lambda name: name or sheet.audience)
    people = pd.DataFrame(
        {
            "respondent": who,
            "wave": occasions.waves(_few(columns, "wave"), entry.wave, path, problems),
            "unit": occasions.units(_few(columns, "unit"), entry.unit, path, problems),
            "role": role if entry.feeds_role is None else repeated(entry.feeds_role, columns.index),
        }
    )
    if "language" in columns.names:
        people["language"] = _few(columns, "language")
    people["weight"] = 1.0
    if "weight" in columns.names:
        try:
            people["weight"] = columns.numbers("weight")
        except EvidenceError as error:
            problems += error.problems
        for row in people.index[~(people["weight"] > 0)]:
            problems.append(
                Problem(row_place(path, row), "weight: not above zero", "give each respondent a weight")
            )
    for row in people.index[who == ""]:
        problems.append(Problem(row_place(path, row), "no respondent id", "give each respondent an id"))
    if columns.all_different("respondent"):
        return people
    again = people.duplicated(["respondent", "wave", "unit", "role"]) & (who != "")
    for row in people.index[again]:
        what = f'respondent "{who[row]}" stands twice in this wave'
        problems.append(Problem(row_place(path, row), what, "keep one of the rows"))
    return people


def _few(columns: Columns, name: str) -> pd.Series:
    """A column of a few distinct texts, as categories; blank where there is no such column."""
    if name not in columns.names:
        return repeated("", columns.index)
    codes, texts = columns.coded(name)
    return pd.Series(pd.Categorical.from_codes(codes, texts), index=columns.index)


def _cells(
    sheet: Questionnaire, question: Question, columns: Columns, path: Path, problems: list[Problem]
) -> Cells:
    """One column as numbers and states. Distinct answers are looked at once, not row by row."""
    codes, distinct = columns.coded(question.id)
    points, states = sheet.points(question), sheet.states(question)
    values = np.full(len(distinct), np.nan)
    marks = np.zeros(len(distinct), dtype=np.int8)
    for n, text in enumerate(distinct):
        number = _number(text)
        state = states.get(text, states.get(number) if number is not None else None)
        if text == "":
            continue
        if state is not None:
            marks[n] = MARKS.index(state)
        elif number is None or not _allowed(question, points, number):
            row = columns.index[int(np.argmax(codes == n))]
            more = f", in {int((codes == n).sum())} rows" if (codes == n).sum() > 1 else ""
            what = f'{question.id}: "{text}" is not an answer to this question{more}'
            problems.append(Problem(row_place(path, row), what, _answers(question, points, states)))
        else:
            values[n] = number
    if points is not None and getattr(question, "reverse", False):
        values = min(points) + max(points) - values
    return cells(codes, values, marks)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) and "_" not in text else None


def _allowed(question: Question, points: tuple[float, ...] | None, number: float) -> bool:
    if points is not None:
        return number in points
    assert isinstance(question, NumberQuestion)
    return (question.min is None or number >= question.min) and (
        question.max is None or number <= question.max
    )


def _answers(question: Question, points: tuple[float, ...] | None, states: dict[str | float, str]) -> str:
    if points is not None:
        allowed = ", ".join(f"{point:g}" for point in points)
    else:
        assert isinstance(question, NumberQuestion)
        low = "" if question.min is None else f" from {question.min:g}"
        high = "" if question.max is None else f" to {question.max:g}"
        allowed = f"a number{low}{high}"
    return f"allowed: {allowed}" + "".join(
        f", {value if isinstance(value, str) else format(value, 'g')}" for value in states
    )


def answers_readings(answers: Answers) -> pd.DataFrame:
    """One row for each wave, unit, role and measure that the questionnaire feeds."""
    evidence = "judgement" if answers.sheet.audience == "expert" else "survey"
    sheet = f"{answers.sheet.questionnaire}@{answers.sheet.version}"
    groups = groups_of(answers.people)
    weights = answers.people["weight"].to_numpy()
    every, parts = np.arange(len(groups.keys)), []
    for measure, questions in answers.fed.items():
        found = group_means(answers.of(measure), groups, weights, answers.margins)
        parts.append(
            {
                "group": every,
                "measure": measure,
                "value": found.value,
                "n": found.n,
                "standard_error": found.standard_error,
                "state": found.state,
                "evidence": evidence,
                "source": f"{sheet}: {', '.join(questions)} ({answers.file})",
            }
        )
    return stacked(groups.keys, parts) if parts else pd.DataFrame()

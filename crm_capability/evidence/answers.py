"""Answers: from the plain layout, one row a respondent, to readings.

A measure's reading is the (weighted) mean over respondents of the mean of each respondent's
answered questions; its standard error is sd/√n, weighted √(n/(n−1)·Σw²(x−m)²)/Σw.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data_files import read_frame, row_place, to_numbers, to_text
from ..definition.plan import SurveyEvidence
from ..definition.questionnaire import Choice, FreeText, NumberQuestion, Question, Questionnaire
from ..errors import EvidenceError, Place, Problem, near_miss
from ..tables import MEASURED, NOT_APPLICABLE, NOT_COLLECTED, UNKNOWN
from .occasions import Occasions

ID_COLUMNS = ("respondent", "unit", "wave", "role", "weight", "seconds")
MOST_PROBLEMS = 50
_CODES = {NOT_COLLECTED: 0, UNKNOWN: 1, NOT_APPLICABLE: 2}


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
    people: pd.DataFrame  # respondent, wave, unit, role, weight
    values: dict[str, NDArray[np.float64]]
    states: dict[str, NDArray[np.int8]]
    seconds: NDArray[np.float64] | None = None  # used by each respondent, where an import kept them

    @property
    def fed(self) -> dict[str, list[str]]:
        """The measures fed, each with its questions, in the questionnaire's order."""
        fed: dict[str, list[str]] = {}
        for question in self.sheet.questions.values():
            if question.feeds is not None:
                fed.setdefault(question.feeds, []).append(question.id)
        return fed

    def means(self, measure: str) -> NDArray[np.float64]:
        """Each respondent's mean over the answered questions of a measure, NaN for none."""
        stack = np.stack([self.values[question] for question in self.fed[measure]])
        counts = (~np.isnan(stack)).sum(axis=0)
        return np.divide(np.nansum(stack, axis=0), counts, out=np.full(counts.size, np.nan), where=counts > 0)


def read_answers(
    entry: SurveyEvidence, sheet: Questionnaire, path: Path, occasions: Occasions
) -> tuple[Answers, list[str]]:
    """Read and check one file of answers. Raises EvidenceError with every cell that is wrong."""
    frame = read_frame(path, entry.sheet)
    if frame.empty:
        raise EvidenceError(
            Problem(Place(str(path)), "no respondent in it", "check that the export is complete")
        )
    problems = _header_problems(frame, sheet, path)
    if problems:
        raise EvidenceError(problems)
    people = _people(entry, frame, sheet, path, occasions, problems)
    values, states = {}, {}
    for question in sheet.questions.values():
        if isinstance(question, Choice | FreeText):
            continue
        column = frame.get(question.id)
        if column is None:
            values[question.id] = np.full(len(frame), np.nan)
            states[question.id] = np.zeros(len(frame), dtype=np.int8)
        else:
            values[question.id], states[question.id] = _cells(sheet, question, column, path, problems)
    if problems:
        raise EvidenceError(problems[:MOST_PROBLEMS])
    absent = [name for name in values if name not in frame.columns]
    notes = [f"{path.name}: no column for {', '.join(absent)}"] if absent else []
    return Answers(sheet, path.name, people, values, states, _seconds(frame, path)), notes


def _seconds(frame: pd.DataFrame, path: Path) -> NDArray[np.float64] | None:
    """The time that each respondent used: a column `seconds`, or the file beside the answers that
    the import wrote."""
    if "seconds" in frame.columns:
        return to_numbers(frame["seconds"], path, "seconds").to_numpy()
    beside = seconds_file(path)
    if not beside.is_file():
        return None
    kept = read_frame(beside)
    if not {"respondent", "seconds"} <= set(kept.columns):
        return None
    used = to_numbers(kept["seconds"], beside, "seconds").groupby(to_text(kept["respondent"])).first()
    return to_text(frame["respondent"]).map(used).to_numpy(dtype="float64")


def _header_problems(frame: pd.DataFrame, sheet: Questionnaire, path: Path) -> list[Problem]:
    known = [*ID_COLUMNS, *sheet.questions]
    found = [
        Problem(
            Place(str(path), 1),
            f'"{name}" is no question of {sheet.questionnaire}',
            near_miss(str(name), known),
        )
        for name in frame.columns
        if name not in known
    ]
    if "respondent" not in frame.columns:
        what = "the column respondent is missing"
        found.append(Problem(Place(str(path), 1), what, near_miss("respondent", frame.columns)))
    return found


def _people(
    entry: SurveyEvidence,
    frame: pd.DataFrame,
    sheet: Questionnaire,
    path: Path,
    occasions: Occasions,
    problems: list[Problem],
) -> pd.DataFrame:
    blank = pd.Series("", index=frame.index)
    role = to_text(frame.get("role", blank))
    people = pd.DataFrame(
        {
            "respondent": to_text(frame["respondent"]),
            "wave": occasions.waves(to_text(frame.get("wave", blank)), entry.wave, path, problems),
            "unit": occasions.units(to_text(frame.get("unit", blank)), entry.unit, path, problems),
            "role": entry.feeds_role or role.mask(role == "", sheet.audience),
        }
    )
    people["weight"] = 1.0
    if "weight" in frame.columns:
        try:
            people["weight"] = to_numbers(frame["weight"], path, "weight")
        except EvidenceError as error:
            problems += error.problems
        for row in people.index[~(people["weight"] > 0)]:
            problems.append(
                Problem(row_place(path, row), "weight: not above zero", "give each respondent a weight")
            )
    for row in people.index[people["respondent"] == ""]:
        problems.append(Problem(row_place(path, row), "no respondent id", "give each respondent an id"))
    again = people.duplicated(["respondent", "wave", "unit", "role"]) & (people["respondent"] != "")
    for row in people.index[again]:
        who = people.at[row, "respondent"]
        problems.append(
            Problem(
                row_place(path, row), f'respondent "{who}" stands twice in this wave', "keep one of the rows"
            )
        )
    return people


def _cells(
    sheet: Questionnaire, question: Question, column: pd.Series, path: Path, problems: list[Problem]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """One column as numbers and states. Distinct answers are looked at once, not row by row."""
    codes, found = pd.factorize(column, use_na_sentinel=False)
    distinct = to_text(pd.Series(found))
    points, states = sheet.points(question), sheet.states(question)
    values = np.full(len(distinct), np.nan)
    marks = np.zeros(len(distinct), dtype=np.int8)
    for n, text in enumerate(distinct):
        number = _number(text)
        state = states.get(text, states.get(number) if number is not None else None)
        if text == "":
            continue
        if state is not None:
            marks[n] = _CODES[state]
        elif number is None or not _allowed(question, points, number):
            row = column.index[int(np.argmax(codes == n))]
            more = f", in {int((codes == n).sum())} rows" if (codes == n).sum() > 1 else ""
            what = f'{question.id}: "{text}" is not an answer to this question{more}'
            problems.append(Problem(row_place(path, row), what, _answers(question, points, states)))
        else:
            values[n] = number
    if points is not None and getattr(question, "reverse", False):
        values = min(points) + max(points) - values
    return values[codes], marks[codes]


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


def together(sheets: Collection[Answers]) -> list[Answers]:
    """Answers to the same questionnaire, from however many files, as one."""
    by_sheet: dict[tuple[str, str], list[Answers]] = {}
    for answers in sheets:
        by_sheet.setdefault((answers.sheet.questionnaire, answers.sheet.version), []).append(answers)
    return [parts[0] if len(parts) == 1 else _joined(parts) for parts in by_sheet.values()]


def _joined(parts: list[Answers]) -> Answers:
    seconds = None
    if any(part.seconds is not None for part in parts):
        blank = [
            np.full(len(part.people), np.nan) if part.seconds is None else part.seconds for part in parts
        ]
        seconds = np.concatenate(blank)
    return Answers(
        parts[0].sheet,
        ", ".join(part.file for part in parts),
        pd.concat([part.people for part in parts], ignore_index=True),
        {name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values},
        {name: np.concatenate([part.states[name] for part in parts]) for name in parts[0].states},
        seconds,
    )


def without(answers: Answers, out: NDArray[np.bool_]) -> Answers:
    """The answers without some respondents."""
    keep = ~out
    return replace(
        answers,
        people=answers.people[keep],
        values={name: values[keep] for name, values in answers.values.items()},
        states={name: marks[keep] for name, marks in answers.states.items()},
        seconds=None if answers.seconds is None else answers.seconds[keep],
    )


def answers_readings(answers: Answers) -> pd.DataFrame:
    """One row for each wave, unit, role and measure that the questionnaire feeds."""
    evidence = "judgement" if answers.sheet.audience == "expert" else "survey"
    groups = answers.people.groupby(["wave", "unit", "role"], sort=False).indices
    rows = []
    for measure, questions in answers.fed.items():
        means = answers.means(measure)
        marks = np.stack([answers.states[question] for question in questions])
        for (wave, unit, role), members in groups.items():
            row = _reading(means[members], answers.people["weight"].to_numpy()[members], marks[:, members])
            source = f"{answers.sheet.questionnaire}@{answers.sheet.version}: {', '.join(questions)} ({answers.file})"
            rows.append(
                {
                    "wave": wave,
                    "unit": unit,
                    "role": role,
                    "measure": measure,
                    **row,
                    "evidence": evidence,
                    "source": source,
                }
            )
    return pd.DataFrame(rows)


def _reading(
    means: NDArray[np.float64], weights: NDArray[np.float64], marks: NDArray[np.int8]
) -> dict[str, object]:
    given = ~np.isnan(means)
    n = int(given.sum())
    if n == 0:
        state = NOT_COLLECTED
        if (marks == _CODES[NOT_APPLICABLE]).all():
            state = NOT_APPLICABLE
        elif (marks == _CODES[UNKNOWN]).any():
            state = UNKNOWN
        return {"value": np.nan, "n": 0, "standard_error": np.nan, "state": state}
    x, w = means[given], weights[given]
    mean = float(np.average(x, weights=w))
    error = np.nan
    if n > 1:
        error = float(np.sqrt(n / (n - 1) * ((w * (x - mean)) ** 2).sum()) / w.sum())
    return {"value": mean, "n": n, "standard_error": error, "state": MEASURED}

"""What the scales of a questionnaire are worth: reliability and agreement, for each measure that
several questions feed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.reliability import (
    alpha,
    alpha_if_dropped,
    alpha_standardized,
    covariances,
    intraclass,
    item_rest,
    omega,
    r_wg,
    variance_by_chance,
)
from ..tables import shape
from .answers import Answers, together

Array = NDArray[np.float64]


def reliability_tables(
    sheets: Collection[Answers], formative: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """The tables `reliability`, a row for each questionnaire, measure and wave, and `items`, a row
    for each question in it. Measures in `formative` are made of their questions rather than
    reflected in them: how far the questions agree says nothing of them, so alpha and omega stay
    blank."""
    scales: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for answers, measure, wave, members in _scales(sheets):
        questions = [
            name for name in answers.fed[measure] if not np.isnan(answers.values[name][members]).all()
        ]
        row = {"questionnaire": answers.sheet.questionnaire, "scale": measure, "wave": wave}
        if len(questions) < 2:
            scales.append(
                {
                    **row,
                    "items": len(questions),
                    "respondents": _complete(answers, questions, members)[0].shape[0],
                }
            )
            continue
        matrix, here = _complete(answers, questions, members)
        covariance = covariances(matrix)
        scales.append({**row, **_scale(answers, questions, matrix, covariance, here, measure in formative)})
        items += _items(row, questions, covariance, measure in formative)
    return {
        "reliability": shape("reliability", pd.DataFrame(scales)),
        "items": shape("items", pd.DataFrame(items)),
    }


def _scales(sheets: Collection[Answers]) -> Iterator[tuple[Answers, str, str, NDArray[np.intp]]]:
    for answers in together(sheets):
        waves = answers.people.groupby("wave", sort=False).indices
        for measure in answers.fed:
            for wave, members in waves.items():
                yield answers, measure, str(wave), members


def _complete(
    answers: Answers, questions: list[str], members: NDArray[np.intp]
) -> tuple[Array, NDArray[np.intp]]:
    """The rows with an answer to each question, and whose they are."""
    if not questions:
        return np.empty((0, 0)), members[:0]
    matrix = np.column_stack([answers.values[question][members] for question in questions])
    whole = ~np.isnan(matrix).any(axis=1)
    return matrix[whole], members[whole]


def _scale(
    answers: Answers,
    questions: list[str],
    matrix: Array,
    covariance: Array,
    here: NDArray[np.intp],
    formative: bool,
) -> dict[str, Any]:
    units = pd.factorize(answers.people["unit"].to_numpy()[here])[0]
    within = intraclass(matrix.mean(axis=1), units) if len(matrix) else (np.nan, np.nan)
    row: dict[str, Any] = {
        "items": len(questions),
        "respondents": len(matrix),
        "icc1": within[0],
        "icc2": within[1],
    }
    points = [answers.sheet.points(answers.sheet.questions[question]) for question in questions]
    if len(matrix) > 1 and None not in points:
        by_chance = np.array([variance_by_chance(np.array(of)) for of in points])
        row["r_wg"] = r_wg(np.diag(covariance), by_chance)
    if not formative and len(matrix) > 1:
        row |= {
            "alpha": alpha(covariance),
            "alpha_standardized": alpha_standardized(covariance),
            "omega": omega(covariance),
        }
    return row


def _items(
    row: dict[str, Any], questions: list[str], covariance: Array, formative: bool
) -> list[dict[str, Any]]:
    if formative or np.isnan(covariance).any():
        return []
    rest, dropped = item_rest(covariance), alpha_if_dropped(covariance)
    return [
        {**row, "question": name, "item_rest": rest[n], "alpha_if_dropped": dropped[n]}
        for n, name in enumerate(questions)
    ]

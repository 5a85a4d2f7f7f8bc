"""What the scales of a questionnaire are worth: reliability and agreement, for each measure that
several questions feed, by wave, and by language where answers came in several."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.bootstrap import DRAWS, agreement_intervals
from ..methods.reliability import (
    alpha,
    alpha_if_dropped,
    alpha_standardized,
    item_rest,
    omega,
    r_wg,
    variance_by_chance,
)
from ..tables import shape
from .answers import Answers
from .cells import Array, Cells
from .columns import Codes
from .group_means import codes_of
from .joint import Joint, joint
from .together import together

FEWEST = 5  # respondents in a language for figures of their own


@dataclass(frozen=True)
class Scale:
    """The answers to the questions of one measure, of one wave, in one language or all."""

    answers: Answers
    measure: str
    wave: str
    language: str | None
    questions: list[str]  # those that anybody answered
    joint: Joint

    @property
    def row(self) -> dict[str, Any]:
        """What names the scale in a table."""
        row = {"questionnaire": self.answers.sheet.questionnaire, "scale": self.measure, "wave": self.wave}
        return row if self.language is None else {**row, "language": self.language}

    @property
    def by_chance(self) -> Array | None:
        """The variance of each question's answers if they were even over its points."""
        points = [self.answers.sheet.points(self.answers.sheet.questions[name]) for name in self.questions]
        return np.array([variance_by_chance(np.array(of)) for of in points]) if None not in points else None


def reliability_tables(
    sheets: Collection[Answers], formative: Collection[str] = (), draws: int = DRAWS
) -> dict[str, pd.DataFrame]:
    """The tables `reliability`, a row for each questionnaire, measure and wave, `items`, a row for
    each question in it, and `reliability_by_language`. Measures in `formative` are made of their
    questions rather than reflected in them: how far the questions agree says nothing of them, so
    alpha and omega stay blank. Intervals come from so many bootstrap samples; with none, or where
    more kinds of answers were given than can be listed, they stay blank."""
    scales: list[dict[str, Any]] = []
    by_language: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for scale in scales_of(sheets):
        row = {**scale.row, **_figures(scale, scale.measure in formative, draws)}
        (scales if scale.language is None else by_language).append(row)
        if scale.language is None and scale.measure not in formative:
            items += _items(scale.row, scale.questions, scale.joint.covariance)
    return {
        "reliability": shape("reliability", pd.DataFrame(scales)),
        "items": shape("items", pd.DataFrame(items)),
        "reliability_by_language": shape("reliability_by_language", pd.DataFrame(by_language)),
    }


def scales_of(sheets: Collection[Answers]) -> Iterator[Scale]:
    """Every measure of every questionnaire and wave, and again in each language of several."""
    for answers in together(sheets):
        units = codes_of(answers.people["unit"])[0]
        parts = list(_parts(answers.people))
        for measure, questions in answers.fed.items():
            for wave, language, rows in parts:
                yield _scale(answers, measure, (wave, language), questions, units, rows)


def _parts(people: pd.DataFrame) -> Iterator[tuple[str, str | None, NDArray[np.intp] | slice]]:
    waves, names = codes_of(people["wave"])
    for n, wave in enumerate(names):
        rows = slice(None) if len(names) == 1 else np.flatnonzero(waves == n)
        yield str(wave), None, rows
        if "language" not in people.columns:
            continue
        spoken, languages = codes_of(people["language"].iloc[rows])
        if len(languages) > 1:
            of_wave = np.arange(len(people))[rows]
            for m in np.argsort(languages.astype("str")):
                if (spoken == m).sum() >= FEWEST:
                    yield str(wave), str(languages[m]), of_wave[spoken == m]


def _scale(
    answers: Answers,
    measure: str,
    when: tuple[str, str | None],
    questions: list[str],
    units: Codes,
    rows: NDArray[np.intp] | slice,
) -> Scale:
    taken = {name: answers.cells[name].taken(rows) for name in questions}
    answered = [name for name, cells in taken.items() if _anybody(cells)]
    found = joint([taken[name] for name in answered], units[rows])
    return Scale(answers, measure, *when, answered, found)


def _anybody(cells: Cells) -> bool:
    given = ~np.isnan(cells.values)
    if given[cells.codes[:1000]].any():  # nearly always: no need to look further
        return True
    return bool(given.any() and np.bincount(cells.codes, minlength=len(given))[given].any())


def _figures(scale: Scale, formative: bool, draws: int) -> dict[str, Any]:
    together = scale.joint
    row: dict[str, Any] = {"items": len(scale.questions), "respondents": together.respondents}
    if len(scale.questions) < 2:
        return row
    row["icc1"], row["icc2"] = together.intraclass
    if together.respondents > 1 and scale.by_chance is not None:
        row["r_wg"] = float(r_wg(np.diag(together.covariance), scale.by_chance))
    if not formative and together.respondents > 1:
        row |= {
            "alpha": alpha(together.covariance),
            "alpha_standardized": alpha_standardized(together.covariance),
            "omega": omega(together.covariance),
        }
    return {**row, **_intervals(scale, row, draws)}


def _intervals(scale: Scale, row: dict[str, Any], draws: int) -> dict[str, Any]:
    """The ends of the intervals of what the row has."""
    together = scale.joint
    if not draws or together.respondents < 2 or together.answers is None or together.counts is None:
        return {}
    found = agreement_intervals(together.answers, together.counts, scale.by_chance, draws)
    return {
        f"{name}_{end}": value
        for name, ends in found.items()
        if name in row
        for end, value in zip(("low", "high"), ends, strict=True)
    }


def _items(row: dict[str, Any], questions: list[str], covariance: Array) -> list[dict[str, Any]]:
    if len(questions) < 2 or np.isnan(covariance).any():
        return []
    rest, dropped = item_rest(covariance), alpha_if_dropped(covariance)
    return [
        {**row, "question": name, "item_rest": rest[n], "alpha_if_dropped": dropped[n]}
        for n, name in enumerate(questions)
    ]

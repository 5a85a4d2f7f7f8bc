"""Respondents weighted so that known shares of the population are met, as the plan's `rake` says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.plan import SurveyEvidence
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.raking import Margin, Raked, rake
from ..methods.suppression import MINIMUM_GROUP, kept_back
from ..tables import shape
from .answers import Answers
from .columns import columns_of
from .group_means import Groups, groups_of

_MET = 1e-4  # a share this near counts as met


def weighted(
    answers: Answers, entry: SurveyEvidence, path: Path, fewest: int | None = None
) -> tuple[Answers, pd.DataFrame, list[str]]:
    """The answers with weights raked within each wave, unit and audience, the table `weights` and
    what to know of it. A column `weight` is what the raking starts from; groups whose shares are met
    keep their margins for the standard errors. Raises EvidenceError for a
    level that nobody has, or that no share is given for, and for shares that no weights meet."""
    if not entry.rake:
        return answers, shape("weights", {}), []
    problems: list[Problem] = []
    known = _levels(answers, entry, path, problems)
    groups = groups_of(answers.people)
    _nobody(entry, known, groups, path, problems)
    if problems:
        raise EvidenceError(problems)
    weights = answers.people["weight"].to_numpy(dtype=float).copy()
    met = {name: np.full(len(weights), -1, dtype=np.intp) for name in entry.rake}
    rows, notes = [], []
    for number, key in enumerate(groups.keys.to_dict("records")):
        here = groups.which == number
        margins = [
            Margin(known[name][here], np.array([*given.values()])) for name, given in entry.rake.items()
        ]
        raked = rake(weights[here], margins, entry.largest_weight)
        if entry.largest_weight is None and raked.off > _MET:
            what = f"{' '.join(key.values())}: no weights meet the shares of {', '.join(entry.rake)} together"
            problems.append(Problem(Place(str(path)), what, "merge levels, or leave a column out"))
        elif raked.off > _MET:
            notes.append(_trimmed(answers, key, entry, raked))
        else:
            for name in met:
                met[name][here] = known[name][here]
        rows += _rows(answers, key, entry, margins, weights[here], raked, fewest or MINIMUM_GROUP)
        weights[here] = raked.weights
    if problems:
        raise EvidenceError(problems)
    return (
        replace(
            answers,
            people=answers.people.assign(weight=weights),
            margins=tuple(
                Margin(met[name], np.array([*given.values()])) for name, given in entry.rake.items()
            ),
        ),
        shape("weights", pd.DataFrame(rows)),
        notes,
    )


def _levels(
    answers: Answers, entry: SurveyEvidence, path: Path, problems: list[Problem]
) -> dict[str, NDArray[np.intp]]:
    """Each respondent's level of each column to rake by; −1 for a blank."""
    columns = columns_of(path, entry.sheet)
    rows = columns.index.get_indexer(answers.people.index)
    found = {}
    for name, given in entry.rake.items():
        if name not in columns.names:
            what = f'no column "{name}" to weight by'
            problems.append(Problem(Place(str(path), 1), what, near_miss(name, columns.names)))
            continue
        codes, texts = columns.coded(name)
        levels = list(given)
        for text in texts:
            if text and text not in levels:
                what = f'{name}: no share is given for "{text}"'
                problems.append(Problem(Place(str(path)), what, near_miss(text, levels)))
        place = np.array([levels.index(text) if text in levels else -1 for text in texts], dtype=np.intp)
        found[name] = place[codes][rows]
    return found


def _nobody(
    entry: SurveyEvidence,
    known: dict[str, NDArray[np.intp]],
    groups: Groups,
    path: Path,
    problems: list[Problem],
) -> None:
    """Levels of the population that no respondent of a wave, unit and audience has."""
    for name, codes in known.items():
        for number, key in enumerate(groups.keys.to_dict("records")):
            seen = set(codes[groups.which == number])
            for n, level in enumerate(entry.rake[name]):
                if n not in seen:
                    what = f'{" ".join(key.values())}: nobody of {name} "{level}" answered'
                    problems.append(
                        Problem(Place(str(path)), what, "merge it with another level, in file and plan")
                    )


def _trimmed(answers: Answers, key: dict[str, Any], entry: SurveyEvidence, raked: Raked) -> str:
    return (
        f"{answers.file}, {' '.join(key.values())}: with no weight above {entry.largest_weight:g} times the mean "
        f"a share stays {100 * raked.off:.1f} points off (table weights)"
    )


def _rows(
    answers: Answers,
    key: dict[str, Any],
    entry: SurveyEvidence,
    margins: list[Margin],
    before: NDArray[np.float64],
    raked: Raked,
    fewest: int,
) -> list[dict[str, Any]]:
    """A row a level. How large the sample's share is stays blank for a level of few people: it would count
    them."""
    found = []
    for (name, given), margin in zip(entry.rake.items(), margins, strict=True):
        told = margin.codes >= 0
        held = [
            np.bincount(margin.codes[told], w[told], minlength=len(given)) for w in (before, raked.weights)
        ]
        total = sum(given.values())
        people = np.bincount(margin.codes[told], minlength=len(given))
        few = kept_back(people, np.zeros(len(given), dtype=np.intp), fewest)
        for n, (level, share) in enumerate(given.items()):
            found.append(
                {
                    "questionnaire": answers.sheet.questionnaire,
                    **key,
                    "column": name,
                    "level": level,
                    "target": share / total,
                    "sample": np.nan if few[n] else held[0][n] / held[0].sum(),
                    "weighted": held[1][n] / held[1].sum(),
                    "largest": raked.weights.max(),
                    "rounds": raked.rounds,
                }
            )
    return found

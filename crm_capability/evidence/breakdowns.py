"""Respondents by audience: how many answered, what each audience says, how far its people agree,
and how they divide over the answers. Groups too small to be told are kept back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.questionnaire import NumberQuestion
from ..methods.reliability import r_wg, variance_by_chance
from ..methods.suppression import MINIMUM_GROUP, kept_back
from ..tables import MEASURED, shape
from .answers import Answers
from .audiences import KEYS
from .group_means import NOT_ASKED, Groups, groups_of, stacked
from .together import together

Array = NDArray[np.float64]
GROUP = ["wave", "unit", "role"]
WITHHELD = "withheld"


def audiences_table(parts: pd.DataFrame, sheets: Collection[Answers], fewest: int | None) -> pd.DataFrame:
    """The table `audiences`: what each audience says on each measure. `parts` are the readings
    before audiences are combined; the combined reading is told, so an audience that could be worked
    out from it and the others is kept back."""
    told = [*KEYS, "role", "value", "n", "standard_error", "state"]
    rows = parts.loc[parts["role"].notna(), told].reset_index(drop=True)
    if rows.empty:
        return shape("audiences", {})
    rows["n"] = rows["n"].fillna(0).astype("int64")
    agreement = _agreement(sheets)
    rows = rows.merge(agreement, on=[*GROUP, "measure"], how="left") if len(agreement) else rows
    totals = pd.factorize(pd.MultiIndex.from_frame(rows[KEYS].astype(str)))[0]
    hidden = kept_back(rows["n"].to_numpy(dtype=np.intp), totals, fewest or MINIMUM_GROUP)
    found = shape("audiences", rows)
    found.loc[hidden, ["value", "n", "standard_error", "r_wg"]] = pd.NA
    found.loc[hidden, "state"] = WITHHELD
    return found


def _agreement(sheets: Collection[Answers]) -> pd.DataFrame:
    """r_wg of each wave, unit, audience and measure, over those who answered all its questions."""
    found = []
    for answers in together(sheets):
        groups = groups_of(answers.people)
        every = np.arange(len(groups.keys))
        parts = [
            {"group": every, "measure": measure, "r_wg": agreement}
            for measure in answers.fed
            if (agreement := agreements(answers, measure, groups)) is not None
        ]
        if parts:
            found.append(stacked(groups.keys, parts).dropna())
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def agreements(answers: Answers, measure: str, groups: Groups) -> Array | None:
    """r_wg of each group on a measure; None where its questions have no points, or no answers."""
    questions = [name for name in answers.fed[measure] if not np.isnan(answers.values[name]).all()]
    points = [answers.sheet.points(answers.sheet.questions[name]) for name in questions]
    if not questions or None in points:
        return None
    matrix = np.column_stack([answers.values[name] for name in questions])
    whole = ~np.isnan(matrix).any(axis=1)
    variances = _variances(matrix[whole], groups.which[whole], len(groups.keys))
    return r_wg(variances, np.array([variance_by_chance(np.array(of)) for of in points]))


def _variances(matrix: Array, which: NDArray[np.intp], groups: int) -> Array:
    """The variance of each question in each group, n − 1 below; NaN for fewer than two people."""
    if not len(matrix):
        return np.full((groups, matrix.shape[1]), np.nan)
    centred = matrix - matrix.mean(axis=0)
    n = np.bincount(which, minlength=groups).astype(float)[:, None]
    sums = np.column_stack([np.bincount(which, x, minlength=groups) for x in centred.T])
    squares = np.column_stack([np.bincount(which, x * x, minlength=groups) for x in centred.T])
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (squares - sums**2 / n) / (n - 1)
    return np.where(n > 1, np.maximum(found, 0.0), np.nan)


def item_shares_table(sheets: Collection[Answers], fewest: int | None) -> pd.DataFrame:
    """The table `item_shares`: how the people of each audience divide over the answers to each
    question that has points, as they gave them: a reversed question is not turned round."""
    found = []
    for answers in together(sheets):
        groups = groups_of(answers.people)
        if parts := list(_shares(answers, groups, fewest or MINIMUM_GROUP)):
            frame = stacked(groups.keys, parts)
            found.append(frame.assign(questionnaire=answers.sheet.questionnaire))
    return shape("item_shares", pd.concat(found, ignore_index=True) if found else {})


def _shares(answers: Answers, groups: Groups, fewest: int) -> Iterator[dict[str, Any]]:
    which, keys = np.asarray(groups.which, dtype=np.intp), groups.keys
    weights = answers.people["weight"].to_numpy(dtype=float)
    totals = pd.factorize(pd.MultiIndex.from_frame(keys[["wave", "unit"]]))[0]
    for name, question in answers.sheet.questions.items():
        points = answers.sheet.points(question)
        if points is None or isinstance(question, NumberQuestion) or name not in answers.values:
            continue
        cells = answers.cells[name]
        kinds = len(cells.values)
        places = which * kinds + cells.codes
        people, held = (
            np.bincount(places, of, minlength=len(keys) * kinds).reshape(len(keys), kinds)
            for of in (None, weights)
        )
        given = ~np.isnan(cells.values)
        n = people[:, given].sum(axis=1).astype(np.intp)
        told = np.flatnonzero((n > 0) & ~kept_back(n, totals, fewest))
        along = np.sort(points)
        said = held[told] @ (cells.values[:, None] == along).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = said / held[np.ix_(told, given)].sum(axis=1, keepdims=True)
        turned = getattr(question, "reverse", False)
        yield {
            "group": np.tile(told, len(along)),
            "measure": question.feeds,
            "question": name,
            "value": np.repeat(along[0] + along[-1] - along if turned else along, len(told)),
            "share": share.T.ravel(),
            "n": np.tile(n[told], len(along)),
        }


def responses_table(
    sheets: Collection[Answers], respondents: pd.DataFrame, invited: dict[tuple[str, str], int]
) -> pd.DataFrame:
    """The table `responses`: how many of each audience answered, and what their weights cost.

    `respondents` holds everybody, those that the plan drops included; `invited` how many were asked,
    by questionnaire and wave, which is told where one unit and audience answered it.
    """
    rows = []
    for answers in together(sheets):
        sheet = answers.sheet.questionnaire
        groups = groups_of(answers.people)
        weights = answers.people["weight"].to_numpy(dtype=float)
        sums = [np.bincount(groups.which, w, minlength=len(groups.keys)) for w in (weights, weights**2)]
        effective = sums[0] ** 2 / sums[1]
        part = groups.keys.assign(
            questionnaire=sheet,
            used=groups.sizes,
            effective_n=effective,
            design_effect=groups.sizes / effective,
            answered=answered_share(answers, groups),
        )
        alone = ~part.duplicated("wave", keep=False)
        asked = [invited.get((sheet, wave), np.nan) for wave in part["wave"]]
        part["invited"] = np.where(alone, asked, np.nan)
        rows.append(part.merge(_flags(respondents[respondents["questionnaire"] == sheet]), on=GROUP))
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"invited": []})
    if len(found):
        found["response_rate"] = found["respondents"] / found["invited"]
    return shape("responses", found)


def answered_share(answers: Answers, groups: Groups) -> Array:
    """The share of the questions put to them that have an answer with a value, by group. A question
    that nobody answered counts as put to nobody."""
    given, asked = (np.zeros(len(groups.keys)) for _ in range(2))
    for question in answers.cells.values():
        known = ~np.isnan(question.numbers)
        if known.any():
            given += np.bincount(groups.which[known], minlength=len(groups.keys))
            put = question.states != NOT_ASKED
            asked += groups.sizes if put.all() else np.bincount(groups.which[put], minlength=len(groups.keys))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(given / asked)


def _flags(respondents: pd.DataFrame) -> pd.DataFrame:
    """How many of each audience bear each flag."""
    flags = respondents["flags"].fillna("").astype("category")
    kinds = [set(kind.split(", ")) for kind in flags.cat.categories]
    codes = flags.cat.codes.to_numpy()
    frame = respondents[GROUP].astype("str").assign(respondents=1)
    frame["flagged"] = np.array([kind != {""} for kind in kinds])[codes]
    for flag in FLAGS:
        frame[flag.replace("-", "_")] = np.array([flag in kind for kind in kinds])[codes]
    return frame.groupby(GROUP, sort=False).sum().reset_index()


FLAGS = ("straight-line", "long-string", "contradiction", "speed", "duplicate", "outlier")


def withheld(readings: pd.DataFrame, fewest: int | None, notes: list[str]) -> pd.DataFrame:
    """The readings without those that rest on fewer respondents than the plan's `minimum_group`;
    all of them where it has none."""
    if fewest is None:
        return readings
    asked = readings["evidence"].isin(["survey", "judgement"]) & (readings["state"] == MEASURED)
    small = asked & (readings["n"].fillna(0) < fewest)
    if not small.any():
        return readings
    names = ", ".join(readings.loc[small, "measure"].unique())
    notes.append(f"fewer than {fewest} respondents, so not told: {names}")
    found = readings.copy()
    found.loc[small, ["value", "standard_error"]] = np.nan
    found.loc[small, "n"] = 0
    found.loc[small, "state"] = "not-collected"
    return found

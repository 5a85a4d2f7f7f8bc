"""An audience told apart by a choice question, or by another column of its answers: how many answered,
how well, and what each segment says. Segments too small to be told are kept back, and so is what would
give them away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data_files import row_place
from ..definition.plan import SurveyEvidence
from ..definition.questionnaire import Choice
from ..definition.tool_codes import AND, answers_of
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.suppression import MINIMUM_GROUP, kept_back
from ..tables import shape
from .answers import Answers
from .breakdowns import GROUP, WITHHELD, agreements, answered_share
from .columns import columns_of
from .group_means import Groups, group_means, groups_of
from .together import without

Mask = NDArray[np.bool_]
MOST_SEGMENTS = 50
TOLD = "told"
OF = ["questionnaire", *GROUP, "column", "segment"]


@dataclass(frozen=True)
class Split:
    """The segments of one column: who is in each. Of a choice of several a person may be in many."""

    column: str
    segments: tuple[str, ...]
    members: Mask  # respondents × segments
    several: bool


def segments_tables(
    answers: Answers, entry: SurveyEvidence, path: Path, flags: pd.DataFrame, fewest: int | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables `segments` and `segment_readings` of one file of answers; `flags` is its table of
    respondents. Raises EvidenceError for a column that is not there, or an answer that is no option."""
    problems: list[Problem] = []
    splits = list(_splits(answers, entry, path, problems))
    if problems:
        raise EvidenceError(problems)
    people: list[pd.DataFrame] = [shape("segments", {})]
    readings: list[pd.DataFrame] = [shape("segment_readings", {})]
    keys = [*GROUP, "respondent"]
    doubted = pd.MultiIndex.from_frame(flags.loc[flags["flags"].fillna("") != "", keys].astype(str))
    flagged = pd.MultiIndex.from_frame(answers.people[keys].astype(str)).isin(doubted)
    groups = groups_of(answers.people)
    for split in splits:
        rows = [
            row
            for segment in range(len(split.segments))
            for row in _rows(answers, split, segment, groups, flagged)
        ]
        counted = pd.DataFrame([{k: v for k, v in row.items() if k != "readings"} for row in rows])
        told = pd.DataFrame([reading for row in rows for reading in row["readings"]])
        people.append(_people(counted, split, groups, fewest or MINIMUM_GROUP))
        if len(told):
            readings.append(_readings(told, people[-1], split, answers, groups, fewest or MINIMUM_GROUP))
    return (
        shape("segments", pd.concat(people, ignore_index=True)),
        shape("segment_readings", pd.concat(readings, ignore_index=True)),
    )


def hidden_audiences(readings: pd.DataFrame, audiences: pd.DataFrame) -> pd.DataFrame:
    """The table `segment_readings` where an audience that is itself withheld tells of no segment."""
    if readings.empty:
        return readings
    keys = [*GROUP, "measure"]
    hidden = pd.MultiIndex.from_frame(audiences.loc[audiences["state"] == WITHHELD, keys].astype(str))
    return _kept(readings, pd.MultiIndex.from_frame(readings[keys].astype(str)).isin(hidden))


def _kept(readings: pd.DataFrame, hidden: Mask) -> pd.DataFrame:
    found = readings.copy()
    found.loc[hidden, ["value", "n", "standard_error", "r_wg"]] = pd.NA
    found.loc[hidden, "state"] = WITHHELD
    return found


def _splits(answers: Answers, entry: SurveyEvidence, path: Path, problems: list[Problem]) -> Iterator[Split]:
    columns = columns_of(path, entry.sheet)
    rows = columns.index.get_indexer(answers.people.index)
    for name in entry.segments:
        question = answers.sheet.questions.get(name)
        if name not in columns.names:
            what = f'no column "{name}" to tell people apart by'
            problems.append(Problem(Place(str(path), 1), what, near_miss(name, columns.names)))
            continue
        if question is not None and not isinstance(question, Choice):
            what, remedy = f"{name} is no choice question", "name one, or a column beside the questions"
            problems.append(Problem(Place(str(path), 1), what, remedy))
            continue
        codes, texts = columns.coded(name)
        several = isinstance(question, Choice) and question.multiple
        parts = [[part.strip() for part in text.split(AND.strip())] if several else [text] for text in texts]
        known = list(answers_of(answers.sheet, question)) if question is not None else sorted({*texts} - {""})
        for n, answer in enumerate(parts):
            wrong = [part for part in answer if part and part not in known]
            if wrong:
                row = columns.index[int(np.argmax(codes == n))]
                what = f'{name}: "{wrong[0]}" is not an answer to this question'
                problems.append(Problem(row_place(path, row), what, f"allowed: {', '.join(known)}"))
        if len(known) > MOST_SEGMENTS:
            what = f"{name} has {len(known)} different answers: too many to be segments"
            problems.append(Problem(Place(str(path), 1), what, "put them into fewer classes"))
            continue
        among = np.array([[segment in answer for segment in known] for answer in parts], dtype=bool)
        yield Split(name, tuple(known), among.reshape(len(parts), len(known))[codes][rows], several)


def _rows(
    answers: Answers, split: Split, segment: int, groups: Groups, flagged: Mask
) -> Iterator[dict[str, Any]]:
    """Each audience's part in a segment: how many, how well they answered, what they say."""
    inside = split.members[:, segment]
    if not inside.any():
        return
    part = replace(without(answers, ~inside), margins=())  # weights as given: shares hold for the whole
    own = Groups(groups.keys, groups.which[inside])
    sizes, answered = own.sizes, answered_share(part, own)
    doubted = np.bincount(own.which[flagged[inside]], minlength=len(own.keys))
    weights = part.people["weight"].to_numpy()
    means = {name: group_means(part.of(name), own, weights) for name in part.fed}
    agree = {name: agreements(part, name, own) for name in part.fed}
    for n, key in enumerate(own.keys.to_dict("records")):
        if not sizes[n]:
            continue
        named = {
            "questionnaire": answers.sheet.questionnaire,
            **key,
            "column": split.column,
            "segment": split.segments[segment],
        }
        told = []
        for name, found in means.items():
            reading = {"value": found.value[n], "n": found.n[n], "standard_error": found.standard_error[n]}
            r = agree[name]
            told.append(
                {
                    **named,
                    "measure": name,
                    **reading,
                    "state": found.state[n],
                    "r_wg": np.nan if r is None else r[n],
                }
            )
        counts = {"respondents": sizes[n], "answered": answered[n], "flagged": doubted[n]}
        yield {**named, **counts, "readings": told}


def _people(counted: pd.DataFrame, split: Split, groups: Groups, fewest: int) -> pd.DataFrame:
    if counted.empty:
        return shape("segments", {})
    inside = split.members.any(axis=1)
    placed = _by_group(groups, np.bincount(groups.which[inside], minlength=len(groups.keys)))
    whole = _by_group(groups, groups.sizes)
    totals = counted[GROUP].astype(str).agg("\x1f".join, axis=1)
    counted["share"] = counted["respondents"] / totals.map(placed)
    hidden = _hidden(counted["respondents"].to_numpy(dtype=np.intp), totals, whole, split.several, fewest)
    counted["state"] = np.where(hidden, WITHHELD, TOLD)
    counted.loc[hidden, ["respondents", "share", "answered", "flagged"]] = np.nan
    return shape("segments", counted)


def _by_group(groups: Groups, counts: NDArray[np.intp]) -> dict[str, int]:
    names = groups.keys[GROUP].astype(str).agg("\x1f".join, axis=1)
    return dict(zip(names, (int(count) for count in counts), strict=True))


def _readings(
    told: pd.DataFrame, people: pd.DataFrame, split: Split, answers: Answers, groups: Groups, fewest: int
) -> pd.DataFrame:
    """What segments say, without what is of too few, or what the audience's own reading would leave of
    them; a segment whose people are not told says nothing."""
    hidden = np.zeros(len(told), dtype=bool)
    of_measure = {
        name: _by_group(groups, group_means(answers.of(name), groups, np.ones(len(answers.people))).n)
        for name in answers.fed
    }
    totals = told[GROUP].astype(str).agg("\x1f".join, axis=1)
    for name, rows in told.groupby("measure", sort=False).indices.items():
        n = told["n"].to_numpy(dtype=np.intp)[rows]
        hidden[rows] = _hidden(n, totals.iloc[rows], of_measure[str(name)], split.several, fewest)
    silent = pd.MultiIndex.from_frame(people.loc[people["state"] == WITHHELD, OF].astype(str))
    hidden |= pd.MultiIndex.from_frame(told[OF].astype(str)).isin(silent)
    return _kept(shape("segment_readings", told), hidden)


def _hidden(
    counts: NDArray[np.intp], totals: pd.Series, whole: dict[str, int], several: bool, fewest: int
) -> Mask:
    """Which counts are not told: of too few, or telling of too few. Who is in no segment is one more
    group. Of a choice of several each segment stands against all who did not choose it."""
    of_total = totals.map(whole).to_numpy(dtype=np.intp)
    if several:
        rest = of_total - counts
        return ((counts > 0) & (counts < fewest)) | ((rest > 0) & (rest < fewest))
    codes, names = pd.factorize(totals)
    inside = np.bincount(codes, counts, minlength=len(names)).astype(np.intp)
    outside = np.array([whole[name] for name in names], dtype=np.intp) - inside
    every = kept_back(
        np.concatenate([counts, outside]), np.concatenate([codes, np.arange(len(names))]), fewest
    )
    return every[: len(counts)]

"""Values: numbers that were measured elsewhere, in a long or a wide file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from ..data_files import read_frame, row_place, to_numbers, to_text
from ..definition.plan import ValuesEvidence
from ..errors import EvidenceError, Place, Problem, near_miss
from ..tables import MEASURED, NOT_COLLECTED, STATES
from .occasions import Occasions

MOST_PROBLEMS = 50  # a file of the wrong kind would otherwise list every row


def read_values(
    entry: ValuesEvidence, path: Path, measures: Collection[str], occasions: Occasions
) -> tuple[pd.DataFrame, list[str]]:
    """Readings from a file of values, and notes on what was left unused.

    Raises EvidenceError with every row that cannot be used.
    """
    frame = read_frame(path, entry.sheet)
    if frame.empty:
        raise EvidenceError(Problem(Place(str(path)), "no row in it", "check that the export is complete"))
    problems: list[Problem] = []
    if entry.layout == "wide":
        long, notes = _from_wide(entry, frame, path, measures)
    else:
        long, notes = _from_long(entry, frame, path, problems)
    readings = pd.DataFrame(
        {
            "wave": occasions.waves(long["wave"], entry.wave, path, problems),
            "unit": occasions.units(long["unit"], entry.unit, path, problems),
            "measure": long["measure"],
            "value": long["value"],
            "n": long["n"],
            "standard_error": long["standard_error"],
            "state": long["state"],
            "evidence": "values",
            "source": long["source"],
        },
        index=long.index,
    )
    problems += _row_problems(readings, path, measures)
    if problems:
        raise EvidenceError(problems[:MOST_PROBLEMS])
    return readings, notes


def _from_long(
    entry: ValuesEvidence, frame: pd.DataFrame, path: Path, problems: list[Problem]
) -> tuple[pd.DataFrame, list[str]]:
    """The file's rows. A column of numbers that holds others is told in `problems` and read as
    blank, so that what else is wrong comes to light too."""
    needed = [name for name in ("measure", "value") if name not in frame.columns]
    if needed:
        what = f"the column {', '.join(needed)} is missing"
        remedy = f"{near_miss(needed[0], frame.columns)}; or say `layout: wide`"
        raise EvidenceError(Problem(Place(str(path), 1), what, remedy))
    blank = pd.Series("", index=frame.index)
    column = frame.get
    state = to_text(column("state", blank))
    numbers = {}
    for name in ("value", "n", "standard_error"):
        try:
            numbers[name] = to_numbers(column(name, blank), path, name)
        except EvidenceError as error:
            problems += error.problems
            numbers[name] = pd.Series(np.nan, index=frame.index)
            if name == "value":  # no second complaint about what claims to be measured
                state = state.mask(state != "", NOT_COLLECTED)
    given = numbers["value"].notna()
    lines = pd.Series([f"{path.name}:{row + 2}" for row in frame.index], index=frame.index)
    source = to_text(column("source", blank))
    return pd.DataFrame(
        {
            "wave": to_text(column(entry.columns.wave or "wave", blank)),
            "unit": to_text(column(entry.columns.unit or "unit", blank)),
            "measure": to_text(frame["measure"]),
            **numbers,
            "state": state.mask(state == "", np.where(given, MEASURED, NOT_COLLECTED)),
            "source": lines.where(source == "", lines + " " + source),
        }
    ), []


def _from_wide(
    entry: ValuesEvidence, frame: pd.DataFrame, path: Path, measures: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    ids = {"unit": entry.columns.unit or "unit", "wave": entry.columns.wave or "wave"}
    named = [ids[kind] for kind in ids if getattr(entry.columns, kind) and ids[kind] not in frame.columns]
    frame = frame.rename(
        columns=_called_like(measures, [str(name) for name in frame.columns if name not in ids.values()])
    )
    present = [measure for measure in measures if measure in frame.columns]
    if named or not present:
        what = (
            f"no column {', '.join(named)}"
            if named
            else "no column is called like a measure of the framework"
        )
        raise EvidenceError(
            Problem(Place(str(path), 1), what, near_miss((named or list(measures))[0], frame.columns))
        )
    blank = pd.Series("", index=frame.index)
    keys = {kind: to_text(frame.get(name, blank)) for kind, name in ids.items()}
    parts: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for measure in present:
        try:
            value = to_numbers(frame[measure], path, measure)
        except EvidenceError as error:
            problems += error.problems
            continue
        source = [f"{path.name}:{row + 2}" for row in frame.index]
        state = np.where(value.notna(), MEASURED, NOT_COLLECTED)
        parts.append(
            pd.DataFrame({**keys, "measure": measure, "value": value, "state": state, "source": source})
        )
    if problems:
        raise EvidenceError(problems[:MOST_PROBLEMS])
    long = pd.concat(parts)
    long["n"] = long["standard_error"] = np.nan
    unused = [str(name) for name in frame.columns if name not in measures and name not in ids.values()]
    note = f"{path.name}: columns that are no measure were not used: {', '.join(unused)}"
    return long, [note] if unused else []


def _called_like(measures: Collection[str], columns: list[str]) -> dict[str, str]:
    """Columns called like a measure but for capitals: ids have none, and other people's files do."""
    folded: dict[str, list[str]] = {}
    for name in columns:
        folded.setdefault(name.lower(), []).append(name)
    alike = {measure: folded.get(measure, []) for measure in measures if measure not in columns}
    return {names[0]: measure for measure, names in alike.items() if len(names) == 1}


def _row_problems(readings: pd.DataFrame, path: Path, measures: Collection[str]) -> list[Problem]:
    found = []

    def say(bad: pd.Series, what: str, remedy: str, column: str = "") -> None:
        for row in readings.index[bad.to_numpy()][:MOST_PROBLEMS]:
            text = str(readings.at[row, column]) if column and readings.index.is_unique else ""
            found.append(
                Problem(row_place(path, row), what.format(text), remedy or near_miss(text, measures))
            )

    known = readings["measure"].isin(list(measures))
    say(~known, '"{}" is no measure of the framework', "", "measure")
    say(~readings["state"].isin(STATES), 'unknown state "{}"', f"one of {', '.join(STATES)}", "state")
    measured = readings["state"] == MEASURED
    say(measured & readings["value"].isna(), "measured, but no value", "give the value or another state")
    odd = ~measured & readings["value"].notna() & readings["state"].isin(STATES)
    say(odd, 'a value in the state "{}"', "take one of them out", "state")
    say(readings["standard_error"] < 0, "a standard error below zero", "correct it")
    say(readings["n"] < 0, "an n below zero", "correct it")
    say(readings["n"].notna() & (readings["n"] % 1 != 0), "an n that is no whole number", "correct it")
    keys = ["wave", "unit", "measure"]
    say(
        readings.duplicated(keys) & known,
        'a second value for "{}" in the same wave and unit',
        "keep one of them",
        "measure",
    )
    return found

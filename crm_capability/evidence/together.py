"""Answers put together out of several files, and taken apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.raking import Margin
from .answers import Answers
from .cells import joined_cells


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
        _joined_people([part.people for part in parts]),
        {name: joined_cells([part.cells[name] for part in parts]) for name in parts[0].cells},
        seconds,
        tuple(_joined_margins(parts)),
    )


def _joined_margins(parts: list[Answers]) -> Iterator[Margin]:
    """Each file's margins for its own respondents."""
    sizes = [len(part.people) for part in parts]
    starts = np.cumsum([0, *sizes])
    for part, start in zip(parts, starts, strict=False):
        for margin in part.margins:
            codes = np.full(starts[-1], -1, dtype=np.intp)
            codes[start : start + len(margin.codes)] = margin.codes
            yield Margin(codes, margin.shares)


def _joined_people(parts: list[pd.DataFrame]) -> pd.DataFrame:
    together = pd.concat(parts, ignore_index=True)
    few = [name for name in ("wave", "unit", "role", "language") if name in together.columns]
    return together.astype(dict.fromkeys(few, "category"))


def without(answers: Answers, out: NDArray[np.bool_]) -> Answers:
    """The answers without some respondents."""
    keep = ~out
    return replace(
        answers,
        people=answers.people[keep],
        cells={name: cells.taken(keep) for name, cells in answers.cells.items()},
        seconds=None if answers.seconds is None else answers.seconds[keep],
        margins=tuple(margin.taken(keep) for margin in answers.margins),
    )

"""Answers as codes: the few distinct answers to a question once, and which of them everybody gave.

A byte a respondent and question holds what eight and more would; whatever is asked of a measure's
questions together is asked of the patterns in which they were answered, each once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import Codes, relabelled

Array = NDArray[np.float64]
Marks = NDArray[np.int8]
MOST_PATTERNS = 1 << 16


@dataclass(frozen=True)
class Cells:
    """The answers to one question: `values` (NaN where there is none) and `marks` (the state, 0
    where there is a value or nothing) by code, and each respondent's code."""

    codes: Codes
    values: Array
    marks: Marks

    @property
    def numbers(self) -> Array:
        """What each respondent answered, NaN for no number."""
        return self.values[self.codes]

    @property
    def states(self) -> Marks:
        """The state of each respondent's answer."""
        return self.marks[self.codes]

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Cells:
        """The answers of some respondents."""
        return Cells(self.codes[rows], self.values, self.marks)


def cells(codes: Codes, values: Array, marks: Marks) -> Cells:
    """Answers by code, each distinct one once, in order of their values."""
    order = np.lexsort((-marks, values))
    value, mark = values[order], marks[order]
    same = (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    fresh = np.concatenate([[True], ~(same & (mark[1:] == mark[:-1]))])
    which = np.empty(len(order), dtype=np.intp)
    which[order] = np.cumsum(fresh) - 1
    return Cells(relabelled(codes, which, int(fresh.sum())), value[fresh], mark[fresh])


def blank_cells(n: int) -> Cells:
    """Nobody was asked."""
    return Cells(np.zeros(n, dtype=np.uint8), np.array([np.nan]), np.zeros(1, dtype=np.int8))


def joined_cells(parts: Sequence[Cells]) -> Cells:
    """The answers of several groups of respondents, one after the other."""
    starts = np.cumsum([0, *(len(part.values) for part in parts[:-1])])
    values = np.concatenate([part.values for part in parts])
    kind = np.min_scalar_type(len(values) - 1)
    codes = [part.codes.astype(kind) + kind.type(start) for part, start in zip(parts, starts, strict=True)]
    return cells(np.concatenate(codes), values, np.concatenate([part.marks for part in parts]))


class Decoded(Mapping[str, NDArray[np.generic]]):
    """Answers by question, decoded when they are looked at."""

    def __init__(self, by_question: Mapping[str, Cells], what: str):
        self.by_question, self.what = by_question, what

    def __getitem__(self, question: str) -> NDArray[np.generic]:
        found: NDArray[np.generic] = getattr(self.by_question[question], self.what)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_question)

    def __len__(self) -> int:
        return len(self.by_question)


@dataclass(frozen=True)
class Patterns:
    """How several questions were answered together: each respondent's pattern as one whole number,
    the questions' codes being its digits."""

    codes: Codes
    size: int
    questions: tuple[Cells, ...]

    def table(self, seen: NDArray[np.intp], what: str) -> NDArray[np.generic]:
        """The `values` or `marks` of some patterns, patterns × questions."""
        rest, columns = seen, []
        for question in self.questions:
            columns.append(getattr(question, what)[rest % len(question.values)])
            rest = rest // len(question.values)
        return np.stack(columns, axis=1)


def patterns(questions: Sequence[Cells]) -> list[Patterns]:
    """The patterns of answers to some questions, in as many parts as it takes to keep each part's
    patterns few."""
    parts: list[list[Cells]] = []
    size = MOST_PATTERNS + 1
    for question in questions:
        if size * len(question.values) > MOST_PATTERNS:
            parts.append([])
            size = 1
        parts[-1].append(question)
        size *= len(question.values)
    return [_pattern(part) for part in parts]


def _pattern(questions: list[Cells]) -> Patterns:
    size = int(np.prod([len(question.values) for question in questions]))
    kind = np.min_scalar_type(size - 1)
    codes, step = questions[0].codes.astype(kind), len(questions[0].values)
    for question in questions[1:]:
        codes += question.codes * kind.type(step)
        step *= len(question.values)
    return Patterns(codes, size, tuple(questions))


def means_of(questions: Sequence[Cells]) -> Array:
    """Each respondent's mean over the questions answered, NaN for none."""
    parts = patterns(questions)
    sums: list[Array] = []
    counts: list[Array] = []
    for part in parts:
        table = np.asarray(part.table(np.arange(part.size), "values"), dtype=np.float64)
        sums.append(np.nansum(table, axis=1))
        counts.append((~np.isnan(table)).sum(axis=1).astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        if len(parts) == 1:
            return np.asarray((sums[0] / counts[0])[parts[0].codes])
        total = sum(of[part.codes] for of, part in zip(sums, parts, strict=True))
        return np.asarray(total / sum(of[part.codes] for of, part in zip(counts, parts, strict=True)))

"""Several questions of one scale together, over the respondents who answered every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..methods.reliability import covariances, intraclass
from .cells import Array, Cells, Patterns, means_of, patterns
from .columns import Codes

_MOST_COUNTS = 1 << 20  # units × patterns
_FEW = 1 << 14  # respondents whose rows may be listed one by one
_BLOCK = 1 << 13  # respondents in one matrix product: the block stays in the processor's cache
_EXACT = 1 << 24  # whole numbers up to here are exact in single precision


@dataclass(frozen=True)
class Joint:
    """Complete answers: how many, the questions' covariances, ICC(1) and ICC(2). Where kinds of
    answers are few enough to be listed, `answers` has a row for each and `counts` says how often."""

    respondents: int
    covariance: Array
    intraclass: tuple[float, float]
    answers: Array | None = None
    counts: Array | None = None


def joint(questions: Sequence[Cells], units: Codes) -> Joint:
    """The complete answers to some questions, by respondents of these units."""
    if not questions:
        return Joint(0, np.empty((0, 0)), (np.nan, np.nan))
    parts = patterns(questions)
    size = int(units.max(initial=0)) + 1
    if len(parts) == 1 and parts[0].size * size <= _MOST_COUNTS:
        return _by_pattern(parts[0], units, size)
    whole = np.ones(len(units), dtype=bool)
    for part in parts:
        table = np.asarray(part.table(np.arange(part.size), "values"), dtype=np.float64)
        whole &= np.asarray(~np.isnan(table).any(axis=1))[part.codes]
    between = (np.nan, np.nan)
    if size > 1 and whole.any():
        between = intraclass(means_of(questions)[whole], units[whole])
    if len(whole) <= _FEW:
        rows = np.column_stack([question.numbers[whole] for question in questions])
        return Joint(len(rows), covariances(rows), between, rows, np.ones(len(rows)))
    covariance, n = _covariance(questions, whole)
    return Joint(n, covariance, between)


def _by_pattern(pattern: Patterns, units: Codes, size: int) -> Joint:
    both = pattern.codes if size == 1 else units * np.int64(pattern.size) + pattern.codes
    counts = np.bincount(both, minlength=size * pattern.size)
    seen = np.flatnonzero(counts)
    table = np.asarray(pattern.table(seen % pattern.size, "values"), dtype=np.float64)
    whole = ~np.isnan(table).any(axis=1)
    seen, table = seen[whole], table[whole]
    times = counts[seen].astype(np.float64)
    between = intraclass(table.mean(axis=1), seen // pattern.size, times)
    return Joint(int(times.sum()), covariances(table, times), between, table, times)


def _covariance(questions: Sequence[Cells], whole: NDArray[np.bool_]) -> tuple[Array, int]:
    """One matrix product over the complete rows, block by block. Ratings at even steps are whole
    numbers of steps, whose products single precision holds exactly; others take double."""
    k = len(questions)
    steps = np.array([_step(question.values) for question in questions])
    spans = [(len(question.values) - 1) ** 2 for question in questions]
    exact = not np.isnan(steps).any() and max(spans) * _BLOCK <= _EXACT
    centres = np.zeros(k) if exact else np.array([_mean(question) for question in questions])
    block = np.empty((k, _BLOCK), dtype=np.float32 if exact else np.float64)
    sums, products, n = np.zeros(k), np.zeros((k, k)), 0
    for start in range(0, len(whole), _BLOCK):
        rows = np.flatnonzero(whole[start : start + _BLOCK]) + start
        here = block[:, : len(rows)]
        for line, question in enumerate(questions):
            codes = question.codes[start : start + _BLOCK]
            codes = codes if len(codes) == len(rows) else codes[rows - start]
            here[line] = codes if exact else question.values[codes] - centres[line]
        sums += here.sum(axis=1, dtype=np.float64)
        products += here @ here.T
        n += len(rows)
    if n < 2:
        return np.full((k, k), np.nan), n
    covariance = (products - np.outer(sums, sums) / n) / (n - 1)
    return (covariance * np.outer(steps, steps) if exact else covariance), n


def _mean(question: Cells) -> float:
    """The mean of all that was answered, whoever left out another question: near enough to take
    off before squaring."""
    times = np.bincount(question.codes, minlength=len(question.values))
    given = ~np.isnan(question.values)
    return float(np.average(question.values[given], weights=times[given])) if given.any() else 0.0


def _step(values: Array) -> float:
    """The step between values that lie evenly, in the order of their codes; NaN for others."""
    given = values[~np.isnan(values)]
    steps = np.diff(given)
    if len(given) < 2:
        return 1.0
    return float(steps[0]) if (steps == steps[0]).all() else np.nan

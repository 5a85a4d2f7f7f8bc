"""The whole tree scored again for resampled respondents.

Respondents are drawn with replacement, one time fewer than there are, within a unit, an audience
and the waves they answered in (Rao and Wu 1988: so the spread of a mean of n is s/√n and not less);
who answered in two waves, or to several measures, is drawn once for all. Readings without answers
behind them are drawn normal, by their standard errors. What was learned stays as it was learned.

Intervals are percentiles of the replicates, set as far out as Student's t asks for so many
respondents (Hesterberg 2015, the expanded percentile interval).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..definition.comparing import Uncertainty
from ..definition.plan import Comparison
from ..evidence.samples import Sample
from ..methods.statistics import t_quantile
from .respondents import Respondents

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
_FEW_PLACES = 8  # more of them are found faster by sorting all
_CELLS = 4_000_000  # respondents × replicates drawn at a time


@dataclass(frozen=True)
class Ends:
    """What the replicates say of scores, or of changes, shape (nodes, rows or units)."""

    low: Array
    high: Array
    error: Array
    within: Array  # share of the replicates in the score's band, or in both bands

    @classmethod
    def blank(cls, nodes: int, columns: int) -> Ends:
        return cls(*(np.full((nodes, columns), np.nan) for _ in range(4)))

    def put(self, column: int, draws: Array, freedom: Array, within: Array) -> None:
        """Take in the replicates of one row, shape (nodes, replicates)."""
        self.low[:, column], self.high[:, column] = expanded(draws, freedom)
        self.error[:, column] = draws.std(axis=1, ddof=1)
        self.within[:, column] = within


@dataclass(frozen=True)
class Bootstrap:
    """Intervals by replicates; NaN where no error is known."""

    scores: Ends
    changes: Mapping[tuple[str, str], Ends] = field(default_factory=dict)


def bootstrap(
    respondents: Respondents,
    comparisons: Sequence[Comparison],
    spec: Uncertainty,
    bands: tuple[Array, Array],
) -> Bootstrap:
    """Score `spec.replicates` replicates of every unit and wave. `bands` are the ends of the band
    that each score lies in, shape (nodes, rows)."""
    scored = respondents.scored
    nodes, units = len(scored.tree.ids), len(scored.units)
    freedom = respondents.of_scores[1]
    free = {
        (pair.before, pair.after): respondents.between(pair.before, pair.after).freedom
        for pair in comparisons
    }
    found = Bootstrap(
        Ends.blank(nodes, scored.scores.shape[1]), {pair: Ends.blank(nodes, units) for pair in free}
    )
    for u in range(units):
        draws = _replicates(respondents, u, spec)
        inside = {}
        for wave, scores in draws.items():
            row = scored.of_wave(wave).start + u
            inside[wave] = (scores >= bands[0][:, row, None]) & (scores < bands[1][:, row, None])
            found.scores.put(row, scores, freedom[:, row], inside[wave].mean(axis=1))
        for (before, after), ends in found.changes.items():
            if before in draws and after in draws:
                both = (inside[before] & inside[after]).mean(axis=1)
                ends.put(u, draws[after] - draws[before], free[before, after][:, u], both)
    _without_errors(respondents, found)
    return found


def _without_errors(respondents: Respondents, found: Bootstrap) -> None:
    """Nodes that rest on no known error did not move in any replicate: that is no certainty."""
    scored = respondents.scored
    unknown = np.isnan(scored.variance)
    blanks = [(found.scores, unknown)]
    for (before, after), ends in found.changes.items():
        blanks.append((ends, unknown[:, scored.of_wave(before)] | unknown[:, scored.of_wave(after)]))
    for ends, blank in blanks:
        for array in (ends.low, ends.high, ends.error, ends.within):
            array[blank] = np.nan


def _replicates(respondents: Respondents, u: int, spec: Uncertainty) -> dict[str, Array]:
    """Scores of one unit's replicates by wave, shape (nodes, replicates), centred on the score where
    the replicates are scored more simply than it was (fuzzy nodes)."""
    scored = respondents.scored
    frozen, unit = scored.frozen, scored.units[u]
    random = np.random.default_rng((spec.seed, u))
    drawn = dict(_resampled(respondents, unit, spec.replicates, random))
    place = {leaf.id: n for n, leaf in enumerate(scored.tree.leaves)}
    found = {}
    for wave in scored.waves:
        row = scored.of_wave(wave).start + u
        readings = np.repeat(frozen.values[:, row, None], spec.replicates, axis=1)
        errors = np.nan_to_num(frozen.errors[:, row])
        moved = np.zeros(len(readings), dtype=bool)
        for sample, means in drawn.get(wave, ()):
            known = [m for m, name in enumerate(sample.measures) if name in place]
            at = np.array([place[sample.measures[m]] for m in known], dtype=np.intp)
            means = means if len(known) == len(means) else means[known]
            means *= sample.shares[known, None]
            readings[at] = (
                np.where(moved[at, None], readings[at] + means, means) if moved[at].any() else means
            )
            moved[at] = True
        for n in (n for n in frozen.divisors if moved[n]):
            readings[n] /= frozen.divisors[n][row]
        others = np.nonzero((errors > 0) & ~moved)[0]
        readings[others] += errors[others, None] * random.standard_normal((len(others), spec.replicates))
        scores = frozen.scores(row, readings)
        if scored.vectors:
            plain = frozen.scores(row, frozen.values[:, row, None])
            scores += scored.scores[:, row, None] - plain
        found[wave] = scores
    return found


def _resampled(
    respondents: Respondents, unit: str, replicates: int, random: np.random.Generator
) -> Iterator[tuple[str, list[tuple[Sample, Array]]]]:
    """By wave: each sample of the unit with the means of its measures in every replicate, shape
    (measures, replicates)."""
    waves = respondents.scored.waves
    here = {wave: respondents.answered(wave, unit) for wave in waves}
    found: dict[str, list[tuple[Sample, Array]]] = {wave: [] for wave in waves}
    for role in dict.fromkeys(role for roles in here.values() for role in roles):
        parts = [(wave, sample) for wave in waves for sample in here[wave].get(role, ())]
        persons = np.unique(np.concatenate([sample.person for _, sample in parts]))
        pattern = np.zeros(persons.size, dtype=np.int64)
        for w, wave in enumerate(waves):
            for sample in here[wave].get(role, ()):
                pattern[np.searchsorted(persons, sample.person)] |= 1 << w
        strata = list(_strata(pattern))
        sums = [_Sums(sample, np.searchsorted(persons, sample.person), replicates) for _, sample in parts]
        step = max(_CELLS // persons.size, 1)
        for first in range(0, replicates, step):
            some = slice(first, min(first + step, replicates))
            counts = _counts(strata, persons.size, some.stop - first, random)
            for one in sums:
                one.take(some, counts)
        for (wave, sample), one in zip(parts, sums, strict=True):
            found[wave].append((sample, one.means()))
    yield from found.items()


class _Sums:
    """The sums behind a sample's means in every replicate."""

    def __init__(self, sample: Sample, at: Whole, replicates: int):
        means = sample.resampled
        given = ~np.isnan(means)
        self.at = at
        self.whole = bool(given.all())
        self.answers = (np.where(given, means, 0.0) * sample.weights[:, None]).T
        self.weights = (
            sample.weights[None, :] if self.whole else (given * sample.weights[:, None]).T.astype(float)
        )
        self.above = np.empty((len(sample.measures), replicates))
        self.below = np.empty((len(self.weights), replicates))

    def take(self, some: slice, counts: Array) -> None:
        """`counts` says how often each person is in each replicate, shape (replicates, persons)."""
        everybody = self.at.size == counts.shape[1]  # both are in order of the persons' numbers
        own = counts.T if everybody and (self.at[1:] > self.at[:-1]).all() else counts[:, self.at].T
        self.above[:, some] = self.answers @ own
        self.below[:, some] = self.weights @ own

    def means(self) -> Array:
        """A replicate in which nobody answered takes the mean that is known."""
        known = self.answers.sum(axis=1) / self.weights.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            means = self.above / self.below
        return means if (self.below > 0).all() else np.where(self.below > 0, means, known[:, None])


def _strata(pattern: Whole) -> Iterator[Whole]:
    """Persons who answered in the same waves; one alone joins the largest group."""
    kinds, which, sizes = np.unique(pattern, return_inverse=True, return_counts=True)
    alone = np.nonzero(sizes == 1)[0]
    which = np.where(np.isin(which, alone), np.argmax(sizes), which)
    for kind in range(len(kinds)):
        members = np.nonzero(which == kind)[0]
        if members.size:
            yield members


def _counts(strata: Sequence[Whole], persons: int, draws: int, random: np.random.Generator) -> Array:
    """How often each person is in each replicate, shape (draws, persons): n − 1 of a stratum's n."""
    found = np.empty((draws, persons))
    start = np.arange(draws)[:, None]
    for members in strata:
        n = members.size
        drawn = random.integers(0, n, (draws, max(n - 1, 1)), dtype=np.int32) + start * n
        counts = np.bincount(drawn.ravel(), minlength=draws * n).reshape(draws, n)
        if n == persons:
            found[:] = counts
        else:
            found[:, members] = counts
    return found


def expanded(draws: Array, freedom: Array) -> tuple[Array, Array]:
    """Ends of the 95 % intervals from replicates, shape (nodes, replicates): the percentiles at
    Φ(∓t), t the 97.5 % quantile of Student's t."""
    from scipy.special import ndtr

    last = draws.shape[1] - 1
    at = last * ndtr(-t_quantile(freedom))
    place = np.floor(at).astype(np.int64)
    part = at - place
    sides = (place, place + 1), (last - place, last - place - 1)
    wanted = np.unique(sides)
    few = wanted.size <= _FEW_PLACES
    ordered = np.partition(draws, wanted, axis=1) if few else np.sort(draws, axis=1)
    rows = np.arange(len(draws))
    ends = []
    for near, far in sides:
        ends.append(ordered[rows, near] * (1 - part) + ordered[rows, far] * part)
    return ends[0], ends[1]

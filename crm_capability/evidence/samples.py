"""The respondents behind readings: who gave what to which reading, so that its error can be followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..methods.raking import Margin, influences
from .answers import Answers

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
_SAME = 1e-9  # a reading that its answers give again


@dataclass(frozen=True)
class Sample:
    """Answers of one audience of one unit in one wave, shape (people, measures).

    `person` numbers the respondents: the same number is the same person in every sample of the unit
    and audience, whatever the wave. `means` are each one's mean answers, NaN for none. `shares` says
    how much of each reading this audience makes up.
    """

    wave: str
    unit: str
    role: str
    measures: tuple[str, ...]
    person: Whole
    means: Array
    weights: Array  # of the people
    shares: Array  # of the measures
    margins: tuple[Margin, ...] = ()  # what the weights were raked to

    @property
    def deviations(self) -> Array:
        """What each person moves each reading by: d = w(x − x̄)/Σw·√(n/(n−1)), so that Σd² is the
        square of the reading's standard error; 0 for who did not answer. Where weights were raked, who
        did not answer counts too: the shares depend on everybody."""
        given = ~np.isnan(self.means)
        total, n = self._totals(given), given.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.margins:
                return self._moved(given) * np.where(
                    n > 1, self.shares * np.sqrt((n - 1) / n) / total, np.nan
                )
            scale = self.shares * np.sqrt(n / (n - 1)) / total
            return np.where(given, self._moved(given) * scale, 0.0)

    @property
    def resampled(self) -> Array:
        """The answers as a bootstrap draws them: of raked weights it would have to rake each replicate
        anew, so each person brings along instead what he moves the mean by."""
        if not self.margins:
            return self.means
        given = ~np.isnan(self.means)
        n = given.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = self._moved(given) * (n - 1) / n / self.weights[:, None]
            return self._centre(given) + moved * self.weights.sum() / self._totals(given)

    def _totals(self, given: NDArray[np.bool_]) -> Array:
        return np.asarray(np.where(given, self.weights[:, None], 0.0).sum(axis=0))

    def _centre(self, given: NDArray[np.bool_]) -> Array:
        sums = np.where(given, self.weights[:, None] * self.means, 0.0).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums / self._totals(given))

    def _moved(self, given: NDArray[np.bool_]) -> Array:
        """w(x − x̄), or what raked weights make of it."""
        moved = np.where(given, self.weights[:, None] * (self.means - self._centre(given)), 0.0)
        return influences(moved, self.weights, self.margins) if self.margins else moved


def samples(
    sheets: Sequence[Answers], roles: Mapping[str, Mapping[str, float]], readings: pd.DataFrame
) -> tuple[Sample, ...]:
    """The samples behind the table `readings`, those parts of it that come from answers alone.

    A measure whose reading or standard error is not what the answers give (it was combined with
    other evidence, or has too few answers for an error) is left out.
    """
    found = list(_divided(sheets))
    keys: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for s, sample in enumerate(found):
        for m, measure in enumerate(sample.measures):
            keys.setdefault((sample.wave, sample.unit, measure), []).append((s, m))
    known = readings.set_index(["wave", "unit", "measure"])[["value", "standard_error"]]
    if not keys:
        return ()
    index = known.index.get_indexer(pd.MultiIndex.from_tuples(list(keys)))
    numbers = known.to_numpy(dtype=float)
    means, squares = [_mean(sample) for sample in found], [_squares(sample) for sample in found]
    shares, given = [], np.full((len(keys), 2), np.nan)
    for k, (key, places) in enumerate(keys.items()):
        parts = _shares(key[2], [(found[s].role, np.isnan(means[s][m])) for s, m in places], roles)
        shares.append(parts)
        given[k] = [
            sum(part**power * of[s][m] for (s, m), part in zip(places, parts, strict=True) if part)
            for power, of in ((1, means), (2, squares))
        ]
    given[:, 1] = np.sqrt(given[:, 1])
    read = np.where(index[:, None] >= 0, numbers[index], np.nan)
    same = np.isclose(given, read, rtol=_SAME, atol=_SAME).all(axis=1)
    for places, parts, alike in zip(keys.values(), shares, same, strict=True):
        for (s, m), share in zip(places, parts, strict=True):
            found[s].shares[m] = share if alike else 0.0
    return tuple(part for sample in found if (part := _used(sample)) is not None)


def _divided(sheets: Sequence[Answers]) -> Iterator[Sample]:
    """Every wave, unit and audience of every sheet by itself."""
    if not sheets:
        return
    people = pd.concat([sheet.people for sheet in sheets], ignore_index=True)
    number = people.groupby(["unit", "role", "respondent"], sort=False).ngroup().to_numpy(dtype=np.int64)
    first = 0
    for sheet in sheets:
        own = number[first : first + len(sheet.people)]
        first += len(sheet.people)
        measures = tuple(sheet.fed)
        means = np.stack([sheet.means(measure) for measure in measures], axis=1) if measures else None
        groups = sheet.people.reset_index(drop=True).groupby(["wave", "unit", "role"], sort=False).indices
        for (wave, unit, role), members in groups.items():
            if means is not None:
                weights = sheet.people["weight"].to_numpy(dtype=float)[members]
                shares = np.ones(len(measures))
                margins = tuple(_raked(sheet.margins, members))
                yield Sample(
                    wave, unit, role, measures, own[members], means[members], weights, shares, margins
                )


def _raked(margins: Sequence[Margin], members: NDArray[np.intp]) -> Iterator[Margin]:
    """The margins that the weights of some people were raked to."""
    for margin in margins:
        own = margin.taken(members)
        if (own.codes >= 0).any():
            yield own


def _squares(sample: Sample) -> Array:
    return np.asarray((sample.deviations**2).sum(axis=0))


def _mean(sample: Sample) -> Array:
    given = ~np.isnan(sample.means)
    weight = np.where(given, sample.weights[:, None], 0.0)
    total = weight.sum(axis=0)
    answers = np.where(given, sample.means, 0.0)
    return np.divide((weight * answers).sum(axis=0), total, out=np.full(total.size, np.nan), where=total > 0)


def _shares(
    measure: str, audiences: Sequence[tuple[str, bool]], roles: Mapping[str, Mapping[str, float]]
) -> list[float]:
    """How much each audience counts, as `roles` says; one that said nothing counts for nothing."""
    if len(audiences) == 1:
        return [1.0]
    named = roles.get(measure)
    weights = [
        0.0 if silent else float(named.get(role, 0.0)) if named is not None else 1.0
        for role, silent in audiences
    ]
    total = sum(weights)
    return [weight / total if total else 0.0 for weight in weights]


def _used(sample: Sample) -> Sample | None:
    """The measures that the sample has a share in."""
    kept = np.nonzero(sample.shares)[0]
    if not kept.size:
        return None
    names = tuple(sample.measures[m] for m in kept)
    heard = ~np.isnan(sample.means[:, kept]).all(axis=1) | bool(sample.margins)
    return Sample(
        sample.wave,
        sample.unit,
        sample.role,
        names,
        sample.person[heard],
        sample.means[np.ix_(heard, kept)],
        sample.weights[heard],
        sample.shares[kept],
        sample.margins,
    )

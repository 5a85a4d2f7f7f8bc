"""Respondents who answered in two waves: what pairs their readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..definition.plan import Comparison
from ..tables import shape
from .samples import Sample


def pairings_table(samples: Sequence[Sample], comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """The table `pairings`: for every comparison, unit and measure how many answered twice, and the
    covariance of the two readings that follows from them."""
    by_wave: dict[str, dict[str, list[Sample]]] = {}
    for sample in samples:
        by_wave.setdefault(sample.wave, {}).setdefault(sample.unit, []).append(sample)
    rows = []
    for pair in comparisons:
        for unit, old in by_wave.get(pair.before, {}).items():
            waves = {"before_wave": pair.before, "after_wave": pair.after}
            found: dict[str, list[float]] = {}
            for measure, people, covariance in _shared(old, by_wave.get(pair.after, {}).get(unit, [])):
                sums = found.setdefault(measure, [0, 0.0])
                sums[0] += people
                sums[1] += covariance
            rows += [
                {"unit": unit, "measure": measure, **waves, "respondents": people, "covariance": covariance}
                for measure, (people, covariance) in found.items()
            ]
    return shape("pairings", pd.DataFrame(rows))


def _shared(old: Sequence[Sample], new: Sequence[Sample]) -> Iterator[tuple[str, int, float]]:
    """Measure by measure: who answered both times, and the products of what they moved."""
    for first in old:
        for second in new:
            both: Any = sorted(set(first.measures) & set(second.measures), key=first.measures.index)
            if first.role != second.role or not both:
                continue
            _, here, there = np.intersect1d(
                first.person, second.person, assume_unique=True, return_indices=True
            )
            columns = [np.array([sample.measures.index(name) for name in both]) for sample in (first, second)]
            answered = [
                ~np.isnan(sample.means[np.ix_(rows, own)])
                for sample, rows, own in ((first, here, columns[0]), (second, there, columns[1]))
            ]
            people = (answered[0] & answered[1]).sum(axis=0)
            moved = [
                sample.deviations[np.ix_(rows, own)]
                for sample, rows, own in ((first, here, columns[0]), (second, there, columns[1]))
            ]
            covariances = (moved[0] * moved[1]).sum(axis=0)
            for name, n, covariance in zip(both, people, covariances, strict=True):
                if n:
                    yield name, int(n), float(covariance)

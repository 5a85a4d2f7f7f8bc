"""Imputation: a number in the place of a reading that was not had.

What a method learns comes from the same rows as the measure's normalisation and is applied
unchanged to every wave. Nothing is learned from imputed numbers, and where a method has nothing
to go by the reading stays missing. An imputed number has no standard error and counts as missing
for the worst and best case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .model import BY_NAME, Model, Words

Array: TypeAlias = NDArray[np.float64]
Learned: TypeAlias = Mapping[str, float]
Labels: TypeAlias = NDArray[np.object_]  # of the rows, None where blank


@dataclass(frozen=True)
class Around:
    """What stands around a measure's readings, row by row: row = wave × units + unit."""

    days: Array  # start of each wave, in days; NaN where it has none
    labels: Mapping[str, Labels]  # attribute -> label of each row
    siblings: Mapping[str, Array]  # the other measures of the same parent -> readings
    lower: frozenset[str]  # those of them, and the measure itself, where lower is better
    name: str = ""  # of the measure itself


class Imputation(Model):
    """A rule for readings that are missing."""

    over_waves: ClassVar[bool] = False  # does it look at the same unit's other waves?

    def learn(self, values: Array, around: Around, rows: NDArray[np.bool_]) -> Learned:
        """What the chosen rows teach."""
        return {}

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        """A number for every row, NaN where there is nothing to go by; used where one is missing."""
        raise NotImplementedError


class NoImputation(Imputation):
    """Missing stays missing; the parent rescales the weights of what is there.

    Source: OECD/JRC handbook (2008), section 3, available-case analysis.
    Use when: most readings are there: nothing is made up.
    Not when: gaps follow a pattern, such as weak units that do not answer.
    """

    method: Literal["none"]

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        return np.full(values.shape, np.nan)


class MeanImputation(Imputation):
    """The mean of the fitted rows' readings.

    Source: OECD/JRC handbook (2008), section 3, unconditional mean.
    Use when: few gaps, and a unit without a reading is as likely strong as weak.
    Not when: gaps are many: the spread shrinks.

    >>> impute(MeanImputation(method="mean"), np.array([1.0, np.nan, 5.0]))
    array([1., 3., 5.])
    """

    method: Literal["mean"]

    def learn(self, values: Array, around: Around, rows: NDArray[np.bool_]) -> Learned:
        known = _known(values[rows])
        return {"mean": float(known.mean())} if known.size else {}

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        return np.full(values.shape, learned.get("mean", np.nan))


class MedianImputation(Imputation):
    """The median of the fitted rows' readings.

    Source: OECD/JRC handbook (2008), section 3.
    Use when: as for the mean, and the readings are skewed.
    Not when: gaps are many.

    >>> impute(MedianImputation(method="median"), np.array([1.0, 2.0, np.nan, 90.0]))
    array([ 1.,  2.,  2., 90.])
    """

    method: Literal["median"]

    def learn(self, values: Array, around: Around, rows: NDArray[np.bool_]) -> Learned:
        known = _known(values[rows])
        return {"median": float(np.median(known))} if known.size else {}

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        return np.full(values.shape, learned.get("median", np.nan))


class GroupImputation(Imputation):
    """Shared by group mean and group median: one number for each label of an attribute."""

    by: Words

    def _middle(self, known: Array) -> float:
        raise NotImplementedError

    def learn(self, values: Array, around: Around, rows: NDArray[np.bool_]) -> Learned:
        labels = around.labels[self.by]
        usable = rows & ~np.isnan(values) & np.array([label is not None for label in labels], dtype=bool)
        found = {label: values[usable & (labels == label)] for label in sorted(set(labels[usable]))}
        return {f"group:{label}": self._middle(known) for label, known in found.items()}

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        return np.array(
            [learned.get(f"group:{label}", np.nan) for label in around.labels[self.by]], dtype=float
        )


class GroupMean(GroupImputation):
    """The mean of the fitted rows of the same group; `by` names an attribute of the units.

    A unit without a group, or in a group without any reading, stays missing.

    Source: OECD/JRC handbook (2008), section 3, conditional mean; COINr's `i_mean_grp`.
    Use when: units of a kind are alike: regions, sizes, income groups.
    Not when: groups have one or two readings each.
    """

    method: Literal["group-mean"]

    def _middle(self, known: Array) -> float:
        return float(known.mean())


class GroupMedian(GroupImputation):
    """The median of the fitted rows of the same group; `by` names an attribute of the units.

    Source: OECD/JRC handbook (2008), section 3; COINr's `i_median_grp`.
    Use when: as for the group mean, and the readings are skewed.
    Not when: groups have one or two readings each.
    """

    method: Literal["group-median"]

    def _middle(self, known: Array) -> float:
        return float(np.median(known))


class PeerRowMean(Imputation):
    """The unit's mean place among its other measures of the same parent, scaled back.

    Siblings are scaled x' = (x − min)/(max − min), reversed where lower is better; the missing one
    is the mean of the others' x', scaled back by its own range. Siblings whose fitted readings are
    all equal say nothing and are left out.

    Source: OECD/JRC handbook (2008), section 3, with the scaling of COINr's `Impute` by row
    (`normalise_first`).
    Use when: the measures of a parent move together.
    Not when: they offset each other: the gap is filled with what it would have told apart.
    """

    method: Literal["peer-row-mean"]

    def learn(self, values: Array, around: Around, rows: NDArray[np.bool_]) -> Learned:
        found: dict[str, float] = {}
        for name, readings in {around.name: values, **around.siblings}.items():
            known = _known(readings[rows])
            if known.size:
                found |= {f"min:{name}": float(known.min()), f"max:{name}": float(known.max())}
        return found

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        if f"min:{around.name}" not in learned:
            return np.full(values.shape, np.nan)
        total, count = np.zeros(values.shape), np.zeros(values.shape)
        for name, readings in around.siblings.items():
            least, most = learned.get(f"min:{name}", 0.0), learned.get(f"max:{name}", 0.0)
            if most > least:
                share = (most - readings if name in around.lower else readings - least) / (most - least)
                total += np.where(np.isnan(share), 0.0, share)
                count += ~np.isnan(share)
        mean = np.divide(total, count, out=np.full(values.shape, np.nan), where=count > 0)
        least, most = learned[f"min:{around.name}"], learned[f"max:{around.name}"]
        return most - mean * (most - least) if around.name in around.lower else least + mean * (most - least)


class CarryForward(Imputation):
    """The unit's own last reading of an earlier wave; before its first one it stays missing.

    Source: last observation carried forward; OECD/JRC handbook (2008), section 3.
    Use when: a reading is taken less often than the waves come, and changes slowly.
    Not when: change is what is measured: a carried reading shows none.
    """

    over_waves: ClassVar[bool] = True
    method: Literal["carry-forward"]

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        by_wave = values.reshape(len(around.days), -1)
        return _at(by_wave, _latest(~np.isnan(by_wave))).ravel()


class LinearImputation(Imputation):
    """A straight line between the unit's own readings before and after, on the waves' start dates;
    flat beyond its first and last reading.

    Source: linear interpolation as in COINr's `i_linear` / `approx_df`.
    Use when: there are readings on both sides of the gap.
    Not when: the only reading lies far from the gap: flat is a guess.
    """

    over_waves: ClassVar[bool] = True
    method: Literal["linear"]

    def fill(self, values: Array, around: Around, learned: Learned) -> Array:
        by_wave = values.reshape(len(around.days), -1)
        order = np.argsort(around.days, kind="stable")
        rising, days = by_wave[order], around.days[order]
        known = ~np.isnan(rising)
        earlier = _latest(known)
        later = len(days) - 1 - _latest(known[::-1])[::-1]
        later[later == len(days)] = -1
        before, after = _at(rising, earlier), _at(rising, later)
        span = days[later] - days[earlier]
        share = np.divide(days[:, None] - days[earlier], span, out=np.zeros(rising.shape), where=span > 0)
        line = np.where(earlier < 0, after, np.where(later < 0, before, before + share * (after - before)))
        found = np.empty_like(line)
        found[order] = line
        return found.ravel()


def impute(rule: Imputation, values: Array, around: Around | None = None) -> Array:
    """The values with their gaps filled, all rows teaching."""
    around = around or Around(np.array([0.0]), {}, {}, frozenset())
    learned = rule.learn(values, around, np.ones(values.shape, dtype=bool))
    return np.where(np.isnan(values), rule.fill(values, around, learned), values)


def _known(values: Array) -> Array:
    return values[~np.isnan(values)]


def _latest(known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each wave and unit the number of the last wave up to it with a reading, or −1."""
    here = np.where(known, np.arange(len(known))[:, None], -1)
    return np.asarray(np.maximum.accumulate(here, axis=0))


def _at(by_wave: Array, wave: NDArray[np.int64]) -> Array:
    """The readings of each unit at the given waves; NaN at −1."""
    found = np.take_along_axis(by_wave, np.maximum(wave, 0), axis=0)
    return np.where(wave < 0, np.nan, found)


AnyImputation = Annotated[
    NoImputation
    | MeanImputation
    | MedianImputation
    | GroupMean
    | GroupMedian
    | PeerRowMean
    | CarryForward
    | LinearImputation,
    Field(discriminator="method"),
    BY_NAME,
]

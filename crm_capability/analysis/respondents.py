"""How sure scores and changes are, respondent by respondent.

To first order a node's score moves with every answer below it: by what the answer moves the
reading, times the reading's slope, times the node's derivatives. Summed over all that a person
said, this is the person's influence on the node. The squares of the influences sum to the node's
variance, whatever the measures have to do with each other, and products of two waves to their
covariance, whoever answered in both (the delta method by influence functions: Hampel 1974).
Readings that rest on no answers bring their own standard errors, independent of all else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evidence.samples import Sample
from ..methods.statistics import partly_overlapping, pooled_freedom
from ..scoring.assessment import Scored
from ..scoring.score import propagate

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]
_CELLS = 2_000_000  # people × nodes at a time


@dataclass(frozen=True)
class Joint:
    """Two waves of every node and unit, shape (nodes, units): variances of the scores, their
    covariance, degrees of freedom of the test of the change. NaN where no error is known."""

    before: Array
    after: Array
    covariance: Array
    freedom: Array

    @property
    def of_change(self) -> Array:
        """Variance of each change."""
        return np.maximum(self.before + self.after - 2.0 * self.covariance, 0.0)


@dataclass(frozen=True)
class Influence:
    """What the respondents of one audience in one wave move: readings, shape (people, measures), by
    `moved`, and nodes by `slopes` of that, shape (measures, nodes). `said` is 1 where they answered."""

    persons: NDArray[np.int64]
    moved: Array
    said: NDArray[np.float32]
    slopes: Array

    def on(self, nodes: slice) -> tuple[Array, Rows]:
        """Each person's influence on some nodes, and whether they said anything below them."""
        slopes = self.slopes[:, nodes]
        return self.moved @ slopes, self.said @ (slopes != 0).astype(np.float32) > 0

    def sums(self) -> tuple[Array, Array]:
        """Of every node: the sum of squared influences, and how many people there are."""
        nodes = self.slopes.shape[1]
        squares, people = np.empty(nodes), np.empty(nodes)
        for block in _blocks(nodes, self.persons.size):
            influence, said = self.on(block)
            squares[block], people[block] = (influence**2).sum(axis=0), said.sum(axis=0)
        return squares, people


class Respondents:
    """The samples of an assessment, ready to be followed up its tree."""

    def __init__(self, scored: Scored, samples: Sequence[Sample]):
        self.scored = scored
        self._place = {leaf.id: n for n, leaf in enumerate(scored.tree.leaves)}
        self._samples: dict[tuple[str, str], dict[str, list[Sample]]] = {}
        for sample in samples:
            if any(measure in self._place for measure in sample.measures):
                roles = self._samples.setdefault((sample.wave, sample.unit), {})
                roles.setdefault(sample.role, []).append(sample)
        self.rest = self._rest()
        self._joints: dict[tuple[str, str], Joint] = {}
        self._influences: dict[tuple[str, str], dict[str, Influence]] = {}

    def between(self, before: str, after: str) -> Joint:
        """Both waves together."""
        if (before, after) not in self._joints:
            self._joints[before, after] = self._joint(before, after)
        return self._joints[before, after]

    def _joint(self, before: str, after: str) -> Joint:
        scored = self.scored
        sides = [scored.of_wave(wave) for wave in (before, after)]
        first, second = (self.rest[:, side].copy() for side in sides)
        rest = np.nan_to_num(first) + np.nan_to_num(second)
        covariance, freedom = np.zeros_like(first), np.full(first.shape, np.inf)
        for u, unit in enumerate(scored.units):
            old, new = self._of(before, unit), self._of(after, unit)
            if not old and not new:
                continue
            variances, freedoms = [rest[:, u]], [np.full(len(rest), np.inf)]
            for role in {**old, **new}:
                own, shared, degrees = _together(old.get(role), new.get(role))
                first[:, u] = np.nan_to_num(first[:, u]) + own[0]
                second[:, u] = np.nan_to_num(second[:, u]) + own[1]
                covariance[:, u] += shared
                variances.append(np.maximum(own[0] + own[1] - 2 * shared, 0.0))
                freedoms.append(degrees)
            freedom[:, u] = pooled_freedom(np.stack(variances), np.stack(freedoms))
        unknown = np.isnan(scored.variance[:, sides[0]]), np.isnan(scored.variance[:, sides[1]])
        first[unknown[0]], second[unknown[1]] = np.nan, np.nan
        return Joint(first, second, covariance, freedom)

    @cached_property
    def of_scores(self) -> tuple[Array, Array]:
        """Variance of every score and its degrees of freedom, shape (nodes, rows)."""
        scored = self.scored
        variance, freedom = self.rest.copy(), np.full(self.rest.shape, np.inf)
        for wave, unit in self._samples:
            row = scored.of_wave(wave).start + scored.units.index(unit)
            variances, freedoms = [np.nan_to_num(self.rest[:, row])], [np.full(len(self.rest), np.inf)]
            for one in self._of(wave, unit).values():
                own, people = one.sums()
                variances.append(own)
                freedoms.append(np.maximum(people - 1.0, 1.0))
            variance[:, row] = np.sum(variances, axis=0)
            freedom[:, row] = pooled_freedom(np.stack(variances), np.stack(freedoms))
        variance[np.isnan(scored.variance)] = np.nan
        return variance, freedom

    def answered(self, wave: str, unit: str) -> dict[str, list[Sample]]:
        """The samples of a unit in a wave, by audience."""
        return self._samples.get((wave, unit), {})

    def _of(self, wave: str, unit: str) -> dict[str, Influence]:
        """The influences of a unit's respondents in a wave, by audience."""
        key = (wave, unit)
        if key not in self._influences and key in self._samples:
            scored = self.scored
            row = scored.of_wave(wave).start + scored.units.index(unit)
            chain = _chain(scored, row)
            self._influences[key] = {
                role: self._influence(samples, chain) for role, samples in self._samples[key].items()
            }
        return self._influences.get(key, {})

    def _influence(self, samples: Sequence[Sample], chain: Array) -> Influence:
        persons = np.unique(np.concatenate([sample.person for sample in samples]))
        moved: list[Array] = []
        said: list[Any] = []
        columns: list[int] = []
        for sample in samples:
            known = [m for m, name in enumerate(sample.measures) if name in self._place]
            columns += [self._place[sample.measures[m]] for m in known]
            at = np.searchsorted(persons, sample.person)
            for parts, values in (
                (moved, sample.deviations[:, known]),
                (said, (~np.isnan(sample.means[:, known])).astype(np.float32)),
            ):
                whole = np.zeros((persons.size, len(known)), dtype=values.dtype)
                whole[at] = values
                parts.append(whole)
        return Influence(persons, np.hstack(moved), np.hstack(said), chain[:, columns].T)

    def _rest(self) -> Array:
        """Variances from what rests on no answers, measures independent."""
        scored = self.scored
        variance = np.full(scored.variance.shape, np.nan)
        leaves = scored.variance[scored.tree.leaf_nodes].copy()
        for (wave, unit), roles in self._samples.items():
            row = scored.of_wave(wave).start + scored.units.index(unit)
            for sample in (one for samples in roles.values() for one in samples):
                leaves[[self._place[name] for name in sample.measures if name in self._place], row] = np.nan
        variance[scored.tree.leaf_nodes] = leaves
        return propagate(scored.tree, variance, scored.gradient)


def _chain(scored: Scored, row: int) -> Array:
    """Points of every node's score per unit of every measure's reading, shape (nodes, measures)."""
    tree = scored.tree
    found = np.zeros((len(tree.ids), len(tree.leaves)))
    found[tree.leaf_nodes, np.arange(len(tree.leaves))] = np.nan_to_num(scored.slope[:, row])
    for branch in tree.branches:
        found[branch.node] = scored.gradient[branch.node][:, row] @ found[list(branch.children)]
    return found


def _together(old: Influence | None, new: Influence | None) -> tuple[tuple[Array, Array], Array, Array]:
    """Of the same audience in two waves: variances of both means, their covariance, degrees of freedom
    of the test; shape (nodes,)."""
    sides = [one for one in (old, new) if one is not None]
    everyone = np.unique(np.concatenate([one.persons for one in sides]))
    nodes = sides[0].slopes.shape[1]
    found = np.empty((4, nodes))
    for block in _blocks(nodes, everyone.size):
        moved, said = [], []
        for one in (old, new):
            size = (everyone.size, len(range(*block.indices(nodes))))
            influence, counted = np.zeros(size), np.zeros(size, dtype=bool)
            if one is not None:
                at = np.searchsorted(everyone, one.persons)
                influence[at], counted[at] = one.on(block)
            moved.append(influence)
            said.append(counted)
        found[0, block], found[1, block] = ((x**2).sum(axis=0) for x in moved)
        found[2, block], found[3, block] = partly_overlapping(moved[0], moved[1], said[0], said[1])
    return (found[0], found[1]), found[2], found[3]


def _blocks(nodes: int, people: int) -> Iterator[slice]:
    """Nodes to work on at a time: few, where people are many."""
    step = max(_CELLS // max(people, 1), 1)
    for first in range(0, nodes, step):
        yield slice(first, min(first + step, nodes))

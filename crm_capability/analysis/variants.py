"""The trees that a plan's choices lead to, and which node each factor can touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.sensitivity import EXCLUDE, WEIGHTS
from ..methods.aggregation import Fuzzy
from ..methods.resampling import Array, Whole, distinct
from ..scoring.answered import Answers
from ..scoring.preparation import FitRows, Subjects, screened
from ..scoring.score import applicable_nodes
from ..scoring.tree import Tree, grow
from .levers import Choice, Lever, Range

Rows = NDArray[np.bool_]
Key = tuple[int, ...]  # one number a factor: 0 as the plan stands, from 1 on a choice or a sample point


@dataclass(frozen=True)
class Case:
    """What is scored, whatever is chosen. Arrays have the shape (measures, rows)."""

    framework: Framework
    overrides: tuple[tuple[Mapping[str, Any], ...], ...]  # of weights, for each wave
    subjects: Subjects
    values: Array  # before screening
    errors: Array
    linked: Array  # correlation of an error with the unit's in the wave before: same respondents
    applicable: Rows
    screen: float | None  # the least share of measures that a row needs
    teaching: FitRows  # before screening
    answers: Mapping[int, Answers]  # behind measures, by their place among the leaves


class Variants:
    """The case under every choice. For every node, `touched` holds the factors that can change its
    score, and `own` the choices among them that change what is done at the node itself."""

    def __init__(self, case: Case, levers: Sequence[Lever]):
        self.case, self.levers = case, levers
        self.as_it_stands: Key = (0,) * len(levers)
        self.places = {lever.path: f for f, lever in enumerate(levers)}
        self.discrete = [f for f, lever in enumerate(levers) if isinstance(lever, Choice)]
        self._trees: dict[Key, tuple[Tree, ...]] = {}
        self._applicable: dict[int, Rows] = {}
        self._taking_part: dict[int, Rows] = {}
        self.base = self.trees(self.as_it_stands)[0]
        self.touched: dict[int, set[int]] = {node: set() for node in range(len(self.base.ids))}
        self.own: dict[int, set[int]] = {node: set() for node in self.touched}
        self.graded: set[int] = set()  # children of nodes that some choice evaluates by grades
        self._grade(self.as_it_stands)
        self._touch()

    def trees(self, key: Key) -> tuple[Tree, ...]:
        """The trees of the waves under the choices of a key."""
        if key not in self._trees:
            framework, chosen = self.case.framework, {}
            for option, lever in zip(key, self.levers, strict=True):
                if not option or isinstance(lever, Range) or lever.path == EXCLUDE:
                    continue
                if lever.path == WEIGHTS:
                    chosen = lever.options[option - 1]
                else:
                    update = {lever.path.removeprefix("defaults."): lever.options[option - 1]}
                    framework = framework.model_copy(
                        update={"defaults": framework.defaults.model_copy(update=update)}
                    )
            self._trees[key] = tuple(grow(framework, (*wave, chosen)) for wave in self.case.overrides)
        return self._trees[key]

    def kept(self, key: Key) -> Rows:
        """Which measures are applicable under the choices of a key, shape (measures, rows)."""
        place = self.places.get(EXCLUDE)
        if place is None or not key[place]:
            return self.case.applicable
        lever = self.levers[place]
        assert isinstance(lever, Choice)
        out = [
            n for node in lever.options[key[place] - 1] for n in self.base.below[self.base.ids.index(node)]
        ]
        kept = self.case.applicable.copy()
        kept[out] = False
        return kept

    def taking_part(self, key: Key) -> Rows:
        """The rows left after screening, by the measures that are left in."""
        if self.case.screen is None:
            return np.ones(self.case.values.shape[1], dtype=bool)
        option = self._left_out(key)
        if option not in self._taking_part:
            self._taking_part[option] = screened(self.case.values, self.kept(key), self.case.screen)
        return self._taking_part[option]

    def teaching(self, key: Key) -> FitRows:
        """The rows that teach, of those left after screening."""
        rows, left = self.case.teaching, self.taking_part(key)
        return FitRows(rows.pooled & left, rows.baseline & left, rows.peers & left)

    def _left_out(self, key: Key) -> int:
        return key[self.places[EXCLUDE]] if EXCLUDE in self.places else 0

    def applicable(self, key: Key) -> Rows:
        """The same for every node, shape (nodes, rows)."""
        option = self._left_out(key)
        if option not in self._applicable:
            self._applicable[option] = applicable_nodes(self.base, self.kept(key))
        return self._applicable[option]

    def groups(self, keys: Whole, node: int) -> list[tuple[Key, Whole]]:
        """The runs that do the same at a node, by the choices that say what."""
        factors = sorted(self.own[node])
        first, which = distinct(keys[:, factors])
        masked = np.zeros_like(keys)
        masked[:, factors] = keys[:, factors]
        return [(tuple(masked[one].tolist()), np.nonzero(which == n)[0]) for n, one in enumerate(first)]

    def _touch(self) -> None:
        imputed = {leaf.node for leaf in self.base.leaves if leaf.impute is not None}
        learning = {branch.node for branch in self.base.branches if branch.weighting.needs_scores}
        for f in self.discrete:
            for option in range(1, len(self.levers[f].options) + 1):  # type: ignore[union-attr]
                key = tuple(option if place == f else 0 for place in range(len(self.levers)))
                for tree in self.trees(key):
                    imputed |= {leaf.node for leaf in tree.leaves if leaf.impute is not None}
                    learning |= {branch.node for branch in tree.branches if branch.weighting.needs_scores}
                self._compare(f, key)
                self._grade(key)
        for f, lever in enumerate(self.levers):  # an imputed reading goes by others
            if lever.path == EXCLUDE and imputed:
                self._add(f, imputed)
            elif isinstance(lever, Range):
                self._add(f, lever.touches(self.base, self.case.errors, imputed))
        self._settle(learning)

    def _grade(self, key: Key) -> None:
        fuzzy = (one for one in self.trees(key)[0].branches if isinstance(one.rule, Fuzzy))
        self.graded |= {child for branch in fuzzy for child in branch.children}

    def _settle(self, learning: set[int]) -> None:
        """What touches a child touches its parent. Which rows weights learn from hangs on the
        measures below, and leaving something out on which of them are left."""
        discrete = set(self.discrete)
        exclude = {self.places[EXCLUDE]} if EXCLUDE in self.places else set()
        for leaf in self.base.leaves:
            self.own[leaf.node] = self.touched[leaf.node] & discrete
        for branch in self.base.branches:
            own = self.touched[branch.node] & discrete
            self.touched[branch.node].update(*(self.touched[child] for child in branch.children))
            all_of_them = self.touched[branch.node] & discrete
            self.own[branch.node] = all_of_them if branch.node in learning else own | (exclude & all_of_them)

    def _compare(self, factor: int, key: Key) -> None:
        """Note the nodes that one choice makes different."""
        for old, new in zip(self.trees(self.as_it_stands), self.trees(key), strict=True):
            self._add(factor, (a.node for a, b in zip(old.leaves, new.leaves, strict=True) if a != b))
            self._add(factor, (a.node for a, b in zip(old.branches, new.branches, strict=True) if a != b))
        changed = (self.kept(key) != self.case.applicable).any(axis=1)
        if (self.taking_part(key) != self.taking_part(self.as_it_stands)).any():
            changed[:] = True  # a unit comes or goes, with all its measures, and teaches or does not
        self._add(factor, (leaf.node for leaf, out in zip(self.base.leaves, changed, strict=True) if out))

    def _add(self, factor: int, nodes: Iterable[int]) -> None:
        for node in nodes:
            self.touched[node].add(factor)

"""An assessment as it would be under other choices, every distinct stage of it computed once.

A run is a row of keys, one a factor: 0 leaves the plan as it stands; from 1 on it is a choice of
a `Choice`, or a sample point of a `Range`. Each node of the tree knows which factors touch
it; its scores are computed once for every distinct combination of those factors' keys, all
combinations in one array operation a rule. Nothing is approximated: the scores are, bit for bit,
those of the framework rebuilt with the same choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..methods.normalisation import Identity, Likert
from ..methods.resampling import Array, Whole, distinct
from ..scoring.measure import apply_all, learn
from ..scoring.preparation import prepare
from ..scoring.score import combine_children
from ..scoring.tree import Branch, Leaf, Tree
from ..scoring.weights import teaching_rows, weigh_branch
from .levers import Lever, Range
from .variants import Case, Key, Variants

AS_RAW = Identity(method="none")  # hands the readings on as the rule would have got them


@dataclass(frozen=True)
class States:
    """The distinct scores of a node, shape (states, rows), and which of them each run has."""

    scores: Array
    which: Whole


class Alternatives:
    """The case under any mixture of choices. `points` holds the sample, a row a point, with the
    columns of the factors side by side."""

    def __init__(self, case: Case, levers: Sequence[Lever], points: Array, seed: int):
        self.case, self.levers, self.points, self.seed = case, levers, points, seed
        self.variants = Variants(case, levers)
        self.base, self.touched = self.variants.base, self.variants.touched
        ends = np.cumsum([lever.columns for lever in levers])
        self.spans = [slice(end - lever.columns, end) for end, lever in zip(ends, levers, strict=True)]
        self._stages: dict[tuple[Key, int], Array] = {}

    def scores(self, node: str, keys: Whole) -> Array:
        """Scores of a node, shape (runs, rows), under the choices of each run."""
        self._stages = {(key, point): found for (key, point), found in self._stages.items() if point == 0}
        self._distinct: dict[Any, tuple[Whole, Whole, list[tuple[Key, Whole]]]] = {}
        known: dict[int, States] = {}
        wanted = self._at_or_below(self.base.ids.index(node))
        for place, leaf in enumerate(self.base.leaves):
            if leaf.node in wanted:
                known[leaf.node] = self._leaf(place, leaf, keys)
        for place, branch in enumerate(self.base.branches):
            if branch.node in wanted:
                known[branch.node] = self._branch(place, branch, keys, known)
        states = known[self.base.ids.index(node)]
        return states.scores[states.which]

    def width(self, node: str) -> int:
        """How many numbers one run holds at once, about: what to plan memory by."""
        wanted, ranges = (
            self._at_or_below(self.base.ids.index(node)),
            set(range(len(self.levers))) - set(self.variants.discrete),
        )
        wide = [
            branch
            for branch in self.base.branches
            if branch.node in wanted and self.touched[branch.node] & ranges
        ]
        leaves = sum(2 for leaf in self.base.leaves if self.touched[leaf.node] & ranges)
        return self.case.values.shape[1] * (1 + leaves + sum(4 * len(branch.children) for branch in wide))

    def _at_or_below(self, node: int) -> set[int]:
        found = {node}
        for branch in reversed(self.base.branches):
            if branch.node in found:
                found.update(branch.children)
        return found

    def _states(self, node: int, keys: Whole) -> tuple[Whole, Whole, list[tuple[Key, Whole]]]:
        """A run for each distinct state of a node, which state each run is in, and the states that
        do the same there."""
        alike = (frozenset(self.touched[node]), frozenset(self.variants.own[node]))
        if alike not in self._distinct:
            first, which = distinct(keys[:, sorted(self.touched[node])])
            self._distinct[alike] = first, which, self.variants.groups(keys[first], node)
        return self._distinct[alike]

    def _leaf(self, place: int, leaf: Leaf, keys: Whole) -> States:
        first, which, groups = self._states(leaf.node, keys)
        found = np.empty((first.size, self.case.values.shape[1]))
        for key, members in groups:
            chosen = keys[first[members]]
            ready = np.stack([self._stage(key, self._point(one, "readings"))[leaf.node] for one in chosen])
            rule: Any = self.variants.trees(key)[0].leaves[place].rule
            ends = self._ends(place, rule, chosen)
            if ends is None:
                found[members] = ready
            else:
                scores = np.empty_like(ready)
                rule.apply_between(scores, ready, rule.worst + ends[:, :1], rule.best + ends[:, 1:])
                found[members] = scores
        return States(found, which)

    def _point(self, key: Whole, path: str) -> int:
        place = self.variants.places.get(path)
        return 0 if place is None else int(key[place])

    def _ends(self, place: int, rule: Any, keys: Whole) -> Array | None:
        """How far the measure's worst and best point move in each of these runs, shape (runs, 2);
        None where they stay put."""
        ends = None
        for f, lever in enumerate(self.levers):
            if isinstance(lever, Range) and lever.what == "goalposts" and lever.has_goalposts(place, rule):
                away = self._away(f, keys)[:, lever.place(place)] * (rule.best - rule.worst)
                ends = away if ends is None else ends + away
        return ends

    def _away(self, factor: int, keys: Whole) -> Array:
        """How far a range is from the plan as it stands, between ± share, shape (runs, columns)."""
        lever, point = self.levers[factor], keys[:, factor]
        assert isinstance(lever, Range)
        away = lever.share * (2.0 * self.points[point - 1, self.spans[factor]] - 1.0)
        return np.where(point[:, None] > 0, away, 0.0)

    def _stage(self, key: Key, point: int) -> Array:
        """Scores of all measures, shape (nodes, rows), under these choices and with the readings
        of a sample point. Measures whose goalposts vary stay readings."""
        if (key, point) not in self._stages:
            case, tree = self.case, self.variants.trees(key)[0]
            kept = self.variants.kept(key)
            values = np.where(kept, self._noisy(tree, point), np.nan)
            prepared = prepare(tree, values, kept & case.taking_part, case.subjects, case.teaching)
            moving = [
                lever for lever in self.levers if isinstance(lever, Range) and lever.what == "goalposts"
            ]
            leaves = tuple(
                replace(leaf, rule=AS_RAW, better="higher")
                if any(lever.has_goalposts(n, leaf.rule) for lever in moving)
                else leaf
                for n, leaf in enumerate(tree.leaves)
            )
            tree = replace(tree, leaves=leaves)
            scores = np.full((len(tree.ids), values.shape[1]), np.nan)
            apply_all(tree, learn(tree, prepared.values, case.teaching), prepared.values, scores)
            scores[tree.leaf_nodes] = np.where(kept, scores[tree.leaf_nodes], np.nan)
            self._stages[key, point] = scores
        return self._stages[key, point]

    def _noisy(self, tree: Tree, point: int) -> Array:
        """The readings, moved by a normal error each where a sample point says so; an answer on a
        rating scale stays on it."""
        values = self.case.values
        if point == 0:
            return values
        noise = np.random.default_rng((self.seed, point)).standard_normal(values.shape)
        each = len(self.case.subjects.units)
        for first in range(each, values.shape[1], each):
            now, before = slice(first, first + each), slice(first - each, first)
            linked = self.case.linked[:, now]
            noise[:, now] = linked * noise[:, before] + np.sqrt(1.0 - linked**2) * noise[:, now]
        moved = np.asarray(values + noise * np.nan_to_num(self.case.errors))
        for n, leaf in enumerate(self.base.leaves):
            if isinstance(leaf.rule, Likert) and leaf.transform is None and leaf.denominator is None:
                moved[n] = np.clip(moved[n], leaf.rule.min, leaf.rule.max)
        return moved

    def _branch(self, place: int, branch: Branch, keys: Whole, known: Mapping[int, States]) -> States:
        first, which, groups = self._states(branch.node, keys)
        children = [known[child] for child in branch.children]
        found = np.empty((first.size, self.case.values.shape[1]))
        for key, members in groups:
            runs = first[members]
            scores = np.stack([child.scores[child.which[runs]] for child in children])
            below = np.stack([child.which[runs] for child in children], axis=1)
            found[members] = self._combined(place, key, keys[runs], scores, below)
        return States(found, which)

    def _combined(self, place: int, key: Key, keys: Whole, scores: Array, below: Whole) -> Array:
        """One branch's scores, shape (states, rows), from its children's (children, states, rows),
        where the states share every choice; `below` numbers the children's states."""
        count, states, rows = scores.shape
        trees = self.variants.trees(key)
        branch = trees[0].branches[place]
        weights = np.concatenate([self._weights(tree, place, keys, scores, below) for tree in trees], axis=2)
        weights = np.repeat(weights, rows // len(trees), axis=2)
        local = replace(branch, node=count, children=tuple(range(count)))
        flat = np.empty((count + 1, states * rows))
        flat[:count] = scores.reshape(count, -1)
        asked = self.variants.applicable(key)[list(branch.children)]
        combine_children(
            local, flat, weights.reshape(count, -1), None if asked.all() else np.tile(asked, states)
        )
        return flat[count].reshape(states, rows)

    def _weights(self, tree: Tree, place: int, keys: Whole, scores: Array, below: Whole) -> Array:
        """Weights of a branch's children in one wave, shape (children, states, 1)."""
        branch = tree.branches[place]
        if branch.weighting.needs_scores:
            rows = teaching_rows(tree, branch, self.case.teaching)
            first, which = distinct(below)
            found = [weigh_branch(branch, branch.weighting, scores[:, one][:, rows]).weights for one in first]
            base = np.stack(found)[which]
        else:
            base = np.tile(weigh_branch(branch, branch.weighting, scores[:, 0]).weights, (len(keys), 1))
        for f, lever in enumerate(self.levers):
            columns = (
                lever.place(branch.node) if isinstance(lever, Range) and lever.what == "weights" else None
            )
            if columns is not None:
                base = base * (1.0 + self._away(f, keys)[:, columns])
                base /= base.sum(axis=1, keepdims=True)
        return base.T[:, :, None]

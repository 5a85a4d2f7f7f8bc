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

from ..methods.aggregation import Fuzzy, Spread
from ..methods.normalisation import NOTHING, Goalposts, Identity, Likert
from ..methods.resampling import Array, Whole, distinct
from ..methods.transformation import transformed
from ..scoring.answered import by_itself
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
    """The distinct scores of a node, shape (states, rows), which of them each run has, and what is
    behind each where a fuzzy evaluation may ask: answers, or grades."""

    scores: Array
    which: Whole
    behind: tuple[Spread | None, ...] = ()


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
        self._moved: dict[int, Array] = {}
        self._graded = set(self.variants.graded)

    def scores(self, node: str, keys: Whole) -> Array:
        """Scores of a node, shape (runs, rows), under the choices of each run."""
        self._stages = {(key, point): found for (key, point), found in self._stages.items() if point == 0}
        self._moved = {}
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
        behind: list[Spread | None] = [None] * first.size
        for key, members in groups:
            chosen = keys[first[members]]
            ready = np.stack([self._stage(key, self._point(one, "readings"))[leaf.node] for one in chosen])
            own = self.variants.trees(key)[0].leaves[place]
            rule: Any = own.rule
            ends = self._ends(place, own, chosen)
            if ends is None:
                found[members] = ready
            else:
                scores = np.empty_like(ready)
                passed = self._passed(own, ends)
                rule.apply_between(scores, ready, passed[:, :1], passed[:, 1:])
                found[members] = scores
            if leaf.node in self._graded and place in self.case.answers and by_itself(own):
                for n, state in enumerate(members):
                    behind[state] = self._answered(
                        place, own, key, chosen[n], None if ends is None else ends[n]
                    )
        return States(found, which, tuple(behind))

    def _passed(self, leaf: Leaf, ends: Array) -> Array:
        """Ends that have passed through the measure's transform: a pair at a time, since a logarithm
        of many numbers at once may differ in the last digit."""
        if leaf.transform is None:
            return ends
        return np.array([transformed(leaf.transform, pair) for pair in ends])

    def _answered(self, place: int, leaf: Leaf, key: Key, keys: Whole, ends: Array | None) -> Spread:
        """The answers behind one measure in one run."""
        point, answers = self._point(keys, "readings"), self.case.answers[place]
        if point:
            answers = answers.moved(self._noisy(point)[place] - self.case.values[place])
        if ends is not None:
            written = leaf.written.model_copy(update={"worst": float(ends[0]), "best": float(ends[1])})
            leaf = replace(leaf, rule=written.after(leaf.transform))
        left = self.variants.kept(key)[place] & self.variants.taking_part(key)
        return answers.spread(leaf, NOTHING, left & ~np.isnan(self.case.values[place]))

    def _point(self, key: Whole, path: str) -> int:
        place = self.variants.places.get(path)
        return 0 if place is None else int(key[place])

    def _ends(self, place: int, leaf: Leaf, keys: Whole) -> Array | None:
        """The measure's worst and best point in each of these runs, in its own unit, shape
        (runs, 2); None where they stay put."""
        away, written = None, leaf.written
        for f, lever in enumerate(self.levers):
            if isinstance(lever, Range) and lever.what == "goalposts" and lever.has_goalposts(place, written):
                own = self._away(f, keys)[:, lever.place(place)]
                away = own if away is None else away + own
        if away is None:
            return None
        assert isinstance(written, Goalposts)
        return np.array([written.worst, written.best]) + away * (written.best - written.worst)

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
            kept, teaching = self.variants.kept(key), self.variants.teaching(key)
            left = kept & self.variants.taking_part(key)
            values = np.where(left, self._noisy(point), np.nan)
            prepared = prepare(tree, values, left, case.subjects, teaching)
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
            apply_all(tree, learn(tree, prepared.values, teaching), prepared.values, scores)
            scores[tree.leaf_nodes] = np.where(kept, scores[tree.leaf_nodes], np.nan)
            self._stages[key, point] = scores
        return self._stages[key, point]

    def _noisy(self, point: int) -> Array:
        """The readings, moved by a normal error each where a sample point says so; an answer on a
        rating scale stays on it."""
        if point == 0:
            return self.case.values
        if point not in self._moved:
            moved = self._drawn(point)
            if not self.case.answers:  # nobody asks twice
                return moved
            self._moved[point] = moved
        return self._moved[point]

    def _drawn(self, point: int) -> Array:
        values = self.case.values
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
        behind: list[Spread | None] = [None] * first.size
        for key, members in groups:
            runs = first[members]
            scores = np.stack([child.scores[child.which[runs]] for child in children])
            below = np.stack([child.which[runs] for child in children], axis=1)
            weights = self._row_weights(place, key, keys[runs], scores, below)
            if isinstance(self.variants.trees(key)[0].branches[place].rule, Fuzzy):
                for n, state in enumerate(members):
                    under = [
                        child.behind[at] if child.behind else None
                        for child, at in zip(children, below[n], strict=True)
                    ]
                    found[state], behind[state] = self._graded_once(
                        place, key, scores[:, n], weights[:, n], under
                    )
            else:
                found[members] = self._combined(place, key, scores, weights)
        return States(found, which, tuple(behind) if any(behind) else ())

    def _row_weights(self, place: int, key: Key, keys: Whole, scores: Array, below: Whole) -> Array:
        """Weights of a branch's children, shape (children, states, rows), where the states share
        every choice; `below` numbers the children's states."""
        trees = self.variants.trees(key)
        weights = [self._weights(tree, place, key, keys, scores, below) for tree in trees]
        return np.repeat(np.concatenate(weights, axis=2), scores.shape[2] // len(trees), axis=2)

    def _combined(self, place: int, key: Key, scores: Array, weights: Array) -> Array:
        """One branch's scores, shape (states, rows), from its children's (children, states, rows)."""
        count, states, rows = scores.shape
        branch = self.variants.trees(key)[0].branches[place]
        local = replace(branch, node=count, children=tuple(range(count)))
        flat = np.empty((count + 1, states * rows))
        flat[:count] = scores.reshape(count, -1)
        asked = self.variants.applicable(key)[list(branch.children)]
        combine_children(
            local, flat, weights.reshape(count, -1), None if asked.all() else np.tile(asked, states)
        )
        return flat[count].reshape(states, rows)

    def _graded_once(
        self, place: int, key: Key, scores: Array, weights: Array, under: Sequence[Spread | None]
    ) -> tuple[Array, Spread]:
        """Scores and grades of a fuzzy branch in one state, what is behind its children at hand."""
        count = len(scores)
        branch = self.variants.trees(key)[0].branches[place]
        local = replace(branch, node=count, children=tuple(range(count)))
        flat = np.concatenate([scores, np.empty((1, scores.shape[1]))])
        spreads = {n: spread for n, spread in enumerate(under) if spread is not None}
        asked = self.variants.applicable(key)[list(branch.children)]
        combine_children(local, flat, weights, None if asked.all() else asked, spreads)
        return flat[count], spreads[count]

    def _weights(self, tree: Tree, place: int, key: Key, keys: Whole, scores: Array, below: Whole) -> Array:
        """Weights of a branch's children in one wave, shape (children, states, 1)."""
        branch = tree.branches[place]
        if branch.weighting.needs_scores:
            rows = teaching_rows(tree, branch, self.variants.teaching(key))
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

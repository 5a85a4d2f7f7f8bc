"""What may be chosen otherwise, ready to be sampled: each factor of a sensitivity analysis takes
one or more columns of uniform numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from ..data_files import read_frame, row_place, to_numbers, to_text
from ..definition.framework import Framework
from ..definition.sensitivity import WEIGHTS, Choose, Factor, choice
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.normalisation import Goalposts, Normalisation
from ..methods.resampling import Array, Whole
from ..scoring.tree import Tree


@dataclass(frozen=True)
class Choice:
    """One of several options, each as likely as the others."""

    path: str
    options: tuple[Any, ...]
    columns: int = 1

    def keys(self, points: Array) -> Whole:
        """Which option (from 1) each sample point stands for; `points` are its columns."""
        return 1 + np.minimum((points[:, 0] * len(self.options)).astype(np.int64), len(self.options) - 1)


@dataclass(frozen=True)
class Range:
    """Numbers that move around the plan's own; `places` gives each branch (or measure, by its
    place among the leaves) its columns."""

    path: str
    what: Literal["weights", "goalposts", "readings"]
    share: float
    places: Mapping[int, slice]
    columns: int

    def keys(self, points: Array) -> Whole:
        """Every sample point stands for itself, from 1."""
        return np.arange(1, len(points) + 1)

    def place(self, target: int) -> slice | None:
        """The columns of a branch or measure; None where it does not vary."""
        return self.places.get(target)

    def has_goalposts(self, leaf: int, rule: Normalisation) -> bool:
        """Is this a measure whose goalposts vary?"""
        return leaf in self.places and isinstance(rule, Goalposts)

    def touches(self, tree: Tree, errors: Array, imputed: Collection[int]) -> Iterator[int]:
        """The nodes whose own scores it changes (the ones above follow)."""
        if self.what == "weights":
            yield from self.places
        elif self.what == "goalposts":
            yield from (tree.leaf_nodes[place] for place in self.places)
        else:  # an imputed reading goes by others
            for leaf, own in zip(tree.leaves, errors, strict=True):
                if np.nanmax(own, initial=0.0) > 0 or leaf.node in imputed:
                    yield leaf.node


Lever: TypeAlias = Choice | Range


def lever(factor: Factor, framework: Framework, tree: Tree, file: Path | None = None) -> Lever:
    """A factor of a plan, made ready. `file` holds its sets of weights, where it names one.

    Raises EvidenceError for a file of sets that cannot be used.
    """
    if isinstance(factor, Choose):
        options = (
            weight_sets(file, framework)
            if file
            else tuple(choice(factor.choose, one) for one in factor.among or ())
        )
        if factor.choose == WEIGHTS:
            options = tuple(_by_parent(one, framework) for one in options)
        return Choice(factor.path, options)
    if factor.vary == "readings":  # drawn by the number of the point: too many for columns of their own
        return Range(factor.path, "readings", 0.0, {}, 0)
    at = tree.ids.index(factor.at) if factor.at is not None else None
    assert factor.share is not None
    sizes = {b.node: len(b.children) for b in tree.branches if factor.at in (None, b.id)}
    if factor.vary == "goalposts":
        measures = range(len(tree.leaves)) if at is None else tree.below[at]
        sizes = dict.fromkeys(measures, 2)
    ends = np.cumsum(list(sizes.values()))
    places = {target: slice(end - size, end) for (target, size), end in zip(sizes.items(), ends, strict=True)}
    return Range(factor.path, factor.vary, factor.share, places, int(ends[-1]))


def _by_parent(chosen: Mapping[str, Any], framework: Framework) -> dict[str, Any]:
    """A set of weights as overrides: a node's own number joins its siblings', which keep the
    weight that the framework gives them."""
    found = {node: weights for node, weights in chosen.items() if not isinstance(weights, float)}
    for _, node, parent in framework.walk():
        if parent is not None and isinstance(chosen.get(node.id), float):
            siblings = found.setdefault(parent.id, {child.id: child.weight for child in parent.children})
            if isinstance(siblings, dict):
                siblings[node.id] = chosen[node.id]
    return found


def weight_sets(path: Path, framework: Framework) -> tuple[dict[str, float], ...]:
    """The sets of weights in a file: columns `set`, `node`, `weight`, in the order of the file.

    Raises EvidenceError with every row that cannot be used.
    """
    frame = read_frame(path)
    lacking = [name for name in ("set", "node", "weight") if name not in frame.columns]
    if lacking:
        remedy = near_miss(lacking[0], frame.columns)
        raise EvidenceError(Problem(Place(str(path), 1), f'no column "{lacking[0]}"', remedy))
    names, nodes, weights = (
        to_text(frame["set"]),
        to_text(frame["node"]),
        to_numbers(frame["weight"], path, "weight"),
    )
    known = {node.id for _, node, parent in framework.walk() if parent is not None}
    sets: dict[str, dict[str, float]] = {}
    problems = []
    for row in frame.index:
        name, node, weight = names[row], nodes[row], float(weights[row])
        if node not in known:
            problems.append(
                Problem(row_place(path, row), f'"{node}" is no node with siblings', near_miss(node, known))
            )
        elif not weight > 0:
            problems.append(
                Problem(
                    row_place(path, row), f"the weight of {node} is not above zero", "write a number above 0"
                )
            )
        elif node in sets.setdefault(name, {}):
            problems.append(
                Problem(row_place(path, row), f'{node} stands twice in the set "{name}"', "keep one")
            )
        else:
            sets[name][node] = weight
    if not problems and len(sets) < 2:
        problems.append(Problem(Place(str(path)), "fewer than two sets of weights", "write at least two"))
    if problems:
        raise EvidenceError(problems[:20])
    return tuple(sets.values())

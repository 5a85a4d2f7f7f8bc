"""A framework made ready for arithmetic: nodes numbered, settings inherited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..definition.framework import Framework, Group, Measure
from ..methods.aggregation import Aggregation
from ..methods.imputation import AnyImputation, NoImputation
from ..methods.normalisation import Better, Fit, Normalisation
from ..methods.transformation import NoTransform, Transform
from ..methods.treatment import Winsorise
from ..methods.weighting import Given, Weighting, weighting


@dataclass(frozen=True)
class Leaf:
    """A measure with the settings it inherits; bounds have passed through its transform.

    What does nothing (`none`) is None. `written` is the rule with its bounds in the measure's own
    unit. `family` are the measures of its parent, itself included,
    by their places among the leaves.
    """

    id: str
    node: int
    better: Better
    rule: Normalisation
    written: Normalisation
    transform: Transform | None
    outliers: Winsorise | None
    impute: AnyImputation | None
    denominator: str | None
    family: tuple[int, ...]

    @property
    def fit(self) -> Fit:
        """Which rows teach it."""
        return getattr(self.rule, "fit", "pooled")


@dataclass(frozen=True)
class Branch:
    """A node with children, by their numbers."""

    id: str
    node: int
    children: tuple[int, ...]
    names: tuple[str, ...]
    rule: Aggregation
    min_share: float
    weighting: Weighting


@dataclass(frozen=True)
class Tree:
    """All nodes from the root down; `branches` run from the leaves up."""

    ids: tuple[str, ...]
    levels: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    branches: tuple[Branch, ...]

    @cached_property
    def leaf_nodes(self) -> list[int]:
        """The numbers of the measures."""
        return [leaf.node for leaf in self.leaves]

    @cached_property
    def below(self) -> dict[int, list[int]]:
        """For each node the positions (among the leaves) of the measures at or below it."""
        found = {leaf.node: [n] for n, leaf in enumerate(self.leaves)}
        for branch in self.branches:
            found[branch.node] = [leaf for child in branch.children for leaf in found[child]]
        return found


def grow(framework: Framework, overrides: Iterable[Mapping[str, Any]] = ()) -> Tree:
    """The tree of a framework; later overrides of weights (node → weights) beat earlier ones."""
    chosen: dict[str, Any] = {}
    for override in overrides:
        chosen.update(override)
    nodes = list(framework.walk())
    number = {node.id: n for n, (_, node, _) in enumerate(nodes)}
    measures = [(node, parent) for _, node, parent in nodes if isinstance(node, Measure)]
    families: dict[str, list[int]] = {}
    for place, (_, parent) in enumerate(measures):
        families.setdefault(parent.id if parent else "", []).append(place)
    shared = {parent: tuple(places) for parent, places in families.items()}
    leaves = tuple(
        _leaf(framework, node, number[node.id], shared[parent.id if parent else ""])
        for node, parent in measures
    )
    branches = tuple(
        _branch(framework, node, number, chosen.get(node.id))
        for _, node, _ in reversed(nodes)
        if isinstance(node, Group)
    )
    levels = tuple(_level(framework, path.count("children"), node) for path, node, _ in nodes)
    return Tree(tuple(number), levels, leaves, branches)


def _leaf(framework: Framework, measure: Measure, number: int, family: tuple[int, ...]) -> Leaf:
    defaults = framework.defaults
    transform = measure.transform or defaults.transform
    transform = None if isinstance(transform, NoTransform) else transform
    outliers = measure.outliers or defaults.outliers
    impute = measure.impute or defaults.impute
    written = framework.normalisation(measure)
    return Leaf(
        id=measure.id,
        node=number,
        better=measure.better,
        rule=written.after(transform),
        written=written,
        transform=transform,
        outliers=outliers if isinstance(outliers, Winsorise) else None,
        impute=None if isinstance(impute, NoImputation) else impute,
        denominator=measure.denominator,
        family=family,
    )


def _branch(framework: Framework, group: Group, number: Mapping[str, int], override: Any) -> Branch:
    defaults = framework.defaults
    min_share = next((m for m in (group.min_share, defaults.min_share) if m is not None), 0.5)
    return Branch(
        id=group.id,
        node=number[group.id],
        children=tuple(number[child.id] for child in group.children),
        names=tuple(child.id for child in group.children),
        rule=framework.aggregation(group),
        min_share=min_share,
        weighting=_weighting(framework, group, override),
    )


def _weighting(framework: Framework, group: Group, override: Any) -> Weighting:
    """An override as it stands; else the node's own method or the default one; else, and for
    `equal`, the weights that the children carry themselves (1 unless they say)."""
    if override is not None:
        return weighting(override)
    own = group.weights if group.weights is not None else framework.defaults.weights
    if own is None or own == "equal":
        return Given(method="given", weights={child.id: child.weight for child in group.children})
    return weighting(own)


def _level(framework: Framework, depth: int, node: Group | Measure) -> str:
    levels = framework.levels
    if isinstance(node, Measure):
        return levels[-1]
    return levels[depth] if depth < len(levels) - 1 else f"level-{depth}"

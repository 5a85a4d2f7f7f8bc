"""The framework: a named, versioned tree of indicators, as written in YAML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ..methods.aggregation import ARITHMETIC, AnyAggregation, Fuzzy, Grade
from ..methods.imputation import AnyImputation
from ..methods.model import ONE_OR_MANY, Id, Model, Number, Positive, Share, Text, Version, Words
from ..methods.normalisation import AnyNormalisation, Better
from ..methods.transformation import Transform
from ..methods.treatment import Treatment
from ..methods.weighting import Weights
from .bridges import Bridge
from .changes import Change

Evidence: TypeAlias = Literal["survey", "operational", "values", "judgement"]
DEFAULT_LEVELS = ("index", "dimension", "indicator", "measure")


class Band(Model):
    """A named score range, from `from` up to the next band."""

    id: Id
    start: Number = Field(alias="from")
    title: Text
    definition: Text | None = None


class Defaults(Model):
    """Settings inherited by every node below; a node or measure overrides them."""

    normalise: AnyNormalisation | None = None
    transform: Transform | None = None
    outliers: Treatment | None = None
    impute: AnyImputation | None = None
    aggregate: AnyAggregation | None = None
    weights: Weights | None = None
    min_share: Share | None = None
    bands: tuple[Band, ...] | None = None


class _Node(Model):
    """What groups and measures have in common."""

    id: Id
    title: Text
    definition: Text | None = None
    note: Text | None = None
    weight: Positive = 1.0


class Measure(_Node):
    """A leaf: something that is read, in a unit, and normalised. Of the units, `share`, `rate` (which may pass
    1) and `relative change` are printed as per cent."""

    unit: Text
    better: Better = "higher"
    evidence: Annotated[tuple[Evidence, ...], ONE_OR_MANY] = ()
    measurement: Literal["formative", "reflective"] | None = None  # of the questions that feed it
    denominator: Words | None = None
    impute: AnyImputation | None = None
    outliers: Treatment | None = None
    transform: Transform | None = None
    normalise: AnyNormalisation | None = None


class Group(_Node):
    """A node with children: the index, a dimension, an indicator."""

    weights: Weights | None = None
    aggregate: AnyAggregation | None = None
    min_share: Share | None = None
    measurement: Literal["formative", "reflective"] = "formative"
    children: Annotated[tuple[Node, ...], Field(min_length=1)]


def _node_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "<group>" if "children" in value else "<measure>"
    return "<group>" if isinstance(value, Group) else "<measure>"


Node: TypeAlias = Annotated[
    Annotated[Group, Tag("<group>")] | Annotated[Measure, Tag("<measure>")], Discriminator(_node_kind)
]


class Framework(Model):
    """A whole framework file."""

    framework: Id
    version: Version
    title: Text
    source: Text | None = None
    levels: Annotated[tuple[Words, ...], Field(min_length=2)] = DEFAULT_LEVELS
    bands: tuple[Band, ...] = ()
    defaults: Defaults = Defaults()
    tree: Group
    bridges: tuple[Bridge, ...] = ()
    # the tree above is what came out of them; they are kept to be read
    extends: Words | None = None
    changes: tuple[Change, ...] = ()
    left_out: tuple[Id, ...] = ()  # measures of the frameworks it was made from that it does without

    @model_validator(mode="after")
    def _bands_rise(self) -> Framework:
        starts = [band.start for band in self.bands]
        if starts != sorted(set(starts)):
            raise PydanticCustomError("bands", "bands must rise: each `from` above the one before")
        return self

    def walk(self) -> Iterator[tuple[tuple[Any, ...], Group | Measure, Group | None]]:
        """Every node with its path in the file and its parent, from the root downwards."""
        stack: list[tuple[tuple[Any, ...], Group | Measure, Group | None]] = [(("tree",), self.tree, None)]
        while stack:
            path, node, parent = stack.pop()
            yield path, node, parent
            if isinstance(node, Group):
                below = [((*path, "children", n), child, node) for n, child in enumerate(node.children)]
                stack.extend(reversed(below))

    @property
    def band_middles(self) -> dict[str, float]:
        """The middle score of each band; the highest ends at 100."""
        bands = self.bands or self.defaults.bands or ()
        starts = [band.start for band in bands]
        ends = [*starts[1:], max(100.0, *starts)] if starts else []
        return {band.id: (band.start + end) / 2 for band, end in zip(bands, ends, strict=True)}

    @property
    def measures(self) -> dict[str, Measure]:
        """The measures by id, in the tree's order."""
        return {node.id: node for _, node, _ in self.walk() if isinstance(node, Measure)}

    def aggregation(self, group: Group) -> AnyAggregation:
        """The node's own aggregation, or the default; a fuzzy one without grades takes the bands."""
        rule = group.aggregate or self.defaults.aggregate or ARITHMETIC
        if isinstance(rule, Fuzzy) and not rule.grades:
            grades = tuple(Grade(id=name, value=middle) for name, middle in self.band_middles.items())
            return rule.model_copy(update={"grades": grades})
        return rule

    @property
    def graded_measures(self) -> set[str]:
        """The measures whose parent is evaluated by grades."""
        groups = [node for _, node, _ in self.walk() if isinstance(node, Group)]
        graded = [group for group in groups if isinstance(self.aggregation(group), Fuzzy)]
        return {child.id for group in graded for child in group.children if isinstance(child, Measure)}

    def normalisation(self, measure: Measure) -> AnyNormalisation:
        """The measure's own normalisation, or the default."""
        rule = measure.normalise or self.defaults.normalise
        assert rule is not None  # checked when the file was read
        return rule


Group.model_rebuild()

"""The kinds of measures that a metrics file may define, each a frozen model.

Most feed the measure they stand under. `distribution`, `rfm` and `abc` sort the entities of a
wave into classes once and feed a measure for each class that they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Number, Text, Whole, Words

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Formula = Annotated[str, StringConstraints(min_length=1)]
Part = Annotated[float, Field(strict=True, gt=0, lt=1)]
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) (hour|day|week)s?\Z")
_HOURS = {"hour": 1, "day": 24, "week": 168}


class Described(Model):
    title: Text | None = None
    definition: Text | None = None
    note: Text | None = None


class OverRows(Described):
    """A measure that looks at the rows of a source that pass `where`."""

    source: Id
    where: Formula | None = None


class OverFacts(OverRows):
    """Rows, or entities: with `per`, facts are computed for each entity first."""

    per: Words | None = None
    facts: dict[FactName, Formula] = {}

    @model_validator(mode="after")
    def _facts_have_entities(self) -> OverFacts:
        if self.facts and not self.per:
            raise PydanticCustomError("per", "`facts` needs `per`: the column of what they are facts about")
        return self


class Simple(OverFacts):
    """One aggregate of the rows, or of the entities' facts."""

    type: Literal["simple"]
    value: Formula


class Ratio(OverFacts):
    """One aggregate over another."""

    type: Literal["ratio"]
    numerator: Formula
    denominator: Formula


class Percentile(OverFacts):
    """The value below which a share `p` of the rows or entities lies, interpolated linearly."""

    type: Literal["percentile"]
    value: Formula
    p: Part


class OverEntities(OverRows):
    """A measure about the entities of one column."""

    entity: Words


class Retention(OverEntities):
    """Of the entities active in the period before, the share active in the wave; with `lost`, the
    share that is not."""

    type: Literal["retention"]
    lost: bool = False


class NewShare(OverEntities):
    """Of the entities active in the wave, the share never seen before it."""

    type: Literal["new-customer-share"]


class TopShare(OverEntities):
    """The share of the total that the largest entities hold."""

    type: Literal["top-share"]
    value: Formula
    top: Annotated[float, Field(strict=True, gt=0, le=1)]


def _length(value: Any) -> Any:
    """A stretch of time such as `30 days`."""
    if isinstance(value, timedelta):
        return value
    found = _LENGTH.match(value) if isinstance(value, str) else None
    if not found or not float(found[1]):
        raise PydanticCustomError("length", "not a length of time such as 30 days, 12 hours or 2 weeks")
    return timedelta(hours=float(found[1]) * _HOURS[found[2]])


class Conversion(OverEntities):
    """Of the entities with a first event in the wave, the share with a second soon after it."""

    type: Literal["conversion"]
    start: Formula = Field(alias="from")
    goal: Formula = Field(alias="to")
    within: Annotated[timedelta, BeforeValidator(_length)]


class Band(Model):
    """Values from one number on, below another."""

    start: Number | None = Field(default=None, alias="from")
    below: Number | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Band:
        if self.start is None and self.below is None:
            raise PydanticCustomError("band", "a band needs `from`, `below` or both")
        if self.start is not None and self.below is not None and self.start >= self.below:
            raise PydanticCustomError("band", "the band ends where it starts, or before")
        return self


class Distribution(OverEntities):
    """The shares of the entities whose value lies in each band."""

    type: Literal["distribution"]
    value: Formula
    bands: Annotated[dict[Id, Band], Field(min_length=1)]


Classes = Annotated[tuple[Whole, Whole], Field(min_length=2)]


class Segment(Model):
    """Classes, first and last, that entities of a segment lie in; 1 is the lowest."""

    recency: Classes | None = None
    frequency: Classes | None = None
    monetary: Classes | None = None

    @property
    def limits(self) -> dict[str, tuple[int, int]]:
        named = {"recency": self.recency, "frequency": self.frequency, "monetary": self.monetary}
        return {name: limits for name, limits in named.items() if limits is not None}


class Rfm(OverEntities):
    """The shares of the entities in segments of recency, frequency and monetary classes.

    Each of the three sorts the entities of a wave into `classes` classes of equal size, 1 the
    lowest: who came longest ago, seldomest, with the least. Equal entities share a class.
    """

    type: Literal["rfm"]
    value: Formula
    frequency: Formula = "count(*)"
    classes: Annotated[Whole, Field(ge=2, le=100)] = 5
    segments: Annotated[dict[Id, Segment], Field(min_length=1)]

    @model_validator(mode="after")
    def _segments_fit(self) -> Rfm:
        for name, segment in self.segments.items():
            limits = segment.limits
            if not limits:
                raise PydanticCustomError(
                    "segment", "the segment {name} needs recency, frequency or monetary", {"name": name}
                )
            for first, last in limits.values():
                if not 1 <= first <= last <= self.classes:
                    raise PydanticCustomError(
                        "segment",
                        "the segment {name} needs classes from 1 to {classes}, first and last, such as [4, 5]",
                        {"name": name, "classes": self.classes},
                    )
        return self


class Abc(OverEntities):
    """The shares of the entities in the classes A, B and C.

    By falling value, A holds the first `a` of the total and B what follows up to `b`; the entity
    that crosses a limit is still inside. Whose value is zero or less is in C.
    """

    type: Literal["abc"]
    value: Formula
    a: Part = 0.8
    b: Part = 0.95
    classes: Annotated[dict[Id, Literal["a", "b", "c"]], Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Abc:
        if self.a >= self.b:
            raise PydanticCustomError("abc", "`a` must lie below `b`")
        return self


class Growth(Described):
    """The relative change of another measure against the period before the wave."""

    type: Literal["growth"]
    of: Id


def _typed(value: Any) -> Any:
    if isinstance(value, dict) and "type" not in value:
        known = "simple, ratio, percentile, retention, new-customer-share, conversion, top-share, distribution, rfm, abc or growth"
        raise PydanticCustomError("type", f"no `type`: write {known}")
    return value


Read: TypeAlias = (
    Simple | Ratio | Percentile | Retention | NewShare | TopShare | Conversion | Distribution | Rfm | Abc
)
Metric: TypeAlias = Annotated[
    Simple
    | Ratio
    | Percentile
    | Retention
    | NewShare
    | TopShare
    | Conversion
    | Distribution
    | Rfm
    | Abc
    | Growth,
    Field(discriminator="type"),
    BeforeValidator(_typed),
]


def classes_of(metric: Metric) -> dict[str, Any]:
    """The measures that the classes of a metric feed; nothing for one that feeds its own."""
    if isinstance(metric, Distribution):
        return dict(metric.bands)
    if isinstance(metric, Rfm):
        return dict(metric.segments)
    return dict(metric.classes) if isinstance(metric, Abc) else {}


def formulas_of(metric: Metric) -> Iterator[tuple[tuple[str, ...], str, bool, bool]]:
    """The expressions of a metric: keys below it, text, whether it aggregates, and whether it
    speaks of facts rather than of columns."""
    of_facts = isinstance(metric, OverFacts) and metric.per is not None
    aggregates = not isinstance(metric, Percentile)
    for key in ("value", "numerator", "denominator", "frequency"):
        if hasattr(metric, key):
            yield (key,), getattr(metric, key), aggregates, of_facts
    if isinstance(metric, OverFacts):
        for name, text in metric.facts.items():
            yield ("facts", name), text, True, False
    if isinstance(metric, Conversion):
        yield ("from",), metric.start, False, False
        yield ("to",), metric.goal, False, False
    if not isinstance(metric, Growth) and metric.where is not None:
        yield ("where",), metric.where, False, False

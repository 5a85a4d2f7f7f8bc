"""The metrics file: what a number means in the terms of a company's own tables.

A source says which table is read and how a row finds its wave and unit. A measure says what is
computed over the rows of one source (`metric_types`), in expressions over columns (`expressions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ..errors import Problem, near_miss
from ..methods.model import ONE_OR_MANY, Id, Model, Text, Version, Whole, Words
from .calendars import Calendar, Zone
from .metric_types import Formula, Growth, Metric, OverFacts, classes_of, formulas_of

if TYPE_CHECKING:
    from .load import Definition


class Pick(Model):
    """Which of several rows of a key counts: the last one by these columns."""

    last_by: Annotated[tuple[Words, ...], Field(min_length=1), ONE_OR_MANY]


# `customer__segment` is the column segment of the source that has the customer as its own
ENTITY_MARK = "__"
EntityName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]


class Source(Model):
    """A table, and how its rows find their wave and unit.

    `timezone`: whose clock decides the day of a moment with a zone. `minimum_group`: no reading
    is given of fewer rows or entities than this (1: of however few, in bands and classes too). `entities`: what a row is about, each with the
    column of its key; `primary`: the one of which the table holds one row each, so that others
    may join its columns.
    """

    table: Words
    time: Words | None = None
    timezone: Zone | None = None
    entities: dict[EntityName, Words] = {}
    primary: EntityName | None = None
    minimum_group: Annotated[Whole, Field(ge=1)] | None = None
    unit: Words | None = None
    key: Words | None = None
    pick: Pick | None = None
    where: Formula | None = None
    title: Text | None = None
    definition: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _pick_has_key(self) -> Source:
        if self.pick and not self.key:
            raise PydanticCustomError("pick", "`pick` needs a `key`: one row of each key is picked")
        return self

    @model_validator(mode="after")
    def _primary_is_an_entity(self) -> Source:
        if self.primary is not None and self.primary not in self.entities:
            raise PydanticCustomError(
                "primary", "`primary` needs the column of its key: `entities: {name: COLUMN}`"
            )
        return self


class Metrics(Model):
    """A whole metrics file. `context`: figures that feed no measure and move no score; they stand
    in the table of readings, to read the measures by."""

    metrics: Id
    version: Version
    title: Text | None = None
    note: Text | None = None
    calendars: dict[Id, Calendar] = {}
    sources: Annotated[dict[Id, Source], Field(min_length=1)]
    measures: Annotated[dict[Id, Metric], Field(min_length=1)]
    context: dict[Id, Metric] = {}

    @property
    def every(self) -> dict[str, Metric]:
        """All metrics: those that feed measures, and those that only stand beside them."""
        return {**self.measures, **self.context}

    @property
    def fed(self) -> dict[str, tuple[str, Metric]]:
        """Every reading that the file gives, with the key and the metric it comes from."""
        return {
            measure: (key, metric)
            for key, metric in self.every.items()
            for measure in classes_of(metric) or (key,)
        }

    def source_of(self, measure: str) -> str:
        """The id of the source behind a measure, through `of` for a growth."""
        return self.source_of_key(self.fed[measure][0])

    def source_of_key(self, key: str) -> str:
        """The same of a metric."""
        metric = self.every[key]
        return self.source_of(metric.of) if isinstance(metric, Growth) else metric.source

    def having(self, entity: str) -> tuple[str, Source] | None:
        """The source that holds one row of each such entity."""
        return next((found for found in self.sources.items() if found[1].primary == entity), None)

    def path(self, measure: str) -> tuple[str, ...]:
        """Where the metric behind a reading is defined in the file."""
        return self.place(self.fed[measure][0])

    def place(self, key: str) -> tuple[str, str]:
        """Where a metric stands."""
        return ("context" if key in self.context else "measures", key)


def metrics_problems(definition: Definition[Metrics]) -> list[Problem]:
    """What is wrong between the parts of a metrics file, and in its expressions."""
    problems: list[Problem] = []
    metrics = definition.value
    for name, source in metrics.sources.items():
        problems += _primary_problems(definition, name, source)
        if source.where is not None:
            problems += formula_problems(definition, ("sources", name, "where"), source.where, False)
    for name in set(metrics.measures) & set(metrics.context):
        what = f'"{name}" stands under `measures` as well'
        problems.append(definition.problem(("context", name), what, "give it another name", key=True))
    for name, metric in metrics.every.items():
        path = metrics.place(name)
        if isinstance(metric, Growth):
            problems += _growth_problems(definition, path, metric)
            continue
        if metric.source not in metrics.sources:
            what = f'no source "{metric.source}"'
            problems.append(
                definition.problem((*path, "source"), what, near_miss(metric.source, metrics.sources))
            )
        elif metrics.sources[metric.source].time is None:
            what = f'the source "{metric.source}" has no `time`, which puts its rows into waves'
            problems.append(definition.problem((*path, "source"), what, "add `time: COLUMN` to the source"))
        facts = metric.facts if isinstance(metric, OverFacts) else {}
        for keys, text, aggregate, of_facts in formulas_of(metric):
            known = tuple(facts) if of_facts else None
            problems += formula_problems(definition, (*path, *keys), text, aggregate, known)
        for fact in facts:
            problems += _fact_name_problems(definition, (*path, "facts", fact), fact)
        problems += _class_problems(definition, name, metric)
    return problems


def _primary_problems(definition: Definition[Metrics], name: str, source: Source) -> list[Problem]:
    """An entity is the own one of one source: from two, a column would have two values."""
    first = source.primary and definition.value.having(source.primary)
    if not first or first[0] == name:
        return []
    what = f'"{source.primary}" is primary in the source "{first[0]}" already'
    return [definition.problem(("sources", name, "primary"), what, "name another entity, or leave it out")]


def _class_problems(definition: Definition[Metrics], name: str, metric: Metric) -> list[Problem]:
    """A measure has one reading: no class may feed what something else feeds."""
    metrics = definition.value
    others = {
        measure
        for key, other in metrics.every.items()
        if key != name
        for measure in classes_of(other) or (key,)
    }
    where = {"distribution": "bands", "rfm": "segments", "abc": "classes"}
    return [
        definition.problem(
            (*metrics.place(name), where[metric.type], measure),
            f'"{measure}" is fed twice in this file',
            "give each class a measure of its own",
            key=True,
        )
        for measure in classes_of(metric)
        if measure in others
    ]


def _growth_problems(definition: Definition[Metrics], path: tuple[str, ...], metric: Growth) -> list[Problem]:
    fed = definition.value.fed
    if metric.of not in fed:
        what = f'no measure "{metric.of}" in this file'
        return [definition.problem((*path, "of"), what, near_miss(metric.of, fed))]
    if isinstance(fed[metric.of][1], Growth):
        return [definition.problem((*path, "of"), "growth of a growth", "name the measure that grows")]
    return []


def _fact_name_problems(definition: Definition[Metrics], path: tuple[str, ...], fact: str) -> list[Problem]:
    """A fact must be usable as a name in an expression."""
    from .expressions import Refused, parse

    try:
        if parse(fact, False).columns:
            return []
    except Refused:
        pass
    return [
        definition.problem(
            path, f'"{fact}" has a meaning of its own in expressions', "rename the fact", key=True
        )
    ]


def formula_problems(
    definition: Definition[Metrics],
    path: tuple[str, ...],
    text: str,
    aggregate: bool,
    known: tuple[str, ...] | None = None,
) -> list[Problem]:
    """What is wrong with one expression, at its own line and column. `known`: the only names it
    may speak of, where that is settled by the file itself."""
    # sqlglot is heavy: only a metrics file pays for it
    from .expressions import Refused, parse
    from .marks import place_within

    try:
        expression = parse(text, aggregate)
    except Refused as refused:
        place = place_within(definition, path, text, refused.offset)
        return [Problem(place, refused.what, refused.remedy)]
    calendars = definition.value.calendars
    missing = [
        Problem(
            place_within(definition, path, text, offset),
            f'no calendar "{name}"',
            near_miss(name, calendars) or "add it to `calendars`",
        )
        for name, offset in expression.calendars.items()
        if name not in calendars
    ]
    if known is None:
        return missing
    if expression.calendars:
        place = place_within(definition, path, text, min(expression.calendars.values()))
        what = "working hours are counted between columns, not between facts"
        return [Problem(place, what, "count them in `facts`, such as sum(working_hours_between(…))")]
    return [
        Problem(
            place_within(definition, path, text, offset),
            f'no fact "{name}"',
            near_miss(name, known) or "add it to `facts`",
        )
        for name, offset in expression.columns.items()
        if name not in known
    ]

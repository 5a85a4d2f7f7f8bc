"""The metrics file: what a number means in the terms of a company's own tables.

A source says which table is read and how a row finds its wave and unit. A measure says what is
computed over the rows of one source, in expressions over columns (`expressions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ..errors import Problem, near_miss
from ..methods.model import Id, Model, Text, Version, Words

if TYPE_CHECKING:
    from .load import Definition

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Formula = Annotated[str, StringConstraints(min_length=1)]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Pick(Model):
    """Which of several rows of a key counts: the last one by these columns."""

    last_by: Annotated[tuple[Words, ...], Field(min_length=1), BeforeValidator(_one_or_many)]


class Source(Model):
    """A table, and how its rows find their wave and unit."""

    table: Words
    time: Words
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


class _Described(Model):
    title: Text | None = None
    definition: Text | None = None
    note: Text | None = None


class _OverRows(_Described):
    """A measure that looks at the rows of a source that pass `where`."""

    source: Id
    where: Formula | None = None


class _OverFacts(_OverRows):
    """Rows, or entities: with `per`, facts are computed for each entity first."""

    per: Words | None = None
    facts: dict[FactName, Formula] = {}

    @model_validator(mode="after")
    def _facts_have_entities(self) -> _OverFacts:
        if self.facts and not self.per:
            raise PydanticCustomError("per", "`facts` needs `per`: the column of what they are facts about")
        return self


class Simple(_OverFacts):
    """One aggregate of the rows, or of the entities' facts."""

    type: Literal["simple"]
    value: Formula


class Ratio(_OverFacts):
    """One aggregate over another."""

    type: Literal["ratio"]
    numerator: Formula
    denominator: Formula


class Retention(_OverRows):
    """Of the entities active in the period before, the share active in the wave."""

    type: Literal["retention"]
    entity: Words


class TopShare(_OverRows):
    """The share of the total that the largest entities hold."""

    type: Literal["top-share"]
    entity: Words
    value: Formula
    top: Annotated[float, Field(strict=True, gt=0, le=1)]


class Growth(_Described):
    """The relative change of another measure against the period before the wave."""

    type: Literal["growth"]
    of: Id


def _typed(value: Any) -> Any:
    if isinstance(value, dict) and "type" not in value:
        raise PydanticCustomError("type", "no `type`: write simple, ratio, retention, growth or top-share")
    return value


Read: TypeAlias = Simple | Ratio | Retention | TopShare
Metric: TypeAlias = Annotated[
    Simple | Ratio | Retention | TopShare | Growth, Field(discriminator="type"), BeforeValidator(_typed)
]


class Metrics(Model):
    """A whole metrics file."""

    metrics: Id
    version: Version
    title: Text | None = None
    note: Text | None = None
    sources: Annotated[dict[Id, Source], Field(min_length=1)]
    measures: Annotated[dict[Id, Metric], Field(min_length=1)]

    def source_of(self, measure: str) -> str:
        """The id of the source behind a measure, through `of` for a growth."""
        metric = self.measures[measure]
        return self.source_of(metric.of) if isinstance(metric, Growth) else metric.source

    def formulas(self, measure: str) -> Iterator[tuple[tuple[str, ...], str, bool, bool]]:
        """The expressions of a measure: keys below the measure, text, whether it aggregates,
        and whether it speaks of facts rather than of columns."""
        metric = self.measures[measure]
        of_facts = isinstance(metric, Simple | Ratio) and metric.per is not None
        for key in ("value", "numerator", "denominator"):
            if hasattr(metric, key):
                yield (key,), getattr(metric, key), True, of_facts
        if isinstance(metric, Simple | Ratio):
            for name, text in metric.facts.items():
                yield ("facts", name), text, True, False
        if not isinstance(metric, Growth) and metric.where is not None:
            yield ("where",), metric.where, False, False


def metrics_problems(definition: Definition[Metrics]) -> list[Problem]:
    """What is wrong between the parts of a metrics file, and in its expressions."""
    problems: list[Problem] = []
    metrics = definition.value
    for name, source in metrics.sources.items():
        if source.where is not None:
            problems += formula_problems(definition, ("sources", name, "where"), source.where, False)
    for name, metric in metrics.measures.items():
        path = ("measures", name)
        if isinstance(metric, Growth):
            problems += _growth_problems(definition, path, metric)
            continue
        if metric.source not in metrics.sources:
            what = f'no source "{metric.source}"'
            problems.append(
                definition.problem((*path, "source"), what, near_miss(metric.source, metrics.sources))
            )
        facts = metric.facts if isinstance(metric, Simple | Ratio) else {}
        for keys, text, aggregate, of_facts in metrics.formulas(name):
            known = tuple(facts) if of_facts else None
            problems += formula_problems(definition, (*path, *keys), text, aggregate, known)
        for fact in facts:
            problems += _fact_name_problems(definition, (*path, "facts", fact), fact)
    return problems


def _growth_problems(definition: Definition[Metrics], path: tuple[str, ...], metric: Growth) -> list[Problem]:
    measures = definition.value.measures
    if metric.of not in measures:
        what = f'no measure "{metric.of}" in this file'
        return [definition.problem((*path, "of"), what, near_miss(metric.of, measures))]
    if isinstance(measures[metric.of], Growth):
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
    if known is None:
        return []
    return [
        Problem(
            place_within(definition, path, text, offset),
            f'no fact "{name}"',
            near_miss(name, known) or "add it to `facts`",
        )
        for name, offset in expression.columns.items()
        if name not in known
    ]

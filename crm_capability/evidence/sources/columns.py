"""What the expressions of a source may speak of, beyond the columns of its own table.

Two things stand beside them, put there by the first step of a statement (`reading`): columns of
other sources, joined through declared entities, and working hours, counted once a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from ...definition.expressions import parse, working_hours
from ...definition.metric_types import Growth, OverEntities, OverFacts, Read, formulas_of
from ...definition.metrics import ENTITY_MARK, Metrics, Source
from .fragments import NUMBER, fresh

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Join:
    """Another source, of which each row of this one has one at most."""

    entity: str
    name: str
    source: Source
    own_key: str
    its_key: str
    held: Mapping[str, str]
    columns: Mapping[str, str]  # by the name in expressions, the other table's own


@dataclass(frozen=True)
class Count:
    """Working hours that some expressions ask for: the column's name, and what it is made of."""

    name: str
    node: exp.Anonymous


@dataclass(frozen=True)
class Columns(Mapping[str, str]):
    """The columns of a source and what each holds: its own, joined ones, and counted ones."""

    held: Mapping[str, str]
    joins: tuple[Join, ...] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)  # by the text of the node

    def __getitem__(self, name: str) -> str:
        if name in self.held:
            return self.held[name]
        for join in self.joins:
            if name in join.columns:
                return join.held[join.columns[name]]
        if any(count.name == name for count in self.counts.values()):
            return NUMBER
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self.held
        for join in self.joins:
            yield from join.columns
        yield from (count.name for count in self.counts.values())

    def __len__(self) -> int:
        return len(list(iter(self)))

    def home(self, source: Source, name: str) -> tuple[str, str]:
        """The table that a column stands in, and its name there."""
        for join in self.joins:
            if name in join.columns:
                return join.source.table, join.columns[name]
        return source.table, name


def columns_of(metrics: Metrics, name: str, held: Mapping[str, Mapping[str, str]]) -> Columns:
    """The columns of a source, given those of every source's own table.

    A name that no column has, of the form `entity__column`, is looked up in the source that has
    the entity as its primary one.
    """
    source, own = metrics.sources[name], held[name]
    found: dict[str, dict[str, str]] = {}
    counts: dict[str, Count] = {}
    for source_name, _, text, aggregate, column in named_columns(metrics):
        if source_name != name:
            continue
        entity, mark, _ = column.casefold().partition(ENTITY_MARK)
        other = metrics.having(entity) if entity in source.entities else None
        if mark and other and other[0] in held and resolve(own, column) not in own:
            there = resolve(held[other[0]], column[len(entity) + len(ENTITY_MARK) :])
            if there in held[other[0]]:
                found.setdefault(entity, {})[column] = there
        if text is not None:
            for node in working_hours(parse(text, aggregate).tree):
                key = _key(node)
                if key not in counts:
                    title = f"{node.expressions[2].name.replace('-', '_')}_hours"
                    taken = [*own, *(count.name for count in counts.values())]
                    counts[key] = Count(fresh(title, taken), node)
    joins = []
    for entity, columns in found.items():
        other_name, other_source = metrics.having(entity) or ("", source)
        its = held[other_name]
        keys = resolve(own, source.entities[entity]), resolve(its, other_source.entities[entity])
        joins.append(Join(entity, other_name, other_source, *keys, its, columns))
    return Columns(own, tuple(joins), counts)


def named_columns(metrics: Metrics) -> Iterator[tuple[str, Path, str | None, bool, str]]:
    """Every column that a file names: source, path, the expression it stands in and whether that
    aggregates, name."""
    for name, source in metrics.sources.items():
        for key, column in (("time", source.time), ("unit", source.unit), ("key", source.key)):
            if column is not None:
                yield name, ("sources", name, key), None, False, column
        for entity, column in source.entities.items():
            yield name, ("sources", name, "entities", entity), None, False, column
        for column in source.pick.last_by if source.pick else ():
            yield name, ("sources", name, "pick", "last_by"), None, False, column
        if source.where is not None:
            for column in parse(source.where, False).columns:
                yield name, ("sources", name, "where"), source.where, False, column
    for key, metric in metrics.every.items():
        place = metrics.place(key)
        if isinstance(metric, Growth):
            continue
        if entity_of(metric):
            of = "per" if isinstance(metric, OverFacts) else "entity"
            yield metric.source, (*place, of), None, False, entity_of(metric)
        for keys, text, aggregate, of_facts in formulas_of(metric):
            for column in () if of_facts else parse(text, aggregate).columns:
                yield metric.source, (*place, *keys), text, aggregate, column


def entity_of(metric: Read) -> str:
    """The column of the entities that a measure is about; empty for one about rows."""
    return metric.entity if isinstance(metric, OverEntities) else metric.per or ""


def resolve(kinds: Mapping[str, str], name: str) -> str:
    """The table's own spelling of a column: as written, else whatever the case of its letters."""
    if name in kinds:
        return name
    return next((known for known in kinds if known.casefold() == name.casefold()), name)


def needed_by(texts: Iterable[tuple[str, bool]], columns: Mapping[str, str]) -> set[str]:
    """The columns that expressions ask for, working hours as the one column they stand in."""
    result: set[str] = set()
    for text, aggregate in texts:
        tree = counted(parse(text, aggregate).tree, columns)
        result |= {resolve(columns, node.name) for node in tree.find_all(exp.Column)}
    return result


def counted(tree: exp.Expr, columns: Mapping[str, str]) -> exp.Expr:
    """The tree with the columns that hold working hours in the place of what they are made of."""
    if not isinstance(columns, Columns) or not columns.counts:
        return tree
    holder = exp.Tuple(expressions=[tree.copy()])
    for node in working_hours(holder):
        node.replace(exp.column(columns.counts[_key(node)].name))
    return holder.expressions[0].pop()


def _key(node: exp.Expr) -> str:
    return node.sql("duckdb")

"""The tables that the shipped metrics read, and where common systems keep what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from ..methods.model import Id, Model, Text, Version, Words
from .metrics import ENTITY_MARK, Metrics
from .metrics_taken import names_of_metric, names_of_source

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Column(Model):
    """One column: what stands in it, and the field that holds it in a system's standard export.

    A system that is not named has no such field in its standard objects.
    """

    type: Literal["text", "number", "whole", "day", "moment", "yes-no"]
    definition: Text
    found_in: dict[Id, Words] = {}


class Table(Model):
    """One table: what a row is, the columns that tell rows apart, and the object that a system
    exports it from. `statement`: SQL that makes what can be made of other tables."""

    row: Text
    key: Annotated[tuple[Name, ...], Field(min_length=1)]
    found_in: dict[Id, Words] = {}
    note: Text | None = None
    statement: Words | None = None
    columns: Annotated[dict[Name, Column], Field(min_length=1)]


class Reference(Model):
    """The vendor's own page that names the fields of an object."""

    object: Words
    title: Words
    address: Words


class System(Model):
    """A system that many firms use. `note`: whose names its fields go by. `unseen`: names that no
    page of the vendor's showed, and what they are known from."""

    title: Text
    note: Text | None = None
    references: tuple[Reference, ...] = ()
    unseen: dict[Words, Words] = {}


class DataModel(Model):
    """The whole of it."""

    data_model: Id = Field(alias="data-model")
    version: Version
    title: Text
    systems: dict[Id, System] = {}
    tables: Annotated[dict[Name, Table], Field(min_length=1)]


def columns_read(metrics: Metrics) -> Iterator[tuple[str, str, str]]:
    """What a metrics file reads: table, column, and the metric that needs it."""
    for key, metric in metrics.every.items():
        source = metrics.sources[metrics.source_of_key(key)]
        for name in (*names_of_metric(metric), *names_of_source(source)):
            entity, mark, rest = name.partition(ENTITY_MARK)
            joined = metrics.having(entity) if mark and entity in source.entities else None
            if joined is None:
                yield source.table, name, key
                continue
            other = joined[1]
            yield source.table, source.entities[entity], key
            for needed in (
                rest,
                other.entities[entity],
                other.key,
                *(other.pick.last_by if other.pick else ()),
            ):
                if needed is not None:
                    yield other.table, needed, key

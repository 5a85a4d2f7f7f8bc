"""Scenarios: what if readings, weights or targets were others, as written in YAML."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Number, Text, UnitId, Version
from ..methods.weighting import Weights


class ChangedReading(Model):
    """Another reading of one measure, in its own unit: a new `value`, or the old one plus `add`, or
    the old one `times` a factor. Without `unit` and `wave`: the plan's unit in the last wave."""

    measure: Id
    unit: UnitId | None = None
    wave: Id | None = None
    value: Number | None = None
    add: Number | None = None
    times: Number | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ChangedReading:
        if sum(way is not None for way in (self.value, self.add, self.times)) != 1:
            raise PydanticCustomError("scenario", "write one of `value`, `add` and `times`")
        return self

    def of(self, old: float) -> float:
        """The new reading in the place of the old one."""
        if self.value is not None:
            return self.value
        return old + self.add if self.add is not None else old * (self.times or 0.0)


class Scenario(Model):
    """A whole scenario file."""

    scenario: Id
    version: Version | None = None
    title: Text | None = None
    readings: tuple[ChangedReading, ...] = ()
    weights: dict[Id, Weights] = {}
    targets: dict[Id, Annotated[Number, Field()]] = {}

    @model_validator(mode="after")
    def _something(self) -> Scenario:
        if not (self.readings or self.weights or self.targets):
            raise PydanticCustomError("scenario", "it changes nothing: write readings, weights or targets")
        return self

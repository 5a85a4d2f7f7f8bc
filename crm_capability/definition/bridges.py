"""Bridges: how readings of an earlier framework are read by this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from ..errors import Problem, near_miss
from ..methods.model import Id, Model, Number, Text, Version


class Crossing(Model):
    """A measure here is `times` × the reading of the measure it `was`, and `plus`."""

    was: Id
    times: Number = 1.0
    plus: Number = 0.0

    @field_validator("times")
    @classmethod
    def _some(cls, value: float) -> float:
        if value == 0:
            raise PydanticCustomError("times", "zero times a reading is no reading")
        return value


class Bridge(Model):
    """From a version of this framework, or of another one: the measures that were called or scaled
    otherwise, and the nodes that `ended` without anything here being read from them. Measures of one
    id and unit cross by themselves."""

    version: Version
    framework: Id | None = None  # this one
    measures: dict[Id, Crossing] = {}
    ended: tuple[Id, ...] = ()
    because: Text

    @property
    def left(self) -> set[str]:
        """The ids on the far side that it accounts for."""
        return {crossing.was for crossing in self.measures.values()} | set(self.ended)


def bridge_problems(framework: Any, say: Any) -> Iterator[Problem]:
    """Bridges that end nowhere, or stand twice."""
    measures = framework.measures
    seen = set()
    for n, bridge in enumerate(framework.bridges):
        origin = (bridge.framework or framework.framework, bridge.version)
        if origin == (framework.framework, framework.version):
            yield say(("bridges", n, "version"), "a bridge from this very version", "name an earlier one")
        if origin in seen:
            what = f"a second bridge from {origin[0]}@{origin[1]}"
            yield say(("bridges", n, "version"), what, "put its measures into the first")
        seen.add(origin)
        for name in bridge.measures:
            if name not in measures:
                what = f'"{name}" is no measure of this framework'
                yield say(("bridges", n, "measures", name), what, near_miss(name, measures), key=True)

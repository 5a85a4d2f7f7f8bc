"""Case benchmarks: single published figures, to set beside one's own and no more.

Nobody says how many cases are behind them or how they were chosen, so they have no n, no quantiles
and no percentile.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Number, Text, Version


class Case(Model):
    """One published figure of one measure, in the measure's own unit: from `low` to `high`, both
    the same for a single number, one of them blank for "over" and "under"."""

    id: Id
    measure: Id
    title: Text
    low: Number | None = None
    high: Number | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _a_figure(self) -> Case:
        if self.low is None and self.high is None:
            raise PydanticCustomError("case", "no figure: neither `low` nor `high`")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise PydanticCustomError("case", "`low` is above `high`")
        return self


class Cases(Model):
    """A whole file of case benchmarks for one framework."""

    cases: Id
    version: Version
    title: Text
    framework: Id
    source: Text
    entries: Annotated[tuple[Case, ...], Field(min_length=1, alias="list")]

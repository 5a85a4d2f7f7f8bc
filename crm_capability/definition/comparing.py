"""How a plan wants its changes told: how sure, how large to matter, against which group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ..errors import Problem, near_miss
from ..methods.model import Id, Model, Positive, UnitId, Whole


class Uncertainty(Model):
    """Where the 95 % intervals come from.

    `standard-errors`: of scores from the readings' standard errors, measures independent; of changes
    respondent by respondent. `respondents`: scores too respondent by respondent. `bootstrap`: both
    from the tree scored again for resampled respondents.
    """

    method: Literal["standard-errors", "respondents", "bootstrap"] = "standard-errors"
    replicates: Annotated[Whole, Field(ge=200, le=100_000)] = 2000
    seed: Annotated[Whole, Field(ge=0)] = 1


def _smallest_kind(value: Any) -> str:
    return "<nodes>" if isinstance(value, dict) else "<points>"


SmallestChange: TypeAlias = Annotated[
    Annotated[Positive, Tag("<points>")] | Annotated[dict[Id, Positive], Tag("<nodes>")],
    Discriminator(_smallest_kind),
]


class Groups(Model):
    """Units that something was done to, and units that it was not done to."""

    treated: Annotated[tuple[UnitId, ...], Field(min_length=1)]
    control: Annotated[tuple[UnitId, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _apart(self) -> Groups:
        for name, units in (("treated", self.treated), ("control", self.control)):
            for unit in units:
                if units.count(unit) > 1:
                    raise PydanticCustomError("groups", f'"{unit}" stands twice under `{name}`')
        both = [unit for unit in self.treated if unit in self.control]
        if both:
            raise PydanticCustomError("groups", f'"{both[0]}" is both treated and control')
        return self


def comparing_problems(plan: Any, nodes: Any, say: Any) -> Iterator[Problem]:
    """Nodes and units that are not there, and a comparison group without two waves."""
    if isinstance(plan.smallest_change, dict) and nodes is not None:
        for name in plan.smallest_change:
            if name not in nodes:
                what = f'"{name}" is no node of the framework'
                yield say(("smallest_change", name), what, near_miss(name, nodes), key=True)
    if plan.comparison is None:
        return
    if isinstance(plan.units, dict):
        for key in ("treated", "control"):
            for n, unit in enumerate(getattr(plan.comparison, key)):
                if unit not in plan.units:
                    what = f'"{unit}" is not among the units'
                    yield say(("comparison", key, n), what, near_miss(unit, plan.units))
    if not plan.comparisons:
        what = "a comparison of groups needs a change, and the plan has one wave alone"
        yield say(("comparison",), what, "add the wave before")

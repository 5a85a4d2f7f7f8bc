"""Which links between capability and performance a plan asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..methods.model import ONE_OR_MANY, Id, Model, Whole, Words

Nodes = Annotated[tuple[Id, ...], Field(min_length=1), ONE_OR_MANY]


class Links(Model):
    """Every node of `from` against every node of `to`, over units or waves.

    `lag: 1` sets a wave beside the one after it. `moderator` is an attribute of the units whose
    groups are also looked at one by one. With fewer than `minimum` pairs nothing is computed.
    """

    sources: Nodes = Field(alias="from")
    to: Nodes
    lag: Literal[0, 1] = 0
    moderator: Words | None = None
    minimum: Annotated[Whole, Field(ge=4)] = 10

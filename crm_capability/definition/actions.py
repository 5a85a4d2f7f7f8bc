"""Actions: what can be done about low scores, with what it takes, as written in YAML."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..methods.model import Id, Model, Positive, Share, Text, Version, Whole


class Action(Model):
    """Something to do: its effort, what must be done before, and the measures it should move.

    `moves` says which share of the way from the present score to the best one it should cover.
    """

    id: Id
    title: Text
    effort: Positive
    months: Annotated[Whole, Field(ge=1)]
    needs: tuple[Id, ...] = ()
    moves: dict[Id, Share] = {}


class Actions(Model):
    """A whole file of actions for one framework."""

    actions_of: Id = Field(alias="actions")
    version: Version
    framework: Id
    entries: Annotated[tuple[Action, ...], Field(min_length=1, alias="list")]

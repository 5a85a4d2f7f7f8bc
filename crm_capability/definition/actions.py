"""Actions: what can be done about low scores, with what it takes, as written in YAML."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..methods.model import Id, Model, Number, Positive, Share, Text, Version, Whole, Words
from .days import Day

Months = Annotated[Whole, Field(ge=1)]


class Action(Model):
    """Something to do: its effort, what must be done before, and the measures it should move.

    `takes`: months until it is done (without it `months`); `months`: after which, from its start,
    to measure again. `precondition` says in words what no other action brings about. `moves` says
    which share of the way from the present score to the best one it should cover.
    """

    id: Id
    title: Text
    effort: Positive
    takes: Months | None = None
    months: Months
    needs: tuple[Id, ...] = ()
    precondition: Text | None = None
    moves: dict[Id, Share] = {}


class Actions(Model):
    """A whole file of actions for one framework."""

    actions_of: Id = Field(alias="actions")
    version: Version
    framework: Id
    entries: Annotated[tuple[Action, ...], Field(min_length=1, alias="list")]


class RoadmapWish(Model):
    """What a plan says of the roadmap that it wants: whose actions, how much effort there is, when
    it may start (the day after the last wave unless said)."""

    actions: Words
    effort: Annotated[Number, Field(ge=0)]
    start: Day | None = None

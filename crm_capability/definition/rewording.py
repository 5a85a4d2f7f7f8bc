"""Bridges between two versions of a questionnaire: which question asks what another one asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from ..methods.model import Id, Model, Number

SHEET = r"^[a-z][a-z0-9-]*@\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$"


class Bridged(Model):
    """A question that asks what an earlier one asked. `values` says what an answer to the earlier one
    is on the new scale, as pairs of old and new; without it answers stay what they were."""

    was: Id
    values: Annotated[tuple[tuple[Number, Number], ...], Field(min_length=2)] | None = None


class Rewording(Model):
    """What became of the questions of an earlier questionnaire, named `id@version`, and which of them
    `ended`."""

    source: Annotated[str, StringConstraints(pattern=SHEET)] = Field(alias="from")
    questions: Annotated[dict[Id, Bridged], Field(min_length=1)]
    ended: tuple[Id, ...] = ()

    @property
    def left(self) -> set[str]:
        """The questions of the earlier one that it accounts for."""
        return {bridged.was for bridged in self.questions.values()} | set(self.ended)

"""Documents that back up a maturity answer: what they show, when they are dated, when they expire."""

from __future__ import annotations

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Text, UnitId
from .days import Day


class Document(Model):
    """A piece of evidence for a question's higher levels. Without `unit` or `wave` it counts for all
    of them; both days belong to the time it is good for."""

    question: Id
    title: Text
    unit: UnitId | None = None
    wave: Id | None = None
    date: Day | None = None
    expires: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Document:
        if self.date and self.expires and self.date > self.expires:
            raise PydanticCustomError("document", "it expires before its date")
        return self

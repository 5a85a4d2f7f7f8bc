"""Weights that are written down."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..model import Id, Positive
from .rule import Array, Weighed, Weighting, names_problems, to_one


class Equal(Weighting):
    """Every child the same."""

    method: Literal["equal"]

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        return Weighed(np.full(len(children), 1.0 / len(children)))


class Given(Weighting):
    """Weights written down, child by child, in any positive unit."""

    method: Literal["given"]
    weights: Annotated[dict[Id, Positive], Field(min_length=1)]

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        return names_problems(self.weights, children)

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        return Weighed(to_one(np.array([self.weights[child] for child in children])))


class Swing(Weighting):
    """Swing weighting (von Winterfeldt and Edwards 1986): points for going from worst to best."""

    method: Literal["swing"]
    points: Annotated[dict[Id, Positive], Field(min_length=1)]

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        return names_problems(self.points, children)

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        return Weighed(to_one(np.array([self.points[child] for child in children])))

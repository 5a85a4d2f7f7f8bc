"""Weights that are written down."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..model import Id, Positive
from .rule import Array, Weighed, Weighting, names_problems, to_one


class Equal(Weighting):
    """Every child the same: 1/n.

    At a node the plain word `equal` gives each child its own `weight`, 1 unless it says.

    Source: OECD/JRC handbook (2008), section 6: the most common choice.
    Use when: there is no ground for any other.
    Not when: one side of the matter has many children: it then weighs double without anybody
    having said so.

    >>> Equal(method="equal").weigh(("a", "b")).weights
    array([0.5, 0.5])
    """

    method: Literal["equal"]

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        return Weighed(np.full(len(children), 1.0 / len(children)))


class Given(Weighting):
    """w_j/Σw: weights written down, child by child, in any positive unit.

    Source: OECD/JRC handbook (2008), section 6 (budget allocation, where people share out 100
    points).
    Use when: the weights are policy, or come from elsewhere.
    Not when: nobody will sign them.

    >>> Given(method="given", weights={"a": 2, "b": 1}).weigh(("a", "b")).weights.round(4)
    array([0.6667, 0.3333])
    """

    method: Literal["given"]
    weights: Annotated[dict[Id, Positive], Field(min_length=1)]

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        return names_problems(self.weights, children)

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        return Weighed(to_one(np.array([self.weights[child] for child in children])))


class Swing(Weighting):
    """p_j/Σp: points for going from the worst to the best of a child, the largest swing first.

    Source: von Winterfeldt and Edwards (1986), chapter 8.
    Use when: people can see the ranges that they weigh: 30 days to 1, or 90 % to 95 %.
    Not when: ranges come from data and shift with every wave.

    >>> Swing(method="swing", points={"a": 100, "b": 60}).weigh(("a", "b")).weights
    array([0.625, 0.375])
    """

    method: Literal["swing"]
    points: Annotated[dict[Id, Positive], Field(min_length=1)]

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        return names_problems(self.points, children)

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        return Weighed(to_one(np.array([self.points[child] for child in children])))

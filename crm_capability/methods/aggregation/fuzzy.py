"""Fuzzy comprehensive evaluation: how far a node belongs to each grade."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ..model import Id, Model, Number
from .rule import Aggregation, Array, rescaled

Operator: TypeAlias = Literal["min-max", "product-max", "min-sum", "product-sum"]
_STEP = 1e-4  # of a score, for slopes


class Grade(Model):
    """A grade, and the score that belongs to it wholly."""

    id: Id
    value: Number


def _rising(grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
    values = [grade.value for grade in grades]
    if len(values) == 1 or values != sorted(set(values)):
        raise PydanticCustomError("grades", "two grades or more are needed, each with a higher value than the one before")
    return grades


class Fuzzy(Aggregation):
    """B = W ∘ R, and the score Σ b_k v_k / Σ b_k: memberships of the children in grades, composed
    with their weights.

    r_ik, the membership of child i in grade k, is triangular: 1 at the value v_k of the grade,
    falling straight to 0 at the values of its neighbours, and 1 beyond the outer ones. `operator`
    composes: `product-sum` M(·,⊕) b_k = min(1, Σ wᵢ r_ik), the default, weighs everybody;
    `min-sum` M(∧,⊕) b_k = min(1, Σ min(wᵢ, r_ik)); `product-max` M(·,∨) b_k = max wᵢ r_ik and
    `min-max` M(∧,∨) b_k = max min(wᵢ, r_ik) let the main factor decide. `grades` are the
    framework's bands unless given, each at its middle. The vector B, rescaled to 1, stands in the
    table `grades`.

    Source: Zadeh (1965) for membership; Wang Peizhuang (1983) and Du, Pang and Wu (2008) for the four
    operators and the score as a weighted mean of the grades.
    Use when: grades are what is reported, and a unit may stand between two of them.
    Not when: a plain mean is meant: with `product-sum`, between the outer grades, it is one.

    >>> grades = [{"id": "low", "value": 20}, {"id": "middle", "value": 50}, {"id": "high", "value": 80}]
    >>> rule = Fuzzy(method="fuzzy", grades=grades)
    >>> scores, weights = np.array([[35.0], [80.0]]), np.array([[0.6], [0.4]])
    >>> rule.vector(scores, weights).ravel().round(6).tolist(), rule.combine(scores, weights).round(6).tolist()
    ([0.3, 0.3, 0.4], [53.0])
    """

    method: Literal["fuzzy"]
    operator: Operator = "product-sum"
    grades: Annotated[tuple[Grade, ...], Field(max_length=20), AfterValidator(_rising)] = ()

    def vector(self, scores: Array, weights: Array) -> Array:
        """How far each row belongs to each grade, shape (grades, rows), summing to 1; NaN where
        no child is present."""
        values = [grade.value for grade in self.grades]
        known = ~np.isnan(scores)
        at = np.where(known, scores, values[0])
        degrees = np.stack([np.interp(at, values, peak) for peak in np.eye(len(values))], axis=1)
        shares = rescaled(scores, weights)[:, None, :]
        each = shares * degrees if self.operator.startswith("product") else np.minimum(shares, degrees)
        composed = each.max(axis=0) if self.operator.endswith("max") else np.minimum(each.sum(axis=0), 1.0)
        total = composed.sum(axis=0)
        blank = np.full(composed.shape, np.nan)
        return np.divide(composed, total, out=blank, where=(total > 0) & known.any(axis=0))

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        values = np.array([grade.value for grade in self.grades])
        return np.asarray(values @ self.vector(scores, weights))

    def gradient(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        slopes = np.zeros(scores.shape)
        for n in range(len(scores)):
            higher, lower = scores.copy(), scores.copy()
            higher[n] += _STEP
            lower[n] -= _STEP
            slopes[n] = (self.combine(higher, weights) - self.combine(lower, weights)) / (2 * _STEP)
        return np.where(np.isnan(scores) | np.isnan(slopes), 0.0, slopes)

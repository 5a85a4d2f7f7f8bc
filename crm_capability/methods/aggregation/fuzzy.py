"""Fuzzy comprehensive evaluation: how far a node belongs to each grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ..model import Id, Model, Number
from .rule import Aggregation, Array, rescaled

Operator: TypeAlias = Literal["min-max", "product-max", "min-sum", "product-sum"]
_STEP = 1e-4  # of a score, for slopes
_TINY = 1e-12


class Grade(Model):
    """A grade, and the score that belongs to it wholly."""

    id: Id
    value: Number


@dataclass(frozen=True)
class Spread:
    """What is behind a child's score: `shares`, shape (points, rows), of the score `points`, as
    respondents' answers have them or the grades of a child that is evaluated by grades itself.
    Shares sum to 1; a row of NaN has nothing but its score."""

    points: Array
    shares: Array


Spreads: TypeAlias = Sequence[Spread | None]


def _rising(grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
    values = [grade.value for grade in grades]
    if len(values) == 1 or values != sorted(set(values)):
        raise PydanticCustomError(
            "grades", "two grades or more are needed, each with a higher value than the one before"
        )
    return grades


class Fuzzy(Aggregation):
    """B = W ∘ R, and the score Σ b_k v_k / Σ b_k: memberships of the children in grades, composed
    with their weights.

    r_ik, the membership of child i in grade k, is triangular: 1 at the value v_k of the grade,
    falling straight to 0 at the values of its neighbours, and 1 beyond the outer ones. For a measure
    that at least five respondents answered it is the mean over their answers, each by its own score,
    so that half 1s and half 5s are not all 3s; a child that is evaluated by grades itself passes its
    vector on; any other goes by its score. `operator` composes: `product-sum` M(·,⊕)
    b_k = min(1, Σ wᵢ r_ik), the default, weighs everybody; `min-sum` M(∧,⊕) b_k = min(1, Σ min(wᵢ, r_ik));
    `product-max` M(·,∨) b_k = max wᵢ r_ik and `min-max` M(∧,∨) b_k = max min(wᵢ, r_ik) let the main
    factor decide. `grades` are the framework's bands unless given, each at its middle. The vector B,
    rescaled to 1, stands in the table `grades`, the answers behind it in `distributions`.

    Source: Zadeh (1965) for membership; Wang Peizhuang (1983) and Du, Pang and Wu (2008) for the four
    operators and the score as a weighted mean of the grades.
    Use when: grades are what is reported, and a unit may stand between two of them; respondents
    disagree, and that should show.
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

    @property
    def values(self) -> Array:
        """The score of each grade."""
        return np.array([grade.value for grade in self.grades])

    def degrees(self, scores: Array, spreads: Spreads = ()) -> Array:
        """R: how far each child belongs to each grade, shape (children, grades, rows); what it
        says for a missing child means nothing."""
        found = np.moveaxis(self._triangles(scores), 1, 0)
        for n, spread in enumerate(spreads):
            if spread is not None:
                answered = self._triangles(spread.points) @ spread.shares
                found[n] = np.where(np.isnan(answered), found[n], answered)
        return found

    def vector(self, scores: Array, weights: Array, spreads: Spreads = ()) -> Array:
        """How far each row belongs to each grade, shape (grades, rows), summing to 1; NaN where
        no child is present. `spreads` says what is behind the children's scores."""
        return self._composed(self.degrees(scores, spreads), rescaled(scores, weights))

    def combine(self, scores: Array, weights: Array, children: tuple[str, ...] = ()) -> Array:
        return np.asarray(self.values @ self.vector(scores, weights))

    def gradient(
        self, scores: Array, weights: Array, children: tuple[str, ...] = (), spreads: Spreads = ()
    ) -> Array:
        """Partial derivatives of the score by the children's scores. A score rises by itself, or, with
        answers behind it, because shares move from low to high: dr_ik = Σⱼ sⱼ(pⱼ − p̄)·r_k(pⱼ)/Var p
        a point (exponential tilting; Efron 1981), which leaves the answers that can be given alone."""
        behind = [*spreads, *[None] * (len(scores) - len(spreads))]
        shares, middle = rescaled(scores, weights), self.degrees(scores, spreads)
        slopes = np.zeros(scores.shape)
        for n, spread in enumerate(behind):
            ends = []
            for step in (_STEP, -_STEP):
                moved = middle.copy()
                moved[n] = self._triangles(scores[n] + step)
                if spread is not None:
                    tilt = self._tilt(spread)
                    moved[n] = np.where(np.isnan(tilt), moved[n], middle[n] + step * tilt)
                ends.append(self.values @ self._composed(moved, shares))
            slopes[n] = (ends[0] - ends[1]) / (2 * _STEP)
        return np.where(np.isnan(scores) | np.isnan(slopes), 0.0, slopes)

    def _triangles(self, at: Array) -> Array:
        """Memberships of scores in the grades, the grades first."""
        at = np.where(np.isnan(at), self.values[0], at)
        return np.stack([np.interp(at, self.values, peak) for peak in np.eye(len(self.grades))])

    def _tilt(self, spread: Spread) -> Array:
        """How memberships move when the mean behind a score rises by one, shape (grades, rows);
        NaN where everybody says the same."""
        away = spread.points[:, None] - spread.points @ spread.shares
        variance = (spread.shares * away**2).sum(axis=0)
        pull = self._triangles(spread.points) @ (spread.shares * away)
        return np.divide(pull, variance, out=np.full(pull.shape, np.nan), where=variance > _TINY)

    def _composed(self, degrees: Array, shares: Array) -> Array:
        """B, rescaled to 1; NaN where nobody has a share."""
        each = shares[:, None, :]
        each = each * degrees if self.operator.startswith("product") else np.minimum(each, degrees)
        composed = each.max(axis=0) if self.operator.endswith("max") else np.minimum(each.sum(axis=0), 1.0)
        total = composed.sum(axis=0)
        blank = np.full(composed.shape, np.nan)
        return np.divide(composed, total, out=blank, where=(total > 0) & shares.any(axis=0))

"""The analytic hierarchy process: weights from judgements about pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from ..model import Id, Model, Ratio
from .rule import Array, Weighed, Weighting, to_one

ACCEPTED_INCONSISTENCY = 0.1  # Saaty (1980): above it, judgements should be looked at again

# Mean consistency index of random matrices, from order 1 on. A ratio means little without
# saying which table it was divided by, so the table is named in the definition.
RANDOM_INDEX: Mapping[str, tuple[float, ...]] = {
    # Saaty, The Analytic Hierarchy Process (1980)
    "saaty-1980": (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
    # Saaty, Theory and Applications of the Analytic Network Process (2005)
    "saaty-2005": (0, 0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
    # Donegan and Dodd, A note on Saaty's random indexes (1991)
    "donegan-dodd-1991": (
        *(0, 0, 0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055),
        *(1.4213, 1.4497, 1.4643, 1.4822, 1.4969, 1.5078, 1.5153, 1.5262, 1.5313, 1.5371),
    ),
}


class Judge(Model):
    """One person's pairwise judgements: [a, b, 3] says a matters three times as much as b."""

    id: Id
    pairs: Annotated[tuple[tuple[Id, Id, Ratio], ...], Field(min_length=1)]

    @field_validator("pairs")
    @classmethod
    def _once(cls, pairs: tuple[tuple[str, str, float], ...]) -> tuple[tuple[str, str, float], ...]:
        seen: dict[frozenset[str], tuple[str, str, float]] = {}
        for first, second, ratio in pairs:
            if first == second:
                if ratio != 1:
                    raise PydanticCustomError("pairs", f"{first} is judged against itself")
                continue
            pair = frozenset((first, second))
            if pair in seen:
                known = seen[pair]
                earlier = known[2] if known[0] == first else 1 / known[2]
                if not np.isclose(earlier, ratio, rtol=1e-9):
                    what = f"{first} against {second} is judged twice, {earlier:.4g} and {ratio:.4g}"
                    raise PydanticCustomError("pairs", what)
            seen[pair] = (first, second, ratio)
        return pairs

    def matrix(self, children: tuple[str, ...]) -> Array:
        """The judgements as a reciprocal matrix, NaN where a pair was left out."""
        matrix = np.full((len(children), len(children)), np.nan)
        np.fill_diagonal(matrix, 1.0)
        for first, second, ratio in self.pairs:
            row, column = children.index(first), children.index(second)
            matrix[row, column], matrix[column, row] = ratio, 1.0 / ratio
        return matrix


class Ahp(Weighting):
    """A·w = λmax·w: the principal eigenvector of pairwise judgements a_ij ≈ w_i/w_j, summing to 1.

    `priority` may be `geometric-mean` (of the rows) or `column-sum` (mean of the normalised
    columns) instead. The consistency ratio is (λmax − n)/(n − 1) over the random index of the
    named table; above 0.1 a note points out the three judgements that contradict the others most,
    each with the value that the others imply. Pairs left out are filled so that λmax is least.
    Several judges are combined by the geometric mean of their judgements or of their priorities.

    Source: Saaty (1980), chapter 3; Shiraishi, Obata and Daigo (1998) and Bozóki, Fülöp and Rónyai
    (2010) for pairs left out; Forman and Peniwati (1998) for groups; Harker (1987) for the value
    that the others imply.
    Use when: people must agree on importance, and can compare two things at a time.
    Not when: there are more than about nine children: nobody judges 45 pairs with care.

    >>> judge = Judge(id="j", pairs=[["a", "b", 2], ["b", "c", 2], ["a", "c", 4]])
    >>> Ahp(method="ahp", judges=[judge]).weigh(("a", "b", "c")).weights.round(6).tolist()
    [0.571429, 0.285714, 0.142857]
    """

    method: Literal["ahp"]
    random_index: Literal["saaty-1980", "saaty-2005", "donegan-dodd-1991"] = "saaty-1980"
    priority: Literal["eigenvector", "geometric-mean", "column-sum"] = "eigenvector"
    combine: Literal["judgements", "priorities"] = "judgements"
    judges: Annotated[tuple[Judge, ...], Field(min_length=1)]

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        found = [f"judge {judge.id} stands twice" for n, judge in enumerate(self.judges)
                 if judge.id in {other.id for other in self.judges[:n]}]  # fmt: skip
        for judge in self.judges:
            strangers = {name for pair in judge.pairs for name in pair[:2]} - set(children)
            found += [f"judge {judge.id} names {name}, which is no child here" for name in sorted(strangers)]
            if not strangers:
                found += [
                    f"judge {judge.id}: {what}" for what in _unconnected(judge.matrix(children), children)
                ]
        if len(children) > len(RANDOM_INDEX[self.random_index]):
            found.append(f"{self.random_index} has no random index for {len(children)} children")
        return found

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        given = {judge.id: judge.matrix(children) for judge in self.judges}
        matrices = {judge: completed(matrix) for judge, matrix in given.items()}
        parameters: dict[str, float] = {}
        notes: list[str] = []
        for judge, matrix in matrices.items():
            ratio = self._record(matrix, f":{judge}", parameters)
            if ratio > ACCEPTED_INCONSISTENCY:
                what = f"judge {judge}: consistency ratio {ratio:.3f} ({self.random_index}) is above"
                mends = "; ".join(
                    str(one) for one in contradictions(children, given[judge], self.random_index)
                )
                notes.append(f"{what} {ACCEPTED_INCONSISTENCY}; look at these judgements again: {mends}")
        together = np.exp(np.mean([np.log(matrix) for matrix in matrices.values()], axis=0))
        self._record(together, "", parameters)
        if self.combine == "judgements":
            weights = self._priorities(together)
        else:
            logs = [np.log(self._priorities(matrix)) for matrix in matrices.values()]
            weights = to_one(np.exp(np.mean(logs, axis=0)))
        return Weighed(weights, parameters, tuple(notes))

    def _record(self, matrix: Array, suffix: str, parameters: dict[str, float]) -> float:
        largest = float(principal(matrix)[0])
        ratio = consistency_ratio(matrix, self.random_index)
        parameters[f"lambda_max{suffix}"] = largest
        parameters[f"consistency_ratio{suffix}"] = ratio
        return ratio

    def _priorities(self, matrix: Array) -> Array:
        if self.priority == "geometric-mean":
            return to_one(np.exp(np.log(matrix).mean(axis=1)))
        if self.priority == "column-sum":
            return np.asarray((matrix / matrix.sum(axis=0)).mean(axis=1))
        return principal(matrix)[1]


def principal(matrix: Array) -> tuple[float, Array]:
    """Largest eigenvalue of a positive matrix and its eigenvector, summing to 1.

    >>> value, vector = principal(np.array([[1, 2.0], [0.5, 1]]))
    >>> round(value, 12), vector.round(12).tolist()
    (2.0, [0.666666666667, 0.333333333333])
    """
    values, vectors = np.linalg.eig(matrix)
    largest = int(np.argmax(values.real))
    vector = np.abs(vectors[:, largest].real)
    return float(values[largest].real), vector / vector.sum()


def consistency_ratio(matrix: Array, random_index: str) -> float:
    """(λmax − n)/(n − 1) over the random index of the named table; 0 for up to two items."""
    size = len(matrix)
    if size < 3:
        return 0.0
    index = (principal(matrix)[0] - size) / (size - 1)
    return max(index, 0.0) / RANDOM_INDEX[random_index][size - 1]


@dataclass(frozen=True)
class Contradiction:
    """A judgement that the others contradict, and what they imply in its place."""

    first: str
    second: str
    given: float
    implied: float
    ratio: float  # the consistency ratio that is left with the implied value

    def __str__(self) -> str:
        given, implied = _as_ratio(self.given), _as_ratio(self.implied)
        return f"{self.first} against {self.second} is {given}, {implied} would leave {self.ratio:.3f}"


def contradictions(
    children: tuple[str, ...], matrix: Array, random_index: str, most: int = 3
) -> tuple[Contradiction, ...]:
    """The judgements (`matrix` has NaN where a pair was left out) furthest from what the others
    imply, the furthest first. What the others imply is the value that a pair left out would be
    filled with; a judgement that nothing else supports cannot be contradicted."""
    found = []
    for row, column in zip(*np.nonzero(np.triu(~np.isnan(matrix), 1)), strict=True):
        without = matrix.copy()
        without[row, column] = without[column, row] = np.nan
        if _unconnected(without, children):
            continue
        mended = completed(without)
        implied = float(mended[row, column])
        distance = abs(float(np.log(matrix[row, column] / implied)))
        pair = (children[row], children[column], float(matrix[row, column]), implied)
        if distance > 1e-6:
            found.append((distance, pair, consistency_ratio(mended, random_index)))
    found.sort(key=lambda one: -round(one[0], 9))  # equal ones keep their order
    return tuple(Contradiction(*pair, ratio) for _, pair, ratio in found[:most])


def _as_ratio(value: float) -> str:
    """3 or 1/3, as judges write it."""
    return f"{value:.3g}" if value >= 1 else f"1/{1 / value:.3g}"


def completed(matrix: Array) -> Array:
    """The reciprocal matrix with its blanks filled so that λmax is least (a convex problem
    in the logarithms; Bozóki, Fülöp and Rónyai 2010)."""
    rows, columns = np.nonzero(np.triu(np.isnan(matrix), 1))
    if rows.size == 0:
        return matrix
    from scipy.optimize import minimize  # heavy, and only needed for incomplete judgements

    def filled(logs: Array) -> Array:
        whole = matrix.copy()
        whole[rows, columns] = np.exp(logs)
        whole[columns, rows] = np.exp(-logs)
        return whole

    def slope(logs: Array) -> Array:
        whole = filled(logs)
        right, left = principal(whole)[1], principal(whole.T)[1]
        both = whole[rows, columns] * left[rows] * right[columns]
        back = whole[columns, rows] * left[columns] * right[rows]
        return np.asarray((both - back) / (left @ right))

    start = _least_squares_logs(matrix)
    guess = start[rows] - start[columns]
    best = minimize(
        lambda logs: principal(filled(logs))[0], guess, jac=slope, method="BFGS", options={"gtol": 1e-12}
    )
    return filled(best.x)


def _least_squares_logs(matrix: Array) -> Array:
    """Log priorities by least squares over the judgements that were made: a start near the end."""
    rows, columns = np.nonzero(~np.isnan(matrix))
    design = np.zeros((rows.size + 1, len(matrix)))
    design[np.arange(rows.size), rows] += 1.0
    design[np.arange(rows.size), columns] -= 1.0
    design[-1] = 1.0
    return np.asarray(np.linalg.lstsq(design, np.append(np.log(matrix[rows, columns]), 0.0), rcond=None)[0])


def _unconnected(matrix: Array, children: tuple[str, ...]) -> list[str]:
    """Children that no chain of judgements links with the first one."""
    judged, reached = ~np.isnan(matrix), {0}
    frontier = [0]
    while frontier:
        for other in np.nonzero(judged[frontier.pop()])[0]:
            if int(other) not in reached:
                reached.add(int(other))
                frontier.append(int(other))
    apart = [child for n, child in enumerate(children) if n not in reached]
    return [f"no chain of judgements links {children[0]} with {', '.join(apart)}"] if apart else []

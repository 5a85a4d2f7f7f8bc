"""Weights of a node's children: given, judged by people, or learned from data.

`weigh` gives `Weighed`: weights that sum to 1, the parameters worth recording (a consistency
ratio, say) and notes for the reader. Methods that learn from data take the children's scores,
shape (children, rows), of the same rows that fitted the normalisation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from ..model import Id, Positive
from .ahp import ACCEPTED_INCONSISTENCY, RANDOM_INDEX, Ahp, Judge, completed, consistency_ratio, principal
from .best_worst import BestWorst
from .from_data import Critic, Entropy, EqualVariance, Pca, StandardDeviation
from .given import Equal, Given, Swing
from .rule import Array, Weighed, Weighting, WeightingError


def _kind(value: Any) -> str:
    if isinstance(value, Weighting):
        return "method"
    if isinstance(value, str):
        return "word"
    return "method" if isinstance(value, dict) and "method" in value else "map"


AnyWeighting = Annotated[
    Equal | Given | Swing | Ahp | BestWorst | Entropy | Critic | StandardDeviation | Pca | EqualVariance,
    Field(discriminator="method"),
]
WeightingWord = Literal["equal"]
# At a node: `equal`, a map of children to weights, or a method with its settings.
Weights = Annotated[
    Annotated[WeightingWord, Tag("word")]
    | Annotated[Annotated[dict[Id, Positive], Field(min_length=1)], Tag("map")]
    | Annotated[AnyWeighting, Tag("method")],
    Discriminator(_kind),
]


def weighting(weights: Any) -> Weighting:
    """The method behind any of the ways to write weights."""
    if isinstance(weights, Weighting):
        return weights
    if isinstance(weights, str):
        return Equal(method="equal")
    return Given(method="given", weights=weights)


__all__ = [
    "ACCEPTED_INCONSISTENCY",
    "RANDOM_INDEX",
    "Ahp",
    "AnyWeighting",
    "Array",
    "BestWorst",
    "Critic",
    "Entropy",
    "Equal",
    "EqualVariance",
    "Given",
    "Judge",
    "Pca",
    "StandardDeviation",
    "Swing",
    "Weighed",
    "Weighting",
    "WeightingError",
    "Weights",
    "completed",
    "consistency_ratio",
    "principal",
    "weighting",
]

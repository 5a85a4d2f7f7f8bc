"""Normalisation: from a measure's own unit to a score.

`given` holds the rules whose bounds stand in the definition, `spread` and `places` those that
learn from the rows that `fit` names. To add a rule: docs/add-a-method.md.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..model import BY_NAME
from .given import Goalposts, Identity, Likert, Piecewise
from .places import Borda, PercentileRank, Rank
from .rule import NOTHING, Array, Better, Fit, Fitted, Learned, Normalisation
from .spread import MinMax, Target, ZScore

AnyNormalisation = Annotated[
    Goalposts | Likert | Piecewise | Identity | MinMax | ZScore | Rank | Borda | PercentileRank | Target,
    Field(discriminator="method"),
    BY_NAME,
]

__all__ = [
    "NOTHING",
    "AnyNormalisation",
    "Array",
    "Better",
    "Borda",
    "Fit",
    "Fitted",
    "Goalposts",
    "Identity",
    "Learned",
    "Likert",
    "MinMax",
    "Normalisation",
    "PercentileRank",
    "Piecewise",
    "Rank",
    "Target",
    "ZScore",
]

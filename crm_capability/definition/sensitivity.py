"""What else an assessor might reasonably have chosen: the factors of a sensitivity analysis."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Positive, Whole, Words
from ..methods.weighting import Weights
from .framework import Defaults

KEYS = tuple(f"defaults.{key}" for key in Defaults.model_fields if key != "bands")  # bands move no score
WEIGHTS, EXCLUDE = "weights", "scope.exclude"
PATHS = (*KEYS, WEIGHTS, EXCLUDE)


class Choose(Model):
    """A sensitivity factor: one of several choices for a key of the plan or its framework.

    `defaults.KEY` takes values of that key; `weights` whole sets of node weights, or a file of
    them; `scope.exclude` lists of nodes to leave out, beside those the plan leaves out.
    """

    choose: Words
    among: Annotated[tuple[Any, ...], Field(min_length=2)] | None = None
    among_file: Words | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Choose:
        if (self.among is None) == (self.among_file is None):
            raise PydanticCustomError("choose", "a choice needs `among`, or `among_file` and not both")
        if self.among_file is not None and self.choose != "weights":
            raise PydanticCustomError("choose", "only sets of weights can stand in a file")
        return self

    @property
    def path(self) -> str:
        """What the factor is called in results."""
        return self.choose


class Vary(Model):
    """A sensitivity factor: a continuous range.

    `weights`: each weight of the children of `at` (of every node, unless given) is uniform within
    ± `share` of itself. `goalposts`: both ends of every measure at or below `at` are uniform
    within ± `share` of their distance. `readings`: every reading is normal with its standard
    error.
    """

    vary: Literal["weights", "goalposts", "readings"]
    at: Id | None = None
    share: Positive | None = None

    @model_validator(mode="after")
    def _has_a_range(self) -> Vary:
        if self.vary == "readings":
            if self.share is not None or self.at is not None:
                raise PydanticCustomError(
                    "vary", "readings vary by their standard errors, without `share` or `at`"
                )
        elif self.share is None:
            raise PydanticCustomError("vary", f"varying {self.vary} needs a `share`")
        elif self.share >= (most := 1.0 if self.vary == "weights" else 0.5):
            raise PydanticCustomError("vary", f"the share must be below {most:g}")
        return self

    @property
    def path(self) -> str:
        """What the factor is called in results."""
        return self.vary if self.at is None else f"{self.vary}:{self.at}"


def _factor_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "<choose>" if "choose" in value else "<vary>" if "vary" in value else "<none>"
    return "<choose>" if isinstance(value, Choose) else "<vary>" if isinstance(value, Vary) else "<none>"


Factor: TypeAlias = Annotated[
    Annotated[Choose, Tag("<choose>")] | Annotated[Vary, Tag("<vary>")],
    Discriminator(
        _factor_kind,
        custom_error_type="factor",
        custom_error_message="a factor starts with `choose` or `vary`",
    ),
]


class Sensitivity(Model):
    """What else an assessor might reasonably have chosen."""

    node: Id | None = None
    of: Literal["rank", "score"] = "rank"
    factors: Annotated[tuple[Factor, ...], Field(min_length=1)]
    runs: Annotated[Whole, Field(ge=2, le=2**20)] = 1024
    seed: Annotated[Whole, Field(ge=0)] = 0


def _weight_kind(value: Any) -> str:
    return "<weight>" if isinstance(value, int | float) else "<weights>"


# A node's own weight among its siblings, or the weights of all its children.
NodeWeight: TypeAlias = Annotated[
    Annotated[Positive, Tag("<weight>")] | Annotated[Weights, Tag("<weights>")], Discriminator(_weight_kind)
]


class WeightSet(Model):
    """One choice of `weights`."""

    weights: Annotated[dict[Id, NodeWeight], Field(min_length=1)]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Exclusion(Model):
    """One choice of `scope.exclude`: nodes to leave out; none in an empty list."""

    exclude: Annotated[tuple[Id, ...], BeforeValidator(_one_or_many)]


def choice(path: str, value: Any) -> Any:
    """One of the values to choose among, as what the key at `path` holds. Raises ValidationError."""
    if path == WEIGHTS:
        return WeightSet.model_validate({"weights": value}).weights
    if path == EXCLUDE:
        return Exclusion.model_validate({"exclude": value}).exclude
    key = path.removeprefix("defaults.")
    return getattr(Defaults.model_validate({key: value}), key)

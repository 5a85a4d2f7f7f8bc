"""Rules for findings: what is worth saying about a result, as written in YAML."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ..methods.formula import names_in
from ..methods.model import Id, Language, Model, Version, Whole, Words

# What a rule may speak of: of the plan's unit at a node, in the last wave and the last comparison.
FACTS: dict[str, str] = {
    "score": "in the last wave",
    "effective_weight": "in the index, after rescaling to what the unit has",
    "importance": "weight in the index as defined, whatever is missing",
    "coverage": "share of the applicable measures below that have a score",
    "missing": "how many of them have none",
    "if_worst": "score if every measure without a reading scored worst",
    "if_best": "score if every one of them scored best",
    "children": "how many children have a score",
    "best": "of the children's scores",
    "weakest": "of the children's scores",
    "gate": "score of the child that caps the node",
    "below": "the score under which it caps",
    "cap": "the most that the node then scores",
    "mean": "the weighted mean that the cap cuts off",
    "before": "score in the earlier wave of the last comparison",
    "after": "score in its later wave",
    "change": "after less before",
    "low": "lower end of the change's 95 % interval",
    "high": "upper end of it",
    "p_value": "of no change",
    "q_value": "the same after Benjamini and Hochberg",
    "smallest_change": "worth talking about, as the plan says",
    "target": "of the plan",
    "peers": "how many have a score here",
    "percentile": "among them",
    "percentile_high": "at the upper end of the score's interval",
    "median": "of the peers",
    "gap_to_median": "score less that",
    "level_peers": "peers whose difference from the unit is within noise",
    "clear_ahead": "peers that are clearly ahead of it",
    "clear_behind": "peers that are clearly behind it",
    "gap": "largest clear gap between two audiences' scores, in the last wave",
    "gap_low": "lower end of its 95 % interval",
    "gap_high": "upper end of it",
    "gap_q": "of no gap, after Benjamini and Hochberg",
    "agreement": "r_wg of the audience that agrees least on a measure, in the last wave; 1 is full",
    "agreement_n": "how many of that audience answered",
}
WORDS = (
    *("title", "best_title", "weakest_title", "gate_title", "before_title", "after_title"),
    *("level_names", "higher_title", "lower_title", "divided_title"),
)


def _formula(text: str) -> str:
    try:
        unknown = names_in(text) - set(FACTS)
    except ValueError as error:
        raise PydanticCustomError("formula", f'"{text}" {error}') from None
    if unknown:
        raise PydanticCustomError("formula", f'"{min(unknown)}" is no fact; known: {", ".join(FACTS)}')
    return text


def _sentence(text: str) -> str:
    try:
        for _, name, form, _ in Formatter().parse(text):
            if name is not None and name not in FACTS and name not in WORDS:
                raise ValueError(f'"{name}" is no fact; known: {", ".join((*FACTS, *WORDS))}')
            if name in FACTS:
                format(1.0, form or "")
    except ValueError as error:
        raise PydanticCustomError("sentence", str(error)) from None
    return text


Formula = Annotated[Words, AfterValidator(_formula)]


class Rule(Model):
    """When something is worth saying, how much it weighs, and the words for it."""

    kind: Id
    at: Literal["index", "groups", "indicators", "measures", "nodes"]
    when: Formula
    severity: Formula
    most: Annotated[Whole, Field(ge=1)] | None = None
    evidence: Annotated[tuple[Words, ...], Field(min_length=1)]
    text: Annotated[dict[Language, Annotated[Words, AfterValidator(_sentence)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _known_evidence(self) -> Rule:
        unknown = [name for name in self.evidence if name not in FACTS]
        if unknown:
            raise PydanticCustomError("evidence", f'"{unknown[0]}" is no fact; known: {", ".join(FACTS)}')
        return self


class FindingRules(Model):
    """A whole file of rules."""

    findings: Id
    version: Version
    audiences: dict[Id, dict[Language, Words]] = {}  # what to call them in a sentence
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_of_a_kind(self) -> FindingRules:
        kinds = [rule.kind for rule in self.rules]
        again = [kind for n, kind in enumerate(kinds) if kind in kinds[:n]]
        if again:
            raise PydanticCustomError("rules", f'the kind "{again[0]}" stands twice')
        return self

"""The questionnaire: questions, scales and the measures they feed, as written in YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Number, Text, Version, Words
from ..tables import NOT_APPLICABLE, UNKNOWN
from .rewording import Rewording

Audience: TypeAlias = Literal["customer", "employee", "manager", "expert"]
StateValue = Annotated[Number | Words, Field(union_mode="left_to_right")]


class Point(Model):
    """A point of a rating scale, or a worded level of maturity."""

    value: Number
    label: Text


class StateAnswer(Model):
    """An answer that is no rating: it does not apply, or the respondent does not know."""

    value: StateValue
    state: Literal["not-applicable", "unknown"]
    label: Text


def _different(points: tuple[Any, ...]) -> tuple[Any, ...]:
    values = [point.value for point in points]
    if len(set(values)) < len(values):
        raise PydanticCustomError("points", "two points have the same value")
    return points


def _refuse_shared(points: tuple[Point, ...], states: tuple[StateAnswer, ...]) -> None:
    """An answer is a rating or a state: it would be averaged, or else silently left out."""
    shared = {point.value for point in points} & {answer.value for answer in states}
    if shared:
        raise PydanticCustomError("points", f"{min(shared):g} is both a point and a state")


class Scale(Model):
    """Rating points, and the answers that keep a question out of the mean."""

    points: Annotated[tuple[Point, ...], Field(min_length=2)]
    states: tuple[StateAnswer, ...] = ()

    _points = field_validator("points")(_different)

    @model_validator(mode="after")
    def _apart(self) -> Scale:
        _refuse_shared(self.points, self.states)
        return self


DEFAULT_STATES: dict[str | float, str] = {"na": NOT_APPLICABLE, "dk": UNKNOWN}


class Condition(Model):
    """When a question is asked: an earlier one was answered with one of these."""

    question: Id
    answers: Annotated[tuple[StateValue, ...], Field(min_length=1)]


class _Question(Model):
    id: Id
    text: Text
    when: Condition | None = None
    hint: Text | None = None
    feeds: Id | None = None
    states: tuple[StateAnswer, ...] = ()


class Rating(_Question):
    """A question answered on one of the questionnaire's scales."""

    type: Literal["rating"] = "rating"
    scale: Id
    reverse: bool = False


class Maturity(_Question):
    """A question whose levels are described in words. Above `evidence_above` a level needs a document
    that the plan names; without it the answer counts as the highest level up to there."""

    type: Literal["maturity"]
    levels: Annotated[tuple[Point, ...], Field(min_length=2)]
    reverse: bool = False
    evidence_above: Number | None = None

    _levels = field_validator("levels")(_different)

    @model_validator(mode="after")
    def _apart(self) -> Maturity:
        _refuse_shared(self.levels, self.states)
        if self.evidence_above is not None:
            values = [level.value for level in self.levels]
            if self.reverse:
                raise PydanticCustomError(
                    "evidence", "`evidence_above` needs levels that rise: take out `reverse`"
                )
            if not min(values) <= self.evidence_above < max(values):
                raise PydanticCustomError(
                    "evidence", "`evidence_above` leaves no level below it, or none above"
                )
        return self


class NumberQuestion(_Question):
    """A question answered with a number."""

    type: Literal["number"]
    unit: Text | None = None
    min: Number | None = None
    max: Number | None = None


class Option(Model):
    value: StateValue
    label: Text


class Choice(_Question):
    """One out of several options, or with `multiple` as many as apply: for segments, never for a
    mean."""

    type: Literal["choice"]
    multiple: bool = False
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    feeds: None = None


class FreeText(_Question):
    """Words. They are never scored."""

    type: Literal["text"]
    feeds: None = None


def _question_kind(value: Any) -> str:
    return str(value.get("type", "rating") if isinstance(value, dict) else value.type)


Question: TypeAlias = Annotated[
    Annotated[Rating, Tag("rating")]
    | Annotated[Maturity, Tag("maturity")]
    | Annotated[NumberQuestion, Tag("number")]
    | Annotated[Choice, Tag("choice")]
    | Annotated[FreeText, Tag("text")],
    Discriminator(_question_kind),
]


class Section(Model):
    """Questions that stand together."""

    id: Id
    title: Text
    introduction: Text | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


class Questionnaire(Model):
    """A whole questionnaire file."""

    questionnaire: Id
    version: Version
    title: Text
    audience: Audience
    introduction: Text | None = None
    scales: dict[Id, Scale] = {}
    bridges: tuple[Rewording, ...] = ()  # what the questions of earlier versions became
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    def walk(self) -> Iterator[tuple[tuple[Any, ...], Question]]:
        """Every question with its path in the file."""
        for s, section in enumerate(self.sections):
            for q, question in enumerate(section.questions):
                yield ("sections", s, "questions", q), question

    @property
    def questions(self) -> dict[str, Question]:
        """The questions by id, in order."""
        return {question.id: question for _, question in self.walk()}

    def without(self, measures: Iterable[str]) -> Questionnaire:
        """The same questions, of which those about these measures feed nothing."""
        gone = set(measures)
        sections = tuple(
            section.model_copy(
                update={
                    "questions": tuple(
                        question.model_copy(update={"feeds": None}) if question.feeds in gone else question
                        for question in section.questions
                    )
                }
            )
            for section in self.sections
        )
        return self.model_copy(update={"sections": sections})

    def points(self, question: Question) -> tuple[float, ...] | None:
        """The values that an answer may take, or None where any number may stand."""
        if isinstance(question, Rating):
            return tuple(point.value for point in self.scales[question.scale].points)
        if isinstance(question, Maturity):
            return tuple(point.value for point in question.levels)
        return None

    def states(self, question: Question) -> dict[str | float, str]:
        """The answers that stand for a state rather than a value. A question that names none
        understands `na` and `dk`."""
        named = question.states
        if isinstance(question, Rating):
            named += self.scales[question.scale].states
        if not named:
            return dict(DEFAULT_STATES)
        return {answer.value: answer.state for answer in named}

"""From a YAML file to a frozen definition, or to every problem in it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from ..errors import DefinitionError, Problem, near_miss
from ..yaml_files import Document, read_yaml
from .actions import Actions
from .cases import Cases
from .data_model import DataModel
from .findings import FindingRules
from .framework import Framework
from .glossary import Glossary
from .metrics import Metrics
from .plan import Plan
from .pool import Pool
from .questionnaire import Questionnaire
from .scenario import Scenario
from .theme import Theme

D = TypeVar("D", bound=BaseModel)
KINDS: dict[str, type[BaseModel]] = {
    "framework": Framework,
    "questionnaire": Questionnaire,
    "metrics": Metrics,
    "assessment": Plan,
    "pool": Pool,
    "findings": FindingRules,
    "actions": Actions,
    "cases": Cases,
    "scenario": Scenario,
    "theme": Theme,
    "glossary": Glossary,
    "data-model": DataModel,
}


@dataclass(frozen=True)
class Definition(Generic[D]):
    """A definition with the document it came from, so that later checks can point into it."""

    value: D
    document: Document
    path: Path
    parts: tuple[Path, ...] = ()  # other files that it was made from

    def problem(self, path: tuple[Any, ...], what: str, remedy: str = "", key: bool = False) -> Problem:
        """A problem at a path of the file."""
        return Problem(self.document.place(path, key), what, remedy)


def read_definition(path: Path, model: type[D], name: str | None = None) -> Definition[D]:
    """Read and check the form of one definition. Raises DefinitionError."""
    document = read_yaml(path, name)
    return Definition(formed(document, model), document, path)


def formed(document: Document, model: type[D]) -> D:
    """The document as a model. Raises DefinitionError with every problem."""
    if not isinstance(document.data, dict):
        raise DefinitionError(Problem(document.place(), "not a map of keys", "write `key: value` lines"))
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DefinitionError(fault_problems(document, error, model=model)) from None
    except RecursionError:
        raise DefinitionError(Problem(document.place(), "nested too deeply", "flatten it")) from None


def fault_problems(
    document: Document,
    error: ValidationError,
    at: tuple[Any, ...] | None = None,
    model: type[BaseModel] = Plan,
) -> list[Problem]:
    """What a validation found, in the user's words. A value that lies at `at` of the document was
    validated inside a model of its own, as the value of its one key."""
    faults = [fault for fault in error.errors(include_url=False) if not _echo(fault)]
    if at is not None:
        faults = [{**fault, "loc": (*at, *fault["loc"][1:])} for fault in faults]
    return sorted({_problem(document, model, fault) for fault in faults})


def kind_of(document: Document) -> str:
    """Which kind of definition a document is. Raises DefinitionError."""
    data = document.data if isinstance(document.data, dict) else {}
    for kind in KINDS:
        if kind in data and not (
            kind == "framework" and {"assessment", "pool", "actions", "cases"} & set(data)
        ):
            return kind
    remedy = f"start it with one of: {', '.join(KINDS)}"
    raise DefinitionError(Problem(document.place(), "not a definition of a known kind", remedy))


def _echo(fault: Any) -> bool:
    """A list called too short only because its entries were found wrong one by one."""
    return fault["type"] == "too_short" and len(fault["input"]) >= fault["ctx"]["min_length"]


def _problem(document: Document, model: type[BaseModel], fault: Any) -> Problem:
    path, kind, context = tuple(fault["loc"]), fault["type"], fault.get("ctx", {})
    steps = _real_steps(document.data, path)
    last = path[-1] if path else ""
    if kind == "extra_forbidden":
        return Problem(
            document.place(steps, key=True), f'unknown key "{last}"', near_miss(last, _keys(model))
        )
    if kind == "missing":
        return Problem(
            document.place(steps[:-1] if steps[-1:] == (last,) else steps), f'"{last}" is missing', "add it"
        )
    what, remedy = _words(kind, context, fault)
    return Problem(document.place(steps, key=path[-1:] == ("[key]",)), what, remedy)


def _words(kind: str, context: dict[str, Any], fault: Any) -> tuple[str, str]:
    """A validation fault in the user's words, with a remedy."""
    given = fault["input"]
    shown = f'"{given}"' if isinstance(given, str) else f"{given!r}"
    shown = "nothing" if given is None else shown if len(shown) < 60 else "this"
    if kind == "union_tag_invalid":
        expected = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
        return f'unknown {context["discriminator"].strip(chr(39)).rstrip("()")} "{context["tag"]}"'.replace(
            "_question_kind", "type"
        ), near_miss(context["tag"], expected)
    if kind == "union_tag_not_found":
        return f"{shown} has no `method`", "name a method"
    if kind == "literal_error":
        expected = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"{shown} is not known here", near_miss(str(given), expected)
    if kind == "string_pattern_mismatch":
        return f"{shown} does not have the right form", _FORMS.get(context["pattern"], context["pattern"])
    if kind == "string_type":
        return f"{shown} where text is wanted", "put it in quotes" if given is not None else "write a text"
    if kind == "none_required":
        return f"{shown} cannot stand here", "take it out"
    if kind == "finite_number":
        return f"{shown} is no finite number", "write a plain number"
    if kind in ("string_too_short", "too_short"):
        return "nothing stands here", "fill it in or take it out"
    if kind in ("float_type", "int_type", "float_parsing", "int_from_float"):
        return f"{shown} where a number is wanted", "write a plain number" + " without quotes" * isinstance(
            given, str
        )
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        bound = context.get("gt", context.get("ge", context.get("lt", context.get("le"))))
        side = (
            "above"
            if kind == "greater_than"
            else "below"
            if kind == "less_than"
            else "at least"
            if "ge" in context
            else "at most"
        )
        return f"{shown} is out of range", f"write a number {side} {bound:g}"
    if kind in ("tuple_type", "list_type"):
        return f"{shown} where a list is wanted", "start each entry with `- `"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{shown} where a map is wanted", "write `key: value` lines"
    return fault["msg"][:1].lower() + fault["msg"][1:], _REMEDIES.get(kind, "correct it")


# what to do about the faults that our own types find, by their kind
_REMEDIES = {
    "bands": "list them from low to high",
    "day": "write the day as year-month-day",
    "goalposts": "move one of the two points",
    "likert": "turn them round",
    "min-max": "turn them round",
    "owa": "give at least one place a weight above zero",
    "pairs": "keep one of the two judgements",
    "piecewise": "list the points by rising x",
    "points": "give each point its own value",
    "ratio": "write 3, 0.5 or 1/3",
    "wave": "correct the dates",
}

_FORMS = {
    r"^[a-z][a-z0-9-]*$": "ids are small letters, digits and hyphens, a letter first",
    r"^[a-z][a-z0-9_]*$": "fact names are small letters, digits and underscores, a letter first",
    r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$": "languages are written like en or zh-Hans",
}


def _real_steps(data: Any, path: tuple[Any, ...]) -> tuple[Any, ...]:
    """The steps of a validator's path that exist in the data: union tags are left out."""
    steps: list[Any] = []
    for step in path:
        if isinstance(data, dict):
            if data.get("method") == step and not (steps and steps[-1] == step):
                tagged = step in data
                data = data if not tagged else {k: v for k, v in data.items() if k != "method"}
                continue
            if step in data:
                steps.append(step)
                data = data[step]
            elif step == path[-1]:
                steps.append(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            steps.append(step)
            data = data[step]
    return tuple(steps)


def _keys(model: type[BaseModel]) -> set[str]:
    """Every key that may stand somewhere in a definition of this kind."""
    found: set[str] = set()
    seen: set[type] = set()
    stack: list[type[BaseModel]] = [model]
    while stack:
        current = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        for name, field in current.model_fields.items():
            found.add(field.alias or name)
            stack.extend(_models(field.annotation))
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)

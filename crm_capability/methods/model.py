"""What all definitions share: strict frozen models, ids, texts in several languages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    Tag,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

ID_PATTERN = r"^[a-z][a-z0-9-]*$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"
VERSION_PATTERN = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"


class Model(BaseModel):
    """A definition: no key beyond the known ones, and nothing changes it afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
UnitId = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Version = Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]
Words = Annotated[str, StringConstraints(min_length=1)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Whole = Annotated[int, Field(strict=True)]


class Shorthand:
    """A shorter way of writing a value: read into the full one, and told in the JSON Schema."""

    def __init__(self, read: Callable[[Any], Any], schema: Callable[[JsonSchemaValue], JsonSchemaValue]):
        self._read, self._schema = read, schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        full = handler(core)
        return {"anyOf": [self._schema(full), full]}


def _methods(full: JsonSchemaValue) -> JsonSchemaValue:
    return {"type": "string", "enum": sorted(full["discriminator"]["mapping"])}


# `geometric` for `{method: geometric}`; `survey` for `[survey]`
BY_NAME = Shorthand(lambda value: {"method": value} if isinstance(value, str) else value, _methods)
ONE_OR_MANY = Shorthand(
    lambda value: [value] if isinstance(value, str) else value, lambda full: full["items"]
)


def _text_kind(value: Any) -> str:
    return "languages" if isinstance(value, dict) else "text"


Text: TypeAlias = Annotated[
    Annotated[Words, Tag("text")]
    | Annotated[Annotated[dict[Language, Words], Field(min_length=1)], Tag("languages")],
    Discriminator(_text_kind),
]


def _ratio(value: Any) -> Any:
    """A judgement: 3, 0.5 or 1/2."""
    if isinstance(value, str):
        try:
            above, stroke, below = value.partition("/")
            value = float(above) / (float(below) if stroke else 1.0)
        except (ValueError, ZeroDivisionError):
            raise PydanticCustomError("ratio", "not a number or a fraction such as 1/3") from None
    return value


def _positive(value: float) -> float:
    if not value > 0 or math.isinf(value):
        raise PydanticCustomError("ratio", "a judgement must be above zero")
    return value


Ratio = Annotated[
    Number,
    Shorthand(_ratio, lambda full: {"type": "string", "pattern": r"^[0-9./ ]+$"}),
    AfterValidator(_positive),
]


def in_language(text: str | dict[str, str] | None, language: str) -> str:
    """The text in a language, else in English, else in the first language it has.

    >>> in_language({"en": "Speed", "zh-Hans": "速度"}, "zh-Hans")
    '速度'
    >>> in_language({"en": "Speed"}, "zh-Hant")
    'Speed'
    """
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    base = language.split("-")[0]
    return text.get(language) or text.get(base) or text.get("en") or next(iter(text.values()))

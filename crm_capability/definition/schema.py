"""JSON Schemas of what analysts write: the same types that read the files."""

from __future__ import annotations

from typing import Any

from ..errors import DefinitionError, Place, Problem, near_miss
from .load import KINDS


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of definition. Raises DefinitionError."""
    if kind not in KINDS:
        raise DefinitionError(Problem(Place(), f'no kind "{kind}"', near_miss(kind, KINDS)))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **KINDS[kind].model_json_schema(by_alias=True),
    }

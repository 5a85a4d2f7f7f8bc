"""JSON Schemas of what analysts write: the same types that read the files."""

from __future__ import annotations

from typing import Any

from ..errors import DefinitionError, Place, Problem, near_miss
from .changes import Include
from .load import KINDS


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of definition. Raises DefinitionError."""
    if kind not in KINDS:
        raise DefinitionError(Problem(Place(), f'no kind "{kind}"', near_miss(kind, KINDS)))
    written = KINDS[kind].model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **(_as_written(written) if kind == "framework" else written),
    }


def _as_written(framework: dict[str, Any]) -> dict[str, Any]:
    """The schema of a framework file: it may extend another, and its children may be included ones."""
    parts = framework["$defs"]
    parts["Include"] = Include.model_json_schema(by_alias=True)
    parts["Group"]["properties"]["children"]["items"]["oneOf"].append({"$ref": "#/$defs/Include"})
    framework["required"].remove("tree")
    del framework["properties"]["left_out"]  # found out, never written
    return {**framework, "anyOf": [{"required": ["tree"]}, {"required": ["extends"]}]}

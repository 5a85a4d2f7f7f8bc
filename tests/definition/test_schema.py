"""The JSON Schemas accept what the loader accepts, and refuse what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crm_capability.cli import main
from crm_capability.definition.load import KINDS, kind_of
from crm_capability.definition.schema import schema
from crm_capability.errors import DefinitionError
from crm_capability.yaml_files import parse_yaml, read_yaml

ROOT = Path(__file__).parents[2]
FILES = [
    file
    for folder in ("indicators", "questionnaires", "examples")
    for file in (ROOT / folder).rglob("*.yaml")
]


@pytest.fixture(scope="module")
def validators() -> dict[str, Any]:
    return {kind: Draft202012Validator(schema(kind)) for kind in KINDS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_shipped_file_satisfies_its_schema(file: Path, validators: dict[str, Any]) -> None:
    document = read_yaml(file)
    assert [error.message for error in validators[kind_of(document)].iter_errors(document.data)] == []


@pytest.mark.parametrize(
    "change",
    [
        "titel: x",
        "version: 1.0",
        "levels: index",
        "defaults: {aggregate: geometrical}",
        "defaults: {normalise: {method: goalposts, worst: one, best: 2}}",
        "bands: [{id: Low, from: 0, title: Low}]",
    ],
)
def test_schema_and_loader_refuse_the_same(change: str, validators: dict[str, Any]) -> None:
    text = "framework: a\ntitle: A\nversion: 1.0.0\ntree: {id: a, title: A, children: [{id: b, title: B, unit: u, normalise: none}]}\n"
    good = parse_yaml(text, "a.yaml").data
    assert validators["framework"].is_valid(good)
    assert not validators["framework"].is_valid({**good, **parse_yaml(change, "a.yaml").data})


def test_schema_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "framework"]) == 0
    assert '"$schema"' in capsys.readouterr().out
    assert main(["schema", "framwork"]) == 1
    assert 'did you mean "framework"?' in capsys.readouterr().err
    with pytest.raises(DefinitionError):
        schema("nothing")

"""Checking definitions of any kind, for `validate`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import DefinitionError, Place, Problem
from ..yaml_files import read_yaml
from .action_file import load_actions
from .actions import Actions
from .advice import load_cases
from .cases import Cases
from .data_model import DataModel
from .findings import FindingRules
from .framework import Framework
from .glossary import Glossary
from .library import find
from .load import kind_of, read_definition
from .loaded import load_framework_definition, load_metrics, load_plan, load_questionnaire
from .pool_file import load_pool
from .scenario import Scenario
from .theme_file import load_theme


def problems_of(file: Path, allow: tuple[Path, ...] = ()) -> list[Problem]:
    """Every problem of a definition and of what it refers to. `file` may be a folder of
    definitions, or the id of a shipped one."""
    try:
        return [problem for path in definition_files(file) for problem in _problems(path, allow)]
    except DefinitionError as error:
        return list(error.problems)


def definition_files(file: Path) -> Iterator[Path]:
    """The files that a path, a folder or the id of a shipped definition stands for."""
    if file.is_dir():
        found = sorted(file.rglob("*.yaml"))
        if not found:
            raise DefinitionError(
                Problem(Place(str(file)), "no definition in this folder", "name a folder of .yaml files")
            )
        yield from found
    elif file.exists() or file.suffix or len(file.parts) > 1:
        yield file
    else:
        yield _shipped(file)


def _shipped(file: Path) -> Path:
    for folder in ("indicators", "questionnaires", "pools"):
        try:
            return find(str(file), folder, Path())
        except DefinitionError:
            continue
    return find(str(file), "indicators", Path())


def _problems(path: Path, allow: tuple[Path, ...]) -> list[Problem]:
    readers = {
        "framework": load_framework_definition,
        "questionnaire": load_questionnaire,
        "metrics": load_metrics,
        "pool": load_pool,
        "actions": _actions,
        "cases": _cases,
        "scenario": lambda scenario: read_definition(scenario, Scenario, str(scenario)),
        "theme": load_theme,
        "findings": lambda rules: read_definition(rules, FindingRules, str(rules)),
        "data-model": lambda model: read_definition(model, DataModel, str(model)),
        "glossary": lambda words: read_definition(words, Glossary, str(words)),
        "assessment": lambda plan: load_plan(plan, allow),
    }
    try:
        readers[kind_of(read_yaml(path))](path)
    except DefinitionError as error:
        return list(error.problems)
    return []


def _actions(path: Path) -> None:
    load_actions(path, _framework_of(path, read_definition(path, Actions, str(path)).value.framework))


def _cases(path: Path) -> None:
    load_cases(path, _framework_of(path, read_definition(path, Cases, str(path)).value.framework))


def _framework_of(path: Path, named: str) -> Framework:
    """The framework that a file names: a shipped one, or one beside the file."""
    beside = path.parent / f"{named}.yaml"
    is_framework = beside != path and beside.is_file()
    return load_framework_definition(beside if is_framework else named).value

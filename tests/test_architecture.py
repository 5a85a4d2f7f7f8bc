"""The shape of the package: imports go down only, files stay small, names say what they are."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import crm_capability

PACKAGE = Path(crm_capability.__file__).parent

# The tower, from the ground up. A room knows the floors under its own; rooms of one floor do not
# know each other. `__init__` is the door: the command line alone comes in by it.
TOWER = (
    {"cli_progress", "errors", "provenance", "methods"},
    {"archives", "tables", "yaml_files", "yaml_nodes", "data_files", "whole_files"},
    {"definition"},
    {"evidence", "scoring"},
    {"analysis", "forms"},
    {"assess", "report"},
    {"batch", "watch"},
    {
        "__init__",
        "cli_advice",
        "cli_definitions",
        "cli_peers",
        "cli_pools",
        "cli_questionnaire",
        "cli_report",
    },
    {"cli"},
    {"__main__"},
)
FLOOR = {room: floor for floor, rooms in enumerate(TOWER, 1) for room in rooms}

# Imports for types alone that close a circle inside a room, each with its reason.
CIRCLES = {
    # the parser of definitions knows all kinds; a kind's own checks are typed by what it parses to
    ("definition.marks", "definition.load"),
    ("definition.metrics", "definition.load"),
}

MOST_LINES = 320
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "process"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name, without the package's own."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
        if "shipped" not in path.relative_to(PACKAGE).parts
    }


@cache
def known() -> frozenset[str]:
    """The dotted names that an import may mean."""
    return frozenset(f"crm_capability.{module.removesuffix('.__init__')}" for module in modules())


def imports(name: str, path: Path) -> Iterator[tuple[str, int]]:
    """Modules of the package that a module imports anywhere in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names if alias.name.split(".")[0] == "crm_capability"]
        elif isinstance(node, ast.ImportFrom):
            targets = _sources(name, node)
        else:
            continue
        for target in targets:
            yield target.removeprefix("crm_capability").lstrip(".") or "__init__", node.lineno


def _sources(name: str, node: ast.ImportFrom) -> list[str]:
    if not node.level:
        base = node.module or ""
        if base.split(".")[0] != "crm_capability":
            return []
    else:
        here = ["crm_capability", *name.split(".")]
        base = ".".join([*here[: -node.level], *filter(None, [node.module])])
    # `from .rooms import module` names a module, `from .module import thing` a thing in it
    found = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in known() else base for alias in node.names]
    if base == "crm_capability":  # a public name comes through the door
        found = [target if (target != f"{base}.assess") else base for target in found]
    return list(dict.fromkeys(found))


def room(module: str) -> str:
    return module.split(".")[0]


def test_every_room_has_a_floor() -> None:
    rooms = {room(name) for name in modules()}
    assert rooms - set(FLOOR) == set(), "a new room needs a floor in TOWER"


def test_imports_go_down() -> None:
    wrong = [
        f"{name}.py:{line} (floor {FLOOR[room(name)]}) imports {target} (floor {FLOOR[room(target)]})"
        for name, path in modules().items()
        for target, line in imports(name, path)
        if room(target) != room(name) and FLOOR[room(target)] >= FLOOR[room(name)]
        # the door names what lies behind it; it is on its own floor
    ]
    assert wrong == []


def test_no_circles_inside_a_room() -> None:
    graph = {
        name: {target for target, _ in imports(name, path) if (name, target) not in CIRCLES}
        for name, path in modules().items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"modules that import each other: {' → '.join(reversed(error.args[1]))}")


def test_each_excused_circle_is_still_one() -> None:
    found = {(name, target) for name, path in modules().items() for target, _ in imports(name, path)}
    assert CIRCLES - found == set(), "take the excuse out of CIRCLES"


def test_files_are_one_idea_long() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_names_say_what_they_hold() -> None:
    parts = {part for name in modules() for part in name.split(".")}
    assert parts & EMPTY_NAMES == set()


def test_what_is_public_is_said_once() -> None:
    public = {
        name
        for name in vars(crm_capability)
        if name in crm_capability.__all__ or name in crm_capability._HOMES
    }
    assert public <= set(crm_capability.__all__)
    assert set(crm_capability._HOMES) == set(crm_capability.__all__)
    assert sorted(crm_capability.__all__) == crm_capability.__all__
    assert set(crm_capability.__all__) <= set(dir(crm_capability))


@pytest.mark.parametrize(
    "first",
    [
        "pass",
        "import crm_capability.assess",
        "from crm_capability.cli import main",
        "import crm_capability.report.folder",
    ],
)
def test_assess_is_a_function_whatever_was_imported_before(first: str) -> None:
    code = f"{first}\nfrom crm_capability import assess\nassert callable(assess), assess\nimport crm_capability\nassert callable(crm_capability.assess)"
    subprocess.run([sys.executable, "-c", code], check=True)

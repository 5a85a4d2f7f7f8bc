"""The line and column of a letter inside a text value of a YAML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from ..errors import Place

if TYPE_CHECKING:
    from .load import Definition

_SPACE = " \n\t\r"


def place_within(definition: Definition[Any], path: tuple[Any, ...], text: str, offset: int) -> Place:
    """Where the letter at `offset` of the text at `path` stands in the file.

    YAML folds lines, doubles quotes and escapes letters, but the letters that are no space keep
    their number and order: they are counted in the value and counted off in the file.
    """
    start = definition.document.place(path)
    node = _node(definition.document.root, path)
    try:
        lines = definition.path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    if not isinstance(node, yaml.ScalarNode) or node.value != text or not lines:
        return start
    wanted = sum(letter not in _SPACE for letter in text[:offset])
    line, column = start.line - 1, start.column - 1
    if node.style in ("|", ">"):
        line, column = line + 1, 0
    elif node.style in ("'", '"'):
        column += 1
    while line < len(lines):
        row = lines[line]
        while column < len(row):
            if row[column] not in _SPACE:
                if wanted == 0:
                    return Place(start.file, line + 1, column + 1)
                wanted -= 1
            column += _width(row, column, node.style)
        line, column = line + 1, 0
    return start


def _width(row: str, column: int, style: str | None) -> int:
    """How many letters of the file make one of the value."""
    if style == "'" and row.startswith("''", column):
        return 2
    if style == '"' and row[column] == "\\":
        return {"x": 4, "u": 6, "U": 10}.get(row[column + 1 : column + 2], 2)
    return 1


def _node(node: yaml.Node, path: tuple[Any, ...]) -> yaml.Node | None:
    for step in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        found = [value for key, value in node.value if key.value == step]
        if not found:
            return None
        node = found[0]
    return node

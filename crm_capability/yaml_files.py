"""Strict YAML with marks: what stands in a file, and where.

YAML 1.2 scalars (`no` is text, `2017-01-01` is text until a date is wanted); duplicate keys,
tabs, full-width colons, tags, several documents and aliases that explode are problems, all
of them reported together with line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import DefinitionError, Place, Problem

# The C parser composes recursively and dies, rather than fails, when nested without end.
DEEPEST = 100
# An expanded document larger than this can only come from aliases set to explode.
MOST_NODES = 1_000_000
# Far more than any definition, question or formula; what is longer came in by mistake, and no page holds it.
LONGEST = 20_000

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
# YAML 1.2.2, section 5.1: all else may stand in no file
_STRANGE = re.compile(r"[^\t\n\r\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_WIDE_COLON = re.compile(r"\s*(?:-\s+|[{,]\s*)*[A-Za-z_][\w-]*\s*：")


# BaseLoader gives every scalar as text: what it means is decided below, by YAML 1.2.
_TAGS = {None, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Document:
    """The content of one YAML file as plain Python values, and the place of each of them.

    `grafts` names the file of every node that was brought in from elsewhere, by the node's identity.
    """

    file: str
    data: Any
    root: yaml.Node
    grafts: Mapping[int, str] = field(default_factory=dict)

    def place(self, path: tuple[Any, ...] = (), key: bool = False) -> Place:
        """The place of the value at `path` (of its key where `key`), or of the nearest
        container that exists. Steps of the path that the file does not hold are skipped."""
        node, mark, file = self.root, self.root.start_mark, self.file
        for step in path:
            found = _step(node, step)
            if found is None:
                continue
            name, node = found
            mark = name.start_mark if key and name is not None else node.start_mark
            file = self.grafts.get(id(node), file)
        return Place(file, mark.line + 1, mark.column + 1)


def read_yaml(path: str | Path, name: str | None = None) -> Document:
    """Read one YAML file strictly.

    Raises DefinitionError with every problem of the file's form.
    """
    file = name or str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise DefinitionError(_unreadable(file, error)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        what = "not UTF-8 text" + (
            " but UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else f": byte 0x{raw[error.start]:02x}"
        )
        raise DefinitionError(Problem(Place(file, line, column), what, "save the file as UTF-8")) from None
    return parse_yaml(text, file)


def parse_yaml(text: str, file: str) -> Document:
    """Read YAML from a text; `file` is the name that problems carry."""
    lines = text.splitlines()
    tabs = [
        Problem(Place(file, number, line.index("\t") + 1), "a tab", "use spaces")
        for number, line in enumerate(lines, 1)
        if "\t" in line
    ]
    if tabs:
        raise DefinitionError(tabs)
    try:
        deep = _too_deep(text, lines)
        if deep:
            raise DefinitionError(_nested_too_deep(file, *deep))
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        if strange := _STRANGE.search(text):
            raise DefinitionError(_not_allowed(file, text, strange)) from None
        raise DefinitionError(_syntax(file, lines, error)) from None
    if root is None:
        raise DefinitionError(Problem(Place(file, 1, 1), "the file is empty", "write a definition in it"))
    problems = list(_wide_colons(root, lines, file))
    try:
        if _expanded(root, {}) > MOST_NODES:
            problems.append(Problem(Place(file, 1, 1), "aliases that explode", "write the parts out"))
    except (RecursionError, ValueError):
        problems.append(Problem(Place(file, 1, 1), "an alias that holds itself", "write the parts out"))
    if problems:
        raise DefinitionError(problems)
    try:
        data = _value(root, file, problems)
    except RecursionError:  # aliases nest deeper than the text does
        raise DefinitionError(_nested_too_deep(file, 1, 1)) from None
    if problems:
        raise DefinitionError(sorted(problems))
    return Document(file, data, root)


def document_of(root: yaml.Node, file: str, grafts: Mapping[int, str]) -> Document:
    """A document put together from the nodes of several files, each of which was read strictly."""
    problems: list[Problem] = []
    data = _value(root, file, problems)
    if problems:
        raise DefinitionError(sorted(problems))
    return Document(file, data, root, grafts)


def _nested_too_deep(file: str, line: int, column: int) -> Problem:
    return Problem(Place(file, line, column), f"nested more than {DEEPEST} deep", "flatten it")


def _too_deep(text: str, lines: list[str]) -> tuple[int, int] | None:
    """Where nesting goes too deep. A glance at the text settles it for any ordinary file."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    widest = max((len(line) - len(line.lstrip(" -?")) for line in lines), default=0)
    if deepest < DEEPEST and widest < 2 * DEEPEST:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                mark: Any = event.start_mark
                return mark.line + 1, mark.column + 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _value(node: yaml.Node, file: str, problems: list[Problem]) -> Any:
    if node.tag not in _TAGS:
        problems.append(Problem(_place(file, node), f"a tag: {node.tag}", "leave it out"))
        return None
    if isinstance(node, yaml.ScalarNode):
        if len(node.value) > LONGEST:
            problems.append(_too_long(file, node, "a text"))
            return None
        return _scalar(node.value) if node.style in (None, "") else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file, problems) for item in node.value]
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(_place(file, key_node), "a key that is not a word", "use a plain word"))
            continue
        key = key_node.value
        if len(key) > LONGEST:
            problems.append(_too_long(file, key_node, "a key"))
            continue
        if key in result:
            problems.append(
                Problem(_place(file, key_node), f'the key "{key}" stands twice', "keep one of them")
            )
        result[key] = _value(value_node, file, problems)
    return result


def _too_long(file: str, node: yaml.ScalarNode, what: str) -> Problem:
    return Problem(_place(file, node), f"{what} of {len(node.value):,} characters", f"{LONGEST:,} at most")


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first in "0123456789+-.":
        if _INTEGER.match(text):
            return int(text) if len(text) < 4000 else text
        if _NUMBER.match(text):
            return float(text)
        if text.startswith("0x") and re.fullmatch(r"0x[0-9a-fA-F]+", text):
            return int(text, 16)
        if text.startswith("0o") and re.fullmatch(r"0o[0-7]+", text):
            return int(text, 8)
    return text


def _expanded(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Number of nodes after every alias is written out. ValueError for one that holds itself."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    known = sizes.get(id(node))
    if known is not None:
        if known < 0:
            raise ValueError
        return known
    sizes[id(node)] = -1
    children = (
        (child for pair in node.value for child in pair)
        if isinstance(node, yaml.MappingNode)
        else iter(node.value)
    )
    sizes[id(node)] = 1 + sum(_expanded(child, sizes) for child in children)
    return sizes[id(node)]


def _wide_colons(node: yaml.Node, lines: list[str], file: str) -> Iterator[Problem]:
    """Full-width colons where a key was meant: in a plain key, or at the start of a line
    of plain text. Inside quoted and block text they are what they look like."""
    seen: set[int] = set()
    stack = [(node, False)]
    while stack:
        node, is_key = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            stack += [(child, n == 0) for pair in node.value for n, child in enumerate(pair)]
        elif isinstance(node, yaml.SequenceNode):
            stack += [(child, False) for child in node.value]
        elif isinstance(node, yaml.ScalarNode) and "：" in node.value and node.style in (None, ""):
            first, last = node.start_mark.line, node.end_mark.line
            for number in range(first, min(last + 1, len(lines))):
                line = lines[number]
                starts_line = number > first or not line[: node.start_mark.column].strip(" -")
                if (is_key and number == first) or (starts_line and _WIDE_COLON.match(line)):
                    column = line.index("：", node.start_mark.column if number == first else 0) + 1
                    yield _wide_colon(file, number + 1, column)


def _not_allowed(file: str, text: str, found: re.Match[str]) -> Problem:
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    return Problem(
        Place(file, line, column), f"a character that YAML does not allow: U+{ord(found[0]):04X}", "remove it"
    )


def _syntax(file: str, lines: list[str], error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Place(file, 1, 1), str(error), "check the YAML")
    for number in range(min(mark.line, len(lines) - 1), max(mark.line - 3, -1), -1):
        if _WIDE_COLON.match(lines[number]):
            return _wide_colon(file, number + 1, lines[number].index("：") + 1)
    what = " ".join(filter(None, (getattr(error, "context", None), getattr(error, "problem", None))))
    remedy = "check indentation, quotes and brackets here"
    if "mapping values are not allowed" in what:
        remedy = 'put text that holds ": " in quotes'
    elif "another document" in what or "single document" in what:
        remedy = "keep one document a file; take out the --- in the middle"
    return Problem(Place(file, mark.line + 1, mark.column + 1), what, remedy)


def _wide_colon(file: str, line: int, column: int) -> Problem:
    return Problem(Place(file, line, column), "a full-width colon ：", "use a colon and a space: “: ”")


def _step(node: yaml.Node, step: Any) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def _place(file: str, node: yaml.Node) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _unreadable(file: str, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(Place(file), "no such file", "check the path")
    if isinstance(error, IsADirectoryError):
        return Problem(Place(file), "a folder, not a file", "name the file inside it")
    return Problem(Place(file), f"cannot be read: {error.strerror}", "check the rights")

"""Trees of YAML nodes, for those who put one document together from the parts of several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml


def pairs(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    return [(key.value, value) for key, value in node.value] if isinstance(node, yaml.MappingNode) else []


def at_key(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return next((value for name, value in pairs(node) if name == key), None)


def id_of(node: yaml.Node | None) -> str:
    found = at_key(node, "id")
    return found.value if isinstance(found, yaml.ScalarNode) else ""


def children_of(node: yaml.Node) -> list[yaml.Node]:
    children = at_key(node, "children")
    return children.value if isinstance(children, yaml.SequenceNode) else []


def walk(node: yaml.Node | None) -> Iterator[yaml.Node]:
    stack = [] if node is None else [node]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(children_of(node))


def find_node(tree: yaml.Node, name: str) -> yaml.Node | None:
    return next((node for node in walk(tree) if id_of(node) == name), None)


def take_out(tree: yaml.Node, name: str) -> None:
    for node in walk(tree):
        siblings = children_of(node)
        for n, child in enumerate(siblings):
            if id_of(child) == name:
                del siblings[n]
                return


def down(node: yaml.Node | None, path: tuple[Any, ...]) -> yaml.Node | None:
    for step in path:
        if isinstance(step, int):
            node = node.value[step] if isinstance(node, yaml.SequenceNode) else None
        else:
            node = at_key(node, step)
    return node


def set_key(node: yaml.Node, key: str | yaml.Node, value: yaml.Node) -> None:
    """Give a key of a map a value, in the place of the old one; a key that is written somewhere
    comes as the node that it is there."""
    name = text_node(key, value) if isinstance(key, str) else key
    for n, (old, _) in enumerate(node.value):
        if old.value == name.value:
            node.value[n] = (name, value)
            return
    node.value.append((name, value))


def with_key(node: yaml.Node, key: str, value: yaml.Node) -> yaml.MappingNode:
    """A copy of a map with one key more, or another value of it."""
    copy = yaml.MappingNode(node.tag, list(node.value), node.start_mark, node.end_mark)
    set_key(copy, key, value)
    return copy


def text_node(value: str, like: yaml.Node) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, like.start_mark, like.end_mark)


def map_node(like: yaml.Node, **values: yaml.Node) -> yaml.MappingNode:
    value = [(text_node(key, node), node) for key, node in values.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", value, like.start_mark, like.end_mark)


def list_node(words: list[str], like: yaml.Node) -> yaml.SequenceNode:
    value = [text_node(word, like) for word in dict.fromkeys(words)]
    return yaml.SequenceNode("tag:yaml.org,2002:seq", value, like.start_mark, like.end_mark)

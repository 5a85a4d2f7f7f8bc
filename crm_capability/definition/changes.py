"""How a framework says that it is made from others: the listed changes of `extends`, and `include`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import yaml
from pydantic import Discriminator, Field, Tag

from ..errors import Problem, near_miss
from ..methods.model import Id, Model, Positive, Text, Words
from ..yaml_files import Document
from ..yaml_nodes import at_key, children_of, down, find_node, id_of, set_key, take_out, walk


class _Change(Model):
    """One change to the framework that is extended, with its reason for readers."""

    because: Text


class SetKeys(_Change):
    """New values for keys of a node; its other keys stay."""

    set: Id
    to: Annotated[dict[Words, Any], Field(min_length=1)]


class Remove(_Change):
    """A node leaves, with all below it."""

    remove: Id


class Add(_Change):
    """A node comes in under a parent: at the end, or after one of its children."""

    add: dict[Words, Any]
    under: Id
    after: Id | None = None


class Move(_Change):
    """A node goes to another parent, with all below it."""

    move: Id
    under: Id
    after: Id | None = None


_KINDS = {"set": SetKeys, "remove": Remove, "add": Add, "move": Move}


def _kind(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((f"<{kind}>" for kind in _KINDS if kind in keys), "<set>")


Change: TypeAlias = Annotated[
    Annotated[SetKeys, Tag("<set>")]
    | Annotated[Remove, Tag("<remove>")]
    | Annotated[Add, Tag("<add>")]
    | Annotated[Move, Tag("<move>")],
    Discriminator(_kind),
]


class Include(Model):
    """An entry among `children`: a node of another framework, with all below it."""

    include: Words  # the other framework: an id, an id@version or a path
    node: Id | None = None  # which node of it; the root unless said
    title: Text | None = None
    weight: Positive | None = None


@dataclass(frozen=True)
class Applying:
    """One change being made to a tree of nodes: `document` is the one that lists it, as `number`."""

    document: Document
    number: int
    tree: yaml.Node
    grafts: dict[int, str]

    def make(self, change: Change) -> Iterator[Problem]:
        """Change the tree, or say why not."""
        if isinstance(change, SetKeys):
            yield from self._set(change)
        elif isinstance(change, Remove):
            if found := self._below_the_root(change.remove, "remove"):
                yield found
            else:
                take_out(self.tree, change.remove)
        else:
            yield from self._put(change)

    def _say(self, path: tuple[Any, ...], what: str, remedy: str, key: bool = False) -> Problem:
        return Problem(self.document.place(("changes", self.number, *path), key), what, remedy)

    def _missing(self, name: str, key: str) -> Problem:
        return self._say((key,), f'no node "{name}" here', near_miss(name, map(id_of, walk(self.tree))))

    def _below_the_root(self, name: str, key: str) -> Problem | None:
        if find_node(self.tree, name) is None:
            return self._missing(name, key)
        if name == id_of(self.tree):
            return self._say((key,), "the root stays where it is", "name a node below it")
        return None

    def _set(self, change: SetKeys) -> Iterator[Problem]:
        node = find_node(self.tree, change.set)
        if node is None:
            yield self._missing(change.set, "set")
            return
        written = down(self.document.root, ("changes", self.number, "to"))
        assert written is not None
        for key, value in written.value:
            if key.value in ("id", "children"):
                what = f"`{key.value}` cannot be set"
                yield self._say(("to", key.value), what, "remove, add or move nodes", key=True)
                continue
            self.grafts[id(value)] = self.document.file
            set_key(node, key, value)

    def _put(self, change: Add | Move) -> Iterator[Problem]:
        """Bring a node in under its parent: a new one, or one that leaves its place."""
        parent = find_node(self.tree, change.under)
        if isinstance(change, Move) and (wrong := self._below_the_root(change.move, "move")):
            yield wrong
            return
        if parent is None:
            yield self._missing(change.under, "under")
            return
        if at_key(parent, "children") is None:
            yield self._say(("under",), f"{change.under} is a measure", "name a node with children")
            return
        if isinstance(change, Move):
            node = find_node(self.tree, change.move)
            if find_node(node, change.under) is not None:  # type: ignore[arg-type]
                yield self._say(("under",), f"{change.under} lies under {change.move}", "move it elsewhere")
                return
        else:
            node = down(self.document.root, ("changes", self.number, "add"))
            twins = sorted({id_of(new) for new in walk(node)} & {id_of(old) for old in walk(self.tree)})
            if twins:
                what = f"{', '.join(twins[:5])}: already in the framework"
                yield self._say(("add",), what, "use `set`, or give it another id")
                return
            self.grafts.setdefault(id(node), self.document.file)
        siblings = [id_of(child) for child in children_of(parent)]
        if change.after is not None and change.after not in siblings:
            what = f'"{change.after}" is no child of {change.under}'
            yield self._say(("after",), what, near_miss(change.after, siblings))
            return
        if isinstance(change, Move):
            take_out(self.tree, change.move)
        beside = [id_of(child) for child in children_of(parent)]
        place = len(beside) if change.after is None else beside.index(change.after) + 1
        children_of(parent).insert(place, node)  # type: ignore[arg-type]

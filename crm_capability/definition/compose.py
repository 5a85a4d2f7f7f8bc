"""One framework out of several files: `extends` with its listed changes, and `include`.

What comes out is a framework like any other, every node of it with its place in the file it was
written in. Files are read strictly one by one; a chain that leads back to itself, a file outside
the folder of the first one, and an id that stands twice are problems.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ..errors import DefinitionError, Place, Problem, near_miss
from ..methods.model import Model
from ..yaml_files import Document, document_of, read_yaml
from ..yaml_nodes import (
    at_key,
    children_of,
    down,
    find_node,
    id_of,
    list_node,
    map_node,
    pairs,
    set_key,
    text_node,
    walk,
    with_key,
)
from .changes import Add, Applying, Change, Include
from .framework import Defaults, Framework
from .library import find, version_problem
from .load import Definition, fault_problems, formed

_OF_GROUPS = ("aggregate", "weights", "min_share")
_OF_MEASURES = ("normalise", "transform", "outliers", "impute")
# what a node does where nobody says: an included one must not take it from its new framework
_PLAIN = {"aggregate": "arithmetic", "weights": "equal", "min_share": "0.5", "impute": "none"}
_WHOLE = {"en": "Overall index", "zh-Hans": "总分", "zh-Hant": "總分"}  # what several make together  # fmt: skip
_OWN = ("framework", "version", "extends", "changes")
_LEFT_OUT = "left_out"


def read_framework(path: Path) -> Definition[Framework]:
    """Read a framework with all that it extends and includes. Raises DefinitionError."""
    loom = _Loom(Path(os.path.realpath(path)).parent)
    document = loom.read(path, ())
    return Definition(formed(document, Framework), document, path, tuple(loom.parts))


def read_chapters(plan: Document, references: tuple[str, ...], beside: Path) -> Definition[Framework]:
    """Several frameworks as one: each is a chapter under the overall index, which the plan weighs.

    `plan` is the document that lists them under `framework`. Raises DefinitionError.
    """
    loom = _Loom(Path(os.path.realpath(beside)))
    wholes = [
        loom.named(reference, plan, ("framework", n), beside, (), anywhere=True)
        for n, reference in enumerate(references)
    ]
    places = [plan.place(("framework", n)) for n in range(len(references))]
    chapters = [
        loom.branch(whole, at_key(whole.root, "tree"), Defaults(), place)
        for whole, place in zip(wholes, places, strict=True)
    ]
    _refuse_twins({plan.data["assessment"]}, list(zip(places, chapters, strict=True)))
    name = at_key(plan.root, "assessment")
    assert name is not None
    title = map_node(plan.root, **{code: text_node(text, plan.root) for code, text in _WHOLE.items()})
    children = yaml.SequenceNode("tag:yaml.org,2002:seq", chapters, plan.root.start_mark)
    root = map_node(
        plan.root,
        framework=name,
        version=text_node("1.0.0", plan.root),
        title=title,
        tree=map_node(plan.root, id=name, title=title, children=children),
    )
    bands = at_key(wholes[0].root, "bands")
    root = root if bands is None else with_key(root, "bands", bands)
    document = document_of(loom.noted(root), plan.file, loom.grafts)
    return Definition(formed(document, Framework), document, Path(plan.file), tuple(loom.parts))


class _Entry(Model):
    """The keys of a framework that speak of others, read before the tree is whole."""

    changes: tuple[Change, ...] = ()


class _Inclusion(Model):
    entry: Include


@dataclass
class _Loom:
    """What is known while several files become one."""

    folder: Path  # of the first file; paths lead nowhere else
    grafts: dict[int, str] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # measures that the new framework does without

    def read(self, path: Path, chain: tuple[Path, ...]) -> Document:
        """A file as a document without `include` and with its base's tree."""
        document = read_yaml(path, str(path))
        if not isinstance(document.data, dict) or not _speaks_of_others(document.data):
            return document
        changes = _changes(document)
        chain = (*chain, Path(os.path.realpath(path)))
        fields = [("changes", n, "add") for n, change in enumerate(changes) if isinstance(change, Add)]
        for at in (("tree",), *fields):
            self._open(document, at, path.parent, chain)
        if "extends" in document.data:
            root = self._extended(document, changes, path.parent, chain)
        elif changes:
            where = document.place(("changes",), key=True)
            raise DefinitionError(Problem(where, "changes to nothing", "name the framework with `extends`"))
        else:
            root = document.root
        return document_of(self.noted(root), document.file, self.grafts)

    def noted(self, root: yaml.Node) -> yaml.Node:
        """The root with the measures that were left out, so that their questions are known."""
        tree = at_key(root, "tree")
        kept = set(_measures(tree)) if tree is not None else set()
        gone = [name for name in self.left_out if name not in kept]
        return with_key(root, _LEFT_OUT, list_node(gone, root)) if gone else root

    def named(
        self,
        reference: Any,
        document: Document,
        at: tuple[Any, ...],
        beside: Path,
        chain: tuple[Path, ...],
        anywhere: bool = False,
    ) -> Document:
        """The framework that a reference means, whole. Problems point at the reference."""
        where = document.place(at)
        if not isinstance(reference, str):
            raise DefinitionError(Problem(where, "no name of a framework", "write an id, or a path"))
        path = find(reference, "indicators", beside, where)
        real = Path(os.path.realpath(path))
        is_path = "/" in reference or reference.endswith((".yaml", ".yml"))
        if is_path and not anywhere and not real.is_relative_to(self.folder):
            what = f"{reference} lies outside the folder of the framework that names it"
            raise DefinitionError(Problem(where, what, "bring the file there; links out are not followed"))
        if real in chain:
            circle = " → ".join(step.stem for step in (*chain[chain.index(real) :], real))
            raise DefinitionError(Problem(where, f"a circle: {circle}", "take one of the references out"))
        other = self.read(path, chain)
        whole = formed(other, Framework)  # sound as it stands, before any part of it is taken
        wrong = version_problem(reference, whole.version, where)
        if wrong:
            raise DefinitionError(wrong)
        self.parts += [real] if real not in self.parts else []
        return other

    def branch(self, other: Document, node: yaml.Node | None, defaults: Defaults, where: Place) -> yaml.Node:
        """A node of another framework, with that one's defaults written out where they differ."""
        assert node is not None
        theirs = at_key(other.root, "defaults")
        for below in walk(node):
            self.grafts.setdefault(id(below), other.file)
            for key in _OF_MEASURES if at_key(below, "children") is None else _OF_GROUPS:
                inherited = at_key(theirs, key)
                if at_key(below, key) is not None:
                    continue
                if inherited is not None:
                    self.grafts[id(inherited)] = other.file
                    set_key(below, key, inherited)
                elif getattr(defaults, key) is not None:
                    if key not in _PLAIN:
                        what = f"the default `{key}` would reach what is included, which has none"
                        raise DefinitionError(Problem(where, what, f"write `{key}` at the measures instead"))
                    set_key(below, key, text_node(_PLAIN[key], below))
        return node

    def _open(self, document: Document, at: tuple[Any, ...], beside: Path, chain: tuple[Path, ...]) -> None:
        """Put what `include` names in the place of every such entry below a path."""
        own: set[str] = set()
        brought: list[tuple[Place, yaml.Node]] = []
        problems: list[Problem] = []
        stack = [(at, down(document.root, at))]
        while stack:
            path, node = stack.pop()
            if node is None:
                continue
            own.add(id_of(node))
            siblings = children_of(node)
            for n, child in reversed(list(enumerate(siblings))):
                below = (*path, "children", n)
                if at_key(child, "include") is None:
                    stack.append((below, child))
                    continue
                where = document.place((*below, "include"))
                try:
                    siblings[n] = self._included(document, below, child, beside, chain)
                    brought.append((where, siblings[n]))
                except DefinitionError as error:
                    problems += error.problems
        if problems:
            raise DefinitionError(sorted(set(problems)))
        _refuse_twins(own, sorted(brought, key=lambda entry: entry[0]))

    def _included(
        self,
        document: Document,
        at: tuple[Any, ...],
        written: yaml.Node,
        beside: Path,
        chain: tuple[Path, ...],
    ) -> yaml.Node:
        data = document.data
        for step in at:
            data = data[step]
        try:
            entry = _Inclusion.model_validate({"entry": data}).entry
        except ValidationError as error:
            raise DefinitionError(fault_problems(document, error, at, Include)) from None
        other = self.named(entry.include, document, (*at, "include"), beside, chain)
        tree = at_key(other.root, "tree")
        assert tree is not None
        node = tree if entry.node is None else find_node(tree, entry.node)
        if node is None:
            where = document.place((*at, "node"))
            what = f'{entry.include} has no node "{entry.node}"'
            raise DefinitionError(Problem(where, what, near_miss(entry.node or "", map(id_of, walk(tree)))))
        kept = {id_of(below) for below in walk(node)}
        self.left_out += [name for name in _measures(tree) if name not in kept]
        branch = self.branch(other, node, _defaults(document), document.place((*at, "include")))
        for key in ("title", "weight"):
            value = at_key(written, key)
            if value is not None:
                self.grafts[id(value)] = document.file
                set_key(branch, key, value)
        return branch

    def _extended(
        self, document: Document, changes: tuple[Change, ...], beside: Path, chain: tuple[Path, ...]
    ) -> yaml.Node:
        if "tree" in document.data:
            where = document.place(("tree",), key=True)
            remedy = "list what differs under `changes`"
            raise DefinitionError(Problem(where, "a tree of its own beside `extends`", remedy))
        base = self.named(document.data["extends"], document, ("extends",), beside, chain)
        tree = at_key(base.root, "tree")
        assert tree is not None
        before = _measures(tree)
        problems: list[Problem] = []
        for n, change in enumerate(changes):
            problems += Applying(document, n, tree, self.grafts).make(change)
        if problems:
            raise DefinitionError(problems)
        after = set(_measures(tree))
        self.left_out += [name for name in before if name not in after]
        root: yaml.Node = document.root
        for key, value in pairs(base.root):
            if key not in _OWN and at_key(root, key) is None:
                self.grafts.setdefault(id(value), base.file)
                root = with_key(root, key, value)
        return root


def _refuse_twins(own: set[str], brought: list[tuple[Place, yaml.Node]]) -> None:
    """Ids that come in from another framework and stand here already."""
    problems = []
    for where, node in brought:
        ids = {id_of(below) for below in walk(node)}
        twins = sorted(ids & own)
        if twins:
            what = f"{', '.join(twins[:5])}: already in this framework"
            problems.append(Problem(where, what, "bring in another node, or take that one out"))
        own |= ids
    if problems:
        raise DefinitionError(problems)


def _speaks_of_others(data: dict[str, Any]) -> bool:
    """Whether a framework is made from others; most are not, and are left as they are."""
    if "extends" in data or "changes" in data:
        return True
    stack = [data.get("tree")]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if "include" in node:
                return True
            children = node.get("children")
            stack += children if isinstance(children, list) else []
    return False


def _changes(document: Document) -> tuple[Change, ...]:
    if "changes" not in document.data:
        return ()
    try:
        return _Entry.model_validate({"changes": document.data["changes"]}).changes
    except ValidationError as error:
        raise DefinitionError(fault_problems(document, error, model=_Entry)) from None


def _defaults(document: Document) -> Defaults:
    """The defaults of the framework that includes; faults in them are told with the whole."""
    try:
        return Defaults.model_validate(document.data.get("defaults", {}))
    except ValidationError:
        return Defaults()


def _measures(tree: yaml.Node) -> list[str]:
    return [id_of(node) for node in walk(tree) if at_key(node, "children") is None]

"""What changed between two versions of a definition: in meaning, not in text.

Comments, order of keys, quotes and defaults written out are no change. Nodes and questions are
known by their ids; a weight is compared by its share among its siblings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..errors import DefinitionError, Place, Problem
from ..yaml_files import read_yaml
from .compose import read_framework
from .framework import Framework, Group, Measure
from .load import KINDS, kind_of, read_definition
from .questionnaire import Questionnaire

ADDED, REMOVED, MOVED, CHANGED = "added", "removed", "moved", "changed"
_APART = {"framework", "tree", "extends", "changes", "left_out", "sections"}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was. `before` and `after` are plain values; None is nothing."""

    kind: str
    where: str  # the id of a node or question, else a path of keys; "" is the file itself
    key: str = ""
    before: Any = None
    after: Any = None
    language: str = ""

    def __str__(self) -> str:
        name = self.where or "file"
        if self.kind == ADDED:
            return f"+ {name}" + (f" under {self.after}" if self.after else "")
        if self.kind == REMOVED:
            return f"- {name}" + (f" (was under {self.before})" if self.before else "")
        if self.kind == MOVED:
            return f"> {name}: from {self.before} to {self.after}"
        key = f"{self.key} [{self.language}]" if self.language else self.key
        return f"~ {name}: {key}: {_shown(self.before)} → {_shown(self.after)}"


def differences(old: Path, new: Path) -> list[Difference]:
    """What changed from one file to another of the same kind. Raises DefinitionError."""
    kinds = [kind_of(read_yaml(path)) for path in (old, new)]
    if kinds[0] != kinds[1]:
        what = f"{old.name} is of kind {kinds[0]}, {new.name} of kind {kinds[1]}"
        raise DefinitionError(Problem(Place(str(new)), what, "compare two of one kind"))
    before, after = (_read(path, kind) for path, kind in zip((old, new), kinds, strict=True))
    return list(between(before, after))


def between(before: BaseModel, after: BaseModel) -> Iterator[Difference]:
    """The same of two definitions that are read already."""
    yield from _values("", _plain(before), _plain(after))
    if isinstance(before, Framework) and isinstance(after, Framework):
        yield from _parts(_nodes(before), _nodes(after))
    elif isinstance(before, Questionnaire) and isinstance(after, Questionnaire):
        yield from _parts(_questions(before), _questions(after))


def _read(path: Path, kind: str) -> BaseModel:
    if kind == "framework":
        return read_framework(path).value
    return read_definition(path, KINDS[kind], str(path)).value


def _plain(model: BaseModel) -> dict[str, Any]:
    """Everything but what is compared part by part."""
    apart = _APART if isinstance(model, Framework | Questionnaire) else set()
    data = model.model_dump(mode="json", by_alias=True)
    return {key: value for key, value in data.items() if key not in apart}


# ---------------------------------------------------------------------- parts known by an id

Part = tuple[str, dict[str, Any]]  # the parent's id, and what is said of the part


def _nodes(framework: Framework) -> dict[str, Part]:
    """Every node with its parent and its settings, inherited ones included."""
    found: dict[str, Part] = {}
    for _, node, parent in framework.walk():
        said = node.model_dump(mode="json", by_alias=True, exclude={"id", "children", "weight"})
        if isinstance(node, Measure):
            for key in ("normalise", "transform", "outliers", "impute"):
                rule = getattr(node, key) or getattr(framework.defaults, key)
                said[key] = None if rule is None else rule.model_dump(mode="json", by_alias=True)
        else:
            said["aggregate"] = framework.aggregation(node).model_dump(mode="json", by_alias=True)
            said["min_share"] = _first(node.min_share, framework.defaults.min_share, 0.5)
            weights = _first(node.weights, framework.defaults.weights)
            said["weights"] = weights.model_dump(mode="json") if isinstance(weights, BaseModel) else weights
        if parent is not None:
            said["share among siblings"] = node.weight / sum(child.weight for child in parent.children)
        found[node.id] = (parent.id if isinstance(parent, Group) else "", said)
    return found


def _questions(sheet: Questionnaire) -> dict[str, Part]:
    """Every question with its section, its place and its answers."""
    found: dict[str, Part] = {}
    for section in sheet.sections:
        heading = section.model_dump(mode="json", exclude={"id", "questions"})
        found[f"section {section.id}"] = ("", heading)
        for question in section.questions:
            found[question.id] = (section.id, question.model_dump(mode="json", exclude={"id"}))
    return found


def _parts(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Difference]:
    for name, (parent, _) in before.items():
        if name not in after:
            yield Difference(REMOVED, name, before=parent)
    for name, (parent, said) in after.items():
        if name not in before:
            yield Difference(ADDED, name, after=parent)
            continue
        old_parent, old_said = before[name]
        if old_parent != parent:
            yield Difference(MOVED, name, before=old_parent, after=parent)
        yield from _values(name, old_said, said)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


# ---------------------------------------------------------------------- plain values


def _values(where: str, before: Any, after: Any, key: str = "") -> Iterator[Difference]:
    """Differences of two plain values, as deep as both are maps."""
    before, after = _unified(before, after)
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        if _is_text(before) and _is_text(after):
            for language in dict.fromkeys((*before, *after)):
                old, new = before.get(language), after.get(language)
                if old != new:
                    yield Difference(CHANGED, where, key, old, new, language)
            return
        for name in dict.fromkeys((*before, *after)):
            yield from _values(
                where, before.get(name), after.get(name), f"{key}.{_shown(name)}" if key else name
            )
        return
    yield Difference(CHANGED, where, key, before, after)


def _unified(before: Any, after: Any) -> tuple[Any, Any]:
    """Two values in forms that can be compared: lists of things with ids as maps; a method that
    is another one as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        if before.get("method") != after.get("method"):
            return _bare(before), _bare(after)
        return before, after
    if isinstance(before, list) and isinstance(after, list):
        for name in ("id", "kind", "value"):
            if all(isinstance(one, dict) and name in one for one in (*before, *after)):
                return {one[name]: one for one in before}, {one[name]: one for one in after}
    return before, after


def _bare(rule: dict[str, Any]) -> str:
    return _shown({key: value for key, value in rule.items() if value is not None})


def _is_text(value: dict[str, Any]) -> bool:
    return ("en" in value or any(str(key).startswith("zh-") for key in value)) and all(
        isinstance(words, str) for words in value.values()
    )


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "nothing"
    return str(value)

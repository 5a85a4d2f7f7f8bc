"""Reading actions, and whether they fit a framework."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from ..errors import DefinitionError, Problem, near_miss
from .actions import Actions
from .framework import Framework
from .library import find, shipped
from .load import Definition, read_definition


def load_actions(file: Path, framework: Framework) -> Actions:
    """Read actions that suit a framework. Raises DefinitionError with every problem."""
    return actions_of(file, framework).value


def actions_of(file: Path, framework: Framework | None) -> Definition[Actions]:
    """The same, with the places of everything in it; without a framework its form alone."""
    definition = read_definition(file, Actions, str(file))
    problems = [] if framework is None else list(_problems(definition, framework))
    if problems:
        raise DefinitionError(problems)
    if framework is None or not framework.left_out:
        return definition
    return replace(definition, value=_without(definition.value, set(framework.left_out)))


def family(framework: Framework) -> tuple[str, ...]:
    """The frameworks whose actions suit this one: itself, and the one that it extends."""
    return (framework.framework, *([framework.extends.split("@")[0]] if framework.extends else []))


def shipped_actions(framework: Framework) -> Path:
    """The actions that ship for a framework, or for the one it extends. Raises DefinitionError."""
    files = (shipped("actions") / f"{name}.yaml" for name in family(framework))
    return next((file for file in files if file.is_file()), None) or find(
        framework.framework, "actions", Path()
    )


def _without(actions: Actions, gone: set[str]) -> Actions:
    """Actions that move nothing that a variant has left out."""
    entries = tuple(
        action.model_copy(
            update={"moves": {name: share for name, share in action.moves.items() if name not in gone}}
        )
        for action in actions.entries
    )
    return actions.model_copy(update={"entries": entries})


def _problems(definition: Definition[Actions], framework: Framework) -> Iterator[Problem]:
    actions, say = definition.value, definition.problem
    if actions.framework not in family(framework):
        what = f"actions for {actions.framework}, and the result is of {framework.framework}"
        yield say(("framework",), what, "name actions of the same framework with --actions")
        return
    known = [action.id for action in actions.entries]
    for n, action in enumerate(actions.entries):
        if action.id in known[:n]:
            yield say(("list", n, "id"), f'the action "{action.id}" stands twice', "keep one of them")
        for m, need in enumerate(action.needs):
            if need not in known:
                yield say(("list", n, "needs", m), f'no action "{need}"', near_miss(need, known))
        for measure in action.moves:
            if measure not in framework.measures and measure not in framework.left_out:
                what = f'"{measure}" is no measure of the framework'
                near = near_miss(measure, framework.measures)
                yield say(("list", n, "moves", measure), what, near, key=True)
    try:
        TopologicalSorter({action.id: action.needs for action in actions.entries}).prepare()
    except CycleError as error:
        yield say(
            ("list",),
            f"actions that wait for each other: {' → '.join(error.args[1])}",
            "take one of the needs out",
        )

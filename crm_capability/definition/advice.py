"""What a plan refers to for advice: case benchmarks and actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import DefinitionError, Problem, near_miss
from .action_file import actions_of
from .actions import Actions
from .cases import Cases
from .framework import Framework
from .library import find, version_problem
from .load import Definition, read_definition
from .plan import Plan


@dataclass(frozen=True)
class Advice:
    """Published figures to set beside a plan's own, and actions that it may take."""

    cases: Definition[Cases] | None = None
    actions: Definition[Actions] | None = None

    @property
    def paths(self) -> list[Path]:
        """The files that were read."""
        return [one.path for one in (self.cases, self.actions) if one is not None]


NO_ADVICE = Advice()


def plan_advice(definition: Definition[Plan], beside: Path, framework: Framework | None) -> Advice:
    """Case benchmarks and actions that a plan names. Raises DefinitionError with every problem."""
    plan, place = definition.value, definition.document.place
    problems: list[Problem] = []
    cases, actions = None, None
    if plan.benchmark is not None and plan.benchmark.cases is not None:
        where, reference = place(("benchmark", "cases")), plan.benchmark.cases
        try:
            cases = load_cases(find(reference, "pools", beside, where), framework)
            problems += filter(None, [version_problem(reference, cases.value.version, where)])
        except DefinitionError as error:
            problems += error.problems
    if plan.roadmap is not None:
        where, reference = place(("roadmap", "actions")), plan.roadmap.actions
        try:
            actions = actions_of(find(reference, "actions", beside, where), framework)
            problems += filter(None, [version_problem(reference, actions.value.version, where)])
        except DefinitionError as error:
            problems += error.problems
    if problems:
        raise DefinitionError(problems)
    return Advice(cases, actions)


def load_cases(file: Path, framework: Framework | None) -> Definition[Cases]:
    """Read case benchmarks that suit a framework. Raises DefinitionError with every problem."""
    definition = read_definition(file, Cases, str(file))
    problems = list(_problems(definition, framework))
    if problems:
        raise DefinitionError(problems)
    return definition


def _problems(definition: Definition[Cases], framework: Framework | None) -> Iterator[Problem]:
    cases, say = definition.value, definition.problem
    known = [case.id for case in cases.entries]
    for n, case in enumerate(cases.entries):
        if case.id in known[:n]:
            yield say(("list", n, "id"), f'the case "{case.id}" stands twice', "keep one of them")
    if framework is None:
        return
    if cases.framework != framework.framework:
        what = f"cases for {cases.framework}, and the plan is of {framework.framework}"
        yield say(("framework",), what, "name cases of the same framework")
        return
    for n, case in enumerate(cases.entries):
        if case.measure not in framework.measures:
            what = f'"{case.measure}" is no measure of the framework'
            yield say(("list", n, "measure"), what, near_miss(case.measure, framework.measures))

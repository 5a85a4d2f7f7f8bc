"""What a plan's form cannot say: waves, units and nodes that must exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Problem, near_miss
from .advice_checks import advice_problems
from .checks import weights_problems
from .comparing import comparing_problems
from .framework import Framework, Group
from .load import Definition
from .plan import MetricsEvidence, Plan
from .preparation_checks import plan_preparation_problems
from .sensitivity_checks import sensitivity_problems


def plan_problems(definition: Definition[Plan], framework: Framework | None) -> list[Problem]:
    """Everything in a plan that does not fit together, or does not fit its framework."""
    plan, say = definition.value, definition.problem
    found = list(_wave_problems(plan, say))
    if isinstance(plan.units, dict) and plan.unit not in plan.units:
        found.append(
            say(("unit",), f'the unit "{plan.unit}" is not among the units', near_miss(plan.unit, plan.units))
        )
    nodes = {node.id for _, node, _ in framework.walk()} if framework is not None else None
    found += comparing_problems(plan, nodes, say)
    if framework is not None:
        found += _node_problems(plan, framework, say)
        found += plan_preparation_problems(plan, framework, say)
        found += advice_problems(plan, framework, say)
        if plan.sensitivity is not None:
            found += sensitivity_problems(definition, plan.sensitivity, framework)
    return found


def _wave_problems(plan: Plan, say: Any) -> Iterator[Problem]:
    ids = [wave.id for wave in plan.waves]
    for n, wave in enumerate(plan.waves):
        if wave.id in ids[:n]:
            yield say(("waves", n, "id"), f'the wave "{wave.id}" stands twice', "give each wave its own id")
    for n, pair in enumerate(plan.compare or ()):
        for side in ("before", "after"):
            name = getattr(pair, side)
            if name not in ids:
                yield say(("compare", n, side), f'no wave "{name}"', near_miss(name, ids))
        if pair.before == pair.after:
            yield say(("compare", n), "a wave compared with itself", "name two waves")
    for n, entry in enumerate(plan.evidence):
        given = getattr(entry, "wave", None)
        if given is not None and given not in ids:
            yield say(("evidence", n, "wave"), f'no wave "{given}"', near_miss(given, ids))
        invited = getattr(entry, "invited", None)
        for name in invited if isinstance(invited, dict) else ():
            if name not in ids:
                at = ("evidence", n, "invited", name)
                yield say(at, f'no wave "{name}"', near_miss(name, ids), key=True)
        if isinstance(entry, MetricsEvidence):
            for w, undated in enumerate(plan.waves):
                if undated.start is None:
                    yield say(
                        ("waves", w),
                        f'the wave "{undated.id}" has no period, and {entry.metrics} needs one',
                        "add `from` and `to`",
                    )


def _node_problems(plan: Plan, framework: Framework, say: Any) -> Iterator[Problem]:
    nodes = {node.id: node for _, node, _ in framework.walk()}
    measures = framework.measures

    def unknown(
        names: Any, path: tuple[Any, ...], known: Any, what: str, key: bool = True
    ) -> Iterator[Problem]:
        for n, name in enumerate(names):
            if name not in known:
                yield say(
                    (*path, name if key else n), f'"{name}" is no {what}', near_miss(name, known), key=key
                )

    yield from unknown(plan.scope.exclude, ("scope", "exclude"), nodes, "node of the framework", key=False)
    yield from unknown(plan.scope.because, ("scope", "because"), plan.scope.exclude, "excluded node")
    yield from unknown(plan.roles, ("roles",), measures, "measure of the framework")
    yield from unknown(plan.targets, ("targets",), nodes, "node of the framework")
    overrides: list[tuple[tuple[Any, ...], Any]] = [(("weights",), plan.weights)]
    overrides += [(("waves", n, "weights"), wave.weights) for n, wave in enumerate(plan.waves)]
    for path, weights in overrides:
        yield from unknown(weights, path, nodes, "node of the framework")
        for name, rule in weights.items():
            node = nodes.get(name)
            if isinstance(node, Group):
                yield from weights_problems(
                    rule, tuple(child.id for child in node.children), (*path, name), say
                )
            elif node is not None:
                yield say(
                    (*path, name),
                    f'"{name}" is a measure and has no children to weigh',
                    "name its parent",
                    key=True,
                )
    if plan.scope.exclude and framework.tree.id in plan.scope.exclude:
        yield say(("scope", "exclude"), "the whole framework is excluded", "leave something in")

"""What the form of a sensitivity analysis cannot say: nodes, keys and choices that must exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ..errors import Problem, near_miss
from ..methods.normalisation import Goalposts
from ..methods.transformation import BoxCox, Log
from .checks import framework_problems, weights_problems
from .framework import Defaults, Framework, Group, Measure
from .load import Definition, fault_problems
from .sensitivity import EXCLUDE, PATHS, WEIGHTS, Choose, Sensitivity, Vary, choice

At = tuple[Any, ...]
NORMALISE, TRANSFORM = "defaults.normalise", "defaults.transform"


def sensitivity_problems(
    definition: Definition[Any], spec: Sensitivity, framework: Framework, at: At = ("sensitivity",)
) -> Iterator[Problem]:
    """Everything in a sensitivity analysis that does not fit its framework; `at` is its place in
    the definition."""
    nodes = {node.id: node for _, node, _ in framework.walk()}
    say = definition.problem
    if spec.node is not None and spec.node not in nodes:
        yield say((*at, "node"), f'"{spec.node}" is no node of the framework', near_miss(spec.node, nodes))
    seen: set[str] = set()
    for n, factor in enumerate(spec.factors):
        place = (*at, "factors", n)
        if factor.path in seen:
            yield say(place, f'the factor "{factor.path}" stands twice', "make one of them")
        seen.add(factor.path)
        if isinstance(factor, Vary):
            yield from _range_problems(definition, factor, nodes, place)
        elif factor.choose not in PATHS:
            what = f'"{factor.choose}" is nothing to choose'
            yield say((*place, "choose"), what, near_miss(factor.choose, PATHS))
        else:
            for m, value in enumerate(factor.among or ()):
                yield from _choice_problems(definition, framework, factor, value, (*place, "among", m))
    yield from _ends_problems(definition, spec, framework, at)


def _ends_problems(
    definition: Definition[Any], spec: Sensitivity, framework: Framework, at: At
) -> Iterator[Problem]:
    """Goalposts that could leave what their measure's transform can take."""
    moving = [
        (n, one) for n, one in enumerate(spec.factors) if isinstance(one, Vary) and one.vary == "goalposts"
    ]
    if not moving:
        return
    rules, transforms = [framework.defaults.normalise], [framework.defaults.transform]
    for factor in spec.factors:
        if isinstance(factor, Choose) and factor.choose in (NORMALISE, TRANSFORM):
            chosen = rules if factor.choose == NORMALISE else transforms
            try:
                chosen += [choice(factor.choose, one) for one in factor.among or ()]
            except ValidationError:
                return  # told elsewhere
    above = {node.id: parent for _, node, parent in framework.walk()}
    for measure in (node for _, node, _ in framework.walk() if isinstance(node, Measure)):
        lineage, one = {measure.id}, above[measure.id]
        while one is not None:
            lineage, one = {*lineage, one.id}, above[one.id]
        own = [(n, factor) for n, factor in moving if factor.at is None or factor.at in lineage]
        share = sum(factor.share or 0.0 for _, factor in own)
        shaped = [measure.transform] if measure.transform else transforms
        for rule in [measure.normalise] if measure.normalise else rules:
            if own and isinstance(rule, Goalposts) and any(isinstance(one, Log | BoxCox) for one in shaped):
                least = min(rule.worst, rule.best) - share * abs(rule.best - rule.worst)
                if least <= 0:
                    what = f"the goalposts of {measure.id} can fall to {least:g}, which its transform cannot take"
                    remedy = "a smaller `share`, or an `at` that leaves it out"
                    yield definition.problem((*at, "factors", own[-1][0]), what, remedy)


def _range_problems(
    definition: Definition[Any], factor: Vary, nodes: dict[str, Any], place: At
) -> Iterator[Problem]:
    if factor.at is None:
        return
    if factor.at not in nodes:
        what = f'"{factor.at}" is no node of the framework'
        yield definition.problem((*place, "at"), what, near_miss(factor.at, nodes))
    elif factor.vary == "weights" and not isinstance(nodes[factor.at], Group):
        what = f'"{factor.at}" is a measure and has no children to weigh'
        yield definition.problem((*place, "at"), what, "name its parent")


def _choice_problems(
    definition: Definition[Any], framework: Framework, factor: Choose, value: Any, place: At
) -> Iterator[Problem]:
    try:
        chosen = choice(factor.choose, value)
    except ValidationError as error:
        yield from fault_problems(definition.document, error, place, Defaults)
        return
    if factor.choose == WEIGHTS:
        yield from _set_problems(definition, framework, chosen, place)
    elif factor.choose == EXCLUDE:
        nodes = [node.id for _, node, _ in framework.walk()]
        for node in chosen:
            if node not in nodes:
                yield definition.problem(
                    place, f'"{node}" is no node of the framework', near_miss(node, nodes)
                )
            elif node == framework.tree.id:
                yield definition.problem(place, "the whole framework is excluded", "leave something in")
    else:
        yield from _default_problems(
            definition, framework, factor.choose.removeprefix("defaults."), chosen, place
        )


def _default_problems(
    definition: Definition[Any], framework: Framework, key: str, chosen: Any, place: At
) -> Iterator[Problem]:
    """What would be wrong with the framework if it said so."""
    defaults = framework.defaults.model_copy(update={key: chosen})
    other = framework.model_copy(update={"defaults": defaults})
    before, after = (
        framework_problems(Definition(one, definition.document, definition.path))
        for one in (framework, other)
    )
    known = {(problem.what, problem.remedy) for problem in before}
    for what, remedy in dict.fromkeys((problem.what, problem.remedy) for problem in after):
        if (what, remedy) not in known:
            yield definition.problem(place, what, remedy)


def _set_problems(
    definition: Definition[Any], framework: Framework, chosen: dict[str, Any], place: At
) -> Iterator[Problem]:
    nodes = {node.id: node for _, node, _ in framework.walk()}
    for name, weight in chosen.items():
        node = nodes.get(name)
        where = (*place, name)
        if node is None:
            yield definition.problem(
                where, f'"{name}" is no node of the framework', near_miss(name, nodes), key=True
            )
        elif isinstance(weight, float):
            if name == framework.tree.id:
                yield definition.problem(
                    where, f'"{name}" has no siblings to be weighed against', "take it out", key=True
                )
        elif isinstance(node, Group):
            yield from weights_problems(
                weight, tuple(child.id for child in node.children), where, definition.problem
            )
        else:
            what = f'"{name}" is a measure and has no children to weigh'
            yield definition.problem(where, what, "give it one number", key=True)

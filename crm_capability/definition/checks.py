"""What a definition's form cannot say: names that must agree, methods that must fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import Problem, near_miss
from ..methods.aggregation import Fuzzy, Gate, OrderedWeighted
from ..methods.normalisation import Goalposts, Identity, Likert, Normalisation, Piecewise, Target
from ..methods.weighting import Weights, weighting
from .bridges import bridge_problems
from .framework import Framework, Group, Measure
from .load import Definition
from .preparation_checks import preparation_problems
from .questionnaire import Choice, Condition, Maturity, NumberQuestion, Questionnaire, Rating
from .rewording_checks import rewording_problems
from .tool_codes import answers_of, code_of

Say = Callable[..., Problem]


def framework_problems(definition: Definition[Framework]) -> list[Problem]:
    """Everything in a framework that does not fit together."""
    framework, say = definition.value, definition.problem
    found: list[Problem] = []
    seen: set[str] = set()
    for path, node, parent in framework.walk():
        if node.id in seen:
            found.append(say((*path, "id"), f'the id "{node.id}" stands twice', "give each node its own id"))
        seen.add(node.id)
        if isinstance(node, Measure):
            found += _measure_problems(framework, node, path, say)
            found += preparation_problems(framework, node, parent, path, say)
        else:
            found += _group_problems(framework, node, path, say)
    found += _level_problems(framework, say)
    found += bridge_problems(framework, say)
    return found


def _level_problems(framework: Framework, say: Say) -> Iterator[Problem]:
    if "levels" not in framework.model_fields_set:
        return
    for path, node, _ in framework.walk():
        depth = path.count("children")
        deepest = len(framework.levels) - (1 if isinstance(node, Measure) else 2)
        if depth > deepest:
            yield say(path, f'"{node.id}" lies deeper than the levels named', "add a level, or move it up")


def _group_problems(framework: Framework, node: Group, path: tuple[Any, ...], say: Say) -> Iterator[Problem]:
    children = tuple(child.id for child in node.children)
    if node.weights is not None:
        yield from weights_problems(node.weights, children, (*path, "weights"), say)
    rule = node.aggregate or framework.defaults.aggregate
    if isinstance(rule, Gate) and rule.on not in children:
        at = (*path, "aggregate", "on") if node.aggregate else ("defaults", "aggregate", "on")
        yield say(at, f'the gate stands on "{rule.on}", no child of {node.id}', near_miss(rule.on, children))
    if isinstance(rule, Fuzzy) and not rule.grades and len(framework.band_middles) < 2:
        at = (*path, "aggregate") if node.aggregate else ("defaults", "aggregate")
        yield say(
            at,
            "a fuzzy evaluation needs grades, and there are no bands",
            "give `grades`, or `bands` to the framework",
        )
    if isinstance(rule, OrderedWeighted) and node.aggregate and len(rule.weights) != len(children):
        what = f"{len(rule.weights)} weights for {len(children)} children"
        yield say((*path, "aggregate", "weights"), what, "give one weight a place")


def weights_problems(
    weights: Weights, children: tuple[str, ...], path: tuple[Any, ...], say: Say
) -> Iterator[Problem]:
    """Weights that do not fit the children they are for."""
    for mistake in weighting(weights).mistakes(children):
        yield say(path, mistake, f"the children are {', '.join(children)}")


def _measure_problems(
    framework: Framework, node: Measure, path: tuple[Any, ...], say: Say
) -> Iterator[Problem]:
    rule = node.normalise or framework.defaults.normalise
    if rule is None:
        yield say(path, f'"normalise" is missing for {node.id}', "add it here or under defaults")
        return
    at = (*path, "normalise") if node.normalise else path
    if "better" in node.model_fields_set:
        yield from _direction_problems(node, rule, path, say)
    transform = node.transform or framework.defaults.transform
    if transform is not None:
        bounds = _bounds(rule)
        if bounds and not np.isfinite(transform.apply(np.array(bounds))).all():
            what = f"{transform.method} of the bounds {', '.join(f'{b:g}' for b in bounds)} is not defined"
            yield say(at, what, "use bounds above zero, or leave the transform out")


def _direction_problems(
    node: Measure, rule: Normalisation, path: tuple[Any, ...], say: Say
) -> Iterator[Problem]:
    if isinstance(rule, Goalposts) and node.better != "target":
        rises = rule.best > rule.worst
        if rises != (node.better == "higher"):
            what = f"better: {node.better}, but the goalposts run from {rule.worst:g} to {rule.best:g}"
            yield say((*path, "better"), what, "turn one of them round")
    if node.better == "target" and not isinstance(rule, Goalposts | Piecewise | Identity | Target):
        what = f"{rule.method} knows no target"  # type: ignore[attr-defined]
        yield say((*path, "better"), what, "use the method target or piecewise")


def _bounds(rule: Normalisation) -> list[float]:
    if isinstance(rule, Goalposts):
        return [rule.worst, rule.best]
    if isinstance(rule, Likert):
        return [rule.min, rule.max]
    if isinstance(rule, Piecewise):
        return [x for x, _ in rule.points]
    return [rule.target] if isinstance(rule, Target) else []


def questionnaire_problems(definition: Definition[Questionnaire]) -> list[Problem]:
    """Everything in a questionnaire that does not fit together."""
    sheet, say = definition.value, definition.problem
    found: list[Problem] = []
    seen: set[str] = set()
    for s, section in enumerate(sheet.sections):
        if section.id in {other.id for other in sheet.sections[:s]}:
            found.append(
                say(("sections", s, "id"), f'the id "{section.id}" stands twice', "give each its own id")
            )
    for path, question in sheet.walk():
        if question.id in seen:
            found.append(
                say((*path, "id"), f'the id "{question.id}" stands twice', "give each question its own id")
            )
        if question.when is not None:
            found += _condition_problems(sheet, question.when, seen, path, say)
        seen.add(question.id)
        if isinstance(question, Rating) and question.scale not in sheet.scales:
            found.append(
                say((*path, "scale"), f'no scale "{question.scale}"', near_miss(question.scale, sheet.scales))
            )
        if isinstance(question, NumberQuestion) and _crossed(question.min, question.max):
            found.append(say((*path, "min"), "min is not below max", "turn them round"))
    return [*found, *rewording_problems(sheet, say)]


def _crossed(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low >= high


def _condition_problems(
    sheet: Questionnaire, when: Condition, earlier: set[str], path: Any, say: Any
) -> list[Problem]:
    """A condition rests on an earlier question, and on answers that it offers."""
    at = (*path, "when", "question")
    if when.question not in earlier:
        return [say(at, f'"{when.question}" is no earlier question', near_miss(when.question, earlier))]
    asked = sheet.questions[when.question]
    if not isinstance(asked, Rating | Maturity | Choice) or (
        isinstance(asked, Rating) and asked.scale not in sheet.scales
    ):
        return [
            say(
                at,
                f"{when.question} offers no answers to choose from",
                "name a rating, maturity or choice question",
            )
        ]
    offered = answers_of(sheet, asked)
    return [
        say(
            (*path, "when", "answers", n),
            f"{code_of(value)} is no answer to {when.question}",
            near_miss(code_of(value), offered),
        )
        for n, value in enumerate(when.answers)
        if code_of(value) not in offered
    ]


def feeds_problems(
    definition: Definition[Questionnaire], measures: Iterable[str], framework: str
) -> list[Problem]:
    """Questions that feed a measure the framework does not have."""
    known = set(measures)
    return [
        definition.problem(
            (*path, "feeds"),
            f'"{question.feeds}" is no measure of {framework}',
            near_miss(question.feeds, known),
        )
        for path, question in definition.value.walk()
        if question.feeds is not None and question.feeds not in known
    ]

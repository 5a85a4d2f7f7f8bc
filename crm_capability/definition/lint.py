"""What a definition should hold beyond being sound, for `validate --strict`.

Problems are what a published definition must not have; advice names the principle of the source
(purposeful, scientific, comprehensive, effective, general yet evolving) that a framework endangers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from ..errors import Problem, near_miss
from .bench import Bench
from .framework import Framework, Group, Measure
from .library import shipped
from .lint_double import double_questions
from .lint_texts import text_problems, units_with_words
from .load import Definition
from .metrics import Metrics
from .questionnaire import NumberQuestion, Question, Questionnaire
from .validate import definition_files, problems_of

RELEASED = "released.json"  # ids of the last release, beside the frameworks


@dataclass(frozen=True)
class Findings:
    """What the lint found."""

    problems: list[Problem]
    advice: list[Problem]


def strict(files: Iterable[Path], allow: tuple[Path, ...] = ()) -> Findings:
    """Check definitions as one checks what is to be published. A folder stands for all in it."""
    paths = [path for file in files for path in definition_files(file)]
    problems = [problem for path in paths for problem in problems_of(path, allow)]
    if problems:
        return Findings(list(dict.fromkeys(problems)), [])
    bench = Bench.around(paths)
    advice: list[Problem] = []
    for path in paths:
        definition = bench.given.get(path)
        if definition is None:  # a plan, a pool: checked above, and nothing to publish
            continue
        problems += text_problems(definition.document, bench.glossary)
        if isinstance(definition.value, Framework):
            # what comes from another file is checked there
            own = definition.document.file
            problems += [one for one in _framework_problems(definition, bench) if one.where.file == own]
            advice += _principles(definition)
        elif isinstance(definition.value, Questionnaire):
            problems += _sheet_problems(definition, bench)
            advice += double_questions(definition)
        elif isinstance(definition.value, Metrics):
            problems += _metric_problems(definition, bench)
    return Findings(list(dict.fromkeys(problems)), list(dict.fromkeys(advice)))


# ---------------------------------------------------------------------- frameworks


def _framework_problems(definition: Definition[Framework], bench: Bench) -> Iterator[Problem]:
    framework, say = definition.value, definition.problem
    questions, metrics = bench.questions(framework), bench.metrics()
    moved, finds = set(bench.moving(framework)), bench.finds()
    for path, node, _ in framework.walk():
        if node.definition is None:
            yield say((*path, "id"), f'"{node.id}" has no definition', "say what it is")
        if isinstance(node, Group):
            measures = [child.id for child in node.children if isinstance(child, Measure)]
            if measures and not moved & set(measures):
                yield say((*path, "id"), f'no action moves "{node.id}"', "add one to the actions")
            if measures and not finds:
                yield say((*path, "id"), f'no finding looks at "{node.id}"', "add a rule at indicators")
            continue
        if not node.evidence:
            yield say((*path, "id"), f'"{node.id}" does not say which evidence it takes', "add `evidence`")
        if (
            isinstance(node.unit, str)
            and isinstance(node.title, dict)
            and node.unit not in units_with_words()
        ):
            what = f'the unit "{node.unit}" has words in no language'
            yield say((*path, "unit"), what, "write it as a map of languages")
        asked = questions.get(node.id, [])
        if not asked and node.id not in metrics:
            what = f'no question and no metric feeds "{node.id}"'
            yield say((*path, "id"), what, "add a question to a questionnaire, or a metric to a template")
        for sheet, question in asked:
            yield from _outside(framework, node, sheet, question, path, say)
    for n, band in enumerate(framework.bands):
        if band.definition is None:
            yield say(("bands", n, "id"), f'the band "{band.id}" has no words', "say what it looks like")
    here = {node.id for _, node, _ in framework.walk()}
    own = (None, framework.framework)
    bridged = {name for bridge in framework.bridges if bridge.framework in own for name in bridge.left}
    yield from _gone(definition, framework.framework, here | bridged, ("tree",))


def _outside(
    framework: Framework, node: Measure, sheet: Questionnaire, question: Question, path: Any, say: Any
) -> Iterator[Problem]:
    """Goalposts that lie outside what the question can be answered with."""
    if isinstance(question, NumberQuestion):
        low = -inf if question.min is None else question.min
        high = inf if question.max is None else question.max
    else:
        points = sheet.points(question) or ()
        low, high = min(points, default=-inf), max(points, default=inf)
    rule = framework.normalisation(node)
    if rule.method not in ("goalposts", "likert", "piecewise"):
        return
    bounds = [
        bound for name in ("worst", "best", "min", "max") if (bound := getattr(rule, name, None)) is not None
    ]
    bounds += [reading for reading, _ in getattr(rule, "points", ())]
    if min(bounds) < low or max(bounds) > high:
        what = f"bounds outside the answers {low:g} to {high:g} of {sheet.questionnaire}:{question.id}"
        yield say((*path, "normalise"), what, "bring them inside the scale")


def _gone(definition: Definition[Any], name: str, here: set[str], at: Any) -> Iterator[Problem]:
    """Ids of the last release that are here no more, without a bridge."""
    ledger = shipped("indicators") / RELEASED
    if not ledger.is_file():
        return
    for known in json.loads(ledger.read_text(encoding="utf-8")).get(name, {}).get("ids", []):
        if known not in here:
            what = f'the id "{known}" of the last release is gone'
            yield definition.problem(at, what, "bring it back, or write a bridge for it")


def _principles(definition: Definition[Framework]) -> Iterator[Problem]:
    """Which principle of an indicator system an edit endangers."""
    framework, say = definition.value, definition.problem
    measures = framework.measures
    kinds = {kind for measure in measures.values() for kind in measure.evidence}
    weights: dict[str, float] = {}
    for path, node, parent in framework.walk():
        if parent is None and isinstance(node, Group) and len(node.children) < 2:
            yield say(path, "comprehensive: one dimension alone", "a whole has several sides")
        if isinstance(node, Group) and len(node.children) > 12:
            what = f'purposeful: "{node.id}" has {len(node.children)} children'
            yield say((*path, "id"), what, "group them: each then weighs hardly anything")
        if isinstance(node, Group):
            total = sum(child.weight for child in node.children)
            for child in node.children:
                weights[child.id] = weights.get(node.id, 1.0) * child.weight / total
    light = [name for name in measures if weights.get(name, 1.0) < 0.002]
    for path, node, _ in framework.walk():
        if node.id in light:
            what = f'effective: "{node.id}" weighs {weights[node.id]:.2%} of the index'
            yield say((*path, "id"), what, "whatever it says, the index hardly moves")
    if kinds and not kinds & {"operational", "values"}:
        yield say(("tree",), "scientific: opinions alone, no measured figure", "add a measure from data")
    if not framework.bands and not framework.defaults.bands:
        what = "general yet evolving: no bands, so levels cannot be compared over time"
        yield say(("tree",), what, "add `bands`")


# ---------------------------------------------------------------------- questionnaires


def _metric_problems(definition: Definition[Metrics], bench: Bench) -> Iterator[Problem]:
    metrics = definition.value
    for name, (key, _) in metrics.fed.items():
        if key in metrics.measures and not bench.knows(name):
            what = f'"{name}" is a measure of no framework'
            yield definition.problem(metrics.place(key), what, near_miss(name, bench.measures), key=True)


def _sheet_problems(definition: Definition[Questionnaire], bench: Bench) -> Iterator[Problem]:
    sheet, say = definition.value, definition.problem
    asked_for = {question.when.question for question in sheet.questions.values() if question.when}
    for path, question in sheet.walk():
        scored = question.type in ("rating", "maturity", "number")
        if scored and question.feeds is None and question.id not in asked_for:
            yield say((*path, "id"), f'"{question.id}" feeds nothing', "name a measure with `feeds`")
        if question.feeds is not None and not bench.knows(question.feeds):
            what = f'"{question.feeds}" is a measure of no framework'
            yield say((*path, "feeds"), what, near_miss(question.feeds, bench.measures))
    if sheet.introduction is None:
        yield say(("questionnaire",), "no introduction", "tell respondents the purpose and their privacy")
    earlier = [bridge for bridge in sheet.bridges if bridge.source.split("@")[0] == sheet.questionnaire]
    bridged = {name for bridge in earlier for name in bridge.left}
    yield from _gone(definition, sheet.questionnaire, set(sheet.questions) | bridged, ("sections",))

"""Where one number comes from: from the score through weights and bounds down to the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..definition.framework import Group, Measure
from ..errors import Place, Problem, ReportError, near_miss
from ..methods.aggregation import Fuzzy
from ..methods.model import in_language
from ..tables import NOT_APPLICABLE
from .explain_formula import group_formula, measure_formula
from .explain_interval import interval_lines
from .result import Result


def explained(result: Result, node: str, unit: str | None = None, wave: str | None = None) -> list[str]:
    """The lines that lead from a node's score to its evidence, wave by wave.

    Numbers are printed in full: they are the ones of the tables. Raises ReportError for a
    node, unit or wave that the result does not hold.
    """
    nodes = {one.id: one for _, one, _ in result.framework.walk()}
    unit = unit or result.plan.unit
    waves = [one.id for one in result.plan.waves]
    for name, known, what in (
        (node, nodes, "node"),
        (unit, result.units, "unit"),
        (wave or waves[0], waves, "wave"),
    ):
        if name not in known:
            raise ReportError(Problem(Place(), f'no {what} "{name}" in this result', near_miss(name, known)))
    shown = [wave] if wave else waves
    return [line for one in shown for line in _wave(result, nodes[node], unit, one)]


def _wave(result: Result, node: Group | Measure, unit: str, wave: str) -> Iterator[str]:
    yield f"{unit} · {wave}"
    yield from _node(result, node, unit, wave, 1)


def _node(result: Result, node: Group | Measure, unit: str, wave: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    score = _row(result.tables["scores"], unit, wave, node.id)
    part = _row(result.tables["contributions"], unit, wave, node.id)
    yield (
        f"{indent}{node.id} ({in_language(node.title, 'en')}): score {_number(score.score)}"
        f", weight {_number(part.weight)}, effective weight {_number(part.effective_weight)}"
        f", contribution {_number(part.contribution)}"
    )
    for line in interval_lines(result, score, list(_measures(node)), unit, wave):
        yield f"{indent}  {line}"
    if isinstance(node, Measure):
        yield from _measure(result, node, unit, wave, indent + "  ")
        return
    yield f"{indent}  = {_rule(result, node)} of its children with scores; coverage {_number(score.coverage)}"
    yield from _formula(result, node, unit, wave, score.score, indent + "  ")
    yield from _missing(result, node, unit, wave, indent + "  ")
    yield from _fitted(result, node.id, indent + "  ")
    for child in node.children:
        yield from _node(result, child, unit, wave, depth + 1)


def _formula(result: Result, node: Group, unit: str, wave: str, score: float, indent: str) -> Iterator[str]:
    """The rule with its numbers in; a score learned from answers' grades has no such line."""
    rule = result.framework.aggregation(node)
    if pd.isna(score) or isinstance(rule, Fuzzy):
        return
    rows = [
        (child.id, _row(result.tables["scores"], unit, wave, child.id).score,
         _row(result.tables["contributions"], unit, wave, child.id).weight)
        for child in node.children
    ]  # fmt: skip
    known = [(name, float(own), float(weight)) for name, own, weight in rows if not pd.isna(own + weight)]
    names, scores, weights = zip(*known, strict=True)
    yield f"{indent}= {group_formula(rule, names, scores, weights)} = {_number(score)}"


def _missing(result: Result, node: Group, unit: str, wave: str, indent: str) -> Iterator[str]:
    """What lacks below, and what it could come to."""
    scores = result.tables["scores"]
    below = [one for one in _measures(node) if pd.isna(_row(scores, unit, wave, one).score)]
    states = {one: _row(result.tables["readings"], unit, wave, one, key="measure").state for one in below}
    lacking = [f"{one} ({state})" for one, state in states.items() if state != NOT_APPLICABLE]
    outside = [one for one, state in states.items() if state == NOT_APPLICABLE]
    if lacking:
        own = _row(scores, unit, wave, node.id)
        ends = f"between {_number(own.if_worst)} and {_number(own.if_best)} if it were known"
        yield f"{indent}missing: {', '.join(lacking)}; {ends}"
    if outside:
        yield f"{indent}outside the scope: {', '.join(outside)}"


def _measures(node: Group | Measure) -> Iterator[str]:
    if isinstance(node, Group):
        for child in node.children:
            yield from _measures(child)
    else:
        yield node.id


def _audiences(result: Result, measure: str, unit: str, wave: str, indent: str) -> Iterator[str]:
    """Who was asked, how many answered, what each audience said, and how they were combined."""
    table = result.tables.get("audiences")
    if table is None or table.empty:
        return
    own = table[(table["measure"] == measure) & (table["unit"] == unit) & (table["wave"] == wave)]
    roles = result.plan.roles.get(measure, {})
    for row in own.itertuples():
        weight = f", counts {roles[row.role]:g}" if row.role in roles else ""
        said = row.state if pd.isna(row.value) else f"{_number(row.value)}, n {row.n}"
        yield f"{indent}< {row.role}: {said}{weight}"


def _measure(result: Result, node: Measure, unit: str, wave: str, indent: str) -> Iterator[str]:
    readings = result.tables["readings"]
    reading = _row(readings, unit, wave, node.id, key="measure")
    rule = result.framework.normalisation(node).model_dump(exclude_none=True)
    settings = ", ".join(f"{key} {value}" for key, value in rule.items() if key != "method")
    yield f"{indent}= {rule['method']}({_number(reading.value)} {in_language(node.unit, 'en')}; {settings}; better {node.better})"
    line = None
    if not _is_prepared(result, node, reading) and not pd.isna(reading.value):
        rule_itself = result.framework.normalisation(node)
        line = measure_formula(rule_itself, float(reading.value), node.better)
    if line is not None:
        yield f"{indent}= {line}"
    yield from _prepared(result, node, reading, indent)
    yield from _fitted(result, node.id, indent)
    n = "" if pd.isna(reading.n) else f", n {reading.n}"
    error = "" if pd.isna(reading.standard_error) else f", standard error {_number(reading.standard_error)}"
    kind = "" if pd.isna(reading.evidence) else f" by {reading.evidence}"
    yield f"{indent}< {reading.state}{kind}{n}{error}"
    yield from _audiences(result, node.id, unit, wave, indent)
    if not pd.isna(reading.source):
        yield f"{indent}< {reading.source}"
        yield from _origin(result, str(reading.source), indent + "  ")


def _is_prepared(result: Result, node: Measure, reading: Any) -> bool:
    return any(True for _ in _prepared(result, node, reading, ""))


def _prepared(result: Result, node: Measure, reading: Any, indent: str) -> Iterator[str]:
    """What was done to the reading before it was normalised, in the order it was done."""
    defaults = result.framework.defaults
    if node.denominator is not None:
        yield f"{indent}divided by {node.denominator}"
    if not pd.isna(getattr(reading, "imputed", None)):
        yield f"{indent}nothing was read: {_number(reading.imputed)} was put in its place"
    for word, rule in (
        ("outliers", node.outliers or defaults.outliers),
        ("transform", node.transform or defaults.transform),
    ):
        if rule is not None and rule.method != "none":
            yield f"{indent}{word}: {rule.method}"


def _origin(result: Result, source: str, indent: str) -> Iterator[str]:
    """The statement that computed a metric, and the hashes of the files behind a reading."""
    files: set[str] = set()
    for statement in result.manifest.get("statements", ()):
        if source in statement["sources"]:
            files.update(statement["files"])
            yield f"{indent}{statement['name']}, {statement['rows']} rows"
            yield from (f"{indent}  {line}" for line in statement["sql"].splitlines())
    for entry in result.manifest.get("inputs", ()):
        name = entry["file"].rpartition("/")[2]
        stem = name.removesuffix(".yaml").removesuffix(
            ".metrics"
        )  # a definition's file is named after its id
        parts = source.split("; ")  # one an audience
        defined = stem != name and any(part.startswith((f"{stem}@", f"{stem}:")) for part in parts)
        if name in files or name in source or defined:
            yield f"{indent}{entry['file']} sha256 {entry['sha256']}"


def _rule(result: Result, node: Group) -> str:
    rule = node.aggregate or result.framework.defaults.aggregate
    return (
        f"{getattr(rule, 'method', 'arithmetic')} mean"
        if rule is None or rule.method in _MEANS
        else rule.method
    )


_MEANS = {"arithmetic", "geometric", "harmonic", "power"}


def _fitted(result: Result, node: str, indent: str) -> Iterator[str]:
    table = result.tables["fitted"]
    own = table[(table["node"] == node) & ~table["parameter"].str.startswith("value:")]
    for method, rows in own.groupby("method", sort=False):
        learned = ", ".join(f"{row.parameter} = {_number(row.value)}" for row in rows.itertuples())
        yield f"{indent}fitted by {method}: {learned}"


def _row(table: pd.DataFrame, unit: str, wave: str, node: str, key: str = "node") -> Any:
    return next(table[(table["unit"] == unit) & (table["wave"] == wave) & (table[key] == node)].itertuples())


def _number(value: Any) -> str:
    return "missing" if pd.isna(value) else repr(float(value))

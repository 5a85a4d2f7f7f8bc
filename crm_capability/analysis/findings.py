"""Findings: what the rules of a file have to say about the plan's unit, with the numbers behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from ..definition.findings import FACTS, WORDS, FindingRules, Rule
from ..definition.framework import Framework, Group, Measure
from ..definition.library import shipped
from ..definition.load import read_definition
from ..definition.plan import Plan
from ..methods.aggregation import Gate
from ..methods.formula import value_of
from ..methods.model import Text, in_language
from ..scoring.tree import grow
from ..tables import NOT_APPLICABLE, shape
from .finding_sides import Between, between_facts

Facts = dict[str, float]
Tables = Mapping[str, pd.DataFrame]
_FROM = {
    "scores": ("score", "coverage", "if_worst", "if_best"),
    "contributions": ("effective_weight",),
    "standing": ("peers", "percentile", "percentile_high", "median", "gap_to_median"),
    "changes": ("before", "after", "change", "low", "high", "p_value", "q_value", "smallest_change"),
}


@cache
def shipped_rules() -> FindingRules:
    """The rules that come with the package."""
    return read_definition(shipped("reports") / "findings.yaml", FindingRules).value


def findings_table(
    framework: Framework,
    plan: Plan,
    tables: Tables,
    rules: FindingRules | None = None,
    units: Mapping[str, Text] | None = None,
) -> pd.DataFrame:
    """The table `findings` of the plan's unit, from the most severe down; a column a language.

    Severity is each rule's own formula, in points of the index; `evidence` holds the facts that
    the rule names, with every digit. `units` holds the titles of peers.
    """
    rules = shipped_rules() if rules is None else rules
    between = between_facts(plan, tables, units or {}, rules.audiences)
    facts = _all_facts(framework, plan, tables)
    facts = {node: {**known, **between.facts.get(node, {})} for node, known in facts.items()}
    rows = [row for rule in rules.rules for row in _found(rule, framework, plan, facts, between)]
    rows.sort(key=lambda row: -row["severity"])  # a stable sort: rules in the file's order
    return shape("findings", pd.DataFrame(rows))


def _found(
    rule: Rule, framework: Framework, plan: Plan, facts: Mapping[str, Facts], between: Between
) -> list[dict[str, Any]]:
    """What one rule finds, the most severe first."""
    rows: list[dict[str, Any]] = []
    for node in _places(rule, framework):
        known = facts.get(node.id)
        if known is None or not value_of(rule.when, known):
            continue
        severity = value_of(rule.severity, known)
        if math.isnan(severity):
            continue
        evidence = "; ".join(f"{name}={known[name]!r}" for name in rule.evidence)
        words = {
            language: _Sentence().vformat(
                text,
                (),
                {**known, **_titles(plan, node, facts, language), **between.names(node.id, language)},
            )
            for language, text in rule.text.items()
        }
        rows.append({"node": node.id, "kind": rule.kind, "severity": severity, "evidence": evidence, **words})
    rows.sort(key=lambda row: -row["severity"])
    return rows[: rule.most]


def _places(rule: Rule, framework: Framework) -> Iterator[Group | Measure]:
    root = framework.tree
    for _, node, parent in framework.walk():
        group = isinstance(node, Group)
        holds = isinstance(node, Group) and any(isinstance(child, Measure) for child in node.children)
        indicator = (holds and node is not root) or (not group and parent is root)
        if {
            "index": node is root,
            "groups": group,
            "indicators": indicator,
            "measures": not group,
            "nodes": True,
        }[rule.at]:
            yield node


def _all_facts(framework: Framework, plan: Plan, tables: Tables) -> dict[str, Facts]:
    """The facts of every node; what is not known is NaN, and no comparison with it holds."""
    last = plan.waves[-1].id
    parts = {
        name: _of_unit(tables.get(name), plan, wave=last) for name in ("scores", "contributions", "standing")
    }
    pair = plan.comparisons[-1] if plan.comparisons else None
    changes = _of_unit(tables.get("changes"), plan)
    if pair is not None and not changes.empty:
        changes = changes[(changes["before_wave"] == pair.before) & (changes["after_wave"] == pair.after)]
    parts["changes"] = changes
    columns = {
        column: dict(zip(frame["node"], frame[column].astype(float), strict=True))
        for name, frame in parts.items()
        for column in _FROM[name]
        if column in frame
    }
    importance = _importance(framework, parts["contributions"])
    measured = columns.get("score", {})
    readings = _of_unit(tables.get("readings"), plan, wave=last)
    asked = set(readings.loc[readings["state"] != NOT_APPLICABLE, "measure"]) if len(readings) else set()
    found = {}
    for node, below in _below(framework):
        facts = dict.fromkeys(FACTS, math.nan) | {
            c: known.get(node, math.nan) for c, known in columns.items()
        }
        facts["importance"] = importance.get(node, math.nan)
        facts["target"] = plan.targets.get(node, math.nan)
        facts["missing"] = float(
            sum(name in asked and math.isnan(measured.get(name, math.nan)) for name in below)
        )
        found[node] = facts
    for branch in grow(framework, (plan.weights, plan.waves[-1].weights)).branches:
        facts = found[branch.id]
        scores = {name: measured.get(name, math.nan) for name in branch.names}
        known = [score for score in scores.values() if not math.isnan(score)]
        facts["children"] = float(len(known))
        if known:
            facts["best"], facts["weakest"] = max(known), min(known)
        if isinstance(branch.rule, Gate):
            facts |= {"gate": scores[branch.rule.on], "below": branch.rule.below, "cap": branch.rule.cap}
            facts["mean"] = _mean(scores, parts["contributions"])
    return found


def _of_unit(frame: pd.DataFrame | None, plan: Plan, wave: str | None = None) -> pd.DataFrame:
    if frame is None or frame.empty:
        return pd.DataFrame({"node": []})
    own = frame[frame["unit"] == plan.unit]
    return own if wave is None else own[own["wave"] == wave]


def _below(framework: Framework) -> Iterator[tuple[str, list[str]]]:
    """Each node with the measures at or below it."""

    def measures(node: Group | Measure) -> list[str]:
        if isinstance(node, Group):
            return [name for child in node.children for name in measures(child)]
        return [node.id]

    for _, node, _ in framework.walk():
        yield node.id, measures(node)


def _importance(framework: Framework, contributions: pd.DataFrame) -> dict[str, float]:
    """Weights multiplied from the root down, of the nodes that apply to the unit."""
    if "weight" not in contributions:
        return {}
    weight = dict(zip(contributions["node"], contributions["weight"].astype(float), strict=True))
    found: dict[str, float] = {}
    for _, node, parent in framework.walk():
        found[node.id] = 1.0 if parent is None else found[parent.id] * weight.get(node.id, math.nan)
    return found


def _mean(scores: Mapping[str, float], contributions: pd.DataFrame) -> float:
    """The weighted arithmetic mean of the children that have a score."""
    weight = dict(zip(contributions["node"], contributions["weight"].astype(float), strict=True))
    known = {name: score for name, score in scores.items() if not math.isnan(score)}
    total = sum(weight[name] for name in known)
    return sum(weight[name] * score for name, score in known.items()) / total if total else math.nan


def _titles(plan: Plan, node: Group | Measure, facts: Mapping[str, Facts], language: str) -> dict[str, str]:
    """The words of a sentence: titles of the node, of its extreme children, of the waves."""

    def said(text: Text | None, name: str) -> str:
        return in_language(text, language) if text is not None else name

    found = dict.fromkeys(WORDS, "") | {"title": said(node.title, node.id)}
    if isinstance(node, Group):
        titles = {child.id: said(child.title, child.id) for child in node.children}
        for child, title in titles.items():
            for fact in ("weakest", "best"):
                if facts[child]["score"] == facts[node.id][fact] and not found[f"{fact}_title"]:
                    found[f"{fact}_title"] = title
        if isinstance(node.aggregate, Gate):
            found["gate_title"] = titles.get(node.aggregate.on, "")
    if plan.comparisons:
        for side in ("before", "after"):
            wave = plan.wave(getattr(plan.comparisons[-1], side))
            found[f"{side}_title"] = said(wave.title, wave.id)
    return found


class _Sentence(Formatter):
    """Fills in facts; a minus is a minus and no hyphen."""

    def format_field(self, value: Any, form: str) -> str:
        return (
            str(format(value, form)).replace("-", "−")
            if isinstance(value, float | np.floating)
            else str(value)
        )

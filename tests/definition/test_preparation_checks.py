"""Conflicts of imputation, treatment and normalisation are refused when the file is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import load_framework, load_plan

Write = Callable[[str, str | bytes], Path]
Faults = Callable[[Callable[[], Any]], list[str]]

FRAMEWORK = """\
framework: f
version: 1.0.0
title: F
tree:
  id: index
  title: Index
  children:
    - id: a
      title: A
      unit: points
      {a}
      normalise: {rule}
    - {{id: b, title: B, unit: points, normalise: min-max}}
"""
GOALPOSTS = "{method: goalposts, worst: 0, best: 10}"
THEN = "outliers: {method: winsorise, then: log}"


@pytest.mark.parametrize(
    ("setting", "rule", "place", "what"),
    [
        (THEN, GOALPOSTS, "11:7", "goalposts is written in the measure's own unit"),
        (THEN, "{method: target, target: 4}", "11:7", "target is written in the measure's own unit"),
        ("transform: log", GOALPOSTS, "12:18", "log of the bounds 0, 10 is not defined"),
        ("note: rank", "{method: rank, worst: 1}", "12:33", 'unknown key "worst"'),
        ("outliers: {method: winsorise, combine: true}", "min-max", "11:7", "`combine` without `then`"),
        ("outliers: {method: winsorise, max_points: -1}", "min-max", "11:49", "out of range"),
        ("impute: {method: group-mean}", "min-max", "11:15", '"by" is missing'),
        ("impute: nearest", "min-max", "11:15", 'unknown method "nearest"'),
    ],
)
def test_conflicts(write: Write, faults: Faults, setting: str, rule: str, place: str, what: str) -> None:
    path = write("f.yaml", FRAMEWORK.format(a=setting, rule=rule))
    found = faults(lambda: load_framework(path))
    assert any(what in text for text in found), found
    assert any(text.startswith("f.yaml:") for text in found)
    assert next(text for text in found if what in text).startswith(f"f.yaml:{place.split(':')[0]}:"), found


def test_two_transforms(write: Write, faults: Faults) -> None:
    text = FRAMEWORK.format(a=THEN, rule="min-max").replace("tree:", "defaults: {transform: log}\ntree:")
    (found,) = faults(lambda: load_framework(write("f.yaml", text)))
    assert "transform twice" in found


def test_a_measure_may_refuse_the_defaults(write: Write) -> None:
    text = FRAMEWORK.format(a="outliers: none", rule=GOALPOSTS)
    text = text.replace("tree:", "defaults: {outliers: {method: winsorise, then: log}}\ntree:")
    assert load_framework(write("f.yaml", text)).measures["a"].outliers is not None


def test_no_peers_in_the_row(write: Write, faults: Faults) -> None:
    text = FRAMEWORK.format(a="impute: peer-row-mean", rule="min-max")
    text = text.replace("    - {id: b, title: B, unit: points, normalise: min-max}\n", "")
    (found,) = faults(lambda: load_framework(write("f.yaml", text)))
    assert "a has no other measure beside it" in found


PLAN = """\
assessment: p
title: P
framework: ./f.yaml
unit: u
{units}
waves: [{{id: one}}, {{id: two}}]
evidence: [{{values: v.csv}}]
"""


@pytest.mark.parametrize(
    ("setting", "units", "what"),
    [
        ("denominator: staff", "", "a needs the attribute staff of the units"),
        ("denominator: staff", "units: {u: {stuff: 3}}", 'did you mean "stuff"?'),
        ("impute: {method: group-median, by: size}", "units: {u: {title: U}}", "the attribute size"),
        ("impute: linear", "", 'the wave "one" has none'),
    ],
)
def test_what_the_plan_lacks(write: Write, faults: Faults, setting: str, units: str, what: str) -> None:
    write("f.yaml", FRAMEWORK.format(a=setting, rule="min-max"))
    write("v.csv", "wave,measure,value\none,a,1\n")
    plan = write("p.yaml", PLAN.format(units=units))
    assert any(what in text for text in faults(lambda: load_plan(plan)))

"""Definitions that cannot be used: each with its place, the words and the remedy, all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import load_framework, load_plan
from crm_capability.definition.load import KINDS
from crm_capability.definition.loaded import load_questionnaire
from crm_capability.definition.validate import problems_of

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
Faults = Callable[[Callable[[], Any]], list[str]]

HEAD = "framework: f\nversion: 1.0.0\ntitle: F\n"
MEASURE = "{id: m, title: M, unit: u, normalise: {method: goalposts, worst: 0, best: 1}}"


def tree(*children: str, node: str = "") -> str:
    lines = "".join(f"    - {child}\n" for child in children or (MEASURE,))
    return f"{HEAD}tree:\n  id: t\n  title: T\n{node}  children:\n{lines}"


def measure(rest: str, name: str = "m") -> str:
    return f"{{id: {name}, title: M, unit: u, {rest}}}"


@pytest.fixture
def framework(write: Write, faults: Faults) -> Callable[[str], list[str]]:
    """The problems of a framework."""
    return lambda text: faults(lambda: load_framework(write("f.yaml", text)))


def test_the_smallest_framework_loads(write: Write) -> None:
    found = load_framework(write("f.yaml", tree()))
    assert (found.framework, list(found.measures)) == ("f", ["m"])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (HEAD, ['f.yaml:1:1: "tree" is missing (add it)']),
        ("- a\n", ["f.yaml:1:1: not a map of keys (write `key: value` lines)"]),
        ("just words\n", ["f.yaml:1:1: not a map of keys (write `key: value` lines)"]),
        (HEAD + "tree: {id: t, title: T, children: []}\n", ["f.yaml:4:35: nothing stands here (fill it in or take it out)"]),
        (tree().replace("version: 1.0.0", "version: 1.0"), ["f.yaml:2:10: 1.0 where text is wanted (put it in quotes)"]),
        (tree().replace("title: F", "titel: F"), ['f.yaml:1:1: "title" is missing (add it)', 'f.yaml:3:1: unknown key "titel" (did you mean "title"?)']),
        (tree().replace("framework: f", "framework: My framework"), ['f.yaml:1:12: "My framework" does not have the right form (ids are small letters, digits and hyphens, a letter first)']),
        (tree(MEASURE, MEASURE), ['f.yaml:9:12: the id "m" stands twice (give each node its own id)']),
        (tree(MEASURE.replace("id: m", "id: t")), ['f.yaml:8:12: the id "t" stands twice (give each node its own id)']),
        (tree("{id: m, title: M, unit: u}"), ['f.yaml:8:7: "normalise" is missing for m (add it here or under defaults)']),
        (tree("{id: m, title: M, normalise: none}"), ['f.yaml:8:7: "unit" is missing (add it)']),
        (tree(measure("normalise: {method: goalpost, worst: 0, best: 1}")), ['f.yaml:8:45: unknown method "goalpost" (did you mean "goalposts"?)']),
        (tree(measure("normalise: {method: goalposts, worst: 1, best: 1}")), ["f.yaml:8:45: worst and best are the same point (move one of the two points)"]),
        (tree(measure("normalise: {method: goalposts, worst: 1}")), ['f.yaml:8:45: "best" is missing (add it)']),
        (tree(measure("normalise: {method: goalposts, worst: one, best: 2}")), ['f.yaml:8:72: "one" where a number is wanted (write a plain number without quotes)']),
        (tree(measure("normalise: {method: goalposts, worst: .inf, best: 2}")), ["f.yaml:8:72: inf is no finite number (write a plain number)"]),
        (tree(measure("better: lower, normalise: {method: goalposts, worst: 0, best: 9}")), ["f.yaml:8:42: better: lower, but the goalposts run from 0 to 9 (turn one of them round)"]),
        (tree(measure("better: higher, normalise: {method: goalposts, worst: 9, best: 0}")), ["f.yaml:8:42: better: higher, but the goalposts run from 9 to 0 (turn one of them round)"]),
        (tree(measure("better: target, normalise: min-max")), ["f.yaml:8:42: min-max knows no target (use the method target or piecewise)"]),
        (tree(measure("better: less, normalise: min-max")), ["f.yaml:8:42: \"less\" is not known here (known: higher, lower, target)"]),
        (tree(measure("transform: log, normalise: {method: goalposts, worst: 0, best: 9}")), ["f.yaml:8:61: log of the bounds 0, 9 is not defined (use bounds above zero, or leave the transform out)"]),
        (tree(measure("weight: 0, normalise: none")), ["f.yaml:8:42: 0 is out of range (write a number above 0)"]),
        (tree(measure("weight: -2, normalise: none")), ["f.yaml:8:42: -2 is out of range (write a number above 0)"]),
        (tree(measure("weight: true, normalise: none")), ["f.yaml:8:42: True where a number is wanted (write a plain number)"]),
        (tree(node="  weights: {m: 1, x: 2}\n"), ["f.yaml:7:12: x is no child here (the children are m)"]),
        (tree(node="  weights: {m: 0}\n"), ["f.yaml:7:16: 0 is out of range (write a number above 0)"]),
        (tree(node="  aggregate: geometrical\n"), ['f.yaml:7:14: unknown method "geometrical" (did you mean "geometric"?)']),
        (tree(node="  aggregate: {method: gate, on: x, below: 1, cap: 2}\n"), ['f.yaml:7:33: the gate stands on "x", no child of t (known: m)']),
        (tree(node="  aggregate: {method: owa, weights: [1, 2]}\n"), ["f.yaml:7:37: 2 weights for 1 children (give one weight a place)"]),
        (tree(node="  min_share: 1.5\n"), ["f.yaml:7:14: 1.5 is out of range (write a number at most 1)"]),
        (tree(node="  min_share: .nan\n"), ["f.yaml:7:14: nan is out of range (write a number at most 1)"]),
        (tree() + "bands:\n  - {id: a, from: 50, title: A}\n  - {id: b, from: 20, title: B}\n", ["f.yaml:1:1: bands must rise: each `from` above the one before (list them from low to high)"]),
        (tree() + "levels: [index]\n", ["f.yaml:9:9: nothing stands here (fill it in or take it out)"]),
        (tree("{id: d, title: D, children: [" + MEASURE + "]}") + "levels: [index, measure]\n", [f'f.yaml:8:{column}: "{name}" lies deeper than the levels named (add a level, or move it up)' for column, name in ((7, 'd'), (36, 'm'))]),
    ],
)  # fmt: skip
def test_frameworks_that_cannot_be_used(
    framework: Callable[[str], list[str]], text: str, problems: list[str]
) -> None:
    assert framework(text) == problems


@pytest.mark.parametrize(
    ("judges", "problem"),
    [
        ("[{id: x, pairs: [[a, b, 3], [b, a, 2]]}]", "b against a is judged twice, 0.3333 and 2"),
        (
            "[{id: x, pairs: [[a, b, 3]]}]",
            "judge x: no chain of judgements links a with c (the children are a, b, c)",
        ),
        ("[{id: x, pairs: [[a, b, 0]]}]", "a judgement must be above zero"),
        (
            "[{id: x, pairs: [[a, z, 3]]}]",
            "judge x names z, which is no child here (the children are a, b, c)",
        ),
        ("[{id: x, pairs: [[a, b]]}]", "missing"),
        ("[]", "nothing stands here (fill it in or take it out)"),
    ],
)
def test_judgements_that_cannot_be_used(
    framework: Callable[[str], list[str]], judges: str, problem: str
) -> None:
    children = [measure("normalise: none", name) for name in "abc"]
    found = framework(tree(*children, node=f"  weights: {{method: ahp, judges: {judges}}}\n"))
    assert any(problem in one and one.startswith("f.yaml:7:") for one in found), found


def test_a_word_that_is_no_way_to_weigh(framework: Callable[[str], list[str]]) -> None:
    (problem,) = framework(tree(node="  weights: even\n"))
    assert problem.startswith('f.yaml:7:12: "even" is not known here (')


def test_problems_of_a_framework_come_all_at_once(framework: Callable[[str], list[str]]) -> None:
    text = tree(
        measure("weight: 0, normalise: goalpost"),
        measure("wieght: 1, normalise: none", "Bad Id"),
        node="  min_share: 7\n",
    )
    assert len(framework(text)) == 5


def test_nesting_that_the_parser_bears_but_no_framework_has(framework: Callable[[str], list[str]]) -> None:
    deep = "".join(f"{{id: g{n}, title: G, children: [" for n in range(45)) + MEASURE + "]}" * 45
    assert load_framework  # a tree of any depth is fine
    found = framework(f"{HEAD}tree: " + "{id: x, title: X, children: [" * 60 + deep + "]}" * 60 + "\n")
    assert "nested" in found[0]


# --- references ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("crm-capabilty", 'nothing shipped is called "crm-capabilty" (did you mean "crm-capability"?)'),
        ("crm-capability@2", "crm-capability@2 is wanted, version 1."),
        ("./framewrok.yaml", 'no such file: ./framewrok.yaml (did you mean "framework.yaml"?)'),
        ("nowhere/f.yaml", "no such file: nowhere/f.yaml (check the path)"),
        ("CRM Capability", '"CRM Capability" names no definition (write an id, an id@version or a path)'),
        (
            "crm-capability@latest",
            '"crm-capability@latest" names no definition (write an id, an id@version or a path)',
        ),
    ],
)
def test_frameworks_that_are_not_found(
    assessment: Assessment, faults: Faults, reference: str, problem: str
) -> None:
    found = faults(lambda: load_plan(assessment({"framework": reference})))
    assert found[0].startswith("assessment.yaml:4:15: ")
    assert problem in found[0]


def test_a_version_may_be_given_in_part(assessment: Assessment) -> None:
    from crm_capability.definition.library import version_problem
    from crm_capability.errors import Place

    for wanted in ("x", "x@1", "x@1.2", "x@1.2.3"):
        assert version_problem(wanted, "1.2.3", Place()) is None
    for wanted in ("x@2", "x@1.20", "x@1.2.30", "x@12", "x@0"):
        problem = version_problem(wanted, "1.2.3", Place())
        assert problem is not None
        assert str(problem) == f"{wanted} is wanted, version 1.2.3 is here (write @1 or bring that version)"


# --- plans ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({"waves": []}, "nothing stands here (fill it in or take it out)"),
        ({"waves": [{"id": "a"}, {"id": "a"}]}, 'the wave "a" stands twice (give each wave its own id)'),
        ({"waves": [{"id": "a", "from": "2017-01-01"}]}, "a period needs both `from` and `to`"),
        ({"waves": [{"id": "a", "from": "2017-02-01", "to": "2017-01-01"}]}, "the period ends before it starts"),
        ({"waves": [{"id": "a", "from": "2017-02-30", "to": "2017-03-01"}]}, "not a day such as 2017-01-31"),
        ({"waves": [{"id": "a", "from": 20170101, "to": 20170201}]}, "not a day such as 2017-01-31"),
        ({"waves": [{"id": "Before"}]}, '"Before" does not have the right form (ids are small letters, digits and hyphens, a letter first)'),
        ({"compare": [{"before": "befor", "after": "after"}]}, 'no wave "befor" (did you mean "before"?)'),
        ({"compare": [{"before": "after", "after": "after"}]}, "a wave compared with itself (name two waves)"),
        ({"unit": "u", "units": {"us": None}}, 'the unit "u" is not among the units (did you mean "us"?)'),
        ({"scope": {"exclude": ["sped"]}}, '"sped" is no node of the framework (did you mean "speed"?)'),
        ({"scope": {"exclude": ["index"]}}, "the whole framework is excluded (leave something in)"),
        ({"scope": {"because": {"speed": "why"}}}, '"speed" is no excluded node'),
        ({"weights": {"indx": {"speed": 1}}}, '"indx" is no node of the framework (did you mean "index"?)'),
        ({"weights": {"days": {"x": 1}}}, '"days" is a measure and has no children to weigh (name its parent)'),
        ({"weights": {"index": {"speed": 1}}}, "voice has no weight here (the children are speed, voice)"),
        ({"weights": {"index": {"speed": 0, "voice": 1}}}, "0 is out of range (write a number above 0)"),
        ({"roles": {"voic": {"customer": 1}}}, '"voic" is no measure of the framework (did you mean "voice"?)'),
        ({"targets": {"goal": 1}}, '"goal" is no node of the framework'),
        ({"evidence": []}, "nothing stands here (fill it in or take it out)"),
        ({"evidence": [{"value": "v.csv"}]}, "an entry of evidence names `values`, `survey` or `metrics`"),
        ({"evidence": [{"values": "values.csv", "layout": "broad"}]}, '"broad" is not known here (known: long, wide)'),
        ({"evidence": [{"values": "values.csv", "wave": "aftr"}]}, 'no wave "aftr" (did you mean "after"?)'),
        ({"evidence": [{"values": "valuse.csv"}]}, 'no such file: valuse.csv (did you mean "values.csv"?)'),
        ({"evidence": [{"survey": "./shet.yaml", "answers": "answers.csv"}]}, 'no such file: ./shet.yaml (did you mean "sheet.yaml"?)'),
        ({"evidence": [{"survey": "custmer-voice", "answers": "answers.csv"}]}, 'nothing shipped is called "custmer-voice" (did you mean "customer-voice"?)'),
        ({"wavs": []}, 'unknown key "wavs" (did you mean "waves"?)'),
    ],
)  # fmt: skip
def test_plans_that_cannot_be_used(assessment: Assessment, faults: Faults, plan: Any, problem: str) -> None:
    found = faults(lambda: load_plan(assessment(plan)))
    assert any(problem in one and one.startswith("assessment.yaml:") for one in found), found


def test_problems_of_a_plan_and_all_it_names_come_at_once(
    assessment: Assessment, write: Write, faults: Faults
) -> None:
    plan = assessment({"targets": {"x": 1}, "unit": "u", "units": {"us": None}})
    write("framework.yaml", tree(measure("weight: 0, normalise: none")))
    write("sheet.yaml", "questionnaire: q\nversion: 1.0.0\n")
    (plan.parent / "values.csv").unlink()
    files = {problem.split(":")[0] for problem in faults(lambda: load_plan(plan))}
    assert files == {"assessment.yaml", "framework.yaml", "sheet.yaml"}


# --- places that data may come from --------------------------------------------------------------


def values_at(name: str) -> dict[str, Any]:
    return {"evidence": [{"values": name}]}


def test_files_outside_the_plans_folder_are_refused(
    assessment: Assessment, tmp_path: Path, faults: Faults, write: Write
) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "v.csv").write_text("wave,measure,value\nbefore,days,1\n")
    (tmp_path / "link.csv").symlink_to(outside / "v.csv")
    for name in (
        f"../{outside.name}/v.csv",
        str(outside / "v.csv"),
        "link.csv",
        "/etc/passwd",
        "a/../../x.csv",
    ):
        plan = assessment(values_at(name))
        (problem,) = faults(lambda plan=plan: load_plan(plan))
        assert f"{name} lies outside the plan's folder (move it there, or pass --allow " in problem
        if outside.name in name or name == "link.csv":
            assert load_plan(plan, (outside,)).sources
        assert faults(lambda plan=plan: load_plan(plan, (tmp_path / "elsewhere",)))


def test_a_framework_that_is_a_link_out_of_the_folder_is_refused(
    assessment: Assessment, tmp_path: Path, faults: Faults
) -> None:
    plan = assessment({})
    file = tmp_path / "framework.yaml"
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    file.rename(elsewhere / file.name)
    file.symlink_to(elsewhere / file.name)
    (problem,) = faults(lambda: load_plan(plan))
    assert "lies outside the folder, by a link (bring the file there" in problem
    assert re.search(r"assessment\.yaml:\d+:\d+: ", problem)
    file.unlink()
    (elsewhere / file.name).rename(tmp_path / "kept.yaml")
    file.symlink_to(tmp_path / "kept.yaml")
    assert load_plan(plan).framework


def test_a_link_inside_the_folder_and_a_plan_named_by_a_link_are_fine(
    assessment: Assessment, tmp_path: Path
) -> None:
    plan = assessment(values_at("link.csv"))
    (tmp_path / "link.csv").symlink_to(tmp_path / "values.csv")
    assert load_plan(plan).sources
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert load_plan("assessment.yaml").sources
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "https://example.org/v.csv",
            '"https://example.org/v.csv" is not a file (name a file under the plan\'s folder)',
        ),
        ("s3://bucket/v.csv", "is not a file"),
        ("python:no_such_package_x/v.csv", "the Python package no_such_package_x is not installed"),
        ("python:pandas/../numpy/v.csv", "names no file of a package (write python:package/path)"),
        ("python:pandas/no.csv", "pandas holds no file no.csv (check the path)"),
        ("python:os.path/x", "names no file of a package (write python:package/path)"),
        ("python:/etc/passwd", "names no file of a package (write python:package/path)"),
        ("python:pandas//etc/passwd", "pandas holds no file /etc/passwd (check the path)"),
        ("python:__main__/x", "__main__"),
        (".", "no such file: ."),
        ("x" * 5000, "no such file: xxx"),
    ],
)
def test_names_that_are_no_file_of_the_plan(
    assessment: Assessment, faults: Faults, name: str, problem: str
) -> None:
    (found,) = faults(lambda: load_plan(assessment(values_at(name))))
    assert problem in found


def test_files_of_installed_packages_may_be_named(assessment: Assessment) -> None:
    loaded = load_plan(assessment(values_at("python:numpy/version.py")))
    assert loaded.sources[0].files[""][0].name == "version.py"


# --- questionnaires ------------------------------------------------------------------------------

SHEET = """\
questionnaire: q
version: 1.0.0
title: Q
audience: customer
scales:
  s: {points: [{value: 1, label: a}, {value: 2, label: b}]}
sections:
  - id: one
    title: One
    questions:
"""


@pytest.mark.parametrize(
    ("questions", "problem"),
    [
        ("- {id: a, text: A, scale: x}", 'q.yaml:11:33: no scale "x" (known: s)'),
        (
            "- {id: a, text: A, scale: s}\n      - {id: a, text: A, scale: s}",
            'q.yaml:12:14: the id "a" stands twice (give each question its own id)',
        ),
        (
            "- {id: a, text: A, type: number, min: 5, max: 1}",
            "q.yaml:11:45: min is not below max (turn them round)",
        ),
        ("- {id: a, text: A, type: rateing, scale: s}", 'unknown type "rateing" (did you mean "rating"?)'),
        (
            "- {id: a, text: A, type: maturity, levels: [{value: 1, label: x}, {value: 1, label: y}]}",
            "two points have the same value",
        ),
        ("- {id: a, text: A, type: text, feeds: x}", 'q.yaml:11:23: "x" cannot stand here (take it out)'),
        ("- {id: a, text: {english: A}, scale: s}", "languages are written like en or zh-Hans"),
    ],
)
def test_questionnaires_that_cannot_be_used(
    write: Write, faults: Faults, questions: str, problem: str
) -> None:
    path = write("q.yaml", f"{SHEET}      {questions}\n")
    found = faults(lambda: load_questionnaire(path))
    assert any(problem in one for one in found), found


# --- validate ------------------------------------------------------------------------------------


def test_validate_knows_every_kind_and_folders_and_shipped_ids(
    assessment: Assessment, tmp_path: Path
) -> None:
    plan = assessment()
    for name in (
        plan,
        plan.parent / "framework.yaml",
        plan.parent / "sheet.yaml",
        plan.parent,
        Path("crm-capability"),
        Path("customer-voice"),
    ):
        assert problems_of(name) == []


def test_validate_of_what_is_no_definition(write: Write, tmp_path: Path) -> None:
    def said(path: Path) -> list[str]:
        return [str(problem).replace(f"{tmp_path}/", "") for problem in problems_of(path)]

    assert said(write("x.yaml", "a: 1\n")) == [
        f"x.yaml:1:1: not a definition of a known kind (start it with one of: {', '.join(KINDS)})"
    ]
    assert said(tmp_path / "gone.yaml") == ["gone.yaml: no such file (check the path)"]
    (tmp_path / "empty").mkdir()
    assert said(tmp_path / "empty") == ["empty: no definition in this folder (name a folder of .yaml files)"]
    assert said(Path("crm-capabilty")) == [
        'nothing shipped is called "crm-capabilty" (did you mean "crm-capability"?)'
    ]

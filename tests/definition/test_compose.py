"""Frameworks made from others: `extends`, `include`, and several in one plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crm_capability import load_framework, load_plan, score_values
from crm_capability.definition.compose import read_framework
from crm_capability.errors import DefinitionError

BASE = """\
framework: base
version: 1.2.0
title: Base
defaults: {aggregate: geometric, normalise: {method: goalposts, worst: 0, best: 10}, min_share: 0.9}
bands: [{id: low, from: 0, title: Low}, {id: high, from: 50, title: High}]
tree:
  id: whole
  title: Whole
  children:
    - id: a
      title: A
      children:
        - {id: a1, title: A1, unit: x}
        - {id: a2, title: A2, unit: x}
    - id: b
      title: B
      children:
        - {id: b1, title: B1, unit: x}
"""
HEAD = "framework: variant\nversion: 1.0.0\ntitle: Variant\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path


def write(folder: Path, text: str, name: str = "variant.yaml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def ids(path: Path) -> list[str]:
    return [node.id for _, node, _ in load_framework(path).walk()]


def problems(path: Path) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        load_framework(path)
    return [str(problem).replace(str(path.parent) + "/", "") for problem in caught.value.problems]


def test_changes_are_made_in_their_order(folder: Path) -> None:
    path = write(
        folder,
        HEAD
        + """\
extends: base.yaml
changes:
  - {remove: a2, because: not here}
  - {move: b1, under: a, because: it belongs there}
  - {remove: b, because: empty now}
  - {set: a1, to: {title: First, normalise: {method: goalposts, worst: 0, best: 5}}, because: narrower}
  - add: {id: c, title: C, children: [{id: c1, title: C1, unit: x}]}
    under: whole
    because: new
  - {add: {id: a0, title: A0, unit: x}, under: a, after: a1, because: new too}
""",
    )
    framework = load_framework(path)
    assert ids(path) == ["whole", "a", "a1", "a0", "b1", "c", "c1"]
    assert framework.measures["a1"].title == "First"
    assert framework.measures["a1"].normalise.best == 5  # type: ignore[union-attr]
    assert framework.left_out == ("a2",)
    assert [band.id for band in framework.bands] == ["low", "high"]
    assert framework.defaults.min_share == 0.9
    assert [type(change).__name__ for change in framework.changes] == [
        "Remove",
        "Move",
        "Remove",
        "SetKeys",
        "Add",
        "Add",
    ]
    assert read_framework(path).parts == ((folder / "base.yaml").resolve(),)


def test_what_is_included_keeps_the_settings_of_its_own_framework(folder: Path) -> None:
    path = write(
        folder,
        HEAD
        + """\
tree:
  id: new
  title: New
  children:
    - {id: n1, title: N1, unit: x, normalise: none}
    - {include: base.yaml, node: a, weight: 3, title: Renamed}
""",
    )
    framework = load_framework(path)
    branch = framework.tree.children[1]
    assert (branch.id, branch.title, branch.weight) == ("a", "Renamed", 3.0)
    assert framework.left_out == ("b1",)
    readings = {"a1": [4.0, 9.0], "a2": [9.0, 1.0]}
    import pandas as pd

    whole = score_values(load_framework(folder / "base.yaml"), pd.DataFrame({**readings, "b1": [1.0, 1.0]}))
    mixed = score_values(framework, pd.DataFrame({**readings, "n1": [1.0, 1.0]}))
    assert mixed["a"].tolist() == whole["a"].tolist()
    assert mixed["a"][0] == pytest.approx(60.0)  # the geometric mean of 40 and 90


def test_a_problem_points_into_the_file_where_it_stands(folder: Path) -> None:
    path = write(
        folder,
        HEAD + "extends: base.yaml\nchanges:\n  - {set: a1, to: {unti: y, weight: -1}, because: slip}\n",
    )
    assert problems(path) == [
        'variant.yaml:6:20: unknown key "unti" (did you mean "unit"?)',
        "variant.yaml:6:37: -1 is out of range (write a number above 0)",
    ]
    write(folder, BASE.replace("unit: x}\n    - id: b", "unitt: x}\n    - id: b"), "base.yaml")
    assert [line.split(" ")[0] for line in problems(path)] == ["base.yaml:14:11:", "base.yaml:14:31:"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extends: bsae.yaml\n", 'variant.yaml:4:10: no such file: bsae.yaml (did you mean "base.yaml"?)'),
        ("extends: no-such\n", 'nothing shipped is called "no-such"'),
        ("extends: variant.yaml\n", "variant.yaml:4:10: a circle: variant → variant"),
        ("extends: base.yaml\ntree: {id: x, title: X, children: []}\n", "a tree of its own beside `extends`"),
        ("changes: [{remove: a, because: x}]\n", "changes to nothing"),
        ("extends: base.yaml\nchanges: [{remove: aa, because: x}]\n", 'variant.yaml:5:20: no node "aa" here'),
        ("extends: base.yaml\nchanges: [{remove: whole, because: x}]\n", "the root stays where it is"),
        ("extends: base.yaml\nchanges: [{remove: b1, because: x}]\n", "nothing stands here"),
        ("extends: base.yaml\nchanges: [{remove: b1}]\n", '"because" is missing'),
        ("extends: base.yaml\nchanges: [{drop: b1, because: x}]\n", 'unknown key "drop"'),
        ("extends: base.yaml\nchanges: [{set: b1, to: {id: c}, because: x}]\n", "`id` cannot be set"),
        (
            "extends: base.yaml\nchanges: [{add: {id: a1, title: A, unit: x}, under: b, because: x}]\n",
            "a1: already in the framework",
        ),
        ("extends: base.yaml\nchanges: [{move: a, under: a, because: x}]\n", "a lies under a"),
        ("extends: base.yaml\nchanges: [{move: a, under: b1, because: x}]\n", "b1 is a measure"),
        (
            "extends: base.yaml\nchanges: [{move: b1, under: a, after: a9, because: x}]\n",
            '"a9" is no child of a',
        ),
        (
            "tree: {id: t, title: T, children: [{include: base.yaml, node: z}]}\n",
            'base.yaml has no node "z" (known: a, a1, a2, b, b1, whole)',
        ),
        (
            "tree: {id: t, title: T, children: [{include: base.yaml, nod: a}]}\n",
            'unknown key "nod" (did you mean "node"?)',
        ),
        (
            "tree: {id: t, title: T, children: [{include: base.yaml, node: a}, {include: base.yaml}]}\n",
            "variant.yaml:4:77: a, a1, a2: already in this framework",
        ),
        ("tree: {id: a, title: T, children: [{include: base.yaml}]}\n", "a: already in this framework"),
        ("tree: {id: t, title: T, children: [{include: crm-capability@7}]}\n", "crm-capability@7 is wanted"),
        (
            "defaults: {transform: log}\ntree: {id: t, title: T, children: [{include: base.yaml}]}\n",
            "the default `transform` would reach what is included",
        ),
        ("extends: 7\n", "no name of a framework"),
        ("extends: ../base.yaml\n", "no such file"),
    ],
)
def test_bad_references_and_changes(folder: Path, text: str, expected: str) -> None:
    found = problems(write(folder, HEAD + text))
    assert any(expected in line for line in found), found
    assert all(re.match(r"[a-z]+\.yaml:\d+:\d+: ", line) for line in found)


def test_a_longer_circle_names_its_way(folder: Path) -> None:
    write(folder, HEAD + "extends: other.yaml\n")
    write(folder, HEAD + "tree: {id: t, title: T, children: [{include: variant.yaml}]}\n", "other.yaml")
    assert problems(folder / "variant.yaml") == [
        "other.yaml:4:46: a circle: variant → other → variant (take one of the references out)"
    ]


def test_a_way_out_of_the_folder_is_not_followed(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(folder / "base.yaml")
    for reference in ("link.yaml", "../base.yaml", str(folder / "base.yaml")):
        found = problems(write(inner, HEAD + f"extends: {reference}\n"))
        assert "lies outside the folder" in found[0], found


def test_a_plan_may_hold_several_frameworks(folder: Path) -> None:
    write(
        folder, BASE.replace("base", "other").replace("whole", "second").replace("id: ", "id: o-"), "o.yaml"
    )
    (folder / "values.csv").write_text("unit,a1,a2,b1,o-a1,o-a2,o-b1\nu,5,5,5,10,10,10\n")
    plan = write(
        folder,
        """\
assessment: both
title: Both
framework: [base.yaml, o.yaml]
unit: u
waves: [{id: now}]
evidence: [{values: values.csv, layout: wide, columns: {unit: unit}}]
""",
        "plan.yaml",
    )
    from crm_capability import assess

    scores = assess(load_plan(plan)).tables["scores"].set_index("node")["score"]
    assert scores["whole"] == pytest.approx(50)
    assert scores["o-second"] == pytest.approx(100)
    assert scores["both"] == pytest.approx(75)


def test_questions_about_what_a_variant_leaves_out_feed_nothing(folder: Path) -> None:
    write(folder, HEAD + "extends: base.yaml\nchanges: [{remove: a2, because: x}]\n")
    (folder / "sheet.yaml").write_text(
        """\
questionnaire: sheet
version: 1.0.0
title: Sheet
audience: expert
sections:
  - id: s
    title: S
    questions:
      - {id: q1, text: One, type: number, unit: x, feeds: a1}
      - {id: q2, text: Two, type: number, unit: x, feeds: a2}
"""
    )
    (folder / "answers.csv").write_text("respondent,q1,q2\n1,5,6\n2,7,8\n")
    text = """\
assessment: one
title: One
framework: variant.yaml
unit: u
waves: [{id: now}]
evidence: [{survey: ./sheet.yaml, answers: answers.csv}]
"""
    loaded = load_plan(write(folder, text, "plan.yaml"))
    assert [question.feeds for question in loaded.questionnaires[0].questions.values()] == ["a1", None]
    write(folder, BASE.replace("id: a1", "id: z1"), "base.yaml")
    with pytest.raises(DefinitionError, match='"a1" is no measure'):
        load_plan(folder / "plan.yaml")

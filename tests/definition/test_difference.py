"""Two versions of a definition: what changed in meaning, and what is no change at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_capability.cli import main
from crm_capability.definition.difference import differences
from crm_capability.errors import DefinitionError

OLD = """\
framework: small
version: 1.0.0
title: {en: Small, zh-Hans: 小}
defaults: {normalise: {method: goalposts, worst: 0, best: 10}}
tree:
  id: small
  title: Small
  children:
    - id: a
      title: A
      children:
        - {id: a1, title: A1, unit: x}
        - {id: a2, title: A2, unit: x}
    - id: b
      title: B
      children:
        - {id: b1, title: B1, unit: x, weight: 1}
"""
SHEET = """\
questionnaire: voice
version: 1.0.0
title: Voice
audience: customer
scales: {agree: {points: [{value: 1, label: no}, {value: 5, label: yes}]}}
sections:
  - {id: s, title: S, questions: [{id: q1, text: {en: One, zh-Hans: 一}, scale: agree, feeds: a1}]}
  - {id: t, title: T, questions: [{id: q2, text: Two, type: number, unit: h}]}
"""


def told(folder: Path, old: str, new: str) -> list[str]:
    (folder / "old.yaml").write_text(old, encoding="utf-8")
    (folder / "new.yaml").write_text(new, encoding="utf-8")
    return [str(one) for one in differences(folder / "old.yaml", folder / "new.yaml")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # no change: quotes, comments, defaults written out, weights of another size but the same shares
        ("title: A1, unit: x", "unit: 'x', title: \"A1\"", []),
        ("tree:", "# the tree\ntree:", []),
        ("title: A1, unit: x", "title: A1, unit: x, better: higher", []),
        ("title: A1, unit: x", "title: A1, unit: x, normalise: {method: goalposts, worst: 0, best: 10}", []),
        ("unit: x, weight: 1", "unit: x, weight: 7", []),
        # changes
        ("zh-Hans: 小", "zh-Hans: 小型", ["~ file: title [zh-Hans]: 小 → 小型"]),
        ("zh-Hans: 小", "zh-Hant: 小", ["~ file: title [zh-Hans]: 小 → nothing", "~ file: title [zh-Hant]: nothing → 小"]),
        ("version: 1.0.0", "version: 1.1.0", ["~ file: version: 1.0.0 → 1.1.0"]),
        (
            "title: A1, unit: x",
            "title: A1, unit: x, weight: 3",
            ["~ a1: share among siblings: 0.5 → 0.75", "~ a2: share among siblings: 0.5 → 0.25"],
        ),
        (
            "title: A1, unit: x",
            "title: A1, unit: x, normalise: {method: goalposts, worst: 2, best: 10}",
            ["~ a1: normalise.worst: 0 → 2"],
        ),
        (
            "title: A1, unit: x",
            "title: A1, unit: x, normalise: none",
            ["~ a1: normalise: method goalposts, worst 0, best 10, truncate True → method none"],
        ),
        (
            "      title: B\n",
            "      title: B\n      aggregate: geometric\n",
            ["~ b: aggregate: method arithmetic → method geometric"],
        ),
        (
            "        - {id: a2, title: A2, unit: x}\n",
            "",
            ["- a2 (was under a)", "~ a1: share among siblings: 0.5 → 1"],
        ),
        ("id: b1", "id: b2", ["- b1 (was under b)", "+ b2 under b"]),
    ],
)  # fmt: skip
def test_frameworks(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in OLD
    assert told(tmp_path, OLD, OLD.replace(old, new, 1)) == expected


def test_a_moved_node(tmp_path: Path) -> None:
    line = "        - {id: a2, title: A2, unit: x}\n"
    found = told(tmp_path, OLD, OLD.replace(line, "") + line)
    assert "> a2: from a to b" in found
    assert not [one for one in found if one.startswith(("+", "-"))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("zh-Hans: 一", "zh-Hans: 壹", ["~ q1: text [zh-Hans]: 一 → 壹"]),
        ("feeds: a1", "feeds: a2", ["~ q1: feeds: a1 → a2"]),
        ("label: yes", "label: fully", ["~ file: scales.agree.points.5.label: yes → fully"]),
        ("unit: h", "unit: h, max: 9", ["~ q2: max: nothing → 9"]),
    ],
)
def test_questionnaires(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in SHEET
    assert told(tmp_path, SHEET, SHEET.replace(old, new, 1)) == expected


def test_two_kinds_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"of kind framework, .* of kind questionnaire"):
        told(tmp_path, OLD, SHEET)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(tmp_path, OLD, OLD.replace("id: b1", "id: b2"))
    files = [str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]
    assert main(["diff", *files]) == 0
    assert capsys.readouterr().out == "- b1 (was under b)\n+ b2 under b\n"
    assert main(["diff", "--json", *files]) == 0
    assert '"kind": "removed"' in capsys.readouterr().out
    assert main(["diff", files[0], files[0]]) == 0
    assert capsys.readouterr().out == ""

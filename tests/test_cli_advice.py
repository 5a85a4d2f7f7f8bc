"""`what-if` and `roadmap` from the command line, from a result folder alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_capability import assess, load_plan
from crm_capability.cli import main
from crm_capability.definition.validate import problems_of

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
VALUES = (
    "unit,measure,value\nus,days,15\nus,share,0.2\nus,voice,4\nthem,days,9\nthem,voice,4\nthem,share,0.4\n"
)
NOW: dict[str, Any] = {
    "evidence": [{"values": "values.csv"}],
    "waves": [{"id": "now", "from": "2020-01-01", "to": "2020-06-30"}],
    "targets": {"index": 60},
}
ACTIONS = (
    "actions: mine\nversion: 1.0.0\nframework: small\nlist:\n"
    "  - {id: listen, title: {en: Listen, zh-Hans: 倾听}, effort: 2, takes: 3, months: 9, moves: {share: 0.5}}\n"
    "  - {id: hurry, title: Hurry, effort: 1, months: 6, needs: [listen], precondition: a free lane, moves: {days: 0.2}}\n"
)


@pytest.fixture
def folder(assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["score", str(assessment(NOW, values=VALUES)), "--out", str(tmp_path / "result")]) == 0
    capsys.readouterr()
    (tmp_path / "values.csv").unlink()  # a result folder is enough
    return tmp_path / "result"


def test_what_if_side_by_side(folder: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """share 0.2 → 0.9 is 20 → 90: speed 35 → 70, index 55 → 72.5, past the band at 60 and past `them`."""
    scenario = write(
        "more.yaml", "scenario: more\nreadings:\n  - {measure: share, add: 0.7}\ntargets: {index: 70}\n"
    )
    out = folder.parent / "if.csv"
    assert main(["what-if", str(folder), str(scenario), "--out", str(out)]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == ["index", "55.0", "72.5", "+17.5", "weak", "strong", "2", "1", "60", "70"]
    assert [line[0] for line in lines[2:]] == ["speed", "share"]
    table = pd.read_csv(out)
    assert len(table) == 10
    assert table.query("unit == 'them' and node == 'index'")[["rank", "if_rank"]].to_numpy().tolist() == [
        [1, 2]
    ]


def test_what_if_is_what_assessing_the_changed_data_gives(
    folder: Path, assessment: Assessment, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "scenario: both\nreadings:\n  - {measure: days, times: 0.5}\n  - {measure: voice, unit: them, value: 2}\nweights: {index: {speed: 3, voice: 1}}\n"
    assert main(["what-if", str(folder), str(write("both.yaml", text)), "--json"]) == 0
    found = {row["node"]: row["if_score"] for row in json.loads(capsys.readouterr().out)}
    other = VALUES.replace("us,days,15", "us,days,7.5").replace("them,voice,4", "them,voice,2")
    plan = assessment({**NOW, "weights": {"index": {"speed": 3, "voice": 1}}}, values=other)
    expected = assess(load_plan(plan)).tables["scores"].query("unit == 'us'").set_index("node")["score"]
    assert found == pytest.approx(expected.to_dict())


def test_scenarios_with_faults(folder: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "scenario: wrong\nreadings:\n  - {measure: dayz, add: 1}\n  - {measure: days, unit: you, add: 1}\n"
        "weights: {speed: {days: 1, shares: 2}, voice: equal}\ntargets: {indx: 3}\n"
    )
    path = write("wrong.yaml", text)
    assert main(["what-if", str(folder), str(path)]) == 1
    said = capsys.readouterr().err
    assert 'wrong.yaml:3:15: "dayz" is no measure of the framework (did you mean "days"?)' in said
    assert 'wrong.yaml:4:27: "you" is no unit of the result' in said
    assert 'wrong.yaml:5:40: "voice" is no node with children to weigh' in said
    assert 'wrong.yaml:6:11: "indx" is no node of the framework (did you mean "index"?)' in said
    assert "shares" in said
    two = write("two.yaml", "scenario: x\nreadings: [{measure: days, add: 1, value: 2}]\n")
    assert [problem.what for problem in problems_of(two)] == ["write one of `value`, `add` and `times`"]
    nothing = write("nothing.yaml", "scenario: x\n")
    assert [problem.what for problem in problems_of(nothing)] == [
        "it changes nothing: write readings, weights or targets"
    ]


def test_a_dated_roadmap(folder: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder.parent / "steps.csv"
    call = ["roadmap", str(folder), "--budget", "3", "--actions", str(write("actions.yaml", ACTIONS))]
    assert main([*call, "--out", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1\tlisten\tListen\t2\t2020-07-01 to 2020-09-30\tmeasure again by 2021-04-01"
    assert (
        said[1] == "2\thurry\tHurry\t1\t2020-10-01 to 2021-03-31\tmeasure again by 2021-04-01\tafter listen"
    )
    assert said[2] == "effort 3 of 3, expected gain of the index 12.5 points"
    table = pd.read_csv(out)
    assert table["index_then"].to_list() == pytest.approx([65, 67.5])  # share 20 → 60, days 50 → 60
    assert table["owner"].isna().all()
    assert table["precondition"].to_list()[1] == "a free lane"
    assert main([*call, "--start", "2021-02-30"]) == 2
    assert main([*call, "--start", "2021-02-01"]) == 0
    assert "2021-02-01 to 2021-04-30" in capsys.readouterr().out


@pytest.mark.parametrize("style", ["block", "flow"])
def test_the_next_waves_plan_keeps_comments_and_takes_targets(
    folder: Path, write: Write, style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    waves = {
        "block": "waves:\n  - {id: now, from: 2020-01-01, to: 2020-06-30}   # the first\n\n# evidence\n",
        "flow": "waves: [{id: now, from: 2020-01-01, to: 2020-06-30}]\n# evidence\n",
    }[style]
    text = (
        "# our plan\nassessment: test\ntitle: Test\nframework: ./framework.yaml\nunit: us\n"
        + waves
        + "evidence:\n  - {values: values.csv}\ntargets:\n  index: 60   # by the board\n  voice: 90\n"
    )
    plan = write("plan-2020.yaml", text)
    write("values.csv", VALUES)
    call = ["roadmap", str(folder), "--budget", "3", "--actions", str(write("actions.yaml", ACTIONS))]
    assert main([*call, "--plan", str(folder.parent / "next.yaml")]) == 2
    assert (
        main([*call, "--plan", str(folder.parent / "next.yaml"), "--of", str(plan), "--wave", "later"]) == 0
    )
    written = (folder.parent / "next.yaml").read_text("utf-8")
    for comment in ("# our plan", "# evidence"):
        assert comment in written
    loaded = load_plan(folder.parent / "next.yaml").plan
    assert [(wave.id, str(wave.start), str(wave.end)) for wave in loaded.waves] == [
        ("now", "2020-01-01", "2020-06-30"),
        ("later", "2021-04-01", "2021-09-29"),
    ]
    assert loaded.targets == {"index": 67.5, "speed": 60, "days": 60, "share": 60, "voice": 90}
    capsys.readouterr()
    assert main([*call, "--plan", "x.yaml", "--of", str(plan), "--wave", "now"]) == 1
    assert 'the plan has a wave "now" already' in capsys.readouterr().err


def test_a_plan_may_ask_for_its_roadmap(assessment: Assessment, write: Write) -> None:
    write("actions.yaml", ACTIONS)
    wish = {"actions": "./actions.yaml", "effort": 3}
    result = assess(load_plan(assessment({**NOW, "roadmap": wish}, values=VALUES)))
    assert result.tables["roadmap"]["action"].to_list() == ["listen", "hurry"]
    assert result.tables["roadmap"]["zh-Hans"].to_list()[0] == "倾听"
    targets = result.tables["roadmap_targets"].set_index("node")["target"]
    assert targets["index"] == pytest.approx(67.5)
    assert "actions.yaml" in [one["file"] for one in result.manifest["inputs"]]
    nothing = assess(load_plan(assessment({**NOW, "roadmap": {**wish, "effort": 0}}, values=VALUES)))
    assert "roadmap" not in nothing.tables
    assert any(
        "nothing within an effort of 0 promises a gain" in n["text"] for n in nothing.manifest["notes"]
    )

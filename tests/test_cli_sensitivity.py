"""`crm-capability sensitivity`: what it prints, what it writes, what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.analysis.result import load_result
from crm_capability.cli import main
from crm_capability.report.facts import facts
from crm_capability.report.language import language
from crm_capability.tables import read_table

Assessment = Callable[..., Path]

SPEC: dict[str, Any] = {
    "of": "score",
    "factors": [
        {"choose": "weights", "among": [{"speed": 1, "voice": 1}, {"speed": 3, "voice": 1}]},
        {"vary": "goalposts", "at": "speed", "share": 0.2},
    ],
    "runs": 32,
    "seed": 7,
}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_tables_and_manifest(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["sensitivity", str(assessment({"sensitivity": SPEC})), "--out", str(out)]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert [line.split("\t")[0] for line in lines[:2]] == ["weights", "goalposts:speed"]
    assert lines[2].startswith("us\tafter above before\t")
    assert said.err == ""
    table = read_table("sensitivity", out / "tables" / "sensitivity.csv")
    assert list(table.columns[:5]) == ["factor", "first_order", "total_order", "low", "high"]
    ranks = read_table("uncertainty", out / "tables" / "uncertainty.csv")
    assert ranks["wave"].tolist() == ["before", "after"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["sensitivity"]["rebuilds"] == 32 * 4
    assert manifest["sensitivity"]["above"] == [
        {"unit": "us", "before": "before", "after": "after", "share": 1.0}
    ]
    assert {entry["file"] for entry in manifest["outputs"]} == {
        "tables/sensitivity.csv",
        "tables/uncertainty.csv",
    }
    assert manifest["seed"] == 7


def test_json(assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            ["sensitivity", str(assessment({"sensitivity": SPEC})), "--out", str(tmp_path / "out"), "--json"]
        )
        == 0
    )
    printed = json.loads(capsys.readouterr().out)
    assert [one["factor"] for one in printed["factors"]] == ["weights", "goalposts:speed"]
    assert printed["runs"] == 32
    assert len(printed["files"]) == 2


def test_the_same_seed_writes_the_same_bytes(assessment: Assessment, tmp_path: Path) -> None:
    plan = str(assessment({"sensitivity": SPEC}))
    for name in ("one", "two"):
        main(["sensitivity", plan, "--out", str(tmp_path / name)])
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_result_keeps_everything_else(assessment: Assessment, tmp_path: Path) -> None:
    plan, out = assessment({"sensitivity": SPEC}), tmp_path / "out"
    main(["score", str(plan), "--out", str(out)])
    (out / "note.txt").write_text("mine")
    before = tree(out)
    main(["sensitivity", str(plan), "--out", str(out)])
    assert tree(out) == before  # `score` had them already, from the same seed
    assert set(load_result(out).tables) >= {"scores", "sensitivity", "uncertainty"}


def test_other_inputs_than_the_results_stand_with_the_analysis(
    assessment: Assessment, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    main(["score", str(assessment({"sensitivity": SPEC})), "--out", str(out)])
    scored = json.loads((out / "manifest.json").read_text())
    main(["sensitivity", str(assessment({"sensitivity": {**SPEC, "seed": 8}})), "--out", str(out)])
    again = json.loads((out / "manifest.json").read_text())
    assert again["inputs"] == scored["inputs"]
    assert again["sensitivity"]["seed"] == 8
    assert again["sensitivity"]["inputs"] != scored["inputs"]


def test_another_assessments_folder_is_refused(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["score", str(assessment({"assessment": "other"})), "--out", str(out)])
    before = tree(out)
    assert main(["sensitivity", str(assessment({"sensitivity": SPEC})), "--out", str(out)]) == 1
    assert "holds the result of other" in capsys.readouterr().err
    assert tree(out) == before


def test_a_plan_without_it(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["sensitivity", str(assessment()), "--out", str(out)]) == 1
    assert "the plan has no `sensitivity`" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("earlier", [False, True])
def test_an_interrupt_leaves_what_was_there(
    assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    plan, out = assessment({"sensitivity": SPEC}), tmp_path / "out"
    if earlier:
        main(["score", str(plan), "--out", str(out)])
    before = tree(tmp_path)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for place in ("crm_capability.analysis.sensitivity.indices", "crm_capability.report.folder.write_table"):
        with monkeypatch.context() as patched:
            patched.setattr(place, interrupt)
            assert main(["sensitivity", str(plan), "--out", str(out)]) == 130
        assert tree(tmp_path) == before


def test_one_unit_has_no_ranks(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {**SPEC, "of": "rank"}
    assert main(["sensitivity", str(assessment({"sensitivity": spec})), "--out", str(tmp_path / "out")]) == 1
    assert "write `of: score`" in capsys.readouterr().err


def test_without_a_folder_it_prints_alone(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = assessment({"sensitivity": SPEC})
    before = tree(tmp_path)
    assert main(["sensitivity", str(plan)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "en",
            "Index scores higher in “after” than in “before” under 100.0% of 64 other combinations of choices",
        ),
        ("zh-Hans", "在64种组合中，有100.0%的组合下“Index”在“after”的得分仍高于“before”"),
    ],
)
def test_the_report_says_how_often_the_change_holds(assessment: Assessment, code: str, sentence: str) -> None:
    result = assess(load_plan(assessment({"sensitivity": SPEC})))
    told = facts(result, language(code)).method.sentences
    assert any(sentence in one.text for one in told)
    plain = assess(load_plan(assessment()))
    assert len(facts(plain, language(code)).method.sentences) == len(told) - 1

"""The result folder: whole or not at all, whatever interrupts; and nobody else's things are lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan, load_result
from crm_capability.analysis.result import Result
from crm_capability.provenance import sha256
from crm_capability.report.folder import ensure_writable, render_again, write_result

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]


@pytest.fixture
def result(assessment: Assessment) -> Result:
    return assess(load_plan(assessment()))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def page(_: Result, folder: Path) -> None:
    (folder / "report.en.html").write_text("<p>new</p>")


def interrupted(_: Result, folder: Path) -> None:
    (folder / "report.en.html").write_text("<p>half")
    raise KeyboardInterrupt


def test_what_is_written_is_hashed_and_comes_back(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "down" / "out"
    written = write_result(result, out, page)
    manifest = json.loads((out / "manifest.json").read_text())
    assert {entry["file"] for entry in manifest["outputs"]} == set(contents(out)) - {"manifest.json"}
    for entry in manifest["outputs"]:
        assert sha256(out / entry["file"]) == entry["sha256"]
    assert {path.name for path in written} >= {"manifest.json", "scores.csv", "report.en.html"}
    again = load_result(out)
    assert again.plan == result.plan
    assert again.framework == result.framework
    for name, table in again.tables.items():
        assert table.equals(result.tables[name]), name


def test_the_same_inputs_give_the_same_bytes(result: Result, tmp_path: Path) -> None:
    write_result(result, tmp_path / "one")
    write_result(result, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_an_interrupted_first_run_leaves_nothing(
    result: Result, tmp_path: Path, fault: type[BaseException]
) -> None:
    def broken(_: Result, folder: Path) -> None:
        (folder / "half.pdf").write_text("half")
        raise fault

    before = sorted(tmp_path.iterdir())
    with pytest.raises(fault):
        write_result(result, tmp_path / "out", broken)
    assert sorted(tmp_path.iterdir()) == before


def test_an_interrupted_later_run_leaves_the_earlier_result(result: Result, tmp_path: Path) -> None:
    write_result(result, tmp_path / "out", page)
    before, beside = contents(tmp_path / "out"), sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        write_result(result, tmp_path / "out", interrupted)
    with pytest.raises(KeyboardInterrupt):
        render_again(load_result(tmp_path / "out"), tmp_path / "out", interrupted)
    assert contents(tmp_path / "out") == before
    assert sorted(tmp_path.iterdir()) == beside


def test_a_failed_move_puts_the_earlier_result_back(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_result(result, tmp_path / "out")
    before, beside = contents(tmp_path / "out"), sorted(tmp_path.iterdir())
    move, moves = os.rename, []

    def second_fails(source: Any, target: Any) -> None:
        moves.append(target)
        if len(moves) == 2:
            raise KeyboardInterrupt
        move(source, target)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(KeyboardInterrupt):
        write_result(result, tmp_path / "out")
    assert contents(tmp_path / "out") == before
    assert sorted(tmp_path.iterdir()) == beside


def test_a_later_run_replaces_ours_and_keeps_what_others_put_there(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_result(result, out, page)
    (out / "minutes.txt").write_text("of the meeting")
    (out / "tables" / "mine.csv").write_text("a\n1\n")
    write_result(result, out)
    found = contents(out)
    assert "report.en.html" not in found  # of the earlier run, and not made again
    assert found["minutes.txt"] == b"of the meeting"
    assert found["tables/mine.csv"] == b"a\n1\n"


def test_rendering_again_needs_no_source_and_keeps_the_tables(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_result(result, out)
    for name in ("values.csv", "answers.csv", "framework.yaml", "sheet.yaml", "assessment.yaml"):
        (tmp_path / name).unlink()
    tables = {name: data for name, data in contents(out).items() if name.startswith("tables/")}
    assert render_again(load_result(out), out, page) == [out / "report.en.html"]
    assert {name: data for name, data in contents(out).items() if name.startswith("tables/")} == tables
    outputs = json.loads((out / "manifest.json").read_text())["outputs"]
    assert "report.en.html" in [entry["file"] for entry in outputs]


def test_folders_that_are_not_ours(result: Result, tmp_path: Path, faults: Faults) -> None:
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "thesis.doc").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for call in (lambda: ensure_writable(tmp_path / "busy"), lambda: write_result(result, tmp_path / "busy")):
        assert faults(call) == [
            "busy: the folder holds other things and no earlier result (name an empty or a new folder)"
        ]
    assert faults(lambda: write_result(result, tmp_path / "file")) == [
        "file: a file stands where the folder should go (name another folder)"
    ]
    assert contents(tmp_path / "busy") == {"thesis.doc": b"years of work"}
    (tmp_path / "empty").mkdir()
    assert write_result(result, tmp_path / "empty")


def test_a_folder_that_cannot_be_written(result: Result, tmp_path: Path, faults: Faults) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    place = (
        Path("/proc/1/no-such-place") if os.geteuid() == 0 else locked / "out"
    )  # root may write anywhere else
    (problem,) = faults(lambda: write_result(result, place))
    assert "the folder cannot be written" in problem
    assert faults(lambda: ensure_writable(tmp_path / "values.csv" / "out")) != []


def test_what_is_no_result_folder(tmp_path: Path, faults: Faults, result: Result) -> None:
    (problem,) = faults(lambda: load_result(tmp_path / "gone"))
    assert problem.startswith("gone: not a result folder: ")
    assert problem.endswith("(name a folder that `run` or `score` wrote)")
    write_result(result, tmp_path / "out")
    (tmp_path / "out" / "manifest.json").write_text("{half")
    assert faults(lambda: load_result(tmp_path / "out"))
    (tmp_path / "out" / "definitions.json").write_text("{}")
    (tmp_path / "out" / "manifest.json").write_text("{}")
    assert faults(lambda: load_result(tmp_path / "out"))


def test_permissions_are_those_of_any_new_folder(result: Result, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write_result(result, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode

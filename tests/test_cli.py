"""The command line: exit statuses, what goes where, formats, interrupts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_capability.cli import main

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
CALL = [sys.executable, "-m", "crm_capability.cli"]
HEAVY = (
    "pandas",
    "numpy",
    "pydantic",
    "duckdb",
    "sqlglot",
    "matplotlib",
    "weasyprint",
    "scipy",
    "yaml",
    "rich",
    "jinja2",
    "openpyxl",
)


def usage(*words: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    return int(stopped.value.code or 0)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["score", "--help"], ["validate", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom crm_capability.cli import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"
    assert done.stderr == ""


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, crm_capability\nassert not set({HEAVY!r}) & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "words",
    [[], ["dance"], ["score", "x.yaml"], ["validate"], ["validate", "x", "--format", "xml"], ["init"]],
)
def test_wrong_usage_is_status_2_and_says_so_on_stderr(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: crm-capability")


def test_init_validate_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, out = tmp_path / "first", tmp_path / "out"
    assert main(["init", str(first)]) == 0
    assert str(first / "assessment.yaml") in capsys.readouterr().out.splitlines()
    assert main(["validate", str(first / "assessment.yaml")]) == 0
    assert capsys.readouterr().out == f"{first / 'assessment.yaml'}: ok\n"
    assert main(["score", str(first / "assessment.yaml"), "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[:2] for line in lines[:2]] == [["example", "before"], ["example", "after"]]
    assert str(out / "manifest.json") in lines
    assert (out / "tables" / "scores.csv").is_file()


def test_init_does_not_write_over_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("x")
    assert main(["init", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{tmp_path}: there is something here already (name a new or empty folder)\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_score_as_json(assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = assessment(
        values="wave,measure,value\nbefore,days,15\n", answers="respondent,wave,kind\n1,before,3\n"
    )
    assert main(["score", str(plan), "--out", str(tmp_path / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unit"] == "us"
    assert found["index"] == {"before": 50.0, "after": None}


def test_all_problems_on_stderr_status_1_nothing_written(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = assessment(values="wave,measure,value\nbefore,dayz,1\nnever,days,1\n")
    before = sorted(tmp_path.iterdir())
    assert main(["score", str(plan), "--out", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == "2 problems"
    assert 'values.csv:2: "dayz" is no measure of the framework (did you mean "days"?)' in err
    assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before


def test_an_unwritable_place_is_said_before_the_work(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = assessment(values="wave,measure,value\nbefore,dayz,1\n")
    assert main(["score", str(plan), "--out", str(tmp_path / "values.csv")]) == 1
    assert "a file stands where the folder should go" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["validate", "gone.yaml"],
        ["score", "gone.yaml", "--out", "x"],
        ["report", "gone"],
        ["explain", "gone", "index"],
    ],
)
def test_files_that_are_not_there(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert (out, err.startswith("gone")) == ("", True)


def test_problems_as_json_and_for_github(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("f.yaml", "framework: f\nversion: 1.0.0\ntitle: F\ntitle: 50%\n")
    assert main(["validate", str(path), "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == [
        {
            "file": str(path),
            "line": 4,
            "column": 1,
            "problem": 'the key "title" stands twice',
            "remedy": "keep one of them",
        }
    ]
    assert err == ""
    assert main(["validate", str(path), "--format", "github"]) == 1
    assert (
        capsys.readouterr().out
        == f'::error file={path},line=4,col=1::the key "title" stands twice (keep one of them)\n'
    )
    assert main(["validate", "crm-capability", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_same_problem_is_said_once_over_several_files(
    assessment: Assessment, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = assessment()
    (plan.parent / "framework.yaml").write_text("framework: f\n")
    assert main(["validate", str(plan), str(plan.parent / "framework.yaml")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(set(lines)) == len(lines)


def test_allow_opens_a_folder_outside(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-data"
    outside.mkdir()
    (outside / "v.csv").write_text("wave,measure,value\nbefore,days,1\n")
    plan = str(assessment({"evidence": [{"values": str(outside / "v.csv")}]}))
    assert main(["validate", plan]) == 1
    assert (
        f"lies outside the plan's folder (move it there, or pass --allow {outside})"
        in capsys.readouterr().err
    )
    assert main(["validate", plan, "--allow", str(outside)]) == 0
    assert (
        main(
            ["score", plan, "--out", str(tmp_path / "out"), "--allow", str(tmp_path), "--allow", str(outside)]
        )
        == 0
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("earlier", [False, True])
def test_an_interrupt_half_way_leaves_no_half_written_folder(
    assessment: Assessment, tmp_path: Path, how: int, earlier: bool
) -> None:
    plan, out = assessment(), tmp_path / "out"
    if earlier:
        assert main(["score", str(plan), "--out", str(out)]) == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code = (
        "import signal, sys\nimport crm_capability.report.folder as folder\nsave = folder.save\n"
        "def slow(*given):\n    save(*given)\n    print('READY', flush=True)\n    signal.pause()\n"
        "folder.save = slow\nfrom crm_capability.cli import main\n"
        f"sys.exit(main(['score', {str(plan)!r}, '--out', {str(out)!r}]))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "READY\n"
    child.send_signal(how)
    rest, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert rest == ""
    assert err == "interrupted: nothing was written, an earlier result stands as it was\n"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_interrupt_from_the_progress_callback(assessment: Assessment, tmp_path: Path) -> None:
    from crm_capability import assess, load_plan

    def stop(step: str) -> None:
        if step == "scores":
            raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    plan = load_plan(assessment())
    with pytest.raises(KeyboardInterrupt):
        assess(plan, stop)
    assert [
        path
        for path in sorted(tmp_path.iterdir())
        if path not in before and path.suffix not in (".yaml", ".csv")
    ] == []


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        [*CALL, "init", str(tmp_path / "x")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert child.stdout is not None
    child.stdout.close()
    _, err = child.communicate(timeout=30)
    assert b"Traceback" not in err


def test_progress_is_silent_off_a_terminal(assessment: Assessment, tmp_path: Path) -> None:
    done = subprocess.run(
        [*CALL, "score", assessment(), "--out", tmp_path / "out"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_explain_of_an_unknown_node(
    assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["score", str(assessment()), "--out", str(tmp_path / "out")])
    capsys.readouterr()
    assert main(["explain", str(tmp_path / "out"), "dayz"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert 'did you mean "days"?' in err

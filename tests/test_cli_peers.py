"""`benchmark` and `compare` from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability.cli import main

Assessment = Callable[..., Path]


@pytest.fixture
def folder(assessment: Assessment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    values = "unit,measure,value\n" + "".join(f"u{n},days,{3 * n}\n" for n in range(6))
    plan = {
        "evidence": [{"values": "values.csv"}],
        "waves": [{"id": "now", "from": "2020-01-01", "to": "2020-12-31"}],
        "unit": "u0",
    }
    assert main(["score", str(assessment(plan, values=values)), "--out", str(tmp_path / "result")]) == 0
    capsys.readouterr()
    return tmp_path / "result"


def test_build_and_show(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "pool.yaml"
    assert (
        main(["benchmark", "build", str(folder), "--id", "six", "--sector", "retail", "--out", str(out)]) == 0
    )
    assert capsys.readouterr().out == f"{out}\n"
    assert main(["validate", str(out)]) == 0
    capsys.readouterr()
    assert main(["benchmark", "show", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "six 1.0.0: 6 peers, small@1.2.0",
        "source: 1 assessment",
        "sector: retail",
        "period: 2020-01-01 to 2020-12-31",
    ]
    assert ["days", "6", "55", "62.5", "75", "87.5", "95"] in [line.split() for line in lines]


def test_what_is_wrong_is_status_1_and_writes_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pool.yaml"
    assert main(["benchmark", "build", str(folder), "--id", "six", "--wave", "then", "--out", str(out)]) == 1
    assert capsys.readouterr().err == f'{folder}: no wave "then" (known: now)\n'
    assert not out.exists()
    assert (
        main(
            [
                "benchmark",
                "build",
                str(folder),
                "--id",
                "six",
                "--out",
                str(tmp_path / "values.csv" / "p.yaml"),
            ]
        )
        == 1
    )
    assert "cannot be written" in capsys.readouterr().err
    assert main(["benchmark", "show", str(out)]) == 1
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["benchmark"], ["benchmark", "build"], ["benchmark", "show"]])
def test_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2


def test_compare(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "changes.csv"
    assert main(["compare", str(folder), str(folder), "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "node\tu0 now\tu0 now\tchange\t95 % interval"
    assert "days\t100.0\t100.0\t+0.0" in lines
    assert "voice\tmissing\tmissing" in lines
    assert out.read_text("utf-8").startswith(
        "node,level,before,after,change,low,high,p_value,q_value,why_not\n"
    )
    assert main(["compare", str(folder), str(folder), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert next(row for row in found["nodes"] if row["node"] == "days")["change"] == 0


def test_compare_what_cannot_be(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definitions = json.loads((folder / "definitions.json").read_text("utf-8"))
    definitions["framework"]["framework"] = "large"
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "definitions.json").write_text(json.dumps(definitions), "utf-8")
    assert main(["compare", str(folder), str(other)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "scores of different frameworks do not compare" in err
    assert main(["compare", str(folder), str(tmp_path / "gone")]) == 1
    assert "not a result folder" in capsys.readouterr().err

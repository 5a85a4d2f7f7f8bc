"""`benchmark build` and `benchmark show` from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
        main(["benchmark", "build", str(folder), "--id", "six", "--out", str(tmp_path / "no" / "p.yaml")])
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

"""The same inputs give the same bytes: in another folder, another process, another place and hour."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crm_capability.definition.plan import FORMATS

FIRST = Path(__file__).parents[2] / "examples" / "first"
PLACES = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LANG": "C", "HOME": "/nowhere"},
    {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LANG": "C.UTF-8", "SOURCE_DATE_EPOCH": "86400"},
)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One assessment, run in two folders by two processes whose surroundings differ."""
    outs = []
    for number, place in enumerate(PLACES):
        home = tmp_path_factory.mktemp(f"place-{number}") / ("deep" * number) / "mine"
        shutil.copytree(FIRST, home)
        plan = yaml.safe_load((home / "assessment.yaml").read_text(encoding="utf-8"))
        plan["report"] |= {
            "languages": ["en", "zh-Hans", "zh-Hant"], "formats": list(FORMATS), "template": "benchmark",
        }  # fmt: skip
        (home / "assessment.yaml").write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
        (home / "out").mkdir()
        call = [sys.executable, "-m", "crm_capability", "run", "assessment.yaml", "--out", "out"]
        subprocess.run(call, cwd=home, env={**os.environ, **place}, check=True, capture_output=True)
        outs.append(home / "out")
    return outs


def test_two_runs_in_two_folders_give_the_same_bytes(twice: list[Path]) -> None:
    one, other = (
        {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
        for out in twice
    )
    assert {name.rpartition(".")[2] for name in one} >= {*FORMATS, "csv"}
    assert [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)] == []  # fmt: skip

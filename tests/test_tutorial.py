"""The tutorial's commands and edits, done one after the other in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(sh|diff (?P<file>\S+))\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FUNCTION = 'crm-capability() { "$PYTHON" -m crm_capability "$@"; }\nset -e\n'


def edit(path: Path, block: str) -> None:
    """What a diff says: the lines with a minus become those with a plus."""
    lines = block.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line.startswith("-"))
    new = "".join(line[1:] for line in lines if line.startswith("+"))
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.slow
def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    folder, out = tmp_path, ""
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    blocks = list(BLOCK.finditer((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")))
    assert len(blocks) > 8
    for block in blocks:
        if block["file"]:
            edit(folder / block["file"], block["text"])
            continue
        done = subprocess.run(
            ["bash", "-c", FUNCTION + block["text"] + "\npwd"],
            cwd=folder, env=environment, text=True, capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, block["text"] + done.stderr
        *said, place = done.stdout.splitlines()
        folder, out = Path(place), out + "\n".join(said) + "\n"
    assert (folder / "results" / "report.en.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "board" / "report.en.pdf").is_file()
    # what the text promises
    assert "~ shelf-availability: normalise.worst: 0.85 → 0.9" in out
    assert "~ shelf-availability: share among siblings: 0.25 → 0.5" in out
    assert "not comparable: defined otherwise" in out
    assert re.search(r"^us\tafter\t\d", out, re.MULTILINE)


def test_a_slip_is_answered_with_its_place(tmp_path: Path) -> None:
    text = (ROOT / "indicators" / "crm-capability-retail.yaml").read_text(encoding="utf-8")
    slip = text.replace("    under: delivery\n", "      wieght: 3\n    under: delivery\n", 1)
    (tmp_path / "framework.yaml").write_text(slip, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "crm_capability", "validate", str(tmp_path / "framework.yaml")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 1
    line = next(n for n, row in enumerate(slip.splitlines(), 1) if "wieght" in row)
    assert f"framework.yaml:{line}:7: " in done.stderr
    assert 'did you mean "weight"?' in done.stderr

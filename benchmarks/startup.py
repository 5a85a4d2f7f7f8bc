"""The command line's `--help` against an interpreter that does nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .timing import ratio

NAMES = ("help start-up",)


def run(full: bool) -> Iterator[dict[str, Any]]:
    """Whole processes, in turn."""
    command = Path(sys.executable).parent / "crm-capability"
    help_page = (
        [str(command), "--help"]
        if command.exists()
        else [sys.executable, "-m", "crm_capability.cli", "--help"]
    )
    bare = [sys.executable, "-c", "pass"]
    times, ours, plain = ratio(lambda: _quiet(help_page), lambda: _quiet(bare), runs=25)
    yield {
        "name": NAMES[0],
        "ratio": round(times, 3),
        "goal": 4,
        "unit": "bare interpreter",
        "seconds": round(ours, 6),
        "detail": f"bare interpreter {plain:.6f} s",
    }


def _quiet(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

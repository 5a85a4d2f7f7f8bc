"""Many reports: two cores against one, and whether memory grows from report to report."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NAMES = ("batch two cores", "batch memory")
WARM = 20  # reports, until which memory may still grow


def run(full: bool) -> list[dict[str, Any]]:
    """Branches of a made-up firm, the shipped framework, the board's report in English as PDF."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [_two_cores(folder, 50 if full else 16), _memory(folder, 200 if full else 50)]


def _two_cores(folder: Path, branches: int) -> dict[str, Any]:
    """The whole command in processes of its own, alternating, start and summary included."""
    plan = _plan(folder / "firm", branches)
    seconds: dict[str, list[float]] = {"1": [], "2": []}
    for jobs in ("1", "2", "2", "1"):
        out = folder / f"out-{jobs}-{len(seconds[jobs])}"
        call = ["batch", str(plan), "--out", str(out), "--jobs", jobs, "--to", "pdf"]
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "crm_capability", *call], check=True, capture_output=True, cwd=ROOT
        )
        seconds[jobs].append(time.perf_counter() - start)
    one, two = min(seconds["1"]), min(seconds["2"])
    return {
        "name": f"batch {branches} reports two cores", "ratio": round(one / two, 3), "goal": 1.8, "better": "higher",
        "unit": "one core", "seconds": round(two, 2), "detail": f"one core {one:.1f} s; the better of two runs each",
    }  # fmt: skip


def _memory(folder: Path, reports: int) -> dict[str, Any]:
    """The most memory that the process at work had from the twentieth report on, against until then."""
    plan, out = _plan(folder / "again", reports), folder / "memory"
    call = [*("-m", "crm_capability", "batch", str(plan), "--out", str(out)), *("--jobs", "1", "--to", "pdf")]
    start = time.perf_counter()
    early = late = 0.0
    with subprocess.Popen([sys.executable, *call], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            done = sum(1 for _ in out.glob("*/manifest.json"))
            most = max((_resident(child) for child in _children(process.pid)), default=0.0)
            early, late = (max(early, most), late) if done <= WARM else (early, max(late, most))
            time.sleep(0.2)
    assert process.returncode == 0
    return {
        "name": f"batch memory over {reports} reports", "ratio": round(late / early, 3), "goal": 1.1,
        "unit": f"the most until report {WARM}", "seconds": round(time.perf_counter() - start, 1),
        "detail": f"{early:.0f} MB until then, {late:.0f} MB after, in the process at work",
    }  # fmt: skip


def _children(process: int) -> list[int]:
    """The processes that a process started (Linux)."""
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _resident(process: int) -> float:
    """Memory in use by a process now, in megabytes."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:  # it has just ended
        return 0.0
    return next(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0
    )


def _plan(folder: Path, branches: int) -> Path:
    """A plan of so many branches with readings from a seeded generator."""
    import numpy as np

    from crm_capability import load_framework

    framework, numbers = load_framework("crm-capability"), np.random.default_rng(5)
    rows = ["wave,unit,measure,value,standard_error,n"]
    for wave in ("before", "after"):
        for branch in range(branches):
            for measure, definition in framework.measures.items():
                rule: Any = definition.normalise or framework.defaults.normalise
                low = getattr(rule, "worst", getattr(rule, "min", 0.0))
                high = getattr(rule, "best", getattr(rule, "max", 1.0))
                value = low + (high - low) * numbers.random()
                rows.append(f"{wave},branch-{branch},{measure},{value!r},{abs(high - low) * 0.02!r},100")
    folder.mkdir()
    (folder / "values.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    plan = {
        "assessment": "firm", "title": "A firm that was made up", "framework": "crm-capability@1",
        "unit": "branch-0", "units": {f"branch-{n}": {"title": f"Branch {n}"} for n in range(branches)},
        "waves": [{"id": "before"}, {"id": "after"}], "evidence": [{"values": "values.csv"}],
        "report": {"languages": ["en"]},
    }  # fmt: skip
    path = folder / "assessment.yaml"
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path

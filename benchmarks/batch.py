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
WARM = 20  # reports, before memory is looked at for the first time


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
    """Resident memory of one process after the last report against after the twentieth."""
    plan = _plan(folder / "again", 2)
    call = [sys.executable, "-m", "benchmarks.batch", str(plan), str(reports)]
    said = subprocess.run(call, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    early, late, spent = json.loads(said)
    return {
        "name": f"batch memory over {reports} reports", "ratio": round(late / early, 3), "goal": 1.1,
        "unit": f"after {WARM} reports", "seconds": round(spent, 1), "detail": f"{early:.0f} MB, then {late:.0f} MB",
    }  # fmt: skip


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


def _over_and_over(plan: Path, reports: int) -> tuple[float, float, float]:
    """Megabytes after the first twenty reports and after all, and the seconds in between."""
    from crm_capability import assess, load_plan
    from crm_capability.report.write import write_report

    result = assess(load_plan(plan))
    with tempfile.TemporaryDirectory() as name:
        for number in range(reports):
            write_report(result, name, formats=["pdf"])
            if number + 1 == WARM:
                early, start = _resident(), time.perf_counter()
    return early, _resident(), time.perf_counter() - start


def _resident() -> float:
    """Memory in use now, in megabytes; the peak where the system tells no more."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    print(json.dumps(_over_and_over(Path(sys.argv[1]), int(sys.argv[2]))))

"""Reading a big framework against a plain parser with pydantic; `watch` after a saved weight against
scoring and rendering alone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .timing import ratio

NAMES = ("framework 2000", "watch a weight")


def run(full: bool) -> Iterator[dict[str, Any]]:
    """Both, in folders that go away."""
    with tempfile.TemporaryDirectory() as folder:
        yield _framework(Path(folder))
        yield _watch(Path(folder))


def big_framework(measures: int = 2000, width: int = 10) -> str:
    """A tree whose indicators hold `width` measures each, worded as shipped ones are."""
    lines = ["framework: big", "version: 1.0.0", "title: {en: Big, zh-Hans: 大, zh-Hant: 大}"]
    lines += ["tree:", "  id: big", "  title: {en: Big, zh-Hans: 大, zh-Hant: 大}", "  children:"]
    for group in range(measures // width):
        lines += [
            f"    - id: group-{group}",
            f"      title: {{en: Group {group}, zh-Hans: 第{group}组, zh-Hant: 第{group}組}}",
            "      children:",
        ]
        for n in range(group * width, (group + 1) * width):
            lines += [
                f"        - id: measure-{n}",
                f"          title: {{en: Measure {n}, zh-Hans: 测量项{n}, zh-Hant: 衡量項{n}}}",
                "          definition:",
                f"            en: Mean number of days between event {n} and the moment somebody knows of it.",
                f"            zh-Hans: 从第{n}种动静出现到有人得知，平均相隔的天数。",
                f"            zh-Hant: 從第{n}種動靜出現到有人得知，平均相隔的天數。",
                "          unit: days",
                "          better: lower",
                "          evidence: [operational, survey]",
                "          normalise: {method: goalposts, worst: 30, best: 1}",
            ]
    return "\n".join(lines) + "\n"


def _framework(folder: Path) -> dict[str, Any]:
    import yaml

    from crm_capability import load_framework
    from crm_capability.definition.framework import Framework

    path = folder / "big.yaml"
    path.write_text(big_framework(), encoding="utf-8")

    def plain() -> object:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return Framework.model_validate(data)

    times, ours, theirs = ratio(lambda: load_framework(path), plain, runs=7)
    return {
        "name": NAMES[0],
        "ratio": round(times, 3),
        "goal": 1.5,
        "unit": "PyYAML's C parser plus pydantic",
        "seconds": round(ours, 4),
        "detail": f"strict, with places and checks; plain {theirs:.4f} s; {path.stat().st_size:,} bytes",
    }


def _watch(folder: Path) -> dict[str, Any]:
    from crm_capability import assess, load_plan
    from crm_capability.definition.library import shipped
    from crm_capability.report.write import report_page
    from crm_capability.watch import Watched

    shutil.copytree(shipped("examples") / "first", folder / "first")
    plan = folder / "first" / "assessment.yaml"
    text = plan.read_text(encoding="utf-8")
    watched = Watched(plan)
    watched.refresh()
    loaded, evidence = load_plan(plan), watched.evidence
    turn = [0]

    def saved() -> None:
        turn[0] += 1
        weights = f"customer-insight: {1 + turn[0] % 7}, customer-value: 2, relationship-lifecycle: 3"
        plan.write_text(text + f"weights: {{crm-capability: {{{weights}}}}}\n", encoding="utf-8")
        watched.refresh()
        assert not watched.problems

    def alone() -> None:
        report_page(assess(loaded, evidence=evidence), "en")

    times, ours, theirs = ratio(saved, alone, runs=7)
    return {
        "name": NAMES[1],
        "ratio": round(times, 3),
        "goal": 2,
        "unit": "scoring and rendering the page alone",
        "seconds": round(ours, 4),
        "detail": f"from the save to the page, the watcher's pause of 60 ms aside; alone {theirs:.4f} s",
    }

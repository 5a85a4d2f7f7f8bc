"""The report step against WeasyPrint alone on the same HTML: what our own work adds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

LANGUAGES = ("en", "zh-Hans")
NAMES = tuple(f"report {turn} {code}" for code in LANGUAGES for turn in ("first", "later"))


def run(full: bool) -> list[dict[str, Any]]:
    """First reports of fresh processes (imports included), and the second in a process."""
    from crm_capability import assess, load_plan

    plan = Path(__file__).parents[1] / "examples" / "first" / "assessment.yaml"
    result = assess(load_plan(plan))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for code in LANGUAGES if full else LANGUAGES[:1]:
            rows.append(_first(plan, code, Path(name), runs=5 if full else 3))
            rows.append(_later(result, code, Path(name), runs=9 if full else 5))
    return rows


def _first(plan: Path, code: str, folder: Path, runs: int) -> dict[str, Any]:
    """Both sides in processes of their own; the result is read and the HTML written before the clock."""
    ours, alone = [], []
    for _ in range(runs):
        ours.append(_process("ours", plan, code, folder))
        alone.append(_process("alone", plan, code, folder))
    return _row(f"report first {code}", ours, alone, 1.6, "imports included, a process each")


def _process(side: str, plan: Path, code: str, folder: Path) -> float:
    call = [sys.executable, "-m", "benchmarks.report", side, str(plan), code, str(folder)]
    root = Path(__file__).parents[1]
    return float(subprocess.run(call, check=True, capture_output=True, text=True, cwd=root).stdout)


def _later(result: Any, code: str, folder: Path, runs: int) -> dict[str, Any]:
    """In one process, after a first report: fonts and style sheet parsed, libraries imported."""
    template, press = _pressed(result)
    html = template.render(result, template.language(code))
    press.write(html, folder / "warm.pdf")
    ours, alone = [], []
    for _ in range(runs):
        start = time.perf_counter()
        press.write(template.render(result, template.language(code)), folder / "ours.pdf")
        middle = time.perf_counter()
        press.write(html, folder / "alone.pdf")
        ours.append(middle - start)
        alone.append(time.perf_counter() - middle)
    return _row(f"report later {code}", ours, alone, 1.3, "from the second report on, one process")


def _pressed(result: Any) -> tuple[Any, Any]:
    """The plan's template and a printer set up for its style."""
    from crm_capability.report.template import find_template
    from crm_capability.report.write import Press

    press = Press(result, find_template(result.plan.report.template))
    return press.template, press.printer


def _row(name: str, ours: list[float], alone: list[float], goal: float, detail: str) -> dict[str, Any]:
    ratio = median(a / b for a, b in zip(ours, alone, strict=True))
    return {
        "name": name,
        "ratio": round(ratio, 3),
        "goal": goal,
        "unit": "WeasyPrint on the same HTML",
        "seconds": round(median(ours), 3),
        "detail": f"{detail}; WeasyPrint alone {median(alone):.2f} s",
    }


def _timed(side: str, plan: Path, code: str, folder: Path) -> float:
    """One side in this fresh process; imports of the side under test fall within the clock."""
    from crm_capability import assess, load_plan

    html, style = folder / f"same.{code}.html", folder / "style.txt"
    if side == "ours":
        result = assess(load_plan(plan))
        start = time.perf_counter()
        template, press = _pressed(result)
        text = template.render(result, template.language(code))
        press.write(text, folder / "first.pdf")
        spent = time.perf_counter() - start
        html.write_text(text, encoding="utf-8")
        style.write_text(str(template.roots[1] / "style.css"), encoding="utf-8")
        return spent
    assess(load_plan(plan))  # what both sides have imported before the clock starts
    text, sheet = html.read_text(encoding="utf-8"), Path(style.read_text(encoding="utf-8"))
    start = time.perf_counter()
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    css = CSS(filename=str(sheet), font_config=fonts)
    HTML(string=text, base_url=sheet.parent.as_uri() + "/").write_pdf(
        folder / "alone.pdf", stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    print(_timed(sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))

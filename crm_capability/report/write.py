"""Reports into a folder: PDF and HTML in every language, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ..analysis.result import Result
from .enclosed import enclosed
from .facts import report_day
from .pdf import Printer
from .screen import screen_page
from .template import Template, find_template
from .workbook import write_workbook

Progress = Callable[[str], None]


def write_report(
    result: Result,
    folder: str | Path,
    languages: Iterable[str] | None = None,
    template: str | Path | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write `report.<lang>.pdf`, `report.<lang>.html` and `workbook.xlsx` into a folder.

    `languages` and `template` are the plan's unless given; `template` is a shipped name or the
    path of a folder with blocks of its own; `progress` is told each file's name.
    Gives the files written. Raises ReportError.
    """
    folder = Path(folder)
    chosen, press = printer(result, template)
    tell = progress or (lambda name: None)
    inside = enclosed(result)
    written = []
    for code in languages or result.plan.report.languages:
        html = chosen.render(result, chosen.language(code))
        for kind in ("html", "pdf"):
            path = folder / f"report.{code}.{kind}"
            tell(path.name)
            if kind == "pdf":
                press.write(html, path, inside, report_day(result))
            else:
                path.write_text(_on_screen(html, chosen, result, code), encoding="utf-8")
            written.append(path)
    tell("workbook.xlsx")
    return [*written, write_workbook(result, folder / "workbook.xlsx")]


def report_page(result: Result, language: str, template: str | Path | None = None) -> str:
    """The report in one language as HTML for a screen, open to scripts that are added. Raises ReportError."""
    chosen = find_template(template or result.plan.report.template)
    html = chosen.render(result, chosen.language(language))
    return _on_screen(html, chosen, result, language, closed=False)


def printer(result: Result, template: str | Path | None = None) -> tuple[Template, Printer]:
    """The template, and a press set up for its style; one serves many reports."""
    chosen = find_template(template or result.plan.report.template)
    return chosen, Printer(chosen.styles(result.theme), chosen.folder, chosen.roots)


def _on_screen(html: str, chosen: Template, result: Result, code: str, closed: bool = True) -> str:
    language = chosen.language(code)
    return screen_page(html, chosen.styles(result.theme), result.theme, result, language, closed)

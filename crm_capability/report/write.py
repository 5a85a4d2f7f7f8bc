"""Reports into a folder: PDF and HTML in every language, and a workbook."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from ..analysis.result import Result
from ..definition.library import shipped
from ..errors import CapabilityWarning, Place, Problem, ReportError, near_miss
from .facts import facts
from .language import Language, language
from .pdf import Printer
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
    path of a folder with `report.html` and `style.css`; `progress` is told each file's name.
    Gives the files written. Raises ReportError.
    """
    folder = Path(folder)
    place, press = printer(result, template)
    tell = progress or (lambda name: None)
    written = []
    for code in languages or result.plan.report.languages:
        html = document(result, language(code, [place / "words"]), place)
        for kind in ("html", "pdf"):
            path = folder / f"report.{code}.{kind}"
            tell(path.name)
            if kind == "pdf":
                press.write(html, path)
            else:
                path.write_text(_self_contained(html, place / "style.css"), encoding="utf-8")
            written.append(path)
    tell("workbook.xlsx")
    return [*written, write_workbook(result, folder / "workbook.xlsx")]


def printer(result: Result, template: str | Path | None = None) -> tuple[Path, Printer]:
    """The template's folder, and a press set up for its style; one serves many reports."""
    place = _template(template or result.plan.report.template)
    return place, Printer(
        place / "style.css", (place, shipped("reports") / "fonts", shipped("reports") / "scorecard")
    )


def document(result: Result, lang: Language, template: Path) -> str:
    """The report as HTML, to be styled by the template's style sheet."""
    from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader([template, shipped("reports") / "scorecard", shipped("reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    try:
        told = facts(result, lang)
        html = environment.get_template("report.html").render(facts=told, words=told.words)
    except TemplateError as error:
        where = Place(str(getattr(error, "filename", None) or template), getattr(error, "lineno", 0) or 0)
        raise ReportError(
            Problem(where, f"the template cannot be rendered: {error}", "mend the template")
        ) from None
    if lang.lacking:
        shown = ", ".join(lang.lacking[:5]) + (" …" if len(lang.lacking) > 5 else "")
        what = f"no words in {lang.code} for {shown}: the report says them in English"
        warnings.warn(CapabilityWarning(what), stacklevel=3)
    return html


def unbroken(text: str) -> str:
    """The text as HTML in which no line ends between a number and the Chinese word it counts.

    >>> print(unbroken("<3项指标"))
    &lt;<span class="unbroken">3项</span>指标
    """
    from markupsafe import Markup, escape

    counted = re.compile(r"\d[\d.,]*[\u4e00-\u9fff]")
    return Markup(counted.sub(lambda found: f'<span class="unbroken">{found[0]}</span>', str(escape(text))))


def _template(name: str | Path) -> Path:
    """A shipped template by its name, or a folder by its path."""
    folder = Path(name)
    if isinstance(name, str) and "/" not in name:
        folder = shipped("reports") / name
    if not (folder / "style.css").is_file():
        known = [path.parent.name for path in shipped("reports").glob("*/style.css")]
        raise ReportError(Problem(Place(), f'no report template "{name}"', near_miss(str(name), known)))
    return folder


def _self_contained(html: str, stylesheet: Path) -> str:
    """The document with its style sheet inside. Fonts are left to the reader's machine: they
    would make a page of 100 KB one of 10 MB."""
    style = stylesheet.read_text(encoding="utf-8")
    _, marker, rules = style.partition("/* ---- rules ---- */")
    return html.replace("</head>", f"<style>{(marker + rules) if marker else style}</style>\n</head>", 1)

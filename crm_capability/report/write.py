"""Reports into a folder: a file for each language and format, and a workbook.

`_OF_LANGUAGE` and `_OF_ALL` are the whole list of what can be written: a further format is a further line.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.result import Result
from ..definition.plan import FORMATS
from ..errors import Place, Problem, ReportError, near_miss
from .facts import Facts, facts, report_day
from .language import Language
from .template import Style, Template, find_template

if TYPE_CHECKING:
    from .pdf import Printer

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Press:
    """What all the languages of one report share; made when a format first needs it."""

    result: Result
    template: Template
    master: Path | None = None  # a client's own slides, before the result's

    @cached_property
    def printer(self) -> Printer:
        """Set up for the template's style."""
        return _printer(self.template.styles(self.result.theme), self.template.folder, self.template.roots)

    @cached_property
    def inside(self) -> Mapping[str, tuple[bytes, str]]:
        """The files that travel in a PDF."""
        from .enclosed import enclosed

        return enclosed(self.result)


@lru_cache(maxsize=2)
def _printer(styles: tuple[Style, ...], folder: Path, roots: tuple[Path, ...]) -> Printer:
    """One serves many reports: style sheets are parsed and fonts are read once."""
    from .pdf import Printer

    return Printer(styles, folder, roots)


atexit.register(_printer.cache_clear)  # fonts are given back while what gives them back is still there


@dataclass(frozen=True)
class Edition:
    """The report in one language: its facts are computed once, whatever it is written as."""

    press: Press
    language: Language

    @cached_property
    def told(self) -> Facts:
        return facts(self.press.result, self.language)

    @cached_property
    def html(self) -> str:
        return self.press.template.render(self.press.result, self.language, self.told)


def _pdf(edition: Edition, path: Path) -> None:
    press = edition.press
    press.printer.write(edition.html, path, press.inside, report_day(press.result))


def _html(edition: Edition, path: Path) -> None:
    path.write_text(_on_screen(edition), encoding="utf-8")


def _md(edition: Edition, path: Path) -> None:
    from .markdown import markdown

    path.write_text(markdown(edition.html), encoding="utf-8")


def _pptx(edition: Edition, path: Path) -> None:
    from .slides import PARTS, write_slides

    press = edition.press
    parts = press.template.parts or PARTS
    write_slides(edition.told, press.result, edition.language, path, press.master, parts)


def _xlsx(result: Result, editions: Iterable[Edition], path: Path) -> None:
    from .workbook import write_workbook

    write_workbook(result, path)


def _json(result: Result, editions: Iterable[Edition], path: Path) -> None:
    from .machine import machine_readable

    texts = {edition.language.code: (edition.told, edition.press.template.parts) for edition in editions}
    path.write_text(machine_readable(result, texts), encoding="utf-8")


_OF_LANGUAGE: dict[str, Callable[[Edition, Path], None]] = {
    "html": _html,
    "pdf": _pdf,
    "pptx": _pptx,
    "md": _md,
}
_OF_ALL: dict[str, tuple[str, Callable[[Result, Iterable[Edition], Path], None]]] = {
    "xlsx": ("workbook.xlsx", _xlsx),
    "json": ("report.json", _json),
}


def write_report(
    result: Result,
    folder: str | Path,
    languages: Iterable[str] | None = None,
    template: str | Path | None = None,
    progress: Progress | None = None,
    formats: Iterable[str] | None = None,
    master: Path | None = None,
) -> list[Path]:
    """Write `report.<lang>.pdf`, `.html`, `.pptx` and `.md`, `report.json` and `workbook.xlsx` into a folder.

    `languages`, `template` and `formats` are the plan's unless given; `template` is a shipped name or
    the path of a folder with blocks of its own; `master` a client's PowerPoint file that slides are made
    on; `progress` is told each file's name. Gives the files written. Raises ReportError.
    """
    folder, chosen = Path(folder), known_formats(formats or result.plan.report.formats)
    press = Press(result, find_template(template or result.plan.report.template), master)
    editions = [
        Edition(press, press.template.language(code))
        for code in dict.fromkeys(languages or result.plan.report.languages)
    ]
    written: list[Path] = []

    def file(name: str) -> Path:
        if progress is not None:
            progress(name)
        written.append(folder / name)
        return written[-1]

    for edition in editions:
        for one in (one for one in _OF_LANGUAGE if one in chosen):
            _OF_LANGUAGE[one](edition, file(f"report.{edition.language.code}.{one}"))
    for one, (name, write) in _OF_ALL.items():
        if one in chosen:
            write(result, editions, file(name))
    return written


def known_formats(names: Iterable[str]) -> tuple[str, ...]:
    """The formats, each of them one that can be written. Raises ReportError."""
    names = tuple(names)
    wrong = [name for name in names if name not in FORMATS]
    if wrong:
        raise ReportError(
            Problem(Place(), f'no report format "{name}"', near_miss(name, FORMATS)) for name in wrong
        )
    return names


def report_page(result: Result, language: str, template: str | Path | None = None) -> str:
    """The report in one language as HTML for a screen, open to scripts that are added. Raises ReportError."""
    chosen = find_template(template or result.plan.report.template)
    return _on_screen(Edition(Press(result, chosen), chosen.language(language)), closed=False)


def _on_screen(edition: Edition, closed: bool = True) -> str:
    from .screen import report_numbers, screen_page

    result, lang = edition.press.result, edition.language
    styles = edition.press.template.styles(result.theme)
    return screen_page(edition.html, styles, result.theme, lang, report_numbers(result, lang), closed)

"""Templates: a folder that says which blocks a report has, and holds those that are its own.

What a folder lacks is taken from the shipped `reports/blocks`, so that a client's own folder may
hold one block and nothing else.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..analysis.result import Result
from ..definition.library import shipped
from ..definition.theme import Theme
from ..errors import CapabilityWarning, Place, Problem, ReportError, near_miss
from .facts import Facts, facts
from .language import Language, language
from .theming import dressed, font_style

DEFAULT = "scorecard"
_EXTENDS = re.compile(r"""extends\s+['"]([a-z-]+)/report\.html['"]""")
_MARKER = "/* ---- rules ---- */"  # before it a style sheet brings its fonts
_SHARED = "blocks"
# marks of direction that turn what follows them (Unicode Standard Annex 9, 2): a name that holds one would
# turn the numbers beside it. Letters written from right to left run so without them.
TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True)
class Style:
    """A style sheet, and the folder that its names of files start from."""

    text: str
    base: Path

    @property
    def rules(self) -> str:
        """The style sheet without its fonts."""
        _, marker, rules = self.text.partition(_MARKER)
        return marker + rules if marker else self.text


@dataclass(frozen=True)
class Template:
    """Where a report's blocks, styles and words are looked for: its own folder first."""

    name: str
    folder: Path

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders whose files a report may use."""
        return (self.folder, shipped("reports") / _SHARED, shipped("reports") / "fonts")

    def _base(self) -> Path:
        """What this template builds on: the shipped one that it extends, or the default."""
        page = self.folder / "report.html"
        if not page.is_file():
            return shipped("reports") / DEFAULT
        named = _EXTENDS.search(page.read_text(encoding="utf-8"))
        return shipped("reports") / named[1] if named else self.folder

    def styles(self, theme: Theme | None) -> tuple[Style, ...]:
        """The shared style sheet, over it the template's base and its own, and the theme's font."""
        folders = dict.fromkeys((shipped("reports") / _SHARED, self._base(), self.folder))
        places = [folder / "style.css" for folder in folders]
        found = [
            Style(dressed(place.read_text(encoding="utf-8"), theme), place.parent)
            for place in places
            if place.is_file()
        ]
        return (*found, Style(font_style(theme), self.folder))

    def language(self, code: str) -> Language:
        """A language, with the template's own words before the shipped ones."""
        return language(code, [self.folder / "words"])

    @property
    def _engine(self) -> Any:
        reports = shipped("reports")
        own = tuple(sorted(path.name for path in _files(self.folder)))
        return _environment((self.folder, self._base(), reports / _SHARED, reports), own)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its blocks in order, as `report.html` or what that extends lists them; empty
        where a page lists none. Raises ReportError."""
        with self._mistakes():
            return _listed(self._engine, "report.html")

    def render(self, result: Result, lang: Language, told: Facts | None = None) -> str:
        """The report as HTML, to be styled by the style sheets; `told` are its facts where they are
        there already. Raises ReportError."""
        with self._mistakes():
            told = told or facts(result, lang)
            logo = result.theme.logo if result.theme else None
            html = self._engine.get_template("report.html").render(facts=told, words=told.words, logo=logo)
        _own_up(lang)
        return dressed(html.translate(TURNS), result.theme)

    @contextmanager
    def _mistakes(self) -> Iterator[None]:
        """A template's mistakes in the user's words."""
        from jinja2 import TemplateError

        try:
            yield
        except TemplateError as error:
            where = Place(
                str(getattr(error, "filename", None) or self.folder), getattr(error, "lineno", 0) or 0
            )
            raise ReportError(
                Problem(where, f"the template cannot be rendered: {error}", "mend the template")
            ) from None


def rendered(folder: Path, name: str, theme: Theme | None, **told: Any) -> str:
    """A page of our own that is no report, in a folder of its own; it may use the shared blocks."""
    reports = shipped("reports")
    return dressed(_environment((folder, reports / _SHARED), ()).get_template(name).render(**told), theme)


def find_template(name: str | Path) -> Template:
    """A shipped template by its name, or a folder by its path. Raises ReportError."""
    if isinstance(name, str) and "/" not in name:
        folder = shipped("reports") / name
        known = [path.parent.name for path in shipped("reports").glob("*/report.html")]
        if name not in known:
            raise ReportError(Problem(Place(), f'no report template "{name}"', near_miss(name, known)))
        return Template(name, folder)
    folder = Path(name)
    if not any(path.suffix in (".html", ".css") for path in _files(folder)):
        what = f"{name} is no folder with a report template"
        raise ReportError(Problem(Place(), what, "name a folder that holds blocks (.html) or style.css"))
    return Template(folder.name, folder)


def plan_template(named: str, beside: Path) -> str:
    """The template that a plan names; a path in it starts at the plan's folder. Raises ReportError."""
    template = str(beside / named) if "/" in named else named
    find_template(template)
    return template


@cache
def _environment(folders: tuple[Path, ...], own: tuple[str, ...]) -> Any:
    """Where blocks are looked for, and what has been compiled of them: reports of a batch share it.
    A block added to one's `own` folder in the meantime is a new environment."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    return environment


def _listed(environment: Any, name: str) -> tuple[str, ...]:
    """What a page sets as `parts`, itself or by the page that it extends."""
    from jinja2 import nodes

    source, file, _ = environment.loader.get_source(environment, name)
    tree = environment.parse(source, name, file)
    for step in tree.find_all(nodes.Assign):
        if isinstance(step.target, nodes.Name) and step.target.name == "parts":
            try:
                return tuple(step.node.as_const())
            except nodes.Impossible:
                return ()
    for step in tree.find_all(nodes.Extends):
        if isinstance(step.template, nodes.Const):
            return _listed(environment, step.template.value)
    return ()


def _files(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def _own_up(lang: Language) -> None:
    if lang.lacking:
        shown = ", ".join(lang.lacking[:5]) + (" …" if len(lang.lacking) > 5 else "")
        what = f"no words in {lang.code} for {shown}: the report says them in English"
        warnings.warn(CapabilityWarning(what), stacklevel=4)


def unbroken(text: str) -> str:
    """The text as HTML in which no line ends between a number and the Chinese word it counts.

    >>> print(unbroken("<3项指标"))
    &lt;<span class="unbroken">3项</span>指标
    """
    from markupsafe import Markup, escape

    counted = re.compile(r"\d[\d.,]*[\u4e00-\u9fff]")
    return Markup(counted.sub(lambda found: f'<span class="unbroken">{found[0]}</span>', str(escape(text))))

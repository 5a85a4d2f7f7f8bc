"""A definition as a page that people read: HTML or Markdown, in one language.

`docs FILE` writes it. A page is a title, a few lines about it, and parts; a part has paragraphs,
tables and perhaps a picture of a branch of the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..definition.actions import Actions
from ..definition.bench import Bench
from ..definition.framework import Framework, Group, Measure
from ..definition.library import find, shipped
from ..definition.load import Definition
from ..definition.metrics import Metrics
from ..definition.questionnaire import Choice, Maturity, Questionnaire, Rating
from ..errors import DefinitionError, Place, Problem
from .language import Language, language
from .scales import scale_words
from .tree_picture import tree_picture

FORMS = ("html", "markdown")


@dataclass(frozen=True)
class Grid:
    """A table: heads and rows of text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """A chapter or a section of one."""

    level: int
    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    picture: str = ""  # SVG


@dataclass(frozen=True)
class Page:
    """A whole definition."""

    language: str
    title: str
    about: tuple[str, ...]
    parts: tuple[Part, ...]


def definition_page(file: str | Path, code: str = "en", form: str = "html") -> str:
    """A definition as a page. `file` is a path or the id of a shipped framework or questionnaire.

    Raises DefinitionError for a file that is none, or of a kind that has no page.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    page = page_of(_read(Path(file)), language(code))
    environment = Environment(
        loader=FileSystemLoader(shipped("reports") / "definition"),
        autoescape=form == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = lambda text: text.replace("|", "\\|").replace("\n", " ")
    return environment.get_template(f"page.{'html' if form == 'html' else 'md'}").render(page=page)


def page_of(definition: Definition[Any], lang: Language) -> Page:
    """What the page says, before it has a form."""
    tellers: dict[type[BaseModel], Any] = {
        Framework: _framework,
        Questionnaire: _questionnaire,
        Metrics: _metrics,
        Actions: _actions,
    }
    value = definition.value
    about, parts = tellers[type(value)](value, lang, definition)
    name = next(iter(type(value).model_fields))
    title = lang.text(getattr(value, "title", None)) or str(getattr(value, name))
    version = f"{getattr(value, name)} {value.version}"
    return Page(lang.code, title, (version, *about), tuple(parts))


def _read(file: Path) -> Definition[Any]:
    path = file
    if not file.exists() and not file.suffix and len(file.parts) == 1:
        for folder in ("indicators", "questionnaires"):
            if (shipped(folder) / f"{file}.yaml").is_file():
                path = find(str(file), folder, Path())
    found = Bench.around([path]).given.get(path)
    if found is None or not isinstance(found.value, Framework | Questionnaire | Metrics | Actions):
        from ..definition.validate import problems_of

        problems = problems_of(path) or [
            Problem(Place(str(path)), "no page for this kind", "name a framework, questionnaire, metrics or actions")
        ]  # fmt: skip
        raise DefinitionError(problems)
    return found


# ---------------------------------------------------------------------- framework


def _framework(
    framework: Framework, lang: Language, definition: Definition[Any]
) -> tuple[list[str], list[Part]]:
    bench = Bench.around([definition.path])
    about = [lang.text(framework.source)] if framework.source else []
    parts = [*_changes(framework, lang), *_bands(framework, lang)]
    shares = framework_shares(framework)
    questions, metrics, actions = bench.questions(framework), bench.metrics(), bench.moving(framework)
    for path, node, _ in framework.walk():
        if isinstance(node, Measure):
            continue
        depth = path.count("children")
        measures = [child for child in node.children if isinstance(child, Measure)]
        grids = []
        if measures:
            heads = ("measure", "scale", "better", "evidence", "share")
            rows = tuple(
                (
                    f"{lang.text(m.title)} ({m.id})",
                    scale_words(lang, framework, m),
                    lang.say(f"method.{m.better}"),
                    lang.listing([lang.say(f"evidence.{kind}") for kind in m.evidence] or ["–"]),
                    lang.share(shares[m.id], 1),
                )
                for m in measures
            )
            grids.append(Grid(_heads(lang, *heads), rows))
            told: list[tuple[str, ...]] = []
            for m in measures:
                said = [
                    ("meaning", _definition(lang, m)),
                    *(("question", f"{lang.text(q.text)} ({s.questionnaire}:{q.id})") for s, q in questions.get(m.id, [])),
                    *(("metric", f"{one.metrics}: {_formula(metric)}") for one, metric in metrics.get(m.id, [])),
                    *(("action", lang.text(action.title)) for action in actions.get(m.id, [])),
                ]  # fmt: skip
                told += [
                    (lang.text(m.title) if not n else "", lang.say(f"definition.{what}"), text)
                    for n, (what, text) in enumerate(one for one in said if one[1])
                ]
            grids.append(Grid(_heads(lang, "measure", "what", "text"), tuple(told)))
        rule = lang.say(f"method.rules.{framework.aggregation(node).method}")
        lines = [
            _definition(lang, node),
            lang.say("definition.combined", rule=rule, share=lang.share(shares[node.id], 1)),
        ]
        picture = tree_picture(framework, node, shares, lang) if depth == 1 else ""
        parts.append(
            Part(min(depth + 2, 4), node.id, f"{lang.text(node.title)}", tuple(filter(None, lines)), tuple(grids), picture)
        )  # fmt: skip
    return about, parts


def framework_shares(framework: Framework) -> dict[str, float]:
    """Each node's share of the index as the definition has it: weights multiplied down the tree."""
    shares: dict[str, float] = {framework.tree.id: 1.0}
    for _, node, _ in framework.walk():
        if isinstance(node, Group):
            total = sum(child.weight for child in node.children)
            shares |= {child.id: shares[node.id] * child.weight / total for child in node.children}
    return shares


def _definition(lang: Language, node: Group | Measure) -> str:
    return " ".join(lang.text(text) for text in (node.definition, node.note) if text)


def _bands(framework: Framework, lang: Language) -> Iterator[Part]:
    bands = framework.bands or framework.defaults.bands or ()
    if bands:
        rows = tuple(
            (lang.number(band.start, 0), lang.text(band.title), lang.text(band.definition)) for band in bands
        )
        yield Part(
            2,
            "bands",
            lang.say("definition.bands"),
            (),
            (Grid(_heads(lang, "from", "band", "meaning"), rows),),
        )


def _changes(framework: Framework, lang: Language) -> Iterator[Part]:
    if framework.extends is None:
        return
    rows = tuple(
        (next(str(getattr(change, key)) for key in ("set", "remove", "move", "add") if hasattr(change, key))
         if not hasattr(change, "add") else str(change.add.get("id", "")),
         lang.say(f"definition.{type(change).__name__.lower()}"), lang.text(change.because))
        for change in framework.changes
    )  # fmt: skip
    title = lang.say("definition.extends", base=framework.extends)
    yield Part(2, "changes", title, (), (Grid(_heads(lang, "node", "what", "why"), rows),))


# ---------------------------------------------------------------------- the other kinds


def _questionnaire(sheet: Questionnaire, lang: Language, _: Definition[Any]) -> tuple[list[str], list[Part]]:
    about = [lang.text(sheet.introduction)] if sheet.introduction else []
    parts = []
    for name, scale in sheet.scales.items():
        rows: list[tuple[str, ...]] = [(_value(p.value), lang.text(p.label)) for p in scale.points]
        rows += [(_value(state.value), lang.text(state.label)) for state in scale.states]
        parts.append(Part(2, name, name, (), (Grid(_heads(lang, "answer", "meaning"), tuple(rows)),)))
    for section in sheet.sections:
        rows = []
        for question in section.questions:
            text = " ".join(lang.text(one) for one in (question.text, question.hint) if one)
            answers = ""
            if isinstance(question, Rating):
                answers = question.scale
            elif isinstance(question, Maturity):
                answers = " · ".join(f"{_value(p.value)} {lang.text(p.label)}" for p in question.levels)
            elif isinstance(question, Choice):
                answers = " · ".join(lang.text(option.label) for option in question.options)
            rows.append((question.id, text, answers, question.feeds or ""))
        introduction = (lang.text(section.introduction),) if section.introduction else ()
        grid = Grid(_heads(lang, "id", "question", "answers", "feeds"), tuple(rows))
        parts.append(Part(2, section.id, lang.text(section.title), introduction, (grid,)))
    return about, parts


def _metrics(metrics: Metrics, lang: Language, _: Definition[Any]) -> tuple[list[str], list[Part]]:
    sources = tuple(
        (
            name,
            source.table,
            source.time or "",
            source.where or "",
            lang.text(source.definition or source.title),
        )
        for name, source in metrics.sources.items()
    )
    rows = tuple(
        (name, metric.type, _formula(metric), lang.text(metric.definition or metric.title or metric.note))
        for name, metric in metrics.every.items()
    )
    return ([lang.text(metrics.note)] if metrics.note else []), [
        Part(2, "sources", lang.say("definition.sources"), (), (Grid(_heads(lang, "id", "table", "time", "rows", "meaning"), sources),)),
        Part(2, "measures", lang.say("definition.metrics"), (), (Grid(_heads(lang, "id", "type", "formula", "meaning"), rows),)),
    ]  # fmt: skip


def _formula(metric: Any) -> str:
    """A metric's own settings as they are written."""
    said = metric.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude={"type", "title", "definition", "note"}
    )
    return ", ".join(f"{key}: {value}" for key, value in said.items())


def _actions(actions: Actions, lang: Language, _: Definition[Any]) -> tuple[list[str], list[Part]]:
    rows = tuple(
        (lang.text(one.title), f"{one.effort:g}", str(one.months), ", ".join(one.needs), ", ".join(one.moves))
        for one in actions.entries
    )
    grid = Grid(_heads(lang, "action", "effort", "months", "needs", "moves"), rows)
    return [], [Part(2, "actions", lang.say("definition.actions"), (), (grid,))]


def _heads(lang: Language, *keys: str) -> tuple[str, ...]:
    return tuple(lang.say(f"definition.{key}") for key in keys)


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

"""An assessment of one's own to start from: a plan, the framework, its questionnaires, sheets to fill in.

Everything in it runs as it is written, on numbers that say they are fictitious.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..definition.bench import Bench
from ..definition.compose import read_framework
from ..definition.first import made_ready
from ..definition.framework import Framework, Group, Measure
from ..definition.library import find, shipped
from ..definition.load import Definition, read_definition
from ..definition.questionnaire import Questionnaire
from ..definition.schema import schema
from ..errors import NOWHERE, DefinitionError, Problem, near_miss
from ..methods.model import in_language
from ..methods.normalisation import Goalposts, Likert, Piecewise
from .write import export

_ROWS = 5000  # rows of the sheet that choose from lists
SCHEMAS = ".schemas"


@dataclass(frozen=True)
class Start:
    """What `init` was told: a framework, who is assessed, in which languages, from which day on."""

    framework: str
    organisation: str
    languages: tuple[str, ...]
    today: datetime.date


def start(folder: Path, told: Start) -> list[Path]:
    """Write the assessment into a new or empty folder; gives its files. Raises DefinitionError."""
    known = {path.stem for path in (shipped("reports") / "words").glob("*.yaml")}
    strange = [language for language in told.languages if language not in known]
    if strange:
        raise DefinitionError(
            [
                Problem(NOWHERE, f'no report in "{language}"', near_miss(language, known))
                for language in strange
            ]
        )
    path = find(told.framework, "indicators", Path())
    framework = read_framework(path)
    with made_ready(folder) as room:
        text = path.read_text(encoding="utf-8")
        (room / "framework.yaml").write_text(_modeline("framework") + text, encoding="utf-8")
        sheets = _questionnaires(framework.value, room, told.languages)
        values = _values(framework.value, told)
        (room / "values.xlsx").write_bytes(values)
        (room / "assessment.yaml").write_text(_plan(framework.value, sheets, told), encoding="utf-8")
        (room / "README.md").write_text(_readme(framework.value, sheets, told), encoding="utf-8")
        (room / SCHEMAS).mkdir()
        for kind in ("assessment", "framework", "questionnaire", "metrics"):
            page = json.dumps(schema(kind), ensure_ascii=False, indent=1)
            (room / SCHEMAS / f"{kind}.json").write_text(page + "\n", encoding="utf-8")
    return sorted(found for found in folder.rglob("*") if found.is_file())


def _modeline(kind: str, deep: int = 0) -> str:
    """What tells an editor's YAML language server which schema a file follows."""
    return f"# yaml-language-server: $schema={'../' * deep or './'}{SCHEMAS}/{kind}.json\n"


def _questionnaires(framework: Framework, room: Path, languages: Sequence[str]) -> list[Questionnaire]:
    """The framework's questionnaires, to edit, and as sheets to send out."""
    sheets = Bench.around([]).sheets(framework)
    for sheet in sheets:
        path = find(sheet.questionnaire, "questionnaires", Path())
        place = room / "questionnaires" / f"{sheet.questionnaire}.yaml"
        place.parent.mkdir(exist_ok=True)
        place.write_text(_modeline("questionnaire", 1) + path.read_text(encoding="utf-8"), encoding="utf-8")
        definition: Definition[Questionnaire] = read_definition(path, Questionnaire, str(path))
        spoken = [code for code in languages if isinstance(sheet.title, dict) and code in sheet.title]
        export(definition, "docx", place.with_suffix(".docx"), spoken)
        export(definition, "xlsx", place.with_suffix(".xlsx"), spoken)
    return sheets


# ---------------------------------------------------------------------- values


def _values(framework: Framework, told: Start) -> bytes:
    """A workbook: `values` to fill in, from lists and with notes, and `measures` that says what is what."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": datetime.datetime.combine(told.today, datetime.time())})
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        values, about = book.add_worksheet("values"), book.add_worksheet("measures")
        heads = ("wave", "measure", "value", "n", "standard_error", "source")
        for column, head in enumerate(heads):
            values.write_string(0, column, head, bold)
        values.freeze_panes(1, 2)
        values.set_column(0, 0, 10)
        values.set_column(1, 1, 32)
        values.set_column(2, 5, 15)
        values.write_comment(0, 3, "How many rows, people or cases are behind the value; may stay blank.")
        values.write_comment(0, 4, "Of the value, in its unit; may stay blank.")
        measures = framework.measures
        waves = {"validate": "list", "source": ["before", "after"]}
        names = {"validate": "list", "source": f"=measures!$A$2:$A${len(measures) + 1}"}
        number = {"validate": "decimal", "criteria": "between", "minimum": -1e12, "maximum": 1e12}
        values.data_validation(1, 0, _ROWS, 0, waves)
        values.data_validation(1, 1, _ROWS, 1, names)
        values.data_validation(1, 2, _ROWS, 2, number)
        row = 1
        for n, (name, measure) in enumerate(measures.items()):
            for wave, share in (("before", 0.30 + 0.03 * (n % 9)), ("after", 0.36 + 0.03 * (n % 11))):
                values.write_string(row, 0, wave)
                values.write_string(row, 1, name)
                values.write_comment(
                    row, 1, _note(measure, told.languages[0]), {"x_scale": 2, "y_scale": 1.6}
                )
                values.write_number(row, 2, _example(framework, measure, share))
                values.write_string(row, 5, "fictitious")
                row += 1
        for column, head in enumerate(("measure", "title", "unit", "better", "what it is")):
            about.write_string(0, column, head, bold)
        about.set_column(0, 1, 32, wrapped)
        about.set_column(2, 3, 10, wrapped)
        about.set_column(4, 4, 90, wrapped)
        about.freeze_panes(1, 1)
        for line, (name, measure) in enumerate(measures.items(), 1):
            words = [in_language(text, told.languages[0]) for text in (measure.title, measure.unit)]
            for column, cell in enumerate((name, *words, measure.better, _note(measure, told.languages[0]))):
                about.write_string(line, column, cell)
    return stream.getvalue()


def _note(measure: Measure, language: str) -> str:
    told = (in_language(text, language) for text in (measure.title, measure.definition, measure.note))
    return "\n".join(text for text in told if text)


def _example(framework: Framework, measure: Measure, share: float) -> float:
    """A made-up value, some way from the worst to the best."""
    rule = framework.normalisation(measure)
    if isinstance(rule, Goalposts):
        low, high = rule.worst, rule.best
    elif isinstance(rule, Likert):
        low, high = (rule.max, rule.min) if measure.better == "lower" else (rule.min, rule.max)
    elif isinstance(rule, Piecewise):
        low, high = rule.points[0][0], rule.points[-1][0]
    else:
        low, high = 1.0, 100.0
    return float(f"{low + share * (high - low):.4g}")


# ---------------------------------------------------------------------- plan and readme


def _waves(today: datetime.date) -> tuple[tuple[datetime.date, datetime.date], ...]:
    """The two whole half-years before a day."""
    starts = [datetime.date(year, month, 1) for year in (today.year - 1, today.year) for month in (1, 7)]
    starts.append(datetime.date(today.year + 1, 1, 1))
    whole = [(a, b - datetime.timedelta(days=1)) for a, b in pairwise(starts) if b <= today]
    return tuple(whole[-2:])


def _plan(framework: Framework, sheets: Sequence[Questionnaire], told: Start) -> str:
    (b0, b1), (a0, a1) = _waves(told.today)
    quoted = json.dumps(told.organisation, ensure_ascii=False)
    asked = "\n".join(
        f"  # - {{survey: ./questionnaires/{sheet.questionnaire}.yaml, answers: answers/{sheet.questionnaire}.csv}}"
        for sheet in sheets
    )
    first = next(node for node in framework.tree.children)
    part = next(
        (node.id for node in (first, *getattr(first, "children", ())) if isinstance(node, Group)), first.id
    )
    return f"""\
{_modeline("assessment")}# The assessment of {" ".join(told.organisation.split())}. It runs as it stands:
#
#     crm-capability run assessment.yaml --out results
#
# All numbers in values.xlsx are fictitious. Replace them with your own, piece by piece: the file
# still runs when half of them are missing, and the report says what is.

assessment: our-assessment
title: {quoted}

# Which indicators: a copy of {framework.framework} {framework.version}, to change as you need it.
framework: ./framework.yaml

# Who is assessed. With branches or competitors, list them all; `unit` is whom the report is about.
unit: us
units:
  us: {{title: {quoted}}}

# When. Both days belong to the wave. Add a third wave whenever you measure again.
waves:
  - {{id: before, title: {{en: Before, zh-Hans: 改进前, zh-Hant: 改善前}}, from: {b0}, to: {b1}}}
  - {{id: after, title: {{en: After, zh-Hans: 改进后, zh-Hant: 改善後}}, from: {a0}, to: {a1}}}

# What does not apply to you, and why. It leaves the score; the report says so. For example:
# scope:
#   exclude: [{part}]
#   because: {{{part}: we do not do this}}

# On what evidence.
evidence:
  # Numbers that somebody measured. Take `fictitious: true` out when they are yours.
  - {{values: values.xlsx, layout: long, fictitious: true}}
  # Answers, one file a questionnaire. Send out the forms in questionnaires/, or export them to a
  # survey tool; bring the answers back with `crm-capability questionnaire import`. A measure has
  # one kind of source: delete its rows in values.xlsx when its questions are answered.
{asked}

# Weights: all children of a node count the same unless you say otherwise. For example:
# weights: {{{framework.tree.id}: {{{", ".join(f"{child.id}: 1" for child in framework.tree.children)}}}}}

targets: {{{framework.tree.id}: 60}}

report: {{languages: [{", ".join(told.languages)}], template: scorecard}}
"""


def _readme(framework: Framework, sheets: Sequence[Questionnaire], told: Start) -> str:
    names = ", ".join(f"`questionnaires/{sheet.questionnaire}`" for sheet in sheets) or "none"
    first = sheets[0].questionnaire if sheets else "ID"
    return f"""\
# {" ".join(told.organisation.split())}: an assessment by {in_language(framework.title, "en")}

Fictitious numbers, to be replaced by your own. The next five steps:

1. `crm-capability validate assessment.yaml` checks everything and says file, line and column.
2. `crm-capability run assessment.yaml --out results` writes tables, workbook and report.
3. Put your numbers into `values.xlsx`, one row a wave and measure, from the lists in its cells; the
   sheet `measures` says what each one is. A blank is "not collected".
4. Ask people: {names}, each as a Word form and an Excel sheet; or for a survey tool,
   `crm-capability questionnaire export {first} --to xlsform --out {first}.xlsx`. Bring answers back with
   `crm-capability questionnaire import FILE --for {first} --out answers/{first}.csv`, take the `#` off its
   line in the plan, and delete the rows of its measures in `values.xlsx`.
5. Change `framework.yaml`: weights, bounds, words, indicators. `crm-capability docs framework.yaml` shows
   it as a page, `crm-capability diff` what a change means. In an editor with a YAML language server the
   first line of each file brings completion and checks while you type.
"""

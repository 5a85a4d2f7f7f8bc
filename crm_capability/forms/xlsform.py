"""XLSForm, for KoboToolbox and every other tool of the ODK family (xlsform.org)."""

from __future__ import annotations

import io
from collections.abc import Mapping

from .form import Form, Item, Texts
from .words import word

_NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
Row = dict[str, str]


def write(form: Form) -> bytes:
    """An XLSX workbook with the sheets survey, choices and settings."""
    lists = _lists(form)
    survey: list[Row] = [{"type": "start", "name": "start"}, {"type": "end", "name": "end"}]
    survey.append({"type": "calculate", "name": "questionnaire", "calculation": f"'{form.mark}'"})
    taken = {item.id for item in form.items} | {"start", "end", "questionnaire"}
    survey.append(
        {"type": "note", "name": _free("introduction", taken), **_labels("label", form.introduction)}
    )
    for part in form.parts:
        survey.append({"type": "begin_group", "name": _free(part.id, taken), **_labels("label", part.title)})
        if part.introduction:
            survey.append(
                {
                    "type": "note",
                    "name": _free(f"{part.id}-introduction", taken),
                    **_labels("label", part.introduction),
                }
            )
        survey += [_question(form, item, lists) for item in part.items]
        survey.append({"type": "end_group"})
    settings = {
        "form_title": form.title[form.main],
        "form_id": form.id,
        "version": form.version,
        "default_language": _language(form.main),
    }
    choices = [
        {"list_name": name, "name": code, **_labels("label", label)}
        for name, answers in lists.items()
        for code, label in answers.items()
    ]
    return _workbook({"survey": survey, "choices": choices, "settings": [settings]})


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "-"
    taken.add(name)
    return name


def _lists(form: Form) -> dict[str, Mapping[str, Texts]]:
    """Each set of answers once, named after the first question that offers it."""
    lists: dict[str, Mapping[str, Texts]] = {}
    for item in form.items:
        if item.kind == "choose" and item.answers not in lists.values():
            lists[f"{item.id}-answers"] = item.answers
    return lists


def _question(form: Form, item: Item, lists: Mapping[str, Mapping[str, Texts]]) -> Row:
    row: Row = {"name": item.id, **_labels("label", item.text), **_labels("hint", item.hint or item.unit)}
    if item.kind == "choose":
        kind = "select_multiple " if item.several else "select_one "
        row["type"] = kind + next(name for name, answers in lists.items() if answers == item.answers)
    elif item.kind == "number":
        row |= _number(form, item)
    else:
        row["type"] = "text"
    if item.when is not None:
        question, codes = item.when
        several = next(one for one in form.items if one.id == question).several
        form_of_one = "selected(${{{}}}, '{}')" if several else "${{{}}} = '{}'"
        row["relevant"] = " or ".join(form_of_one.format(question, code) for code in codes)
    return row


def _number(form: Form, item: Item) -> Row:
    """A number, or where it has states of its own a text that takes either."""
    value = "number(.)" if item.answers else "."
    limits = [f"{value} >= {item.low:.15g}"] if item.low is not None else []
    limits += [f"{value} <= {item.high:.15g}"] if item.high is not None else []
    if not item.answers:
        row: Row = {"type": "decimal", "constraint": " and ".join(limits)}
    else:
        form_of_number = " and ".join([r"regex(., '^-?[0-9]+([.][0-9]+)?$')", *limits])
        row = {
            "type": "text",
            "constraint": " or ".join([f". = '{code}'" for code in item.answers] + [f"({form_of_number})"]),
        }
    if row["constraint"]:
        said = {
            language: item.typed_range(language)
            + "".join(
                f" {word('or', language).strip()} {code} = {label[language]}"
                for code, label in item.answers.items()
            )
            for language in form.languages
        }
        row |= _labels("constraint_message", said)
        if item.answers:
            row |= _labels("hint", said)
    return row


def _language(language: str) -> str:
    return f"{_NAMES.get(language, language)} ({language})"


def _labels(column: str, texts: Texts) -> Row:
    return {f"{column}::{_language(language)}": text for language, text in texts.items()}


def _workbook(sheets: Mapping[str, list[Row]]) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column)
                for line, row in enumerate(rows, 1):
                    if row.get(column):
                        sheet.write_string(line, place, row[column])
    return stream.getvalue()

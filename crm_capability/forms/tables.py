"""Excel and CSV: a sheet to type answers into, and the questions with their codes."""

from __future__ import annotations

import csv
import io

from .form import Form, Item

_WIDE, _NARROW = 44, 16
_ROWS_TO_TYPE = 2000


def code_book(form: Form) -> list[list[str]]:
    """A row a question, a column a text and language, the answers with their codes."""
    languages = form.languages
    header = ["section", "question", "type", "unit", "minimum", "maximum", "asked when"]
    header += [f"{column} ({language})" for column in ("text", "hint", "answers") for language in languages]
    rows = [header]
    for part in form.parts:
        for item in part.items:
            kind = "choose several" if item.several else item.kind
            row = [part.title[form.main], item.id, kind, item.unit.get(form.main, "")]
            row += ["" if limit is None else f"{limit:.15g}" for limit in (item.low, item.high)]
            row.append("" if item.when is None else f"{item.when[0]} is {' or '.join(item.when[1])}")
            row += [item.text[language] for language in languages]
            row += [item.hint.get(language, "") for language in languages]
            row += [_answers(item, language) for language in languages]
            rows.append(row)
    return rows


def _answers(item: Item, language: str) -> str:
    return "; ".join(f"{code} = {label[language]}" for code, label in item.answers.items())


def write_csv(form: Form) -> bytes:
    """The questions as CSV, UTF-8 with a mark, so that Excel shows every script."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(code_book(form))
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def write_xlsx(form: Form) -> bytes:
    """A workbook: `answers` in the plain layout, each column taking only its question's codes,
    `questions` with all texts, `about` with the introduction."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        answers = book.add_worksheet("answers")
        answers.freeze_panes(1, 1)
        answers.set_column(0, len(form.items), _NARROW)
        answers.write_string(0, 0, "respondent", bold)
        for place, item in enumerate(form.items, 1):
            answers.write_string(0, place, item.id, bold)
            answers.write_comment(0, place, item.text[form.main] + "\n" + _answers(item, form.main))
            rule = _rule(item)
            if rule:
                answers.data_validation(1, place, _ROWS_TO_TYPE, place, rule)
        questions = book.add_worksheet("questions")
        questions.set_column(0, 6, _NARROW)
        questions.set_column(7, 6 + 3 * len(form.languages), _WIDE, wrapped)
        questions.freeze_panes(1, 2)
        for line, row in enumerate(code_book(form)):
            for place, cell in enumerate(row):
                questions.write_string(line, place, cell, *([bold] if line == 0 else []))
        about = book.add_worksheet("about")
        about.set_column(0, 0, 2 * _WIDE, wrapped)
        for line, language in enumerate(form.languages):
            about.write_string(2 * line, 0, form.title[language], bold)
            about.write_string(2 * line + 1, 0, form.introduction[language], wrapped)
    return stream.getvalue()


def _rule(item: Item) -> dict[str, object] | None:
    """What Excel lets a person type: codes, or a number within its limits."""
    if item.several:
        return None  # codes joined by a semicolon
    codes = [float(code) if _is_number(code) else code for code in item.answers]
    if item.kind == "choose" and len(",".join(item.answers)) <= 255:
        return {
            "validate": "list",
            "source": codes,
            "error_title": item.id,
            "error_message": "not a code of this question",
        }
    if item.kind != "number" or item.answers or (item.low is None and item.high is None):
        return None
    low, high = item.low, item.high
    if low is not None and high is not None:
        return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"validate": "decimal", "criteria": ">=", "value": low}
    return {"validate": "decimal", "criteria": "<=", "value": high}


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return True

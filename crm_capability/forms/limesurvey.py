"""LimeSurvey's tab separated survey structure: a row a setting, group, question or answer, the
whole survey in its base language first and then once in each other."""

from __future__ import annotations

import csv
import html
import io

from ..definition.tool_codes import limesurvey_answer_codes, limesurvey_codes_of
from .form import Form, Item

COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "other", "default", "same_default", "min_num_value_n", "max_num_value_n", "suffix",
)  # fmt: skip
_LANGUAGES = {"zh-Hant": "zh-Hant-TW"}
Row = dict[str, str]


def write(form: Form) -> bytes:
    """A TSV file, UTF-8 with a mark, as LimeSurvey writes its own."""
    rows = [
        {"class": "S", "name": "format", "text": "G"},
        {"class": "S", "name": "language", "text": _language(form.main)},
        {"class": "S", "name": "additional_languages", "text": " ".join(map(_language, form.languages[1:]))},
        {"class": "S", "name": "anonymized", "text": "Y"},
        {"class": "S", "name": "savetimings", "text": "Y"},
    ]
    rows += [row for language in form.languages for row in _about(form, language)]
    rows += [row for language in form.languages for row in _groups(form, language)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def pairs(form: Form) -> bytes:
    """Which of our questions each code is, for the way back."""
    codes = limesurvey_codes_of([item.id for item in form.items])
    return "".join(["code,question\n", *(f"{code},{name}\n" for name, code in codes.items())]).encode()


def _about(form: Form, language: str) -> list[Row]:
    texts = {"surveyls_title": form.title[language], "surveyls_welcometext": form.introduction[language]}
    return [
        {"class": "SL", "name": name, "text": _html(text), "language": _language(language)}
        for name, text in texts.items()
    ]


def _groups(form: Form, language: str) -> list[Row]:
    codes = limesurvey_codes_of([item.id for item in form.items])
    rows: list[Row] = []
    number = len(form.parts)  # questions are numbered after the groups: the two share no ids
    for n, part in enumerate(form.parts, 1):
        rows.append(
            {
                "id": str(n),
                "class": "G",
                "type/scale": f"G{n}",
                "name": part.title[language],
                "relevance": "1",
                "text": _html(part.introduction.get(language, "")),
                "language": _language(language),
            }
        )
        for item in part.items:
            number += 1
            rows += _question(item, str(number), codes, language, {i.id: i for i in form.items})
    return rows


def _question(
    item: Item, number: str, codes: dict[str, str], language: str, items: dict[str, Item]
) -> list[Row]:
    kind = {"choose": "L", "text": "T", "number": "S" if item.answers else "N"}[item.kind]
    kind = "M" if item.several else kind
    row: Row = {
        "id": number,
        "class": "Q",
        "type/scale": kind,
        "name": codes[item.id],
        "relevance": _relevance(item, codes, items),
        "text": _html(item.text[language]),
        "help": _html(_help(item, language)),
        "language": _language(language),
        "mandatory": "N",
        "other": "N",
    }
    if kind == "N":
        row["min_num_value_n"] = "" if item.low is None else f"{item.low:.15g}"
        row["max_num_value_n"] = "" if item.high is None else f"{item.high:.15g}"
        row["suffix"] = item.unit.get(language, "")
    if kind == "S":
        row["validation"] = f"/^({'|'.join(item.answers)}|-?[0-9]+([.,][0-9]+)?)$/"
        return [row]
    short = limesurvey_answer_codes(list(item.answers))
    return [row] + [
        {
            "class": "SQ" if item.several else "A",
            "type/scale": "0",
            "name": short[code],
            "text": _html(label[language]),
            "language": _language(language),
        }
        for code, label in item.answers.items()
    ]


def _help(item: Item, language: str) -> str:
    states = (
        "; ".join(f"{code} = {label[language]}" for code, label in item.answers.items())
        if item.kind == "number"
        else ""
    )
    return " ".join(filter(None, (item.hint.get(language, ""), states)))


def _relevance(item: Item, codes: dict[str, str], items: dict[str, Item]) -> str:
    if item.when is None:
        return "1"
    question, answers = item.when
    short = limesurvey_answer_codes(list(items[question].answers))
    if items[question].several:
        return " or ".join(f'{codes[question]}_{short[answer]}.NAOK == "Y"' for answer in answers)
    return " or ".join(f'{codes[question]}.NAOK == "{short[answer]}"' for answer in answers)


def _language(language: str) -> str:
    return _LANGUAGES.get(language, language)


def _html(text: str) -> str:
    """Tabs and line breaks would end a cell; the texts are HTML to LimeSurvey."""
    return "<br />".join(" ".join(html.escape(line, quote=False).split()) for line in text.splitlines())

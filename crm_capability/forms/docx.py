"""A form to print: boxes to tick, codes to type in. Each language begins on a page of its own."""

from __future__ import annotations

import io
from typing import Any

from .form import Form, Item
from .words import word

_BOX = "☐"
_LINE = "_" * 12
_CJK_FONTS = {"zh-Hans": "Microsoft YaHei", "zh-Hant": "Microsoft JhengHei"}
_SHORT = 14  # answers up to this many letters stand beside each other


def write(form: Form) -> bytes:
    """A Word document."""
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    document.core_properties.title = form.title[form.main]
    document.core_properties.subject = form.mark
    for number, language in enumerate(form.languages):
        if number:
            document.add_page_break()
        _fonts(document, language, only_first=number)
        _language(document, form, language)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _fonts(document: Any, language: str, only_first: int) -> None:
    """Chinese needs a font of its own; Word takes it from the style, once for the document."""
    from docx.oxml.ns import qn

    font = _CJK_FONTS.get(language)
    if font is None or (only_first > 1):
        return
    for style in ("Normal", "Title", "Heading 1"):
        fonts = document.styles[style].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), font)


def _language(document: Any, form: Form, language: str) -> None:
    from docx.shared import Pt, RGBColor

    document.add_heading(form.title[language], level=0)
    document.add_paragraph(form.introduction[language])
    document.add_paragraph(f"{word('respondent', language)} {_LINE}")
    office = document.add_paragraph().add_run(f"{form.mark} · {word('codes', language)}")
    office.font.size, office.font.color.rgb = Pt(8), RGBColor(0x66, 0x66, 0x66)
    number = 0
    for part in form.parts:
        document.add_heading(part.title[language], level=1)
        if part.introduction:
            document.add_paragraph(part.introduction[language])
        for item in part.items:
            number += 1
            _question(document, form, item, number, language)


def _question(document: Any, form: Form, item: Item, number: int, language: str) -> None:
    from docx.shared import Cm, Pt, RGBColor

    asked = document.add_paragraph()
    asked.paragraph_format.keep_with_next = True
    asked.paragraph_format.space_before = Pt(8)
    asked.add_run(f"{number}. {item.text[language]}").bold = True
    code = asked.add_run(f"   [{item.id}]")
    code.font.size, code.font.color.rgb = Pt(8), RGBColor(0x66, 0x66, 0x66)
    several = word("several", language) if item.several else ""
    for said in (_condition(form, item, language), item.hint.get(language, ""), several):
        if said:
            more = document.add_paragraph(said)
            more.paragraph_format.keep_with_next = True
    lines = [f"{_BOX} {code}  {label[language]}" for code, label in item.answers.items()]
    if item.kind == "number":
        unit = item.unit.get(language, "")
        lines = [f"{_LINE} {unit}   {item.typed_range(language)}", *lines]
    elif item.kind == "text":
        lines = ["_" * 80] * 3
    beside = (
        item.kind == "choose"
        and max((len(label[language]) for label in item.answers.values()), default=0) <= 2 * _SHORT
    )
    for line in ["     ".join(lines)] if beside else lines:
        answer = document.add_paragraph(line)
        answer.paragraph_format.left_indent = Cm(0.8)
        answer.paragraph_format.space_after = Pt(2)
        answer.paragraph_format.keep_together = True


def _condition(form: Form, item: Item, language: str) -> str:
    if item.when is None:
        return ""
    name, codes = item.when
    number, asked = next((n, one) for n, one in enumerate(form.items, 1) if one.id == name)
    quoted = (word("quoted", language).format(answer=asked.answers[code][language]) for code in codes)
    answers = word("or", language).join(quoted)
    return word("only", language).format(question=number, answers=answers)

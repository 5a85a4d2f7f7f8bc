"""SurveyJS: one JSON object, a page a section, texts in all languages."""

from __future__ import annotations

import json
from typing import Any

from .form import Form, Item, Texts
from .words import word

_LOCALES = {"zh-Hans": "zh-cn", "zh-Hant": "zh-tw"}


def write(form: Form) -> bytes:
    """The survey as JSON; `default` holds English, or else the main language."""
    base = "en" if "en" in form.languages else form.main

    def local(texts: Texts) -> Any:
        if not texts or len(set(texts.values())) == 1:
            return next(iter(texts.values()), "")
        return {
            "default" if language == base else _LOCALES.get(language, language): text
            for language, text in texts.items()
        }

    survey: dict[str, Any] = {
        "title": local(form.title),
        "description": local(form.introduction),
        "calculatedValues": [
            {"name": "questionnaire", "expression": f"'{form.mark}'", "includeIntoResult": True}
        ],
        "pages": [
            {
                "name": f"page-{part.id}",
                "title": local(part.title),
                **({"description": local(part.introduction)} if part.introduction else {}),
                "elements": [_question(item, local, form) for item in part.items],
            }
            for part in form.parts
        ],
    }
    if base != "en":
        survey = {"locale": _LOCALES.get(base, base), **survey}
    return (json.dumps(survey, ensure_ascii=False, indent=1) + "\n").encode()


def _question(item: Item, local: Any, form: Form) -> dict[str, Any]:
    question: dict[str, Any] = {"type": "comment", "name": item.id, "title": local(item.text)}
    if item.hint or item.unit:
        question["description"] = local(item.hint or item.unit)
    if item.kind == "choose":
        question |= {
            "type": "checkbox" if item.several else "radiogroup",
            "choices": [{"value": code, "text": local(label)} for code, label in item.answers.items()],
        }
        if not item.several:
            question["showClearButton"] = True
    elif item.kind == "number":
        question |= _number(item, local, form)
    if item.when is not None:
        name, codes = item.when
        several = next(one for one in form.items if one.id == name).several
        sign = "contains" if several else "="
        question["visibleIf"] = " or ".join(f"{{{name}}} {sign} '{code}'" for code in codes)
    return question


def _number(item: Item, local: Any, form: Form) -> dict[str, Any]:
    if not item.answers:
        limits = {"min": item.low, "max": item.high}
        return {"type": "text", "inputType": "number", **{k: v for k, v in limits.items() if v is not None}}
    said = {
        language: item.typed_range(language)
        + "".join(
            f" {word('or', language).strip()} {code} = {label[language]}"
            for code, label in item.answers.items()
        )
        for language in form.languages
    }
    pattern = f"^({'|'.join(item.answers)}|-?[0-9]+([.,][0-9]+)?)$"
    return {
        "type": "text",
        "description": local(said),
        "validators": [{"type": "regex", "regex": pattern, "text": local(said)}],
    }

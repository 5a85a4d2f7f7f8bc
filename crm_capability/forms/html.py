"""A form for a browser without a network: one file, all languages, answers saved as a CSV file."""

from __future__ import annotations

from pathlib import Path

from .form import Form
from .words import word

NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}


def write(form: Form) -> bytes:
    """One HTML file. It stores nothing and sends nothing: what is saved, the browser downloads."""
    import jinja2

    source = Path(__file__).with_name("form.html").read_text(encoding="utf-8")
    template = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    ).from_string(source)
    return template.render(form=form, word=word, names=NAMES).encode()

"""A questionnaire written for one tool."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from ..definition.load import Definition
from ..definition.questionnaire import Questionnaire
from ..whole_files import write_whole
from .form import Form, form_of

_WRITERS = {
    "xlsform": ("xlsform", "write"),
    "limesurvey": ("limesurvey", "write"),
    "surveyjs": ("surveyjs", "write"),
    "docx": ("docx", "write"),
    "html": ("html", "write"),
    "xlsx": ("tables", "write_xlsx"),
    "csv": ("tables", "write_csv"),
}


def export(
    definition: Definition[Questionnaire], to: str, out: Path, languages: Sequence[str] = ()
) -> tuple[Form, tuple[Path, ...]]:
    """Write a questionnaire in one format, all its languages or those named. Gives the form and
    the files. Raises DefinitionError for a text that is blank in one of the languages."""
    form = form_of(definition, languages)
    module, function = _WRITERS[to]
    content = getattr(importlib.import_module(f".{module}", __package__), function)(form)
    files = [out]
    if to == "limesurvey":
        from .limesurvey import pairs

        files.append(out.with_name(f"{out.stem}.codes.csv"))
        write_whole(files[-1], pairs(form))
    write_whole(out, content)
    return form, tuple(files)

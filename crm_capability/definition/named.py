"""A questionnaire by its name on the command line."""

from __future__ import annotations

from pathlib import Path

from ..errors import DefinitionError, Place
from .library import find, version_problem
from .load import Definition
from .loaded import load_questionnaire
from .questionnaire import Questionnaire


def named_questionnaire(reference: str) -> Definition[Questionnaire]:
    """The questionnaire that `id`, `id@1` or a path means. Raises DefinitionError."""
    sheet = load_questionnaire(find(reference, "questionnaires", Path()))
    wrong = version_problem(reference, sheet.value.version, Place())
    if wrong:
        raise DefinitionError(wrong)
    return sheet

"""What can go wrong, in the user's words.

    CapabilityError
    ├── DefinitionError   a framework, questionnaire, metrics file or plan cannot be used
    ├── EvidenceError     answers, values or operational data cannot be used
    ├── ComparisonError   two results or waves cannot be set side by side
    └── ReportError       a report cannot be rendered

Each error holds every `Problem` found, not the first one only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """Where a problem stands: a file and, where known, a line and a column, both from 1."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


NOWHERE = Place()


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and how to mend it."""

    where: Place
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if str(self.where) else ""
        return f"{place}{self.what}" + (f" ({self.remedy})" if self.remedy else "")


class CapabilityError(Exception):
    """The root of all errors a user can mend. `problems` lists every one of them."""

    def __init__(self, problems: Problem | Iterable[Problem] | str):
        if isinstance(problems, str):
            problems = Problem(Place(), problems)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DefinitionError(CapabilityError):
    """A framework, questionnaire, metrics file or plan cannot be used."""


class EvidenceError(CapabilityError):
    """Answers, values or operational data cannot be used."""


class ComparisonError(CapabilityError):
    """Two results or two waves cannot be set side by side."""


class ReportError(CapabilityError):
    """A report cannot be rendered."""


class CapabilityWarning(UserWarning):
    """Something a user should know that does not stop the work."""


def near_miss(word: str, known: Iterable[str]) -> str:
    """A remedy that names the known word nearest to `word`, or lists what is known.

    >>> near_miss("wieght", ["weight", "title"])
    'did you mean "weight"?'
    >>> near_miss("xyz", ["weight", "title"])
    'known: title, weight'
    """
    names = sorted({str(name) for name in known})
    match = difflib.get_close_matches(str(word), names, n=1)
    if match:
        return f'did you mean "{match[0]}"?'
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return f"known: {shown}" if names else ""

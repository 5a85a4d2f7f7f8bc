"""Questions that were worded otherwise in another wave: matched through a written bridge, or not
compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..definition.plan import Comparison
from ..definition.questionnaire import Question, Questionnaire
from ..definition.rewording import Bridged, Rewording
from ..errors import EvidenceError, Place, Problem
from .answers import Answers
from .cells import Cells, cells

Apart = Mapping[tuple[str, str], Mapping[str, str]]  # comparison: measure: why it is none


def name_of(sheet: Questionnaire) -> str:
    """A questionnaire with its version."""
    return f"{sheet.questionnaire}@{sheet.version}"


def on_new_scales(answers: Answers, sheets: Collection[Questionnaire]) -> Answers:
    """Answers to an earlier questionnaire on the scales of a later one of the plan, where its bridge
    says what they become. Raises EvidenceError for an answer that the bridge leaves out."""
    changed, problems = dict(answers.cells), []
    for sheet, bridge in _bridges(sheets, name_of(answers.sheet)):
        for name, one in bridge.questions.items():
            if one.values is None or one.was not in answers.cells:
                continue
            old = answers.sheet.questions[one.was]
            try:
                changed[one.was] = _translated(answers, old, sheet, sheet.questions[name], one)
            except KeyError as missing:
                what = f"{one.was}: the bridge in {name_of(sheet)} says nothing of the answer {missing.args[0]:g}"
                problems.append(Problem(Place(answers.file), what, "add the pair to `values`"))
    if problems:
        raise EvidenceError(problems)
    return replace(answers, cells=changed)


def _bridges(sheets: Collection[Questionnaire], source: str) -> Iterator[tuple[Questionnaire, Rewording]]:
    for sheet in sheets:
        for bridge in sheet.bridges:
            if bridge.source == source:
                yield sheet, bridge


def _translated(answers: Answers, old: Question, sheet: Questionnaire, new: Question, one: Bridged) -> Cells:
    """Each answer as it was given, through the bridge, and turned as the new question is."""
    given = answers.cells[old.id]
    becomes = dict(one.values or ())
    values = _turned(given.values, answers.sheet, old)
    values = np.array([np.nan if np.isnan(value) else becomes[float(value)] for value in values])
    return cells(given.codes, _turned(values, sheet, new), given.marks)


def _turned(values: np.ndarray, sheet: Questionnaire, question: Question) -> np.ndarray:
    points = sheet.points(question)
    if points is None or not getattr(question, "reverse", False):
        return values
    return np.asarray(min(points) + max(points) - values)


def asked_otherwise(sheets: Sequence[Answers], comparisons: Sequence[Comparison]) -> Apart:
    """The measures that an audience was asked about in other words in the two waves of a comparison,
    without a bridge for each of them, with the reason."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for pair in comparisons:
        for old in sheets:
            for new in sheets:
                if old.sheet.audience == new.sheet.audience and _in_turn(sheets, old, new, pair):
                    for measure in set(old.fed) & set(new.fed):
                        if reason := _changed(old.sheet, new.sheet, old.fed[measure], new.fed[measure]):
                            why = f"{reason}; {pair.before} asked {name_of(old.sheet)}, {pair.after} {name_of(new.sheet)}"
                            found.setdefault((pair.before, pair.after), {})[measure] = why
    return found


def _in_turn(sheets: Sequence[Answers], old: Answers, new: Answers, pair: Comparison) -> bool:
    """Whether one questionnaire took the place of the other between the two waves."""
    waves: dict[str, set[str]] = {}
    for answers in sheets:
        waves.setdefault(name_of(answers.sheet), set()).update(answers.people["wave"].astype("str").unique())
    first, second = waves[name_of(old.sheet)], waves[name_of(new.sheet)]
    return (
        name_of(old.sheet) != name_of(new.sheet)
        and pair.before in first
        and pair.after not in first
        and pair.after in second
        and pair.before not in second
    )


def _changed(old: Questionnaire, new: Questionnaire, before: list[str], after: list[str]) -> str:
    """How a measure's questions differ; nothing where they are the same, or a bridge says so."""
    bridged = {
        name: one.was
        for bridge in new.bridges
        if bridge.source == name_of(old)
        for name, one in bridge.questions.items()
    }
    matched = {bridged.get(name, name) for name in after}
    reworded = [
        name for name in after if name not in bridged and name in before and not _same(old, new, name)
    ]
    added = [name for name in after if bridged.get(name, name) not in before]
    gone = [name for name in before if name not in matched]
    told = (("worded otherwise", reworded), ("new", added), ("no longer asked", gone))
    return ", ".join(f"{' and '.join(names)} {what}" for what, names in told if names)


def _same(old: Questionnaire, new: Questionnaire, name: str) -> bool:
    """The same words in the languages of both, the same kind of question, the same points."""
    one, two = old.questions[name], new.questions[name]
    words = [{"": q.text} if isinstance(q.text, str) else q.text for q in (one, two)]
    shared = set(words[0]) & set(words[1])
    alike = bool(shared) and all(words[0][code] == words[1][code] for code in shared)
    turned = [getattr(question, "reverse", False) for question in (one, two)]
    return alike and one.type == two.type and turned[0] == turned[1] and old.points(one) == new.points(two)

"""Answers turned into codes: a code stays, a label in any language becomes its code, anything
else is a problem with its row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...definition.questionnaire import Choice, FreeText, NumberQuestion, Question, Questionnaire
from ...definition.tool_codes import AND, answers_of, code_of, limesurvey_answer_codes, words_of
from ...errors import Problem
from .export import Export, moment
from .grid import Grid
from .matching import key, wordings

_LETTER = re.compile(r"[A-Z]{1,2}\s*[.．、]\s*(.*)\Z", re.DOTALL)
_TYPED = re.compile(r"〖[^〗]*〗\Z")
_BETWEEN = ("┋", ";", "；", "|", "\n", ",", "，", "、", " ")  # the least likely within a label first
_TICKED = frozenset({"1", "y", "yes", "true", "x", "✓", "是", "選", "选", "checked", "selected"})
_NOT_TICKED = frozenset({"", "0", "n", "no", "false", "否", "-", "unchecked", "not selected"})
_HIDDEN = frozenset({"N/A"})  # LimeSurvey, in exports of full answers
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
# what spreadsheets make of 5-5, 3/4 and the like
_SHORT_DATE = re.compile(
    rf"\s*(\d{{1,4}}[-./ ]({_MONTHS})[a-z]*|({_MONTHS})[a-z]*[-./ ]\d{{1,4}}|\d{{1,2}}月\d{{1,2}}日|\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}})\s*\Z",
    re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+\Z")
_GROUPED = (
    (re.compile(r"-?\d{1,3}(,\d{3})+\.\d+\Z"), ","),
    (re.compile(r"-?\d{1,3}(\.\d{3})+,\d+\Z"), "."),
    (re.compile(r"-?\d{1,3}( \d{3})+([.,]\d+)?\Z"), " "),
)


@dataclass(frozen=True)
class Coder:
    """Turns one question's cells into codes."""

    question: Question
    codes_in_order: tuple[str, ...]
    by_label: Mapping[str, str]
    by_number: tuple[str, ...] | None  # where the tool writes an option's number
    by_hand: Mapping[str, str]  # what the map says
    lettered: bool
    semicolons: bool
    not_asked: frozenset[str] = frozenset()  # the tool's words for a question that a condition hid

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.codes_in_order)

    def ticked(self, cell: str, code: str) -> bool | None:
        """Whether a cell of the column of one option says that it was chosen; None for neither."""
        text = key(cell)
        if text in _TICKED or self._one(cell.strip()) == code:
            return True
        return False if text in _NOT_TICKED else None

    def code(self, cell: str) -> str | None:
        """The code of an answer, or None where it is no answer to this question."""
        text = cell.strip()
        if text in self.by_hand:
            return self.by_hand[text]
        if isinstance(self.question, FreeText):
            return "" if text in self.not_asked else cell
        several = isinstance(self.question, Choice) and self.question.multiple
        found = self._several(text) if several else self._one(text)
        return "" if found is None and text in self.not_asked else found

    def _several(self, text: str) -> str | None:
        """The codes of all that was chosen, by whatever mark the tool puts between them."""
        whole = self._one(text)
        if whole is not None:
            return whole
        for between in _BETWEEN:
            found = [self._one(part.strip()) for part in text.split(between) if part.strip()]
            if len(found) > 1 and None not in found:
                return AND.join(code for code in self.codes_in_order if code in found)
        return None

    def _one(self, text: str) -> str | None:
        if self.by_number is not None and text.isdecimal():
            place = int(text) - 1
            return self.by_number[place] if 0 <= place < len(self.by_number) else None
        found = text if text in self.codes else self._labelled(text)
        if found is None:
            found = self._number(text)
        return found

    def _labelled(self, text: str) -> str | None:
        letter = _LETTER.match(text) if self.lettered else None
        for form in (text, letter[1] if letter else "", _TYPED.sub("", text)):
            if form and key(form) in self.by_label:
                return self.by_label[key(form)]
        return None

    def _number(self, text: str) -> str | None:
        number = plain_number(text, self.semicolons)
        if number is None:
            return None
        if not isinstance(self.question, NumberQuestion):
            return code_of(float(number)) if code_of(float(number)) in self.codes else None
        low, high, value = self.question.min, self.question.max, float(number)
        fits = (low is None or value >= low) and (high is None or value <= high)
        return number if fits else None


def is_tick(cell: str) -> bool:
    """Whether a cell says no more than that something was ticked, or was not."""
    return key(cell) in _TICKED | _NOT_TICKED


def coder(
    sheet: Questionnaire,
    question: Question,
    export: Export,
    grid: Grid,
    tool: str,
    by_hand: Mapping[str, str | float],
) -> Coder:
    """How the cells of a question become codes in this export."""
    words = words_of(sheet, question)
    labels: dict[str, set[str]] = {}
    for code, label in words.items():
        for wording in wordings(label):
            labels.setdefault(key(wording), set()).add(code)
    if tool == "limesurvey":
        for code, short in limesurvey_answer_codes(list(words)).items():
            labels.setdefault(key(short), set()).add(code)
    offered = tuple(answers_of(sheet, question))
    numbered = export.option_numbers and not isinstance(question, NumberQuestion | FreeText)
    return Coder(
        question,
        tuple(words),
        {label: next(iter(codes)) for label, codes in labels.items() if len(codes) == 1},
        offered if numbered else None,
        {answer.strip(): code_of(value) for answer, value in by_hand.items()},
        export.lettered,
        grid.separator == ";",
        _HIDDEN if tool == "limesurvey" and question.when is not None else frozenset(),
    )


def plain_number(text: str, semicolons: bool = False) -> str | None:
    """A number as Python writes it. "1,234" is two numbers in two countries: it is taken as
    decimal only where semicolons separate the cells.

    >>> plain_number("3,5"), plain_number("1.234,5"), plain_number("1,234"), plain_number("3.50")
    ('3.5', '1234.5', None, '3.50')
    """
    text = text.strip()
    for form, mark in _GROUPED:
        if form.match(text):
            return text.replace(mark, "").replace(",", ".")
    if _DECIMAL_COMMA.match(text):
        doubtful = len(text.partition(",")[2]) == 3 and not text.startswith(("0", "-0")) and not semicolons
        return None if doubtful else text.replace(",", ".")
    return text if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text) else None


def coded(
    coder: Coder, cells: Sequence[str], grid: Grid, rows: Sequence[int], place: int
) -> tuple[list[str], list[Problem]]:
    """A column as codes, and each distinct answer that has none, where it first stands."""
    found = {cell: "" if not cell.strip() else coder.code(cell) for cell in set(cells)}
    problems = []
    for cell in sorted(cell for cell, code in found.items() if code is None):
        times = cells.count(cell)
        more = f", in {times} rows" if times > 1 else ""
        what = f'{coder.question.id}: "{cell}" is not an answer to this question{more}'
        problems.append(Problem(grid.place(rows[cells.index(cell)], place), what, _remedy(coder, cell)))
    return [found[cell] or "" for cell in cells], problems


def _remedy(coder: Coder, cell: str) -> str:
    if isinstance(coder.question, NumberQuestion):
        low = "" if coder.question.min is None else f" from {coder.question.min:g}"
        high = "" if coder.question.max is None else f" to {coder.question.max:g}"
        allowed = f"a number{low}{high}"
    elif coder.by_number is not None:
        allowed = f"1 to {len(coder.by_number)}, the options' numbers"
    else:
        allowed = ", ".join(sorted(coder.codes)) + ", or their labels"
    if (moment(cell) is not None or _SHORT_DATE.match(cell)) and not cell.strip().isdecimal():
        return f"a spreadsheet has made a date of it: format the column as text; allowed: {allowed}"
    return f"allowed: {allowed}; or say what it means in the map, under answers"

"""Choices of several, where a tool gives each option a column of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...definition.questionnaire import Choice, Questionnaire
from ...definition.tool_codes import AND, answers_of, limesurvey_answer_codes, limesurvey_codes
from ...errors import Problem
from .export import Column
from .grid import Grid
from .labels import Coder
from .matching import key, wordings

Option = tuple[str, str]  # question and the option's code
_BRACKETED = re.compile(r"(.+?)\s*[\[【]([^\[\]【】]+)[\]】]\Z", re.DOTALL)


def options_of(sheet: Questionnaire, columns: Sequence[Column]) -> dict[int, Option]:
    """Which option each column stands for, by the column's place; the others are not in it."""
    asked = {name: q for name, q in sheet.questions.items() if isinstance(q, Choice) and q.multiple}
    if not asked:
        return {}
    short = limesurvey_codes(sheet)
    names: dict[str, set[str]] = {}
    meant: dict[str, dict[str, str]] = {}
    for name, question in asked.items():
        for wording in (name, short[name], *wordings(question.text)):
            names.setdefault(key(wording), set()).add(name)
        answers = answers_of(sheet, question)
        of = limesurvey_answer_codes(list(answers))
        meant[name] = {
            key(wording): code
            for code, label in answers.items()
            for wording in (code, of[code], *wordings(label))
        }
    found = {column.place: _option(column, names, meant) for column in columns}
    return {place: option for place, option in found.items() if option is not None}


def _option(
    column: Column, names: Mapping[str, set[str]], meant: Mapping[str, Mapping[str, str]]
) -> Option | None:
    for question, option in _readings(column):
        known = names.get(key(question), set())
        if len(known) == 1:
            (name,) = known
            code = meant[name].get(key(option))
            if code is not None:
                return name, code
    # 问卷星 by number: the header has the option alone, `第6题(运动)`; one question offers it, or none
    if column.option and column.text == column.option:
        offering = [name for name, labels in meant.items() if key(column.option) in labels]
        if len(offering) == 1:
            return offering[0], meant[offering[0]][key(column.option)]
    return None


def _readings(column: Column) -> Iterator[tuple[str, str]]:
    """Question and option, in the ways in which tools write them into one header."""
    for text in filter(None, (column.name, column.code, column.text)):
        bracketed = _BRACKETED.match(text)
        if bracketed:
            yield bracketed[1], bracketed[2]
            yield bracketed[1], column.option
        for between in ("/", ":", "：", " - "):
            question, found, option = text.rpartition(between)
            if found:
                yield question.rpartition("/")[2], option
                yield question.removesuffix(" - Selected Choice"), option


def ticked_options(
    coder: Coder, options: Mapping[int, str], table: Mapping[int, list[str]], grid: Grid, rows: Sequence[int]
) -> tuple[list[str], list[Problem]]:
    """The codes that each respondent ticked, joined; and cells that say neither yes nor no."""
    chosen: list[list[str]] = [[] for _ in rows]
    problems = []
    for place, code in options.items():
        found = {cell: coder.ticked(cell, code) for cell in set(table[place])}
        for cell in sorted(cell for cell, ticked in found.items() if ticked is None):
            what = (
                f'{coder.question.id}, {code}: "{cell}" says neither that it was ticked nor that it was not'
            )
            at = grid.place(rows[table[place].index(cell)], place)
            problems.append(Problem(at, what, "allowed: 1 or 0, yes or no, the option's text or nothing"))
        for respondent, cell in enumerate(table[place]):
            if found[cell]:
                chosen[respondent].append(code)
    return [AND.join(code for code in coder.codes_in_order if code in of) for of in chosen], problems

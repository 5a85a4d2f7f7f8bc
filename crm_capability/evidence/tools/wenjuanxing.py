"""问卷星: six fixed columns, then `1、question` by text, or `第6题(option)` as well by code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .export import Column, Export, Tool, position
from .grid import Grid

_QUESTION = re.compile(r"\s*(\d+)\s*[、.．:：]\s*(.*?)\s*\Z", re.DOTALL)
_PART = re.compile(r"\s*第\s*(\d+)\s*题\s*[(（](.*)[)）]\s*\Z", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
NO_ANSWER = frozenset({"(跳过)", "（跳过）", "(空)", "（空）", "-3", "-2"})
_TOTALS = ("总分", "总得分")


BY_NUMBER, BY_TEXT = "by the options' numbers (按选项序号)", "by the options' texts (按选项文本)"


def recognises(grid: Grid) -> bool:
    names = {name.strip() for name in grid.header}
    fixed = {"序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"}
    return len(names & fixed) >= 3 and any(map(_is_question, grid.header))


def read(grid: Grid) -> Export:
    names = grid.header
    first = next((n for n, name in enumerate(names) if _is_question(name)), None)
    if first is None:
        remedy = "columns look like `1、问题` or `第6题(选项)`: put the header back"
        raise grid.problem(0, "the header of 问卷星 is missing: no column is a question", remedy)
    places = [n for n in range(first, len(names)) if names[n].strip() not in ("", *_TOTALS)]
    columns = tuple(_column(n, names[n]) for n in places)
    by_code = any(_PART.match(name) for name in names) or _all_numbers(grid, places)
    respondent, time = position(names[:first], ["序号"]), position(names[:first], ["所用时间"])
    return Export(
        1,
        columns,
        respondent,
        () if time is None else (time,),
        no_answer=NO_ANSWER,
        option_numbers=by_code,
        notes=(BY_NUMBER if by_code else BY_TEXT,),
    )


def by_numbers(export: Export, of_options: Sequence[Sequence[str]], said: list[str]) -> Export:
    """The export as one by the options' numbers, where every answer to a question that offers options is
    a number: free text in other columns says nothing of it. Changes what was said."""
    cells = {cell.strip() for column in of_options for cell in column} - {""}
    if not cells or not all(map(_NUMBER.match, cells)):
        return export
    said[:] = [BY_NUMBER if line == BY_TEXT else line for line in said]
    return replace(export, option_numbers=True)


def _is_question(name: str) -> bool:
    return bool(_QUESTION.match(name) or _PART.match(name))


def _column(place: int, name: str) -> Column:
    part = _PART.match(name)
    if part:
        return Column(place, name.strip(), part[1], part[2].strip(), part[2].strip())
    whole = _QUESTION.match(name)
    code, text = (whole[1], whole[2]) if whole else ("", name.strip())
    return Column(place, name.strip(), code, text)


def _all_numbers(grid: Grid, places: list[int]) -> bool:
    cells = {row[n].strip() for row in grid.rows[1:] for n in places} - {""} - NO_ANSWER
    return bool(cells) and all(map(_NUMBER.match, cells))


TOOL = Tool("wenjuanxing", recognises, read)

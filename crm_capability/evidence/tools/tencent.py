"""腾讯问卷: four columns of time, the questions `1.question`, then metadata to the end."""

from __future__ import annotations

import re

from .export import Column, Export, Tool, position
from .grid import Grid

_QUESTION = re.compile(r"\s*(\d+)\s*[.．、]\s*(.*?)\s*\Z", re.DOTALL)
_LAST = frozenset(
    [
        "语言",
        "清洗数据结果",
        "智能清洗数据无效概率",
        "地理位置国家和地区",
        "地理位置省",
        "地理位置市",
        "用户类型",
        "用户标识",
        "昵称",
        "自定义字段",
        "IP",
        "UA",
        "Referrer",
        "中奖时间",
        "中奖金额",
        "审核状态",
    ]
)


def recognises(grid: Grid) -> bool:
    names = {name.strip() for name in grid.header}
    return {"编号", "答题时长"} <= names or {"开始答题时间", "结束答题时间"} <= names


def read(grid: Grid) -> Export:
    names = [name.strip() for name in grid.header]
    places = [n for n, name in enumerate(names) if _QUESTION.match(name)]
    if not places:
        remedy = "columns look like `1.问题`: put the header back"
        raise grid.problem(0, "the header of 腾讯问卷 is missing: no column is a question", remedy)
    inner = range(places[0], len(names))  # a question's own further columns may lack the number
    places = [n for n in inner if names[n] and names[n] not in _LAST]
    time = position(names, ["答题时长"])
    return Export(
        1,
        tuple(_column(n, names[n]) for n in places),
        position(names, ["编号"]),
        () if time is None else (time,),
        position(names, ["语言"]),
        lettered=True,
        notes=_cleaned(grid, names),
    )


def _column(place: int, name: str) -> Column:
    found = _QUESTION.match(name)
    code, text = (found[1], found[2]) if found else ("", name)
    question, colon, option = text.rpartition(":")
    return Column(place, name, code, text, option.strip() if colon and question else "")


def _cleaned(grid: Grid, names: list[str]) -> tuple[str, ...]:
    place = position(names, ["清洗数据结果"])
    if place is None:
        return ()
    doubted = sum("无效" in row[place] for row in grid.rows[1:])
    return (f"{doubted} respondents are marked 无效 by the tool; they are kept",) if doubted else ()


TOOL = Tool("tencent", recognises, read)

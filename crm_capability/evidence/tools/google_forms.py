"""Google Forms: a timestamp, then one column a question, named by its text."""

from __future__ import annotations

import re

from .export import Column, Export, Tool
from .grid import Grid

_TIME = frozenset(
    {
        "timestamp",
        "时间戳记",
        "時間戳記",
        "时间戳",
        "zeitstempel",
        "horodateur",
        "marca temporal",
        "タイムスタンプ",
    }
)
_OWN = frozenset({"score", "total score", "username", "得分", "分数", "分數", "用户名", "使用者名稱"})
_GRADED = re.compile(r".*\[(Score|Feedback|得分|反馈|分數|意見回饋)\]\Z", re.DOTALL)
_GRID = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\Z", re.DOTALL)


def recognises(grid: Grid) -> bool:
    return grid.header[0].strip().casefold() in _TIME and len(grid.header) > 1


def read(grid: Grid) -> Export:
    names = [name.strip() for name in grid.header]
    if names[0].casefold() not in _TIME:
        raise grid.problem(
            0, "the header of Google Forms is missing: no column `Timestamp`", "put it back", 0
        )
    places = [n for n in range(1, len(names)) if names[n] and names[n].casefold() not in _OWN]
    columns = tuple(_column(n, names[n]) for n in places if not _GRADED.match(names[n]))
    return Export(1, columns)


def _column(place: int, name: str) -> Column:
    found = _GRID.match(name)
    return Column(place, name, "", name, found[2].strip() if found else "")


TOOL = Tool("google-forms", recognises, read)

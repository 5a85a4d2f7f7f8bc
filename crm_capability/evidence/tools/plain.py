"""The plain layout, and any table with one header row: a row a respondent, a column a question."""

from __future__ import annotations

from .export import Export, Tool, moment, plain_columns, position
from .grid import Grid


def recognises(grid: Grid) -> bool:
    return "respondent" in (name.strip() for name in grid.header)


def read(grid: Grid) -> Export:
    names = [name.strip() for name in grid.header]
    respondent, time = position(names, ["respondent"]), position(names, ["seconds"])
    if respondent is None:
        for n, name in enumerate(names):
            if _is_answer(name) or (not name and any(row[n].strip() for row in grid.rows[1:])):
                shown = f'"{name}" stands where' if name else "nothing stands where"
                what = f"the header is missing: {shown} the name of column {n + 1} should be"
                raise grid.problem(0, what, "write a first row with the column names", n)
    places = [n for n in range(len(names)) if n not in (respondent, time) and names[n]]
    return Export(1, plain_columns(names, places), respondent, () if time is None else (time,))


def _is_answer(name: str) -> bool:
    """A number or a date is an answer, no name of a column."""
    try:
        float(name.replace(",", "."))
    except ValueError:
        return moment(name) is not None
    return True


TOOL = Tool("plain", recognises, read)

"""SurveyMonkey: the question over the first of its columns, and below it the row or option."""

from __future__ import annotations

from .export import Column, Export, Tool, position, span
from .grid import Grid

_METADATA = frozenset(
    [
        "respondentid",
        "respondent id",
        "respondent_id",
        "collectorid",
        "collector id",
        "collector_id",
        "start date",
        "date_created",
        "end date",
        "date_modified",
        "ip address",
        "ip_address",
        "email address",
        "email_address",
        "first name",
        "first_name",
        "last name",
        "last_name",
        "custom data 1",
        "custom_1",
    ]
)
_ANSWER = frozenset({"response", "open-ended response", "开放式回答", "回复", "回應", "開放式回應"})
_IDS = ("RespondentID", "Respondent ID", "respondent_id")


def recognises(grid: Grid) -> bool:
    below = {cell.strip().casefold() for cell in grid.row(1)}
    gaps = any(
        not name.strip() and below_it.strip() for name, below_it in zip(grid.header, grid.row(1), strict=True)
    )
    known = position(grid.header, _IDS)
    return known is not None and not grid.row(1)[known].strip() and bool(below & _ANSWER or gaps)


def read(grid: Grid) -> Export:
    names, below = grid.header, grid.row(1)
    respondent = position(names, _IDS)
    if respondent is None:
        raise grid.problem(
            0, "the header of SurveyMonkey is missing: no column `Respondent ID`", "put it back"
        )
    if below[respondent].strip():
        remedy = "the row below the questions holds `Response` or the options: put it back"
        raise grid.problem(1, "the second header row of SurveyMonkey is missing", remedy)
    columns, question = [], ""
    for n, name in enumerate(names):
        question = name.strip() or question
        if question.casefold() in _METADATA or not (question or below[n].strip()):
            continue
        option = "" if below[n].strip().casefold() in _ANSWER else below[n].strip()
        whole = f"{question} [{option}]" if option else question
        columns.append(Column(n, whole, "", question if not option else whole, option))
    time = span(names, ["Start Date", "date_created"], ["End Date", "date_modified"])
    return Export(2, tuple(columns), respondent, time)


TOOL = Tool("surveymonkey", recognises, read)

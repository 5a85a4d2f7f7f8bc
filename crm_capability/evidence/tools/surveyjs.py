"""SurveyJS: results as JSON, one object a respondent, or as a table of them."""

from __future__ import annotations

from .export import Export, Tool, plain_columns, position
from .grid import Grid

_OWN = frozenset(
    [
        "happenedat",
        "happendat",
        "pageno",
        "timespent",
        "starttime",
        "endtime",
        "_id",
        "id",
        "responseid",
        "surveyid",
        "postid",
        "createdat",
        "instanceid",
        "clientid",
    ]
)
_IDS = ("respondent", "responseId", "instanceId", "_id", "id", "postId")


def recognises(grid: Grid) -> bool:
    return grid.form.startswith("JSON") or position(grid.header, ["HappenedAt", "HappendAt"]) is not None


def read(grid: Grid) -> Export:
    names = [name.strip() for name in grid.header]
    respondent = position(names, _IDS)
    places = [n for n, name in enumerate(names) if name and name.casefold() not in _OWN and n != respondent]
    time = position(names, ["timeSpent"])
    return Export(1, plain_columns(names, places), respondent, () if time is None else (time,))


TOOL = Tool("surveyjs", recognises, read)

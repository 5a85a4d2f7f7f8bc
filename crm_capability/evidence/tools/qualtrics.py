"""Qualtrics: three header rows (name, wording, ImportId), two in legacy exports."""

from __future__ import annotations

import json
import re

from .export import Column, Export, Tool, position, span
from .grid import Grid

_METADATA = frozenset(
    [
        "startDate",
        "endDate",
        "status",
        "ipAddress",
        "progress",
        "duration",
        "finished",
        "recordedDate",
        "_recordId",
        "recipientLastName",
        "recipientFirstName",
        "recipientEmail",
        "externalDataReference",
        "locationLatitude",
        "locationLongitude",
        "locationAccuracy",
        "distributionChannel",
        "userLanguage",
        "Q_RecaptchaScore",
    ]
)
_LEGACY = frozenset(
    [
        "responseid",
        "responseset",
        "name",
        "externaldatareference",
        "emailaddress",
        "ipaddress",
        "status",
        "startdate",
        "enddate",
        "finished",
        "locationlatitude",
        "locationlongitude",
        "locationaccuracy",
    ]
)
_V = re.compile(r"V\d+\Z")


def recognises(grid: Grid) -> bool:
    return _headers(grid) > 0 or (
        position(grid.header, ["ResponseId"]) is not None
        and position(grid.header, ["RecordedDate"]) is not None
    )


def _headers(grid: Grid) -> int:
    if any('"ImportId"' in cell for cell in grid.row(2)):
        return 3
    legacy = bool(_V.match(grid.header[0])) and grid.row(1)[0].strip().casefold() == "responseid"
    return 2 if legacy else 0


def read(grid: Grid) -> Export:
    headers = _headers(grid)
    if any('"ImportId"' in cell for cell in (*grid.header, *grid.row(1))):
        raise grid.problem(0, "a header row is missing above the ImportIds", "put it back, or export again")
    if headers == 3:
        return _three(grid)
    if headers == 2:
        return _legacy(grid)
    what = "the second and third header rows of Qualtrics are missing: names, wordings, ImportIds"
    raise grid.problem(1, what, "export it again, without editing it, or say --from plain")


def _three(grid: Grid) -> Export:
    names, texts, imports = grid.rows[:3]
    ids = [_import_id(cell) for cell in imports]
    columns = tuple(
        Column(n, name.strip(), name.strip(), texts[n].strip())
        for n, name in enumerate(names)
        if ids[n] not in _METADATA and name.strip()
    )
    time = (ids.index("duration"),) if "duration" in ids else span(ids, ["startDate"], ["endDate"])
    return Export(
        3,
        columns,
        ids.index("_recordId") if "_recordId" in ids else None,
        time,
        ids.index("userLanguage") if "userLanguage" in ids else None,
        frozenset({"-99"}),
    )


def _legacy(grid: Grid) -> Export:
    names, texts = grid.rows[:2]
    columns = tuple(
        Column(n, name.strip(), name.strip(), texts[n].strip())
        for n, name in enumerate(names)
        if name.strip() and not _V.match(name) and name.strip().casefold() not in _LEGACY
    )
    respondent, time = position(texts, ["ResponseID"]), span(texts, ["StartDate"], ["EndDate"])
    return Export(2, columns, respondent, time, no_answer=frozenset({"-99"}), notes=("a legacy export",))


def _import_id(cell: str) -> str:
    try:
        return str(json.loads(cell)["ImportId"])
    except (ValueError, KeyError, TypeError):
        return ""


TOOL = Tool("qualtrics", recognises, read)

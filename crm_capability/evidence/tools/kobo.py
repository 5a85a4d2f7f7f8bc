"""KoboToolbox and ODK: XML names or labels, groups with `/`, the tool's own columns with `_`."""

from __future__ import annotations

import re
from dataclasses import replace

from .export import Column, Export, Tool, position, span
from .grid import Grid
from .workbooks import Row, Sheet

_OWN = frozenset(
    [
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_tags",
        "_index",
        "_parent_index",
        "_parent_table_name",
        "_submission__id",
        "_submission__uuid",
        "_submission__submission_time",
        "_submission__validation_status",
        "_submission__notes",
        "_submission__status",
        "_submission__submitted_by",
        "_submission___version__",
        "_submission__tags",
        "_geolocation",
        "_xform_id_string",
        "_attachments",
        "_bamboo_dataset_id",
        "meta/instanceid",
        "meta/rootuuid",
        "meta/deprecatedid",
        "formhub/uuid",
        "start",
        "end",
        "today",
        "deviceid",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "simid",
        "instanceid",
        "key",
        "parent_key",
        "submitterid",
        "submittername",
        "submissiondate",
    ]
)
_MARKS = ("_id", "_uuid", "_submission_time", "__version__", "_index", "meta/instanceID", "KEY")


def recognises(grid: Grid) -> bool:
    lower = {name.strip().casefold() for name in grid.header}
    if sum(mark.casefold() in lower for mark in _MARKS) >= 2:
        return True
    # what the exporter writes without its own columns: every cell quoted, split by semicolons
    return grid.separator == ";" and grid.all_quoted and "respondent" not in lower


def read(grid: Grid) -> Export:
    names = [name.strip() for name in grid.header]
    columns = tuple(
        Column(n, name, _name(name), name.rsplit("/", 1)[-1])
        for n, name in enumerate(names)
        if name and name.casefold() not in _OWN
    )
    notes: tuple[str, ...] = ()
    unread = [sheet.title for sheet in grid.sheets if _parents(grid, sheet) is None]
    if unread:
        notes = (f"sheets that name no respondent were not read: {', '.join(unread)}",)
    respondent = position(names, ["_id", "_uuid", "meta/instanceID", "KEY"])
    return Export(1, columns, respondent, span(names, ["start"], ["end"]), notes=notes)


def with_repeats(grid: Grid) -> Grid:
    """The answers of repeated groups, which stand on sheets of their own with a row a repetition,
    beside those of their respondent: a column a question and repetition, `group/question (2)`."""
    names: list[str] = []
    cells: list[list[str]] = [[] for _ in grid.rows[1:]]
    for sheet in grid.sheets:
        parents = _parents(grid, sheet)
        if parents is None:
            continue
        asked = [n for n, name in enumerate(sheet.rows[0]) if name.strip() and name.casefold() not in _OWN]
        of: dict[int, list[Row]] = {}
        for row, parent in zip(sheet.rows[1:], parents, strict=True):
            if parent is not None:
                of.setdefault(parent, []).append(row)
        for time in range(max(map(len, of.values()), default=0)):
            names += [f"{sheet.rows[0][n].strip()} ({time + 1})" for n in asked]
            for respondent, more in enumerate(cells):
                rows = of.get(respondent, [])
                more += [rows[time][n] for n in asked] if time < len(rows) else [""] * len(asked)
    if not names:
        return grid
    wider = tuple((*row, *more) for row, more in zip(grid.rows[1:], cells, strict=True))
    return replace(grid, rows=((*grid.header, *names), *wider))


def _parents(grid: Grid, sheet: Sheet) -> list[int | None] | None:
    """Which respondent, from 0, each row of a sheet belongs to; None where the sheet does not say.
    Kobo writes the submission's id into groups at any depth, ODK the place in the sheet above."""
    if not sheet.rows:
        return None
    for own, theirs in (("_id", "_submission__id"), ("_index", "_parent_index"), ("KEY", "PARENT_KEY")):
        mine, other = position(grid.header, [own]), position(sheet.rows[0], [theirs])
        if mine is None or other is None:
            continue
        places = {row[mine].strip(): n for n, row in enumerate(grid.rows[1:])}
        found = [places.get(row[other].strip()) for row in sheet.rows[1:]]
        if any(one is not None for one in found):
            return found
    return None


def _name(name: str) -> str:
    """A question's own name, without its groups."""
    last = name.rsplit("/", 1)[-1]
    return last if re.fullmatch(r"[A-Za-z_][\w.-]*", last) else ""


TOOL = Tool("kobo", recognises, read, with_repeats)

"""KoboToolbox and ODK: XML names or labels, groups with `/`, the tool's own columns with `_`."""

from __future__ import annotations

import re

from .export import Column, Export, Tool, position, span
from .grid import Grid

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
    if grid.sheets:
        notes = (f"repeated groups are on sheets of their own and were not read: {', '.join(grid.sheets)}",)
    respondent = position(names, ["_id", "_uuid", "meta/instanceID", "KEY"])
    return Export(1, columns, respondent, span(names, ["start"], ["end"]), notes=notes)


def _name(name: str) -> str:
    """A question's own name, without its groups."""
    last = name.rsplit("/", 1)[-1]
    return last if re.fullmatch(r"[A-Za-z_][\w.-]*", last) else ""


TOOL = Tool("kobo", recognises, read)

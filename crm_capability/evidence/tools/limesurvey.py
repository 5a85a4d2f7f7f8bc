"""LimeSurvey: headers as codes, as texts, or as `code. text`; answers as codes or texts."""

from __future__ import annotations

import re

from .export import Column, Export, Tool, position, span
from .grid import Grid

# `Q01[SQ001]. Question [Sub-question]`, or the code alone
_CODED = re.compile(r"([A-Za-z][A-Za-z0-9_]*(?:\[[^\]]*\])*)(?:\.\s+(.*))?\Z", re.DOTALL)
_METADATA = frozenset(
    [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "startdate",
        "datestamp",
        "ipaddr",
        "refurl",
        "token",
        "completed",
        "interviewtime",
        "response id",
        "date submitted",
        "last page",
        "start language",
        "date started",
        "date last action",
        "ip address",
        "referrer url",
        "total time",
        "firstname",
        "lastname",
        "email",
    ]
)
_TIMING = re.compile(r"(groupTime\d+|\w+Time)(\.|\Z)|(Group time|Question time)\b", re.ASCII)


def recognises(grid: Grid) -> bool:
    first = {_code(name) for name in grid.header} | {name.strip().casefold() for name in grid.header}
    if {"id", "response id"} & first and {
        "submitdate",
        "date submitted",
        "lastpage",
        "last page",
        "startlanguage",
    } & first:
        return True
    coded = sum(bool(re.match(r"[A-Za-z]\w*(\[\w+\])*\. ", name)) for name in grid.header)
    return grid.header[0].strip().startswith("id. ") and coded == len(grid.header)


def read(grid: Grid) -> Export:
    names = [name.strip() for name in grid.header]
    codes = [_code(name) for name in names]
    if not {"id", "response id"} & {*codes, *(name.casefold() for name in names)}:
        raise grid.problem(0, "the header of LimeSurvey is missing: no column `id`", "put it back")
    columns = tuple(
        _column(n, name)
        for n, name in enumerate(names)
        if name and codes[n] not in _METADATA and name.casefold() not in _METADATA and not _TIMING.match(name)
    )
    respondent = codes.index("id") if "id" in codes else position(names, ["Response ID"])
    time = [n for n, code in enumerate(codes) if code == "interviewtime" or names[n] == "Total time"][:1]
    places = tuple(time) or span(
        [c or n for c, n in zip(codes, names, strict=True)],
        ["startdate", "date started"],
        ["submitdate", "date submitted", "datestamp"],
    )
    spoken = codes.index("startlanguage") if "startlanguage" in codes else position(names, ["Start language"])
    return Export(1, columns, respondent, places, spoken, notes=_unfinished(grid, codes, names))


def _code(name: str) -> str:
    found = _CODED.match(name.strip())
    return found[1].casefold() if found else ""


def _column(place: int, name: str) -> Column:
    found = _CODED.match(name)
    if found is None:
        return Column(place, name, "", name, _in_brackets(name))
    text = (found[2] or "").strip()
    return Column(place, found[1], found[1], text, _in_brackets(text))


def _in_brackets(text: str) -> str:
    found = re.search(r"\[([^\[\]]*)\]\s*\Z", text)
    return found[1].strip() if found else ""


def _unfinished(grid: Grid, codes: list[str], names: list[str]) -> tuple[str, ...]:
    place = codes.index("submitdate") if "submitdate" in codes else position(names, ["Date submitted"])
    if place is None:
        return ()
    open_ones = sum(not row[place].strip() for row in grid.rows[1:])
    return (f"{open_ones} respondents did not finish; they are kept",) if open_ones else ()


TOOL = Tool("limesurvey", recognises, read)

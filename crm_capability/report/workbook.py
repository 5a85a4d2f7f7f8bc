"""The result as a workbook: sheets that calculate, and one sheet a table, numbers as numbers."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis.result import Result
from ..methods.model import in_language
from ..tables import TABLES
from .live import Sheets, write_live

LIVE = ("index", "calculation", "weights", "nodes", "judged", "points")
SHEETS = ("readings", "scores", "contributions", "changes", "standing")
_FORMATS = {
    "p_value": "0.0000",
    "q_value": "0.0000",
    "coverage": "0%",
    "weight": "0.0%",
    "effective_weight": "0.0%",
}
_NO_DATE = datetime(2000, 1, 1)
MOST_ROWS = 1_048_575  # what a sheet holds below its heading


def write_workbook(result: Result, path: Path) -> Path:
    """Write the workbook: 16 significant digits in the cells, rounded by the cells' formats only."""
    import xlsxwriter

    # text is text, whatever it begins with: a unit called "=1+1" is no formula
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        day = result.plan.report.date or result.plan.waves[-1].end
        created = datetime.combine(day, datetime.min.time()) if day else _NO_DATE
        title = in_language(result.plan.title, "en")
        book.set_properties({"title": title[:255], "created": created})
        titles = {
            node.id: in_language(node.title, result.plan.report.languages[0])
            for _, node, _ in result.framework.walk()
        }
        about = book.add_worksheet("about")
        for name in LIVE:
            book.add_worksheet(name)
        for name in SHEETS:
            frame = result.tables.get(name)
            _sheet(book, name, pd.DataFrame(columns=list(TABLES[name])) if frame is None else frame, titles)
        note = write_live(_sheets(book, result.tables["readings"], titles), result)
        _about(book, about, title, note)
    return path


def _sheets(book: Any, readings: pd.DataFrame, titles: dict[str, str]) -> Sheets:
    """Where the readings stand, for the sheets that calculate from them."""
    columns = _columns(readings, "measure")
    places = zip(readings["wave"], readings["unit"], readings["measure"], strict=True)
    rows = {place: row for row, place in enumerate(places, 1) if row <= MOST_ROWS}
    value, state = (chr(ord("A") + columns.index(name)) for name in ("value", "state"))
    return Sheets(book, titles, rows, value, state)


def _about(book: Any, sheet: Any, title: str, note: str) -> None:
    """What the workbook is, and how to read it."""
    lines = (
        title,
        "The sheets index, calculation, weights, nodes, judged and points calculate: change a cell of readings, judged, points, nodes or weights (cells that may well be changed are tinted), and the index moves.",
        "calculation holds a block for every wave and unit; the children of a node stand beside each other. Its column difference says how far a score has moved from the report.",
        "Empty is missing, never zero: a node has a score only if min_share of its children that apply have one, and the weights of those that have one are rescaled.",
        "Ranges, weights and treatments that were learned from data are kept as they were learned: they do not follow a changed reading.",
        "scores, contributions, changes and standing are values as reported, to 16 digits.",
        note,
    )
    sheet.set_column(0, 0, 110)
    for row, line in enumerate(line for line in lines if line):
        look = {"text_wrap": True, "valign": "top", **({"bold": True, "font_size": 14} if row == 0 else {})}
        sheet.write_string(row, 0, line[:32767], book.add_format(look))


def _columns(frame: pd.DataFrame, key: str) -> list[str]:
    """A table's columns with the title beside the node."""
    at = frame.columns.get_loc(key) + 1
    return [*frame.columns[:at], "title", *frame.columns[at:]]


def _sheet(book: Any, name: str, frame: pd.DataFrame, titles: dict[str, str]) -> None:
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    key = "measure" if name == "readings" else "node"
    columns = _columns(frame, key)
    frame = frame.head(MOST_ROWS).assign(title=frame[key].map(titles))[columns]
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, heading)
        note = TABLES[name].get(column)
        if note:
            sheet.write_comment(0, place, note[1], {"author": "crm-capability"})
        sheet.set_column(
            place, place, 28 if column in ("title", "source") else 14, _format(book, name, column)
        )
    for row, record in enumerate(frame.itertuples(index=False), 1):
        for place, value in enumerate(record):
            _cell(sheet, row, place, value)
    sheet.freeze_panes(1, columns.index("title") + 1)
    sheet.autofilter(0, 0, max(len(frame), 1), len(columns) - 1)


def _format(book: Any, name: str, column: str) -> Any:
    kind = TABLES[name].get(column, ("text", ""))[0]
    if kind == "text":
        return None
    general = "0" if kind == "whole" else "General" if name == "readings" else "0.00"
    return book.add_format({"num_format": _FORMATS.get(column, general)})


def _cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if pd.isna(value):
        return
    if isinstance(value, str):
        sheet.write_string(row, place, value[:32767])
    elif math.isfinite(value):
        sheet.write_number(row, place, value)

"""The result as a workbook: one sheet a table, numbers as numbers."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis.result import Result
from ..methods.model import in_language
from ..tables import TABLES

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
        for name in SHEETS:
            frame = result.tables.get(name)
            _sheet(book, name, pd.DataFrame(columns=list(TABLES[name])) if frame is None else frame, titles)
    return path


def _sheet(book: Any, name: str, frame: pd.DataFrame, titles: dict[str, str]) -> None:
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    key = "measure" if name == "readings" else "node"
    columns = [
        *frame.columns[: frame.columns.get_loc(key) + 1],
        "title",
        *frame.columns[frame.columns.get_loc(key) + 1 :],
    ]
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

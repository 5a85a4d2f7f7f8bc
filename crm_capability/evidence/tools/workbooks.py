"""The sheets of an Excel workbook as rows of text cells, today's XLSX or the XLS of 1997 to 2003."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ...errors import EvidenceError, Place, Problem

Row = tuple[str, ...]
_MERGED = re.compile(r'<mergeCell ref="([A-Z]+\d+):([A-Z]+)(\d+)"')


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows that hold anything, all of one width, each with its number from 1."""

    title: str
    rows: tuple[Row, ...]
    lines: tuple[int, ...]
    merged: tuple[tuple[str, int], ...] = ()  # first cell and last row of each merged range


def read_xlsx(path: Path) -> tuple[Sheet, ...]:
    """The sheets of an XLSX file. Raises EvidenceError where it cannot be read."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return tuple(
                _sheet(sheet.title, sheet.iter_rows(values_only=True), _merged(path, sheet))
                for sheet in book.worksheets
            )
        finally:
            book.close()
    except Exception as error:  # openpyxl raises whatever the zip or the XML inside raises
        what = f"cannot be read as XLSX: {error}"
        remedy = "the file may be cut off: export it again, or save it again as .xlsx"
        raise EvidenceError(Problem(Place(str(path)), what, remedy)) from None


def read_xls(path: Path) -> tuple[Sheet, ...]:
    """The sheets of an XLS file. Raises EvidenceError where it cannot be read."""
    import io

    import xlrd

    try:
        # what is odd in a file that can be read all the same would be printed
        with xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO()) as book:
            return tuple(
                _sheet(sheet.name, _old_rows(sheet, book.datemode), _old_merged(sheet))
                for sheet in book.sheets()
            )
    except Exception as error:  # as above
        what = f"cannot be read as an Excel 97 to 2003 workbook: {error}"
        remedy = "the file may be cut off: export it again, or save it as .xlsx or CSV"
        raise EvidenceError(Problem(Place(str(path)), what, remedy)) from None


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, moments as ISO writes them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _sheet(title: str, rows: Iterable[Iterable[Any]], merged: tuple[tuple[str, int], ...]) -> Sheet:
    numbered = [(line, tuple(cell_text(cell) for cell in row)) for line, row in enumerate(rows, 1)]
    numbered = [(line, row) for line, row in numbered if any(row) or line == 1]
    width = max((n + 1 for _, row in numbered for n, cell in enumerate(row) if cell), default=0)
    even = tuple((*row[:width], *[""] * (width - len(row))) for _, row in numbered)
    return Sheet(title, even, tuple(line for line, _ in numbered), merged)


def _merged(path: Path, sheet: Any) -> tuple[tuple[str, int], ...]:
    """Merged ranges stand at the end of the sheet's XML, where reading by rows does not look."""
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(sheet._worksheet_path.lstrip("/")).decode("utf-8", "replace")
    return tuple((first, int(last)) for first, _, last in _MERGED.findall(xml))


def _old_rows(sheet: Any, datemode: int) -> Iterator[tuple[Any, ...]]:
    import xlrd

    def value(cell: Any) -> Any:
        if cell.ctype == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(cell.value, datemode)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        return None if cell.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY) else cell.value

    for row in range(sheet.nrows):
        yield tuple(value(cell) for cell in sheet.row(row))


def _old_merged(sheet: Any) -> tuple[tuple[str, int], ...]:
    from xlrd.formula import cellname

    return tuple((cellname(top, left), bottom) for top, bottom, left, _ in sheet.merged_cells)

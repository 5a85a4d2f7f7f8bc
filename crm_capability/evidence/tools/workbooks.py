"""The sheets of an Excel workbook as rows of text cells, today's XLSX or the XLS of 1997 to 2003."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ...data_files import refuse_uncomputed, sheet_xml, unreadable, workbook
from ...errors import EvidenceError, Place, Problem

Row = tuple[str, ...]
MOST_CELLS = 100_000_000
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+\d+):([A-Z]+)(\d+)"')


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows that hold anything, all of one width, each with its number from 1."""

    title: str
    rows: tuple[Row, ...]
    lines: tuple[int, ...]
    merged: tuple[tuple[str, int], ...] = ()  # first cell and last row of each merged range


def read_xlsx(path: Path) -> tuple[Sheet, ...]:
    """The sheets of an XLSX file. Raises EvidenceError where it cannot be read."""
    with workbook(path) as book:
        try:
            return tuple(_checked(path, sheet) for sheet in book.worksheets)
        except EvidenceError:
            raise
        except Exception as error:  # openpyxl raises whatever the zip or the XML inside raises
            raise unreadable(path, error) from None


def _checked(path: Path, sheet: Any) -> Sheet:
    xml = sheet_xml(path, sheet)
    refuse_uncomputed(path, xml)
    return _sheet(sheet.title, sheet.iter_rows(values_only=True), _merged(xml), path)


def read_xls(path: Path) -> tuple[Sheet, ...]:
    """The sheets of an XLS file. Raises EvidenceError where it cannot be read."""
    import io

    import xlrd

    try:
        # what is odd in a file that can be read all the same would be printed
        with xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO()) as book:
            return tuple(
                _sheet(sheet.name, _old_rows(sheet, book.datemode), _old_merged(sheet), path)
                for sheet in book.sheets()
            )
    except EvidenceError:
        raise
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


def _sheet(
    title: str, rows: Iterable[Iterable[Any]], merged: tuple[tuple[str, int], ...], path: Path
) -> Sheet:
    numbered = [(line, tuple(cell_text(cell) for cell in row)) for line, row in enumerate(rows, 1)]
    numbered = [(line, row) for line, row in numbered if any(row) or line == 1]
    width = max((n + 1 for _, row in numbered for n, cell in enumerate(row) if cell), default=0)
    if width * len(numbered) > MOST_CELLS:
        what = f"the sheet {title} has {len(numbered)} rows and reaches to column {width}"
        raise EvidenceError(
            Problem(Place(str(path), numbered[-1][0]), what, "delete what stands far from the answers")
        )
    even = tuple((*row[:width], *[""] * (width - len(row))) for _, row in numbered)
    return Sheet(title, even, tuple(line for line, _ in numbered), merged)


def _merged(xml: bytes) -> tuple[tuple[str, int], ...]:
    """Merged ranges stand at the end of the sheet's XML, where reading by rows does not look."""
    return tuple((first.decode(), int(last)) for first, _, last in _MERGED.findall(xml))


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

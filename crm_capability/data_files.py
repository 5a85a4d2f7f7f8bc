"""Tabular files as they come: CSV in whatever separator, XLSX, Parquet.

Cells of CSV and XLSX arrive as text, blanks as empty text; Parquet keeps its types. Whatever
cannot be read is an EvidenceError with the file and, where it has one, the row. Workbooks are opened with
care: what others send may be made to fill the memory, and may hold formulas that nobody computed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import EvidenceError, Place, Problem

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES = 1 << 30  # of a workbook, unpacked
_MOST_RATIO, _SMALL = 200, 64 << 20  # unpacked against packed, of files that are not small
_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
MOST_TOLD = 20


def read_frame(path: Path, sheet: str | None = None) -> pd.DataFrame:
    """The table in a file. Raises EvidenceError."""
    if not path.is_file():
        raise EvidenceError(Problem(Place(str(path)), "no such file", "check the path"))
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        frame = _excel(path, sheet)
    elif kind in (".parquet", ".pq"):
        frame = _parquet(path)
    else:
        frame = _csv(path)
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        what = f"the column {', '.join(twice)} stands twice"
        raise EvidenceError(Problem(Place(str(path), 1), what, "keep one of them"))
    return frame


def row_place(path: Path, row: int) -> Place:
    """Where the data row with index label `row` stands in its file: the header is line 1."""
    return Place(str(path), row + 2)


def to_numbers(column: pd.Series, path: Path, name: str) -> pd.Series:
    """The column as float64, blanks as NaN. Raises EvidenceError naming each row that holds
    something else."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        text = column.fillna("").astype(str).str.strip()
        numbers = pd.to_numeric(text, errors="coerce")
        bad = (numbers.isna() & (text != "")) | numbers.isin([float("inf"), float("-inf")])
        if bad.any():
            raise EvidenceError(
                [
                    Problem(
                        row_place(path, text.index[row]),
                        f'{name}: "{text.iloc[row]}" is not a number',
                        "write a number or leave it blank",
                    )
                    for row in bad.to_numpy().nonzero()[0][:20]
                ]
            )
        return numbers.astype("float64")
    numbers = column.astype("float64")
    infinite = numbers.isin([float("inf"), float("-inf")]).to_numpy().nonzero()[0]
    if infinite.size:
        rows = column.index[infinite[:20]]
        raise EvidenceError(
            [Problem(row_place(path, row), f"{name}: infinite", "correct it") for row in rows]
        )
    return numbers


def to_text(column: pd.Series) -> pd.Series:
    """The column as stripped text, blanks as empty text, whole numbers without a point."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.map(_cell, na_action="ignore").fillna("").astype(str)
    return column.fillna("").astype(str).str.strip()


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"not UTF-8 text: byte 0x{raw[error.start]:02x}"
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            what = "not UTF-8 text but UTF-16"
        remedy = "save it as UTF-8, or use `questionnaire import`"
        raise EvidenceError(Problem(Place(str(path), line), what, remedy)) from None
    header = text.partition("\n")[0].rstrip("\r")
    if not header.strip():
        what = "the file is empty" if not text.strip() else "the first line is empty"
        raise EvidenceError(Problem(Place(str(path), 1), what, "write a header with the column names"))
    names, rows = _rows(path, text, separator=max(",;\t", key=header.count))
    # the index keeps each row's place in the file
    return pd.DataFrame(list(rows.values()), index=pd.Index(rows, dtype="int64"), columns=names, dtype="str")


def _rows(path: Path, text: str, separator: str) -> tuple[list[str], dict[int, list[str]]]:
    """The header and the rows that hold anything, by their place. A row with more or fewer cells
    than the header is a row that slipped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: dict[int, list[str]] = {}
    slipped: list[Problem] = []
    try:
        names = next(reader)
        start = reader.line_num
        for row in reader:
            if row and len(row) != len(names):
                what = f"{len(row)} cells, the header has {len(names)}"
                slipped.append(Problem(row_place(path, start - 1), what, "check the separators in this row"))
            elif any(row):
                rows[start - 1] = row
            start = reader.line_num
    except csv.Error as error:
        place = Place(str(path), reader.line_num)
        raise EvidenceError(
            Problem(place, f"cannot be read as CSV: {error}", "check quotes and separators")
        ) from None
    if slipped:
        raise EvidenceError(slipped[:20])
    return names, rows


def _excel(path: Path, sheet: str | None) -> pd.DataFrame:
    import pandas as pd

    with workbook(path) as book:
        if sheet is not None and sheet not in book.sheetnames:
            raise EvidenceError(
                Problem(Place(str(path)), f'no sheet "{sheet}"', f"sheets: {', '.join(book.sheetnames)}")
            )
        chosen = book[sheet] if sheet else book.worksheets[0]
        try:
            refuse_uncomputed(path, sheet_xml(path, chosen))
            lines = enumerate(chosen.iter_rows(values_only=True), -1)
            rows = {line: [_cell(cell) for cell in row] for line, row in lines if row}  # by their place
        except EvidenceError:
            raise
        except Exception as error:  # as it is read row by row, so it may fail at any
            raise unreadable(path, error) from None
    rows = {line: row for line, row in rows.items() if any(row)}
    if not rows:
        raise EvidenceError(
            Problem(Place(str(path), 1), "the sheet is empty", "write a header with the column names")
        )
    header = rows.pop(next(iter(rows)))
    width = max(n + 1 for n, cell in enumerate(header) if cell)
    cells = [[*row[:width], *[""] * (width - len(row))] for row in rows.values()]
    return pd.DataFrame(cells, index=pd.Index(rows, dtype="int64"), columns=header[:width], dtype="str")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).strip()


def _parquet(path: Path) -> pd.DataFrame:
    import duckdb

    connection = duckdb.connect()
    try:
        return connection.execute("select * from read_parquet($1)", [str(path)]).df()
    except duckdb.Error as error:
        raise EvidenceError(
            Problem(Place(str(path)), f"cannot be read as Parquet: {error}", "write the file again")
        ) from None
    finally:
        connection.close()


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """The workbook, read row by row, its formulas as the values that were saved with them. Raises
    EvidenceError where it cannot be read, or unpacks to more than it may."""
    import openpyxl

    with path.open("rb") as file:
        try:
            _refuse_bomb(path)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except EvidenceError:
            raise
        except Exception as error:  # openpyxl raises whatever the zip or the XML inside raises
            raise unreadable(path, error) from None
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what the file says of its size need not be so
            yield book
        finally:
            book.close()


def unreadable(path: Path, error: Exception) -> EvidenceError:
    """The file is no workbook, or only part of one."""
    what, remedy = f"cannot be read as XLSX: {error}", "the file may be cut off: export it again, or save it again as .xlsx"  # fmt: skip
    return EvidenceError(Problem(Place(str(path)), what, remedy))


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    odd = any(
        part.file_size > _SMALL and part.file_size > _MOST_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if total > MOST_BYTES or odd:
        what = f"unpacks to {total >> 20} MB: more than answers need, or made to fill the memory"
        raise EvidenceError(Problem(Place(str(path)), what, "export it again, as CSV if it is that large"))


def sheet_xml(path: Path, sheet: Any) -> bytes:
    """The XML of a sheet, for what reading by rows does not show."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(sheet._worksheet_path.lstrip("/"))


def refuse_uncomputed(path: Path, xml: bytes) -> None:
    """A formula that no program has computed yet has no value: read as a blank it would lose an answer."""
    found = [(cell[1].decode(), int(cell[2])) for cell in _FORMULA.finditer(xml)]
    if found:
        remedy = "open the file in a spreadsheet, paste the values over the formulas, and save it"
        raise EvidenceError(
            [
                Problem(
                    Place(str(path), row), f"{column}{row} holds a formula that was never computed", remedy
                )
                for column, row in found[:MOST_TOLD]
            ]
        )

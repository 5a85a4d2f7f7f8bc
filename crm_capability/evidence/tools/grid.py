"""An export as rows of text cells, whatever file it came in; each row knows its line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import EvidenceError, Place, Problem
from .encodings import decoded
from .workbooks import Row, Sheet, cell_text, read_xls, read_xlsx

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
MOST_PROBLEMS = 50


@dataclass(frozen=True)
class Grid:
    """The cells of an export. `lines` holds the line (or sheet row) at which each row starts."""

    path: Path
    form: str  # how it was read, in words: "CSV, UTF-8, comma"
    rows: tuple[Row, ...]
    lines: tuple[int, ...]
    separator: str = ""
    all_quoted: bool = False
    sheets: tuple[Sheet, ...] = ()  # the further ones of a workbook
    merged: tuple[tuple[str, int], ...] = ()  # first cell and last row of each merged range

    @property
    def header(self) -> Row:
        return self.rows[0]

    def row(self, number: int) -> Row:
        """A row, or an empty one where the file ends earlier."""
        return self.rows[number] if number < len(self.rows) else ("",) * len(self.header)

    def place(self, row: int, column: int | None = None) -> Place:
        """Where a cell stands: file, line and column, both from 1."""
        line = self.lines[row] if row < len(self.lines) else self.lines[-1]
        return Place(str(self.path), line, 0 if column is None else column + 1)

    def problem(self, row: int, what: str, remedy: str, column: int | None = None) -> EvidenceError:
        return EvidenceError(Problem(self.place(row, column), what, remedy))


def read_grid(path: Path) -> Grid:
    """The cells of a CSV, XLSX, XLS or JSON file. Raises EvidenceError for a ragged row, for bytes that
    are no text, and for a file without a header."""
    if not path.is_file():
        raise EvidenceError(Problem(Place(str(path)), "no such file", "check the path"))
    raw = path.read_bytes()
    if raw.startswith(b"PK\x03\x04"):
        return _filled(_workbook(path, "XLSX", read_xlsx(path)))
    if raw.startswith(_OLD_EXCEL):
        return _filled(_workbook(path, "XLS", read_xls(path)))
    text, encoding = decoded(raw, path)
    if not text.strip():
        raise EvidenceError(Problem(Place(str(path), 1), "the file is empty", "export it again"))
    if text.lstrip()[0] in "[{":
        return _filled(_json(path, text, encoding))
    return _filled(_csv(path, text, encoding))


def _filled(grid: Grid) -> Grid:
    if not any(cell.strip() for cell in grid.header):
        raise grid.problem(0, "the header is missing: the first row is empty", "put the column names back")
    return grid


def _csv(path: Path, text: str, encoding: str) -> Grid:
    if text.startswith("sep=") and "\n" in text:  # Excel's own line that names the separator
        separator, skipped = text[4], 1
        text = text.partition("\n")[2]
    else:
        separator, skipped = _separator(text), 0
    rows: list[Row] = []
    lines: list[int] = []
    ragged: list[Problem] = []
    for line, cells in _records(path, text, separator):
        if rows and len(cells) != len(rows[0]):
            what = f"{len(cells)} cells, the header has {len(rows[0])}"
            ragged.append(
                Problem(Place(str(path), line + skipped), what, "check the separators and quotes in this row")
            )
            continue
        rows.append(tuple(cells))
        lines.append(line + skipped)
    if ragged:
        raise EvidenceError(ragged[:MOST_PROBLEMS])
    name = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(separator, separator)
    quoted = _all_quoted(text, separator)
    return Grid(path, f"CSV, {encoding}, {name}", tuple(rows), tuple(lines), separator, quoted)


def _records(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is no empty line, with the line it starts at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 0
    try:
        for cells in reader:
            if cells and (any(cells) or start == 0):
                yield start + 1, cells
            start = reader.line_num
    except csv.Error as error:
        what = f"cannot be read as CSV: {error}"
        remedy = "the file may be cut off here: export it again, or check the quotes"
        raise EvidenceError(Problem(Place(str(path), start + 1), what, remedy)) from None


def _separator(text: str) -> str:
    """What splits the first rows into the same, largest number of cells."""

    def fit(separator: str) -> tuple[bool, int]:
        widths: list[int] = []
        try:
            for cells in csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator):
                if cells:
                    widths.append(len(cells))
                if len(widths) == 50:
                    break
        except csv.Error:
            return False, 0
        return widths[0] > 1 and widths.count(widths[0]) * 2 > len(widths), widths[0]

    return max(",;\t|", key=fit)


def _all_quoted(text: str, separator: str) -> bool:
    header = text.partition("\n")[0].rstrip("\r")
    return re.fullmatch(rf'"[^"]*"({re.escape(separator)}"[^"]*")*', header) is not None


def _workbook(path: Path, form: str, sheets: tuple[Sheet, ...]) -> Grid:
    first, *others = sheets
    if not first.rows or not first.rows[0]:
        raise EvidenceError(Problem(Place(str(path), 1), "the sheet is empty", "export it again"))
    return Grid(
        path,
        f"{form}, sheet {first.title}",
        first.rows,
        first.lines,
        sheets=tuple(others),
        merged=first.merged,
    )


def _json(path: Path, text: str, encoding: str) -> Grid:
    """A list of answers, one object, or one object a line; nested answers get dotted names."""
    entries: list[Any] = []
    lines: list[int] = []
    decoder, at = json.JSONDecoder(), 0
    body = text.strip()
    offset = text.index(body)
    inner = body[0] == "["
    at += inner
    try:
        while True:
            while at < len(body) and body[at] in " \r\n\t,":
                at += 1
            if at >= len(body) or body[at] == "]":
                break
            lines.append(text.count("\n", 0, offset + at) + 1)
            entry, at = decoder.raw_decode(body, at)
            entries.append(entry)
        if inner and (at >= len(body) or body[at:] != "]"):
            raise json.JSONDecodeError("the list has no end", body, len(body))
    except json.JSONDecodeError as error:
        line = text.count("\n", 0, offset + min(error.pos, len(body))) + 1
        what, remedy = f"cannot be read as JSON: {error.msg}", "the file may be cut off: export it again"
        raise EvidenceError(Problem(Place(str(path), line), what, remedy)) from None
    for line, entry in zip(lines, entries, strict=True):
        if not isinstance(entry, dict):
            what = "not the answers of one respondent"
            raise EvidenceError(
                Problem(Place(str(path), line), what, 'each entry is {"question": answer, …}')
            )
    if not entries:
        raise EvidenceError(Problem(Place(str(path), 1), "no respondent in it", "export it again"))
    flat = [dict(_flat(entry)) for entry in entries]
    names = tuple(dict.fromkeys(name for entry in flat for name in entry))
    rows = (names, *(tuple(entry.get(name, "") for name in names) for entry in flat))
    return Grid(path, f"JSON, {encoding}", rows, (1, *lines))


def _flat(entry: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in entry.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            yield before + name, "; ".join(cell_text(one) for one in value)
        else:
            yield before + name, cell_text(value)

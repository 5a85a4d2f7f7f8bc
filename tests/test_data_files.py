"""Tabular files as they come: what is read, and what is refused with file, row and remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from crm_capability.data_files import read_frame, to_numbers, to_text

Write = Callable[[str, str | bytes], Path]
Faults = Callable[[Callable[[], Any]], list[str]]


def book(path: Path, *rows: list[Any], more: dict[str, list[list[Any]]] | None = None) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for name, lines in (more or {}).items():
        other = made.create_sheet(name)
        for line in lines:
            other.append(line)
    made.save(path)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(write: Write, separator: str) -> None:
    frame = read_frame(write("f.csv", f"a{separator}b\n1{separator}x\n"))
    assert frame.to_dict("list") == {"a": ["1"], "b": ["x"]}


def test_cells_stay_text_and_blanks_stay_blank(write: Write) -> None:
    frame = read_frame(write("f.csv", 'a,b,c\nNA,001,"x, y"\n,nan,"two\nlines"\n'))
    assert frame["a"].tolist() == ["NA", ""]
    assert frame["b"].tolist() == ["001", "nan"]
    assert frame["c"].tolist() == ["x, y", "two\nlines"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_data(write: Write) -> None:
    frame = read_frame(write("f.csv", "\ufeffa,b\r\n1,2\r\n".encode()))
    assert frame.to_dict("list") == {"a": ["1"], "b": ["2"]}


def test_blank_lines_are_skipped_and_rows_keep_their_place(write: Write, faults: Faults) -> None:
    path = write("f.csv", "a,b\n1,2\n\n,\n3,x\n")
    frame = read_frame(path)
    assert frame["a"].tolist() == ["1", "3"]
    assert faults(lambda: to_numbers(frame["b"], path, "b")) == [
        'f.csv:5: b: "x" is not a number (write a number or leave it blank)'
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "f.csv:1: the file is empty (write a header with the column names)"),
        (b" \n\n", "f.csv:1: the file is empty (write a header with the column names)"),
        (b"\na,b\n1,2\n", "f.csv:1: the first line is empty (write a header with the column names)"),
        ("a,b\n客,1\n".encode("utf-16"), "f.csv:1: not UTF-8 text but UTF-16 (save it as UTF-8, or use `questionnaire import`)"),
        ("a,b\n1,客户\n".encode("gb18030"), "f.csv:2: not UTF-8 text: byte 0xbf (save it as UTF-8, or use `questionnaire import`)"),
        ("a,b\n1,café\n".encode("latin-1"), "f.csv:2: not UTF-8 text: byte 0xe9 (save it as UTF-8, or use `questionnaire import`)"),
        (b"a,b\n1,2\n3,4,5\n", "f.csv:3: 3 cells, the header has 2 (check the separators in this row)"),
        (b"a,b,c\n1,2\n", "f.csv:2: 2 cells, the header has 3 (check the separators in this row)"),
        (b"a,b,a\n1,2,3\n", "f.csv:1: the column a stands twice (keep one of them)"),
    ],
)  # fmt: skip
def test_what_is_refused_in_csv(write: Write, faults: Faults, content: bytes, problem: str) -> None:
    path = write("f.csv", content)
    assert faults(lambda: read_frame(path)) == [problem]


def test_every_ragged_row_is_named_at_once(write: Write, faults: Faults) -> None:
    path = write("f.csv", "a,b\n1\n1,2\n1,2,3\n")
    assert faults(lambda: read_frame(path)) == [
        "f.csv:2: 1 cells, the header has 2 (check the separators in this row)",
        "f.csv:4: 3 cells, the header has 2 (check the separators in this row)",
    ]


def test_an_open_quote_is_refused(write: Write, faults: Faults) -> None:
    path = write("f.csv", 'a,b\n1,"x\n2,y\n')
    (problem,) = faults(lambda: read_frame(path))
    assert "cannot be read as CSV" in problem
    assert problem.endswith("(check quotes and separators)")


def test_a_missing_file(tmp_path: Path, faults: Faults) -> None:
    assert faults(lambda: read_frame(tmp_path / "gone.csv")) == ["gone.csv: no such file (check the path)"]
    assert faults(lambda: read_frame(tmp_path)) != []


@pytest.mark.parametrize(
    "bad", ["abc", "1,5", "1 000", "12%", "nan", "inf", "-Infinity", "1e400", "1_0", "0x10", "一"]
)
def test_text_and_infinite_numbers_are_not_numbers(write: Write, faults: Faults, bad: str) -> None:
    path = write("f.csv", f'a;b\n1;7\n"{bad}";8\n')
    frame = read_frame(path)
    assert faults(lambda: to_numbers(frame["a"], path, "a")) == [
        f'f.csv:3: a: "{bad}" is not a number (write a number or leave it blank)'
    ]


def test_numbers_in_all_their_ways(write: Write) -> None:
    path = write("f.csv", "a,b\n 1.5 ,\n-2e3,\n,x\n.5,\n")
    numbers = to_numbers(read_frame(path)["a"], path, "a")
    assert numbers.tolist()[:2] == [1.5, -2000.0]
    assert math.isnan(numbers.tolist()[2])
    assert numbers.tolist()[3] == 0.5


def test_a_workbook_reads_like_csv(tmp_path: Path) -> None:
    from datetime import date, datetime

    path = book(
        tmp_path / "f.xlsx",
        ["a", "b", "c", "d"],
        [1, 2.0, 0.25, None],
        ["x", date(2017, 1, 2), datetime(2017, 1, 2, 3), True],
    )
    frame = read_frame(path)
    assert frame.to_numpy().tolist() == [
        ["1", "2", "0.25", ""],
        ["x", "2017-01-02", "2017-01-02T03:00:00", "True"],
    ]


def test_the_sheet_wanted_is_taken_or_its_absence_said(tmp_path: Path, faults: Faults) -> None:
    path = book(tmp_path / "f.xlsx", ["a"], [1], more={"May": [["a"], [2]]})
    assert read_frame(path, "May")["a"].tolist() == ["2"]
    assert faults(lambda: read_frame(path, "June")) == ['f.xlsx: no sheet "June" (sheets: Sheet, May)']


def test_bad_workbooks(tmp_path: Path, write: Write, faults: Faults) -> None:
    (problem,) = faults(lambda: read_frame(write("broken.xlsx", b"no zip")))
    assert problem.startswith("broken.xlsx: cannot be read as XLSX: ")
    assert problem.endswith("(the file may be cut off: export it again, or save it again as .xlsx)")
    assert faults(lambda: read_frame(book(tmp_path / "empty.xlsx"))) == [
        "empty.xlsx:1: the sheet is empty (write a header with the column names)"
    ]
    assert faults(lambda: read_frame(book(tmp_path / "twice.xlsx", ["a", "a"], [1, 2]))) == [
        "twice.xlsx:1: the column a stands twice (keep one of them)"
    ]


def test_rows_of_a_workbook_keep_their_place_after_blank_ones(tmp_path: Path, faults: Faults) -> None:
    path = book(tmp_path / "f.xlsx", ["a"], [1], [None], [None], ["x"])
    assert faults(lambda: to_numbers(read_frame(path)["a"], path, "a")) == [
        'f.xlsx:5: a: "x" is not a number (write a number or leave it blank)'
    ]


def test_parquet_keeps_its_types(tmp_path: Path, faults: Faults, write: Write) -> None:
    path = tmp_path / "f.parquet"
    pd.DataFrame({"a": [1.5, math.inf], "b": ["x", None], "n": [98.0, math.nan]}).to_parquet(path)
    frame = read_frame(path)
    assert to_text(frame["b"]).tolist() == ["x", ""]
    assert to_text(frame["n"]).tolist() == ["98", ""]
    assert faults(lambda: to_numbers(frame["a"], path, "a")) == ["f.parquet:3: a: infinite (correct it)"]
    (problem,) = faults(lambda: read_frame(write("bad.parquet", b"PAR1 no")))
    assert problem.startswith("bad.parquet: cannot be read as Parquet: ")

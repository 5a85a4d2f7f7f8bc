"""Workbooks made to harm, or odd by accident: told in words, at once, and nothing is written."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_capability.data_files import read_frame
from crm_capability.definition.loaded import load_questionnaire
from crm_capability.evidence.tools.importing import import_answers

HEADER = ["respondent", "warm-welcome", "soup-hot"]
SHEET = {
    "questionnaire": "bistro", "version": "1.0.0", "title": "Bistro", "audience": "customer",
    "scales": {"five": {"points": [{"value": n, "label": f"Point {n}"} for n in range(1, 6)]}},
    "sections": [{"id": "all", "title": "All", "questions": [
        {"id": "warm-welcome", "text": "The welcome was warm", "scale": "five", "feeds": "m"},
        {"id": "soup-hot", "text": "The soup came hot", "scale": "five", "feeds": "m"},
    ]}],
}  # fmt: skip


@pytest.fixture
def refused(write: Any, faults: Any, tmp_path: Path) -> Callable[[str, bytes], list[str]]:
    sheet = load_questionnaire(write("bistro.yaml", json.dumps(SHEET))).value

    def refuse(name: str, content: bytes) -> list[str]:
        (tmp_path / name).write_bytes(content)
        found: list[str] = faults(lambda: import_answers(tmp_path / name, tmp_path / "a.csv", sheet=sheet))
        assert not (tmp_path / "a.csv").exists()
        return [line.partition(" (")[0] for line in found]

    return refuse


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    change(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_sheet(write_xml: Callable[[Any], None]) -> bytes:
    """A workbook whose sheet is written by hand."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([1, 5, 4]))) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name == "xl/worksheets/sheet1.xml":
                with new.open(name, "w", force_zip64=True) as part:
                    write_xml(part)
            else:
                new.writestr(name, old.read(name))
    return stream.getvalue()


def test_a_formula_that_nobody_computed_is_no_blank(refused: Any, tmp_path: Path) -> None:
    content = workbook([1, "=1+4", 4], [2, 3, "=B3"])
    assert refused("f.xlsx", content) == [
        "f.xlsx:2: B2 holds a formula that was never computed",
        "f.xlsx:3: C3 holds a formula that was never computed",
    ]
    with pytest.raises(Exception, match="B2 holds a formula"):
        read_frame(tmp_path / "f.xlsx")


def test_a_workbook_that_would_fill_the_memory_is_not_unpacked(refused: Any) -> None:
    def fill(part: Any) -> None:
        row = b"<row>" + b"<c><v>1</v></c>" * 50_000 + b"</row>"
        for _ in range(120):
            part.write(row)

    started = time.perf_counter()
    (said,) = refused("bomb.xlsx", with_sheet(fill))
    assert said.startswith("bomb.xlsx: unpacks to ")
    assert time.perf_counter() - started < 30


def test_a_cell_at_the_end_of_the_sheet_costs_no_time(refused: Any) -> None:
    def far(sheet: Any) -> None:
        sheet["XFD1048576"] = "x"

    started = time.perf_counter()
    (said,) = refused("far.xlsx", workbook([1, 5, 4], change=far))
    assert said == "far.xlsx:1048576:1: no respondent id"
    assert time.perf_counter() - started < 60


def test_entities_do_not_explode(refused: Any) -> None:
    def entities(part: Any) -> None:
        levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
        part.write(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{levels}]>'.encode())
        part.write(
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        )
        part.write(b'<c t="inlineStr"><is><t>&e11;</t></is></c></row></sheetData></worksheet>')

    (said,) = refused("laughs.xlsx", with_sheet(entities))
    assert said.startswith("laughs.xlsx: cannot be read as XLSX")


def test_a_second_row_of_headers_is_called_by_its_name(refused: Any) -> None:
    text = "respondent,warm-welcome,soup-hot\nWho,The welcome was warm,The soup came hot\n1,5,4\n"
    assert refused("two.csv", text.encode()) == [
        "two.csv:2: a second header: 2 cells hold the questions, where answers should stand"
    ]


@pytest.mark.parametrize("cell", ["5-May", "May-05", "3月4日", "2024-05-01", "05/04/2024"])
def test_a_date_in_place_of_an_answer_is_called_one(write: Any, tmp_path: Path, cell: str) -> None:
    sheet = load_questionnaire(write("bistro.yaml", json.dumps(SHEET))).value
    (tmp_path / "d.csv").write_text(f"respondent,warm-welcome,soup-hot\n1,{cell},4\n", encoding="utf-8")
    with pytest.raises(Exception, match="a spreadsheet has made a date of it"):
        import_answers(tmp_path / "d.csv", tmp_path / "a.csv", sheet=sheet)

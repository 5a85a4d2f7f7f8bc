"""The small workbook inside a chart, which PowerPoint opens to edit its numbers.

Written by hand, because a chart's numbers are the table's doubles to the last bit, and workbook
writers round to 16 digits; and text is text, whatever it begins with.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from ...archives import packed
from .text import clean

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BUNDLE = "http://schemas.openxmlformats.org/package/2006"
_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_BUNDLE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_BUNDLE}/relationships"><Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_BUNDLE}/relationships"><Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


@dataclass(frozen=True)
class Column:
    """A heading and what stands below it; None is an empty cell."""

    name: str
    values: tuple[float | str | None, ...]


@dataclass(frozen=True)
class Data:
    """What a chart is made from: names of its points, then a column a series."""

    columns: tuple[Column, ...]

    @property
    def size(self) -> int:
        return len(self.columns[0].values)

    def reference(self, place: int) -> str:
        """The cells of a column below its heading."""
        letter = chr(ord("A") + place)
        return f"Sheet1!${letter}$2:${letter}${self.size + 1}"

    def heading(self, place: int) -> str:
        return f"Sheet1!${chr(ord('A') + place)}$1"

    def workbook(self) -> bytes:
        """As XLSX."""
        rows = [
            [column.name for column in self.columns],
            *zip(*(c.values for c in self.columns), strict=True),
        ]
        told = "".join(
            f'<row r="{n}">{"".join(_cell(f"{chr(65 + place)}{n}", value) for place, value in enumerate(row))}</row>'
            for n, row in enumerate(rows, 1)
        )
        sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{told}</sheetData></worksheet>'
        parts = {**_FIXED, "xl/worksheets/sheet1.xml": sheet}
        return packed({name: (_HEAD + text).encode() for name, text in parts.items()})


def _cell(place: str, value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = f'<t xml:space="preserve">{escape(clean(value))}</t>'
        return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'

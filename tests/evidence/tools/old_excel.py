"""A workbook as Excel 97 wrote it, no larger than a test needs: nothing we install writes them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SECTOR, END, FREE, TABLE = 512, -2, -1, -3


def xls(
    rows: Sequence[Sequence[str | float | None]], merged: Sequence[tuple[int, int, int, int]] = ()
) -> bytes:
    """A compound file that holds one stream, a workbook of one sheet. `merged` holds first and last
    row, first and last column, from 0."""
    return _compound(_workbook(rows, merged))


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _beginning(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 1996, 0, 6))


def _workbook(
    rows: Sequence[Sequence[str | float | None]], merged: Sequence[tuple[int, int, int, int]]
) -> bytes:
    font = struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + struct.pack("<BB", 5, 0) + b"Arial"
    look = struct.pack("<HHHBBBBIIH", 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    cells = b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                cells += _record(0x204, struct.pack("<HHH", r, c, 0) + text)
            elif value is not None:
                cells += _record(0x203, struct.pack("<HHHd", r, c, 0, float(value)))
    if merged:
        ranges = b"".join(struct.pack("<HHHH", *one) for one in merged)
        cells += _record(0xE5, struct.pack("<H", len(merged)) + ranges)
    sheet = _beginning(0x10) + cells + _record(0x0A)
    name = struct.pack("<BB", 5, 0) + b"Sheet"
    head = _beginning(5) + _record(0x31, font) * 5 + _record(0xE0, look) * 16
    starts = len(head) + 4 + 6 + len(name) + 4
    return head + _record(0x85, struct.pack("<IH", starts, 0) + name) + _record(0x0A) + sheet


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(-(-max(len(stream), 4096) // SECTOR) * SECTOR, b"\0")
    sectors = len(stream) // SECTOR
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIiIiI", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109i", 0, *[FREE] * 108)
    table = struct.pack("<128i", TABLE, END, *range(3, sectors + 2), END, *[FREE] * (126 - sectors))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le")
        links = struct.pack("<HBBiii", len(raw) + 2 if name else 0, kind, 1, FREE, FREE, child)
        return raw.ljust(64, b"\0") + links + bytes(36) + struct.pack("<iQ", start, size)

    entries = entry("Root Entry", 5, 1, END, 0) + entry("Workbook", 2, FREE, 2, len(stream))
    return header + table + entries + entry("", 0, FREE, 0, 0) * 2 + stream

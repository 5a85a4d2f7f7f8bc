"""Text that was read in a wrong encoding somewhere and saved so: no encoding brings such a file back
whole, and an answer that says å®¢æˆ· is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...errors import EvidenceError, Problem
from .encodings import is_common
from .grid import MOST_PROBLEMS, Grid

_LOST = re.compile("\ufffd|锟斤拷|锟斤|烫烫烫|ï¿½")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MARK = re.compile(rb"[\xa1-\xbf]")
_BEYOND = re.compile(rb"[\x80-\xff]+")
_CHINESE = re.compile("[\u3400-\u9fff]")
_REMEDY = "export it from the survey tool again, as UTF-8 or as XLSX: what was saved so cannot be read back"


def refuse_garbled(grid: Grid) -> Grid:
    """The grid, where its text is sound. Raises EvidenceError with each cell that is garbled."""
    found = list(_first(_garbled_cells(grid), MOST_PROBLEMS))
    if found:
        raise EvidenceError(found)
    return grid


def _first(problems: Iterator[Problem], most: int) -> Iterable[Problem]:
    return (problem for problem, _ in zip(problems, range(most), strict=False))


def _garbled_cells(grid: Grid) -> Iterator[Problem]:
    known: dict[str, str | None] = {}
    for row, cells in enumerate(grid.rows):
        for column, cell in enumerate(cells):
            if cell.isascii():
                continue
            if cell not in known:
                known[cell] = garbled(cell)
            meant = known[cell]
            if meant is None:
                continue
            shown = cell if len(cell) <= 30 else f"{cell[:30]}…"
            was = f', it was "{meant[:30]}"' if meant else ", and part of it is lost"
            what = f'"{shown}" was saved in a wrong encoding{was}'
            yield Problem(grid.place(row, column), what, _REMEDY)


def garbled(text: str) -> str | None:
    """What a garbled text was, as far as it can be told; None for a text that is sound.

    >>> garbled("å®¢æˆ·"), garbled("瀹㈡埛"), garbled("¿Í»§·þÎñ"), garbled("客户 café")
    ('客户', '客户', '客户服务', None)
    """
    if _LOST.search(text):
        return ""
    return _utf8_as_latin(text) or _utf8_as_gb(text) or _gb_as_latin(text)


def _utf8_as_latin(text: str) -> str | None:
    """UTF-8 whose bytes were taken for letters of Windows-1252."""
    raw = _narrow(text)
    beyond = sum(byte > 0x7F for byte in raw)
    whole = sum(len(found) for found in _MULTIBYTE.findall(raw))
    # a character may be cut off, or have lost a byte that Windows has no letter for
    return raw.decode("utf-8", "ignore") if beyond > 0 and 0.75 * beyond < whole else None


def _narrow(text: str) -> bytes:
    """Each letter as the byte it would be in Windows-1252, which has some of Latin-1 left over; a
    letter of neither as a byte that fits nowhere in UTF-8."""
    return b"".join(_byte(letter) for letter in text)


def _byte(letter: str) -> bytes:
    for encoding in ("cp1252", "latin-1"):
        try:
            return letter.encode(encoding)
        except UnicodeEncodeError:
            continue
    return b"\xff"


def _utf8_as_gb(text: str) -> str | None:
    """UTF-8 whose bytes were taken for GB18030: common characters come out, from some that nobody
    writes."""
    strange = [letter for letter in text if letter > "\x7f"]
    if all(map(is_common, strange)):
        return None
    try:
        found = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return None
    chinese = _CHINESE.findall(found)
    return found if chinese and all(map(is_common, chinese)) else None


def _gb_as_latin(text: str) -> str | None:
    """GB18030 whose bytes were taken for Latin-1: no word of Europe has four letters beyond ASCII in a
    row, marks such as ¿ and » among them."""
    raw = _narrow(text)
    runs = _BEYOND.findall(raw)
    if b"\xff" in raw or not any(len(run) >= 4 and _MARK.search(run) for run in runs):
        return None
    try:
        found = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    strange = [letter for letter in found if letter > "\x7f"]
    return found if sum(map(is_common, strange)) > 0.7 * len(strange) else None

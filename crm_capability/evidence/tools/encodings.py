"""Which encoding a text file is in: found from its bytes, refused where none fits."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from ...errors import EvidenceError, Place, Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Letters of Latin-1 stand one or two together, and no word begins with ÿ: longer runs are another
# encoding, or damage.
_NOT_LATIN = re.compile(rb"[\x80-\xff]{3}|(?<![A-Za-z\x80-\xfe])\xff")
_TYPOGRAPHIC = frozenset(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99")
_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}


def decoded(raw: bytes, path: Path) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 with or without a mark, UTF-16, GB18030 or
    Latin-1. Raises EvidenceError at the line of the first byte that fits none."""
    encoding = _encoding(raw)
    try:
        text = raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _undecodable(raw, error.start, path, encoding) from None
    if encoding == "latin-1":
        wrong = _NOT_LATIN.search(raw)
        if wrong:
            raise _undecodable(raw, wrong.start(), path, "")
        encoding = _windows_or_latin(raw)
        text = raw.decode(encoding)
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        what = f"not text: the control character 0x{ord(control.group()):02x}"
        raise EvidenceError(Problem(Place(str(path), line), what, "export it again as CSV or XLSX"))
    return text, {"gb18030": "GB18030", "latin-1": "Latin-1", "cp1252": "Windows-1252"}.get(
        encoding
    ) or _NAMES[encoding]


def _encoding(raw: bytes) -> str:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    head = raw[:4000]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 4:
        return "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        if _mostly_utf8(raw):
            return "utf-8"
        return "gb18030" if _is_chinese(raw) else "latin-1"
    return "utf-8"


def _is_chinese(raw: bytes) -> bool:
    """Whether GB18030 makes mostly common Chinese characters of it. European letters followed by
    others decode too, but to characters that nobody writes."""
    try:
        strange = [letter for letter in raw.decode("gb18030") if letter > "\x7f"]
    except UnicodeDecodeError:
        return False
    common = sum(_is_common(letter) for letter in strange)
    return common > 0.7 * len(strange)


def _is_common(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return letter in "┋→〖〗￥"
    return True


def _mostly_utf8(raw: bytes) -> bool:
    """A UTF-8 file with damage: most of what is beyond ASCII still forms whole characters."""
    whole = sum(len(found) for found in _MULTIBYTE.findall(raw))
    return whole > 0.75 * sum(byte > 0x7F for byte in raw)


def _windows_or_latin(raw: bytes) -> str:
    """Windows' form of Latin-1 where its quotation marks and dashes turn up."""
    extra = {byte for byte in raw if 0x80 <= byte < 0xA0}
    return "cp1252" if extra and extra <= _TYPOGRAPHIC else "latin-1"


def _undecodable(raw: bytes, start: int, path: Path, encoding: str) -> EvidenceError:
    line = raw[:start].count(b"\n") + 1
    byte = f"byte 0x{raw[start]:02x}" if start < len(raw) else "its end"
    what = f"cannot be read as text: {byte} does not fit {_NAMES.get(encoding, 'any encoding we know')}"
    return EvidenceError(Problem(Place(str(path), line), what, "export it again, as UTF-8 or as XLSX"))

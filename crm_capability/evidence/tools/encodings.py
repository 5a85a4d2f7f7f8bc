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
_LEAST_LIKELY = 0.8
# What every Chinese text is full of, in both scripts: tells two encodings of the same bytes apart.
_FREQUENT = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你您对對生能而子那得下自之年过過"
    "发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣"
    "理心本前开開但因只从從想实實题題满滿意务務客户戶服请請问問很常否公司产產品店员員"
)
_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
    "latin-1": "Latin-1",
    "cp1252": "Windows-1252",
}


def decoded(raw: bytes, path: Path) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 with or without a mark, UTF-16, GB18030, Big5
    or Latin-1. Raises EvidenceError at the line of the first byte that fits none."""
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
    return text, _NAMES[encoding]


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
        big5, gb = _likely(raw, "big5hkscs", (0xA4, 0xC6)), _likely(raw, "gb18030", (0xB0, 0xD7))
        if big5 > gb and big5 > _LEAST_LIKELY:
            return "big5hkscs"
        return "gb18030" if _is_chinese(raw) else "latin-1"
    return "utf-8"


def _is_chinese(raw: bytes) -> bool:
    """Whether GB18030 makes mostly common Chinese characters of it. European letters followed by
    others decode too, but to characters that nobody writes."""
    try:
        strange = [letter for letter in raw.decode("gb18030") if letter > "\x7f"]
    except UnicodeDecodeError:
        return False
    common = sum(is_common(letter) for letter in strange)
    return common > 0.7 * len(strange)


def _likely(raw: bytes, encoding: str, ordinary: tuple[int, int]) -> float:
    """How much like writing the bytes look in a Chinese encoding: the share of characters of its
    first level, whose first bytes lie within `ordinary`, and the share of those that every text is
    full of. 0 where the bytes do not fit, or no character is of that level."""
    try:
        strange = [letter.encode(encoding) for letter in raw.decode(encoding) if letter > "\u2fff"]
    except UnicodeDecodeError:
        return 0.0
    known = [pair for pair in strange if len(pair) == 2 and ordinary[0] <= pair[0] <= ordinary[1]]
    if not known:
        return 0.0
    frequent = sum(pair.decode(encoding) in _FREQUENT for pair in known)
    return (len(known) + 2 * frequent) / len(strange)


def is_common(letter: str) -> bool:
    """Whether a character is one that people write: of GB2312, or a mark that tools put in."""
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

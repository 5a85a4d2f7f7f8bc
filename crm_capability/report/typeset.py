"""How text runs in the shipped fonts: widths and lines, in points.

Pages are planned before they are laid out, so that a table fills its page and a title is not
cut; both rest on the widths of the letters that the PDF embeds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from ..definition.library import shipped

_TOKEN = re.compile(r"[^\s\u2e80-\uffef]+|[\u2e80-\uffef]|\s+")
_BREAKS_AFTER = re.compile(r"(?<=[-\u2013/])(?=[^\s\d])")  # as WeasyPrint breaks a line inside a word
_QUOTES = frozenset("\u2018\u2019\u201c\u201d")  # no line is broken on either side (UAX 14, LB19)
_NEVER_FIRST = _QUOTES | set("\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300b\u300d\u300f")
_NEVER_LAST = _QUOTES | set("\uff08\u300a\u300c\u300e")
_FIGURE, _EM = 0.648, 1000
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_MARKS = frozenset("\u2014\u201c\u201d\u2026")  # as wide as a character in a Chinese sentence


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a text runs: Inter for Latin letters, figures tabular, East Asian characters square, and
    so are quotation marks, dashes and ellipses among them.

    >>> round(width("Score", 10), 1), width("得分", 10), round(width("61.6", 10), 1), width("“得分”", 10)
    (27.5, 20.0, 22.2, 40.0)
    """
    return _run(text, size, bold, _is_chinese(text))


def _run(text: str, size: float, bold: bool, chinese: bool) -> float:
    return size * sum(1.0 if chinese and c in _MARKS else _advance(c, bold) for c in text)


def _is_chinese(text: str) -> bool:
    return _IDEOGRAPH.search(text) is not None


def wrapped(text: str, room: float, size: float, lines: int, bold: bool = False) -> list[str]:
    """The text on so many lines, the last with an ellipsis where it does not fit.

    >>> wrapped("Response to knowledge-based offers", 110, 8, 2)
    ['Response to', 'knowledge-based offers']
    """
    found = [line.strip() for line in _broken(_TOKEN.findall(text), room, size, bold, _is_chinese(text))]
    cut = len(found) > lines
    found = found[:lines]
    if cut or width(found[-1], size, bold) > room:
        while found[-1] and width(found[-1] + "…", size, bold) > room:
            found[-1] = found[-1][:-1]
        found[-1] = found[-1].rstrip() + "…"
    return found


def lines(text: str, room: float, size: float, bold: bool = False) -> int:
    """On how many lines a paragraph stands; none for no text.

    >>> lines("Response to knowledge-based offers", 110, 8), lines("", 110, 8)
    (2, 0)

    >>> lines("得分。", 20, 10)  # the mark takes the character before it along
    2
    """
    if not text:
        return 0
    tokens = [part for token in _TOKEN.findall(text) for part in _BREAKS_AFTER.split(token)]
    # a word wider than the line is broken anywhere
    wide = sum(int(width(token, size, bold) / room) for token in tokens)
    return len(_broken(tokens, room, size, bold, _is_chinese(text))) + wide


def _broken(tokens: list[str], room: float, size: float, bold: bool, chinese: bool) -> list[str]:
    found = [""]
    wide = 0.0
    for token in _kept_together(tokens):
        more = _run(token, size, bold, chinese)
        if wide + more <= room or token.isspace() or not found[-1].strip():
            found[-1] += token
            wide += more
        else:
            found.append(token)
            wide = more
    return found


def _kept_together(tokens: list[str]) -> Iterator[str]:
    """What no line may break: a mark that may not begin a line with the character before it, one that
    may not end a line with the one after."""
    held = ""
    for token in tokens:
        if held and token[0] not in _NEVER_FIRST and held[-1] not in _NEVER_LAST:
            yield held
            held = ""
        held += token
    if held:
        yield held


@lru_cache(maxsize=8192)
def _advance(letter: str, bold: bool) -> float:
    """The advance width of a letter, in ems."""
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return _FIGURE if letter in "0123456789" else float(_inter(bold).getlength(letter)) / _EM


@cache
def _inter(bold: bool) -> Any:
    from PIL import ImageFont

    file = shipped("reports") / "fonts" / f"Inter-{'Bold' if bold else 'Regular'}.otf"
    return ImageFont.truetype(str(file), _EM, layout_engine=ImageFont.Layout.BASIC)

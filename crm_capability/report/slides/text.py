"""Text on slides: what may stand in it, the runs that carry it, and the room it takes.

Sizes and lengths are points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

LANGUAGES = {"en": "en-GB", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}  # as Office names them
_EAST_ASIAN = {"zh-Hant": "Microsoft JhengHei"}
_WORDS = re.compile("[^ \u2e80-\uffef]+|[\u2e80-\uffef]| +")  # a hard space breaks no line
_SQUARE = re.compile("[\u2e80-\uffef]")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u0080-\u009f]")
_TURNS = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2068]|[\u202c\u2069]")
_ENDS = {"\u202c", "\u2069"}
# Advance widths of Arial in thousandths of its size; letters of a row share one.
_ARIAL = {
    222: "ijl", 278: " !,./:;I[\\]ft|", 333: "()-r`", 355: '"', 389: "*", 500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopqu–",
    584: "+<=>~−", 611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "—…→",
}  # fmt: skip
_ADVANCE = {letter: wide / 1000 for wide, letters in _ARIAL.items() for letter in letters}
_OTHER, _WIDER = 0.6, 1.05  # letters not listed; what other sans-serif fonts and kerning may add


@dataclass(frozen=True)
class Voice:
    """How runs are marked: their language, and the font of East Asian letters."""

    language: str
    east: str

    @staticmethod
    def of(code: str, east: str = "") -> Voice:
        """Of a report's language; `east` where a master names a font of its own."""
        return Voice(LANGUAGES.get(code, code), east or _EAST_ASIAN.get(code, "Microsoft YaHei"))


@dataclass(frozen=True)
class Line:
    """A paragraph in one style; no colour is the master's."""

    text: str
    size: float = 12.0
    bold: bool = False
    colour: str = ""
    align: str = "l"  # l, r, ctr
    bullet: str = ""  # its colour
    after: float = 0.0


def clean(text: str) -> str:
    """The text as XML may hold it, on one line; what turns the direction is turned back at its end.

    >>> clean("a\\x00b\\n=1+1 \\u202ex")
    'ab =1+1 \\u202ex\\u202c'
    """
    text = _FORBIDDEN.sub("", re.sub(r"\s*[\r\n\t\v\f\u2028\u2029]+\s*", " ", text))
    open_turns: list[str] = []
    for found in _TURNS.findall(text):
        if found not in _ENDS:
            open_turns.append("\u202c" if found < "\u2060" else "\u2069")
        elif found in open_turns:
            open_turns.remove(found)
    return text + "".join(reversed(open_turns))


def run(
    text: str, voice: Voice, size: float = 0.0, bold: bool | None = None, colour: str = "", tag: str = "rPr"
) -> str:
    """A run as XML; no size, weight or colour is the placeholder's own."""
    marks = f' sz="{round(size * 100)}"' if size else ""
    marks += f' b="{int(bold)}"' if bold is not None else ""
    fill = f'<a:solidFill><a:srgbClr val="{colour.lstrip("#")}"/></a:solidFill>' if colour else ""
    look = f'<a:{tag} lang="{voice.language}"{marks} dirty="0">{fill}<a:ea typeface="{escape(voice.east)}"/></a:{tag}>'
    return look if tag != "rPr" else f"<a:r>{look}<a:t>{escape(clean(text))}</a:t></a:r>"


def paragraph(line: Line, voice: Voice) -> str:
    """A line as XML."""
    hanging = ' marL="171450" indent="-171450"' if line.bullet else ""
    mark = (
        f'<a:buClr><a:srgbClr val="{line.bullet.lstrip("#")}"/></a:buClr><a:buSzPct val="80000"/><a:buFont typeface="Arial"/><a:buChar char="■"/>'
        if line.bullet
        else "<a:buNone/>"
    )
    after = f'<a:spcBef><a:spcPts val="0"/></a:spcBef><a:spcAft><a:spcPts val="{round(line.after * 100)}"/></a:spcAft>'
    body = run(line.text, voice, line.size, line.bold, line.colour) if line.text else ""
    end = run("", voice, line.size, None, "", "endParaRPr")
    return f'<a:p><a:pPr algn="{line.align}"{hanging}>{after}{mark}</a:pPr>{body}{end}</a:p>'


def leading(text: str) -> float:
    """Line height over type size; Chinese fonts stand higher, by 1.32 (YaHei) to 1.45 (Noto)."""
    return 1.45 if _SQUARE.search(text) else 1.22


def width(text: str, size: float) -> float:
    """How wide the text runs in Arial, a little more than less; East Asian letters are square."""
    whole = sum(_ADVANCE.get(c, 1.0 if east_asian_width(c) in "WFA" else _OTHER) for c in text)
    return whole * size * _WIDER


@lru_cache(maxsize=8192)
def lines(text: str, size: float, room: float) -> int:
    """How many lines of that width the text takes; a word that is wider is broken."""
    count, used = 1, 0.0
    for word in _WORDS.findall(text):
        wide = width(word, size)
        if used + wide > room and used:
            count, used = count + 1, 0.0
            if word.isspace():
                continue
        if wide > room and not word.isspace():
            count += ceil(wide / room) - 1
            wide -= (ceil(wide / room) - 1) * room
        used += wide
    return count


def height(text: str, size: float, room: float) -> float:
    return lines(text, size, room) * size * leading(text)


def stacked(told: Iterable[Line], room: float) -> float:
    """The height of paragraphs under each other."""
    return sum(height(one.text, one.size, room - (13.5 if one.bullet else 0.0)) + one.after for one in told)


def fitting(text: str, room: float, tall: float, size: float, least: float) -> float:
    """The largest size, from `size` down to `least`, in which the text fits the box."""
    while size > least and height(text, size, room) > tall:
        size -= 1.0
    return max(size, least)

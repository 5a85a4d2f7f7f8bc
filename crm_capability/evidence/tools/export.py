"""What a tool's export says of itself: which columns are questions, who answered, how long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .grid import Grid, Row


@dataclass(frozen=True)
class Column:
    """A column that holds answers."""

    place: int  # which cell of a row, from 0
    name: str  # its name where no questionnaire is given
    code: str = ""  # the tool's code of the question
    text: str = ""  # the question as it was put
    option: str = ""  # sub-question, or the option that the column stands for


@dataclass(frozen=True)
class Export:
    """An export understood. `time` names one column of seconds, or start and end; `language` the
    one that says in which language the form was answered."""

    headers: int  # rows before the first respondent
    columns: tuple[Column, ...]
    respondent: int | None = None
    time: tuple[int, ...] = ()
    language: int | None = None
    no_answer: frozenset[str] = frozenset()
    option_numbers: bool = False  # cells hold an option's number, from 1, not its value
    lettered: bool = False  # cells hold `A.text`
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tool:
    """A survey tool: how to know its exports, and how to read them."""

    name: str
    recognises: Callable[[Grid], bool]
    read: Callable[[Grid], Export]
    widen: Callable[[Grid], Grid] = lambda grid: grid  # brings what stands elsewhere into its rows


def plain_columns(names: Sequence[str], places: Iterable[int]) -> tuple[Column, ...]:
    """Columns whose header is code and text in one."""
    return tuple(Column(n, names[n].strip(), names[n].strip(), names[n].strip()) for n in places)


def position(names: Sequence[str], wanted: Iterable[str]) -> int | None:
    """Where the first of the wanted names stands, whatever its case."""
    lower = [name.strip().casefold() for name in names]
    return next((lower.index(name.casefold()) for name in wanted if name.casefold() in lower), None)


def span(names: Sequence[str], start: Iterable[str], end: Iterable[str]) -> tuple[int, ...]:
    """The columns of start and end, where both are there."""
    first, last = position(names, start), position(names, end)
    return () if first is None or last is None else (first, last)


_PARTS = re.compile(
    r"(?:(\d+)\s*(?:天|days?|d))?\s*(?:(\d+)\s*(?:小?[时時]|hours?|h))?\s*(?:(\d+)\s*(?:分钟?|分鐘|min\w*|m))?\s*(?:(\d+(?:[.,]\d+)?)\s*(?:秒|sec\w*|s))?\Z"
)
_CLOCK = re.compile(r"(\d+):(\d{2}):(\d{2})\Z")
_MOMENTS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
)


def seconds_used(row: Row, time: tuple[int, ...]) -> float | None:
    """How long a respondent took, or None where the export does not say."""
    if len(time) == 1:
        return duration(row[time[0]])
    if len(time) == 2:
        start, end = (moment(row[place]) for place in time)
        if start is not None and end is not None and (start.tzinfo is None) == (end.tzinfo is None):
            return max((end - start).total_seconds(), 0.0)
    return None


def duration(text: str) -> float | None:
    """Seconds out of what tools write.

    >>> duration("1分30秒"), duration("38"), duration("00:01:05"), duration("")
    (90.0, 38.0, 65.0, None)
    """
    text = text.strip()
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        pass
    clock = _CLOCK.match(text)
    if clock:
        return float(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    parts = _PARTS.match(text)
    if parts is None:
        return None
    days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in parts.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def moment(text: str) -> datetime | None:
    """A date with a time as tools write it."""
    text = text.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None

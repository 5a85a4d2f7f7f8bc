"""How one language says things: words, numbers, dates and quantities.

Words files are `<code>.yaml`: nested maps of patterns with `{names}`. A pattern may be a map
of `one` and `other`, chosen by the value `count`. What a language lacks is said in English,
and `Language.lacking` lists it, so that the report can own up to it.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..definition.library import shipped
from ..methods.model import Text, in_language
from ..yaml_files import read_yaml

MISSING = "–"
# Units whose 1 is read as 100 %: a part of a whole; a part that may be more than the whole; a change.
RELATIVE_CHANGE = "relative change"
OF_ONE = ("share", "rate", RELATIVE_CHANGE)
_NAME = re.compile(r"\{(\w+)\}")


class Language:
    """One language of a report."""

    def __init__(self, code: str, words: Mapping[str, Any], english: Mapping[str, Any]):
        self.code = code
        self.lacking: list[str] = []
        self._words, self._english = words, english

    def say(self, key: str, /, **values: object) -> str:
        """The pattern at a dotted key, filled in. Values are text, never patterns again.

        >>> Language("en", {"a": {"b": {"one": "{count} day", "other": "{count} days"}}}, {}).say("a.b", count=2)
        '2 days'
        """
        pattern = _at(self._words, key)
        if pattern is None:
            pattern = _at(self._english, key)
            if key not in self.lacking:
                self.lacking.append(key)
        if pattern is None:
            raise KeyError(key)
        if isinstance(pattern, Mapping):
            pattern = pattern["one"] if values.get("count") == 1 and "one" in pattern else pattern["other"]
        return _NAME.sub(lambda match: self._value(values[match[1]]), str(pattern))

    def knows(self, key: str) -> bool:
        """Whether this language or English has words at a key."""
        return _at(self._words, key) is not None or _at(self._english, key) is not None

    def _value(self, value: object) -> str:
        return self.number(value, 0) if isinstance(value, int) else str(value)

    def text(self, text: Text | None) -> str:
        """A text of a definition in this language."""
        return in_language(text, self.code)

    def listing(self, items: Iterable[str], between: str = "comma", end: str = "and") -> str:
        """a, b and c."""
        *first, last = list(items)
        if not first:
            return last
        return self.say(f"list.{between}").join(first) + self.say(f"list.{end}") + last

    def names(self, items: Iterable[str]) -> str:
        """Like a listing, of titles within a sentence: Chinese sets each in quotation marks."""
        return self.listing((self.say("list.name", name=item) for item in items), "names")

    def clauses(self, items: Iterable[str]) -> str:
        """Like a listing, of whole clauses: Chinese sets them apart by another comma."""
        return self.listing(items, "clause", "last_clause")

    def number(self, value: float | None, digits: int = 1) -> str:
        """A number with a real minus; a dash for none.

        >>> Language("en", {}, {}).number(-1234.5)
        '−1,234.5'
        """
        if value is None or math.isnan(value):
            return MISSING
        text = f"{value:,.{digits}f}"
        if text.startswith("-"):
            text = text[1:] if not text.strip("-0.,") else "−" + text[1:]
        return text

    def signed(self, value: float | None, digits: int = 1) -> str:
        """A number with its sign; zero has none.

        >>> [Language("en", {}, {}).signed(x) for x in (2.0, -0.04, -3.0)]
        ['+2.0', '0.0', '−3.0']
        """
        text = self.number(value, digits)
        return "+" + text if value is not None and value > 0 and text.strip("0.,") else text

    def share(self, value: float | None, digits: int = 0) -> str:
        """A share as per cent."""
        return MISSING if value is None else self.number(100 * value, digits) + "%"

    def quantity(self, value: float | None, unit: Text, digits: int = 1) -> str:
        """A raw value with its unit: 12.5%, 3.0 days, 3.0天; a relative change has its sign."""
        if value is None:
            return MISSING
        if unit == RELATIVE_CHANGE:
            return self.signed(100 * value, max(digits - 2, 0)) + "%"
        if unit in OF_ONE:
            return self.share(value, max(digits - 2, 0))
        number = self.number(value, digits)
        if isinstance(unit, str) and self.knows(f"units.{unit}"):
            return self.say(f"units.{unit}", count=1 if number == "1" else 2, x=number)
        return f"{number}\u00a0{self.text(unit)}"

    def figure(self, value: float | None, unit: Text, digits: int = 1) -> str:
        """The number of a quantity where its unit stands in a column of its own."""
        apart = value is not None and self.unit(unit)
        return self.number(value, digits) if apart else self.quantity(value, unit, digits)

    def unit(self, unit: Text) -> str:
        """The unit alone; none where it stands before the number or is part of it."""
        if unit in OF_ONE:
            return ""
        if isinstance(unit, str) and self.knows(f"units.{unit}"):
            told = self.say(f"units.{unit}", count=2, x=MISSING)
            return told.removeprefix(MISSING).strip() if told.startswith(MISSING) else ""
        return self.text(unit)

    def date(self, day: datetime.date, year: bool = True) -> str:
        """1 July 2017, 2017年7月1日."""
        named = _at(self._words, "months") is not None or not self._words
        month = self.say(f"months.m{day.month}") if named else str(day.month)
        key = "date.full" if year else "date.short"
        return self.say(key, day=str(day.day), month=month, year=str(day.year))

    def period(self, start: datetime.date, end: datetime.date) -> str:
        """Both days belong to it; a year that both share is said once."""
        if start == end:
            return self.date(start)
        same = start.year == end.year
        first_short = same and self.say("date.year_said") == "last"
        last_short = same and not first_short
        return self.say(
            "date.period", start=self.date(start, not first_short), end=self.date(end, not last_short)
        )


def decimals(*sizes: float | None) -> int:
    """How many decimals a raw value earns: its standard error's first digit, else three
    significant digits of the largest value.

    >>> decimals(12.345), decimals(0.2), decimals(1500.0)
    (1, 3, 0)
    """
    known = [abs(size) for size in sizes if size]
    if not known:
        return 1
    return min(max(2 - math.floor(math.log10(max(known))), 0), 3)


def earned(errors: Iterable[float | None], *sizes: float | None) -> int:
    """Decimals that the standard errors earn, and no more than the sizes ask for."""
    known = [error for error in errors if error]
    if not known:
        return decimals(*sizes)
    return min(max(1 - math.floor(math.log10(min(known))), 0), decimals(*sizes))


def language(code: str, folders: Iterable[Path] = ()) -> Language:
    """The language of a code; the template's own words come before the shipped ones."""
    places = (*folders, shipped("reports") / "words")
    return Language(code, _merged(code, tuple(places)), _merged("en", tuple(places)))


@cache
def _merged(code: str, folders: tuple[Path, ...]) -> Mapping[str, Any]:
    words: dict[str, Any] = {}
    for folder in reversed(folders):
        file = folder / f"{code}.yaml"
        if file.is_file():
            words = _over(words, read_yaml(file).data)
    return words


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _over(merged[key], value) if both else value
    return merged


def _at(words: Any, key: str) -> Any:
    for step in key.split("."):
        if not isinstance(words, Mapping) or step not in words:
            return None
        words = words[step]
    return words

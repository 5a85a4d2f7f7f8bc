"""A calendar: when somebody is at work, by the day of the week, less holidays."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from ..methods.model import ONE_OR_MANY, Model, Text, Words

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STRETCH = re.compile(r"(\d{1,2}):([0-5]\d) ?[-–] ?(\d{1,2}):([0-5]\d)\Z")
_ROUND_THE_CLOCK = 24 * 60


def zone(value: str) -> str:
    """A time zone that the machine knows."""
    if value not in available_timezones():
        raise PydanticCustomError("zone", "not a time zone such as Europe/Vienna or Asia/Shanghai")
    return value


Zone = Annotated[Words, AfterValidator(zone)]


def _minutes(stretch: str) -> tuple[int, int]:
    """When a stretch such as `09:00-17:30` begins and ends, in minutes of the day."""
    found = _STRETCH.match(stretch)
    begins, ends = (
        (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (1, 0)
    )
    if begins >= ends or ends > _ROUND_THE_CLOCK:
        raise PydanticCustomError(
            "stretch",
            "not a stretch of one day such as 09:00-17:30; a night is two, 22:00-24:00 and 00:00-06:00 of the next day",
        )
    return begins, ends


def _apart(value: tuple[str, ...]) -> tuple[str, ...]:
    stretches = sorted(_minutes(one) for one in value)
    if any(one[1] > other[0] for one, other in pairwise(stretches)):
        raise PydanticCustomError("stretch", "the stretches of a day overlap")
    return value


def _days(name: str) -> tuple[str, ...]:
    """The days that `mon`, `mon-fri` or `fri-mon` speaks of."""
    first, _, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise PydanticCustomError("days", "not days such as mon, sat or mon-fri")
    start, length = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7
    return tuple(DAYS[(start + number) % 7] for number in range(length + 1))


def _day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if type(value) is not date:  # a bare 20171225 is a number, and would count as seconds
        raise PydanticCustomError("day", "not a day such as 2017-12-25")
    return value


def _each_day_once(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    named = [day for days in value for day in _days(days)]
    if len(named) != len(set(named)):
        raise PydanticCustomError("days", "a day of the week stands twice")
    return value


Stretches = Annotated[tuple[Words, ...], Field(min_length=1), ONE_OR_MANY, AfterValidator(_apart)]


class Calendar(Model):
    """When somebody is at work. `timezone`: whose clock the hours are told by, for moments that
    carry a zone; else that of the source. No work is done on `holidays`, nor on days not named."""

    hours: Annotated[dict[Words, Stretches], Field(min_length=1), AfterValidator(_each_day_once)]
    holidays: Annotated[tuple[Annotated[date, BeforeValidator(_day)], ...], Field(max_length=2000)] = ()
    timezone: Zone | None = None
    title: Text | None = None
    note: Text | None = None

    @property
    def week(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each day from Monday on, its stretches of work in minutes of the day."""
        open_on = {day: stretches for days, stretches in self.hours.items() for day in _days(days)}
        return tuple(tuple(sorted(_minutes(one) for one in open_on.get(day, ()))) for day in DAYS)

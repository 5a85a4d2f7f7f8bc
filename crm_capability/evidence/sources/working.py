"""Working hours between two moments, in closed form: no table of days, no loop.

Work done since a far Monday is the whole weeks passed times the hours of one, and the days of the
week passed, and what has passed of the day itself, less the holidays passed. Between two moments
lies the difference. All of it is counted in whole microseconds, so it is exact on every engine.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

from sqlglot import exp

from ...definition.calendars import Calendar
from .fragments import day, elapsed, number

Week = tuple[tuple[tuple[int, int], ...], ...]
# A Monday before any moment that a table holds: whole weeks since it are never negative.
_MONDAY = date(1, 1, 1)
_MINUTE, _HOUR = 60_000_000, 3_600_000_000


def working_hours(calendar: Calendar, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """The real number of hours worked from one moment to another; negative if they stand the
    other way round, nothing if one of them is missing."""
    worked = exp.Sub(this=_worked(calendar, end), expression=_worked(calendar, start))
    real = exp.Cast(this=exp.Paren(this=worked), to=exp.DataType.build("double"))
    return exp.Paren(this=exp.Div(this=real, expression=number(float(_HOUR)), typed=False, safe=False))


def _worked(calendar: Calendar, moment: exp.Expr) -> exp.Expr:
    """Microseconds worked from the far Monday until a moment."""
    week = calendar.week
    length = [sum(ends - begins for begins, ends in stretches) * _MINUTE for stretches in week]
    days = elapsed(day(_MONDAY), _day_of(moment), in_days=True)
    weeks = exp.IntDiv(this=days, expression=number(7))
    passed: exp.Expr = exp.Mul(this=exp.Paren(this=weeks), expression=number(sum(length)))
    passed = exp.Add(this=passed, expression=_days_before(length, moment))
    holidays = sorted(each for each in set(calendar.holidays) if length[each.weekday()])
    passed = exp.Add(this=passed, expression=_today(week, holidays, moment))
    if holidays:
        passed = exp.Sub(this=passed, expression=_holidays_before(length, holidays, moment))
    return exp.Paren(this=passed)


def _day_of(moment: exp.Expr) -> exp.Expr:
    return exp.Cast(this=moment.copy(), to=exp.DataType.build("date"))


def _weekday(moment: exp.Expr) -> exp.Expr:
    """1 for Monday to 7 for Sunday."""
    return exp.Extract(this=exp.Var(this="ISODOW"), expression=moment.copy())


def _days_before(length: list[int], moment: exp.Expr) -> exp.Expr:
    """Work of the days of the week before the day of a moment."""
    case = exp.Case(this=_weekday(moment))
    for weekday in range(1, 8):
        case = case.when(number(weekday), number(sum(length[: weekday - 1])))
    return case


def _today(week: Week, holidays: list[date], moment: exp.Expr) -> exp.Expr:
    """Work of the day of a moment until it."""
    case = exp.Case()
    if holidays:
        on_holiday = exp.In(this=_day_of(moment), expressions=[day(each) for each in holidays])
        case = case.when(on_holiday, number(0))
    kinds: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for weekday, stretches in enumerate(week, 1):
        if stretches:
            kinds.setdefault(stretches, []).append(weekday)
    clock = elapsed(_day_of(moment), moment.copy())
    for stretches, weekdays in kinds.items():
        parts = [_until(clock, *stretch) for stretch in stretches]
        done = reduce(lambda left, right: exp.Add(this=left, expression=right), parts)
        case = case.when(exp.In(this=_weekday(moment), expressions=[*map(number, weekdays)]), done)
    return case.else_(number(0))


def _until(clock: exp.Expr, begins: int, ends: int) -> exp.Expr:
    """What has passed of a stretch at an hour of the day: nothing before it, all of it after."""
    since = exp.Sub(this=clock.copy(), expression=number(begins * _MINUTE))
    some = exp.Greatest(this=since, expressions=[number(0)], ignore_nulls=True)
    return exp.Least(this=some, expressions=[number((ends - begins) * _MINUTE)], ignore_nulls=True)


def _holidays_before(length: list[int], holidays: list[date], moment: exp.Expr) -> exp.Expr:
    """Work that the holidays before the day of a moment took away."""
    case, taken = exp.Case(), 0
    for each in holidays:
        # a holiday takes nothing away before it is over
        case = case.when(exp.LTE(this=_day_of(moment), expression=day(each)), number(taken))
        taken += length[each.weekday()]
    return case.else_(number(taken))

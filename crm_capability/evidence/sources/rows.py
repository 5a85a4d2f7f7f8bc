"""The rows of a source, each with the number of its period and the unit it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from .fragments import (
    TEXT,
    TIMESTAMP,
    ZONED,
    all_of,
    column,
    day,
    fresh,
    identifier,
    named,
    number,
)  # fmt: skip
from .origin import Origin, Steps, picked
from .periods import Period, spans

_PERIODS = "periods"


@dataclass(frozen=True)
class Plain:
    """The rows of a source whenever they happened: picked and filtered, the blank ones left out."""

    table: str
    conditions: tuple[exp.Expr | None, ...]
    time: exp.Expr
    unit: exp.Expr | None
    unit_name: str

    def query(self, only: exp.Expr | None = None) -> exp.Select:
        condition = all_of([*self.conditions, only])
        query = exp.Select().from_(exp.Table(this=identifier(self.table)))
        return query.where(condition) if condition is not None else query


@dataclass(frozen=True)
class Rows:
    """Common table expressions, the last of which holds the rows; names of its own columns."""

    steps: tuple[tuple[str, exp.Select], ...]
    period: str
    unit: str
    plain: Plain
    moment: str = ""

    @property
    def group(self) -> tuple[str, ...]:
        """What readings are told apart by: the period, and the unit if there are several."""
        return (self.period, self.unit) if self.unit else (self.period,)

    @property
    def name(self) -> str:
        return self.steps[-1][0]


def rows_in_waves(
    origin: Origin,
    periods: Sequence[Period],
    columns: Iterable[str],
    entity: str = "",
    dated: bool = False,
) -> Rows:
    """Picked, filtered and dated rows of a source, with the columns that measures ask for.

    The order is the contract's: pick over all rows of a key, then the source's `where`, then
    the wave. Rows without unit or entity are left out. `dated`: the moment of each row as well.
    """
    source = origin.source
    needed = sorted({origin.resolve(name) for name in columns})
    period, unit = fresh("period", needed), fresh("unit", needed) if source.unit else ""
    when = fresh("happened_at", needed) if dated else ""
    steps, plain = _plain(origin, needed, entity, unit)
    apart = not any(one.overlaps(other) for n, one in enumerate(periods) for other in periods[:n])
    own = [named(_which(plain.time, periods) if apart else column("period", _PERIODS), period)]
    if plain.unit is not None:
        own.append(named(plain.unit.copy(), unit))
    if dated:
        own.append(named(plain.time.copy(), when))
    query = plain.query(_within(plain.time, periods) if apart else None)
    query = query.select(*own, *(column(column_name) for column_name in needed))
    query = query if apart else _joined(query, plain.table, plain.time, periods)
    return Rows((*steps, (f"{source.table}_in_waves", query)), period, unit, plain, when)


def _plain(origin: Origin, needed: Iterable[str], entity: str, unit: str) -> tuple[Steps, Plain]:
    source = origin.source
    first, name, more = origin.whole(origin.names(needed))
    steps, name, conditions = picked(origin, name, more)
    not_blank = (origin.not_blank(each) for each in (source.unit, entity) if each)
    text = (
        exp.Cast(this=column(origin.resolve(source.unit)), to=exp.DataType.build("text"))
        if source.unit
        else None
    )
    plain = Plain(name, (*conditions, origin.where, *not_blank), moment_of(origin), text, unit)
    return (*first, *steps), plain


def _joined(query: exp.Select, table: str, time: exp.Expr, periods: Sequence[Period]) -> exp.Select:
    """Periods that overlap: a row may belong to several."""
    for node in query.find_all(exp.Column):
        if not node.table:
            node.set("table", identifier(table))
    rows = [exp.Tuple(expressions=[number(one.number), day(one.begins), day(one.ends)]) for one in periods]
    names = [identifier(name) for name in ("period", "begins", "ends")]
    values = exp.Values(expressions=rows, alias=exp.TableAlias(this=identifier(_PERIODS), columns=names))
    moment = time.copy()
    for node in moment.find_all(exp.Column):
        node.set("table", identifier(table))
    during = exp.And(
        this=exp.GTE(this=moment.copy(), expression=column("begins", _PERIODS)),
        expression=exp.LT(this=moment.copy(), expression=column("ends", _PERIODS)),
    )
    return query.join(values, on=during)


def _which(time: exp.Expr, periods: Sequence[Period]) -> exp.Expr:
    """The number of the period that a moment lies in."""
    order = sorted(periods, key=lambda each: each.begins)
    if len(order) == 1:
        return number(order[0].number)
    case = exp.Case()
    # without gaps an upper end is enough: what lies outside is left out by `_within`
    no_gaps = len(spans(periods)) == 1
    for one in order[:-1] if no_gaps else order:
        until = exp.LT(this=time.copy(), expression=day(one.ends))
        case = case.when(until if no_gaps else _during(time, one.begins, one.ends), number(one.number))
    return case.else_(number(order[-1].number)) if no_gaps else case


def _within(time: exp.Expr, periods: Sequence[Period]) -> exp.Expr:
    stretches = [_during(time, begins, ends) for begins, ends in spans(periods)]
    return exp.or_(*stretches)


def _during(time: exp.Expr, begins: date, ends: date) -> exp.Expr:
    return exp.And(
        this=exp.GTE(this=time.copy(), expression=day(begins)),
        expression=exp.LT(this=time.copy(), expression=day(ends)),
    )


def moment_of(origin: Origin) -> exp.Expr:
    """The time column; a text is read as an ISO date or moment, and a moment with a zone is told
    by the clock of the source's `timezone`."""
    source = origin.source
    assert source.time
    actual = origin.resolve(source.time)
    if origin.columns.get(actual) == ZONED and source.timezone:
        return exp.AtTimeZone(this=column(actual), zone=exp.Literal.string(source.timezone))
    if origin.columns.get(actual) == TEXT:
        return exp.Cast(this=column(actual), to=exp.DataType.build(TIMESTAMP))
    return column(actual)

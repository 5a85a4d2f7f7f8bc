"""The rows of a source, each with the number of its period and the unit it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from ...definition.expressions import parse
from ...definition.metrics import Source
from .fragments import (
    TEXT,
    TIMESTAMP,
    ZONED,
    adapted,
    all_of,
    column,
    day,
    fresh,
    identifier,
    named,
    not_blank,
    number,
)  # fmt: skip
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


def resolve(kinds: Mapping[str, str], name: str) -> str:
    """The table's own spelling of a column: as written, else whatever the case of its letters."""
    if name in kinds:
        return name
    return next((known for known in kinds if known.casefold() == name.casefold()), name)


def rows_in_waves(
    source: Source,
    periods: Sequence[Period],
    kinds: Mapping[str, str],
    columns: Iterable[str],
    entity: str = "",
    dated: bool = False,
) -> Rows:
    """Picked, filtered and dated rows of a source, with the columns that measures ask for.

    The order is the contract's: pick over all rows of a key, then the source's `where`, then
    the wave. Rows without unit or entity are left out. `dated`: the moment of each row as well.
    """
    needed = sorted({resolve(kinds, name) for name in columns})
    period, unit = fresh("period", needed), fresh("unit", needed) if source.unit else ""
    when = fresh("happened_at", needed) if dated else ""
    steps: list[tuple[str, exp.Select]] = []
    if source.pick:
        steps.append((f"ranked_{source.table}", _ranked(source, kinds)))
    plain = _plain(source, kinds, entity, unit)
    apart = not any(one.overlaps(other) for n, one in enumerate(periods) for other in periods[:n])
    own = [named(_which(plain.time, periods) if apart else column("period", _PERIODS), period)]
    if plain.unit is not None:
        own.append(named(plain.unit.copy(), unit))
    if dated:
        own.append(named(plain.time.copy(), when))
    query = plain.query(_within(plain.time, periods) if apart else None)
    query = query.select(*own, *(column(column_name) for column_name in needed))
    query = query if apart else _joined(query, plain.table, plain.time, periods)
    steps.append((f"{source.table}_in_waves", query))
    return Rows(tuple(steps), period, unit, plain, when)


def _plain(source: Source, kinds: Mapping[str, str], entity: str, unit: str) -> Plain:
    table, first = source.table, None
    if source.pick:
        table, first = f"ranked_{source.table}", _is_last(kinds)
    elif source.key:
        first = _not_blank(source.key, kinds)
    conditions = (
        first,
        _where(source, kinds),
        *(_not_blank(column_name, kinds) for column_name in (source.unit, entity) if column_name),
    )
    text = (
        exp.Cast(this=column(resolve(kinds, source.unit)), to=exp.DataType.build("text"))
        if source.unit
        else None
    )
    return Plain(table, conditions, moment_of(source, kinds), text, unit)


def repeated_keys(source: Source, kinds: Mapping[str, str]) -> exp.Select:
    """Counts the keys that more than one row claims: after `pick`, or at all without it."""
    assert source.key
    key = column(resolve(kinds, source.key))
    if source.pick:
        inner = _ranked(source, kinds, (source.key,), tied=True).subquery("ranked")
        rows = exp.Select().from_(inner).where(_is_last(kinds))
    else:
        rows = (
            exp.Select().from_(exp.Table(this=identifier(source.table))).where(_not_blank(source.key, kinds))
        )
    several = exp.GT(this=_count(), expression=number(1))
    repeated = rows.select(key.copy()).group_by(key.copy()).having(several).subquery("repeated")
    return exp.Select().select(named(_count(), "keys")).from_(repeated)


def _ranked(
    source: Source, kinds: Mapping[str, str], columns: Iterable[str] | None = None, tied: bool = False
) -> exp.Select:
    """All rows with their place among those of their key, the last one first."""
    assert source.key
    assert source.pick
    order = [
        exp.Ordered(this=column(resolve(kinds, name)), desc=True, nulls_first=False)
        for name in source.pick.last_by
    ]
    place = exp.Window(
        this=exp.Rank() if tied else exp.RowNumber(),
        partition_by=[column(resolve(kinds, source.key))],
        order=exp.Order(expressions=order),
    )
    kept = [column(resolve(kinds, name)) for name in columns or kinds]
    query = exp.Select().select(*kept, named(place, fresh("place", kinds)))
    return query.from_(exp.Table(this=identifier(source.table))).where(_not_blank(source.key, kinds))


def _is_last(kinds: Mapping[str, str]) -> exp.Expr:
    return exp.EQ(this=column(fresh("place", kinds)), expression=number(1))


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


def moment_of(source: Source, kinds: Mapping[str, str]) -> exp.Expr:
    """The time column; a text is read as an ISO date or moment, and a moment with a zone is told
    by the clock of the source's `timezone`."""
    actual = resolve(kinds, source.time)
    if kinds.get(actual) == ZONED and source.timezone:
        return exp.AtTimeZone(this=column(actual), zone=exp.Literal.string(source.timezone))
    if kinds.get(actual) == TEXT:
        return exp.Cast(this=column(actual), to=exp.DataType.build(TIMESTAMP))
    return column(actual)


def _where(source: Source, kinds: Mapping[str, str]) -> exp.Expr | None:
    if source.where is None:
        return None
    expression = parse(source.where, False)
    return adapted(expression.tree, kinds, {name: resolve(kinds, name) for name in expression.columns})


def _not_blank(name: str, kinds: Mapping[str, str]) -> exp.Expr:
    actual = resolve(kinds, name)
    return not_blank(actual, kinds.get(actual, ""))


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star(), big_int=True)

"""The rows of a source, each with the number of its period and the unit it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from ...definition.expressions import parse
from ...definition.metrics import Source
from .fragments import TEXT, TIMESTAMP, adapted, all_of, column, day, fresh, identifier, named, not_blank
from .periods import Period, spans

_PERIODS = "periods"


@dataclass(frozen=True)
class Rows:
    """Common table expressions, the last of which holds the rows; names of its own columns."""

    steps: tuple[tuple[str, exp.Select], ...]
    period: str
    unit: str

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
) -> Rows:
    """Picked, filtered and dated rows of a source, with the columns that measures ask for.

    The order is the contract's: pick over all rows of a key, then the source's `where`, then
    the wave. Rows without unit or entity are left out.
    """
    needed = sorted({resolve(kinds, name) for name in columns})
    period, unit = fresh("period", needed), fresh("unit", needed) if source.unit else ""
    steps: list[tuple[str, exp.Select]] = []
    table, first = source.table, None
    if source.pick:
        steps.append((f"ranked_{source.table}", _ranked(source, kinds)))
        table, first = steps[0][0], _is_last(kinds)
    elif source.key:
        first = _not_blank(source.key, kinds)
    time = _moment(source.time, kinds)
    apart = not any(one.overlaps(other) for n, one in enumerate(periods) for other in periods[:n])
    conditions = [
        first,
        _where(source, kinds),
        *(_not_blank(column_name, kinds) for column_name in (source.unit, entity) if column_name),
        _within(time, periods) if apart else None,
    ]
    query = exp.Select().from_(exp.Table(this=identifier(table)))
    own = [named(_which(time, periods) if apart else column("period", _PERIODS), period)]
    if source.unit:
        text = exp.Cast(this=column(resolve(kinds, source.unit)), to=exp.DataType.build("text"))
        own.append(named(text, unit))
    query = query.select(*own, *(column(column_name) for column_name in needed))
    condition = all_of(conditions)
    query = query.where(condition) if condition else query
    steps.append((f"{source.table}_in_waves", query if apart else _joined(query, table, time, periods)))
    return Rows(tuple(steps), period, unit)


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
    several = exp.GT(this=_count(), expression=exp.Literal.number(1))
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
    return exp.EQ(this=column(fresh("place", kinds)), expression=exp.Literal.number(1))


def _joined(query: exp.Select, table: str, time: exp.Expr, periods: Sequence[Period]) -> exp.Select:
    """Periods that overlap: a row may belong to several."""
    for node in query.find_all(exp.Column):
        if not node.table:
            node.set("table", identifier(table))
    rows = [
        exp.Tuple(expressions=[exp.Literal.number(one.number), day(one.begins), day(one.ends)])
        for one in periods
    ]
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
        return exp.Literal.number(order[0].number)
    case = exp.Case()
    # without gaps an upper end is enough: what lies outside is left out by `_within`
    no_gaps = len(spans(periods)) == 1
    for one in order[:-1] if no_gaps else order:
        until = exp.LT(this=time.copy(), expression=day(one.ends))
        case = case.when(until if no_gaps else _during(time, one.begins, one.ends), exp.Literal.number(one.number))
    return case.else_(exp.Literal.number(order[-1].number)) if no_gaps else case


def _within(time: exp.Expr, periods: Sequence[Period]) -> exp.Expr:
    stretches = [_during(time, begins, ends) for begins, ends in spans(periods)]
    return exp.or_(*stretches)


def _during(time: exp.Expr, begins: date, ends: date) -> exp.Expr:
    return exp.And(
        this=exp.GTE(this=time.copy(), expression=day(begins)),
        expression=exp.LT(this=time.copy(), expression=day(ends)),
    )


def _moment(name: str, kinds: Mapping[str, str]) -> exp.Expr:
    """The time column; a text is read as an ISO date or moment."""
    actual = resolve(kinds, name)
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

"""Entities of a wave sorted into classes: bands of a value, ranks, parts of a total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from ...definition.metric_types import Abc, Band, Rfm
from .fragments import all_of, column, filtered, is_null, named, number, real, table
from .parts import count_all, part_name


def within(value: exp.Expr, band: Band) -> exp.Expr:
    """Whether a value lies in a band: its start belongs to it, its end does not."""
    conditions: list[exp.Expr | None] = []
    if band.start is not None:
        conditions.append(exp.GTE(this=value.copy(), expression=number(band.start)))
    if band.below is not None:
        conditions.append(exp.LT(this=value.copy(), expression=number(band.below)))
    condition = all_of(conditions)
    assert condition is not None
    return condition


def shares(
    entities: str, group: Sequence[str], counted: Mapping[str, exp.Expr], n: tuple[str, ...]
) -> exp.Select:
    """How many entities meet each condition, and (under each of the names `n`) how many there are."""
    query = exp.Select().select(*map(column, group), *(named(count_all(), name) for name in n))
    query = query.select(*(named(filtered(count_all(), each), name) for name, each in counted.items()))
    return query.from_(table(entities)).group_by(*map(column, group))


def ranks(entities: str, group: Sequence[str], by: Mapping[str, str], only: exp.Expr | None) -> exp.Select:
    """The rank of each entity by each of several columns, equal ones together, and their number.

    `by`: the name of each rank and the column it orders by; entities without a value are left out.
    """
    query = exp.Select().select(*map(column, group))
    for rank, value in by.items():
        order = exp.Order(expressions=[exp.Ordered(this=column(value), nulls_first=False)])
        place = exp.Window(this=exp.Rank(), partition_by=[*map(column, group)], order=order)
        query = query.select(named(place, rank))
    size = exp.Window(this=count_all(), partition_by=[*map(column, group)])
    known = [exp.Not(this=is_null(column(value))) for value in by.values()]
    query = query.select(named(size, "entities")).from_(table(entities))
    return query.where(all_of([*known, only]))


def rfm_conditions(metric: Rfm) -> dict[str, exp.Expr]:
    """For each segment, whether an entity lies in it: class = 1 + ⌊classes · (rank − 1) / n⌋."""
    result = {}
    for measure, segment in metric.segments.items():
        conditions = []
        for which, (first, last) in segment.limits.items():
            before = exp.Sub(this=column(which), expression=number(1))
            place = exp.Mul(this=number(metric.classes), expression=exp.Paren(this=before))
            share = exp.Div(this=real(exp.Paren(this=place)), expression=column("entities"), typed=False)
            conditions.append(
                exp.Between(this=exp.Floor(this=share), low=number(first - 1), high=number(last - 1))
            )
        condition = all_of(conditions)
        assert condition is not None
        result[part_name(measure, "count")] = condition
    return result


def ahead(entities: str, group: Sequence[str], value: str, only: exp.Expr | None) -> exp.Select:
    """Each entity's value, what those with more hold together, and the total of all; what is
    not above zero adds nothing."""
    gain = exp.Case().when(exp.GT(this=column(value), expression=number(0)), column(value))
    order = exp.Order(expressions=[exp.Ordered(this=column(value), desc=True, nulls_first=False)])
    frame = exp.WindowSpec(
        kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end=number(1), end_side="PRECEDING"
    )
    groups = [*map(column, group)]
    before = exp.Window(this=exp.Sum(this=gain), partition_by=groups, order=order, spec=frame)
    total = exp.Window(this=exp.Sum(this=gain.copy()), partition_by=[one.copy() for one in groups])
    none = exp.Coalesce(this=before, expressions=[number(0)])
    query = exp.Select().select(*(one.copy() for one in groups), named(column(value), "held"))
    query = query.select(named(none, "ahead"), named(total, "total")).from_(table(entities))
    return query.where(all_of([exp.Not(this=is_null(column(value))), only]))


def abc_conditions(metric: Abc) -> dict[str, exp.Expr]:
    """For each class, whether an entity lies in it."""
    gains = exp.GT(this=column("held"), expression=number(0))
    first, second = (
        exp.LT(
            this=column("ahead"),
            expression=exp.Mul(
                this=exp.Literal.number(f"{Decimal(str(limit)):f}"), expression=column("total")
            ),
        )
        for limit in (metric.a, metric.b)
    )
    rest = exp.Or(this=exp.Not(this=gains.copy()), expression=exp.Not(this=exp.Paren(this=second.copy())))
    middle = all_of([gains, second, exp.Not(this=exp.Paren(this=first.copy()))])
    highest = all_of([gains, first])
    assert middle is not None
    assert highest is not None
    conditions = {"a": highest, "b": middle, "c": rest}
    return {part_name(measure, "count"): conditions[name].copy() for measure, name in metric.classes.items()}

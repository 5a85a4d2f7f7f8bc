"""How much the largest of the entities hold."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from .fragments import all_of, column, filtered, is_null, named, table
from .parts import count_all, part_name


def ranked(entities: str, period: str, unit: str, value: str, only: exp.Expr | None) -> exp.Select:
    """Entities in the order of a value, with their number; those without a value are left out."""
    group = [column(name) for name in (period, unit) if name]
    order = exp.Order(expressions=[exp.Ordered(this=column(value), desc=True, nulls_first=False)])
    place = exp.Window(this=exp.RowNumber(), partition_by=[one.copy() for one in group], order=order)
    number = exp.Window(this=count_all(), partition_by=[one.copy() for one in group])
    has_value = exp.Not(this=is_null(column(value)))
    query = exp.Select().select(*group, column(value), named(place, "place"), named(number, "entities"))
    return query.from_(table(entities)).where(all_of([has_value, only]))


def largest(ranked_entities: str, measure: str, period: str, unit: str, value: str, top: float) -> exp.Select:
    """What the first ceil(top × n) entities hold of the total."""
    # a decimal, not a double: 0.07 × 100 is 7, and its ceiling is not 8
    share = exp.Literal.number(f"{Decimal(str(top)):f}")
    last = exp.Ceil(this=exp.Mul(this=share, expression=column("entities")))
    first = exp.LTE(this=column("place"), expression=last)
    group = [column(name) for name in (period, unit) if name]
    query = exp.Select().select(
        *group,
        named(filtered(exp.Sum(this=column(value)), first), part_name(measure, "top")),
        named(exp.Sum(this=column(value)), part_name(measure, "total")),
        named(count_all(), part_name(measure, "n")),
    )
    return query.from_(table(ranked_entities)).group_by(*(one.copy() for one in group))

"""What is asked of entities beyond their facts: who came back, and how much the largest hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from .fragments import all_of, column, identifier, named
from .parts import count_all, part_name
from .periods import Period

Passing = Mapping[str, exp.Expr | None]


def table(name: str, alias: str | None = None) -> exp.Table:
    """A table or a step of the statement, by name."""
    short = exp.TableAlias(this=identifier(alias)) if alias else None
    return exp.Table(this=identifier(name), alias=short)


def retention(
    entities: str, entity: str, period: str, unit: str, periods: Sequence[Period], passing: Mapping[str, str]
) -> exp.Select:
    """For each period: the entities active in the period before it, and those active again.

    `passing`: by measure, the column that counts an entity's rows passing its `where`; empty
    for a measure without one.
    """
    known = {one.id: one.number for one in periods}
    pairs = [
        exp.Tuple(expressions=[exp.Literal.number(one.number), exp.Literal.number(known[one.earlier])])
        for one in periods
        if one.earlier in known
    ]
    names = [identifier("period"), identifier("earlier")]
    follows = exp.Values(expressions=pairs, alias=exp.TableAlias(this=identifier("follows"), columns=names))
    same = [(period, column("period", "follows")), (entity, column(entity, "active"))]
    same += [(unit, column(unit, "active"))] if unit else []
    again = all_of(exp.EQ(this=column(name, "again"), expression=other) for name, other in same)
    before = exp.EQ(this=column(period, "active"), expression=column("earlier", "follows"))
    groups = [column("period", "follows"), *([column(unit, "active")] if unit else [])]
    query = exp.Select().select(named(groups[0].copy(), period), *(group.copy() for group in groups[1:]))
    for measure, rows in passing.items():
        was, now = (_some(rows, "active"), _some(rows, "again")) if rows else (None, None)
        kept = _filtered(count_all(), all_of([was, now])) if rows else exp.Count(this=column(entity, "again"))
        query = query.select(
            named(_filtered(count_all(), was), part_name(measure, "n")),
            named(kept, part_name(measure, "kept")),
        )
    query = query.from_(follows).join(table(entities, "active"), on=before)
    return query.join(table(entities, "again"), on=again, join_type="left").group_by(*groups)


def ranked(entities: str, period: str, unit: str, value: str, rows: str) -> exp.Select:
    """Entities in the order of a value, with their number; those without a value are left out."""
    group = [column(name) for name in (period, unit) if name]
    order = exp.Order(expressions=[exp.Ordered(this=column(value), desc=True, nulls_first=False)])
    place = exp.Window(this=exp.RowNumber(), partition_by=[one.copy() for one in group], order=order)
    number = exp.Window(this=count_all(), partition_by=[one.copy() for one in group])
    has_value = exp.Not(this=exp.Is(this=column(value), expression=exp.Null()))
    query = exp.Select().select(*group, column(value), named(place, "place"), named(number, "entities"))
    return query.from_(table(entities)).where(all_of([has_value, _some(rows) if rows else None]))


def largest(ranked_entities: str, measure: str, period: str, unit: str, value: str, top: float) -> exp.Select:
    """What the first ceil(top × n) entities hold of the total."""
    # a decimal, not a double: 0.07 × 100 is 7, and its ceiling is not 8
    share = exp.Literal.number(f"{Decimal(str(top)):f}")
    last = exp.Ceil(this=exp.Mul(this=share, expression=column("entities")))
    first = exp.LTE(this=column("place"), expression=last)
    group = [column(name) for name in (period, unit) if name]
    query = exp.Select().select(
        *group,
        named(_filtered(exp.Sum(this=column(value)), first), part_name(measure, "top")),
        named(exp.Sum(this=column(value)), part_name(measure, "total")),
        named(count_all(), part_name(measure, "n")),
    )
    return query.from_(table(ranked_entities)).group_by(*(one.copy() for one in group))


def _some(rows: str, of: str | None = None) -> exp.Expr:
    return exp.GT(this=column(rows, of), expression=exp.Literal.number(0))


def _filtered(aggregate: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    if condition is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))

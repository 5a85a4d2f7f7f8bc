"""What happens to entities over time: who came back, who is new, who went on to a goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from sqlglot import exp

from .fragments import (
    all_of,
    column,
    elapsed,
    filtered,
    identifier,
    is_null,
    moment,
    named,
    number,
    some,
    table,
)  # fmt: skip
from .parts import count_all, part_name
from .periods import Period
from .rows import Plain

_EPOCH = datetime(1970, 1, 1)


def retention(
    entities: str, entity: str, period: str, unit: str, periods: Sequence[Period], passing: Mapping[str, str]
) -> exp.Select:
    """For each period: the entities active in the period before it, and those active again.

    `passing`: by measure, the column that counts an entity's rows passing its `where`; empty
    for a measure without one.
    """
    known = {one.id: one.number for one in periods}
    pairs = [
        exp.Tuple(expressions=[number(one.number), number(known[one.earlier])])
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
        was, now = (some(rows, "active"), some(rows, "again")) if rows else (None, None)
        kept = filtered(count_all(), all_of([was, now])) if rows else exp.Count(this=column(entity, "again"))
        query = query.select(
            named(filtered(count_all(), was), part_name(measure, "n")),
            named(kept, part_name(measure, "kept")),
        )
    query = query.from_(follows).join(table(entities, "active"), on=before)
    return query.join(table(entities, "again"), on=again, join_type="left").group_by(*groups)


def first_seen(plain: Plain, entity: str, only: exp.Expr | None) -> exp.Select:
    """When each entity was first seen in all of the data, and when the data begin."""
    first = exp.Min(this=plain.time.copy())
    partition = [plain.unit.copy()] if plain.unit else []
    since = exp.Window(this=exp.Min(this=first.copy()), partition_by=partition)
    own = [named(plain.unit.copy(), plain.unit_name)] if plain.unit else []
    query = plain.query(only).select(*own, column(entity), named(first, "first_seen"), named(since, "since"))
    return query.group_by(*(one.copy() for one in partition), column(entity))


def new_entities(
    entities: str, firsts: str, measure: str, entity: str, group: Sequence[str], first: str, rows: str
) -> exp.Select:
    """The active entities of a wave, and those whose first row of all lies in it."""
    _, *unit = group
    on = all_of(
        exp.EQ(this=column(name, "active"), expression=column(name, "ever")) for name in (entity, *unit)
    )
    is_new = exp.EQ(this=column(first, "active"), expression=column("first_seen", "ever"))
    days = elapsed(moment(_EPOCH), exp.Min(this=column("since", "ever")), 86_400_000_000)
    query = exp.Select().select(
        *(column(name, "active") for name in group),
        named(count_all(), part_name(measure, "n")),
        named(filtered(count_all(), is_new), part_name(measure, "count")),
        named(days, part_name(measure, "since")),
    )
    query = query.from_(table(entities, "active")).join(table(firsts, "ever"), on=on)
    query = query.where(some(rows, "active")) if rows else query
    return query.group_by(*(column(name, "active") for name in group))


def starts(rows: str, entity: str, group: Sequence[str], time: str, only: exp.Expr | None) -> exp.Select:
    """The first event of each entity in each wave."""
    keys = [*map(column, (*group, entity))]
    first = named(exp.Min(this=column(time)), "started")
    query = exp.Select().select(*keys, first).from_(table(rows))
    query = query.where(only) if only is not None else query
    return query.group_by(*(key.copy() for key in keys))


def goals(
    plain: Plain, entity: str, only: exp.Expr | None, periods: Sequence[Period], within: timedelta
) -> exp.Select:
    """Every second event from the first wave until a window after the last."""
    begins = datetime.combine(min(one.begins for one in periods), time.min)
    ends = datetime.combine(max(one.ends for one in periods), time.min) + within
    own = [named(plain.unit.copy(), plain.unit_name)] if plain.unit else []
    query = plain.query(only).select(*own, column(entity), named(plain.time.copy(), "reached"))
    return query.where(
        exp.GTE(this=plain.time.copy(), expression=moment(begins)),
        exp.LT(this=plain.time.copy(), expression=moment(ends)),
    )


def conversion(
    started: str, reached: str, measure: str, entity: str, group: Sequence[str], within: timedelta
) -> exp.Select:
    """The entities that started, and those of them that reached the goal within the window."""
    _, *unit = group
    keys = [column(name, "started") for name in (*group, entity)]
    window = number(within // timedelta(microseconds=1))
    passed = elapsed(column("started", "started"), column("reached", "reached"))
    on = all_of(
        [
            *(exp.EQ(this=column(n, "reached"), expression=column(n, "started")) for n in (entity, *unit)),
            exp.Between(this=passed, low=number(0), high=window),
        ]
    )
    arrived = named(exp.Count(this=column("reached", "reached"), big_int=True), "arrived")
    each = exp.Select().select(*(key.copy() for key in keys[:-1]), arrived).from_(table(started, "started"))
    each = each.join(table(reached, "reached"), on=on, join_type="left").group_by(*keys)
    query = exp.Select().select(*map(column, group), named(count_all(), part_name(measure, "n")))
    query = query.select(named(filtered(count_all(), some("arrived")), part_name(measure, "count")))
    return query.from_(each.subquery("entities")).group_by(*map(column, group))


def has_value(value: str) -> exp.Expr:
    """Whether a column holds something."""
    return exp.Not(this=is_null(column(value)))

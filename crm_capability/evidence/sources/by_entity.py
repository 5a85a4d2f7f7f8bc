"""The facts of each entity: its rows of a wave and unit, grouped.

Where facts count distinct things, rows are grouped by thing first and the things are counted then.
An engine given COUNT(DISTINCT …) beside other aggregates groups all rows twice and joins the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from ...definition.expressions import AGGREGATE_NODES
from .fragments import column, filtered, named, some, table
from .parts import Parts, count_all, short

# What these give of several groups follows from what they give of each.
_FOLLOWING = (exp.Count, exp.Sum, exp.Min, exp.Max)


def by_entity(
    rows: str, entities: str, keys: Sequence[str], facts: Mapping[str, exp.Expr]
) -> list[tuple[str, exp.Select]]:
    """The steps that give the facts by `keys` (the last is the entity), under the name `entities`."""
    thing = _thing_counted(facts, keys)
    if not thing:
        return [(entities, _grouped(rows, keys, facts))]
    by_thing, inner = short(f"{entities}_and_{thing}"), Parts({*keys, thing})
    outer = {name: _followed(tree, name, thing, inner) for name, tree in facts.items()}
    return [
        (by_thing, _grouped(rows, (*keys, thing), inner.columns)),
        (entities, _grouped(by_thing, keys, outer)),
    ]


def _grouped(rows: str, keys: Sequence[str], facts: Mapping[str, exp.Expr]) -> exp.Select:
    called = [named(tree.copy(), name) for name, tree in facts.items()]
    query = exp.Select().select(*map(column, keys), *called).from_(table(rows))
    return query.group_by(*map(column, keys))


def _thing_counted(facts: Mapping[str, exp.Expr], keys: Sequence[str]) -> str:
    """The column whose distinct values facts count; empty where there is none or several, or
    where a fact does not follow from what it is for each of them, as a mean does not."""
    aggregates = [node for tree in facts.values() for node in tree.find_all(*AGGREGATE_NODES)]
    things = [node.this.expressions[0] for node in aggregates if isinstance(node.this, exp.Distinct)]
    names = {thing.name if isinstance(thing, exp.Column) else "" for thing in things}
    follow = all(isinstance(node, _FOLLOWING) for node in aggregates)
    return names.pop() if follow and len(names) == 1 and not names & set(keys) else ""


def _followed(tree: exp.Expr, name: str, thing: str, inner: Parts) -> exp.Expr:
    """A fact of an entity, out of the columns that hold what it is made of for each thing."""
    holder = exp.Tuple(expressions=[tree.copy()])
    for node in list(holder.find_all(*AGGREGATE_NODES)):
        whole = node.parent if isinstance(node.parent, exp.Filter) else node
        condition = whole.expression.this if whole is not node else None
        whole.replace(_of_things(node, condition, name, thing, inner))
    return holder.expressions[0].pop()


def _of_things(node: exp.Expr, condition: exp.Expr | None, name: str, thing: str, inner: Parts) -> exp.Expr:
    if isinstance(node.this, exp.Distinct):
        passing = some(inner.add(filtered(count_all(), condition), "rows")) if condition else None
        return filtered(exp.Count(this=column(thing), big_int=True), passing)
    held = column(inner.add(filtered(node.copy(), condition and condition.copy()), name))
    if not isinstance(node, exp.Count):
        return type(node)(this=held)
    # counts add up to a count: engines make something wider of a sum
    return exp.Cast(this=exp.Sum(this=held), to=exp.DataType.build("bigint"))

"""From an expression as an analyst wrote it to the tree that means the same on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from ...definition.expressions import AGGREGATE_NODES

# What a column holds, in the few kinds that matter here.
TEXT, NUMBER, DECIMAL, DATE, TIMESTAMP, BOOLEAN, OTHER = (
    "text", "number", "decimal", "date", "timestamp", "boolean", "other",
)  # fmt: skip
_MICROSECONDS = {"hours_between": 3_600_000_000, "days_between": 86_400_000_000}


def identifier(name: str) -> exp.Identifier:
    """A name, quoted unless it is plain on every engine (the generator quotes its own words)."""
    plain = name.isascii() and name.isidentifier() and name.islower()
    return exp.to_identifier(name, quoted=not plain)


def column(name: str, table: str | None = None) -> exp.Column:
    """A column, qualified where asked."""
    return exp.Column(this=identifier(name), table=identifier(table) if table else None)


def named(tree: exp.Expr, name: str) -> exp.Alias:
    """A tree under a name."""
    return exp.Alias(this=tree, alias=identifier(name))


def day(value: date) -> exp.Expr:
    """A day as a literal."""
    return exp.Cast(this=exp.Literal.string(value.isoformat()), to=exp.DataType.build("date"))


def all_of(conditions: Iterable[exp.Expr | None]) -> exp.Expr | None:
    """The conditions joined with AND; nothing if there are none."""
    given = [condition.copy() for condition in conditions if condition is not None]
    return exp.and_(*given, copy=False) if given else None


def not_blank(name: str, kind: str, table: str | None = None) -> exp.Expr:
    """A column that holds something. An empty text is blank; a comparison drops nulls as well."""
    if kind == TEXT:
        return exp.NEQ(this=column(name, table), expression=exp.Literal.string(""))
    return exp.Not(this=exp.Is(this=column(name, table), expression=exp.Null()))


def fresh(name: str, taken: Iterable[str]) -> str:
    """The name, or the first numbered form of it that is not taken."""
    used = {other.casefold() for other in taken}
    number = 1
    result = name
    while result.casefold() in used:
        number += 1
        result = f"{name}_{number}"
    return result


def adapted(
    tree: exp.Expr,
    kinds: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    only: exp.Expr | None = None,
) -> exp.Expr:
    """The tree an engine is given.

    Division is of real numbers and by zero gives null; means and medians are of real numbers;
    durations are exact microseconds. `names` maps the names in the expression to those of the
    columns; `only`, a condition already adapted, filters every aggregate.
    """
    # A root cannot be replaced in place: it gets a holder.
    holder = exp.Tuple(expressions=[tree.copy()])
    for name in list(holder.find_all(exp.Column)):
        name.replace(column((names or {}).get(name.name, name.name)))
    for mean in list(holder.find_all(exp.Avg, exp.Median)):
        _make_real(mean, kinds)
    for division in list(holder.find_all(exp.Div, exp.Mod)):
        _make_division_safe(division)
    for duration in list(holder.find_all(exp.Anonymous)):
        duration.replace(_duration(duration))
    for aggregate in list(holder.find_all(*AGGREGATE_NODES, exp.StddevSamp)):
        _filter(aggregate, only)
    return holder.expressions[0].pop()


def _make_real(node: exp.Expr, kinds: Mapping[str, str]) -> None:
    """Decimals would be averaged as decimals, and cut."""
    inner = node.this
    if isinstance(inner, exp.Column) and kinds.get(inner.name) == NUMBER:
        return
    if not isinstance(inner, exp.Anonymous | exp.Cast):
        node.set("this", _real(inner))


def _make_division_safe(node: exp.Expr) -> None:
    under = node.expression
    is_plain_number = isinstance(under, exp.Literal) and float(under.name) != 0
    if isinstance(node, exp.Div):
        node.set("this", _real(node.this))
        node.set("typed", False)
        node.set("safe", False)
    if not is_plain_number:
        node.set("expression", exp.Nullif(this=under, expression=exp.Literal.number(0)))


def _duration(node: exp.Anonymous) -> exp.Expr:
    start, end = node.expressions
    elapsed = exp.Anonymous(this="DATE_DIFF", expressions=[exp.Literal.string("microsecond"), start, end])
    unit = exp.Literal.number(f"{_MICROSECONDS[node.name.lower()]}.0")
    return exp.Paren(this=exp.Div(this=_real(elapsed), expression=unit, typed=False, safe=False))


def _filter(node: exp.Expr, only: exp.Expr | None) -> None:
    """COUNT_IF becomes a filtered count, which every engine has and DuckDB runs faster."""
    if isinstance(node, exp.CountIf):
        condition = all_of([only, node.this])
        counted = exp.Filter(
            this=exp.Count(this=exp.Star(), big_int=True), expression=exp.Where(this=condition)
        )
        node.replace(counted)
    elif only is not None:
        node.replace(exp.Filter(this=node.copy(), expression=exp.Where(this=only.copy())))


def _real(tree: exp.Expr) -> exp.Expr:
    # not a copy: what stands inside may still have to be adapted, in place
    inner = tree.this if isinstance(tree, exp.Paren) else tree
    return exp.Cast(this=inner, to=exp.DataType.build("double"))


def sql(tree: exp.Expr, dialect: str, pretty: bool = False) -> str:
    """The text of a tree in an engine's words. Nowhere else is SQL text made."""
    return tree.sql(dialect=dialect, pretty=pretty, unsupported_level=ErrorLevel.RAISE)

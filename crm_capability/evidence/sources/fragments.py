"""From an expression as an analyst wrote it to the tree that means the same on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlglot import exp

from ...definition.expressions import AGGREGATE_NODES

# What a column holds, in the few kinds that matter here.
TEXT, NUMBER, SINGLE, DECIMAL, DATE, TIMESTAMP, ZONED, BOOLEAN, OTHER = (
    "text", "number", "number of single precision", "decimal", "date", "timestamp",
    "timestamp with time zone", "boolean", "other",
)  # fmt: skip
NUMBERS = (NUMBER, SINGLE, DECIMAL, BOOLEAN)
MOMENTS = (DATE, TIMESTAMP, ZONED)
ELAPSED = "DATE_DIFF"
_DOUBLE = exp.DType.DOUBLE
_WHOLE = {exp.DType.INT, exp.DType.BIGINT}
# Nodes that give nothing where a part of them is nothing.
_NOTHING_FROM_NOTHING = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren, exp.Cast,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
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


def moment(value: datetime) -> exp.Expr:
    """A moment as a literal."""
    return exp.Cast(this=exp.Literal.string(value.isoformat(" ")), to=exp.DataType.build("timestamp"))


def number(value: float) -> exp.Expr:
    """A number as a literal."""
    return exp.Literal.number(value)


def table(name: str, alias: str | None = None) -> exp.Table:
    """A table or a step of the statement, by name."""
    short = exp.TableAlias(this=identifier(alias)) if alias else None
    return exp.Table(this=identifier(name), alias=short)


def is_null(tree: exp.Expr) -> exp.Expr:
    """Whether there is nothing."""
    return exp.Is(this=tree, expression=exp.Null())


def some(rows: str, of: str | None = None) -> exp.Expr:
    """Whether a count is above zero."""
    return exp.GT(this=column(rows, of), expression=number(0))


def filtered(aggregate: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    """An aggregate of the rows that meet a condition."""
    if condition is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))


def elapsed(start: exp.Expr, end: exp.Expr, unit: int = 0, in_days: bool = False) -> exp.Expr:
    """Whole microseconds from one moment to another, or a real number of units of so many; whole
    days from one date to another."""
    counted = exp.Literal.string("day" if in_days else "microsecond")
    passed = exp.Anonymous(this=ELAPSED, expressions=[counted, start, end])
    if not unit:
        return passed
    return exp.Paren(this=exp.Div(this=real(passed), expression=number(float(unit)), typed=False, safe=False))


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
    durations are exact microseconds; whole numbers are rounded from real ones. `names` maps the names in the expression to those of the
    columns; `only`, a condition already adapted, filters every aggregate.
    """
    # A root cannot be replaced in place: it gets a holder.
    holder = exp.Tuple(expressions=[tree.copy()])
    for name in list(holder.find_all(exp.Column)):
        name.replace(column((names or {}).get(name.name, name.name)))
    for name in [one for one in holder.find_all(exp.Column) if kinds.get(one.name) == SINGLE]:
        name.replace(real(name.copy()))
    for mean in list(holder.find_all(exp.Avg, exp.Median, exp.PercentileCont, exp.Round)):
        _make_real(mean, kinds)
    for whole in [one for one in holder.find_all(exp.Cast) if one.to.this in _WHOLE]:
        whole.replace(exp.Cast(this=real(whole.this), to=exp.DataType.build("bigint")))
    for division in list(holder.find_all(exp.Div, exp.Mod)):
        _make_division_safe(division)
    for duration in list(holder.find_all(exp.Anonymous)):
        duration.replace(_duration(duration))
    for aggregate in list(holder.find_all(*AGGREGATE_NODES, exp.StddevSamp, exp.PercentileCont)):
        _filter(aggregate, only)
    return holder.expressions[0].pop()


def _make_real(node: exp.Expr, kinds: Mapping[str, str]) -> None:
    """Decimals would be averaged as decimals, and cut."""
    inner = node.this
    if isinstance(inner, exp.Column) and kinds.get(inner.name) == NUMBER:
        return
    if not isinstance(inner, exp.Anonymous) and not (
        isinstance(inner, exp.Cast) and inner.to.this == _DOUBLE
    ):
        node.set("this", real(inner))


def _make_division_safe(node: exp.Expr) -> None:
    under = node.expression
    is_plain_number = isinstance(under, exp.Literal) and float(under.name) != 0
    if isinstance(node, exp.Div):
        node.set("this", real(node.this))
        node.set("typed", False)
        node.set("safe", False)
    if not is_plain_number:
        node.set("expression", exp.Nullif(this=under, expression=exp.Literal.number(0)))


def _duration(node: exp.Anonymous) -> exp.Expr:
    start, end = node.expressions
    return elapsed(start, end, _MICROSECONDS[node.name.lower()])


def _filter(node: exp.Expr, only: exp.Expr | None) -> None:
    """The aggregate of the rows that meet `only`, and the condition of COUNT_IF.

    COUNT_IF becomes a filtered count, which every engine has and DuckDB runs faster. Whether a
    column holds something is not asked where an aggregate or another condition needs it anyhow.
    """
    condition = node.this if isinstance(node, exp.CountIf) else None
    counts = condition is not None or isinstance(node.this, exp.Star)
    kept: list[exp.Expr] = []
    parts = [part for each in (only, condition) if each is not None for part in _parts(each)]
    for place, part in enumerate(parts):
        others = [*parts[place + 1 :], *kept, *([] if counts else [node.this])]
        held = _held_by(part)
        if part not in kept and not (held and any(held.name in _needed_by(other) for other in others)):
            kept.append(part)
    there = _held_by(kept[0]) if counts and len(kept) == 1 else None
    if counts:
        node = node.replace(exp.Count(this=there.copy() if there else exp.Star(), big_int=True))
    if kept and not there:
        node.replace(filtered(node.copy(), all_of(kept)))


def _parts(condition: exp.Expr) -> list[exp.Expr]:
    """What must hold for a condition to hold, each by itself."""
    if isinstance(condition, exp.Paren) and isinstance(condition.this, exp.And):
        return _parts(condition.this)
    if isinstance(condition, exp.And):
        return [*_parts(condition.this), *_parts(condition.expression)]
    return [condition]


def _held_by(condition: exp.Expr) -> exp.Column | None:
    """The column of `x IS NOT NULL`, or None for any other condition."""
    inner = condition.this if isinstance(condition, exp.Not) else None
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return inner.this if isinstance(inner.this, exp.Column) else None
    return None


def _needed_by(tree: exp.Expr) -> set[str]:
    """Columns without which the tree gives nothing, or a condition does not hold."""
    if isinstance(tree, exp.Column):
        return {tree.name}
    if isinstance(tree, _NOTHING_FROM_NOTHING) or (isinstance(tree, exp.Anonymous) and tree.name == ELAPSED):
        return {name for part in tree.iter_expressions() for name in _needed_by(part)}
    return set()


def real(tree: exp.Expr) -> exp.Expr:
    """The tree as a number of double precision."""
    # not a copy: what stands inside may still have to be adapted, in place
    inner = tree.this if isinstance(tree, exp.Paren) else tree
    return exp.Cast(this=inner, to=exp.DataType.build("double"))


def cast_text(tree: exp.Expr) -> exp.Expr:
    """The tree as a text."""
    return exp.Cast(this=tree, to=exp.DataType.build("text"))

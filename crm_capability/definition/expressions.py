"""Expressions over columns: parsed, held to an allow-list, told apart by what they aggregate.

`count_if(made_sla) / count(*)` is read into a syntax tree by sqlglot; every node of it must be
of a kind listed here and hold nothing but the parts listed here. Text never reaches a database:
statements are built from the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .expression_words import DEEPEST, MOST_WILDCARDS, Refused, check_words

__all__ = ["Expression", "Refused", "parse"]

AGGREGATE_NODES = (exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median)
_TWO = {"this", "expression"}
_TWO_SIDED = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_ONE_SIDED = (exp.Not, exp.Neg, exp.Paren, exp.Abs, exp.Lower, exp.Upper, exp.Column, exp.Boolean)
# Every node that an expression may hold, and the parts that the node may have.
_ALLOWED: dict[Any, set[str]] = {
    **dict.fromkeys((*_TWO_SIDED, exp.And, exp.Or, exp.Is, exp.Nullif), _TWO),
    **{kind: {"this"} for kind in (*AGGREGATE_NODES, *_ONE_SIDED)},
    **{kind: set() for kind in (exp.Null, exp.Star)},
    exp.Div: _TWO | {"typed", "safe"},
    exp.Like: _TWO | {"negate"},
    exp.Between: {"this", "low", "high"},
    exp.In: {"this", "expressions"},
    exp.Case: {"this", "ifs", "default"},
    exp.If: {"this", "true"},
    exp.Cast: {"this", "to"},
    exp.DataType: {"this", "expressions", "nested"},
    exp.DataTypeParam: {"this"},
    exp.Coalesce: {"this", "expressions"},
    exp.Round: {"this", "decimals"},
    exp.Count: {"this", "big_int"},
    exp.Distinct: {"expressions"},
    exp.Literal: {"this", "is_string"},
    exp.Identifier: {"this", "quoted"},
    exp.Anonymous: {"this", "expressions"},
}
WORKING_HOURS = "working_hours_between"
_BETWEEN = {
    "hours_between": "hours_between(from, to)",
    "days_between": "days_between(from, to)",
    WORKING_HOURS: "working_hours_between(from, to, 'calendar')",
}
_MOMENTS = {exp.DType.DATE: date, exp.DType.TIMESTAMP: datetime, exp.DType.TIMESTAMPNTZ: datetime}
_TYPES = {*_MOMENTS, exp.DType.DOUBLE, exp.DType.INT, exp.DType.BIGINT, exp.DType.TEXT, exp.DType.VARCHAR}
_NUMBERS = {exp.DType.DECIMAL, exp.DType.FLOAT}
_TALLEST = 8 * DEEPEST


@dataclass(frozen=True)
class Expression:
    """An allowed expression. `columns` gives the offset at which each column is first named, and
    `calendars` that of each calendar.

    `tree` is shared: copy it before changing it.
    """

    text: str
    tree: exp.Expr
    columns: dict[str, int]
    calendars: dict[str, int]


@lru_cache(maxsize=4096)
def parse(text: str, aggregate: bool) -> Expression:
    """Read an expression: one that aggregates rows into a number, or one that looks at one row.

    Raises Refused, with the offset in the text.

    >>> sorted(parse("sum(price * quantity) / count(distinct invoice)", aggregate=True).columns)
    ['invoice', 'price', 'quantity']
    """
    check_words(text)
    tree = _tree(text)
    if _height(tree) > _TALLEST:
        raise Refused(0, "nested too deeply", "flatten it")
    for node in tree.walk():
        _check(node)
    _check_aggregates(tree, aggregate)
    columns: dict[str, int] = {}
    for column in sorted(tree.find_all(exp.Column), key=_offset):
        columns.setdefault(column.name, _offset(column))
    calendars: dict[str, int] = {}
    for node in working_hours(tree):
        name = node.expressions[2].name
        calendars.setdefault(name, max(text.find(f"'{name}'"), 0))
    return Expression(text, tree, columns, calendars)


def working_hours(tree: exp.Expr) -> list[exp.Anonymous]:
    """The places of a tree where working hours are counted."""
    return [node for node in tree.find_all(exp.Anonymous) if node.name.lower() == WORKING_HOURS]


def _tree(text: str) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        found = getattr(error, "errors", None) or [{}]
        line, column = found[0].get("line") or 1, found[0].get("col") or 1
        start = sum(len(row) + 1 for row in text.split("\n")[: line - 1])
        offset = start + max(column - len(found[0].get("highlight") or " "), 0)
        what = (found[0].get("description") or "cannot be read").split("<class")[0].rstrip(" for")
        raise Refused(
            min(offset, len(text) - 1), f"not an expression: {what}", "check brackets and operators"
        ) from None
    return _plain(tree)


def _plain(tree: exp.Expr) -> exp.Expr:
    """Casts to any kind of number mean the widest: engines differ in what a bare decimal holds."""
    for cast in list(tree.find_all(exp.Cast)):
        if type(cast) is exp.Cast and cast.to.this in _NUMBERS:
            cast.set("to", exp.DataType.build("double"))
    return tree


def _height(tree: exp.Expr) -> int:
    """Levels of a tree, counted without recursion: the tree may be a trap for one that recurses."""
    level, height = [tree], 0
    while level:
        level = [child for node in level for child in node.iter_expressions()]
        height += 1
    return height


def _check(node: exp.Expr) -> None:
    kind: Any = type(node)
    allowed = _ALLOWED.get(kind)
    if allowed is None:
        raise Refused(_offset(node), f"{_kind(node)} is not allowed in an expression", "leave it out")
    beyond = [name for name, value in node.args.items() if value and name not in allowed]
    if beyond or node.comments:
        raise Refused(
            _offset(node), f"{_kind(node)} takes no {(beyond or ['comment'])[0]} here", "leave it out"
        )
    problem = _SPECIAL[type(node)](node) if type(node) in _SPECIAL else ""
    if problem:
        raise Refused(_offset(node), problem, _REMEDY.get(type(node), "check it"))


def _check_function(node: exp.Expr) -> str:
    name, given = node.name.lower(), node.expressions
    if name not in _BETWEEN or not node.name.isascii():
        return f"the function `{node.name}` is not allowed in an expression"
    if name == WORKING_HOURS:
        fits = len(given) == 3 and isinstance(given[2], exp.Literal) and given[2].is_string
        if fits and (working_hours(given[0]) or working_hours(given[1])):
            return "working hours between working hours"
        return "" if fits else f"{name} takes two moments and the name of a calendar in single quotes"
    return "" if len(given) == 2 else f"{name} takes two moments"


def _check_count(node: exp.Expr) -> str:
    if isinstance(node.this, exp.Distinct):
        return "" if len(node.this.expressions) == 1 else "count(distinct …) takes one thing to count"
    return "" if node.this else "count() counts nothing"


def _check_cast(node: exp.Expr) -> str:
    kind, inner = node.args["to"].this, node.this
    if kind not in _TYPES:
        return f"no cast to {kind.name.lower()}"
    if kind in _MOMENTS and isinstance(inner, exp.Literal):
        try:
            _MOMENTS[kind].fromisoformat(inner.name)
        except ValueError:
            return f"'{inner.name}' is no {'date' if kind is exp.DType.DATE else 'timestamp'}"
    return ""


def _check_like(node: exp.Expr) -> str:
    pattern = node.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        return "`like` takes a pattern in single quotes"
    if "\\" in pattern.name:  # an escape on some engines, a letter on others
        return "`like` knows no escape"
    return "too many wildcards in a pattern" if sum(map(pattern.name.count, "%_")) > MOST_WILDCARDS else ""


def _check_star(node: exp.Expr) -> str:
    return "" if isinstance(node.parent, exp.Count) else "`*` stands in count(*) alone"


def _check_is(node: exp.Expr) -> str:
    return "" if isinstance(node.expression, exp.Null | exp.Boolean) else "`is` takes null, true or false"


def _check_round(node: exp.Expr) -> str:
    digits = node.args.get("decimals")
    return "" if digits is None or isinstance(digits, exp.Literal) else "round takes a plain number of digits"


_SPECIAL = {
    exp.Anonymous: _check_function,
    exp.Count: _check_count,
    exp.Cast: _check_cast,
    exp.Like: _check_like,
    exp.Star: _check_star,
    exp.Is: _check_is,
    exp.Round: _check_round,
    exp.Distinct: lambda node: (
        "" if isinstance(node.parent, exp.Count) else "`distinct` stands in count alone"
    ),
    exp.In: lambda node: "" if node.expressions else "an empty list",
    exp.If: lambda node: "" if isinstance(node.parent, exp.Case) else "the function `if` is not allowed",
}
_REMEDY: dict[Any, str] = {
    exp.Cast: "write a number, text, date or timestamp",
    exp.Anonymous: "write " + ", ".join(_BETWEEN.values()),
}


def _check_aggregates(tree: exp.Expr, wanted: bool) -> None:
    found = list(tree.find_all(*AGGREGATE_NODES))
    if not wanted:
        if found:
            raise Refused(
                _offset(found[0]), "an aggregate where single rows are looked at", "compare columns here"
            )
        return
    if not found:
        raise Refused(0, "nothing is aggregated", "wrap it in sum, avg, count, count_if, min, max or median")
    for node in found:
        if any(_is_aggregate(above) for above in _above(node)):
            raise Refused(_offset(node), "an aggregate inside an aggregate", "use `per` with `facts`")
    for column in tree.find_all(exp.Column):
        if not any(_is_aggregate(above) for above in _above(column)):
            remedy = "wrap it in sum, avg, count, count_if, min, max or median"
            raise Refused(_offset(column), f'the column "{column.name}" stands outside an aggregate', remedy)


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, AGGREGATE_NODES)


def _above(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node


def _offset(node: exp.Expr) -> int:
    """Where a node starts, from the marks that the parser left on it or on what it holds."""
    marks = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return min(marks, default=0)


def _kind(node: exp.Expr) -> str:
    return f"`{node.sql('duckdb')[:40]}`"

"""The text of a tree in an engine's own words. Nowhere else is SQL text made.

Statements are built once, in words that DuckDB takes as they stand. What PostgreSQL and Spark
call or count differently is put right here, so that the same statement gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from .fragments import ELAPSED, number, real

# Reserved in PostgreSQL's or Spark's grammar, and not quoted by the generator.
_WORDS = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "binary",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "fetch",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "minus",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "overlaps",
        "placing",
        "primary",
        "references",
        "returning",
        "right",
        "select",
        "session_user",
        "similar",
        "semi",
        "anti",
        "some",
        "symmetric",
        "system_user",
        "table",
        "tablesample",
        "then",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
    ]
)


def sql(tree: exp.Expr, dialect: str, pretty: bool = False) -> str:
    """The text of a tree for `duckdb`, `postgres` or `spark`. Names stay those of the tree."""
    if dialect != "duckdb":
        holder = exp.Tuple(expressions=[tree.copy()])
        _REWRITES[dialect](holder)
        for name in holder.find_all(exp.Identifier):
            if name.name in _WORDS:
                name.set("quoted", True)
        tree = holder.expressions[0]
    return tree.sql(dialect=dialect, pretty=pretty, unsupported_level=ErrorLevel.RAISE)


def _postgres(tree: exp.Expr) -> None:
    for mean in list(tree.find_all(exp.Avg, exp.StddevSamp)):
        # a mean of whole numbers would be a decimal, cut somewhere
        mean.set("this", _as_real(mean.this))
    for rest in list(tree.find_all(exp.Mod)):
        left, right = (_cast(part, "decimal") for part in (rest.this, rest.expression))
        rest.replace(exp.Paren(this=real(exp.Anonymous(this="MOD", expressions=[left, right]))))
    _replace_rounding(tree)
    for whole in list(tree.find_all(exp.IntDiv)):
        # of whole numbers, `/` is whole
        whole.replace(exp.Div(this=whole.this, expression=whole.expression, typed=True, safe=False))
    for passed in _elapsed(tree):
        unit, *moments = passed.expressions
        if unit.name == "day":
            first, last = moments
            passed.replace(exp.Paren(this=exp.Sub(this=last, expression=first)))
            continue
        start, end = (_cast(moment, "timestamp") for moment in moments)
        length = exp.Paren(this=exp.Sub(this=end, expression=start))
        seconds = exp.Extract(this=exp.Var(this="EPOCH"), expression=length)
        passed.replace(_cast(exp.Mul(this=seconds, expression=number(1_000_000)), "bigint"))


def _spark(tree: exp.Expr) -> None:
    for written in tree.find_all(exp.Cast):
        if written.to.this == exp.DType.TIMESTAMP:
            # taken as it stands, as everywhere else: Spark's own TIMESTAMP is a moment with a zone
            written.set("to", exp.DataType.build("timestamp_ntz", dialect="spark"))
    for whole in list(tree.find_all(exp.Cast)):
        if whole.to.this == exp.DType.BIGINT:
            # a cast alone would cut the fraction off
            whole.set("this", exp.Anonymous(this="RINT", expressions=[whole.this]))
    _replace_rounding(tree)
    for part in tree.find_all(exp.Extract):
        if part.name == "ISODOW":
            part.set("this", exp.Var(this="DAYOFWEEK_ISO"))
    for passed in _elapsed(tree):
        unit, start, end = passed.expressions
        moments = [exp.Var(this=unit.name.upper()), start, end]
        passed.replace(exp.Anonymous(this="TIMESTAMPDIFF", expressions=moments))
    for quantiles in list(tree.find_all(exp.PercentileCont)):
        quantiles.replace(
            exp.Anonymous(this="PERCENTILE", expressions=[quantiles.this, quantiles.expression])
        )


def _replace_rounding(tree: exp.Expr) -> None:
    """Half away from zero, counted as DuckDB does: other engines round halves to even, or by the
    decimal digits of a double."""
    for rounded in list(tree.find_all(exp.Round)):
        digits = int(rounded.args["decimals"].name) if rounded.args.get("decimals") else 0
        inner = _as_real(rounded.this)
        scale = number(float(10**digits))
        size = exp.Mul(this=exp.Abs(this=inner.copy()), expression=scale.copy())
        nearest = exp.Floor(this=exp.Add(this=size, expression=number(0.5)))
        signed = exp.Mul(this=exp.Sign(this=inner), expression=nearest)
        rounded.replace(exp.Paren(this=exp.Div(this=signed, expression=scale, typed=False, safe=False)))


def _elapsed(tree: exp.Expr) -> list[exp.Anonymous]:
    return [node for node in tree.find_all(exp.Anonymous) if node.name == ELAPSED]


def _as_real(tree: exp.Expr) -> exp.Expr:
    is_real = isinstance(tree, exp.Cast) and tree.to.this == exp.DType.DOUBLE
    return tree if is_real else real(tree)


def _cast(tree: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=tree, to=exp.DataType.build(kind))


_REWRITES: dict[str, Callable[[exp.Expr], None]] = {"postgres": _postgres, "spark": _spark}

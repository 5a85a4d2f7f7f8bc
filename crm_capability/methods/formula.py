"""Small formulas that people write into rules: numbers, names, arithmetic and comparisons."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

_TWO: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else math.nan,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: lambda a, b: a < b or a > b,
}
_CALLS: dict[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}
_LONGEST = 500


def names_in(formula: str) -> set[str]:
    """The names that a formula uses. Raises ValueError, saying why, for what is no formula.

    >>> sorted(names_in("max(before, 0) * weight > 1"))
    ['before', 'weight']
    """
    return {
        node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name) and node.id not in _CALLS
    }


def value_of(formula: str, facts: Mapping[str, float]) -> float:
    """The value of a formula; a comparison is 1 or 0, and with a missing number (NaN) it is 0.

    >>> value_of("(target - score) * weight", {"target": 60, "score": 50, "weight": 0.5})
    5.0
    >>> value_of("score < 40 or score >= 40", {"score": float("nan")})
    0.0
    """
    return float(_value(_parsed(formula), facts))


def _parsed(formula: str) -> ast.expr:
    if len(formula) > _LONGEST:
        raise ValueError("longer than any formula should be")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError("cannot be read as a formula") from None
    _check(tree)
    return tree


def _check(node: ast.expr) -> None:
    parts: list[ast.expr]
    number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    if number or isinstance(node, ast.Name):
        parts = []
    elif isinstance(node, ast.BinOp) and type(node.op) in _TWO:
        parts = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        parts = [node.operand]
    elif isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.Compare) and all(type(op) in _TWO for op in node.ops):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        if node.keywords or len(node.args) < (1 if node.func.id == "abs" else 2):
            raise ValueError(f"{node.func.id} is called wrongly")
        parts = node.args
    else:
        raise ValueError("holds more than numbers, names, + - * /, comparisons, and, or, not, abs, min, max")
    for part in parts:
        _check(part)


def _value(node: ast.expr, facts: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return facts[node.id]
    if isinstance(node, ast.BinOp):
        return float(_TWO[type(node.op)](_value(node.left, facts), _value(node.right, facts)))
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, facts)
        return float(not inner) if isinstance(node.op, ast.Not) else -inner
    if isinstance(node, ast.BoolOp):
        every = all if isinstance(node.op, ast.And) else any
        return float(every(_value(part, facts) for part in node.values))
    if isinstance(node, ast.Compare):
        sides = [_value(part, facts) for part in (node.left, *node.comparators)]
        return float(
            all(_TWO[type(op)](a, b) for op, a, b in zip(node.ops, sides[:-1], sides[1:], strict=True))
        )
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return float(_CALLS[node.func.id](*(_value(part, facts) for part in node.args)))

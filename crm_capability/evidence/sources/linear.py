"""What each row gives to a sum: the ground of a ratio's standard error.

A ratio Σa / Σb of sums over n rows has the standard error
(n / (n − 1) · (Σa² − 2RΣab + R²Σb²))^½ / |Σb| (delta method; Cochran, Sampling Techniques,
3rd ed. 1977, eq. 2.46 without the finite population). Its three sums are one aggregate each.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True)
class Given:
    """What one row gives: 1 where a condition holds (always, if there is none), or an amount."""

    condition: exp.Expr | None = None
    amount: exp.Expr | None = None

    @property
    def is_one(self) -> bool:
        return self.condition is None and self.amount is None


def given(tree: exp.Expr) -> Given | None:
    """What each row gives to an aggregate, or None for one that is no sum over rows."""
    if isinstance(tree, exp.Paren):
        return given(tree.this)
    if isinstance(tree, exp.CountIf):
        return Given(condition=tree.this)
    if isinstance(tree, exp.Sum):
        return Given(amount=tree.this)
    if isinstance(tree, exp.Count):
        if isinstance(tree.this, exp.Star | exp.Literal):
            return Given()
        if isinstance(tree.this, exp.Distinct):
            return None
        return Given(condition=exp.Not(this=exp.Is(this=tree.this.copy(), expression=exp.Null())))
    return _combined(tree)


def _combined(tree: exp.Expr) -> Given | None:
    """Sums and differences of sums, and their multiples by plain numbers."""
    if isinstance(tree, exp.Neg):
        inner = given(tree.this)
        return inner and Given(amount=exp.Neg(this=_amount(inner)))
    if isinstance(tree, exp.Add | exp.Sub):
        left, right = given(tree.this), given(tree.expression)
        if left and right:
            return Given(amount=exp.Paren(this=type(tree)(this=_amount(left), expression=_amount(right))))
    if isinstance(tree, exp.Mul | exp.Div):
        left, right = tree.this, tree.expression
        if isinstance(tree, exp.Mul) and isinstance(left, exp.Literal):
            left, right = right, left
        inner = given(left)
        if inner and isinstance(right, exp.Literal):
            return Given(amount=exp.Paren(this=type(tree)(this=_amount(inner), expression=right.copy())))
    return None


def _amount(row: Given) -> exp.Expr:
    if row.amount is not None:
        return exp.Coalesce(this=row.amount.copy(), expressions=[exp.Literal.number(0)])
    if row.condition is None:
        return exp.Literal.number(1)
    case = exp.Case().when(row.condition.copy(), exp.Literal.number(1))
    return case.else_(exp.Literal.number(0))


def sum_of_products(left: Given, right: Given) -> exp.Expr:
    """Σ a·b over rows, in the fewest operations: counts stay counts."""
    if left.amount is None and right.amount is None:
        conditions = [row.condition for row in (left, right) if row.condition is not None]
        if not conditions:
            return exp.Count(this=exp.Star(), big_int=True)
        if len(conditions) == 2 and conditions[0] == conditions[1]:
            conditions.pop()
        return exp.CountIf(this=exp.and_(*(condition.copy() for condition in conditions)))
    if left.amount is not None and right.amount is not None:
        # as real numbers: a square of decimals may not fit into one
        real = exp.Cast(this=left.amount.copy(), to=exp.DataType.build("double"))
        return exp.Sum(this=exp.Mul(this=real, expression=_wrapped(right.amount)))
    amount, other = (left, right) if left.amount is not None else (right, left)
    assert amount.amount is not None
    if other.condition is None:
        return exp.Sum(this=amount.amount.copy())
    return exp.Sum(this=exp.Case().when(other.condition.copy(), amount.amount.copy()))


def _wrapped(tree: exp.Expr) -> exp.Expr:
    return (
        tree.copy() if isinstance(tree, exp.Column | exp.Paren | exp.Literal) else exp.Paren(this=tree.copy())
    )

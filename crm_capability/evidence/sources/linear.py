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
    """What one row gives where a condition holds (always, if there is none): 1, or an amount."""

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
        return _where(tree.this)
    if isinstance(tree, exp.Count):
        if isinstance(tree.this, exp.Star | exp.Literal):
            return Given()
        if isinstance(tree.this, exp.Distinct):
            return None
        return Given(condition=exp.Not(this=exp.Is(this=tree.this.copy(), expression=exp.Null())))
    return _combined(tree)


def _where(amount: exp.Expr) -> Given:
    """`CASE WHEN own THEN amount ELSE 0 END` gives the amount where `own` holds."""
    if isinstance(amount, exp.Paren):
        return _where(amount.this)
    if isinstance(amount, exp.Case) and amount.this is None and len(amount.args["ifs"]) == 1:
        (only,), other = amount.args["ifs"], amount.args.get("default")
        if other is None or (isinstance(other, exp.Literal) and other.name == "0"):
            one = only.args["true"]
            is_one = isinstance(one, exp.Literal) and one.name == "1"
            return Given(only.this, None if is_one else one)
    return Given(amount=amount)


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
    zero = exp.Literal.number(0)
    amount = exp.Literal.number(1) if row.amount is None else row.amount.copy()
    if row.condition is not None:
        amount = exp.Case().when(row.condition.copy(), amount).else_(zero)
    return amount if row.amount is None else exp.Coalesce(this=amount, expressions=[zero.copy()])


def sum_of_products(left: Given, right: Given) -> exp.Expr:
    """Σ a·b over rows, in the fewest operations: counts stay counts."""
    conditions = list(dict.fromkeys(row.condition for row in (left, right) if row.condition is not None))
    condition = exp.and_(*(each.copy() for each in conditions)) if conditions else None
    amounts = [row.amount for row in (left, right) if row.amount is not None]
    if not amounts:
        return exp.CountIf(this=condition) if condition else exp.Count(this=exp.Star(), big_int=True)
    product = amounts[0].copy()
    if len(amounts) == 2:
        # as real numbers: a square of decimals may not fit into one
        product = exp.Mul(
            this=exp.Cast(this=product, to=exp.DataType.build("double")), expression=_wrapped(amounts[1])
        )
    if condition:
        product = exp.Case().when(condition, product).else_(exp.Literal.number(0))
    return exp.Sum(this=product)


def _wrapped(tree: exp.Expr) -> exp.Expr:
    return (
        tree.copy() if isinstance(tree, exp.Column | exp.Paren | exp.Literal) else exp.Paren(this=tree.copy())
    )

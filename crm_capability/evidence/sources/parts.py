"""The parts that a measure's value, n and standard error are made of, as aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256

from sqlglot import exp

from ...definition.expressions import AGGREGATE_NODES, parse
from ...definition.metric_types import Percentile, Ratio, Simple
from .fragments import fresh, named
from .linear import given, sum_of_products

Adapt = Callable[[exp.Expr], exp.Expr]


class Parts:
    """Columns of a result; what is computed already is not computed again."""

    def __init__(self, taken: Iterable[str]):
        self.taken = set(taken)
        self.columns: dict[str, exp.Expr] = {}
        self.of: dict[str, dict[str, str]] = {}
        self._known: dict[str, str] = {}

    def add(self, tree: exp.Expr, name: str) -> str:
        """The name of the column that holds the tree: an earlier one if it is there already."""
        text = tree.sql()
        if text not in self._known:
            self._known[text] = fresh(short(name), self.taken | set(self.columns))
            self.columns[self._known[text]] = tree
        return self._known[text]

    def part(self, measure: str, part: str, tree: exp.Expr) -> None:
        """A part of a measure."""
        self.at(measure, part, self.add(tree, part_name(measure, part)))

    def at(self, measure: str, part: str, name: str) -> None:
        """A part that stands in a column known by name."""
        self.of.setdefault(measure, {})[part] = name

    @property
    def projections(self) -> list[exp.Expr]:
        return [named(tree.copy(), name) for name, tree in self.columns.items()]


def part_name(measure: str, part: str) -> str:
    """The column of a part: `sla-share` and `n` give `sla_share_n`."""
    return short(f"{measure.replace('-', '_')}_{part}")


def short(name: str) -> str:
    """A name that PostgreSQL does not cut: one of more than 56 bytes ends in its fingerprint."""
    if len(name.encode()) <= 56:
        return name
    return f"{name.encode()[:46].decode(errors='ignore')}_{sha256(name.encode()).hexdigest()[:8]}"


def add_measure(parts: Parts, name: str, metric: Simple | Ratio | Percentile, adapt: Adapt) -> None:
    """Everything that a simple measure, a ratio or a percentile is made of."""
    if isinstance(metric, Percentile):
        _add_quantile(parts, name, parse(metric.value, False).tree, metric.p, adapt)
        return
    if isinstance(metric, Simple):
        tree = parse(metric.value, True).tree
        if isinstance(tree, exp.Median):
            _add_quantile(parts, name, tree.this, 0.5, adapt)
            return
        parts.part(name, "value", adapt(tree))
        parts.part(name, "n", adapt(_counted(tree)))
        if isinstance(tree, exp.Avg):
            parts.part(name, "deviation", adapt(exp.StddevSamp(this=tree.this.copy())))
        return
    above, below = parse(metric.numerator, True).tree, parse(metric.denominator, True).tree
    parts.part(name, "numerator", adapt(above))
    parts.part(name, "denominator", adapt(below))
    parts.part(name, "n", adapt(count_all()))
    a, b = given(above), given(below)
    if a and b:
        for part, left, right in (("aa", a, a), ("ab", a, b), ("bb", b, b)):
            parts.part(name, part, adapt(sum_of_products(left, right)))


def _add_quantile(parts: Parts, name: str, tree: exp.Expr, p: float, adapt: Adapt) -> None:
    """A quantile between its neighbours, which tell how far apart values lie there."""
    wanted = [round(q, 12) for q in (p - spread(p), p, p + spread(p))]
    shares = exp.Array(expressions=[exp.Literal.number(f"{q:f}".rstrip("0")) for q in wanted])
    parts.part(name, "quantiles", adapt(exp.PercentileCont(this=tree.copy(), expression=shares)))
    parts.part(name, "n", adapt(exp.Count(this=tree.copy(), big_int=True)))


def spread(p: float) -> float:
    """How far from a quantile its neighbours are looked at."""
    return min(p, 1 - p) / 4


def _counted(tree: exp.Expr) -> exp.Expr:
    """What n counts: what a lone aggregate looks at where it holds something, else rows."""
    found = list(tree.find_all(*AGGREGATE_NODES))
    inner = found[0].this
    if len(found) > 1 or isinstance(found[0], exp.CountIf) or isinstance(inner, exp.Star | exp.Literal):
        return count_all()
    if isinstance(inner, exp.Distinct):
        inner = inner.expressions[0]
    return exp.Count(this=inner.copy(), big_int=True)


def count_all() -> exp.Expr:
    """COUNT(*)"""
    return exp.Count(this=exp.Star(), big_int=True)

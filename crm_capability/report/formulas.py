"""The engine's arithmetic as spreadsheet formulas: what a cell says of other cells.

Each function takes the addresses of cells and gives a formula without its "=", or None where a
spreadsheet cannot do it as plainly (fuzzy grades, ordered weights, long lists of points).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..methods.aggregation import (
    Aggregation,
    Arithmetic,
    Gate,
    Geometric,
    Harmonic,
    Maximum,
    Median,
    Minimum,
    Power,
)
from ..methods.normalisation import (
    Borda,
    Goalposts,
    Identity,
    Likert,
    MinMax,
    PercentileRank,
    Piecewise,
    Rank,
    Target,
    ZScore,
)
from ..methods.transformation import BoxCox, Log, Transform
from ..scoring.tree import Leaf

Cells = Mapping[str, str]  # what a measure is judged by -> the address of its cell
MOST_POINTS = 60  # Excel nests 64 conditions


def prepared(leaf: Leaf, value: str, cells: Cells) -> str:
    """A reading as the normalisation takes it: outliers treated, then transformed."""
    if "low" in cells or "high" in cells:
        low, high = (f"{cells[end]}," if end in cells else "" for end in ("low", "high"))
        value = f"MAX({low}MIN({high}{value}))"
    if "then_min" in cells and leaf.outliers is not None and leaf.outliers.then is not None:
        least, most = cells["then_min"], cells["then_max"]
        raised = f"(MAX({value},{least})-{least})"
        if isinstance(leaf.outliers.then, Log):
            value = f"LN({raised}+0.01*({most}-{least}))"
        else:
            value = _box_cox(f"({raised}+1)", leaf.outliers.then.power)
    return _transformed(leaf.transform, value)


def _transformed(rule: Transform | None, value: str) -> str:
    if isinstance(rule, Log):
        return f'IF({value}>0,LN({value}),"")'
    if isinstance(rule, BoxCox):
        return f'IF({value}>0,{_box_cox(value, rule.power)},"")'
    return value


def _box_cox(value: str, power: float) -> str:
    return f"LN({value})" if power == 0 else f"({value}^{_own(power)}-1)/{_own(power)}"


def score(leaf: Leaf, x: str, cells: Cells, points: tuple[str, str] | None, count: int) -> str | None:
    """A measure's score. `points` are the ranges of the rule's points, or of the values a rank was
    learned from, first the x and then the scores; `count` says how many."""
    rule, lower = leaf.rule, leaf.better == "lower"
    match rule:
        case Goalposts():
            way = f"100*({x}-{cells['worst']})/({cells['best']}-{cells['worst']})"
            return f"MAX(0,MIN(100,{way}))" if rule.truncate else way
        case Likert():
            rise = f"{cells['max']}-{x}" if lower else f"{x}-{cells['min']}"
            return f"100*({rise})/({cells['max']}-{cells['min']})"
        case Identity():
            return f"-{x}" if lower else x
        case MinMax():
            rise = f"{cells['max']}-{x}" if lower else f"{x}-{cells['min']}"
            low, high, span = cells["from"], cells["to"], f"({cells['max']}-{cells['min']})"
            return f"IF({cells['max']}>{cells['min']},{low}+({high}-{low})*({rise})/{span},({low}+{high})/2)"
        case ZScore():
            away = f"{cells['mean']}-{x}" if lower else f"{x}-{cells['mean']}"
            return f"{cells['from']}+IF({cells['sd']}>0,{cells['to']}*({away})/{cells['sd']},0)"
        case Target():
            worst, aim = cells["max" if lower else "min"], cells["target"]
            way = f"100*({x}-{worst})/({aim}-{worst})"
            reached = f"IF({x}{'<=' if lower else '>='}{aim},100,0)"
            return f"IF({aim}={worst},{reached},{f'MIN(100,{way})' if rule.cap else way})"
        case Piecewise() if points is not None and count <= MOST_POINTS:
            return _between(x, _each(points[0], count), _each(points[1], count))
        case Rank() | Borda() | PercentileRank() if points is not None and count:
            return _place(rule, x, points[0], lower, count)
    return None


def _each(area: str, count: int) -> list[str]:
    """The cells of a column: `points!$C$5:$C$9` one by one."""
    sheet, _, cells = area.rpartition("!")
    column, first = cells.split(":")[0].strip("$").split("$")
    return [f"{sheet}!${column}${int(first) + n}" for n in range(count)]


def _between(x: str, at: list[str], scores: list[str]) -> str:
    """Straight lines between points, flat beyond the ends."""
    formula = scores[-1]
    for n in range(len(at) - 2, -1, -1):
        a, b, low, high = at[n], at[n + 1], scores[n], scores[n + 1]
        formula = f"IF({x}<{b},{low}+({x}-{a})*({high}-{low})/({b}-{a}),{formula})"
    return f"IF({x}<={at[0]},{scores[0]},{formula})"


def _place(rule: Rank | Borda | PercentileRank, x: str, area: str, lower: bool, count: int) -> str:
    """A place among the values it was learned from."""
    sign = ">" if lower else "<"
    worse = f"SUMPRODUCT(({area}{sign}{x})*1)"
    if rule.ties == "average":
        worse = f"({worse}+MAX(0,SUMPRODUCT(({area}={x})*1)-1)/2)"
    if isinstance(rule, PercentileRank):
        return f"100*{worse}/{count - 1}" if count > 1 else "50"
    return worse if isinstance(rule, Borda) else f"{worse}+1"


def term(rule: Aggregation, score: str) -> str | None:
    """What a child brings into its parent's sum, a number even where it has no score."""
    match rule:
        case Arithmetic() | Gate():
            return f"IF(ISNUMBER({score}),{score},0)"
        case Geometric():
            return f'IF(COUNTIF({score},">0")=1,LN({score}),0)'
        case Harmonic():
            return f'IF(COUNTIF({score},">0")=1,1/{score},0)'
        case Power():
            power = f"LN({score})" if rule.exponent == 0 else f"{score}^{_own(rule.exponent)}"
            return f'IF(COUNTIF({score},">0")=1,{power},0)'
        case Minimum() | Maximum() | Median():
            return f"IF(ISNUMBER({score}),{score},0)"
    return None


def mean(
    rule: Aggregation, scores: str, counts: str, terms: str, share: tuple[str, str], gate: str = ""
) -> str | None:
    """A parent's score from its children's: ranges of their scores, of their weights where they have
    one, and of their terms. `share` holds the least share of children and the range that says which
    apply; `gate` is the cell of the child that may close one."""
    total = f"SUMPRODUCT({counts},{terms})/SUM({counts})"
    weighed = True
    match rule:
        case Arithmetic():
            formula = total
        case Gate():
            closed = f"IF(ISNUMBER({gate}),{gate}<{_own(rule.below)},FALSE)"
            formula = f"IF({closed},MIN({total},{_own(rule.cap)}),{total})"
        case Geometric():
            formula = _positive(f"EXP({total})", scores, counts)
        case Harmonic():
            formula = _positive(f"1/({total})", scores, counts)
        case Power():
            root = f"EXP({total})" if rule.exponent == 0 else f"({total})^(1/{_own(rule.exponent)})"
            formula = _positive(root, scores, counts if rule.exponent <= 0 else None)
        case Minimum() | Maximum() | Median():
            name = {"minimum": "MIN", "maximum": "MAX", "median": "MEDIAN"}[rule.method]
            formula, weighed = f"{name}({scores})", False
        case _:
            return None
    least, applies = share
    enough = f"COUNT({scores})<{least}*SUM({applies})-1E-12"
    nothing = f"SUM({counts})=0" if weighed else f"COUNT({scores})=0"
    return f'IF(OR({enough},{nothing}),"",{formula})'


def _positive(formula: str, scores: str, counts: str | None) -> str:
    """Undefined below zero; zero where a child that counts scores zero, unless `counts` is None."""
    if counts is not None:
        formula = f"IF(SUMIF({scores},0,{counts})>0,0,{formula})"
    return f'IF(COUNTIF({scores},"<0")>0,"",{formula})'


def _own(number: float) -> str:
    return f"({number!r})" if number < 0 else repr(number)

"""One statement for all measures of one source and grain, built as a syntax tree.

The grain is rows, or the entities of one column. A statement gives a row for each period and
unit, and for each measure the parts its value is made of (`figures` puts them together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...definition.expressions import parse
from ...definition.metrics import Growth, Metrics, Ratio, Read, Retention, Simple, TopShare
from ...definition.plan import Wave
from .entities import largest, ranked, retention, table
from .fragments import adapted, column, fresh, identifier, named
from .parts import Parts, add_measure, count_all, part_name
from .periods import Period, periods
from .rows import Rows, resolve, rows_in_waves

Kinds = Mapping[str, str]


@dataclass(frozen=True)
class Statement:
    """A statement, and where the parts of each measure stand in its result.

    The result's column `wave` holds a `Period.id`. `parts` maps measure and part to a column,
    `unit` and `rows` (source rows of the period) name the others; `unit` is empty where the
    source has no unit column.
    """

    name: str
    tree: exp.Select
    periods: tuple[Period, ...]
    parts: Mapping[str, Mapping[str, str]]
    unit: str
    rows: str


def statements(metrics: Metrics, waves: Sequence[Wave], kinds: Mapping[str, Kinds]) -> list[Statement]:
    """The statements for all measures. `kinds`: by source, its columns and what they hold."""
    grains: dict[tuple[str, str], dict[str, Read]] = {}
    for name, metric in metrics.measures.items():
        if not isinstance(metric, Growth):
            grains.setdefault((metric.source, entity_of(metric)), {})[name] = metric
    return [
        _statement(metrics, waves, kinds[grain[0]], grain, measures) for grain, measures in grains.items()
    ]


def entity_of(metric: Read) -> str:
    """The column of the entities that a measure is about; empty for one about rows."""
    if isinstance(metric, Retention | TopShare):
        return metric.entity
    return metric.per or ""


def _statement(
    metrics: Metrics,
    waves: Sequence[Wave],
    kinds: Kinds,
    grain: tuple[str, str],
    measures: Mapping[str, Read],
) -> Statement:
    source, entity = metrics.sources[grain[0]], resolve(kinds, grain[1])
    when = periods(waves, _reach(metrics, measures))
    needed = {
        name
        for measure in measures
        for _, text, aggregate, of_facts in metrics.formulas(measure)
        if not of_facts
        for name in parse(text, aggregate).columns
    }
    rows = rows_in_waves(source, when, kinds, needed | ({entity} if entity else set()), entity)
    taken = {rows.period, rows.unit, entity, *(resolve(kinds, name) for name in needed)}
    build = _Entities(rows, kinds, taken, when, entity) if entity else _Rows(rows, kinds, taken, when)
    for name, metric in measures.items():
        build.add(name, metric)
    query = build.query()
    for name, step in (*rows.steps, *build.steps):
        query = query.with_(identifier(name), as_=step, copy=False)
    title = grain[0] + (f" by {entity}" if entity else "")
    return Statement(title, query, when, build.parts.of, rows.unit, build.count)


def _reach(metrics: Metrics, measures: Mapping[str, Read]) -> int:
    """How many periods before the first wave are asked for."""
    growing = {metric.of for metric in metrics.measures.values() if isinstance(metric, Growth)}
    return max(
        (isinstance(metric, Retention) + (name in growing) for name, metric in measures.items()), default=0
    )


class _Rows:
    """Measures over rows: one grouping."""

    def __init__(self, rows: Rows, kinds: Kinds, taken: set[str], when: tuple[Period, ...]):
        self.rows, self.kinds, self.when = rows, kinds, when
        self.parts = Parts(taken)
        self.steps: list[tuple[str, exp.Select]] = []
        self.group: list[exp.Expr] = [column(name) for name in (rows.period, rows.unit) if name]
        self.count = self.counted()

    def counted(self) -> str:
        """The column that counts the rows of the source."""
        return self.parts.add(count_all(), "rows")

    def add(self, name: str, metric: Read) -> None:
        assert isinstance(metric, Simple | Ratio)
        only = self.where(metric)
        add_measure(self.parts, name, metric, lambda tree: self.adapted(tree, only))

    def where(self, metric: Read) -> exp.Expr | None:
        return None if metric.where is None else self.adapted(parse(metric.where, False).tree)

    def adapted(self, tree: exp.Expr, only: exp.Expr | None = None) -> exp.Expr:
        names = {node.name: resolve(self.kinds, node.name) for node in tree.find_all(exp.Column)}
        return adapted(tree, self.kinds, names, only)

    def query(self) -> exp.Select:
        return self.grouped(self.rows.name, self.called(), self.parts.projections)

    def grouped(self, name: str, group: list[exp.Expr], projections: list[exp.Expr]) -> exp.Select:
        query = exp.Select().select(*group, *projections).from_(table(name))
        return query.group_by(*(one.copy() for one in self.group))

    def called(self) -> list[exp.Expr]:
        """What is grouped by, with the period by its name."""
        case = exp.Case(this=column(self.rows.period))
        for one in sorted(self.when, key=lambda each: each.number):
            case = case.when(exp.Literal.number(one.number), exp.Literal.string(one.id))
        return [named(case, "wave"), *(one.copy() for one in self.group[1:])]


class _Entities(_Rows):
    """Measures over entities: facts for each entity of a wave and unit first, then a grouping."""

    def __init__(self, rows: Rows, kinds: Kinds, taken: set[str], when: tuple[Period, ...], entity: str):
        self.facts = Parts(taken)
        super().__init__(rows, kinds, taken, when)
        self.entity = entity
        self.entities = f"by_{entity}"
        self.passing: dict[str, str] = {}
        self.aside: list[str] = []

    def counted(self) -> str:
        return self.parts.add(exp.Sum(this=column(self.facts.add(count_all(), "rows"))), "rows")

    def add(self, name: str, metric: Read) -> None:
        only = self.where(metric)
        passing = (
            "" if only is None else self.facts.add(self.adapted(count_all(), only), part_name(name, "rows"))
        )
        some = exp.GT(this=column(passing), expression=exp.Literal.number(0)) if passing else None
        if isinstance(metric, Retention):
            self.passing[name] = passing
            self.parts.at(name, "n", part_name(name, "n"))
            self.parts.at(name, "kept", part_name(name, "kept"))
            self.parts.part(name, "active", adapted(count_all(), {}, only=some))
        elif isinstance(metric, TopShare):
            self._top(name, metric, only, passing)
        else:
            names = {
                fact: self.facts.add(self.adapted(parse(text, True).tree, only), fact)
                for fact, text in metric.facts.items()
            }
            add_measure(self.parts, name, metric, lambda tree: adapted(tree, {}, names, some))

    def _top(self, name: str, metric: TopShare, only: exp.Expr | None, passing: str) -> None:
        value = self.facts.add(self.adapted(parse(metric.value, True).tree, only), part_name(name, "value"))
        order, held = f"{part_name(name, 'order')}", f"{part_name(name, 'largest')}"
        period, unit = self.rows.period, self.rows.unit
        self.steps.append((order, ranked(self.entities, period, unit, value, passing)))
        self.steps.append((held, largest(order, name, period, unit, value, metric.top)))
        self.aside.append(held)
        for part in ("top", "total", "n"):
            self.parts.at(name, part, part_name(name, part))

    def query(self) -> exp.Select:
        facts = [column(self.entity), *self.facts.projections]
        by_entity = self.grouped(self.rows.name, [*(one.copy() for one in self.group), *facts], [])
        self.steps.insert(0, (self.entities, by_entity.group_by(column(self.entity))))
        if self.passing:
            period, unit = self.rows.period, self.rows.unit
            back = retention(self.entities, self.entity, period, unit, self.when, self.passing)
            self.steps.append(("came_back", back))
            self.aside.append("came_back")
        if not self.aside:
            return self.grouped(self.entities, self.called(), self.parts.projections)
        by_period = fresh("by_period", [self.entities])
        group = [one.copy() for one in self.group]
        self.steps.append((by_period, self.grouped(self.entities, group, self.parts.projections)))
        found = [name for parts in self.parts.of.values() for name in parts.values()]
        query = exp.Select().select(*self.called(), *map(column, dict.fromkeys([self.count, *found])))
        query = query.from_(table(by_period))
        for name in self.aside:
            using = [one.this.copy() for one in self.group]
            query = query.join(table(name), using=using, join_type="left")
        return query

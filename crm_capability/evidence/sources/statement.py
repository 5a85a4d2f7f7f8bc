"""One statement for all measures of one source and grain, built as a syntax tree.

The grain is rows, or the entities of one column. A statement gives a row for each period and
unit, and for each measure the parts its value is made of (`figures` puts them together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...definition.expressions import parse
from ...definition.metric_types import (
    Abc,
    Conversion,
    Distribution,
    Growth,
    NewShare,
    OverFacts,
    Percentile,
    Ratio,
    Read,
    Retention,
    Rfm,
    Simple,
    TopShare,
    formulas_of,
)  # fmt: skip
from ...definition.metrics import Metrics
from ...definition.plan import Wave
from . import classes, journeys
from .by_entity import by_entity
from .columns import Columns, columns_of, entity_of, needed_by
from .fragments import adapted, all_of, column, filtered, fresh, identifier, named, some, table
from .largest import largest, ranked
from .origin import Origin
from .parts import Parts, add_measure, count_all, part_name, short
from .periods import Period, periods
from .rows import Rows, rows_in_waves

Kinds = Mapping[str, str]
# Measures that look at when rows happened, not only in which period.
_DATED = (NewShare, Conversion, Rfm)


@dataclass(frozen=True)
class Statement:
    """A statement, and where the parts of each measure stand in its result.

    The result's column `wave` holds a `Period.id`. `parts` maps measure and part to a column,
    `unit` and `rows` (source rows of the period) name the others; `unit` is empty where the
    source has no unit column. `tables`: those read, the source's own first.
    """

    name: str
    tree: exp.Select
    periods: tuple[Period, ...]
    parts: Mapping[str, Mapping[str, str]]
    unit: str
    rows: str
    tables: tuple[str, ...]


def statements(metrics: Metrics, waves: Sequence[Wave], kinds: Mapping[str, Kinds]) -> list[Statement]:
    """The statements for all measures. `kinds`: by source, its table's columns and what they hold."""
    grains: dict[tuple[str, str], dict[str, Read]] = {}
    for name, metric in metrics.every.items():
        if not isinstance(metric, Growth):
            grains.setdefault((metric.source, entity_of(metric)), {})[name] = metric
    return [
        _statement(metrics, waves, columns_of(metrics, grain[0], kinds), grain, measures)
        for grain, measures in grains.items()
    ]


def _statement(
    metrics: Metrics,
    waves: Sequence[Wave],
    columns: Columns,
    grain: tuple[str, str],
    measures: Mapping[str, Read],
) -> Statement:
    origin = Origin(metrics.sources[grain[0]], columns, metrics.calendars)
    entity = origin.resolve(grain[1])
    grown = _grown(metrics)
    when = periods(waves, _reach(measures, grown))
    texts = [
        (text, aggregate)
        for metric in measures.values()
        for _, text, aggregate, of_facts in formulas_of(metric)
        if not of_facts
    ]
    needed = needed_by(texts, columns)
    dated = any(isinstance(metric, _DATED) for metric in measures.values())
    rows = rows_in_waves(origin, when, needed | ({entity} if entity else set()), entity, dated)
    taken = {rows.period, rows.unit, rows.moment, entity, *needed}
    build = (
        _Entities(rows, origin, taken, when, entity, grown) if entity else _Rows(rows, origin, taken, when)
    )
    for name, metric in measures.items():
        build.add(name, metric)
    query = build.query()
    for name, step in (*rows.steps, *build.steps):
        query = query.with_(identifier(name), as_=step, copy=False)
    title = grain[0] + (f" by {entity}" if entity else "")
    tables = (origin.source.table, *(one.source.table for one in origin.joins(origin.names(needed))))
    return Statement(title, query, when, build.parts.of, rows.unit, build.count, tables)


def _reach(measures: Mapping[str, Read], grown: set[str]) -> int:
    """How many periods before the first wave are asked for."""
    return max(
        (isinstance(metric, Retention) + (name in grown) for name, metric in measures.items()), default=0
    )


def _grown(metrics: Metrics) -> set[str]:
    """The metrics whose growth is asked for, be it of one of their classes."""
    every = metrics.every.values()
    return {metrics.fed[metric.of][0] for metric in every if isinstance(metric, Growth)}


class _Rows:
    """Measures over rows: one grouping."""

    def __init__(self, rows: Rows, origin: Origin, taken: set[str], when: tuple[Period, ...]):
        self.rows, self.origin, self.when = rows, origin, when
        self.parts = Parts(taken)
        self.steps: list[tuple[str, exp.Select]] = []
        self.group: list[exp.Expr] = [column(name) for name in rows.group]
        self.count = self.counted()

    def counted(self) -> str:
        """The column that counts the rows of the source."""
        return self.parts.add(count_all(), "rows")

    def add(self, name: str, metric: Read) -> None:
        assert isinstance(metric, Simple | Ratio | Percentile)
        only = self.where(metric)
        add_measure(self.parts, name, metric, lambda tree: self.adapted(tree, only))

    def where(self, metric: Read) -> exp.Expr | None:
        return None if metric.where is None else self.adapted(parse(metric.where, False).tree)

    def adapted(self, tree: exp.Expr, only: exp.Expr | None = None) -> exp.Expr:
        return self.origin.adapted(tree, only)

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

    def __init__(
        self,
        rows: Rows,
        origin: Origin,
        taken: set[str],
        when: tuple[Period, ...],
        entity: str,
        grown: set[str],
    ):
        self.facts = Parts(taken)
        super().__init__(rows, origin, taken, when)
        self.entity, self.grown = entity, grown
        self.entities = short(f"by_{entity}")
        self.passing: dict[str, str] = {}
        self.aside: list[str] = []

    def counted(self) -> str:
        return self.parts.add(exp.Sum(this=column(self.facts.add(count_all(), "rows"))), "rows")

    def add(self, name: str, metric: Read) -> None:
        if isinstance(metric, Conversion):
            self._conversion(name, metric)
            return
        only = self.where(metric)
        passing = (
            "" if only is None else self.facts.add(self.adapted(count_all(), only), part_name(name, "rows"))
        )
        if isinstance(metric, OverFacts):
            names = {
                fact: self.facts.add(self.adapted(parse(text, True).tree, only), fact)
                for fact, text in metric.facts.items()
            }
            condition = some(passing) if passing else None
            add_measure(self.parts, name, metric, lambda tree: adapted(tree, {}, names, condition))
        elif isinstance(metric, Retention):
            self.passing[name] = passing
            self._found(name, "n", "kept")
            self.parts.part(name, "active", filtered(count_all(), some(passing) if passing else None))
        elif isinstance(metric, NewShare):
            self._new(name, metric, only, passing)
        else:
            value = self.fact(metric.value, only, part_name(name, "value"))
            if isinstance(metric, TopShare):
                self._top(name, metric, value, passing)
            elif isinstance(metric, Distribution):
                self._bands(metric, value, passing)
            elif isinstance(metric, Rfm):
                self._rfm(name, metric, value, only, passing)
            else:
                self._abc(name, metric, value, passing)

    def fact(self, text: str, only: exp.Expr | None, name: str) -> str:
        """The column of an aggregate of each entity's rows."""
        return self.facts.add(self.adapted(parse(text, True).tree, only), name)

    def ranked_among(self, name: str, passing: str) -> exp.Expr | None:
        """The entities that are put in order; none of a period that only other measures ask for."""
        others = name not in self.grown and any(one.number < 1 for one in self.when)
        return all_of(some(count) for count in (self.rows.period if others else "", passing) if count)

    def _step(self, name: str, part: str, step: exp.Select) -> str:
        """Another common table expression; gives its name."""
        called = part_name(name, part)
        self.steps.append((called, step))
        return called

    def _found(self, measure: str, *parts: str) -> None:
        """Parts that a step beside the others gives, under their plain names."""
        for part in parts:
            self.parts.at(measure, part, part_name(measure, part))

    def _top(self, name: str, metric: TopShare, value: str, passing: str) -> None:
        period, unit = self.rows.period, self.rows.unit
        only = self.ranked_among(name, passing)
        order = self._step(name, "order", ranked(self.entities, period, unit, value, only))
        self.aside.append(self._step(name, "largest", largest(order, name, period, unit, value, metric.top)))
        self._found(name, "top", "total", "n")

    def _bands(self, metric: Distribution, value: str, passing: str) -> None:
        known = [journeys.has_value(value), some(passing) if passing else None]
        for measure, band in metric.bands.items():
            within = all_of([classes.within(column(value), band), known[1]])
            self.parts.part(measure, "n", filtered(count_all(), all_of(known)))
            self.parts.part(measure, "count", filtered(count_all(), within))

    def _rfm(self, name: str, metric: Rfm, value: str, only: exp.Expr | None, passing: str) -> None:
        last = filtered(exp.Max(this=column(self.rows.moment)), only and only.copy())
        by = {
            "recency": self.facts.add(last, part_name(name, "last")),
            "frequency": self.fact(metric.frequency, only, part_name(name, "times")),
            "monetary": value,
        }
        among = self.ranked_among(name, passing)
        step = self._step(name, "ranks", classes.ranks(self.entities, self.rows.group, by, among))
        self._classes(name, step, tuple(metric.segments), classes.rfm_conditions(metric))

    def _abc(self, name: str, metric: Abc, value: str, passing: str) -> None:
        among = self.ranked_among(name, passing)
        step = self._step(name, "ahead", classes.ahead(self.entities, self.rows.group, value, among))
        self._classes(name, step, tuple(metric.classes), classes.abc_conditions(metric))

    def _classes(
        self, name: str, step: str, measures: tuple[str, ...], conditions: Mapping[str, exp.Expr]
    ) -> None:
        names = tuple(part_name(measure, "n") for measure in measures)
        self.aside.append(
            self._step(name, "classes", classes.shares(step, self.rows.group, conditions, names))
        )
        for measure in measures:
            self._found(measure, "n", "count")

    def _new(self, name: str, metric: NewShare, only: exp.Expr | None, passing: str) -> None:
        first = filtered(exp.Min(this=column(self.rows.moment)), only and only.copy())
        seen = self.facts.add(first, part_name(name, "first"))
        ever = self._step(name, "ever", journeys.first_seen(self.rows.plain, self.entity, only))
        new = journeys.new_entities(self.entities, ever, name, self.entity, self.rows.group, seen, passing)
        self.aside.append(self._step(name, "new", new))
        self._found(name, "n", "count", "since")

    def _conversion(self, name: str, metric: Conversion) -> None:
        only = self.where(metric)
        begin, goal = (self.adapted(parse(text, False).tree) for text in (metric.start, metric.goal))
        group, within = self.rows.group, metric.within
        started = journeys.starts(self.rows.name, self.entity, group, self.rows.moment, all_of([only, begin]))
        reached = journeys.goals(self.rows.plain, self.entity, all_of([only, goal]), self.when, within)
        steps = self._step(name, "started", started), self._step(name, "reached", reached)
        found = journeys.conversion(*steps, name, self.entity, group, within)
        self.aside.append(self._step(name, "converted", found))
        self._found(name, "n", "count")

    def query(self) -> exp.Select:
        keys = (*self.rows.group, self.entity)
        self.steps[:0] = by_entity(self.rows.name, self.entities, keys, self.facts.columns)
        if self.passing:
            period, unit = self.rows.period, self.rows.unit
            back = journeys.retention(self.entities, self.entity, period, unit, self.when, self.passing)
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

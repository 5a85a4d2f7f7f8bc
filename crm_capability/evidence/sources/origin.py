"""The first steps of a statement: the table of a source with what is joined to it and counted in
it, and one row of each key picked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from ...definition.calendars import Calendar
from ...definition.expressions import parse
from ...definition.metrics import Source
from .columns import Columns, Count, Join, counted, needed_by, resolve
from .fragments import (
    TEXT,
    ZONED,
    adapted,
    all_of,
    column,
    fresh,
    identifier,
    named,
    not_blank,
    number,
    table,
)  # fmt: skip
from .working import working_hours

Steps = tuple[tuple[str, exp.Select], ...]


@dataclass(frozen=True)
class Origin:
    """A source, ready to be read: its columns, and the calendars that its expressions name."""

    source: Source
    columns: Columns
    calendars: Mapping[str, Calendar]

    def resolve(self, name: str) -> str:
        return resolve(self.columns, name)

    def adapted(self, tree: exp.Expr, only: exp.Expr | None = None) -> exp.Expr:
        """The tree over the columns of `whole`."""
        tree = counted(tree, self.columns)
        names = {node.name: self.resolve(node.name) for node in tree.find_all(exp.Column)}
        return adapted(tree, self.columns, names, only)

    @property
    def where(self) -> exp.Expr | None:
        return None if self.source.where is None else self.adapted(parse(self.source.where, False).tree)

    def not_blank(self, name: str) -> exp.Expr:
        actual = self.resolve(name)
        return not_blank(actual, self.columns.get(actual, ""))

    def names(self, wanted: Iterable[str]) -> set[str]:
        """The columns wanted, and those by which the source picks, filters and dates its rows."""
        names = {self.resolve(name) for name in (*wanted, *_own_names(self.source))}
        where = self.source.where
        return names | (needed_by([(where, False)], self.columns) if where is not None else set())

    def _counts(self, names: set[str]) -> list[Count]:
        return [count for count in self.columns.counts.values() if count.name in names]

    def joins(self, names: set[str]) -> list[Join]:
        """The sources that are joined for the sake of these columns."""
        inside = {
            self.resolve(node.name) for one in self._counts(names) for node in one.node.find_all(exp.Column)
        }
        return [join for join in self.columns.joins if (names | inside) & set(join.columns)]

    def whole(self, names: set[str]) -> tuple[Steps, str, tuple[str, ...]]:
        """The steps that put joined and counted columns beside the table's own, the name to read
        from, and the columns put there. Nothing is joined that nobody asks for."""
        counts, joins = self._counts(names), self.joins(names)
        own = self.source.table
        if not counts and not joins:
            return (), own, ()
        steps: list[tuple[str, exp.Select]] = []
        query = exp.Select().from_(table(own))
        query = query.select(exp.Column(this=exp.Star(), table=identifier(own)))
        aliases: dict[str, str] = {}
        for join in joins:
            picked, name = _one_row_each(join)
            steps += picked
            # a table joined to itself, or twice, needs a name of its own
            aliases[join.entity] = alias = fresh(name, [own, *aliases.values()])
            its = column(join.its_key, alias)
            same: exp.Expr = exp.EQ(this=its, expression=column(join.own_key, own))
            if self.columns.held.get(join.own_key) == TEXT:  # an empty text is blank, and so nobody's key
                same = exp.And(this=same, expression=not_blank(join.own_key, TEXT, own))
            query = query.join(table(name, alias if alias != name else None), on=same, join_type="left")
            shown = [(each, there) for each, there in join.columns.items() if each in names]
            query = query.select(*(named(column(there, alias), each) for each, there in shown))
        for count in counts:
            query = query.select(named(self._counted(count.node, own, aliases), count.name))
        called = f"{own}_joined" if joins else f"{own}_timed"
        more = [one.alias for one in query.expressions if one.alias]
        return (*steps, (called, query)), called, tuple(more)

    def over(self, texts: Iterable[tuple[str, bool]], query: exp.Select) -> exp.Select:
        """A query over the source's rows as the expressions need them, nothing filtered."""
        steps, name, _ = self.whole(needed_by(texts, self.columns))
        return _with(query.from_(table(name)), steps)

    def _counted(self, node: exp.Anonymous, own: str, aliases: Mapping[str, str]) -> exp.Expr:
        """Working hours from a table's own columns and joined ones, moments told by one clock."""
        *moments, name = node.expressions
        calendar = self.calendars[name.name]
        clock = calendar.timezone or self.source.timezone or "UTC"
        start, end = (self._by_clock(moment, clock, own, aliases) for moment in moments)
        return working_hours(calendar, start, end)

    def _by_clock(self, moment: exp.Expr, clock: str, own: str, aliases: Mapping[str, str]) -> exp.Expr:
        holder = exp.Tuple(expressions=[self.adapted(moment)])
        for node in list(holder.find_all(exp.Column)):
            kind = self.columns.get(node.name, "")
            home = next((join for join in self.columns.joins if node.name in join.columns), None)
            place = column(
                home.columns[node.name] if home else node.name,
                (aliases[home.entity] if home else own) if aliases else None,
            )
            node.replace(
                exp.AtTimeZone(this=place, zone=exp.Literal.string(clock)) if kind == ZONED else place
            )
        return holder.expressions[0].pop()


def _own_names(source: Source) -> list[str]:
    picked = [source.key, *source.pick.last_by] if source.pick else [source.key]
    return [name for name in (source.time, source.unit, *picked) if name]


def _one_row_each(join: Join) -> tuple[Steps, str]:
    """The rows of a joined source that count, one a key: picked and filtered as it says."""
    other = Origin(join.source, Columns(join.held), {})
    if join.source.where is None and join.source.pick is None:
        return (), join.source.table
    steps, name, conditions = picked(other, join.source.table, called=f"{join.entity}_ranked")
    shown = sorted({join.its_key, *join.columns.values()})
    condition = all_of([*conditions, other.where])
    query = exp.Select().select(*map(column, shown)).from_(table(name))
    query = query.where(condition) if condition is not None else query
    # by the entity: the same table may be read elsewhere, picked otherwise
    called = f"{join.entity}_that_counts"
    return (*steps, (called, query)), called


def picked(
    origin: Origin, name: str, more: tuple[str, ...] = (), called: str = ""
) -> tuple[Steps, str, tuple[exp.Expr, ...]]:
    """The step that ranks the rows of a key, if the source picks; where to read, and on what
    conditions one row of each key is left. `more`: columns beside the table's own."""
    source = origin.source
    if source.pick:
        called = called or f"ranked_{source.table}"
        return (
            ((called, _ranked(origin, name, (*origin.columns.held, *more))),),
            called,
            (_is_last(origin.columns),),
        )
    return (), name, (origin.not_blank(source.key),) if source.key else ()


def repeated_keys(origin: Origin) -> exp.Select:
    """How many keys more than one row claims, and one of them: after `pick`, or at all without it."""
    source = origin.source
    assert source.key
    key = column(origin.resolve(source.key))
    steps, name, _ = origin.whole({origin.resolve(each) for each in _own_names(source)})
    if source.pick:
        inner = _ranked(origin, name, (source.key,), tied=True).subquery("ranked")
        rows = exp.Select().from_(inner).where(_is_last(origin.columns))
    else:
        rows = exp.Select().from_(table(name)).where(origin.not_blank(source.key))
    return _with(_repeated(rows, key), steps)


def repeated_entities(origin: Origin) -> exp.Select:
    """The same of the entities of which the source holds one row each."""
    source = origin.source
    assert source.primary
    key = origin.resolve(source.entities[source.primary])
    steps, name, conditions = picked(origin, source.table)
    condition = all_of([*conditions, origin.where, not_blank(key, origin.columns.get(key, ""))])
    rows = exp.Select().from_(table(name)).where(condition)
    return _with(_repeated(rows, column(key)), steps)


def _repeated(rows: exp.Select, key: exp.Expr) -> exp.Select:
    several = exp.GT(this=_count(), expression=number(1))
    text = exp.Cast(this=key.copy(), to=exp.DataType.build("text"))
    inner = rows.select(named(text, "claimed")).group_by(key.copy()).having(several).subquery("repeated")
    query = exp.Select().select(named(_count(), "keys"), named(exp.Min(this=column("claimed")), "example"))
    return query.from_(inner)


def _with(query: exp.Select, steps: Steps) -> exp.Select:
    for name, step in steps:
        query = query.with_(identifier(name), as_=step, copy=False)
    return query


def _ranked(origin: Origin, name: str, columns: Iterable[str], tied: bool = False) -> exp.Select:
    """All rows with their place among those of their key, the last one first."""
    source, kinds = origin.source, origin.columns
    assert source.key
    assert source.pick
    order = [
        exp.Ordered(this=column(origin.resolve(each)), desc=True, nulls_first=False)
        for each in source.pick.last_by
    ]
    place = exp.Window(
        this=exp.Rank() if tied else exp.RowNumber(),
        partition_by=[column(origin.resolve(source.key))],
        order=exp.Order(expressions=order),
    )
    kept = [column(origin.resolve(each)) for each in columns]
    query = exp.Select().select(*kept, named(place, fresh("place", kinds)))
    return query.from_(table(name)).where(origin.not_blank(source.key))


def _is_last(kinds: Mapping[str, str]) -> exp.Expr:
    return exp.EQ(this=column(fresh("place", kinds)), expression=number(1))


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star(), big_int=True)

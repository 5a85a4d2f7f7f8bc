"""What only the data can tell of a metrics file: columns that are not there, types that do not
fit, keys that stand twice. Each problem points at the word in the metrics file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from ..definition.expressions import parse
from ..definition.load import Definition
from ..definition.marks import place_within
from ..definition.metric_types import Growth, formulas_of
from ..definition.metrics import ENTITY_MARK, Metrics, Source
from ..definition.plan import Wave
from ..errors import EvidenceError, Place, Problem, near_miss
from .sources.columns import Columns, columns_of, named_columns, resolve
from .sources.engine import Engine, EngineError
from .sources.fragments import MOMENTS, NUMBERS, TEXT, TIMESTAMP, identifier, named, table
from .sources.origin import Origin, repeated_entities, repeated_keys
from .sources.statement import Statement, statements

Kinds = Mapping[str, Mapping[str, str]]
Path = tuple[Any, ...]
_MUST_BE_NUMBERS = {"value": "value", "numerator": "numerator", "denominator": "denominator", "top": "value"}


def check_columns(definition: Definition[Metrics], engine: Engine) -> dict[str, dict[str, str]]:
    """The columns of each source's table and what they hold. Raises EvidenceError for each column
    that is named and not there, and for a time column that holds no moments."""
    problems: list[Problem] = []
    metrics = definition.value
    kinds: dict[str, dict[str, str]] = {}
    for name, source in metrics.sources.items():
        try:
            kinds[name] = engine.columns(source.table)
        except EngineError as error:
            what = f'the table "{source.table}" cannot be read: {error}'
            remedy = error.remedy or "check the table"
            problems.append(definition.problem(("sources", name, "table"), what, remedy))
    columns = {name: columns_of(metrics, name, kinds) for name in kinds}
    for source_name, path, text, aggregate, name in named_columns(metrics):
        known = columns.get(source_name)
        if known is not None and resolve(known, name) not in known:
            where = _place(definition, path, text, aggregate, name)
            problems.append(_no_column(metrics, source_name, kinds, name, where))
    for name, source in metrics.sources.items():
        if source.time is None or name not in columns:
            continue
        held = columns[name].get(resolve(columns[name], source.time), TIMESTAMP)
        if held not in (*MOMENTS, TEXT):
            what = f'the time column "{source.time}" holds {held} values'
            problems.append(
                definition.problem(("sources", name, "time"), what, "name a column of dates or timestamps")
            )
    problems += [problem for name in columns for problem in _join_problems(definition, name, columns[name])]
    if problems:
        raise EvidenceError(sorted(set(problems)))
    return kinds


def _place(
    definition: Definition[Metrics], path: Path, text: str | None, aggregate: bool, name: str
) -> Place:
    if text is None:
        return definition.document.place(path)
    return place_within(definition, path, text, parse(text, aggregate).columns[name])


def _no_column(metrics: Metrics, source: str, kinds: Kinds, name: str, where: Place) -> Problem:
    """A column that is nowhere; where its name speaks of an entity, what is wrong with that."""
    declared = metrics.sources[source]
    entity, mark, rest = name.casefold().partition(ENTITY_MARK)
    what = f'the table "{declared.table}" has no column "{name}"'
    entities = {one for each in metrics.sources.values() for one in each.entities}
    if not mark or entity not in entities:
        return Problem(where, what, near_miss(name, kinds[source]))
    if entity not in declared.entities:
        remedy = f"add the column of its key: `entities: {{{entity}: COLUMN}}`"
        return Problem(where, f'{what}, and the source "{source}" declares no entity "{entity}"', remedy)
    other = metrics.having(entity)
    if other is None:
        remedy = f"add `primary: {entity}` to the source with one row each"
        return Problem(where, f'{what}, and no source has "{entity}" as its primary entity', remedy)
    what = f'the table "{other[1].table}" has no column "{rest}" to be joined'
    return Problem(where, what, near_miss(rest, kinds.get(other[0], ())))


def _join_problems(definition: Definition[Metrics], name: str, columns: Columns) -> Iterator[Problem]:
    """Keys that cannot be compared, and joined sources that would join others in turn."""
    for join in columns.joins:
        own, its = columns.held.get(join.own_key), join.held.get(join.its_key)
        if own and its and _sort_of(own) != _sort_of(its):
            what = f'the key of "{join.entity}" holds {own} values here and {its} values in "{join.source.table}"'
            yield definition.problem(
                ("sources", name, "entities", join.entity), what, "store both as the same type"
            )
        where = join.source.where
        spoken = parse(where, False) if where is not None else None
        if spoken and (
            spoken.calendars or any(resolve(join.held, one) not in join.held for one in spoken.columns)
        ):
            what = f'the source "{join.name}" is joined, so its `where` may speak of its own columns alone'
            yield definition.problem(("sources", join.name, "where"), what, "filter in the metric instead")


def _sort_of(kind: str) -> str:
    return "number" if kind in NUMBERS else kind


def check_keys(definition: Definition[Metrics], engine: Engine, kinds: Kinds) -> None:
    """One row for each key: raises EvidenceError with the number of keys that several rows claim,
    and one of them. So too for the keys by which other sources join a table."""
    problems = []
    metrics = definition.value
    joined = set()
    for name in metrics.sources:
        joined |= {join.name for join in columns_of(metrics, name, kinds).joins}
    for name, source in metrics.sources.items():
        origin = Origin(source, columns_of(metrics, name, kinds), metrics.calendars)
        if source.key is not None and (source.time is not None or name in joined):
            keys, example = _repeated(engine, repeated_keys(origin))
            if keys and source.pick:
                what = f'{keys:,} keys of "{source.table}" have several last rows by {", ".join(source.pick.last_by)}'
                path, remedy = (
                    ("sources", name, "pick", "last_by"),
                    "add a column to `last_by` that tells them apart",
                )
                problems.append(definition.problem(path, f"{what}, such as {example}", remedy))
            elif keys:
                what = f'{keys:,} keys of "{source.table}" have several rows, such as {example}'
                problems.append(
                    definition.problem(("sources", name, "key"), what, "add `pick: {last_by: COLUMN}`")
                )
        if name in joined and not problems:
            keys, example = _repeated(engine, repeated_entities(origin))
            if keys:
                what = f'{keys:,} keys of "{source.primary}" have several rows in "{source.table}", such as {example}'
                remedy = "a join would count rows twice: add `key` and `pick: {last_by: COLUMN}`, or `where`"
                problems.append(definition.problem(("sources", name, "primary"), what, remedy))
    if problems:
        raise EvidenceError(problems)


def _repeated(engine: Engine, query: exp.Select) -> tuple[int, str]:
    found = engine.run(query)
    return int(found["keys"][0]), f'"{found["example"][0]}"'


def check_zones(definition: Definition[Metrics], engine: Engine, kinds: Kinds) -> None:
    """Raises EvidenceError for a text that carries a zone: some engines would drop it, others
    reckon with it, and rows of several zones would get mixed."""
    problems = []
    for name, source in definition.value.sources.items():
        if source.time is None:
            continue
        columns = columns_of(definition.value, name, kinds)
        table_name, time = columns.home(source, resolve(columns, source.time))
        if columns[resolve(columns, source.time)] != TEXT:
            continue
        held = exp.Column(this=identifier(time))
        marks = [
            exp.Like(this=held.copy(), expression=exp.Literal.string(f"%:%{mark}"))
            for mark in ("+%", "-%", "Z")
        ]
        query = exp.Select().select(held).from_(table(table_name)).where(exp.or_(*marks)).limit(1)
        found = engine.run(query)
        if len(found):
            what = f'the time column "{time}" holds texts with a time zone, such as "{found.iloc[0, 0]}"'
            remedy = "store moments with a zone as such (Parquet or a database), and say `timezone`"
            problems.append(definition.problem(("sources", name, "time"), what, remedy))
    if problems:
        raise EvidenceError(problems)


def check_types(
    definition: Definition[Metrics],
    engine: Engine,
    plan: Sequence[Statement],
    waves: Sequence[Wave],
    kinds: Kinds,
) -> None:
    """Raises EvidenceError if a statement's types do not fit, or a measure is no number."""
    problems = []
    for statement in plan:
        try:
            held = engine.described(statement.tree)
        except EngineError as error:
            raise EvidenceError(explain(definition, engine, waves, kinds, error)) from None
        for measure, parts in statement.parts.items():
            for part, column in parts.items():
                if part in _MUST_BE_NUMBERS and held[column] not in NUMBERS:
                    path = (*definition.value.path(measure), _MUST_BE_NUMBERS[part])
                    problems.append(
                        definition.problem(
                            path, f"gives a {held[column]}, not a number", "count, sum or measure something"
                        )
                    )
    if problems:
        raise EvidenceError(problems)


def explain(
    definition: Definition[Metrics], engine: Engine, waves: Sequence[Wave], kinds: Kinds, error: EngineError
) -> list[Problem]:
    """Which expressions a database stumbled over: each is tried by itself."""
    metrics = definition.value
    if error.final:
        return [definition.problem((), error.what, error.remedy)]
    problems = [
        problem for name in metrics.sources for problem in _source_problems(definition, engine, name, kinds)
    ]
    for measure, metric in metrics.every.items():
        if isinstance(metric, Growth) or (problems and problems[0].where == definition.document.place()):
            continue
        alone = metrics.model_copy(update={"measures": {measure: metric}, "context": {}})
        failed = _fails(engine, statements(alone, waves, kinds)[0].tree)
        if failed is not None and not any(p for p in problems if _is_of_source(definition, p, metric.source)):
            problems += _measure_problems(definition, engine, measure, kinds, failed)
    return sorted(set(problems)) or [
        definition.problem((), f"the database says: {error}", error.remedy or "check the data")
    ]


def _is_of_source(definition: Definition[Metrics], problem: Problem, source: str) -> bool:
    """Whether a problem is the source's own: its measures fail for the same reason."""
    places = [definition.document.place(("sources", source, key)).line for key in ("time", "where")]
    return problem.where.line in places


def _source_problems(
    definition: Definition[Metrics], engine: Engine, name: str, kinds: Kinds
) -> Iterator[Problem]:
    metrics = definition.value
    source, columns = metrics.sources[name], columns_of(metrics, name, kinds)
    time = resolve(columns, source.time) if source.time is not None else ""
    if time and columns[time] == TEXT:
        found = engine.first_unread(
            *columns.home(source, time), "timestamp", _known_by(source, columns, time)
        )
        if found:
            what = f'the time column "{time}" holds {found}, which is no ISO date'
            yield definition.problem(("sources", name, "time"), what, "write dates like 2017-01-31")
    if source.where is not None:
        path = ("sources", name, "where")
        yield from _formula_problem(definition, engine, path, source.where, False, name, columns)


def _measure_problems(
    definition: Definition[Metrics], engine: Engine, measure: str, kinds: Kinds, error: EngineError
) -> list[Problem]:
    metrics = definition.value
    metric = metrics.every[measure]
    assert not isinstance(metric, Growth)
    columns = columns_of(metrics, metric.source, kinds)
    problems: list[Problem] = []
    for keys, text, aggregate, of_facts in formulas_of(metric):
        if not of_facts:
            path = (*metrics.place(measure), *keys)
            problems += _formula_problem(definition, engine, path, text, aggregate, metric.source, columns)
    keys = next((keys for keys, *_ in formulas_of(metric)), ())
    return problems or [
        definition.problem(
            (*metrics.place(measure), *keys), f"the types do not fit: {error}", "check the columns"
        )
    ]


def _formula_problem(
    definition: Definition[Metrics],
    engine: Engine,
    path: Path,
    text: str,
    aggregate: bool,
    name: str,
    columns: Columns,
) -> Iterator[Problem]:
    source = definition.value.sources[name]
    expression = parse(text, aggregate)
    origin = Origin(source, columns, definition.value.calendars)
    tree = origin.adapted(expression.tree)
    if not aggregate:
        tree = exp.Count(this=exp.Case().when(tree, exp.Literal.number(1)))
    error = _fails(engine, origin.over([(text, aggregate)], exp.Select().select(named(tree, "result"))))
    if error is None:
        return
    texts = [
        (column, offset)
        for column, offset in expression.columns.items()
        if columns[origin.resolve(column)] == TEXT
    ]
    held = []
    for column, _offset in texts:
        name = origin.resolve(column)
        found = engine.first_unread(*columns.home(source, name), "double", _known_by(source, columns, name))
        if found:
            held.append(f'"{column}" holds text, {found}')
    about = "; ".join(held) or str(error)
    place = place_within(definition, path, text, texts[0][1] if held else 0)
    remedy = "compare text with text, or clean the column" if held else "cast(… as number), or another column"
    yield Problem(place, f"the types do not fit: {about}", remedy)


def _known_by(source: Source, columns: Columns, name: str) -> str:
    """The column that tells which row a bad cell stands in, where rows have no numbers: the key, or
    else the time."""
    known = next((resolve(columns, one) for one in (source.key, source.time) if one), "")
    return known if known in columns.held and name in columns.held else ""


def _fails(engine: Engine, tree: exp.Select) -> EngineError | None:
    try:
        engine.run(tree)
    except EngineError as error:
        return error
    return None

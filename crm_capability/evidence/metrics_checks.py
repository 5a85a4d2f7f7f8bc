"""What only the data can tell of a metrics file: columns that are not there, types that do not
fit, keys that stand twice. Each problem points at the word in the metrics file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from ..definition.expressions import parse
from ..definition.load import Definition
from ..definition.marks import place_within
from ..definition.metric_types import Growth, OverFacts, formulas_of
from ..definition.metrics import Metrics
from ..definition.plan import Wave
from ..errors import EvidenceError, Problem, near_miss
from .sources.engine import Engine, EngineError
from .sources.fragments import MOMENTS, NUMBERS, TEXT, TIMESTAMP, adapted, identifier, named, table
from .sources.rows import repeated_keys, resolve
from .sources.statement import Statement, entity_of, statements

Kinds = Mapping[str, Mapping[str, str]]
Path = tuple[Any, ...]
_MUST_BE_NUMBERS = {"value": "value", "numerator": "numerator", "denominator": "denominator", "top": "value"}


def check_columns(definition: Definition[Metrics], engine: Engine) -> dict[str, dict[str, str]]:
    """The columns of each source and what they hold. Raises EvidenceError for each column that
    is named and not there, and for a time column that holds no moments."""
    problems: list[Problem] = []
    kinds: dict[str, dict[str, str]] = {}
    for name, source in definition.value.sources.items():
        try:
            kinds[name] = engine.columns(source.table)
        except EngineError as error:
            what = f'the table "{source.table}" cannot be read: {error}'
            remedy = error.remedy or "check the table"
            problems.append(definition.problem(("sources", name, "table"), what, remedy))
    for source_name, path, text, offset, column in _named_columns(definition.value):
        known = kinds.get(source_name)
        if known is not None and resolve(known, column) not in known:
            place = (
                definition.document.place(path)
                if text is None
                else place_within(definition, path, text, offset)
            )
            what = f'the table "{definition.value.sources[source_name].table}" has no column "{column}"'
            problems.append(Problem(place, what, near_miss(column, known)))
    for name, source in definition.value.sources.items():
        held = kinds.get(name, {}).get(resolve(kinds.get(name, {}), source.time), TIMESTAMP)
        if held not in (*MOMENTS, TEXT):
            what = f'the time column "{source.time}" holds {held} values'
            problems.append(
                definition.problem(("sources", name, "time"), what, "name a column of dates or timestamps")
            )
    if problems:
        raise EvidenceError(sorted(set(problems)))
    return kinds


def _named_columns(metrics: Metrics) -> Iterator[tuple[str, Path, str | None, int, str]]:
    """Every column that a file names: source, path, expression it stands in, offset, name."""
    for name, source in metrics.sources.items():
        for key, column in (("time", source.time), ("unit", source.unit), ("key", source.key)):
            if column is not None:
                yield name, ("sources", name, key), None, 0, column
        for column in source.pick.last_by if source.pick else ():
            yield name, ("sources", name, "pick", "last_by"), None, 0, column
        if source.where is not None:
            path = ("sources", name, "where")
            for column, offset in parse(source.where, False).columns.items():
                yield name, path, source.where, offset, column
    for measure, metric in metrics.measures.items():
        if isinstance(metric, Growth):
            continue
        if entity_of(metric):
            key = "per" if isinstance(metric, OverFacts) else "entity"
            yield metric.source, ("measures", measure, key), None, 0, entity_of(metric)
        for keys, text, aggregate, of_facts in formulas_of(metric):
            for column, offset in () if of_facts else parse(text, aggregate).columns.items():
                yield metric.source, ("measures", measure, *keys), text, offset, column


def check_keys(definition: Definition[Metrics], engine: Engine, kinds: Kinds) -> None:
    """One row for each key: raises EvidenceError with the number of keys that several rows claim."""
    problems = []
    for name, source in definition.value.sources.items():
        if source.key is None:
            continue
        keys = int(engine.run(repeated_keys(source, kinds[name]))["keys"][0])
        if keys and source.pick:
            what = f'{keys:,} keys of "{source.table}" have several last rows by {", ".join(source.pick.last_by)}'
            path, remedy = (
                ("sources", name, "pick", "last_by"),
                "add a column to `last_by` that tells them apart",
            )
            problems.append(definition.problem(path, what, remedy))
        elif keys:
            what = f'{keys:,} keys of "{source.table}" have several rows'
            problems.append(
                definition.problem(("sources", name, "key"), what, "add `pick: {last_by: COLUMN}`")
            )
    if problems:
        raise EvidenceError(problems)


def check_zones(definition: Definition[Metrics], engine: Engine, kinds: Kinds) -> None:
    """Raises EvidenceError for a text that carries a zone: some engines would drop it, others
    reckon with it, and rows of several zones would get mixed."""
    problems = []
    for name, source in definition.value.sources.items():
        time = resolve(kinds[name], source.time)
        if kinds[name][time] != TEXT:
            continue
        held = exp.Column(this=identifier(time))
        marks = [
            exp.Like(this=held.copy(), expression=exp.Literal.string(f"%:%{mark}"))
            for mark in ("+%", "-%", "Z")
        ]
        query = exp.Select().select(held).from_(table(source.table)).where(exp.or_(*marks)).limit(1)
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
        problem
        for name in metrics.sources
        for problem in _source_problems(definition, engine, name, kinds[name])
    ]
    for measure, metric in metrics.measures.items():
        if isinstance(metric, Growth) or (problems and problems[0].where == definition.document.place()):
            continue
        alone = metrics.model_copy(update={"measures": {measure: metric}})
        failed = _fails(engine, statements(alone, waves, kinds)[0].tree)
        if failed is not None and not any(p for p in problems if _is_of_source(definition, p, metric.source)):
            problems += _measure_problems(definition, engine, measure, kinds[metric.source], failed)
    return sorted(set(problems)) or [
        definition.problem((), f"the database says: {error}", error.remedy or "check the data")
    ]


def _is_of_source(definition: Definition[Metrics], problem: Problem, source: str) -> bool:
    """Whether a problem is the source's own: its measures fail for the same reason."""
    places = [definition.document.place(("sources", source, key)).line for key in ("time", "where")]
    return problem.where.line in places


def _source_problems(
    definition: Definition[Metrics], engine: Engine, name: str, kinds: Mapping[str, str]
) -> Iterator[Problem]:
    source = definition.value.sources[name]
    time = resolve(kinds, source.time)
    if kinds[time] == TEXT:
        found = engine.first_unread(source.table, time, "timestamp")
        if found:
            what = f'the time column "{time}" holds {_shown(found)}, which is no ISO date'
            yield definition.problem(("sources", name, "time"), what, "write dates like 2017-01-31")
    if source.where is not None:
        yield from _formula_problem(
            definition, engine, ("sources", name, "where"), source.where, False, source.table, kinds
        )


def _measure_problems(
    definition: Definition[Metrics],
    engine: Engine,
    measure: str,
    kinds: Mapping[str, str],
    error: EngineError,
) -> list[Problem]:
    metrics = definition.value
    source = metrics.sources[metrics.source_of(measure)]
    problems: list[Problem] = []
    for keys, text, aggregate, of_facts in formulas_of(metrics.measures[measure]):
        if not of_facts:
            path = ("measures", measure, *keys)
            problems += _formula_problem(definition, engine, path, text, aggregate, source.table, kinds)
    keys = next((keys for keys, *_ in formulas_of(metrics.measures[measure])), ())
    return problems or [
        definition.problem(
            ("measures", measure, *keys), f"the types do not fit: {error}", "check the columns"
        )
    ]


def _formula_problem(
    definition: Definition[Metrics],
    engine: Engine,
    path: Path,
    text: str,
    aggregate: bool,
    name: str,
    kinds: Mapping[str, str],
) -> Iterator[Problem]:
    expression = parse(text, aggregate)
    names = {column: resolve(kinds, column) for column in expression.columns}
    tree = adapted(expression.tree, kinds, names)
    if not aggregate:
        tree = exp.Count(this=exp.Case().when(tree, exp.Literal.number(1)))
    error = _fails(engine, exp.Select().select(named(tree, "result")).from_(table(name)))
    if error is None:
        return
    texts = [
        (column, offset) for column, offset in expression.columns.items() if kinds[names[column]] == TEXT
    ]
    held = []
    for column, _offset in texts:
        found = engine.first_unread(name, names[column], "double")
        if found:
            held.append(f'"{column}" holds text, {_shown(found)}')
    about = "; ".join(held) or str(error)
    place = place_within(definition, path, text, texts[0][1] if held else 0)
    remedy = "compare text with text, or clean the column" if held else "cast(… as number), or another column"
    yield Problem(place, f"the types do not fit: {about}", remedy)


def _shown(found: tuple[int, str]) -> str:
    row, text = found
    return f'"{text[:40]}"' + (f" in row {row:,}" if row else "")


def _fails(engine: Engine, tree: exp.Select) -> EngineError | None:
    try:
        engine.run(tree)
    except EngineError as error:
        return error
    return None

"""A plan with everything it refers to, read and checked together before any data is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import DefinitionError, Problem, near_miss
from .advice import NO_ADVICE, Advice, plan_advice
from .checks import feeds_problems, framework_problems, questionnaire_problems
from .compose import read_chapters, read_framework
from .document_checks import document_problems
from .framework import Framework
from .library import Grounds, find, version_problem
from .load import Definition, read_definition
from .metrics import Metrics, metrics_problems
from .metrics_taken import taken
from .plan import MetricsEvidence, Plan, SurveyEvidence, UnitFile, ValuesEvidence
from .plan_checks import plan_problems
from .pool import Pool
from .pool_file import plan_pool
from .questionnaire import Maturity, Questionnaire
from .quote_checks import quote_problems
from .sensitivity import Choose
from .slide_master import plan_master
from .theme import Theme
from .theme_file import plan_theme

Evidence = ValuesEvidence | SurveyEvidence | MetricsEvidence


@dataclass(frozen=True)
class Source:
    """One entry of evidence: what the plan says of it, its definition, its data files."""

    entry: Evidence
    definition: Definition[Questionnaire] | Definition[Metrics] | None
    files: Mapping[str, tuple[Path, ...]]  # by table; one named "" for answers and values


@dataclass(frozen=True)
class LoadedPlan:
    """A plan and all it refers to: nothing of it is wrong in itself, no data is read yet."""

    definition: Definition[Plan]
    framework_definition: Definition[Framework]
    sources: tuple[Source, ...]
    units_file: Path | None
    weight_files: Mapping[int, Path]  # sets of weights, by the factor's place in `sensitivity`
    pool_definition: Definition[Pool] | None = None  # peers from a file
    fitted_file: Path | None = None  # what an earlier result learned
    theme: Theme | None = None
    master: str | None = None  # of slides, as a data address
    advice: Advice = NO_ADVICE  # published cases and actions

    @property
    def plan(self) -> Plan:
        return self.definition.value

    @property
    def framework(self) -> Framework:
        return self.framework_definition.value

    @property
    def pool(self) -> Pool | None:
        return self.pool_definition.value if self.pool_definition else None

    @property
    def questionnaires(self) -> tuple[Questionnaire, ...]:
        found = (source.definition.value for source in self.sources if source.definition is not None)
        return tuple(value for value in found if isinstance(value, Questionnaire))


def load_plan(path: str | Path, allow: tuple[str | Path, ...] = ()) -> LoadedPlan:
    """Read an assessment plan with its framework, questionnaires and metrics files.

    `allow` names folders outside the plan's own that data may be read from. Raises
    DefinitionError with every problem of all the files.
    """
    path = Path(path)
    definition = read_definition(path, Plan, str(path))
    grounds = Grounds(path.resolve().parent, tuple(Path(folder) for folder in allow))
    problems: list[Problem] = []
    framework = _collect(problems, lambda: _framework(definition, path.parent))
    tree = framework.value if framework else None
    sources = [
        _collect(problems, lambda n=n, entry=entry: _source(definition, n, entry, path.parent, grounds, tree))
        for n, entry in enumerate(definition.value.evidence)
    ]
    units_file = _collect(problems, lambda: _units_file(definition, grounds))
    fitted_file = _collect(problems, lambda: _fitted_file(definition, grounds))
    weight_files = _collect(problems, lambda: _weight_files(definition, grounds))
    pool = _collect(problems, lambda: plan_pool(definition, path.parent, tree))
    theme = _collect(problems, lambda: plan_theme(definition, path.parent))
    master = _collect(problems, lambda: plan_master(definition, grounds))
    advice = _collect(problems, lambda: plan_advice(definition, path.parent, tree))
    problems += plan_problems(definition, tree)
    problems += document_problems(definition, _demanding(sources))
    problems += quote_problems(definition, [_sheet(source) for source in sources])
    if problems:
        raise DefinitionError(sorted(set(problems)))
    assert framework is not None
    known = tuple(source for source in sources if source is not None)
    return LoadedPlan(
        definition, framework, known, units_file, weight_files, pool, fitted_file, theme, master, advice
    )


def _sheet(source: Source | None) -> Questionnaire | None:
    found = source.definition.value if source is not None and source.definition else None
    return found if isinstance(found, Questionnaire) else None


def _demanding(sources: list[Source | None]) -> set[str]:
    """The questions whose higher levels demand a document."""
    questions = [q for sheet in map(_sheet, sources) if sheet for q in sheet.questions.values()]
    return {q.id for q in questions if isinstance(q, Maturity) and q.evidence_above is not None}


def load_framework(path: str | Path) -> Framework:
    """Read a framework: a path, or the id of a shipped one. Raises DefinitionError."""
    return load_framework_definition(path).value


def load_framework_definition(path: str | Path) -> Definition[Framework]:
    """The same, with the places of everything in it."""
    file = Path(path) if Path(path).is_file() else find(str(path), "indicators", Path())
    return _sound(read_framework(file))


def _sound(framework: Definition[Framework]) -> Definition[Framework]:
    problems = framework_problems(framework)
    if problems:
        raise DefinitionError(sorted(set(problems)))
    return framework


def _collect(problems: list[Problem], read: Any) -> Any:
    try:
        return read()
    except DefinitionError as error:
        problems += error.problems
        return None


def _framework(definition: Definition[Plan], beside: Path) -> Definition[Framework]:
    reference = definition.value.framework
    if not isinstance(reference, str):
        return _sound(read_chapters(definition.document, reference, beside))
    where = definition.document.place(("framework",))
    framework = load_framework_definition(find(reference, "indicators", beside, where))
    wrong = version_problem(reference, framework.value.version, where)
    if wrong:
        raise DefinitionError(wrong)
    return framework


def _source(
    definition: Definition[Plan],
    number: int,
    entry: Evidence,
    beside: Path,
    grounds: Grounds,
    framework: Framework | None,
) -> Source:
    at = ("evidence", number)
    place = definition.document.place
    if isinstance(entry, ValuesEvidence):
        return Source(entry, None, {"": (grounds.file(entry.values, place((*at, "values"))),)})
    problems: list[Problem] = []
    if isinstance(entry, SurveyEvidence):
        where = place((*at, "survey"))
        sheet = _collect(problems, lambda: _questionnaire(entry.survey, beside, where, framework))
        answers = _collect(problems, lambda: grounds.file(entry.answers, place((*at, "answers"))))
        if problems:
            raise DefinitionError(problems)
        return Source(entry, sheet, {"": (answers,)})
    metrics = _collect(problems, lambda: _metrics(definition, number, entry, beside, grounds, framework))
    files: dict[str, tuple[Path, ...]] = {}
    if entry.connection.engine != "postgres":
        if entry.connection.database is not None:
            at_base = (*at, "connection", "database")
            base = _collect(problems, lambda: grounds.file(entry.connection.database or "", place(at_base)))
            files["database"] = (base,)
        else:
            for table, names in entry.connection.tables.items():
                where_table = place((*at, "connection", "tables", table))
                many = (names,) if isinstance(names, str) else names
                if entry.connection.engine == "spark" and not any(map(_names_a_file, many)):
                    continue  # a table of the cluster's catalog
                found = [_collect(problems, lambda n=n, w=where_table: grounds.file(n, w)) for n in many]
                files[table] = tuple(found)
    if problems:
        raise DefinitionError(problems)
    return Source(entry, metrics, files)


def _names_a_file(name: str) -> bool:
    """Whether a table of Spark is a file; `sales.orders` is a table of its catalog."""
    return "/" in name or Path(name).suffix.lower() in (".parquet", ".pq", ".csv", ".tsv", ".txt", ".gz")


def _questionnaire(
    reference: str, beside: Path, where: Any, framework: Framework | None
) -> Definition[Questionnaire]:
    sheet = load_questionnaire(find(reference, "questionnaires", beside, where))
    wrong = version_problem(reference, sheet.value.version, where)
    problems = [wrong] if wrong else []
    if framework is not None:
        known = {*framework.measures, *framework.left_out}
        problems += feeds_problems(sheet, known, "the plan's framework")
    if problems:
        raise DefinitionError(problems)
    if framework is None or not framework.left_out:
        return sheet
    return replace(sheet, value=sheet.value.without(framework.left_out))


def load_questionnaire(file: Path) -> Definition[Questionnaire]:
    """Read a questionnaire. Raises DefinitionError."""
    sheet = read_definition(file, Questionnaire, str(file))
    problems = questionnaire_problems(sheet)
    if problems:
        raise DefinitionError(problems)
    return sheet


def _metrics(
    definition: Definition[Plan],
    number: int,
    entry: MetricsEvidence,
    beside: Path,
    grounds: Grounds,
    framework: Framework | None,
) -> Definition[Metrics]:
    """The metrics file, with what the plan takes of it and its framework has not left out."""
    at = ("evidence", number)
    where = definition.document.place((*at, "metrics"))
    by_name = "/" not in entry.metrics and not entry.metrics.endswith((".yaml", ".yml"))
    file = find(entry.metrics, "metrics", beside, where) if by_name else grounds.file(entry.metrics, where)
    metrics = load_metrics(file)
    fed = metrics.value.fed
    wrong = version_problem(entry.metrics, metrics.value.version, where) if by_name else None
    problems = [wrong] if wrong else []
    problems += [
        definition.problem((*at, key, n), f'{entry.metrics} has no measure "{name}"', near_miss(name, fed))
        for key in ("only", "without")
        for n, name in enumerate(getattr(entry, key))
        if name not in {*fed, *metrics.value.measures}
    ]
    left_out = {*entry.without, *(framework.left_out if framework else ())}
    if entry.only or left_out & set(fed):
        metrics = replace(metrics, value=taken(metrics.value, set(entry.only or fed) - left_out))
    if framework is not None:
        problems += _stray_metrics(metrics, set(framework.measures))
    if problems:
        raise DefinitionError(problems)
    return metrics


def load_metrics(file: Path) -> Definition[Metrics]:
    """Read a metrics file. Raises DefinitionError."""
    metrics = read_definition(file, Metrics, str(file))
    problems = metrics_problems(metrics)
    if problems:
        raise DefinitionError(problems)
    return metrics


def _stray_metrics(metrics: Definition[Metrics], measures: set[str]) -> Iterator[Problem]:
    """Metrics that feed no measure, unless another metric is made from them; figures of context
    that would feed one."""
    used = {getattr(metric, "of", None) for metric in metrics.value.every.values()}
    for name, (key, _) in metrics.value.fed.items():
        if key in metrics.value.context:
            if name in measures:
                what, remedy = f'"{name}" is a measure of the plan\'s framework', "move it to `measures`"
                yield metrics.problem(("context", key), what, remedy, key=True)
        elif name not in measures and name not in used:
            yield metrics.problem(
                ("measures", key),
                f'"{name}" is no measure of the plan\'s framework',
                f"{near_miss(name, measures)}; `context` holds what is only to be read",
                key=True,
            )


def _fitted_file(definition: Definition[Plan], grounds: Grounds) -> Path | None:
    name = definition.value.fitted
    return None if name is None else grounds.file(name, definition.document.place(("fitted",)))


def _units_file(definition: Definition[Plan], grounds: Grounds) -> Path | None:
    units = definition.value.units
    if not isinstance(units, UnitFile):
        return None
    return grounds.file(units.file, definition.document.place(("units", "file")))


def _weight_files(definition: Definition[Plan], grounds: Grounds) -> dict[int, Path]:
    factors = definition.value.sensitivity.factors if definition.value.sensitivity else ()
    place = definition.document.place
    return {
        n: grounds.file(factor.among_file, place(("sensitivity", "factors", n, "among_file")))
        for n, factor in enumerate(factors)
        if isinstance(factor, Choose) and factor.among_file is not None
    }

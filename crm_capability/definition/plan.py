"""The assessment plan: who is assessed, when, by which framework, on what evidence."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import (
    ONE_OR_MANY,
    Id,
    Language,
    Model,
    Number,
    Positive,
    Share,
    Text,
    UnitId,
    Whole,
    Words,
)
from ..methods.weighting import Weights
from .actions import RoadmapWish
from .comparing import Groups, SmallestChange, Uncertainty
from .days import Day
from .documents import Document
from .links import Links
from .quotes import Quote
from .sensitivity import Sensitivity


class Unit(Model):
    """A unit written out in the plan; further keys are its attributes."""

    model_config = {**Model.model_config, "extra": "allow"}
    title: Text | None = None


class UnitFile(Model):
    """Units listed in a file, one a row; other columns are attributes."""

    file: Words
    id: Words = "unit"
    title: Words | None = None


def _units_kind(value: Any) -> str:
    if isinstance(value, UnitFile):
        return "<file>"
    return "<file>" if isinstance(value, dict) and isinstance(value.get("file"), str) else "<units>"


Units: TypeAlias = Annotated[
    Annotated[UnitFile, Tag("<file>")] | Annotated[dict[UnitId, Unit | None], Tag("<units>")],
    Discriminator(_units_kind),
]


class Wave(Model):
    """One occasion of measuring; both days belong to it."""

    id: Id
    title: Text | None = None
    start: Day | None = Field(default=None, alias="from")
    end: Day | None = Field(default=None, alias="to")
    weights: dict[Id, Weights] = {}

    @model_validator(mode="after")
    def _ordered(self) -> Wave:
        if (self.start is None) != (self.end is None):
            raise PydanticCustomError("wave", "a period needs both `from` and `to`")
        if self.start and self.end and self.start > self.end:
            raise PydanticCustomError("wave", "the period ends before it starts")
        return self

    @property
    def begins(self) -> datetime:
        """The first moment of the wave."""
        assert self.start is not None
        return datetime.combine(self.start, datetime.min.time())

    @property
    def is_over(self) -> datetime:
        """The first moment after the wave."""
        assert self.end is not None
        return datetime.combine(self.end + timedelta(days=1), datetime.min.time())


class Scope(Model):
    """What is left out, and why."""

    exclude: tuple[Id, ...] = ()
    because: dict[Id, Text] = {}


class Columns(Model):
    """Names of id columns in a file of values."""

    unit: Words | None = None
    wave: Words | None = None


class ValuesEvidence(Model):
    """Numbers that were measured elsewhere."""

    values: Words
    layout: Literal["long", "wide"] = "long"
    columns: Columns = Columns()
    sheet: Words | None = None
    wave: Id | None = None
    unit: UnitId | None = None
    fictitious: bool = False


Flag: TypeAlias = Literal["straight-line", "long-string", "contradiction", "speed", "duplicate", "outlier"]


Asked = Annotated[Whole, Field(ge=1)]


class SurveyEvidence(Model):
    """Answers to a questionnaire. `drop` names the flags whose bearers are left out."""

    survey: Words
    answers: Words
    layout: Literal["plain"] = "plain"
    sheet: Words | None = None
    feeds_role: Id | None = None
    drop: tuple[Flag, ...] = ()
    wave: Id | None = None
    unit: UnitId | None = None
    invited: Asked | dict[Id, Asked] | None = None  # how many were asked, of each wave or by wave
    rake: dict[Words, Annotated[dict[Words, Positive], Field(min_length=2)]] = {}  # column: level: share
    largest_weight: Annotated[Number, Field(gt=1)] | None = None  # times the mean; larger ones are cut
    segments: tuple[Words, ...] = ()  # choice questions, or other columns, to tell the audience apart by
    quotes: tuple[Quote, ...] = ()  # the words to print, chosen one by one
    fictitious: bool = False


# Where Spark runs: on this machine, or on a cluster.
_MASTER = r"^(local(\[(\d+|\*)\])?|yarn|(spark|k8s)://[A-Za-z0-9.:/,_-]+)$"


class Connection(Model):
    """Where the tables of a metrics file are.

    `timeout`: seconds that one statement may take on a server. `dsn_env` names the environment
    variable that holds the connection to PostgreSQL: a password stands in no file.
    """

    engine: Literal["duckdb", "postgres", "spark"] = "duckdb"
    tables: dict[Words, Words | tuple[Words, ...]] = {}
    database: Words | None = None
    dsn_env: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    master: Annotated[str, StringConstraints(pattern=_MASTER)] | None = None
    memory_limit: Words | None = None
    threads: Annotated[Whole, Field(gt=0)] | None = None
    timeout: Annotated[Whole, Field(gt=0, le=604_800)] = 3600

    @model_validator(mode="after")
    def _fits_engine(self) -> Connection:
        if self.engine == "postgres" and self.dsn_env is None:
            raise PydanticCustomError(
                "engine", "postgres needs `dsn_env`: the environment variable with the connection"
            )
        for key, engine in (("dsn_env", "postgres"), ("master", "spark"), ("database", "duckdb")):
            if getattr(self, key) is not None and self.engine != engine:
                raise PydanticCustomError(
                    "engine", "`{key}` belongs to {engine}", {"key": key, "engine": engine}
                )
        if self.engine == "postgres" and any(not isinstance(name, str) for name in self.tables.values()):
            raise PydanticCustomError("engine", "a table of a database has one name")
        return self


class MetricsEvidence(Model):
    """Operational data, read through a metrics file: all of its measures, `only` some, or all
    `without` some."""

    metrics: Words
    only: tuple[Id, ...] = ()
    without: tuple[Id, ...] = ()
    connection: Connection = Connection()
    unit: UnitId | None = None


def _evidence_kind(value: Any) -> str:
    if not isinstance(value, dict):
        kinds: dict[Any, str] = {ValuesEvidence: "<values>", SurveyEvidence: "<survey>"}
        return kinds.get(type(value), "<metrics>")
    for kind in ("values", "survey", "metrics"):
        if kind in value:
            return f"<{kind}>"
    return "<none>"


EvidenceEntry: TypeAlias = Annotated[
    Annotated[ValuesEvidence, Tag("<values>")]
    | Annotated[SurveyEvidence, Tag("<survey>")]
    | Annotated[MetricsEvidence, Tag("<metrics>")],
    Discriminator(
        _evidence_kind,
        custom_error_type="evidence",
        custom_error_message="an entry of evidence names `values`, `survey` or `metrics`",
    ),
]


class Comparison(Model):
    """Two waves to set side by side."""

    before: Id
    after: Id


class Benchmark(Model):
    """Whom to compare with: the plan's other units, or a pool file; of these all, or those that
    are `like` the unit in some attributes. `cases` names published figures to set beside."""

    pool: Words | None = None
    minimum_peers: Annotated[Whole, Field(ge=1)] = 5
    like: Annotated[tuple[Words, ...], ONE_OR_MANY] = ()
    cases: Words | None = None

    @model_validator(mode="after")
    def _something(self) -> Benchmark:
        if self.pool is None and self.cases is None:
            raise PydanticCustomError("benchmark", "neither `pool` nor `cases` is named")
        if self.like and (self.pool is None or (self.pool != "units" and len(self.like) > 1)):
            raise PydanticCustomError("benchmark", "`like` takes a pool; of a pool file one attribute")
        return self


class Screen(Model):
    """Leave out units with fewer of the measures than this share."""

    min_share: Share


Format = Literal["pdf", "html", "xlsx", "pptx", "md", "json"]
FORMATS: tuple[str, ...] = get_args(Format)


class Report(Model):
    """How the result is told, and as which files."""

    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    template: Words = "scorecard"
    formats: Annotated[tuple[Format, ...], Field(min_length=1)] = ("pdf", "html", "xlsx")
    theme: Words | None = None
    slides: Words | None = None  # the client's own PowerPoint file, as the master of the deck
    date: Day | None = None
    notice: Text | None = None
    sources: tuple[Text, ...] = ()


class Plan(Model):
    """A whole assessment plan."""

    assessment: Id
    title: Text
    # several are the chapters of one
    framework: Words | Annotated[tuple[Words, ...], Field(min_length=2)]
    unit: UnitId
    units: Units | None = None
    screen: Screen | None = None
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    scope: Scope = Scope()
    evidence: Annotated[tuple[EvidenceEntry, ...], Field(min_length=1)]
    documents: tuple[Document, ...] = ()  # evidence for maturity answers
    roles: dict[Id, dict[Id, Positive]] = {}
    weights: dict[Id, Weights] = {}
    fitted: Words | None = None  # the table `fitted` of an earlier result: score with the old fit
    compare: tuple[Comparison, ...] | None = None
    uncertainty: Uncertainty = Uncertainty()
    smallest_change: SmallestChange | None = None  # points of score worth talking about
    comparison: Groups | None = None
    benchmark: Benchmark | None = None
    targets: dict[Id, Number] = {}
    links: Links | None = None
    roadmap: RoadmapWish | None = None
    sensitivity: Sensitivity | None = None
    minimum_group: Annotated[Whole, Field(ge=2)] | None = None  # respondents; readings of fewer are not told
    report: Report = Report()

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The pairs of waves to compare; each wave with the one before unless the plan says."""
        if self.compare is not None:
            return self.compare
        ids = [wave.id for wave in self.waves]
        return tuple(Comparison(before=a, after=b) for a, b in pairwise(ids))

    def wave(self, wave_id: str) -> Wave:
        """The wave of that id."""
        return next(wave for wave in self.waves if wave.id == wave_id)

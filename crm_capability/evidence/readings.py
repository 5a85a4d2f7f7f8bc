"""Readings: all evidence of a plan brought together, one row a wave, unit and measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..definition.framework import Framework, Group, Measure
from ..definition.loaded import LoadedPlan, Source
from ..definition.plan import SurveyEvidence, ValuesEvidence
from ..errors import CapabilityError, EvidenceError, Place, Problem, near_miss
from ..methods.model import Text
from ..methods.suppression import MINIMUM_GROUP
from ..tables import MEASURED, NOT_APPLICABLE, NOT_COLLECTED, shape
from .answers import Answers, answers_readings, read_answers
from .audiences import KEYS, combined
from .breakdowns import audiences_table, item_shares_table, responses_table, withheld
from .caps import cap_notes, capped, marked
from .distributions import distributions_table
from .invited import invited
from .occasions import Occasions
from .pairings import pairings_table
from .quality import respondents_table, without_any_flag, without_flagged
from .quotes import quotes_table
from .samples import Sample, samples
from .segments import hidden_audiences, segments_tables
from .units import plan_units
from .values import read_values
from .versions import Apart, asked_otherwise, on_new_scales
from .weighting import weighted

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evidence:
    """What the plan's evidence says: readings, who was assessed, and how it was come by."""

    readings: pd.DataFrame  # every measure × wave × unit
    pairings: pd.DataFrame  # covariances of readings by the same respondents
    units: Mapping[str, Text]
    attributes: pd.DataFrame  # a row a unit: groups, denominators
    statements: tuple[dict[str, Any], ...] = ()
    fictitious: tuple[str, ...] = ()  # measures that rest on fictitious answers
    sheets: tuple[Answers, ...] = ()  # who answered what, those that the plan drops left out
    respondents: pd.DataFrame = field(default_factory=lambda: shape("respondents", {}))
    without_flagged: pd.DataFrame | None = None  # readings without any flagged respondent
    notes: tuple[str, ...] = field(default=())
    distributions: pd.DataFrame = field(default_factory=lambda: shape("distributions", {}))
    distributions_without_flagged: pd.DataFrame | None = None
    audiences: pd.DataFrame = field(default_factory=lambda: shape("audiences", {}))
    responses: pd.DataFrame = field(default_factory=lambda: shape("responses", {}))
    item_shares: pd.DataFrame = field(default_factory=lambda: shape("item_shares", {}))
    weights: pd.DataFrame = field(default_factory=lambda: shape("weights", {}))
    caps: pd.DataFrame = field(default_factory=lambda: shape("caps", {}))
    quotes: pd.DataFrame = field(default_factory=lambda: shape("quotes", {}))
    segments: pd.DataFrame = field(default_factory=lambda: shape("segments", {}))
    segment_readings: pd.DataFrame = field(default_factory=lambda: shape("segment_readings", {}))
    apart: Apart = field(default_factory=dict)  # measures asked otherwise in two waves, with the reason
    samples: tuple[Sample, ...] = ()  # the respondents behind the readings


@dataclass
class _Answered:
    """What the files of answers gave, one after the other."""

    sheets: list[Answers] = field(default_factory=list)
    people: list[pd.DataFrame] = field(default_factory=list)
    tables: list[dict[str, pd.DataFrame]] = field(default_factory=list)

    def take(self, answers: Answers, people: pd.DataFrame, **tables: pd.DataFrame) -> None:
        self.sheets.append(answers)
        self.people.append(people)
        self.tables.append(tables)

    def table(self, name: str) -> pd.DataFrame:
        """A table of all files together."""
        return pd.concat([shape(name, {}), *(of[name] for of in self.tables)], ignore_index=True)


def collect(loaded: LoadedPlan, progress: Progress = lambda _: None) -> Evidence:
    """Read all evidence of a plan. Raises EvidenceError with the problems of every file."""
    plan, framework = loaded.plan, loaded.framework
    problems: list[Problem] = []
    units, attributes = plan_units(loaded, problems)
    occasions = Occasions(
        tuple(wave.id for wave in plan.waves), plan.unit, list(units) if plan.units is not None else None
    )
    parts: list[pd.DataFrame] = []
    answered = _Answered()
    asked: list[int] = []  # the parts that are read out of answers, in the order of the sheets
    doubted = False  # whether any respondent is flagged
    statements: list[dict[str, Any]] = []
    notes: list[str] = []
    fictitious: set[str] = set()
    for source in loaded.sources:
        try:
            progress(_name(source))
            part, found = _read(source, loaded, occasions, answered, statements, progress)
        except CapabilityError as error:
            problems += error.problems
            continue
        notes += found
        parts.append(part)
        if isinstance(source.entry, SurveyEvidence):
            doubted |= bool((answered.people[-1]["flags"].fillna("") != "").any())
            asked.append(len(parts) - 1)
        problems += _not_allowed(part, framework, source)
        if getattr(source.entry, "fictitious", False):
            fictitious |= set(part.loc[part["state"] == MEASURED, "measure"])
    if problems:
        raise EvidenceError(problems)
    sheets, people = answered.sheets, answered.people
    together = _together(parts)
    units = (
        units
        if plan.units is not None
        else {**units, **{u: u for u in together["unit"].unique() if u not in units}}
    )
    outside = _outside(framework, plan.scope.exclude)

    def whole(rows: pd.DataFrame, said: list[str]) -> pd.DataFrame:
        grid = _whole_grid(
            combined(rows, plan.roles, said), occasions.wave_ids, tuple(units), framework, outside
        )
        return withheld(grid, plan.minimum_group, said)

    readings = whole(together, notes)
    respondents = pd.concat(people, ignore_index=True) if people else shape("respondents", {})
    readings_without, beyond_doubt = None, []
    if doubted:
        careful = dict(enumerate(parts))
        beyond_doubt = [without_any_flag(*one) for one in zip(sheets, people, strict=True)]
        careful |= zip(asked, map(answers_readings, beyond_doubt), strict=True)
        readings_without = whole(_together(list(careful.values())), [])

    def divided(given: list[Answers], read: pd.DataFrame, said: list[str]) -> pd.DataFrame:
        fewest = plan.minimum_group or MINIMUM_GROUP
        return distributions_table(given, framework.graded_measures, plan.roles, read, said, fewest)

    distributions = divided(sheets, readings, notes)
    behind = samples(sheets, plan.roles, readings)
    audiences = audiences_table(together, sheets, plan.minimum_group)
    return Evidence(
        readings,
        pairings_table(behind, plan.comparisons),
        units,
        attributes.reindex(list(units)),
        tuple(statements),
        tuple(sorted(fictitious)),
        tuple(sheets),
        respondents,
        readings_without,
        tuple(notes),
        distributions,
        None if readings_without is None else divided(beyond_doubt, readings_without, []),
        audiences,
        responses_table(sheets, respondents, invited(loaded.sources, plan)),
        item_shares_table(sheets, plan.minimum_group),
        answered.table("weights"),
        answered.table("caps"),
        answered.table("quotes"),
        answered.table("segments"),
        hidden_audiences(answered.table("segment_readings"), audiences),
        asked_otherwise(sheets, plan.comparisons),
        behind,
    )


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    rows = pd.concat([part.dropna(axis=1, how="all") for part in parts], ignore_index=True)
    return rows.reindex(columns=[*shape("readings", {}).columns, "role"])


def nothing_there(readings: pd.DataFrame, unit: str) -> list[str]:
    """Waves without any reading of the unit, and metrics that came out blank."""
    own = readings[readings["unit"] == unit]
    measured = own["value"].notna().groupby(own["wave"], sort=False).any()
    notes = [
        f"the wave {wave} has no reading at all: check its dates, and how rows name their wave"
        for wave in measured.index[~measured]
    ]
    blank = own[(own["evidence"] == "operational") & own["value"].isna() & (own["state"] == NOT_COLLECTED)]
    for measure, rows in blank.groupby("measure", sort=False):
        waves = ", ".join(rows["wave"])
        notes.append(f"{measure}: not collected in {waves}, there were no rows or nothing to divide by")
    return notes


def _name(source: Source) -> str:
    entry = source.entry
    if isinstance(entry, SurveyEvidence):
        return entry.answers
    return entry.values if isinstance(entry, ValuesEvidence) else entry.metrics


def _read(
    source: Source,
    loaded: LoadedPlan,
    occasions: Occasions,
    answered: _Answered,
    statements: list[dict[str, Any]],
    progress: Progress,
) -> tuple[pd.DataFrame, list[str]]:
    entry, plan = source.entry, loaded.plan
    if isinstance(entry, ValuesEvidence):
        return read_values(entry, source.files[""][0], loaded.framework.measures, occasions)
    if isinstance(entry, SurveyEvidence):
        answers, notes = read_answers(entry, source.definition.value, source.files[""][0], occasions)  # type: ignore[union-attr,arg-type]
        path = source.files[""][0]
        quotes = quotes_table(answers, entry, path, plan.minimum_group)
        found = respondents_table([answers])
        answers, dropped = without_flagged(answers, found, entry.drop)
        answers = on_new_scales(answers, loaded.questionnaires)
        answers, table, said = weighted(answers, entry, path, plan.minimum_group)
        answers, cut = capped(answers, plan)
        segments, of_segments = segments_tables(answers, entry, path, found, plan.minimum_group)
        answered.take(
            answers,
            found,
            weights=table,
            caps=cut,
            quotes=quotes,
            segments=segments,
            segment_readings=of_segments,
        )
        return marked(answers_readings(answers), cut), notes + dropped + said + cap_notes(cut)
    from .metrics import read_metrics  # opens a database engine: only where a plan names one

    reading = read_metrics(
        source.definition,  # type: ignore[arg-type]
        entry.connection,
        source.files,
        plan.waves,
        entry.unit or plan.unit,
        progress,
        plan.minimum_group,
    )
    statements += reading.statements
    strange = [
        unit
        for unit in reading.readings["unit"].unique()
        if occasions.unit_ids is not None and unit not in occasions.unit_ids
    ]
    if strange:
        where = Place(str(source.definition.path) if source.definition else "")
        raise EvidenceError(
            [
                Problem(where, f'"{unit}" is no unit of the plan', near_miss(unit, occasions.unit_ids or ()))
                for unit in strange
            ]
        )
    return reading.readings, reading.notes


def _not_allowed(part: pd.DataFrame, framework: Framework, source: Source) -> list[Problem]:
    """Evidence of a kind that a measure does not accept. What managers say counts as survey or
    as judgement; numbers measured elsewhere are accepted anywhere."""
    found = []
    audience = getattr(getattr(source.definition, "value", None), "audience", None)
    for measure, kind in dict(zip(part["measure"], part["evidence"], strict=True)).items():
        allowed = getattr(framework.measures.get(measure), "evidence", ())
        kinds = {kind, "judgement"} if audience == "manager" else {kind}
        if audience == "expert":
            kinds = {"judgement", "survey"}
        if allowed and kind != "values" and not kinds & set(allowed):
            where = source.definition.document.place() if source.definition else Place(_name(source))
            what = f"{measure} takes {' or '.join(allowed)} evidence, and this is {kind}"
            found.append(Problem(where, what, "feed it otherwise, or allow this kind in the framework"))
    return found


def _outside(framework: Framework, excluded: tuple[str, ...]) -> set[str]:
    """The measures under the nodes that the plan's scope leaves out."""
    outside: set[str] = set()

    def mark(node: Group | Measure, out: bool) -> None:
        out = out or node.id in excluded
        if isinstance(node, Group):
            for child in node.children:
                mark(child, out)
        elif out:
            outside.add(node.id)

    mark(framework.tree, False)
    return outside


def _whole_grid(
    rows: pd.DataFrame,
    waves: tuple[str, ...],
    units: tuple[str, ...],
    framework: Framework,
    outside: set[str],
) -> pd.DataFrame:
    """A row for every wave, unit and measure, those of metrics beyond the framework included."""
    measures = [*framework.measures, *(m for m in rows["measure"].unique() if m not in framework.measures)]
    grid = pd.MultiIndex.from_product([waves, units, measures], names=KEYS)
    frame = rows.set_index(KEYS).reindex(grid).reset_index()
    frame["state"] = frame["state"].fillna(NOT_COLLECTED)
    out = frame["measure"].isin(outside)
    frame.loc[out, ["value", "n", "standard_error", "evidence"]] = np.nan
    frame.loc[out, "state"] = NOT_APPLICABLE
    frame.loc[out, "source"] = "out of scope"
    return shape("readings", frame.drop(columns="role", errors="ignore"))

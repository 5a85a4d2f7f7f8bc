"""A result without the names in it: the version of a report that leaves the building.

Tables, notes and definitions are let through by a list of what may go, never by a list of what may
not: a table or a key that a later version adds stays behind until it is named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ..analysis.result import Result
from ..definition.framework import Framework
from ..definition.plan import Plan, Report, Scope, ValuesEvidence
from ..errors import Place, Problem, ReportError
from ..methods.model import Text, in_language
from .language import language

UNIT, WITHHELD = "company", "withheld"
# what holds numbers and ids of definitions; not: respondents, quotes, attributes, weights, caps
_TABLES = frozenset((
    "readings", "scores", "contributions", "changes", "trends", "difference_in_differences", "pairings",
    "reliability", "items", "reliability_by_language", "grades", "distributions", "ranking", "importance",
    "correlations", "pillars", "statistics", "missing", "fitted", "sensitivity", "uncertainty", "standing",
    "shrinkage", "differences", "cases", "priorities", "links", "roadmap", "roadmap_targets", "findings",
    "responses", "audiences", "audience_gaps", "item_shares", "without_flagged",
))  # fmt: skip
_NAMING = ("unit", "other_unit")  # columns that name units everywhere
_NAMING_IN = {"differences": "other"}
_WRITTEN_IN = {"readings": ("source",), "roadmap": ("owner",)}  # names of files and of people
_MANIFEST = ("framework", "versions", "seed", "fictitious", "sensitivity")
_TEXTS = frozenset(
    ("title", "definition", "note", "source", "label", "text", "description")
)  # of definitions
_FILE = re.compile(r"\w\.(csv|tsv|xlsx?|parquet|ya?ml|json|db|sqlite)\b|/", re.IGNORECASE)


def anonymised(result: Result) -> Result:
    """The same numbers of "the company" among "peers".

    Units get other ids and titles, peers in the order of their rank; the plan's own texts (title,
    notice, sources, reasons), files, hashes, statements, quotations and rows of single persons go, and
    so do logo and theme; a unit's name in a text of a definition is replaced. Raises ReportError where
    a name stands in an id, which cannot be replaced without breaking what refers to it.
    """
    names = _pseudonyms(result)
    titles = {name: _title(place) for place, name in enumerate(names.values())}
    hide = _Hider(result, names, titles)
    found = replace(
        result,
        plan=_plan(result.plan, result.framework, hide),
        framework=Framework.model_validate(hide.texts(_dumped(result.framework))),
        questionnaires=tuple(type(one).model_validate(hide.texts(_dumped(one))) for one in result.questionnaires),
        units=titles,
        tables={name: _table(name, frame, names, hide) for name, frame in result.tables.items() if name in _TABLES},
        manifest=_manifest(result, hide),
        theme=None,
        master=None,
    )  # fmt: skip
    problems = list(hide.left(found))
    if problems:
        raise ReportError(problems)
    return found


def _dumped(model: Any) -> dict[str, Any]:
    told: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return told


def _pseudonyms(result: Result) -> dict[str, str]:
    """Each unit's other id: the plan's unit first, the others by rank, which the report tells anyway."""
    own, scores = result.plan.unit, result.tables["scores"]
    last = scores[(scores["wave"] == result.plan.waves[-1].id) & (scores["node"] == result.framework.tree.id)]
    ranks = {row.unit: (row.rank if row.rank == row.rank else len(last)) for row in last.itertuples()}
    others = [unit for unit in dict.fromkeys([*result.units, *scores["unit"].unique()]) if unit != own]
    differences = result.tables.get("differences")
    named = (
        [] if differences is None else [name for name in differences["other"].unique() if name not in others]
    )
    ordered = sorted(others, key=lambda unit: (ranks.get(unit, len(last)), str(unit))) + sorted(named)
    return {own: UNIT} | {unit: f"peer-{place}" for place, unit in enumerate(ordered, 1)}  # fmt: skip


def _title(place: int) -> Text:
    languages = {code: language(code) for code in ("en", "zh-Hans", "zh-Hant")}
    if place == 0:
        return {code: lang.say("anonymous.company") for code, lang in languages.items()}
    return {code: lang.say("anonymous.peer", number=str(place)) for code, lang in languages.items()}


def _notice() -> Text:
    return {code: language(code).say("anonymous.notice") for code in ("en", "zh-Hans", "zh-Hant")}


def _plan(plan: Plan, framework: Framework, hide: _Hider) -> Plan:
    """The plan as far as a report needs it: waves, comparisons, targets and weights."""
    told = plan.report
    report = Report(
        languages=told.languages,
        template=told.template,
        formats=told.formats,
        date=told.date,
        notice=_notice(),
    )
    waves = tuple(wave.model_copy(update={"title": hide.values(wave.title)}) for wave in plan.waves)
    return plan.model_copy(
        update={
            "assessment": "anonymous",
            "title": hide.values(framework.title),
            "unit": UNIT,
            "units": None,
            "waves": waves,
            "scope": Scope(exclude=plan.scope.exclude),
            "evidence": (ValuesEvidence(values=WITHHELD),),
            "documents": (),
            "comparison": None,
            "report": report,
        }
    )


def _table(name: str, frame: pd.DataFrame, names: Mapping[str, str], hide: _Hider) -> pd.DataFrame:
    frame = frame.copy()
    naming = {column for column in (*_NAMING, _NAMING_IN.get(name)) if column in frame.columns}
    for column in frame.columns:
        if column in naming:
            frame[column] = frame[column].map(names)
        elif column in _WRITTEN_IN.get(name, ()):
            frame[column] = pd.Series(pd.NA, frame.index, dtype="str")
        elif frame[column].dtype == "str":
            frame[column] = frame[column].map(hide.text, na_action="ignore").astype("str")
    if name == "missing":
        of_units = frame["kind"] == "unit"
        frame.loc[of_units, "name"] = frame.loc[of_units, "name"].map(names)
    return frame


def _manifest(result: Result, hide: _Hider) -> dict[str, Any]:
    """What may be known of how it was made; notes that name files stay behind."""
    manifest = result.manifest
    notes = [note for note in manifest.get("notes") or () if not _FILE.search(note["text"])]
    return {
        **{key: hide.values(manifest[key]) for key in _MANIFEST if key in manifest},
        "assessment": "anonymous",
        "inputs": [],
        "statements": [],
        "notes": [{**note, "text": hide.text(note["text"])} for note in notes],
        "excluded": dict.fromkeys(manifest.get("excluded") or {}, ""),
    }


class _Hider:
    """Replaces the names of units wherever they stand as words of their own."""

    def __init__(self, result: Result, names: Mapping[str, str], titles: Mapping[str, Text]):
        self._swaps: dict[str, str] = {}
        for unit, title in result.units.items():
            said = title if isinstance(title, dict) else {"en": title}
            for code, name in (*said.items(), ("en", unit)):
                if len(name) > (1 if _ideographs(name) else 2):
                    self._swaps[name.casefold()] = in_language(titles[names[unit]], code)
        longest_first = sorted(self._swaps, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole, longest_first)) or r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._swaps[found[0].casefold()], text)

    def values(self, value: Any) -> Any:
        """The same in every text of a nested value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.values(one) for key, one in value.items()}
        return [self.values(one) for one in value] if isinstance(value, list | tuple) else value

    def texts(self, value: Any) -> Any:
        """The same in what a definition says to readers; its ids stay."""
        if isinstance(value, Mapping):
            return {key: (self.values if key in _TEXTS else self.texts)(one) for key, one in value.items()}
        return [self.texts(one) for one in value] if isinstance(value, list | tuple) else value

    def left(self, result: Result) -> Iterator[Problem]:
        """Names that stand in ids."""
        ids: Iterable[str] = (
            *(node.id for _, node, _ in result.framework.walk()),
            *(wave.id for wave in result.plan.waves),
            result.framework.framework,
            *(sheet.questionnaire for sheet in result.questionnaires),
        )
        for name in ids:
            if found := self._pattern.search(name):
                what = f'the id "{name}" holds the name "{found[0]}", so the result cannot be made anonymous'
                yield Problem(Place(), what, "rename it and run the assessment again")


def _ideographs(text: str) -> bool:
    return bool(re.search(r"[\u3400-\u9fff]", text))


def _whole(name: str) -> str:
    """The name as a pattern: a word of its own where its script has spaces."""
    start = r"(?<!\w)" if re.match(r"\w", name) and not _ideographs(name[0]) else ""
    end = r"(?!\w)" if re.search(r"\w\Z", name) and not _ideographs(name[-1]) else ""
    return start + re.escape(name) + end

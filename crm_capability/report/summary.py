"""The page over many reports: every unit's index beside the others', and what could not be reported.

An entry holds numbers, so that each language prints them its own way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis.result import Result
from ..definition.library import shipped
from ..definition.theme import Theme
from ..methods.model import Text
from ..tables import shape, write_table
from .facts.book import Book
from .facts.rows import changed, interval
from .facts.shapes import Change, Mark, Sentence
from .language import Language, language
from .screen import screen_page
from .template import find_template, rendered

NUMBERS = "summary.csv"
MACHINE = "summary.json"


@dataclass(frozen=True)
class Entry:
    """One report of many: the unit's index, or why there is none."""

    folder: str
    unit: str
    title: Text
    assessment: Text = ""
    before_wave: str = ""
    after_wave: str = ""
    before: float | None = None
    after: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float | None = None
    band: str = ""
    band_title: Text = ""
    fictitious: bool = False
    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """An entry in one language."""

    title: str
    assessment: str
    link: str
    before: str
    after: str
    change: Change
    interval: str
    band: str
    coverage: str
    mark: Mark
    fictitious: bool


@dataclass(frozen=True)
class Summary:
    language: str
    title: str
    message: str
    sentences: tuple[Sentence, ...]
    several: bool  # assessments
    two_waves: bool
    lines: tuple[Line, ...]
    failed: tuple[tuple[str, tuple[str, ...]], ...]
    words: dict[str, str] = field(default_factory=dict)


def entry_of(result: Result, folder: str, files: Iterable[str]) -> Entry:
    """What the page says of a result that was written into a folder."""
    book, root = Book(result), result.framework.tree.id
    bands = {band.id: band.title for band in (book.framework.bands or book.framework.defaults.bands or ())}
    band = book.band(book.after, root)
    return Entry(
        folder=folder,
        unit=book.unit,
        title=result.units.get(book.unit) or book.unit,
        assessment=result.plan.title,
        before_wave=book.before.id if book.before else "",
        after_wave=book.after.id,
        before=book.score(book.before, root),
        after=book.score(book.after, root),
        change=book.change(root),
        low=book.change(root, "low"),
        high=book.change(root, "high"),
        coverage=book.score(book.after, root, "coverage"),
        band=band,
        band_title=bands.get(band, band),
        fictitious=book.rests_on_fiction(root),
        files=tuple(sorted(files)),
    )


def write_summary(
    entries: Sequence[Entry], folder: Path, languages: Iterable[str], theme: Theme | None = None
) -> list[Path]:
    """Write `summary.<lang>.html`, `summary.csv` and `summary.json`; the order of the entries does not matter."""
    ordered = sorted(
        entries, key=lambda one: (bool(one.problems), one.after is None, -(one.after or 0.0), one.folder)
    )
    written = []
    for code in languages:
        path = folder / f"summary.{code}.html"
        path.write_text(_page(ordered, language(code), theme), encoding="utf-8")
        written.append(path)
    write_table(_table(ordered), folder / NUMBERS)
    (folder / MACHINE).write_text(machine(ordered), encoding="utf-8")
    return [*written, folder / NUMBERS, folder / MACHINE]


def machine(entries: Iterable[Entry], finished: bool = True) -> str:
    """The entries for machines; null is missing."""
    told = {"finished": finished, "reports": [asdict(entry) for entry in entries]}
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _table(entries: Iterable[Entry]) -> pd.DataFrame:
    rows = [{**asdict(entry), "problems": "\n".join(entry.problems) or None} for entry in entries]
    known = shape("summary", {}).columns
    return shape("summary", pd.DataFrame(rows).reindex(columns=known).replace("", None))


def _page(entries: Sequence[Entry], lang: Language, theme: Theme | None) -> str:
    told = _told(entries, lang)
    template = find_template("scorecard")  # whose style and words the page shares
    html = rendered(shipped("reports") / "summary", "page.html", theme, page=told, words=told.words)
    return screen_page(html, template.styles(theme), theme, lang)


def _told(entries: Sequence[Entry], lang: Language) -> Summary:
    good = [entry for entry in entries if not entry.problems]
    scores = [value for entry in good for value in (entry.before, entry.after) if value is not None]
    axis = min(0.0, *scores, 0.0), max(100.0, *scores, 100.0)
    failed = tuple((lang.text(e.title) or e.unit or e.folder, e.problems) for e in entries if e.problems)
    titles = list(dict.fromkeys(lang.text(entry.assessment) for entry in good))
    keys = "name score before after change interval band coverage arrows fictitious_mark"
    words = {key: lang.say(f"page.{key}") for key in keys.split()}
    words["scale"] = lang.say("page.scale", low=lang.number(axis[0], 0), high=lang.number(axis[1], 0))
    words |= {key: lang.say(f"summary.{key}") for key in ("assessment", "failed", "note")}
    return Summary(
        lang.code,
        titles[0] if len(titles) == 1 else lang.say("summary.title"),
        _message(good, failed, lang),
        tuple(_sentences(good, lang)),
        len(titles) > 1,
        any(entry.before_wave for entry in good),
        tuple(_line(entry, lang, axis) for entry in good),
        failed,
        words,
    )


def _line(entry: Entry, lang: Language, axis: tuple[float, float]) -> Line:
    def at(value: float | None) -> float | None:
        return None if value is None else 100 * (value - axis[0]) / (axis[1] - axis[0])

    missing = lang.say("state.too-little") if entry.after is None else ""
    change = changed(lang, entry.change, entry.low, entry.high)
    return Line(
        title=lang.text(entry.title) or entry.unit,
        assessment=lang.text(entry.assessment),
        link=_link(entry, lang.code),
        before=lang.number(entry.before),
        after=lang.number(entry.after),
        change=change,
        interval=interval(lang, entry.low, entry.high, signed=True),
        band=lang.text(entry.band_title) or missing,
        coverage=lang.share(entry.coverage),
        mark=Mark(at(entry.before), at(entry.after), zero_at=at(0.0) or 0.0, missing=missing),
        fictitious=entry.fictitious,
    )


def _link(entry: Entry, code: str) -> str:
    """The entry's report that a reader of this page would open."""
    for kind in ("html", "pdf", "pptx", "md"):
        for language_first in (f"report.{code}.{kind}", *entry.files):
            if language_first in entry.files and language_first.endswith(f".{kind}"):
                return f"{entry.folder}/{language_first}"
    return f"{entry.folder}/"


def _message(good: Sequence[Entry], failed: Sequence[Any], lang: Language) -> str:
    """How many reports there are, how the index moved in them, and how many failed."""
    first, parts = lang.say("summary.reports", count=len(good)), []
    tones = [changed(lang, e.change, e.low, e.high).tone for e in good if e.change is not None]
    for tone, key in (("up", "rose"), ("down", "fell"), ("noise", "noise")):
        if tones.count(tone):
            parts.append(lang.say(f"summary.{key}", count=tones.count(tone)))
    if failed:
        parts.append(lang.say("summary.could_not", count=len(failed)))
    return first + lang.say("list.colon") + lang.clauses(parts) if parts else first


def _sentences(good: Sequence[Entry], lang: Language) -> Iterable[Sentence]:
    """Who stands where, and who moved most beyond the noise."""
    stop = lang.say("headline.full_stop")
    scored = [entry for entry in good if entry.after is not None]
    if len(scored) > 1:
        first, last = scored[0], scored[-1]
        words = {
            "first": lang.text(first.title), "high": lang.number(first.after),
            "last": lang.text(last.title), "low": lang.number(last.after),
        }  # fmt: skip
        yield Sentence("plain", lang.say("summary.range", **words) + stop)
    for tone, key, most in (("up", "rose_most", max), ("down", "fell_most", min)):
        clear = [e for e in scored if changed(lang, e.change, e.low, e.high).tone == tone]
        if clear:
            one = most(clear, key=lambda entry: entry.change or 0.0)
            found = changed(lang, one.change, one.low, one.high)
            told = {"unit": lang.text(one.title), "change": found.text, "interval": found.interval or "–"}
            yield Sentence(tone, lang.say(f"summary.{key}", **told) + stop)

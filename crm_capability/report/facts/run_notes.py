"""What a run noted, in the language of the report.

A run writes its notes in English, with ids. `reports/notes.yaml` says them in other languages: a
note is recognised by its English text; in what stands in its gaps ids become titles, days become
dates, and details in brackets are said as the language says them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ...definition.library import shipped
from ...yaml_files import read_yaml
from .rows import Teller

_NAME = re.compile(r"\{(\w+)\}")
_ID = re.compile(r"[\w-]+(?![\w-]*[:.]\w)")  # not the file before a dot, nor the source before a colon
_NAMED = re.compile(r"\S+[.:]\w")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_COMMA = re.compile(r", (?![^(]*\))")  # between things, not between the details of one
_DETAILED = re.compile(r"(.+) \(([^()]*)\)")


def run_notes(teller: Teller) -> Iterator[str]:
    """Each note as a sentence; those without words in the language in English, as a last line owns."""
    book, lang = teller.book, teller.lang
    english = lang.code.partition("-")[0] == "en"
    untold = 0
    for note in book.result.manifest.get("notes") or ():
        text = _said(teller, note["text"])
        untold += text is None and not english
        about = teller.title(note["node"]) + lang.say("list.colon") if note["node"] in book.nodes else ""
        stop = lang.say("headline.full_stop") if text is not None else "."
        yield _sentence(about + (note["text"] if text is None else text), stop, english)
    if untold:
        yield lang.say("sources.notes_in_english", count=untold)


def _said(teller: Teller, text: str, kind: str = "match") -> str | None:
    """The note, or a detail of one, in the language; None where nobody has written it."""
    for pattern, words in _phrases(kind):
        found = pattern.fullmatch(text)
        if found and teller.lang.code in words:
            return _filled(teller, words[teller.lang.code], found)
        if found and teller.lang.code.partition("-")[0] == "en":
            return _filled(teller, words[kind], found)
    return None


def _sentence(text: str, stop: str, capital: bool) -> str:
    """With a full stop, in English with a capital letter too, unless a file or a source comes first."""
    text = text.replace("`", "")
    start = text[:1].upper() if capital and not _NAMED.match(text) else text[:1]
    return start + text[1:] + ("" if text.endswith(stop) else stop)


def _filled(teller: Teller, words: str, found: re.Match[str]) -> str:
    return _NAME.sub(lambda name: _titled(teller, found[name[1]]), words)


def _titled(teller: Teller, text: str) -> str:
    """The things named in a gap of a note, with the commas and brackets of the language."""
    return teller.lang.say("list.comma").join(_one(teller, one) for one in _COMMA.split(text))


def _one(teller: Teller, text: str) -> str:
    """A name, and what stands in brackets behind it."""
    found = _DETAILED.fullmatch(text)
    if not found:
        return _named(teller, text)
    details = [_said(teller, one, "detail") or _named(teller, one) for one in found[2].split(", ")]
    told = teller.lang.say("list.comma").join(details)
    return teller.lang.say("list.detailed", name=_named(teller, found[1]), details=told)


def _named(teller: Teller, text: str) -> str:
    """The text with ids of nodes, waves, units, roles and kinds of evidence in words, and days as dates."""
    book, lang = teller.book, teller.lang
    for kind in ("answers.within", "evidence"):
        if _ID.fullmatch(text) and lang.knows(f"{kind}.{text}"):
            return lang.say(f"{kind}.{text}")
    waves = {wave.id: teller.wave(wave) for wave in book.plan.waves}

    def title(found: re.Match[str]) -> str:
        word = found[0]
        if word in waves:
            return waves[word]
        if word in book.nodes:
            return teller.title(word)
        if _DAY.fullmatch(word):
            return lang.date(datetime.date.fromisoformat(word))
        return lang.text(book.result.units[word]) if word in book.result.units else word

    return _ID.sub(title, text)


@cache
def _phrases(kind: str) -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    entries = read_yaml(shipped("reports") / "notes.yaml").data
    return tuple((_pattern(entry[kind]), entry) for entry in entries if kind in entry)


def _pattern(text: str) -> re.Pattern[str]:
    """The English text as a pattern: each name is whatever stands there."""
    parts = _NAME.split(text)
    return re.compile(
        "".join(f"(?P<{p}>.+?)" if n % 2 else re.escape(p) for n, p in enumerate(parts)), re.DOTALL
    )

"""What a run noted, in the language of the report.

A run writes its notes in English, with ids. `reports/notes.yaml` says them in other languages: a
note is recognised by its English text, and ids in it become titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ...definition.library import shipped
from ...yaml_files import read_yaml
from .rows import Teller

_NAME = re.compile(r"\{(\w+)\}")
_ID = re.compile(r"[\w-]+")


def run_notes(teller: Teller) -> Iterator[str]:
    """Each note as a sentence; those without words in the language in English, as a last line owns."""
    book, lang = teller.book, teller.lang
    english = lang.code.partition("-")[0] == "en"
    untold = 0
    for note in book.result.manifest.get("notes") or ():
        text = note["text"] if english else _said(teller, note["text"])
        untold += text is None
        about = teller.title(note["node"]) + lang.say("list.colon") if note["node"] in book.nodes else ""
        yield about + (note["text"] if text is None else text)
    if untold:
        yield lang.say("sources.notes_in_english", count=untold)


def _said(teller: Teller, text: str) -> str | None:
    """The note in the language; None where nobody has written it."""
    for pattern, words in _phrases():
        found = pattern.fullmatch(text)
        if found and teller.lang.code in words:
            return _filled(teller, words[teller.lang.code], found)
    return None


def _filled(teller: Teller, words: str, found: re.Match[str]) -> str:
    return _NAME.sub(lambda name: _titled(teller, found[name[1]]), words)


def _titled(teller: Teller, text: str) -> str:
    """The text with ids of nodes, waves and units as titles, and its commas as the language has them."""
    book, lang = teller.book, teller.lang
    waves = {wave.id: teller.wave(wave) for wave in book.plan.waves}

    def title(found: re.Match[str]) -> str:
        word = found[0]
        if word in waves:
            return waves[word]
        if word in book.nodes:
            return teller.title(word)
        if lang.knows(f"answers.within.{word}"):
            return lang.say(f"answers.within.{word}")
        return lang.text(book.result.units[word]) if word in book.result.units else word

    return lang.say("list.comma").join(_ID.sub(title, part) for part in text.split(", "))


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    entries = read_yaml(shipped("reports") / "notes.yaml").data
    return tuple((_pattern(entry["match"]), entry) for entry in entries)


def _pattern(text: str) -> re.Pattern[str]:
    """The English text as a pattern: each name is whatever stands there."""
    parts = _NAME.split(text)
    return re.compile(
        "".join(f"(?P<{p}>.+?)" if n % 2 else re.escape(p) for n, p in enumerate(parts)), re.DOTALL
    )

"""Where the numbers come from: files with hashes, statements, software, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from .rows import Teller
from .run_notes import run_notes
from .shapes import Chapter, Sources, Table


def sources(teller: Teller) -> Sources:
    """The last chapter."""
    book, lang = teller.book, teller.lang
    manifest = book.result.manifest
    inputs = list(manifest.get("inputs") or ())
    statements = tuple(_statements(manifest.get("statements") or ()))
    chapter = Chapter("sources", lang.say("sources.topic"), _title(teller, len(inputs), len(statements)))
    tables = (_files(teller, inputs), _versions(teller, manifest.get("versions") or {}))
    return Sources(
        chapter,
        statements,
        tuple(_notes(teller)),
        tuple(run_notes(teller)),
        tuple(table for table in tables if table),
    )


def _title(teller: Teller, files: int, statements: int) -> str:
    lang = teller.lang
    told = lang.say("sources.files", count=files)
    if not files:
        return lang.say("sources.none")
    if not statements:
        return lang.say("sources.title_files", count=files, files=told)
    return lang.say("sources.title", files=told, statements=lang.say("sources.statements", count=statements))


def _files(teller: Teller, inputs: Iterable[Mapping[str, Any]]) -> Table | None:
    lang = teller.lang
    rows = tuple((str(entry.get("file", "")), str(entry.get("sha256", "–"))) for entry in inputs)
    if not rows:
        return None
    heads = tuple(lang.say(f"sources.{word}") for word in ("file", "hash"))
    return Table(heads, rows, (False, False), lang.say("sources.hashes"), (42, 58))


def _versions(teller: Teller, versions: Mapping[str, Any]) -> Table | None:
    """Two to a row, down the first column and then the second."""
    lang = teller.lang
    told = [(str(name), str(version)) for name, version in versions.items()]
    if not told:
        return None
    half = (len(told) + 1) // 2
    rows = tuple((*one, *other) for one, other in zip_longest(told[:half], told[half:], fillvalue=("", "")))
    heads = (lang.say("sources.software"), lang.say("page.version")) * 2
    return Table(heads, rows, (False,) * 4, lang.say("sources.versions"), (25,) * 4)


def _statements(entries: Any) -> Iterable[tuple[str, str]]:
    """A heading and the text of each statement, whichever way the manifest lists them."""
    if isinstance(entries, Mapping):
        entries = [{"name": name, "statement": text} for name, text in entries.items()]
    for entry in entries:
        if isinstance(entry, Mapping):
            text = str(entry.get("statement") or entry.get("sql") or "")
            names = (entry.get(key) for key in ("name", "metrics", "measure", "file", "source"))
            yield next((str(name) for name in names if name), ""), text
        else:
            yield "", str(entry)


def _notes(teller: Teller) -> Iterable[str]:
    book, lang = teller.book, teller.lang
    framework = book.framework
    several = book.plan.framework
    if isinstance(several, str):
        words = {"title": lang.text(framework.title), "id": framework.framework, "version": framework.version}
        yield lang.say("sources.framework", **words)
    else:
        chapters = zip(framework.tree.children, several, strict=True)
        named = (
            lang.say("list.detailed", name=lang.text(node.title), details=str(one)) for node, one in chapters
        )
        yield lang.say("sources.frameworks", names=lang.listing(named))
    if framework.source:
        yield lang.say("sources.framework_source", source=lang.text(framework.source))
    yield from (lang.text(text) for text in book.plan.report.sources)
    if lang.lacking:
        yield lang.say("sources.lacking", count=len(lang.lacking))

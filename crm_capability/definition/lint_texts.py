"""The texts of a definition: every language there, the glossary's words, a length that people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ..errors import Problem
from ..methods.model import LANGUAGE_PATTERN
from ..yaml_files import Document, read_yaml
from .glossary import Glossary
from .library import shipped

# Questions are read once, often on a telephone.
MOST_WORDS = 30
MOST_CHARACTERS = 60
HARDEST = 60.0  # on LIX, where 60 and above is the prose of officials (Björnsson 1968)
_CHARACTERS = {"zh-Hans": "gb2312", "zh-Hant": "big5"}
_DOT = "·"  # between the parts of a foreign name; in GB 2312 too, but Python has it there as U+30FB
_LANGUAGE = re.compile(LANGUAGE_PATTERN)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TEXTS = ("title", "definition", "note", "source", "introduction", "text", "label", "hint", "because")


def text_problems(document: Document, glossaries: tuple[Glossary, ...]) -> Iterator[Problem]:
    """Everything about the texts of a definition that a reader would stumble over."""
    title = document.data.get("title") if isinstance(document.data, dict) else None
    wanted = set(title) if isinstance(title, dict) else set()
    for path, text in _texts(document.data, ()):
        if isinstance(text, str):
            if wanted:
                what = f"in one language, where the title has {', '.join(sorted(wanted))}"
                yield Problem(document.place(path), what, "write it in every language")
            continue
        lacking = wanted - set(text)
        if lacking:
            yield Problem(document.place(path), f"no text in {', '.join(sorted(lacking))}", "write it")
        yield from _language_problems(document, path, text)
        yield from _term_problems(document, path, text, glossaries)
        if path[0] == "sections" and path[-1] == "text":  # a question
            yield from _length_problems(document, path, text)


@cache
def units_with_words() -> frozenset[str]:
    """The units that reports know how to say in each of their languages."""
    words = read_yaml(shipped("reports") / "words" / "en.yaml").data
    return frozenset({*words["units"], "share", "rate", "relative change"})


def lix(text: str) -> float:
    """The readability index of Björnsson (1968): words a sentence plus the percentage of words of
    more than six letters.

    >>> lix("The cat sat. It slept.")
    2.5
    """
    words = re.findall(r"[^\W\d_][\w'’-]*", text)
    sentences = max(1, len(re.findall(r"[.!?:;](?:\s|$)", text)))
    return len(words) / sentences + 100 * sum(len(word) > 6 for word in words) / max(1, len(words))


def _texts(data: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(data, list):
        for n, value in enumerate(data):
            yield from _texts(value, (*path, n))
    elif isinstance(data, dict):
        if _is_text(data):
            yield path, data
            return
        for key, value in data.items():
            # below the top, `source` is the id of a metric's source
            if key in _TEXTS and isinstance(value, str) and not (key == "source" and path):
                yield (*path, key), value
            else:
                yield from _texts(value, (*path, key))


def _is_text(data: dict[Any, Any]) -> bool:
    return ("en" in data or any(str(key).startswith("zh-") for key in data)) and all(
        isinstance(value, str) and _LANGUAGE.match(str(key)) for key, value in data.items()
    )


def _language_problems(document: Document, path: tuple[Any, ...], text: dict[str, str]) -> Iterator[Problem]:
    english = text.get("en")
    for language, words in text.items():
        place = document.place((*path, language))
        if language != "en" and words == english and re.search("[a-z]{3}", words):
            yield Problem(place, "the same as the English text", "translate it")
        if language in _CHARACTERS:
            strange = sorted(
                {c for c in words if c != _DOT and not c.encode(_CHARACTERS[language], "ignore")}
            )
            if strange:
                what = f"{''.join(strange[:8])}: not of the script of {language}"
                yield Problem(place, what, "write the other form of it")
        elif language == "en" and _HAN.search(words):
            yield Problem(place, "Chinese in the English text", "move it to its language")


def _term_problems(
    document: Document, path: tuple[Any, ...], text: dict[str, str], glossaries: tuple[Glossary, ...]
) -> Iterator[Problem]:
    if "avoid" in path:
        return
    for glossary in glossaries:
        for term in glossary.terms:
            for language, avoided in term.avoid.items():
                for word in avoided:
                    if word in text.get(language, ""):
                        better = term.title[language] if isinstance(term.title, dict) else term.title
                        place = document.place((*path, language))
                        yield Problem(place, f"“{word}” for {term.id}", f"the glossary says “{better}”")


def _length_problems(document: Document, path: tuple[Any, ...], text: dict[str, str]) -> Iterator[Problem]:
    for language, words in text.items():
        place = document.place((*path, language))
        if _HAN.search(words):
            if len(words) > MOST_CHARACTERS:
                what = f"a question of {len(words)} characters, {MOST_CHARACTERS} at most"
                yield Problem(place, what, "ask one thing, shortly")
            continue
        count = len(words.split())
        if count > MOST_WORDS:
            yield Problem(
                place, f"a question of {count} words, {MOST_WORDS} at most", "ask one thing, shortly"
            )
        elif lix(words) > HARDEST:
            yield Problem(
                place, f"hard to read (LIX {lix(words):.0f}, {HARDEST:.0f} at most)", "use plainer words"
            )

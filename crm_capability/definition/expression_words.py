"""The words and signs that an expression may be made of, checked before it is parsed.

An expression is data from a stranger. The first of two checks goes over its text, word by
word, and knows the offset of each; the second (`expressions`) walks the syntax tree. Either
one alone would keep strangers out; together they also say where the trouble stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.generators.duckdb import DuckDBGenerator

from ..errors import near_miss

AGGREGATES = ("count", "count_if", "sum", "avg", "min", "max", "median")
FUNCTIONS = (
    "coalesce", "nullif", "abs", "round", "lower", "upper",
    "hours_between", "days_between", "working_hours_between",
)  # fmt: skip
NUMBER_TYPES = ("number", "numeric", "decimal", "double", "real", "float")
WHOLE_TYPES = ("integer", "bigint", "int")
TEXT_TYPES = ("text", "varchar", "string")
MOMENT_TYPES = ("date", "timestamp", "datetime")
TYPES = (*NUMBER_TYPES, *WHOLE_TYPES, *TEXT_TYPES, *MOMENT_TYPES)

# Far above what a person writes, far below what a parser chokes on.
LONGEST, DEEPEST, MOST_SIGNS, MOST_WILDCARDS = 10_000, 40, 8, 8

_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "in",
        "between",
        "like",
        "case",
        "when",
        "then",
        "else",
        "end",
        "cast",
        "as",
        "distinct",
        "true",
        "false",
    ]
)
_ENDS_A_VALUE = frozenset({"null", "true", "false", "end"})
_SIGNS = frozenset({"(", ")", ",", "+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">="})
_RESERVED = frozenset(DuckDBGenerator.RESERVED_KEYWORDS) - _KEYWORDS
_WORD = re.compile(r"[^\W\d]\w*\Z")
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\Z")
_KIND = {
    ";": "a second statement", ".": "a qualified name", "?": "a parameter", "$": "a parameter",
    "@": "a parameter", ":": "a parameter", "::": "a cast with ::", "[": "a list", "{": "a struct",
    "->": "a lambda", "||": "joining texts", "//": "whole-number division",
}  # fmt: skip
_MEANT = {
    "select": "a subquery", "with": "a subquery", "union": "a subquery", "from": "a subquery", "exists": "a subquery",
    "over": "a window", "filter": "a filter", "within": "an ordered aggregate", "as": "an alias", "escape": "`escape`",
    "interval": "an interval", "similar": "a pattern", "ilike": "`ilike`", "glob": "a pattern", "collate": "`collate`",
}  # fmt: skip


class Refused(Exception):
    """An expression that is not allowed: where in its text, what, and the remedy."""

    def __init__(self, offset: int, what: str, remedy: str = ""):
        super().__init__(what)
        self.offset, self.what, self.remedy = offset, what, remedy


@dataclass(frozen=True)
class Word:
    """A word, a literal or a sign of an expression: its text as written, and where."""

    text: str
    offset: int

    @property
    def name(self) -> str:
        """A bare word in small letters; nothing for literals, signs and quoted names."""
        return self.text.lower() if _WORD.match(self.text) else ""

    @property
    def is_name(self) -> bool:
        """Whether it may name a column: in double quotes, or a word with no meaning of its own."""
        return self.text[0] == '"' or bool(self.name and self.name not in _KEYWORDS)

    @property
    def starts_a_value(self) -> bool:
        return (
            self.is_name
            or self.text[0] in "'0123456789."
            or self.name in ("case", "cast", "null", "true", "false")
        )

    @property
    def ends_a_value(self) -> bool:
        return self.is_name or self.text[0] in "'0123456789.)" or self.name in _ENDS_A_VALUE


def check_words(text: str) -> None:
    """Refuse a text that holds anything but the words and signs of an expression."""
    if not text.strip():
        raise Refused(0, "an empty expression", "write one")
    if len(text) > LONGEST:
        raise Refused(0, f"longer than {LONGEST:,} characters", "shorten it")
    for offset, letter in enumerate(text):
        if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") and letter not in " \n\t":
            raise Refused(offset, f"an invisible character, U+{ord(letter):04X}", "remove it")
    words = _words(text)
    depth = signs = casts = 0
    for place, word in enumerate(words):
        before = words[place - 1] if place else Word(" ", 0)
        after = words[place + 1].text if place + 1 < len(words) else ""
        casts += (word.name == "cast") - (word.name == "as")
        if casts < 0:
            raise Refused(word.offset, "an alias is not allowed in an expression", "leave it out")
        _check(word, before, after)
        depth += (word.text == "(" or word.name == "case") - (word.text == ")" or word.name == "end")
        signs = signs + 1 if word.text in ("-", "+") or word.name == "not" else 0
        if depth > DEEPEST or signs > MOST_SIGNS:
            raise Refused(word.offset, "nested too deeply", "flatten it")


def _words(text: str) -> list[Word]:
    """The words of a text. What stands between two of them must be space: it may be a comment."""
    try:
        tokens = DuckDB().tokenize(text)
    except (TokenError, RecursionError):
        opening = max(text.rfind(mark) for mark in "'\"$/")
        raise Refused(max(opening, 0), "a quote or comment that does not end", "close it") from None
    words, reached = [], 0
    for token in tokens:
        _check_gap(text, reached, token.start)
        words.append(Word(text[token.start : token.end + 1], token.start))
        reached = token.end + 1
    _check_gap(text, reached, len(text))
    if not words:
        raise Refused(0, "an empty expression", "write one")
    return words


def _check_gap(text: str, start: int, end: int) -> None:
    gap = text[start:end]
    rest = gap.lstrip(" \n\t")
    if rest:
        offset = end - len(rest)
        is_comment = rest.startswith(("--", "/*", "//", "#"))
        what = "a comment" if is_comment else f"the character {rest[0]!r} (U+{ord(rest[0]):04X})"
        raise Refused(offset, what, "put it into `note`" if is_comment else "write a plain space")


def _check(word: Word, before: Word, after: str) -> None:
    first = word.text[0]
    if first == "'" or first == '"':
        if len(word.text) < 2 or word.text[-1] != first:
            raise Refused(word.offset, "a quote that does not end", "close it")
    elif word.name:
        _check_name(word, before, after)
    elif word.text not in _SIGNS and not _NUMBER.match(word.text):
        what = next((_KIND[sign] for sign in (word.text, first) if sign in _KIND), f"`{word.text}`")
        raise Refused(word.offset, f"{what} is not allowed in an expression", "leave it out")
    is_literal_of = before.name in ("date", "timestamp") and first == "'"
    if before.ends_a_value and word.starts_a_value and not is_literal_of:
        if before.name == "as":
            return
        what = _MEANT.get(word.name, f"an operator is missing before `{word.text[:40]}`, or it is an alias")
        raise Refused(
            word.offset, what + " is not allowed in an expression" * (word.name in _MEANT), "leave it out"
        )


def _check_name(word: Word, before: Word, after: str) -> None:
    """A bare word: a keyword, a type after `as`, a function before `(`, or a column."""
    name = word.name
    if not word.text.isascii() and unicodedata.normalize("NFKC", word.text).upper().isascii():
        raise Refused(
            word.offset, f"`{word.text}` only looks like letters a to z", "type it on a plain keyboard"
        )
    if before.name == "as":
        if name not in TYPES:
            known = ("number", "integer", "text", "date", "timestamp")
            raise Refused(word.offset, f"no cast to `{word.text}`", near_miss(name, known))
        if after == "(":
            raise Refused(word.offset, "a type with a size", "write cast(… as number)")
    elif name in _KEYWORDS:
        return
    elif after == "(":
        if name in _MEANT and name != "filter":
            raise Refused(word.offset, f"{_MEANT[name]} is not allowed in an expression", "leave it out")
        if before.text == ")" and name in ("filter", "over"):
            raise Refused(word.offset, f"{_MEANT[name]} is not allowed in an expression", "use `where`")
        if name not in AGGREGATES + FUNCTIONS:
            remedy = near_miss(name, AGGREGATES + FUNCTIONS)
            raise Refused(word.offset, f"the function `{word.text}` is not allowed in an expression", remedy)
    elif name in _RESERVED or (name in _MEANT and name not in ("filter", "over", "within")):
        what = f"{_MEANT.get(name, f'`{word.text}`')} is not allowed in an expression"
        raise Refused(word.offset, what, f'a column of that name stands in double quotes: "{word.text}"')

"""The glossary: the project's words in its languages, and what to avoid, as written in YAML."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..methods.model import Id, Language, Model, Text, Version, Words


class Term(Model):
    """A word, what it means, and what a text in a language should not say instead of it."""

    id: Id
    title: Text
    definition: Text
    avoid: dict[Language, tuple[Words, ...]] = {}


class Glossary(Model):
    """A whole glossary file."""

    glossary: Id
    version: Version
    title: Text
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]

"""A deck as bytes: whose it is, in which language, without the clock."""

from __future__ import annotations

import io
from datetime import datetime

from ...archives import packed, unpacked
from ..facts import Facts
from .deck import Deck
from .text import clean

_NO_DATE = datetime(2000, 1, 1)


def finished(deck: Deck, told: Facts) -> bytes:
    """The file: properties set, parts packed under one date."""
    presentation = deck.stage.presentation
    about = presentation.core_properties
    day = datetime.fromisoformat(told.iso_date) if told.iso_date else _NO_DATE
    about.title, about.author = clean(told.title)[:255], clean(told.cover.organisation)[:255]
    about.subject, about.language = clean(told.subject)[:255], deck.stage.voice.language
    about.last_modified_by, about.comments, about.keywords, about.category = about.author, "", "", ""
    about.created = about.modified = about.last_printed = day
    about.revision = 1
    sink = io.BytesIO()
    presentation.save(sink)
    return packed(unpacked(sink.getvalue()))

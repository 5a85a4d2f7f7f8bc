"""A deck as bytes: whose it is, in which language, without the clock."""

from __future__ import annotations

import io
from datetime import datetime
from itertools import groupby
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import quoteattr

from ...archives import packed, unpacked
from ..facts import Facts
from .deck import Deck
from .text import clean

_OFFICE_14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
_MAIN = "http://schemas.openxmlformats.org/presentationml/2006/main"

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
    _sections(deck)
    sink = io.BytesIO()
    presentation.save(sink)
    return packed(unpacked(sink.getvalue()))


def _sections(deck: Deck) -> None:
    """The chapters, as the sections that PowerPoint lists beside the slides."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import qn

    presentation = deck.stage.presentation.part._element
    ids = [slide.made.slide_id for slide in deck.slides]
    told = ""
    for number, (topic, group) in enumerate(
        groupby(zip(deck.slides, ids, strict=True), lambda one: one[0].topic)
    ):
        inside = "".join(f'<p14:sldId id="{one}"/>' for _, one in group)
        key = f"{{{str(uuid5(NAMESPACE_URL, f'{number} {topic}')).upper()}}}"
        name = quoteattr(clean(topic or deck.running))
        told += f'<p14:section name={name} id="{key}"><p14:sldIdLst>{inside}</p14:sldIdLst></p14:section>'
    for old in presentation.findall(qn("p:extLst")):
        presentation.remove(old)
    presentation.append(
        parse_xml(
            f'<p:extLst xmlns:p="{_MAIN}"><p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}">'
            f'<p14:sectionLst xmlns:p14="{_OFFICE_14}">{told}</p14:sectionLst></p:ext></p:extLst>'
        )
    )

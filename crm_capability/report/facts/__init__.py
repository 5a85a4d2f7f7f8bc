"""What a template may say about a result, computed from its tables in one language.

Every title and sentence is made from the numbers it stands over; templates only place them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ...analysis.result import Result
from ..language import Language
from .answers import answers
from .book import Book
from .dimensions import dimensions
from .gaps import gaps
from .headline import cover
from .method import method
from .rows import Teller
from .scorecard import scorecard
from .shapes import Dimension, Facts
from .sources import sources
from .standing import standing
from .story import dumbbell_title, movement

__all__ = ["Facts", "facts", "report_day"]

# Rows (of 7 mm) that a page holds, and what a heading with its definition takes of them.
PAGE, HEADING = 34, 7
ROOMY = 14  # a scorecard with so few rows has room for the sentences


def facts(result: Result, lang: Language) -> Facts:
    """The facts of a report in one language."""
    book = Book(result)
    teller = Teller(book, lang)
    notice = lang.say("fictitious.notice") if book.fictitious else ""
    day = report_day(result)
    front = cover(teller, lang.say("page.date", date=lang.date(day)) if day else "")
    words = _words(lang, teller)
    card, story = scorecard(teller, notice), movement(teller, notice)
    if story is not None and len(card.rows) <= ROOMY:  # the page would be half empty
        card, story = replace(card, sentences=story.sentences), replace(story, sentences=())
    if story is not None and not (story.waterfall or story.dumbbell or story.sentences):
        story = None
    return Facts(
        language=lang.code,
        title=front.title,
        running=front.title,
        subject=front.answer,
        iso_date=day.isoformat() if day else "",
        cover=front,
        scorecard=card,
        movement=story,
        dimensions=_paged(dimensions(teller, notice)),
        answers=answers(teller, notice),
        standing=standing(teller, notice),
        gaps=gaps(teller, notice),
        method=method(teller),
        sources=sources(teller),
        two_waves=book.before is not None,
        words=words,
    )


def report_day(result: Result) -> date | None:
    """The plan's date of the report, else the last day of its last wave. Never the clock's."""
    return result.plan.report.date or Book(result).after.end


def _paged(chapters: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Short dimensions share a page; one that would not fit under the last starts its own."""
    used, found = PAGE, []
    for part in chapters:
        lines = HEADING + len(part.rows)
        starts = used + lines > PAGE
        used = lines % PAGE if starts else used + lines
        found.append(replace(part, chapter=replace(part.chapter, new_page=starts)))
    return tuple(found)


def _words(lang: Language, teller: Teller) -> dict[str, str]:
    """The fixed words of the templates, and those that name the waves."""
    low, high = (lang.number(end, 0) for end in teller.book.axis)
    keys = (
        "before after score change interval certainty band coverage of points contents target missing measure value "
        "value_before value_after n source peers median quartiles own gap percentile quartile rank unit name if_missing "
        "why arrows fictitious_mark standing_now statements notes score_change"
    )
    words = {key: lang.say(f"page.{key}") for key in keys.split()}
    words["scale"] = lang.say("page.scale", low=low, high=high)
    words["dimension_caption"] = lang.say("dimension.caption", low=low, high=high)
    words["colon"] = lang.say("list.colon")
    words["span"] = lang.say("gaps.span")
    words["out_of_scope"] = lang.say("state.out-of-scope")
    for key in "divided audience question less mid more".split():
        words[key] = lang.say(f"answers.{key}")
    words["dumbbell_title"] = dumbbell_title(teller) if teller.book.before else ""
    words["wave_before"], words["wave_after"] = (
        teller.wave(teller.book.before),
        teller.wave(teller.book.after),
    )
    return words

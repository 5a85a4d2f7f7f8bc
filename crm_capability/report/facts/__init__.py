"""What a template may say about a result, computed from its tables in one language.

Every title and sentence is made from the numbers it stands over; templates only place them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from ...analysis.result import Result
from ..language import Language
from .advice import Advice, advice, board
from .answers import answers
from .book import Book
from .cases import cases
from .dimensions import dimensions
from .explanation import explanation
from .gaps import gaps
from .headline import cover
from .layout import (
    HEAD,
    LEADING,
    PAGE,
    POINT,
    ROOM,
    caption,
    heading,
    key,
    leaves,
    level,
    notes,
    paged,
    stacked,
    told,
)
from .method import method
from .pages import Facts
from .rows import Teller
from .scorecard import scorecard
from .shapes import Row, Scorecard
from .sources import sources
from .standing import standing
from .story import dumbbell_title, movement
from .targets import targets
from .tree import tree
from .waves import waves

__all__ = ["Facts", "facts", "report_day"]

ROOMY = 14  # a scorecard with so few rows has room for the sentences


def facts(result: Result, lang: Language) -> Facts:
    """The facts of a report in one language."""
    book = Book(result)
    teller = Teller(book, lang)
    notice = lang.say("fictitious.notice") if book.fictitious else ""
    day = report_day(result)
    front = cover(teller, lang.say("page.date", date=lang.date(day)) if day else "")
    words = _words(lang, teller)
    card = scorecard(teller, notice)
    roomy = len(card.rows) <= ROOMY  # the page would be half empty
    story = movement(teller, notice, told_before=roomy)
    if story is not None and roomy:
        card, story = replace(card, sentences=story.sentences), replace(story, sentences=())
    card = _filled(card, words)
    if story is not None and not (story.waterfall or story.dumbbell or story.sentences):
        story = None
    peers, published = cache(lambda: standing(teller, notice)), cache(lambda: cases(teller, notice))
    pages = cache(lambda: leaves(dimensions(teller, notice), _key(words)))

    @cache
    def spread() -> Advice:
        """What is advised begins under the last dimension where nothing stands between them."""
        return advice(teller, notice, PAGE if not pages() or peers() or published() else pages()[-1].used)

    return Facts(
        language=lang.code,
        title=front.title,
        running=front.title,
        subject=front.answer,
        iso_date=day.isoformat() if day else "",
        cover=front,
        scorecard=card,
        movement=story,
        two_waves=book.before is not None,
        words=words,
        chapters={
            "dimensions": lambda: paged(pages(), spread().shared),
            "answers": lambda: answers(teller, notice),
            "standing": peers,
            "waves": lambda: waves(teller, notice),
            "targets": lambda: targets(teller, notice),
            "tree": lambda: tree(teller, notice),
            "priorities": lambda: spread().priorities,
            "explanation": lambda: explanation(teller, notice),
            "gaps": lambda: gaps(teller, notice),
            "method": lambda: method(teller),
            "sources": lambda: sources(teller),
            "findings": lambda: spread().findings,
            "roadmap": lambda: spread().roadmap,
            "board": lambda: board(teller, notice),
            "cases": published,
        },
    )


def report_day(result: Result) -> date | None:
    """The plan's date of the report, else the last day of its last wave. Never the clock's."""
    return result.plan.report.date or Book(result).after.end


def _filled(card: Scorecard, words: dict[str, str]) -> Scorecard:
    """The scorecard's rows as high as its page allows."""
    mark = words["fictitious_mark"] if card.chapter.fictitious else ""
    taken = heading(card.chapter.title) + key(*_key(words), words["target"]) + HEAD
    taken += caption(words["arrows"], card.note, mark)
    if card.sentences:
        taken += 11 + told(card.sentences)
    reasons = [row.reason for row in card.rows if row.reason]
    taken += notes(*reasons)
    return replace(card, row_height=level([_least(row) for row in card.rows], PAGE - taken, 5.0))


def _least(row: Row) -> float:
    """The least height of a row of the scorecard: its name, and the space of a heading."""
    size = (10, 8.5, 8)[min(row.depth, 2)]
    name = stacked(
        row.title or "–", 0.275 * ROOM - (16 if row.depth > 1 else 8), size, LEADING, row.depth < 2
    )
    return min(name, 3.9 * size * POINT) + (1.4, 3.8, 1.4)[min(row.depth, 2)]


def _key(words: dict[str, str]) -> tuple[str, ...]:
    """The labels of the key over a table of scores."""
    return tuple(words[name] for name in ("wave_before", "wave_after", "missing", "scale"))


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
    for name, where in {
        "target_gap": "targets.gap", "target_gain": "targets.gain", "number": "priorities.number", "field": "priorities.field",
        "weight_in_index": "priorities.weight", "gain": "priorities.gain", "how": "explanation.how",
    }.items():  # fmt: skip
        words[name] = lang.say(where)
    words["order_note"] = lang.say("notes.order")
    words["raw_unit"] = lang.say("definition.unit")
    words["how_computed"] = lang.say("method.topic")
    words["colon"] = lang.say("list.colon")
    words["between"] = lang.say("list.sentence")
    words["span"] = lang.say("gaps.span")
    words["out_of_scope"] = lang.say("state.out-of-scope")
    for name in ("divided", "audience", "question", "less", "mid", "more", "quotes"):
        words[name] = lang.say(f"answers.{name}")
    words["dumbbell_title"] = dumbbell_title(teller) if teller.book.before else ""
    words["wave_before"], words["wave_after"] = (
        teller.wave(teller.book.before),
        teller.wave(teller.book.after),
    )
    return words

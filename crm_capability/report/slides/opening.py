"""The first two slides: the answer in a sentence, and the numbers under it."""

from __future__ import annotations

from dataclasses import replace

from ..facts.shapes import Chapter, Cover, Row
from .deck import Slide
from .look import GREY, INK
from .scorecard import score_grid
from .stage import Box
from .tale import Tale
from .text import Line, clean, fitting

MOST = 4  # sentences under the answer


def cover(tale: Tale) -> None:
    """Whose report, what it says, how sure that is."""
    told = tale.told.cover
    notices = [text for text in (told.notice, told.fictitious) if text]
    under = [told.organisation, *(text for text in (told.title, told.date) if text)]
    own = tale.deck.stage.own
    if not own:
        under += [_summary(tale, told), *notices]
    slide = tale.deck.opening(told.answer, under, (told.answer, told.second, *notices))
    if own:
        _own_cover(tale, slide, told, notices)
    _numbers(tale, told)


def _summary(tale: Tale, told: Cover) -> str:
    """The index on one line."""
    words, change = tale.words, told.index.change
    parts = [told.index.after]
    if tale.told.two_waves:
        parts = [f"{told.index.before} → {told.index.after}", f"{change.arrow} {change.text}".strip()]
        parts += [f"{words['interval']}{words['colon']}{change.interval}"] if change.interval else []
    parts += [told.index.band, f"{words['coverage']}{words['colon']}{told.index.coverage}"]
    return " · ".join(part for part in parts if part)


def _own_cover(tale: Tale, slide: Slide, told: Cover, notices: list[str]) -> None:
    """Our own first slide has a place for the figures and for what must not be missed."""
    area, look = tale.deck.stage.area, tale.deck.look.colour
    left, wide = area.left + 12, area.width - 24
    slide.text(
        Box(left, 306, wide, 44),
        [Line(told.second, fitting(told.second, wide, 44, 15, 10), colour=look(GREY))],
        "Certainty",
    )
    figures = _figures(tale, told)
    each = wide / max(len(figures), 4)
    for n, (label, big, small, colour) in enumerate(figures):
        lines = [
            Line(label, fitting(label, each - 16, 30, 11, 8), colour=look(GREY), after=2),
            Line(big, fitting(big, each - 16, 44, 32, 14), True, look(colour), after=2),
            Line(small, fitting(small, each - 16, 30, 11, 8), colour=look(GREY)),
        ]
        slide.text(Box(left + n * each, 364, each - 16, 92), lines, "Figure")
    if notices:
        text = "  ".join(notices)
        room = Box(left, 466, wide, 58)
        slide.text(
            room, [Line(text, fitting(text, wide, 58, 11, 7), colour=tale.colour("down"))], "Notice", "b"
        )
    logo(tale, slide)


def _figures(tale: Tale, told: Cover) -> list[tuple[str, str, str, str]]:
    """Label, number, what stands under it, colour."""
    words, index = tale.words, told.index
    found = []
    if tale.told.two_waves:
        found.append((told.before_label, index.before, told.before_period, GREY))
    found.append((told.after_label, index.after, told.after_period, INK))
    if tale.told.two_waves:
        change = index.change
        sure = f"{words['interval']}{words['colon']}{change.interval}" if change.interval else change.word
        from .look import TONES

        found.append((words["change"], f"{change.arrow} {change.text}".strip(), sure, TONES[change.tone]))
    found.append(
        (words["band"], index.band or "–", f"{words['coverage']}{words['colon']}{index.coverage}", INK)
    )
    return found


def _numbers(tale: Tale, told: Cover) -> None:
    """The index and its dimensions, before and after."""
    card = tale.told.scorecard
    rows: tuple[Row, ...] = (told.index, *told.dimensions)
    chapter = Chapter(
        "answer", tale.words["scale"], told.second or told.answer, fictitious=card.chapter.fictitious
    )
    note = " ".join(part for part in (tale.words["arrows"] if tale.told.two_waves else "", card.note) if part)
    story = tale.told.movement
    sentences = (story.sentences if story else ()) or card.sentences
    first = [one for one in sentences if one.tone in ("up", "down")][:MOST]
    said = tale.sentences(first, tale.words["why"])  # the next chapters hold them all
    tale.slides(tale.head(chapter, note), score_grid(tale, rows), replace(said, all=False) if said else None)


def logo(tale: Tale, slide: Slide) -> None:
    """The theme's picture at the right of the banner."""
    import base64
    import io

    theme = tale.deck.look.theme
    if theme is None or theme.logo is None or "svg" in theme.logo.partition(";")[0]:
        return
    picture = slide.made.shapes.add_picture(io.BytesIO(base64.b64decode(theme.logo.partition(",")[2])), 0, 0)
    scale = min(1.0, 150 * 12700 / picture.width, 70 * 12700 / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    area = tale.deck.stage.area
    picture.left = round((area.right - 12) * 12700) - picture.width
    picture.top = round(84 * 12700 - picture.height / 2)
    picture.name = "Logo"
    picture._element.nvPicPr.cNvPr.set("descr", clean(tale.told.cover.organisation))

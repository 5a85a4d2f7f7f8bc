"""What slides are filled with: blocks that can be cut where a slide is full.

A block gives as much of itself as fits into a height, as a piece that is drawn later, and what is
left over. So a long table goes on over as many slides as it needs, with its heading on each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from .deck import Deck, Head, Slide
from .stage import Box
from .text import Line, height, stacked

GAP = 10.0  # points between blocks
CAPTION = 12.0
_OTHER_FONTS = 0.9  # of the width: a client's font may run wider than ours


@dataclass(frozen=True)
class Piece:
    """A part of a block that stands on one slide: as high as it must be, and as it may."""

    height: float
    most: float
    draw: Callable[[Slide, Box], None]
    spoken: tuple[str, ...] = ()


Cut = tuple[Piece | None, "Block | None"]


class Block(Protocol):
    def cut(self, room: float, wide: float, whole: float) -> Cut:
        """What fits into the room, and the rest. `whole` is the room of a fresh slide, into which
        something always fits."""
        ...


@dataclass(frozen=True)
class Sentences:
    """Sentences in a list; the colour of a bullet is the sentence's tone."""

    lines: tuple[tuple[str, str], ...]  # colour of the bullet, text
    size: float = 14.0
    least: float = 11.0
    caption: str = ""
    all: bool = True  # else those that do not fit are left out

    def cut(self, room: float, wide: float, whole: float) -> Cut:
        told = [self._line(colour, text, self.size) for colour, text in self.lines]
        head = captioned(self.caption, wide)
        size = self.size
        while size > self.least and stacked(told, wide) > room - head:
            size -= 1.0
            told = [self._line(colour, text, size) for colour, text in self.lines]
        count = len(told)
        while count and stacked(told[:count], wide) > room - head:
            count -= 1
        if not count:
            if room < whole:
                return None, self if self.all else None
            count = 1
        taken = tuple(told[:count])
        tall = stacked(taken, wide) + head

        def draw(slide: Slide, box: Box) -> None:
            caption(slide, self.caption, box)
            slide.text(box.within(top=head), list(taken), "Text")

        rest = replace(self, lines=self.lines[count:]) if count < len(told) and self.all else None
        return Piece(tall, tall, draw), rest

    def _line(self, colour: str, text: str, size: float) -> Line:
        return Line(text, size, bullet=colour, after=size * 0.45)


@dataclass(frozen=True)
class Picture:
    """A drawing that takes the height that is left, between two bounds."""

    draw: Callable[[Slide, Box], None]
    least: float = 180.0
    most: float = 420.0
    caption: str = ""

    def cut(self, room: float, wide: float, whole: float) -> Cut:
        head = captioned(self.caption, wide)
        if room < self.least + head and room < whole:
            return None, self

        def draw(slide: Slide, box: Box) -> None:
            caption(slide, self.caption, box)
            self.draw(slide, box.within(top=head))

        return Piece(min(room, self.least + head), self.most + head, draw), None


@dataclass(frozen=True)
class Beside:
    """A drawing with sentences or a table at its right; what does not fit follows on the next slide."""

    left: Picture
    right: Block
    share: float = 0.6

    def cut(self, room: float, wide: float, whole: float) -> Cut:
        if room < self.left.least and room < whole:
            return None, self
        gap = 2.5 * GAP
        narrow = wide * (1 - self.share) - gap
        picture, _ = self.left.cut(room, wide * self.share, room)
        text, rest = self.right.cut(room, narrow, room + 1)
        assert picture is not None

        def draw(slide: Slide, box: Box) -> None:
            picture.draw(slide, Box(box.left, box.top, box.width * self.share, box.height))
            if text is not None:
                text.draw(slide, Box(box.right - narrow, box.top, narrow, box.height))

        tall = max(picture.height, text.height if text else 0.0)
        spoken = (*picture.spoken, *(text.spoken if text else ()))
        return Piece(tall, max(tall, picture.most), draw, spoken), rest


def captioned(text: str, wide: float) -> float:
    """The height of a caption over a block."""
    return height(text, CAPTION, wide) + 4.0 if text else 0.0


def caption(slide: Slide, text: str, box: Box) -> None:
    if text:
        from .look import INK

        colour = slide.look.colour(INK)
        slide.text(box, [Line(text, CAPTION, bold=True, colour=colour)], "Caption")


def flow(deck: Deck, head: Head, blocks: Sequence[Block]) -> None:
    """Put blocks on as many slides as they need, each with the title; several are counted."""
    wide = deck.stage.area.width * (1.0 if deck.stage.own else _OTHER_FONTS)
    pages = _paged(blocks, deck.room(head.notice + head.note), wide)
    for number, page in enumerate(pages, 1):
        spoken = tuple(line for piece in page for line in piece.spoken)
        title = head.title if len(pages) == 1 else _counted(head.title, number, len(pages), deck)
        slide = deck.slide(replace(head, title=title, spoken=(*head.spoken, *spoken)))
        top = slide.area.top
        for piece, tall in zip(page, _stretched(page, slide.area.height), strict=True):
            piece.draw(slide, Box(slide.area.left, top, slide.area.width, tall))
            top += tall + GAP


def _stretched(page: Sequence[Piece], room: float) -> list[float]:
    """Heights of the pieces, with the room that is left shared among those that may be higher."""
    spare = room - sum(piece.height for piece in page) - GAP * (len(page) - 1)
    wish = sum(piece.most - piece.height for piece in page)
    share = min(max(spare, 0.0) / wish, 1.0) if wish else 0.0
    return [piece.height + share * (piece.most - piece.height) for piece in page]


def _counted(title: str, number: int, count: int, deck: Deck) -> str:
    chinese = deck.stage.voice.language.startswith("zh")
    return f"{title}（{number}/{count}）" if chinese else f"{title} ({number}/{count})"


def _paged(blocks: Sequence[Block], room: float, wide: float) -> list[list[Piece]]:
    pages: list[list[Piece]] = [[]]
    left = room
    for block in blocks:
        rest: Block | None = block
        while rest is not None:
            piece, rest = rest.cut(left if pages[-1] else room, wide, room)
            if piece is not None:
                pages[-1].append(piece)
                left -= piece.height + GAP
            if rest is not None:
                pages.append([])
                left = room
    return pages

"""Native tables: cut between rows, heads repeated, one column perhaps left to a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from .blocks import CAPTION, Cut, Piece, caption, captioned
from .deck import Slide
from .look import DARK, GREY, GRID, HATCH, INK
from .stage import POINT, Box
from .text import Line, height, paragraph, width

_PAD, _TALL = 5.0, 1.2  # points beside and above the text of a cell
_SIZES = (12.0, 11.0, 10.0)
_HIGHEST = 2.8  # of the type's size: how high a row may be stretched
_AIR = 0.5  # and how much higher one of several lines may be
_KEY = 15.0
_BOLD = 1.06  # how much wider bold letters run
Drawing = Callable[[Slide, Box, Sequence["Row"], float], None]


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of the width, where its text stands."""

    head: str
    share: float
    align: str = "l"


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; a span covers the cells after it."""

    text: str = ""
    bold: bool = False
    colour: str = INK
    fill: str = ""
    hatched: bool = False
    span: int = 1
    indent: int = 0
    align: str = ""


@dataclass(frozen=True)
class Row:
    """A row: its cells; the node whose numbers they are; what the speaker may say of it."""

    cells: tuple[Cell, ...]
    node: str = ""
    heading: bool = False
    spoken: str = ""

    def placed(self) -> Iterator[tuple[int, Cell]]:
        """Each cell with the column that it starts in."""
        place = 0
        for cell in self.cells:
            yield place, cell
            place += cell.span


@dataclass(frozen=True)
class Key:
    """A mark and what it stands for."""

    sign: str
    text: str
    colour: str


@dataclass(frozen=True)
class Grid:
    """A table. `drawing` fills the column `drawn` with a chart as high as the rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    alt: str
    caption: str = ""
    key: tuple[Key, ...] = ()
    drawing: Drawing | None = None
    drawn: int = -1
    sizes: tuple[float, ...] = _SIZES

    def cut(self, room: float, wide: float, whole: float) -> Cut:
        above = captioned(self.caption, wide) if not self.key else max(captioned(self.caption, wide), _KEY)
        size = self._size(room - above, wide)
        tall = self._heights(size, wide)
        head = self._head(size, wide)
        count = self._fitting(tall, room - above - head)
        if count < min(3, len(self.rows)):
            if room < whole:
                return None, self
            count = max(count, 1)
        if count < len(tall) and self._better_whole(room, wide, whole, above):
            return None, self
        count = self._even(tall, count)
        taken = self.rows[:count]
        piece = self._piece(taken, tall[:count], head, size, above)
        rest = replace(self, rows=self.rows[count:], sizes=(size,)) if count < len(self.rows) else None
        return piece, rest

    def _size(self, room: float, wide: float) -> float:
        """The largest type in which all rows stand on this slide, else the smallest."""
        for size in self.sizes:
            if sum(self._heights(size, wide)) + self._head(size, wide) <= room and self._unbroken(size, wide):
                return size
        return self.sizes[-1]

    def _unbroken(self, size: float, wide: float) -> bool:
        """Whether each word of the headings, and each number, stands on one line."""
        rooms = [room - 2 * _PAD for room in self._widths(wide)]
        heads = all(
            width(word, (size - 1) * _BOLD) <= room
            for column, room in zip(self.columns, rooms, strict=True)
            for word in column.head.split()
            if word.isascii()
        )
        return heads and all(
            width(cell.text, size * _BOLD) <= rooms[place]
            for row in self.rows
            for place, cell in row.placed()
            if cell.span == 1 and self.columns[place].align == "r"
        )

    def _better_whole(self, room: float, wide: float, whole: float, above: float) -> bool:
        """Whether the next slide would hold what this one, half full, would have to cut."""
        size = self.sizes[-1]
        needed = sum(self._heights(size, wide)) + self._head(size, wide) + above
        return room < 0.6 * whole and needed <= whole

    def _widths(self, wide: float) -> list[float]:
        whole = sum(column.share for column in self.columns)
        return [wide * column.share / whole for column in self.columns]

    def _head(self, size: float, wide: float) -> float:
        widths = self._widths(wide)
        return (
            max(
                height(column.head, size - 1, room - 2 * _PAD)
                for column, room in zip(self.columns, widths, strict=True)
            )
            + 2 * _TALL
        )

    def _heights(self, size: float, wide: float) -> list[float]:
        widths = self._widths(wide)
        found = [self._height(row, size, widths) for row in self.rows]
        # a chart's points are as far from each other as the rows must be
        return [max(found)] * len(found) if self.drawing and found else found

    def _height(self, row: Row, size: float, widths: list[float]) -> float:
        most = size * 1.22
        for place, cell in row.placed():
            room = sum(widths[place : place + cell.span]) - 2 * _PAD - cell.indent * size
            wider = _BOLD if cell.bold else 1.0
            most = max(most, height(cell.text, size * wider, max(room, size)) / wider)
        return most + 2 * _TALL

    def _fitting(self, tall: list[float], room: float) -> int:
        count, used = 0, 0.0
        while count < len(tall) and used + tall[count] <= room + 0.01:
            used += tall[count]
            count += 1
        return count

    def _even(self, tall: list[float], count: int) -> int:
        """Slides about equally full, and no group's heading at the foot of one."""
        if count < len(tall):
            count = min(count, ceil(len(tall) / ceil(len(tall) / count)))
            while count > 1 and self.rows[count - 1].heading:
                count -= 1
        return count

    def _stretched(self, tall: list[float], room: float, size: float) -> list[float]:
        """Rows a little higher where the slide has room for it, low ones before high ones."""
        wish = [max(_HIGHEST * size - one, _AIR * size) for one in tall]
        share = min(max(room - sum(tall), 0.0) / sum(wish), 1.0) if any(wish) else 0.0
        return [one + share * more for one, more in zip(tall, wish, strict=True)]

    def _piece(
        self, rows: tuple[Row, ...], tall: list[float], head: float, size: float, above: float
    ) -> Piece:
        least = above + head + sum(tall)
        most = above + head + sum(max(_HIGHEST * size, one + _AIR * size) for one in tall)

        def draw(slide: Slide, box: Box) -> None:
            heights = self._stretched(tall, box.height - above - head, size)
            caption(slide, self.caption, box)
            if self.key:
                _key(slide, self.key, Box(box.left, box.top + max(above - _KEY, 0), box.width, _KEY))
            whole = box.within(top=above)
            self._table(slide, whole, rows, heights, head, size)
            if self.drawing is not None:
                widths = self._widths(whole.width)
                left = whole.left + sum(widths[: self.drawn])
                place = Box(left, whole.top, widths[self.drawn], head + sum(heights))
                self.drawing(slide, place, rows, head / place.height)

        spoken = tuple(row.spoken for row in rows if row.spoken)
        return Piece(least, most, draw, spoken)

    def _table(
        self, slide: Slide, box: Box, rows: tuple[Row, ...], heights: list[float], head: float, size: float
    ) -> None:
        from pptx.oxml import parse_xml
        from pptx.oxml.ns import qn

        tall = head + sum(heights)
        made = slide.made.shapes.add_table(1, 1, *Box(box.left, box.top, box.width, tall).emu())
        slide.graphic(made, "Table", self.alt)
        old = next(made._element.iter(qn("a:tbl")))
        old.getparent().replace(old, parse_xml(self._xml(slide, box.width, rows, heights, head, size)))

    def _xml(
        self, slide: Slide, wide: float, rows: tuple[Row, ...], heights: list[float], head: float, size: float
    ) -> str:
        grid = "".join(f'<a:gridCol w="{round(one * POINT)}"/>' for one in self._widths(wide))
        first = "".join(
            _cell(slide, Cell(column.head, colour=GREY, bold=True), column, size - 1, DARK, 1.0)
            for column in self.columns
        )
        told = [f'<a:tr h="{round(head * POINT)}">{first}</a:tr>']
        for row, tall in zip(rows, heights, strict=True):
            cells = "".join(
                _cell(slide, cell, self.columns[place], size, GRID, 0.5) for place, cell in row.placed()
            )
            told.append(f'<a:tr h="{round(tall * POINT)}">{cells}</a:tr>')
        return (
            '<a:tbl xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:tblPr firstRow="1">'
            "<a:tableStyleId>{2D5ABB26-0587-4C30-8999-92F81FD0307C}</a:tableStyleId></a:tblPr>"
            f"<a:tblGrid>{grid}</a:tblGrid>{''.join(told)}</a:tbl>"
        )


def _cell(slide: Slide, cell: Cell, column: Column, size: float, line: str, thick: float) -> str:
    look = slide.look.colour
    text = paragraph(
        Line(cell.text, size, cell.bold, look(cell.colour), cell.align or column.align), slide.voice
    )
    none = "".join(f'<a:{side} w="0"><a:noFill/></a:{side}>' for side in ("lnL", "lnR", "lnT"))
    under = f'<a:lnB w="{round(thick * POINT)}"><a:solidFill><a:srgbClr val="{look(line)[1:]}"/></a:solidFill></a:lnB>'
    fill = "<a:noFill/>"
    if cell.hatched:
        fill = f'<a:pattFill prst="ltUpDiag"><a:fgClr><a:srgbClr val="{look(HATCH)[1:]}"/></a:fgClr><a:bgClr><a:srgbClr val="FFFFFF"/></a:bgClr></a:pattFill>'
    elif cell.fill:
        fill = f'<a:solidFill><a:srgbClr val="{look(cell.fill)[1:]}"/></a:solidFill>'
    span = f' gridSpan="{cell.span}"' if cell.span > 1 else ""
    left = round((_PAD + cell.indent * size) * POINT)
    pads = f'marL="{left}" marR="{round(_PAD * POINT)}" marT="{round(_TALL * POINT)}" marB="{round(_TALL * POINT)}"'
    empty = '<a:tc hMerge="1"><a:txBody><a:bodyPr/><a:lstStyle/><a:p/></a:txBody><a:tcPr/></a:tc>'
    return (
        f"<a:tc{span}><a:txBody><a:bodyPr/><a:lstStyle/>{text}</a:txBody>"
        f'<a:tcPr {pads} anchor="ctr">{none}{under}{fill}</a:tcPr></a:tc>' + empty * (cell.span - 1)
    )


def _key(slide: Slide, key: tuple[Key, ...], box: Box) -> None:
    """Marks and their words, at the right over the table."""
    from .deck import write
    from .text import run

    size = CAPTION - 2
    told = ""
    for one in key:
        told += run(f"{one.sign} ", slide.voice, size, False, slide.look.colour(one.colour))
        told += run(f"{one.text}    ", slide.voice, size, False, slide.look.colour(GREY))
    wide = sum(width(f"{one.sign} {one.text}    ", size) for one in key)
    place = Box(max(box.right - wide, box.left), box.top, min(wide, box.width), box.height)
    body = slide.text(place, [], "Key")
    body.bodyPr.set("wrap", "none")
    write(body, f'<a:p><a:pPr algn="r"/>{told}</a:p>')

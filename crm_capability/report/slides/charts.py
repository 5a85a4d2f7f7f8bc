"""The charts of a deck: native, so that PowerPoint edits their numbers.

Before is light grey, after dark and solid, a target an outline, what is missing hatched; what
rises is blue, what falls red, and both carry sign and arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import charts as drawings
from . import chart_xml as xml
from .chart_xml import NOTHING, Axis, Ink, Series
from .deck import Slide
from .look import BLUE, GREY, GRID, HATCH, INK, LIGHT, MEDIAN, PEERS
from .sheet_data import Column, Data
from .stage import Box

MAIN, SECOND = (1, 2), (3, 4)
TURNED = (2, 1), (4, 3)
Ends = tuple[float, float]


def put(slide: Slide, box: Box, data: Data, body: str, alt: str) -> Any:
    """A chart with its workbook; `body` is what its part holds before that."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import qn

    blank = CategoryChartData()
    blank.categories = ["-"]
    blank.add_series("-", (0,))
    frame: Any = slide.made.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box.emu(), blank)
    slide.graphic(frame, "Chart", alt)
    space = frame.chart.element
    workbook = space.find(qn("c:externalData"))
    for old in list(space):
        if old is not workbook:
            space.remove(old)
    spaces = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    for new in list(parse_xml(f"<c:chartSpace {spaces}>{body}</c:chartSpace>")):
        workbook.addprevious(new)
    frame.chart.part.chart_workbook.update_from_xlsx_blob(data.workbook())
    return frame


def _inner(head: float) -> tuple[float, float, float, float]:
    """The plot beside a table's rows: below its heading, with room for the ends' labels."""
    return 0.04, head, 0.92, 1 - head


def _rows_axes(
    slide: Slide, ends: Ends, count: int | None, shown: bool = True, unit: float | None = None
) -> str:
    """Rows from the top down, the scale above them. `count` is that of a scatter's rows."""
    look, (low, high) = slide.look.colour, ends
    scale = Axis(
        low, high, unit or (high - low) / 2, shown, look(GRID), False, "t", 9.0, look(GREY), form='0;"−"0'
    )
    if count is None:
        rows = Axis(shown=False, turned=True, place="l")
        return xml.category_axis(rows, slide.voice, MAIN) + xml.value_axis(scale, slide.voice, TURNED[0])
    rows = Axis(0.0, float(count), 1.0, False, turned=True, place="l")
    return xml.value_axis(scale, slide.voice, MAIN, "midCat") + xml.value_axis(
        rows, slide.voice, TURNED[0], "midCat"
    )


def score_bars(
    slide: Slide, box: Box, head: float, data: Data, ends: Ends, alt: str,
    was: int | None, now: int, target: int | None = None,
) -> None:  # fmt: skip
    """Scores before and after as bars in the rows of a table, targets as outlines around them."""
    look, voice = slide.look.colour, slide.voice
    series = [] if was is None else [Series(was, Ink(look(LIGHT)))]
    series.append(Series(now, Ink(look(BLUE))))
    groups = xml.bar_group(data, series, voice, MAIN, gap=70)
    axes = _rows_axes(slide, ends, None)
    if target is not None and any(value is not None for value in data.columns[target].values):
        outline = Series(target, Ink(line=look(INK), thick=1.25))
        groups += xml.bar_group(data, [outline], voice, SECOND, gap=30, first=len(series))
        axes += xml.category_axis(Axis(shown=False, turned=True, place="l"), voice, SECOND)
        axes += xml.value_axis(Axis(*ends, shown=False, place="t"), voice, TURNED[1], crosses="max")
    put(slide, box, data, xml.chart_space(groups, axes, voice, _inner(head)), alt)


def plain_bars(slide: Slide, box: Box, head: float, data: Data, ends: Ends, alt: str) -> None:
    """One bar a row."""
    groups = xml.bar_group(data, [Series(1, Ink(slide.look.colour(BLUE)))], slide.voice, MAIN, gap=70)
    axes = _rows_axes(slide, ends, None, shown=False)
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, _inner(head)), alt)


def range_bars(slide: Slide, box: Box, head: float, data: Data, ends: Ends, alt: str) -> None:
    """What a score could be: hatched from the worst to the best, parted where it is."""
    look = slide.look.colour
    hatched = Ink(line=look(INK), thick=1.0, hatch=look(HATCH))
    series = [Series(1, NOTHING), Series(2, hatched), Series(3, hatched)]
    groups = xml.bar_group(data, series, slide.voice, MAIN, gap=60, stacked=True)
    put(
        slide,
        box,
        data,
        xml.chart_space(groups, _rows_axes(slide, ends, None), slide.voice, _inner(head)),
        alt,
    )


def dumbbells(
    slide: Slide,
    box: Box,
    head: float,
    pairs: Sequence[drawings.Pair],
    names: tuple[str, str],
    ends: Ends,
    alt: str,
) -> None:
    """Two scores a row on the common scale, joined; the thin line is the later one's interval."""
    look, (low, high) = slide.look.colour, ends
    rows: list[tuple[Any, ...]] = []
    for place, pair in enumerate(pairs):
        y = place + 0.5
        joined = pair.before is not None and pair.after is not None
        sure = pair.low is not None and pair.high is not None
        spans = [(pair.before, max(pair.low or 0.0, low)), (pair.after, min(pair.high or 0.0, high))]
        marks = (*_at(pair.before, y), *_at(pair.after, y))
        for turn, (end, bound) in enumerate(spans):
            lines = (*_at(end if joined else None, y), *_at(bound if sure else None, y))
            rows.append((pair.title, *(marks if turn == 0 else (None,) * 4), *lines))
        rows.append(("", *(None,) * 8))  # a gap, so that the lines of one row end there
    heads = ("", names[0], "y 1", names[1], "y 2", "→", "y 3", "95%", "y 4")
    data = Data(tuple(Column(name, tuple(row[n] for row in rows)) for n, name in enumerate(heads)))
    series = [
        Series(5, Ink(line=look(LIGHT), thick=3.0), 6),
        Series(7, Ink(line=look(BLUE), thick=1.0), 8),
        Series(1, NOTHING, 2, "circle", 9, Ink(look(LIGHT))),
        Series(3, NOTHING, 4, "circle", 9, Ink(look(BLUE))),
    ]
    groups = xml.scatter_group(data, series, slide.voice, MAIN)
    axes = _rows_axes(slide, ends, len(pairs))
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, _inner(head)), alt)


def _at(x: float | None, y: float) -> tuple[float | None, float | None]:
    """A point; a point that is not there has no height either, or it would be drawn at zero."""
    return x, None if x is None else y


def strips(
    slide: Slide, box: Box, head: float, rows: Sequence[tuple[str, tuple[float, ...], float | None, float | None]],
    names: tuple[str, str, str], ends: Ends, alt: str,
) -> None:  # fmt: skip
    """A row of dots a node: the peers, their median, and the unit itself."""
    look = slide.look.colour
    points: list[tuple[Any, ...]] = []
    for place, (title, dots, median, own) in enumerate(rows):
        y = place + 0.5
        points.append((title, *_at(dots[0] if dots else None, y), *_at(median, y), *_at(own, y)))
        points += [(title, dot, y, None, None, None, None) for dot in dots[1:]]
    heads = ("", names[0], "y 1", names[1], "y 2", names[2], "y 3")
    data = Data(tuple(Column(name, tuple(p[n] for p in points)) for n, name in enumerate(heads)))
    series = [
        Series(1, NOTHING, 2, "circle", 7, Ink(look(PEERS))),
        Series(3, NOTHING, 4, "diamond", 10, Ink(look(MEDIAN), "#FFFFFF")),
        Series(5, NOTHING, 6, "circle", 11, Ink(look(BLUE), "#FFFFFF")),
    ]
    groups = xml.scatter_group(data, series, slide.voice, MAIN)
    axes = _rows_axes(slide, ends, len(rows))
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, _inner(head)), alt)


def stacks(
    slide: Slide, box: Box, head: float, data: Data, colours: Sequence[str], reach: float, alt: str
) -> None:
    """Shares left and right of a centre, the first column being the empty start."""
    look = slide.look.colour
    series = [Series(1, NOTHING), *(Series(2 + n, Ink(look(colour))) for n, colour in enumerate(colours))]
    groups = xml.bar_group(data, series, slide.voice, MAIN, gap=50, stacked=True)
    axes = _rows_axes(slide, (0.0, 2 * reach), None, shown=False, unit=reach)
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, _inner(head)), alt)

"""Charts that stand alone: a node over the waves, importance against performance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..charts_waves import Panel
from ..language import Language
from . import chart_xml as xml
from .chart_xml import NOTHING, Arms, Axis, Ink, Label, Series
from .charts import MAIN, TURNED, Ends, put
from .deck import Slide
from .look import BLUE, GREY, GRID, HATCH, INK, LIGHT, RED
from .sheet_data import Column, Data
from .stage import Box


def run_of(
    slide: Slide, box: Box, panel: Panel, waves: Sequence[str], ends: Ends, lang: Language, alt: str
) -> None:
    """One node over the waves; the first and the last score are told."""
    look = slide.look.colour
    pairs, (low, high) = list(zip(panel.scores, panel.intervals, strict=True)), ends
    data = Data((
        Column("", tuple(waves)),
        Column(panel.title, panel.scores),
        Column("95% +", tuple(None if s is None or i[1] is None else max(i[1] - s, 0.0) for s, i in pairs)),
        Column("95% −", tuple(None if s is None or i[0] is None else max(s - i[0], 0.0) for s, i in pairs)),
        Column("–", tuple(high if score is None else None for score in panel.scores)),
    ))  # fmt: skip
    known = [n for n, score in enumerate(panel.scores) if score is not None]
    told = tuple(
        Label(n, lang.number(panel.scores[n]), look(INK), "t", n == known[-1])
        for n in dict.fromkeys((known[0], known[-1]) if known else ())
    )
    arms = (Arms("y", 2, 3, Ink(line=look(LIGHT), thick=4.0)),)
    line = Series(1, Ink(line=look(BLUE), thick=1.75), 0, "circle", 6, Ink(look(BLUE)), told, 10.0, arms)
    groups = xml.line_group(data, [line], slide.voice, MAIN)
    if len(known) < len(panel.scores):
        gone = Series(4, Ink(line=look(GRID), thick=0.5, hatch=look(HATCH)))
        groups = xml.bar_group(data, [gone], slide.voice, MAIN, gap=20, upright=True, first=1) + groups
    names = Axis(place="b", size=8.0, colour=look(GREY))
    scale = Axis(low, high, (high - low) / 2, True, look(GRID), False, "l", 8.0, look(GREY), form='0;"−"0')
    axes = xml.category_axis(names, slide.voice, MAIN) + xml.value_axis(scale, slide.voice, TURNED[0])
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, None), alt)


def quadrants(
    slide: Slide, box: Box, dots: Sequence[Any], lines: tuple[float, float], names: Sequence[str], fields: Sequence[str],
    axes_names: tuple[str, str], ends: Ends, alt: str,
) -> None:  # fmt: skip
    """Weight to the right, score upwards; `fields` name the four corners, the one to work in first last."""
    look, voice, (low, high) = slide.look.colour, slide.voice, ends
    most = max(max(dot.weight for dot in dots), lines[0]) * 1.15
    corners = ((0.02 * most, high), (most * 0.98, high), (0.02 * most, low), (most * 0.98, low))
    head = (
        "",
        "x 1",
        axes_names[1],
        "x 2",
        axes_names[1] + " ",
        "x 3",
        "y 3",
        "x 4",
        "y 4",
        "x 5",
        "y 5",
        axes_names[0],
    )
    drawn = _apart(
        [(dot.weight, dot.score) for dot in dots], 16 / box.width * most, 22 / box.height * (high - low)
    )
    rows: list[tuple[Any, ...]] = []
    for name, dot, place in zip(names, dots, drawn, strict=True):
        first = dot.quadrant == "concentrate"
        own = (place, dot.score)
        both = (*(own if first else (None, None)), *((None, None) if first else own))
        rows.append((name, *both, *[None] * 6, dot.weight))
    rows.append(("", *[None] * 4, lines[0], low, 0.0, lines[1], *corners[0], None))
    rows.append(("", *[None] * 4, lines[0], high, most, lines[1], *corners[1], None))
    rows += [("", *[None] * 8, *corner, None) for corner in corners[2:]]
    data = Data(tuple(Column(name, tuple(row[n] for row in rows)) for n, name in enumerate(head)))
    white = "#FFFFFF"
    labels = [Label(n, dot.number, white, "ctr", True) for n, dot in enumerate(dots)]
    places = ("r", "l", "r", "l")
    told = tuple(
        Label(len(dots) + n, field, look(RED if n == 3 else GREY), places[n], True)
        for n, field in enumerate(fields)
    )
    urgent = tuple(label for label, dot in zip(labels, dots, strict=True) if dot.quadrant == "concentrate")
    other = tuple(label for label, dot in zip(labels, dots, strict=True) if dot.quadrant != "concentrate")
    rule = Ink(line=look(LIGHT), thick=1.25, dashed=True)
    series = [
        Series(5, rule, 6), Series(7, rule, 8), Series(9, NOTHING, 10, labels=told, label_size=10.0),
        Series(1, NOTHING, 2, "circle", 17, Ink(look(RED), white), urgent, 9.0),
        Series(3, NOTHING, 4, "circle", 17, Ink(look(BLUE), white), other, 9.0),
    ]  # fmt: skip
    across = Axis(0.0, most, None, True, "", False, "b", 9.0, look(GREY), axes_names[0].rstrip(" →"), "0")
    upwards = Axis(
        low,
        high,
        (high - low) / 4,
        True,
        look(GRID),
        False,
        "l",
        9.0,
        look(GREY),
        axes_names[1].lstrip("↑ "),
        '0;"−"0',
    )
    groups = xml.scatter_group(data, series, voice, MAIN)
    axes = xml.value_axis(across, voice, MAIN, "midCat") + xml.value_axis(upwards, voice, TURNED[0], "midCat")
    put(slide, box, data, xml.chart_space(groups, axes, voice, None), alt)


def _apart(places: Sequence[tuple[float, float]], wide: float, tall: float) -> list[float]:
    """Where dots are drawn across: those that would cover each other stand side by side."""
    found: list[tuple[float, float]] = []
    for x, y in places:
        step = 0.0
        while any(abs(x + step - a) < wide and abs(y - b) < tall for a, b in found) and step < 8 * wide:
            step = -step if step > 0 else -step + wide
        found.append((x + step, y))
    return [x for x, _ in found]

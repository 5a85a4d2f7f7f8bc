"""What moved the index, step by step: a native stacked chart whose lowest bars are not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

from .. import charts as drawings
from ..language import Language
from . import chart_xml as xml
from .chart_xml import NOTHING, Axis, Ink, Label, Series
from .charts import MAIN, TURNED, put
from .deck import Slide
from .look import BLUE, DARK, GREY, GRID, HATCH, INK, LIGHT, RED
from .sheet_data import Column, Data
from .stage import Box


def waterfall(
    slide: Slide, box: Box, ends: drawings.Ends, steps: Sequence[drawings.Step], lang: Language, alt: str
) -> None:
    """From the index before to the index after: bars on an invisible base."""
    levels = list(accumulate((step.part for step in steps), initial=ends[0][1]))
    low, high = drawings.extent(ends, steps)
    if min([*levels, ends[1][1]]) < 0:
        _parts(slide, box, steps, lang, alt)
        return
    look, span = slide.look.colour, high - low
    falls = [max(-step.part, 0.0) if not step.missing else 0.0 for step in steps]
    rises = [max(step.part, 0.0) if not step.missing else 0.0 for step in steps]
    base = [min(pair) for pair in pairwise(levels)]
    names = (ends[0][0], *(step.title for step in steps), ends[1][0])
    blank = [None] * len(steps)
    data = Data((
        Column("", names),
        Column("=", (None, *base, None)),
        Column(ends[0][0], (ends[0][1], *blank, None)),
        Column(ends[1][0], (None, *blank, ends[1][1])),
        Column("+", (None, *(rise or None for rise in rises), None)),
        Column("−", (None, *(fall or None for fall in falls), None)),
        Column("–", (None, *(0.05 * span if step.missing else None for step in steps), None)),
        Column("label", (0.25 * span,) * len(names)),
    ))  # fmt: skip
    told = [Label(0, lang.number(ends[0][1]), look(INK), "inBase", True)]
    told += [_told(n, step, lang, look) for n, step in enumerate(steps, 1)]
    told.append(Label(len(names) - 1, lang.number(ends[1][1]), look(INK), "inBase", True))
    series = [
        Series(1, NOTHING), Series(2, Ink(look(LIGHT))), Series(3, Ink(look(DARK))), Series(4, Ink(look(BLUE))),
        Series(5, Ink(look(RED))), Series(6, Ink(line=look(HATCH), hatch=look(HATCH))), Series(7, NOTHING, labels=tuple(told)),
    ]  # fmt: skip
    groups = xml.bar_group(data, series, slide.voice, MAIN, gap=35, stacked=True)
    names_axis = Axis(turned=True, place="l", size=10.0, colour=look(INK))
    scale = Axis(low, high + 0.2 * span, None, True, "", False, "t", 9.0, look(GREY), form="0")
    axes = xml.category_axis(names_axis, slide.voice, MAIN) + xml.value_axis(scale, slide.voice, TURNED[0])
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, None), alt)


def _told(place: int, step: drawings.Step, lang: Language, look: Any) -> Label:
    if step.missing:
        return Label(place, f"– {step.missing}", look(GREY), "inBase")
    text = lang.signed(step.part)
    colour = BLUE if text[0] == "+" else RED if text[0] == "−" else GREY
    return Label(place, f"{text} {step.arrow}".strip(), look(colour), "inBase")


def _parts(slide: Slide, box: Box, steps: Sequence[drawings.Step], lang: Language, alt: str) -> None:
    """The steps alone, left and right of zero, where an index below zero gives bars no base."""
    look = slide.look.colour
    data = Data((
        Column("", tuple(step.title for step in steps)),
        Column("+", tuple(step.part if step.part > 0 else None for step in steps)),
        Column("−", tuple(step.part if step.part < 0 else None for step in steps)),
    ))  # fmt: skip
    told = [(step, replace(_told(n, step, lang, look), place="outEnd")) for n, step in enumerate(steps)]
    series = [
        Series(1, Ink(look(BLUE)), labels=tuple(label for step, label in told if step.part > 0)),
        Series(2, Ink(look(RED)), labels=tuple(label for step, label in told if step.part < 0)),
    ]
    groups = xml.bar_group(data, series, slide.voice, MAIN, gap=35, overlap=100)
    names = Axis(turned=True, place="l", size=10.0, colour=look(INK))
    scale = Axis(None, None, None, True, look(GRID), False, "t", 9.0, look(GREY), form='0.0;"−"0.0')
    axes = xml.category_axis(names, slide.voice, MAIN) + xml.value_axis(scale, slide.voice, TURNED[0])
    put(slide, box, data, xml.chart_space(groups, axes, slide.voice, None), alt)

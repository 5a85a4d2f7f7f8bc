"""Our own master, made from python-pptx's empty deck: widescreen, the report's colours and font, a rule
under the title, a banner on the first slide."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from ...archives import packed, unpacked
from .look import DARK, GREY, INK, Look
from .stage import POINT, Box, Stage, by_kind
from .text import Voice

_WIDE = (12192000, 6858000)
_MARGIN, _TOP, _FOOT = 36.0, 98.0, 512.0  # of a slide of 960 × 540 points
_BANNER = 168.0


def own_stage(look: Look, code: str) -> Stage:
    """Our own master in a report's colours and font."""
    from pptx import Presentation

    voice = Voice.of(code)
    presentation: Any = Presentation(io.BytesIO(_recoloured(_empty_deck(), look, voice)))
    presentation.slide_width, presentation.slide_height = _WIDE
    master = presentation.slide_master
    opening, plain = master.slide_layouts[0], master.slide_layouts[5]
    for layout in list(master.slide_layouts):
        if layout not in (opening, plain):
            master.slide_layouts.remove(layout)
    wide = _WIDE[0] / POINT
    _settle(master, look, wide)
    _settle_opening(opening, look, wide)
    for layout in (master, opening, plain):
        _drop_dates(layout)
    area = Box(_MARGIN, _TOP, wide - 2 * _MARGIN, _FOOT - _TOP)
    return Stage(presentation, opening, plain, area, voice, own=True)


def _empty_deck() -> bytes:
    from pptx import Presentation

    sink = io.BytesIO()
    Presentation().save(sink)
    return sink.getvalue()


def _recoloured(content: bytes, look: Look, voice: Voice) -> bytes:
    """The empty deck with the report's colours and fonts in its theme, so that what a person adds has them too."""
    from xml.sax.saxutils import escape

    parts = unpacked(content)
    colours = look.colours
    scheme = {
        "dk2": colours.deep, "lt2": "#F1F6FA", "accent1": colours.main, "accent2": colours.before, "accent3": colours.fall,
        "accent4": colours.peers, "accent5": colours.deep, "accent6": GREY, "hlink": colours.main, "folHlink": colours.deep,
    }  # fmt: skip
    for name in [name for name in parts if name.startswith("ppt/theme/")]:
        text = parts[name].decode()
        for key, colour in scheme.items():
            text = re.sub(
                rf"(<a:{key}>)\s*<a:srgbClr val=\"\w+\"/>", rf'\1<a:srgbClr val="{colour[1:]}"/>', text
            )
        text = re.sub(
            r"(<a:dk1>).*?(</a:dk1>)", rf'\1<a:srgbClr val="{colours.ink[1:]}"/>\2', text, flags=re.DOTALL
        )
        text = re.sub(r'<a:latin typeface="[^"]*"/>', f'<a:latin typeface="{escape(look.latin)}"/>', text)
        text = re.sub(r'<a:ea typeface="[^"]*"/>', f'<a:ea typeface="{escape(voice.east)}"/>', text)
        parts[name] = text.encode()
    parts.pop("docProps/thumbnail.jpeg", None)
    for name in ("_rels/.rels", "ppt/_rels/presentation.xml.rels"):  # of whoever made the empty deck
        gone = r"<Relationship [^>]*(thumbnail|extended-properties|printerSettings)[^>]*/>"
        parts[name] = re.sub(gone, "", parts[name].decode()).encode()
    return packed(parts)


def _settle(master: Any, look: Look, wide: float) -> None:
    """Title, footer and page number of every slide, and the rule under the title."""
    kinds = by_kind(master)
    _place(kinds["title"], Box(_MARGIN, 22, wide - 2 * _MARGIN, 64))
    _place(kinds["body"], Box(_MARGIN, _TOP, wide - 2 * _MARGIN, _FOOT - _TOP))
    _place(kinds["ftr"], Box(_MARGIN, 516, 700, 16))
    _place(kinds["sldNum"], Box(wide - _MARGIN - 80, 516, 80, 16))
    for kind in ("title", "ftr", "sldNum"):
        frame = kinds[kind].text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame._txBody.bodyPr.set("anchor", "b" if kind == "title" else "ctr")
        for fit in list(frame._txBody.bodyPr):
            frame._txBody.bodyPr.remove(fit)
    for kind, align in (("ftr", "l"), ("sldNum", "r")):
        for style in _iter(kinds[kind]._element, "a:lvl1pPr"):
            style.set("algn", align)
            for type_ in _iter(style, "a:defRPr"):
                type_.set("sz", "900")
                _coloured(type_, GREY)
    for style in _iter(master._element, "p:titleStyle"):
        for level in _iter(style, "a:lvl1pPr"):
            level.set("algn", "l")
            for type_ in _iter(level, "a:defRPr"):
                type_.set("sz", "2400")
                type_.set("b", "1")
                _coloured(type_, look.colour(INK))
    _rule(master, Box(_MARGIN, 90, wide - 2 * _MARGIN, 0), look.colour(DARK), 1.25)


def _settle_opening(layout: Any, look: Look, wide: float) -> None:
    """The first slide: a banner with the organisation, below it the answer."""
    kinds = by_kind(layout)
    banner = _rectangle(layout, Box(0, 0, wide, _BANNER), look.colour(DARK))
    layout.shapes._spTree.remove(banner)
    layout.shapes._spTree.insert(2, banner)
    layout._element.set("showMasterSp", "0")
    _place(kinds["subTitle"], Box(_MARGIN + 12, 30, wide - 2 * _MARGIN - 190, _BANNER - 54))
    _place(kinds["ctrTitle"], Box(_MARGIN + 12, _BANNER + 20, wide - 2 * _MARGIN - 24, 112))
    for kind, anchor in (("ctrTitle", "t"), ("subTitle", "ctr")):
        frame = kinds[kind].text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame._txBody.bodyPr.set("anchor", anchor)
        for fit in list(frame._txBody.bodyPr):
            frame._txBody.bodyPr.remove(fit)
        styles = _lists(frame._txBody)
        for level in range(1, 10):
            for style in _iter(styles, f"a:lvl{level}pPr"):
                styles.remove(style)
        size, bold, colour = (
            ("3000", "1", look.colour(INK)) if kind == "ctrTitle" else ("1600", "0", "#FFFFFF")
        )
        styles.append(_element(
            f'<a:lvl1pPr xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" marL="0" indent="0" algn="l"><a:buNone/>'
            f'<a:defRPr sz="{size}" b="{bold}"><a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill></a:defRPr></a:lvl1pPr>'
        ))  # fmt: skip


def _place(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.emu()


def _drop_dates(layout: Any) -> None:
    for shape in list(layout.placeholders):
        if shape._element.ph.get("type") == "dt":
            shape._element.getparent().remove(shape._element)


def _iter(element: Any, tag: str) -> Iterable[Any]:
    from pptx.oxml.ns import qn

    return list(element.iter(qn(tag)))


def _element(text: str) -> Any:
    from pptx.oxml import parse_xml

    return parse_xml(text)


def _lists(body: Any) -> Any:
    return next(iter(_iter(body, "a:lstStyle")))


def _coloured(type_: Any, colour: str) -> None:
    from pptx.oxml.ns import qn

    for fill in type_.findall(qn("a:solidFill")):
        type_.remove(fill)
    type_.insert(0, _element(
        f'<a:solidFill xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:srgbClr val="{colour[1:]}"/></a:solidFill>'
    ))  # fmt: skip


_SHAPE = (
    '<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<p:nvSpPr><p:cNvPr id="{id}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/>'
    '<a:ext cx="{w}" cy="{h}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    '<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en-GB"/></a:p></p:txBody></p:sp>'
)


def _rectangle(layout: Any, box: Box, colour: str, name: str = "Banner") -> Any:
    x, y, w, h = box.emu()
    shape = _element(
        _SHAPE.format(id=90 + len(layout.shapes), name=name, x=x, y=y, w=w, h=h, colour=colour[1:])
    )
    layout.shapes._spTree.append(shape)
    return shape


def _rule(layout: Any, box: Box, colour: str, thick: float) -> None:
    _rectangle(layout, Box(box.left, box.top, box.width, thick), colour, "Rule")

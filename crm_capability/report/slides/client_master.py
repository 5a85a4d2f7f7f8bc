"""A client's own master: its two layouts, and the place they leave for content.

Layouts are told by their placeholders, for names are the firm's own. Content stands where the layout
of a title with content has it, below the title and above the footers, clear of the firm's pictures.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import unescape

from ...definition.theme import contrast
from ...errors import Place, Problem, ReportError
from .stage import POINT, Box, Stage, by_kind
from .text import Voice

_GAP, _EDGE = 8.0, 24.0
_LEAST = (0.5, 0.4)  # of the slide: the width and height that content needs
_LIGHT = 1.25  # contrast to white of a ground that colours made for white stand out from
_COVERS = 0.8  # of the place for content: a picture that is the ground, not a logo
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def client_stage(content: bytes, code: str) -> Stage:
    """The client's file, which `load_master` has looked into. Raises ReportError where it leaves
    too little room for content."""
    from pptx import Presentation

    presentation: Any = Presentation(io.BytesIO(content))
    master, opening, plain = _layouts(presentation)
    slide = Box(0, 0, presentation.slide_width / POINT, presentation.slide_height / POINT)
    area = _area(master, plain, slide)
    theme = _theme_of(master)
    voice = Voice.of(code, _east(theme))
    return Stage(
        presentation, opening, plain, area, voice, own=False, panel=_needs_panel(master, plain, theme, area)
    )


def _layouts(presentation: Any) -> tuple[Any, Any, Any]:
    """The first master that has both layouts."""
    from ...definition.slide_parts import layout_kind

    for master in presentation.slide_masters:
        found: dict[str, Any] = {}
        for layout in master.slide_layouts:
            found.setdefault(layout_kind(layout._element), layout)
        if "opening" in found and "plain" in found:
            return master, found["opening"], found["plain"]
    raise AssertionError("load_master lets no file through without both layouts")


def _area(master: Any, plain: Any, slide: Box) -> Box:
    """Where content may stand."""
    kinds = by_kind(plain)
    title = _box(kinds["title"])
    below = title.bottom if title.bottom < slide.height * 0.5 else slide.top + _EDGE
    feet = [_box(kinds[kind]).top for kind in ("ftr", "sldNum", "dt") if kind in kinds]
    foot = min([top for top in feet if top > slide.height * 0.6] or [slide.height - _EDGE])
    body = _body(master)
    wide = body or title
    left, right = max(wide.left, 0.0), min(wide.right, slide.width)
    top = max(below + _GAP / 2, body.top if body and body.top < slide.height * 0.5 else 0.0)
    area = Box(left, top, right - left, foot - _GAP - top)
    area = _clear(
        area, [box for box in _pictures(master, plain) if _shared(box, area) < _COVERS * _size(area)]
    )
    if area.width < _LEAST[0] * slide.width or area.height < _LEAST[1] * slide.height:
        what = "the client's master leaves too little room between the title and the foot of a slide"
        raise ReportError(Problem(Place(), what, "make its title lower or its pictures smaller"))
    return area


def _body(master: Any) -> Box | None:
    """The place of the content: of a layout with a title and one content, else the master's own."""
    for layout in master.slide_layouts:
        kinds = by_kind(layout)
        inside = [shape for kind, shape in kinds.items() if kind in ("obj", "body")]
        others = set(kinds) - {"title", "obj", "body", "dt", "ftr", "sldNum"}
        if "title" in kinds and len(inside) == 1 and not others and len(list(layout.placeholders)) <= 5:
            return _box(inside[0])
    body = by_kind(master).get("body")
    return _box(body) if body is not None else None


def _box(shape: Any) -> Box:
    return Box(*((side or 0) / POINT for side in (shape.left, shape.top, shape.width, shape.height)))


def _pictures(*layouts: Any) -> Iterator[Box]:
    """Where pictures stand that every slide shows: logos."""
    for layout in layouts:
        for shape in layout.shapes:
            if shape._element.tag == f"{_P}pic":
                yield _box(shape)


def _clear(area: Box, pictures: list[Box]) -> Box:
    """The area without what pictures cover, cut where that costs least."""
    for picture in pictures:
        if _shared(picture, area) <= 0:
            continue
        cuts = (
            area.within(top=picture.bottom + _GAP - area.top), area.within(bottom=area.bottom - picture.top + _GAP),
            area.within(left=picture.right + _GAP - area.left), area.within(right=area.right - picture.left + _GAP),
        )  # fmt: skip
        area = max(cuts, key=lambda box: _size(box) if box.width > 0 and box.height > 0 else 0.0)
    return area


def _size(box: Box) -> float:
    return box.width * box.height


def _shared(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.left, other.left)
    tall = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(wide, 0.0) * max(tall, 0.0)


def _theme_of(master: Any) -> str:
    from pptx.opc.constants import RELATIONSHIP_TYPE

    try:
        return str(master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob.decode("utf-8", "replace"))
    except KeyError:
        return ""


def _east(theme: str) -> str:
    """The theme's own font of East Asian letters, where it names one."""
    found = re.search(r'<a:minorFont>.*?<a:ea typeface="([^"]+)"', theme, re.DOTALL)
    return unescape(found[1]) if found else ""


def _needs_panel(master: Any, plain: Any, theme: str, area: Box) -> bool:
    """Whether the ground is not nearly white, or a picture."""
    for layout in (plain, master):
        for shape in layout.shapes:
            covers = (
                not shape.is_placeholder
                and shape.width
                and _shared(_box(shape), area) > _COVERS * _size(area)
            )
            if covers and shape._element.find(f"{_P}spPr/{_A}noFill") is None:
                return True
    for layout in (plain, master):
        ground = layout._element.find(f"{_P}cSld/{_P}bg")
        if ground is not None:
            colour = _solid(ground, master, theme)
            return colour is None or contrast(colour) > _LIGHT
    return False


def _solid(ground: Any, master: Any, theme: str) -> str | None:
    """The one colour of a ground; None for pictures, gradients and what cannot be told."""
    if ground.find(f"{_P}bgPr") is not None:
        fill = ground.find(f"{_P}bgPr/{_A}solidFill")
        return None if fill is None else _colour(fill, master, theme)
    reference = ground.find(f"{_P}bgRef")
    return None if reference is None or reference.get("idx") != "1001" else _colour(reference, master, theme)


def _colour(element: Any, master: Any, theme: str) -> str | None:
    plain = element.find(f"{_A}srgbClr")
    if plain is not None:
        return f"#{plain.get('val')}"
    named = element.find(f"{_A}schemeClr")
    if named is None or len(named):  # lighter or darker than the theme's
        return None
    mapped = master._element.find(f"{_P}clrMap").get(named.get("val"), named.get("val"))
    found = re.search(rf'<a:{mapped}>\s*<a:(?:srgbClr val|sysClr [^>]*lastClr)="(\w{{6}})"', theme)
    return f"#{found[1]}" if found else None

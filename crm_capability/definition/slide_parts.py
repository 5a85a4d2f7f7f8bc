"""What a deck needs of a PowerPoint file: masters, layouts, themes, pictures, fonts.

Everything else stays behind: slides, notes, comments, what the file says of its authors, links,
macros, controls, sounds. A part is kept because a kept part needs it, and for no other reason.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

_BUNDLE = "http://schemas.openxmlformats.org/package/2006"
_LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_KEPT = {
    "": {"officeDocument"},
    "officeDocument": {"slideMaster", "theme", "presProps", "tableStyles", "font"},
    "slideMaster": {"slideLayout", "theme", "image", "hdphoto"},
    "slideLayout": {"slideMaster", "image", "hdphoto"},
    "theme": {"image", "hdphoto"},
}
_NOT_OURS = (
    "sldIdLst", "notesMasterIdLst", "handoutMasterIdLst", "custShowLst", "photoAlbum", "custDataLst",
    "smartTags", "modifyVerifier", "extLst",
)  # fmt: skip
_PRESENTATION = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_FOOTERS = {"dt", "ftr", "sldNum", "hdr"}


def layout_kind(layout: Any) -> str:
    """What a layout (its XML root) is for: `opening`, `plain` for a title alone, or nothing of both."""
    kinds = {shape.get("type", "obj") for shape in layout.iter(f"{_P}ph")} - _FOOTERS
    if (
        "ctrTitle" in kinds
        or kinds == {"title", "subTitle"}
        or (layout.get("type") == "title" and "title" in kinds)
    ):
        return "opening"
    return "plain" if kinds == {"title"} or (layout.get("type") == "titleOnly" and "title" in kinds) else ""


@dataclass
class Reduced:
    """The parts that stay, the layouts by master, pictures that were links."""

    parts: dict[str, bytes] = field(default_factory=dict)
    masters: list[list[tuple[str, str]]] = field(default_factory=list)  # name and kind of each layout
    linked: list[str] = field(default_factory=list)


def parsed(content: bytes) -> Any:
    """XML without entities and network. Raises lxml.etree.XMLSyntaxError."""
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def reduced(parts: Mapping[str, bytes]) -> Reduced:
    """What is needed of the parts. Raises KeyError, ValueError or lxml.etree.XMLSyntaxError where
    they are no presentation."""
    found = Reduced()
    _take(parts, "", "", found)
    found.parts["[Content_Types].xml"] = _types(parts, found.parts)
    return found


def _take(parts: Mapping[str, bytes], name: str, kind: str, found: Reduced) -> None:
    """Keep a part, and what it needs."""
    kept, dropped = {}, set()
    for key, link, target in _related(parts, name):
        if link in _KEPT.get(kind, ()) and target in parts:
            kept[key] = (link, target)
        else:
            dropped.add(key)
            if link == "image":
                found.linked.append(target)
    if name:
        found.parts[name] = _emptied(parts[name], kind, dropped) if kind in _KEPT else parts[name]
    if kept:
        found.parts[_relations_of(name)] = _only(parts[_relations_of(name)], set(kept))
    for link, target in kept.values():
        if target not in found.parts:
            _take(parts, target, link, found)
    if kind == "slideMaster":
        roots = [parsed(found.parts[target]) for link, target in kept.values() if link == "slideLayout"]
        found.masters.append([(_named(root), layout_kind(root)) for root in roots])


def _named(layout: Any) -> str:
    slide = layout.find(f"{_P}cSld")
    return "" if slide is None else str(slide.get("name", ""))


def _relations_of(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"


def _related(parts: Mapping[str, bytes], name: str) -> Iterator[tuple[str, str, str]]:
    """Id, kind and target of each relation of a part; an address outside the file is no part."""
    rels = parts.get(_relations_of(name))
    if rels is None:
        return
    for one in parsed(rels).iter(f"{{{_BUNDLE}/relationships}}Relationship"):
        target = one.get("Target", "")
        if one.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), target)).lstrip("/")
        else:
            target = f"→ {target}"
        yield one.get("Id", ""), one.get("Type", "").rpartition("/")[2], target


def _only(rels: bytes, kept: set[str]) -> bytes:
    root = parsed(rels)
    for one in list(root):
        if one.get("Id") not in kept:
            root.remove(one)
    return _written(root)


def _emptied(content: bytes, kind: str, dropped: set[str]) -> bytes:
    """A part without links, animations, and what stood on relations that were dropped."""
    root = parsed(content)
    if kind == "officeDocument":
        for name in _NOT_OURS:
            for element in root.findall(f"{_P}{name}"):
                root.remove(element)
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        local = etree.QName(element).localname
        gone = any(key.startswith(_LINKS) and value in dropped for key, value in element.attrib.items())
        if local in ("hlinkClick", "hlinkHover", "hlinkMouseOver", "timing"):
            _remove(element)
        elif gone:
            _remove(_shape_of(element))
    return _written(root)


def _shape_of(element: Any) -> Any:
    """The whole shape that an element is inside of, else the element itself."""
    step = element
    while step.getparent() is not None:
        parent = step.getparent()
        if etree.QName(parent).localname in ("spTree", "grpSp"):
            return step
        step = parent
    return element


def _remove(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _types(parts: Mapping[str, bytes], kept: Mapping[str, bytes]) -> bytes:
    """The list of types, of what is kept; a template becomes a presentation."""
    root = parsed(parts["[Content_Types].xml"])
    for one in list(root):
        name = one.get("PartName", "").lstrip("/")
        if name and name not in kept:
            root.remove(one)
        elif "presentationml" in one.get("ContentType", "") and one.get("ContentType", "").endswith(
            ("template.main+xml", "slideshow.main+xml")
        ):
            one.set("ContentType", _PRESENTATION)
    return _written(root)


def _written(root: Any) -> bytes:
    told: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return told

"""A client's own PowerPoint file, as the ground of a deck: looked into, emptied, taken along.

What is kept is the file without its slides, as a `data:` address, so that a result folder can be
rendered again without the file.
"""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..archives import packed
from ..errors import DefinitionError, Place, Problem
from .library import Grounds
from .load import Definition
from .plan import Plan

KIND = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 20_000_000, 200_000_000, 5_000
_OLD = b"\xd0\xcf\x11\xe0"  # the container of Office before 2007, and of files with a password
_STRICT = b"http://purl.oclc.org/ooxml/"
_REMEDY = "save it in PowerPoint as .pptx or .potx and name that"


def plan_master(definition: Definition[Plan], grounds: Grounds) -> str | None:
    """The master that a plan names. Raises DefinitionError."""
    named = definition.value.report.slides
    if named is None:
        return None
    where = definition.document.place(("report", "slides"))
    return load_master(grounds.file(named, where), where)


def load_master(path: str | Path, where: Place | None = None) -> str:
    """A PowerPoint file or template as a `data:` address, without its slides.

    `where` is the place that names it. Raises DefinitionError: no such file, no PowerPoint file, too
    large, with macros, pictures that are links, or without the two layouts that a deck needs.
    """
    path = Path(path)
    where = where or Place(str(path))
    parts = _parts(path, where)
    kept = _checked(parts, path.name, where)
    return f"data:{KIND};base64,{base64.b64encode(packed(kept)).decode()}"


def master_bytes(sealed: str) -> bytes:
    """The file inside a `data:` address."""
    return base64.b64decode(sealed.partition(",")[2])


def _parts(path: Path, where: Place) -> dict[str, bytes]:
    """The parts of the file, none of them larger than is sound."""

    def refuse(what: str, remedy: str = _REMEDY) -> DefinitionError:
        return DefinitionError(Problem(where, f"{path.name} {what}", remedy))

    if not path.is_file():
        raise DefinitionError(Problem(where, f"no such file: {path}", "check the path"))
    if path.stat().st_size > MOST_BYTES:
        raise refuse(f"has more than {MOST_BYTES:,} bytes", "compress its pictures, or take slides out of it")
    content = path.read_bytes()
    if content.startswith(_OLD):
        raise refuse("is of PowerPoint before 2007, or has a password", "save it as .pptx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = [entry.filename for entry in entries]
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise refuse(
                    f"unpacks to more than {MOST_UNPACKED:,} bytes or {MOST_PARTS:,} parts",
                    "take a smaller file",
                )
            if len(set(names)) < len(names):
                raise refuse("holds two parts of one name")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise refuse("is no PowerPoint file, or a damaged one") from None


def _checked(parts: Mapping[str, bytes], name: str, where: Place) -> dict[str, bytes]:
    """What is kept of the parts. Raises DefinitionError with every problem."""
    from lxml import etree

    from .slide_parts import reduced

    if b"macroEnabled" in parts.get("[Content_Types].xml", b"") or any(
        "vbaproject" in one.lower() for one in parts
    ):
        raise DefinitionError(
            Problem(where, f"{name} holds macros", "save it as .pptx or .potx, which hold none")
        )
    if _STRICT in parts.get("_rels/.rels", b""):
        raise DefinitionError(Problem(where, f"{name} is a Strict Open XML file", _REMEDY))
    if any(_entities(content) for one, content in parts.items() if one.endswith((".xml", ".rels"))):
        raise DefinitionError(Problem(where, f"{name} defines entities, which no Office file does", _REMEDY))
    try:
        found = reduced(parts)
    except (KeyError, ValueError, etree.XMLSyntaxError):
        raise DefinitionError(
            Problem(where, f"{name} is no PowerPoint file, or a damaged one", _REMEDY)
        ) from None
    problems = list(_problems(found.masters, found.linked, found.parts, name, where))
    if problems:
        raise DefinitionError(problems)
    return found.parts


def _entities(content: bytes) -> bool:
    plain = content.replace(b"\0", b"")  # UTF-16 is told too
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


def _problems(
    masters: list[list[tuple[str, str]]],
    linked: list[str],
    parts: Mapping[str, bytes],
    name: str,
    where: Place,
) -> Iterator[Problem]:
    from .theme_file import drawing

    for target in dict.fromkeys(linked):
        yield Problem(
            where,
            f"{name} shows a picture that is not in it: {target}",
            "put the picture itself into the master",
        )
    for part, content in parts.items():
        if part.lower().endswith(".svg") and not drawing(content):
            yield Problem(
                where, f"{name} holds a drawing with scripts or addresses: {part}", "replace the picture"
            )
    if not masters:
        yield Problem(where, f"{name} is no PowerPoint file: it has no master", _REMEDY)
        return
    if any({"opening", "plain"} <= {kind for _, kind in layouts} for layouts in masters):
        return
    known = ", ".join(dict.fromkeys(f'"{title}"' for layouts in masters for title, _ in layouts)) or "none"
    for kind, what in (("opening", "a title slide"), ("plain", "a title alone")):
        if not any(kind == found for layouts in masters for _, found in layouts):
            yield Problem(where, f"{name} has no layout for {what}", f"add one to its master; it has {known}")
    if {"opening", "plain"} <= {kind for layouts in masters for _, kind in layouts}:
        yield Problem(
            where,
            f"no master of {name} has both a layout for a title slide and one for a title alone",
            "add it to one master",
        )

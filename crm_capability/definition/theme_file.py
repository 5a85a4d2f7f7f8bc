"""Reading themes: their pictures and fonts are looked into, and taken along as `data:` addresses."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..errors import DefinitionError, Problem
from .library import find
from .load import Definition, read_definition
from .plan import Plan
from .theme import Theme

MOST_BYTES = 8_000_000
_FONTS = {b"OTTO": "font/otf", b"\x00\x01\x00\x00": "font/ttf", b"true": "font/ttf"}
_SVG = "image/svg+xml"


def plan_theme(definition: Definition[Plan], beside: Path) -> Theme | None:
    """The theme that a plan names. Raises DefinitionError."""
    named = definition.value.report.theme
    if named is None:
        return None
    where = definition.document.place(("report", "theme"))
    return load_theme(find(named, "reports/themes", beside, where))


def load_theme(file: Path) -> Theme:
    """A theme with its files inside. Raises DefinitionError with every problem."""
    definition = read_definition(file, Theme, str(file))
    theme = definition.value
    problems: list[Problem] = []
    inside: dict[str, Any] = {}
    try:
        if theme.logo is not None:
            inside["logo"] = _sealed(definition, ("logo",), theme.logo, _picture)
    except DefinitionError as error:
        problems += error.problems
    fonts: dict[str, Any] = {}
    for weight in ("regular", "bold"):
        name = getattr(theme.fonts, weight, None)
        try:
            if name is not None:
                fonts[weight] = _sealed(definition, ("fonts", weight), name, _font)
        except DefinitionError as error:
            problems += error.problems
    if problems:
        raise DefinitionError(problems)
    if theme.fonts is not None:
        inside["fonts"] = theme.fonts.model_copy(update=fonts)
    return theme.model_copy(update=inside)


def _sealed(definition: Definition[Theme], path: tuple[Any, ...], name: str, kind: Any) -> str:
    """The file as a data address, if it is what it should be and lies in the theme's folder."""

    def refuse(what: str, remedy: str) -> DefinitionError:
        return DefinitionError(definition.problem(path, what, remedy))

    folder = Path(os.path.realpath(definition.path.parent))
    file = Path(os.path.realpath(folder / name))
    if "://" in name or "\0" in name or not file.is_relative_to(folder):
        raise refuse(f"{name} is no file in the theme's folder", "put the file beside the theme")
    if not file.is_file():
        raise refuse(f"no such file: {name}", "check the path")
    if file.stat().st_size > MOST_BYTES:
        raise refuse(f"{name} has more than {MOST_BYTES:,} bytes", "take a smaller file")
    content = file.read_bytes()
    found = kind(content)
    if found is None:
        wanted = "PNG, JPEG or SVG" if kind is _picture else "an OpenType or TrueType font"
        raise refuse(f"{name} is not {wanted}", f"name {wanted}")
    return f"data:{found};base64,{base64.b64encode(content).decode()}"


def _font(content: bytes) -> str | None:
    return _FONTS.get(content[:4])


def _picture(content: bytes) -> str | None:
    """The picture's type, if it can be shown and points at nothing outside itself."""
    if content.lstrip()[:1] == b"<":
        return _SVG if drawing(content) else None
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            kind = {"PNG": "image/png", "JPEG": "image/jpeg"}[str(picture.format)]
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return kind


def drawing(content: bytes) -> bool:
    """An SVG without entities, scripts and addresses."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return False
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        return False
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return False
    for element in root.iter():
        if str(element.tag).endswith(("}script", "}foreignObject", "}style")):
            return False
        for key, value in element.attrib.items():
            if key.endswith("href") and not value.startswith(("#", "data:image/")):
                return False
    return True

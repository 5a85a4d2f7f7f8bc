"""A firm's own look: colours that stay legible, a logo that is a picture, fonts that are fonts.

Whatever a theme names is read with it, so that a result folder can be rendered again without the
theme's own folder.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ..methods.model import Id, Model, Text, Version, Words

TEXT_CONTRAST = 4.5  # WCAG 2.1, success criterion 1.4.3
_LIGHT = (1.4, 2.6)  # against white: seen, and not taken for text
_APART = 60.0  # of 441, between two colours as those see them who lack one kind of cone
# Machado, Oliveira and Fernandes (2009): no green cones, no red cones; on linear light
_BLINDNESS = (
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
)


def channels(colour: str) -> tuple[float, float, float]:
    """Linear light of red, green and blue, 0 to 1 (IEC 61966-2-1)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return red, green, blue


def contrast(colour: str, other: str = "#FFFFFF") -> float:
    """Between two colours, 1 to 21 (WCAG 2.1).

    >>> round(contrast("#000000")), round(contrast("#767676"), 2)
    (21, 4.54)
    """
    weights = (0.2126, 0.7152, 0.0722)
    levels = sorted(
        sum(w * c for w, c in zip(weights, channels(one), strict=True)) for one in (colour, other)
    )
    return (levels[1] + 0.05) / (levels[0] + 0.05)


def apart(colour: str, other: str) -> float:
    """How far two colours lie from each other for those who lack red or green cones, 0 to 441."""
    found = []
    for matrix in _BLINDNESS:
        seen = [
            [255 * _bent(sum(m * c for m, c in zip(row, channels(one), strict=True))) for row in matrix]
            for one in (colour, other)
        ]
        found.append(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5)
    return min(found)


def _bent(light: float) -> float:
    light = min(max(light, 0.0), 1.0)
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def _legible(colour: str) -> str:
    if contrast(colour) < TEXT_CONTRAST:
        told = {"colour": colour, "contrast": f"{contrast(colour):.1f}", "least": f"{TEXT_CONTRAST}"}
        raise PydanticCustomError(
            "contrast",
            "{colour} has a contrast of {contrast} on white, and text needs {least}: darken it",
            told,
        )
    return colour


def _light(colour: str) -> str:
    if not _LIGHT[0] <= contrast(colour) <= _LIGHT[1]:
        told = {"colour": colour, "low": f"{_LIGHT[0]}", "high": f"{_LIGHT[1]}"}
        what = (
            "{colour} does not serve for what was before: its contrast on white must lie from {low} to {high}"
        )
        raise PydanticCustomError("contrast", what, told)
    return colour


_Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Legible = Annotated[_Colour, AfterValidator(_legible)]
Light = Annotated[_Colour, AfterValidator(_light)]


class Colours(Model):
    """Each has one meaning on every page. `main` is what is now and what rises."""

    main: Legible = "#0B5CAD"
    deep: Legible = "#0A2F57"  # the banner, and the sum at the end of a chart
    fall: Legible = "#B3261E"
    peers: Legible = "#B45F06"
    ink: Legible = "#1B2733"
    before: Light = "#B9C2CB"

    @model_validator(mode="after")
    def _told_apart(self) -> Colours:
        for one, other in (("main", "fall"), ("main", "peers")):
            if apart(getattr(self, one), getattr(self, other)) < _APART:
                told = {"one": one, "other": other}
                raise PydanticCustomError(
                    "colours", "`{one}` and `{other}` look alike to the colour-blind: take others", told
                )
        return self


class FontFiles(Model):
    """One family: files (OpenType or TrueType) by weight."""

    family: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _-]{1,60}$")]
    regular: Words
    bold: Words | None = None


class Theme(Model):
    """A firm's own colours, logo and font over a report. File names start at the theme's folder."""

    theme: Id
    version: Version
    title: Text | None = None
    colours: Colours = Colours()
    logo: Annotated[Words | None, Field(description="PNG, JPEG or SVG")] = None
    fonts: FontFiles | None = None

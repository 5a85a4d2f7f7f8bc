"""A theme over a report: the firm's colours in the place of the shipped ones, its font before them.

Pages, drawings and style sheets are all made in the shipped colours; a theme swaps them in the
finished text, so that no block and no drawing needs to know of it.
"""

from __future__ import annotations

import re

from ..definition.theme import Colours, Theme

# Colours that follow from another: how far from it towards white, or (negative) towards black.
_FOLLOWING = {
    "#E8F0F9": ("main", 0.905),
    "#D5E2F0": ("deep", 0.85),
    "#F1F6FA": ("main", 0.945),
    "#D3E1F0": ("main", 0.82),
    "#ADC8E2": ("main", 0.66),
    "#86ADD4": ("main", 0.5),
    "#F6E3CE": ("peers", 0.78),
    "#D9AF82": ("peers", 0.5),
    "#7A3F02": ("peers", -0.33),
}
_WIDE_MARKS = {script: f'"Noto Sans {script} Marks"' for script in ("SC", "TC")}


def dressed(text: str, theme: Theme | None) -> str:
    """The text with the theme's colours.

    >>> plain = Theme(theme="a", version="1.0.0", colours=Colours(main="#0A4C86"))
    >>> dressed("color: #0b5cad; background: #E8F0F9", plain)
    'color: #0A4C86; background: #E8EEF4'
    """
    if theme is None or theme.colours == Colours():
        return text
    swaps = _swaps(theme.colours)
    pattern = re.compile("|".join(swaps), re.IGNORECASE)
    return pattern.sub(lambda found: swaps[found[0].upper()], text)


def font_style(theme: Theme | None) -> str:
    """A style sheet that sets all text in the theme's font, the shipped ones behind it."""
    if theme is None or theme.fonts is None:
        return ""
    own, fonts = f'"{theme.fonts.family}"', theme.fonts
    weights = {400: fonts.regular, 700: fonts.bold or fonts.regular}
    faces = [
        f"@font-face {{ font-family: {own}; font-weight: {weight}; src: url({address}) }}"
        for weight, address in weights.items()
    ]
    simplified, traditional = '"Noto Sans SC"', '"Noto Sans TC"'
    first = f"{own}, Inter, {simplified}, {traditional}"
    second = f"{own}, Inter, {traditional}, {simplified}"
    boxes = ("top-left", "top-center", "top-right", "bottom-left", "bottom-right")
    page = " ".join(f"@{box} {{ font-family: {first} }}" for box in boxes)
    page_second = " ".join(f"@{box} {{ font-family: {second} }}" for box in boxes)
    rules = (
        f"html, pre {{ font-family: {first} }}",
        f":lang(zh-Hans) {{ font-family: {_WIDE_MARKS['SC']}, {first} }}",
        f":lang(zh-Hant), :lang(zh-Hant) pre {{ font-family: {_WIDE_MARKS['TC']}, {second} }}",
        f"@page {{ {page} }}",
        f"@page :lang(zh-Hant) {{ {page_second} }}",
    )
    return "\n".join((*faces, *rules))


def _swaps(colours: Colours) -> dict[str, str]:
    shipped = Colours()
    swaps = {getattr(shipped, name).upper(): getattr(colours, name) for name in Colours.model_fields}
    for colour, (name, share) in _FOLLOWING.items():
        swaps[colour] = _mixed(getattr(colours, name), share)
    return swaps


def _mixed(colour: str, share: float) -> str:
    """So far towards white, or towards black."""
    end = 255 if share > 0 else 0
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (end - part) * abs(share)):02X}" for part in parts)

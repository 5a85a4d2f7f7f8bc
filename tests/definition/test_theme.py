"""Themes: legible colours, pictures that are pictures, fonts that are fonts, nothing from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from crm_capability.definition.theme import Colours, apart, contrast
from crm_capability.definition.theme_file import load_theme
from crm_capability.errors import DefinitionError

SHIPPED = Path(__file__).parents[2] / "reports" / "themes"
FONTS = SHIPPED.parent / "fonts"


def theme(folder: Path, rest: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(f"theme: mine\nversion: 1.0.0\n{rest}\n", encoding="utf-8")
    return file


def problem(file: Path) -> str:
    with pytest.raises(DefinitionError) as error:
        load_theme(file)
    return str(error.value)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_shipped_themes_are_sound(file: Path) -> None:
    assert load_theme(file).theme == file.stem


def test_contrast_is_that_of_the_guidelines() -> None:
    """Examples of W3C's own technique G18 and of WebAIM: black, the lightest passing grey, pure red."""
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.005)
    assert contrast("#FF0000") == pytest.approx(4.0, abs=0.005)


def test_the_shipped_colours_differ_for_everyone() -> None:
    shipped = Colours()
    assert apart(shipped.main, shipped.fall) > 100
    assert apart("#FF0000", "#FF0000") == 0
    assert apart("#2E8B2E", "#A6611A") < apart("#0B5CAD", "#A6611A")


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("colours: {main: '#7FB2E5'}", "mine.yaml:3:17: #7FB2E5 has a contrast of 2.2 on white"),
        ("colours: {before: '#1B2733'}", "must lie from 1.4 to 2.6"),
        ("colours: {main: red}", "does not have the right form"),
        ("colours: {main: '#A03C1E', fall: '#A8321E'}", "look alike to the colour-blind"),
        ("logo: nowhere.png", "no such file: nowhere.png"),
        ("logo: ../pyproject.toml", "is no file in the theme's folder"),
        ("logo: https://example.com/logo.png", "is no file in the theme's folder"),
        ("logo: text.png", "text.png is not PNG, JPEG or SVG"),
        ("logo: cut.png", "cut.png is not PNG, JPEG or SVG"),
        ("logo: web.svg", "web.svg is not PNG, JPEG or SVG"),
        ("logo: script.svg", "script.svg is not PNG, JPEG or SVG"),
        ("logo: entity.svg", "entity.svg is not PNG, JPEG or SVG"),
        ("logo: linked.png", "is no file in the theme's folder"),
        ("fonts: {family: Mine, regular: text.png}", "is not an OpenType or TrueType font"),
        ("fonts: {family: 'x; }', regular: text.png}", "does not have the right form"),
    ],
)
def test_what_is_wrong_is_said(rest: str, told: str, tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
    (tmp_path / "text.png").write_text("no picture")
    Image.new("RGB", (40, 20), "navy").save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    (tmp_path / "web.svg").write_text(svg.format('<image xlink:href="https://example.com/x.png"/>'))
    (tmp_path / "script.svg").write_text(svg.format("<script>alert(1)</script>"))
    (tmp_path / "entity.svg").write_text('<!DOCTYPE svg [<!ENTITY a "b">]>' + svg.format(""))
    (tmp_path / "linked.png").symlink_to("/etc/hostname")
    assert told in problem(theme(tmp_path, rest))


def test_pictures_and_fonts_are_taken_along(tmp_path: Path) -> None:
    Image.new("RGB", (40, 20), "navy").save(tmp_path / "logo.jpg")
    (tmp_path / "font.otf").write_bytes((FONTS / "Inter-Regular.otf").read_bytes())
    found = load_theme(theme(tmp_path, "logo: logo.jpg\nfonts: {family: Mine, regular: font.otf}"))
    assert found.logo is not None
    assert found.logo.startswith("data:image/jpeg;base64,")
    assert found.fonts is not None
    assert found.fonts.regular.startswith("data:font/otf;base64,")

"""A firm's own look over the shipped pages."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from crm_capability.analysis.result import Result, load_result
from crm_capability.cli import main
from crm_capability.definition.library import shipped
from crm_capability.definition.theme import Colours, FontFiles, Theme
from crm_capability.definition.theme_file import load_theme
from crm_capability.errors import ReportError
from crm_capability.report.folder import write_result
from crm_capability.report.write import write_report

Make = Callable[..., Result]


def test_every_shipped_colour_gives_way(tmp_path: Path, make: Make) -> None:
    theme = Theme(theme="a", version="1.0.0", colours=Colours(main="#0A4C86", deep="#222222"))
    write_report(replace(make(), theme=theme), tmp_path)
    page = (tmp_path / "report.en.html").read_text(encoding="utf-8").upper()
    assert "#0A4C86" in page
    assert "#0B5CAD" not in page
    assert "#0A2F57" not in page


def test_a_logo_stands_on_the_cover_and_a_font_in_the_file(tmp_path: Path, make: Make) -> None:
    Image.new("RGB", (60, 20), "navy").save(tmp_path / "logo.png")
    (tmp_path / "font.otf").write_bytes((shipped("reports") / "fonts" / "NotoSansTC-Bold.otf").read_bytes())
    (tmp_path / "t.yaml").write_text(
        "theme: t\nversion: 1.0.0\nlogo: logo.png\nfonts: {family: Ours, regular: font.otf}\n"
    )
    write_report(replace(make(), theme=load_theme(tmp_path / "t.yaml")), tmp_path)
    reader = PdfReader(tmp_path / "report.en.pdf")
    assert [image.image.size for image in reader.pages[0].images if image.image] == [(60, 20)]
    fonts = {
        font.get_object()["/BaseFont"].split("+")[-1]
        for font in reader.pages[0]["/Resources"]["/Font"].values()
    }
    assert any(name.startswith("Ours") for name in fonts)


def test_a_theme_stays_with_its_result(tmp_path: Path, make: Make) -> None:
    sealed = "data:font/otf;base64," + base64.b64encode(b"OTTO").decode()
    theme = Theme(theme="a", version="1.0.0", fonts=FontFiles(family="Ours", regular=sealed))
    write_result(replace(make(), theme=theme), tmp_path / "out")
    assert load_result(tmp_path / "out").theme == theme


def test_report_renders_another_template_and_theme_elsewhere(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(make(), tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    words = ["report", str(tmp_path / "out"), "--template", "appendix", "--theme", "graphite"]
    assert main([*words, "--only", "zh-Hans", "--out", str(tmp_path / "more")]) == 0
    names = ["report.zh-Hans.html", "report.zh-Hans.pdf", "workbook.xlsx"]
    assert capsys.readouterr().out.split() == [str(tmp_path / "more" / name) for name in names]
    assert "#1F4E6B" in (tmp_path / "more" / "report.zh-Hans.html").read_text(encoding="utf-8")
    assert before == {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}


def test_report_names_what_it_does_not_know(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(make(), tmp_path / "out")
    assert main(["report", str(tmp_path / "out"), "--template", "benchmrk"]) == 1
    assert 'did you mean "benchmark"?' in capsys.readouterr().err
    assert main(["report", str(tmp_path / "out"), "--theme", "graphit"]) == 1
    assert "graphite" in capsys.readouterr().err


def test_a_plan_names_its_own_template_and_theme_from_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "mine")]) == 0
    plan = tmp_path / "mine" / "assessment.yaml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(
        text.replace("template: scorecard", "template: ./ours, theme: ./ours.yaml"), encoding="utf-8"
    )
    (tmp_path / "mine" / "ours.yaml").write_text("theme: ours\nversion: 1.0.0\ncolours: {main: '#FFFFFF'}\n")
    out = str(tmp_path / "out")
    assert main(["run", str(plan), "--out", out]) == 1
    assert "ours.yaml:3:" in capsys.readouterr().err
    (tmp_path / "mine" / "ours.yaml").write_text("theme: ours\nversion: 1.0.0\ncolours: {main: '#1F4E6B'}\n")
    assert main(["run", str(plan), "--out", out]) == 1
    assert "is no folder with a report template" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    (tmp_path / "mine" / "ours").mkdir()
    (tmp_path / "mine" / "ours" / "cover.html").write_text("<h1>Ours {{ facts.cover.answer }}</h1>")
    assert main(["run", str(plan), "--out", out]) == 0
    page = (tmp_path / "out" / "report.en.html").read_text(encoding="utf-8")
    assert "<h1>Ours " in page
    assert "#1F4E6B" in page


def test_a_block_that_is_nowhere_is_a_mistake_of_the_template(tmp_path: Path, make: Make) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.html").write_text(
        "{% extends 'page.html' %}{% set parts = ['cover', 'scorecrad'] %}"
    )
    with pytest.raises(ReportError, match=r"scorecrad\.html"):
        write_report(make(), tmp_path, template=tmp_path / "mine")

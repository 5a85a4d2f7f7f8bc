"""A client's own PowerPoint file: its layouts carry the deck, what else it holds stays out, and what
is not sound is refused."""

from __future__ import annotations

import base64
import copy
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.opc.constants import RELATIONSHIP_TYPE

from crm_capability import load_plan
from crm_capability.analysis.result import Result, load_result
from crm_capability.cli import main
from crm_capability.definition import slide_master
from crm_capability.definition.slide_master import load_master, master_bytes
from crm_capability.errors import CapabilityError, DefinitionError, ReportError
from crm_capability.report.facts import facts
from crm_capability.report.folder import write_result
from crm_capability.report.language import language
from crm_capability.report.slides import write_slides

Make = Callable[..., Result]
Spilt = Callable[[Path], list[str]]
WIDE, TALL = 12192000, 6858000
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LOGO = (WIDE - 2000000, 5600000, 1800000, 600000)


def picture() -> io.BytesIO:
    sink = io.BytesIO()
    Image.new("RGB", (60, 20), "#A01030").save(sink, "PNG")
    sink.seek(0)
    return sink


def firm(ground: str = "") -> bytes:
    """A firm's file: wide, layouts with names of its own, a logo on the master, a slide in it."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDE, TALL
    master = deck.slide_master
    for layout in (master, *master.slide_layouts):
        for shape in layout.placeholders:
            if (
                shape._element.spPr.find("{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm")
                is not None
            ):
                shape.left, shape.width = shape.left * 4 // 3, shape.width * 4 // 3
    for number, layout in enumerate(master.slide_layouts):
        layout.name = f"Haus {number}"
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Internal, do not pass on"
    slide.notes_slide.notes_text_frame.text = "Said in confidence"
    shown = slide.shapes.add_picture(picture(), *LOGO)
    mark = copy.deepcopy(shown._element)
    inside = slide.part.related_part(mark.blip_rId)
    mark.blipFill.find("{http://schemas.openxmlformats.org/drawingml/2006/main}blip").set(
        f"{_ID}embed", master.part.relate_to(inside, RELATIONSHIP_TYPE.IMAGE)
    )
    master.shapes._spTree.append(mark)
    if ground:
        master.background.fill.solid()
        master.background.fill.fore_color.rgb = RGBColor.from_string(ground)
    deck.core_properties.author = "A person of the firm"
    sink = io.BytesIO()
    deck.save(sink)
    return sink.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return sink.getvalue()


def changed(part: str, old: str, new: str) -> bytes:
    """The firm's file with one part changed."""
    parts = parts_of(firm())
    assert old.encode() in parts[part]
    return zipped({**parts, part: parts[part].replace(old.encode(), new.encode(), 1)})


@pytest.fixture(scope="module")
def firm_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("firm") / "firm.pptx"
    path.write_bytes(firm())
    return path


def deck(result: Result, path: Path, master: Path | None = None, code: str = "en") -> Any:
    lang = language(code)
    write_slides(facts(result, lang), result, lang, path, master)
    return Presentation(str(path))


def test_a_deck_stands_on_the_clients_layouts(make: Make, firm_file: Path, tmp_path: Path) -> None:
    made = deck(make(), tmp_path / "a.pptx", firm_file)
    assert (made.slide_width, made.slide_height) == (WIDE, TALL)
    assert [slide.slide_layout.name for slide in made.slides][:2] == ["Haus 0", "Haus 5"]
    assert {slide.slide_layout.name for slide in list(made.slides)[1:]} == {"Haus 5"}
    layout = made.slides[1].slide_layout
    title = next(shape for shape in layout.placeholders if shape.placeholder_format.type == 1)
    assert made.slides[1].shapes.title.left == title.left
    assert made.slides[1].shapes.title.top == title.top
    assert all(
        "‹" not in shape.text_frame.text
        for slide in made.slides
        for shape in slide.shapes
        if shape.has_text_frame
    )


def test_nothing_covers_the_title_or_the_logo(make: Make, firm_file: Path, tmp_path: Path) -> None:
    for slide in list(deck(make(), tmp_path / "a.pptx", firm_file).slides)[1:]:
        title = slide.shapes.title
        for shape in slide.shapes:
            if shape.is_placeholder:
                continue
            assert shape.top >= title.top + title.height
            assert shape.top + shape.height <= LOGO[1] or shape.left + shape.width <= LOGO[0]
            assert shape.left >= 0
            assert shape.left + shape.width <= WIDE


@pytest.mark.parametrize("code", ["en", "zh-Hant"])
@pytest.mark.parametrize("narrow", [False, True])
def test_nothing_spills_on_a_clients_master(
    narrow: bool, code: str, whole_result: Result, firm_file: Path, tmp_path: Path, spilt: Spilt
) -> None:
    master = tmp_path / "narrow.pptx"
    Presentation().save(str(master))  # four to three
    deck(whole_result, tmp_path / "a.pptx", master if narrow else firm_file, code)
    assert spilt(tmp_path / "a.pptx") == []


def test_what_the_client_had_in_it_stays_out(make: Make, firm_file: Path, tmp_path: Path) -> None:
    deck(make(), tmp_path / "a.pptx", firm_file)
    for content in (master_bytes(load_master(firm_file)), (tmp_path / "a.pptx").read_bytes()):
        whole = b"".join(parts_of(content).values())
        for secret in (b"Internal, do not pass on", b"Said in confidence", b"A person of the firm"):
            assert secret not in whole
    assert not any(
        "slides/" in name or "notes" in name or "thumbnail" in name
        for name in parts_of(master_bytes(load_master(firm_file)))
    )


def test_links_and_foreign_parts_of_a_master_are_dropped(tmp_path: Path, make: Make) -> None:
    parts = parts_of(firm())
    rels, layout = "ppt/slideLayouts/_rels/slideLayout6.xml.rels", "ppt/slideLayouts/slideLayout6.xml"
    added = f'<Relationship Id="rId90" Type="{LINK}/hyperlink" Target="https://example.org/" TargetMode="External"/><Relationship Id="rId91" Type="{LINK}/tags" Target="../tags/tag1.xml"/></Relationships>'
    link = f'<a:hlinkClick xmlns:r="{LINK}" r:id="rId90"/>'
    parts[rels] = parts[rels].replace(b"</Relationships>", added.encode())
    parts[layout] = parts[layout].replace(
        b'<p:cNvPr id="2" name="Title 1"/>', f'<p:cNvPr id="2" name="Title 1">{link}</p:cNvPr>'.encode(), 1
    )
    assert link.encode() in parts[layout]
    parts["ppt/tags/tag1.xml"] = b"<tags/>"
    (tmp_path / "firm.pptx").write_bytes(zipped(parts))
    kept = parts_of(master_bytes(load_master(tmp_path / "firm.pptx")))
    assert "ppt/tags/tag1.xml" not in kept
    assert not any(b"example.org" in content or b"hlinkClick" in content for content in kept.values())
    assert len(deck(make(), tmp_path / "a.pptx", tmp_path / "firm.pptx").slides) > 5


def test_a_template_file_will_do(make: Make, tmp_path: Path) -> None:
    content = changed("[Content_Types].xml", "presentation.main+xml", "template.main+xml")
    (tmp_path / "firm.potx").write_bytes(content)
    assert len(deck(make(), tmp_path / "a.pptx", tmp_path / "firm.potx").slides) > 5


@pytest.mark.parametrize(("ground", "panel"), [("", False), ("F7F7F5", False), ("101C3C", True)])
def test_a_dark_master_gets_a_light_ground_for_charts(
    ground: str, panel: bool, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "firm.pptx").write_bytes(firm(ground))
    made = deck(make(), tmp_path / "a.pptx", tmp_path / "firm.pptx")
    names = [shape.name for slide in list(made.slides)[1:] for shape in slide.shapes]
    assert any(name.startswith("Ground") for name in names) == panel


def test_the_master_stays_with_its_result(make: Make, firm_file: Path, tmp_path: Path) -> None:
    result = replace(make(), master=load_master(firm_file))
    write_result(result, tmp_path / "out")
    again = load_result(tmp_path / "out")
    assert again.master == result.master
    made = deck(again, tmp_path / "a.pptx")
    assert made.slides[1].slide_layout.name == "Haus 5"
    deck(again, tmp_path / "b.pptx")
    assert (tmp_path / "a.pptx").read_bytes() == (tmp_path / "b.pptx").read_bytes()


def test_a_plan_names_its_master(tmp_path: Path, firm_file: Path) -> None:
    assert main(["init", str(tmp_path / "mine")]) == 0
    plan = tmp_path / "mine" / "assessment.yaml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(
        text.replace("template: scorecard", "template: scorecard, slides: ./firm.pptx"), encoding="utf-8"
    )
    with pytest.raises(DefinitionError, match=r"assessment\.yaml:\d+:\d+: no such file: \./firm\.pptx"):
        load_plan(plan)
    (tmp_path / "mine" / "firm.pptx").write_bytes(firm_file.read_bytes())
    assert load_plan(plan).master == load_master(firm_file)
    plan.write_text(
        text.replace("template: scorecard", f"template: scorecard, slides: {firm_file}"), encoding="utf-8"
    )
    with pytest.raises(DefinitionError, match="lies outside the plan's folder"):
        load_plan(plan)


def without_layout(place: int) -> bytes:
    source = Presentation(io.BytesIO(firm()))
    for slide in list(source.slides._sldIdLst):
        source.part.drop_rel(slide.rId)
        source.slides._sldIdLst.remove(slide)
    for layout in list(source.slide_layouts):
        if layout.name == f"Haus {place}" or (place == 5 and layout.name == "Haus 6"):
            source.slide_layouts.remove(layout)
    sink = io.BytesIO()
    source.save(sink)
    return sink.getvalue()


def linked() -> bytes:
    parts = parts_of(firm())
    rels = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    one = f'<Relationship Id="rId99" Type="{LINK}/image" Target="https://example.org/logo.png" TargetMode="External"/></Relationships>'
    return zipped({**parts, rels: parts[rels].replace(b"</Relationships>", one.encode())})


def twice() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("[Content_Types].xml", "<Types/>")
    return sink.getvalue()


UNSOUND: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: b"not a zip", "is no PowerPoint file"),
    "cut": (lambda: firm()[:20000], "is no PowerPoint file"),
    "old": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "before 2007, or has a password"),
    "other zip": (lambda: zipped({"a.txt": b"a"}), "is no PowerPoint file"),
    "word": (lambda: zipped({"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>"}), "has no master"),
    "macros": (lambda: changed("[Content_Types].xml", "presentationml.presentation.main+xml", "presentation.macroEnabled.main+xml"), "holds macros"),
    "macro part": (lambda: zipped({**parts_of(firm()), "ppt/vbaProject.bin": b"x"}), "holds macros"),
    "entities": (lambda: changed("ppt/presentation.xml", "<p:presentation", '<!DOCTYPE a [<!ENTITY b "c">]><p:presentation'), "defines entities"),
    "strict": (lambda: changed("_rels/.rels", "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument", "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"), "Strict"),
    "broken": (lambda: changed("ppt/presentation.xml", "<p:presentation", "<p:presentatio"), "or a damaged one"),
    "linked picture": (linked, r"picture that is not in it: → https://example\.org/logo\.png"),
    "no title slide": (lambda: without_layout(0), 'no layout for a title slide .*it has "Haus 1"'),
    "no plain layout": (lambda: without_layout(5), "no layout for a title alone"),
    "twice": (twice, "two parts of one name"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNSOUND)
def test_an_unsound_file_is_refused_with_a_remedy(kind: str, tmp_path: Path) -> None:
    make, told = UNSOUND[kind]
    (tmp_path / "firm.pptx").write_bytes(make())
    with pytest.raises(DefinitionError, match=told) as caught:
        load_master(tmp_path / "firm.pptx")
    assert all(
        problem.remedy and problem.where.file.endswith("firm.pptx") for problem in caught.value.problems
    )


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {**parts_of(firm()), "ppt/media/zeros.bin": bytes(3_000_000)}
    (tmp_path / "firm.pptx").write_bytes(zipped(parts))
    assert (tmp_path / "firm.pptx").stat().st_size < 100_000
    load_master(tmp_path / "firm.pptx")
    monkeypatch.setattr(slide_master, "MOST_UNPACKED", 2_000_000)
    with pytest.raises(DefinitionError, match="unpacks to more than"):
        load_master(tmp_path / "firm.pptx")
    monkeypatch.setattr(slide_master, "MOST_BYTES", 1000)
    with pytest.raises(DefinitionError, match="more than 1,000 bytes"):
        load_master(tmp_path / "firm.pptx")


def test_a_drawing_with_a_script_is_refused(tmp_path: Path) -> None:
    parts = parts_of(firm())
    rels = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    one = f'<Relationship Id="rId99" Type="{LINK}/image" Target="../media/logo.svg"/></Relationships>'
    parts[rels] = parts[rels].replace(b"</Relationships>", one.encode())
    parts["ppt/media/logo.svg"] = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    (tmp_path / "firm.pptx").write_bytes(zipped(parts))
    with pytest.raises(DefinitionError, match=r"scripts or addresses: ppt/media/logo\.svg"):
        load_master(tmp_path / "firm.pptx")


def test_a_master_without_room_is_told(make: Make, tmp_path: Path) -> None:
    source = Presentation(io.BytesIO(firm()))
    for layout in (source.slide_master, *source.slide_layouts):
        for shape in layout.placeholders:
            if shape.placeholder_format.type == 1:
                shape.left, shape.top, shape.width, shape.height = 0, TALL * 3 // 10, WIDE, TALL * 15 // 100
            elif shape.placeholder_format.type in (13, 15):
                shape.left, shape.top, shape.width, shape.height = 0, TALL * 7 // 10, WIDE, TALL // 10
    source.save(str(tmp_path / "firm.pptx"))
    with pytest.raises(ReportError, match="too little room"):
        deck(make(), tmp_path / "a.pptx", tmp_path / "firm.pptx")
    assert not (tmp_path / "a.pptx").exists()


def test_a_report_without_names_has_no_master(make: Make, firm_file: Path) -> None:
    from crm_capability.report.anonymous import anonymised

    assert anonymised(replace(make(), master=load_master(firm_file))).master is None


def test_what_is_kept_is_a_small_file(firm_file: Path) -> None:
    sealed = load_master(firm_file)
    assert sealed.startswith(
        "data:application/vnd.openxmlformats-officedocument.presentationml.presentation;base64,"
    )
    assert len(base64.b64decode(sealed.partition(",")[2])) < firm_file.stat().st_size
    assert issubclass(DefinitionError, CapabilityError)

"""The deck: slides with a title, a note at the foot, a page number and the speaker's notes."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from .look import GREY, RED, Look
from .stage import POINT, Box, Stage, by_kind
from .text import Line, Voice, clean, fitting, height, paragraph, run

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
TITLE_LEAST, NOTE = 12.0, 8.5
_NOTE_LINES = 4
_FIELD = "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}"


@dataclass(frozen=True)
class Head:
    """What stands around a slide's content."""

    title: str
    topic: str
    note: str  # n, period, source
    notice: str = ""  # what a reader must not miss
    spoken: tuple[str, ...] = ()  # the speaker's notes


@dataclass
class Slide:
    """A slide being filled."""

    made: Any
    deck: Deck
    area: Box
    title: str
    topic: str = ""
    numbers: int = field(default=0)

    @property
    def voice(self) -> Voice:
        return self.deck.stage.voice

    @property
    def look(self) -> Look:
        return self.deck.look

    def text(self, box: Box, lines: list[Line], name: str, anchor: str = "t") -> Any:
        """Paragraphs in a box without margins; gives the text's body."""
        shape = self.made.shapes.add_textbox(*box.emu())
        shape.name = self._named(name)
        body = shape.text_frame._txBody
        body.bodyPr.set("wrap", "square")
        for side in ("lIns", "tIns", "rIns", "bIns"):
            body.bodyPr.set(side, "0")
        body.bodyPr.set("anchor", anchor)
        write(body, "".join(paragraph(line, self.voice) for line in lines))
        return body

    def graphic(self, made: Any, name: str, alt: str) -> Any:
        """Name a chart or a table and say what it shows to those who do not see it."""
        made.name = self._named(name)
        made._element.nvGraphicFramePr.cNvPr.set("descr", clean(alt))
        return made

    def _named(self, name: str) -> str:
        self.numbers += 1
        return f"{name} {self.numbers}"


class Deck:
    """A presentation in one language that grows slide by slide."""

    def __init__(self, stage: Stage, look: Look, running: str):
        self.stage, self.look, self.running = stage, look, running
        self.slides: list[Slide] = []

    def room(self, note: str) -> float:
        """The height that a slide with this note leaves to its content."""
        return self.stage.area.height - self._note_height(note)

    def _note_height(self, note: str) -> float:
        if not note:
            return 0.0
        return min(height(note, NOTE, self.stage.area.width), _NOTE_LINES * NOTE * 1.45) + 8.0

    def opening(self, title: str, under: list[str], spoken: tuple[str, ...]) -> Slide:
        """The first slide."""
        made = self.stage.presentation.slides.add_slide(self.stage.opening)
        slide = Slide(made, self, self.stage.area, title)
        self._title(slide, title)
        kinds = by_kind(made)
        below = kinds.get("subTitle") or kinds.get("body")
        if below is not None:
            size = self._size_for(below, " ".join(under), 18.0, lines=len(under))
            body = below.text_frame._txBody
            texts = "".join(
                f"<a:p>{run(text, self.stage.voice, size, n == 0)}</a:p>" for n, text in enumerate(under)
            )
            write(body, texts)
        self._bare(
            slide, {"ctrTitle", "title", "subTitle"} | ({"body"} if "subTitle" not in kinds else set())
        )
        self._speak(slide, spoken)
        self.slides.append(slide)
        return slide

    def slide(self, head: Head) -> Slide:
        """A further slide; its content goes into `area`."""
        made = self.stage.presentation.slides.add_slide(self.stage.plain)
        tall = self._note_height(head.notice + head.note)
        area = self.stage.area
        slide = Slide(made, self, area.within(bottom=tall), head.title, head.topic)
        self._title(slide, head.title)
        self._bare(slide, {"title", "ctrTitle"})
        if self.stage.panel:
            self._panel(slide)
        if head.note:
            box = Box(area.left, area.bottom - tall + 8, area.width, tall - 8)
            body = slide.text(box, [], "Note", "b")
            voice, look = self.stage.voice, self.look.colour
            notice = run(head.notice + "  ", voice, NOTE, True, look(RED)) if head.notice else ""
            told = run(self._short(head.note, head.notice), voice, NOTE, False, look(GREY))
            write(body, f"<a:p>{notice}{told}</a:p>")
        self._foot(slide)
        self._speak(slide, (*head.spoken, head.note))
        self.slides.append(slide)
        return slide

    def _short(self, note: str, notice: str) -> str:
        """As much as stands on the lines there are; the whole is in the speaker's notes."""
        room = self.stage.area.width
        if height(notice + note, NOTE, room) <= _NOTE_LINES * NOTE * 1.45:
            return note
        while height(notice + note + "…", NOTE, room) > _NOTE_LINES * NOTE * 1.45:
            note = note[: -max(len(note) // 40, 1)]
        return note.rstrip() + "…"

    def _title(self, slide: Slide, title: str) -> None:
        shape = slide.made.shapes.title
        size = self._size_for(shape, title, 30.0 if slide.made.slide_layout == self.stage.opening else 24.0)
        write(shape.text_frame._txBody, f"<a:p>{run(title, self.stage.voice, size)}</a:p>")

    def _size_for(self, shape: Any, text: str, most: float, lines: int = 1) -> float:
        """The type size in which the text fits a placeholder, margins and paragraphs counted."""
        frame = shape.text_frame
        room = (shape.width - (frame.margin_left or 0) - (frame.margin_right or 0)) / POINT
        tall = (shape.height - (frame.margin_top or 0) - (frame.margin_bottom or 0)) / POINT
        most = min(most, _inherited(shape) or most)
        return fitting(text, room, tall - (lines - 1) * most * 1.3, most, TITLE_LEAST)

    def _bare(self, slide: Slide, kept: set[str]) -> None:
        """Placeholders that nothing is written into would print their prompts."""
        for shape in list(slide.made.placeholders):
            if (shape._element.ph.get("type") or "obj") not in kept:
                shape._element.getparent().remove(shape._element)

    def _panel(self, slide: Slide) -> None:
        """A light ground on a dark master: the colours of charts are made for it."""
        area = self.stage.area
        shape = slide.made.shapes.add_shape(1, *area.within(-6, -4, -6, -4).emu())
        shape.name = slide._named("Ground")
        shape.fill.solid()
        from pptx.dml.color import RGBColor

        shape.fill.fore_color.rgb = RGBColor(255, 255, 255)
        shape.line.fill.background()

    def _foot(self, slide: Slide) -> None:
        """Whose report it is, and the number of the page, in the layout's own places."""
        layout = by_kind(self.stage.plain)
        foot = " · ".join(part for part in (self.running, slide.topic) if part)
        look, _, text = run(str(len(self.slides) + 1), self.stage.voice, 9.0).partition("<a:t>")
        number = f'<a:fld id="{_FIELD}" type="slidenum">{look.removeprefix("<a:r>")}<a:t>{text.replace("</a:r>", "</a:fld>")}'
        for kind in ("ftr", "sldNum"):
            if kind in layout:
                shape = copy.deepcopy(layout[kind]._element)
                slide.made.shapes._spTree.append(shape)
                shape.nvSpPr.cNvPr.set("id", str(900 + (kind == "sldNum")))
                width = layout[kind].width / POINT
                write(shape.txBody, f"<a:p>{self._foot_run(kind, foot, number, width)}</a:p>")
            elif kind == "sldNum":
                wide, tall = self.stage.size
                box = Box(wide - 60, tall - 22, 48, 14)
                body = slide.text(box, [], "Page number")
                write(body, f'<a:p><a:pPr algn="r"/>{self._foot_run(kind, foot, number, 48)}</a:p>')

    def _foot_run(self, kind: str, foot: str, number: str, width: float) -> str:
        voice = self.stage.voice
        if kind == "sldNum":
            return number
        from ..canvas import wrapped

        return run(wrapped(foot, width - 16, 9.0, 1)[0], voice, 9.0)

    def _speak(self, slide: Slide, spoken: tuple[str, ...]) -> None:
        told = [text for text in dict.fromkeys(spoken) if text]
        frame = slide.made.notes_slide.notes_text_frame if told else None
        if frame is not None:
            write(frame._txBody, "".join(f"<a:p>{run(text, self.stage.voice)}</a:p>" for text in told))


def _inherited(shape: Any) -> float | None:
    """The size that a placeholder's layout or master gives its text, in points."""
    from pptx.oxml.ns import qn

    base = shape._base_placeholder
    while base is not None:
        for style in base._element.iter(qn("a:lvl1pPr")):
            for type_ in style.iter(qn("a:defRPr")):
                if type_.get("sz"):
                    return int(type_.get("sz")) / 100
        base = getattr(base, "_base_placeholder", None)
    master = shape.part.slide_layout.slide_master._element
    styles = (
        "p:titleStyle"
        if "itle" in (shape._element.ph.get("type") or "") and shape._element.ph.get("type") != "subTitle"
        else "p:bodyStyle"
    )
    for style in master.iter(qn(styles)):
        for level in style.iter(qn("a:lvl1pPr")):
            for type_ in level.iter(qn("a:defRPr")):
                if type_.get("sz"):
                    return int(type_.get("sz")) / 100
    return None


def write(body: Any, paragraphs: str) -> None:
    """Put paragraphs in the place of those that a text body has."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import qn

    for old in body.findall(qn("a:p")):
        body.remove(old)
    made = parse_xml(f'<a:txBody xmlns:a="{_DRAWING}">{paragraphs or "<a:p/>"}</a:txBody>')
    for new in list(made):
        body.append(new)

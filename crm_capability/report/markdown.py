"""The report as Markdown: its own HTML with what can only be seen put into words.

Made from the finished page, so that a client's own blocks are in it as well. Headings, sentences and
tables stay; a drawing becomes its alternative text; columns that hold bars alone go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

# what a reader of plain text has no use for: contents with page numbers, keys of colours, bars, ticks
_SEEN_ONLY = "nav, .key, .track, .ticks, .strip, colgroup, i, script, style, img"
# what CommonMark and its tables would read as markup: anywhere, and at the start of a line
_MARKUP = re.compile(r"[\\`*<\[\]|~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_START = re.compile(r"^(\s*\d*)([-+#>=.)])(?=\s|$)")


def markdown(html: str) -> str:
    """The page as CommonMark with tables; all text of it is text, never markup."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    title = page.title.get_text() if page.title else ""
    body = page.body or page
    for drawing in body.find_all("svg"):
        _in_words(page, drawing)
    for thing in body.select(_SEEN_ONLY):
        thing.decompose()
    for table in body.find_all("table"):
        _without_empty_columns(table)
    for topic in body.select("p.topic"):
        _headed(topic)
    for figure in body.select(".figures .figure"):
        _labelled(page, figure)
    for link in body.find_all("a"):
        link.unwrap()
    text = re.sub(r"[ \t]+\n", "\n", _converter().convert_soup(body))
    return f"<!-- {_comment(title)} -->\n\n" + re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _converter() -> Any:
    from markdownify import MarkdownConverter

    class Converter(MarkdownConverter):
        """Escapes what would be markup and nothing else: the library's own way also marks each plus."""

        def escape(self, text: str, parent_tags: set[str]) -> str:
            return _START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text))

    return Converter(heading_style="ATX", bullets="-", newline_style="BACKSLASH")


def _in_words(page: BeautifulSoup, drawing: Tag) -> None:
    told = drawing.find("title")
    words = page.new_tag("p")
    words.string = told.get_text(" ", strip=True) if told else ""
    drawing.replace_with(words)


def _without_empty_columns(table: Tag) -> None:
    """Take out the columns that hold nothing below their heading; a cell over several columns gets narrower."""
    rows = [list(_placed(row)) for row in table.find_all("tr")]
    told = {
        column
        for row in rows
        for cell, columns in row
        if len(columns) == 1 and not cell.find_parent("thead") and cell.get_text(strip=True)
        for column in columns
    }
    for row in rows if told else ():
        for cell, columns in row:
            left = sum(column in told for column in columns)
            if left == 0 and len(columns) == 1:
                cell.decompose()
            elif len(columns) > 1:
                cell["colspan"] = str(max(left, 1))


def _placed(row: Tag) -> Iterator[tuple[Tag, range]]:
    """A row's cells with the columns they take."""
    place = 0
    for cell in row.find_all(["th", "td"], recursive=False):
        wide = int(str(cell.get("colspan", "1")))
        yield cell, range(place, place + wide)
        place += wide


def _headed(topic: Tag) -> None:
    """A chapter's topic goes into its heading, before a message that does not begin with it anyway."""
    heading, words = topic.find_next_sibling(["h1", "h2", "h3"]), topic.get_text(strip=True)
    if heading is not None:
        if not heading.get_text(strip=True).startswith(words):
            heading.insert(0, f"{words} – ")
        topic.decompose()


def _labelled(page: BeautifulSoup, figure: Tag) -> None:
    """A headline number on one line: what it is, the number, what belongs to it."""
    label, *rest = (part.get_text(" ", strip=True) for part in figure.find_all("p"))
    line = page.new_tag("p")
    name = page.new_tag("strong")
    name.string = label
    line.extend([name, f" {' · '.join(part for part in rest if part)}"])
    figure.replace_with(line)


def _comment(text: str) -> str:
    """Text that cannot end the comment it stands in."""
    return re.sub(r"\s+", " ", text.replace("-", "\u2010").replace(">", "\u203a"))

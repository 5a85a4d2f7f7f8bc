"""HTML to PDF by WeasyPrint: closed to the world, the same bytes for the same input.

The files are PDF/A-3a, which keeps and may carry its data along, and PDF/UA-1, which reads aloud.
WeasyPrint claims one standard a file; its tags, titles and languages are the same for both, so
the other claim is added to the metadata.

WeasyPrint needs Pango from the system. It is looked for first, because WeasyPrint itself
prints a block to stdout and raises OSError when it is missing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import Place, Problem, ReportError
from .template import Style

_LINUX = (
    *("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0"),
    *("libharfbuzz.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1"),
)
_MACOS = ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz.dylib", "libfontconfig.dylib")
_HOMEBREW = ("/opt/homebrew/lib", "/usr/local/lib")
_APT = "apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"
_BREW = "brew install pango"

_VARIANT = "pdf/a-3a"
_NO_DATE = datetime(2000, 1, 1)
# ISO 14289-1, 5 (the claim); ISO 19005-3, 6.6.2.3 (the description of a foreign schema)
_ACCESSIBLE = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\
<pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>part of ISO 14289 that the file follows</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def probe() -> None:
    """Raise ReportError, with the command that mends it, where a system library is missing."""
    macos = sys.platform == "darwin"
    missing = [name for name in (_MACOS if macos else _LINUX) if not _loads(name, macos)]
    if missing:
        remedy = _BREW if macos else f"on Debian or Ubuntu: {_APT}; elsewhere install Pango 1.44 or later"
        what = f"PDF reports need system libraries that are missing here: {', '.join(missing)}"
        raise ReportError(Problem(Place(), what, remedy))


def _loads(name: str, macos: bool) -> bool:
    places = [f"{folder}/{name}" for folder in _HOMEBREW] if macos else []
    for place in (name, *places):
        try:
            ctypes.CDLL(place)
        except OSError:
            continue
        return True
    return False


class Printer:
    """Prints documents in one style: the parsed style sheets and fonts are shared by all.

    `base` is where a document's own names of files start, `roots` where files may lie.
    """

    def __init__(self, styles: Iterable[Style], base: Path, roots: Iterable[Path]):
        probe()
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self._base = base
        self._fetcher = _closed(tuple(roots))
        self._fonts = FontConfiguration()
        with _refusals():
            self._styles = [
                CSS(
                    string=style.text, base_url=style.base.as_uri() + "/", font_config=self._fonts, url_fetcher=self._fetcher
                )
                for style in styles
            ]  # fmt: skip

    def write(
        self,
        html: str,
        path: Path,
        files: Mapping[str, tuple[bytes, str]] | None = None,
        day: date | None = None,
    ) -> None:
        """Write the document, with files inside it: name, content and description, dated `day`."""
        from weasyprint import HTML, Attachment

        moment = datetime.combine(day, datetime.min.time()) if day else _NO_DATE
        attachments = [
            Attachment(
                string=content, name=name, description=about, created=moment, modified=moment, relationship="Data",
            )
            for name, (content, about) in sorted((files or {}).items())
        ]  # fmt: skip
        with _refusals(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves its colour profile's file open
            document = HTML(
                string=html, base_url=self._base.as_uri() + "/", url_fetcher=self._fetcher
            ).render(stylesheets=self._styles, font_config=self._fonts, pdf_variant=_VARIANT)
            plain = document.metadata.generate_rdf_metadata
            document.metadata.generate_rdf_metadata = lambda *told: _also_accessible(plain(*told))
            document.write_pdf(
                path,
                finisher=lambda _, pdf: _tagged(pdf.objects),
                pdf_variant=_VARIANT,
                attachments=attachments,
                pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            )


def _also_accessible(metadata: bytes) -> bytes:
    """The metadata with the claim of PDF/UA-1, and the schema of that claim, which PDF/A asks for."""
    end = metadata.rindex(b"</rdf:RDF>")
    return metadata[:end] + _ACCESSIBLE + metadata[end:]


def _scope(objects: Any) -> None:
    """Say of each heading cell whether it heads a column or a row: WeasyPrint leaves that out."""
    for cell in objects:
        if isinstance(cell, dict) and cell.get("S") == "/TH" and "A" in cell:
            row = objects[int(cell["P"].split()[0])]
            above = objects[int(row["P"].split()[0])]
            cell["A"]["Scope"] = "/Column" if above.get("S") == "/THead" else "/Row"


def _tagged(objects: Any) -> None:
    """What WeasyPrint leaves out of the tags: scopes of heading cells, and which elements are notes."""
    _scope(objects)
    _notes(objects)


def _notes(objects: Any) -> None:
    """A note at the foot of a page is a Note with an id of its own (ISO 14289-1, 7.9). WeasyPrint tags
    the area of the notes as an element of no meaning, right below the document."""
    elements: list[Any] = [
        one for one in objects if isinstance(one, dict) and one.get("Type") == "/StructElem"
    ]
    areas = [
        one
        for one in elements
        if one.get("S") == "/NonStruct" and objects[int(one["P"].split()[0])].get("S") == "/Document"
    ]
    places = {one.reference for one in areas}
    for number, one in enumerate((one for one in elements if one.get("P") in places), 1):
        one["S"], one["ID"] = "/Note", f"(note-{number})"


class _refusals:
    """What WeasyPrint's fetcher refused, in the user's words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        from weasyprint.urls import FatalURLFetchingError

        if isinstance(error, FatalURLFetchingError):
            what = f"the report may use files of its template only: {error}"
            raise ReportError(Problem(Place(), what, "put the file into the template's folder")) from None


def _closed(roots: tuple[Path, ...]) -> Any:
    """A fetcher for files under the given folders and for data URLs; all else is fatal."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    allowed = tuple(os.path.realpath(root) for root in roots)

    class Closed(URLFetcher):
        def __init__(self) -> None:
            super().__init__(allowed_protocols=("file", "data"), allow_redirects=False, fail_on_errors=True)

        def fetch(self, url: str, headers: Any = None) -> Any:
            parts = urlsplit(url)
            if parts.scheme.lower() == "file":
                path = Path(os.path.realpath(unquote(parts.path)))
                inside = not parts.netloc and any(path.is_relative_to(root) for root in allowed)
                if not inside or not path.is_file():
                    raise FatalURLFetchingError(f"{url} is {'no file' if inside else 'outside'}")
                return super().fetch(path.as_uri(), headers)
            if parts.scheme.lower() != "data":
                raise FatalURLFetchingError(f"{url} is not a file")
            return super().fetch(url, headers)

    return Closed()

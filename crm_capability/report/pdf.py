"""HTML to PDF by WeasyPrint: closed to the world, the same bytes for the same input.

WeasyPrint needs Pango from the system. It is looked for first, because WeasyPrint itself
prints a block to stdout and raises OSError when it is missing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import Place, Problem, ReportError

_LINUX = (
    *("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0"),
    *("libharfbuzz.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1"),
)
_MACOS = ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz.dylib", "libfontconfig.dylib")
_HOMEBREW = ("/opt/homebrew/lib", "/usr/local/lib")
_APT = "apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"
_BREW = "brew install pango"


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

    def __init__(self, styles: Iterable[Path], base: Path, roots: Iterable[Path]):
        probe()
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self._base = base
        self._fetcher = _closed(tuple(roots))
        self._fonts = FontConfiguration()
        with _refusals():
            self._styles = [
                CSS(filename=str(path), font_config=self._fonts, url_fetcher=self._fetcher) for path in styles
            ]

    def write(self, html: str, path: Path) -> None:
        """Write the document as tagged PDF/UA-1."""
        from weasyprint import HTML

        base = self._base.as_uri() + "/"
        with _refusals():
            HTML(string=html, base_url=base, url_fetcher=self._fetcher).write_pdf(
                path,
                stylesheets=self._styles,
                font_config=self._fonts,
                pdf_variant="pdf/ua-1",
                pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            )


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

"""Make docs/gallery from result folders: the pages of their reports as small pictures.

    python tools/make_gallery.py build/grocer build/airlines --out docs/gallery

Needs pdftoppm (Debian and Homebrew: poppler-utils, poppler).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

DPI = 64
COLOURS = 24  # enough for pages in few colours
FULL, OPENING = "en", ("zh-Hans", "zh-Hant")  # every page in one language, the first three in the others
FIRST_PAGES = 3


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULT")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    options = parser.parse_args()
    if shutil.which("pdftoppm") is None:
        print("pdftoppm is needed: apt-get install poppler-utils, or brew install poppler", file=sys.stderr)
        return 1
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    for result in options.results:
        for code in (FULL, *OPENING):
            pictures(result / f"report.{code}.pdf", options.out, f"{result.name}-{code}", code != FULL)
    size = sum(path.stat().st_size for path in options.out.iterdir())
    print(f"{len(list(options.out.iterdir()))} pictures, {size / 1e6:.1f} MB")
    return 0


def pictures(report: Path, out: Path, name: str, opening: bool) -> None:
    """The pages of a report, as PNG in few colours."""
    with tempfile.TemporaryDirectory() as folder:
        last = ["-l", str(FIRST_PAGES)] if opening else []
        subprocess.run(["pdftoppm", "-r", str(DPI), "-png", *last, report, f"{folder}/p"], check=True)
        for number, page in enumerate(sorted(Path(folder).glob("*.png")), 1):
            with Image.open(page) as picture:
                small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(out / f"{name}-{number:02d}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())

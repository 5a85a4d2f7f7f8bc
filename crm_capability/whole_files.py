"""Files written whole or not at all: an interrupted run leaves the earlier file, or none."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from .errors import EvidenceError, Place, Problem


def write_whole(file: Path, content: bytes) -> None:
    """Put a file in its place in one move. Raises EvidenceError where nothing can be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:100]}.")
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise EvidenceError(Problem(Place(str(file)), what, "name another file with --out")) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise EvidenceError(Problem(Place(str(file)), what, "name another file with --out")) from None
    finally:
        with suppress(OSError):
            Path(name).unlink()

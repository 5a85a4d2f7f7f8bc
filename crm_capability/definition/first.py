"""A folder for a first assessment of one's own: new, and whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import DefinitionError, Place, Problem
from .library import shipped


def first_assessment(folder: Path) -> list[Path]:
    """Copy the starter, small, commented and complete enough to run, and name its files.

    Raises DefinitionError where the folder holds something or cannot be made.
    """
    with made_ready(folder) as room:
        shutil.copytree(shipped("examples") / "first", room, dirs_exist_ok=True)
    return sorted(path for path in folder.rglob("*") if path.is_file())


@contextmanager
def made_ready(folder: Path) -> Iterator[Path]:
    """A room beside a new or empty folder that becomes it when all is written.

    Raises DefinitionError where the folder holds something or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DefinitionError(
            Problem(Place(str(folder)), "there is something here already", "name a new or empty folder")
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:50]}."))
    except OSError as error:
        raise DefinitionError(_unwritable(folder, error)) from None
    try:
        yield room
        room.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        room.rename(folder)
    except OSError as error:
        raise DefinitionError(_unwritable(folder, error)) from None
    finally:
        with suppress(OSError):
            shutil.rmtree(room)


def _unwritable(folder: Path, error: OSError) -> Problem:
    what = f"the folder cannot be written: {error.strerror or error}"
    return Problem(Place(str(folder)), what, "choose another")

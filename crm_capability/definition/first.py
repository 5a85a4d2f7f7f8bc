"""A first assessment of one's own: small, commented, and complete enough to run."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import DefinitionError, Place, Problem
from .library import shipped


def first_assessment(folder: Path) -> list[Path]:
    """Copy the starter into a new or empty folder and name its files.

    Raises DefinitionError where the folder holds something or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DefinitionError(
            Problem(Place(str(folder)), "there is something here already", "name a new or empty folder")
        )
    try:
        shutil.copytree(shipped("examples") / "first", folder, dirs_exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be written: {error.strerror or error}"
        raise DefinitionError(Problem(Place(str(folder)), what, "choose another")) from None
    return sorted(path for path in folder.rglob("*") if path.is_file())

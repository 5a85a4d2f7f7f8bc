"""What a result was made from: hashes of files, versions of what computed it."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

_LIBRARIES = ("numpy", "pandas", "scipy", "duckdb", "sqlglot", "weasyprint", "matplotlib")


def sha256(path: str | Path) -> str:
    """The SHA-256 of a file's bytes, read in pieces."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the libraries that touch a number."""
    found = {"crm-capability": own_version(), "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # an extra that is not installed
            continue
    return found


def own_version() -> str:
    """The version of this package."""
    try:
        return metadata.version("crm-capability")
    except metadata.PackageNotFoundError:
        return "0+unknown"

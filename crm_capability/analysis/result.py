"""The result of an assessment: definitions, tables and provenance, and the folder they rest in.

A result folder is enough to render every report again; no source data is needed for that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..definition.questionnaire import Questionnaire
from ..definition.theme import Theme
from ..errors import Place, Problem, ReportError
from ..methods.model import Text
from ..tables import TABLES, read_table, write_table

MANIFEST = "manifest.json"
DEFINITIONS = "definitions.json"


@dataclass(frozen=True)
class Result:
    """Everything that was found out, as named tables, with what it was found out from.

    `tables` holds the frames of `tables.TABLES`; `units` the titles of the units assessed;
    `manifest` versions, hashes of inputs, fitted parameters, statements and notes.
    """

    plan: Plan
    framework: Framework
    questionnaires: tuple[Questionnaire, ...]
    units: Mapping[str, Text]
    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    theme: Theme | None = None
    master: str | None = None  # a client's PowerPoint file without its slides, as a data address


def save(result: Result, folder: Path) -> None:
    """Write tables and definitions into a folder (the manifest comes last, from `finish`)."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name, frame in result.tables.items():
        write_table(frame, folder / "tables" / f"{name}.csv")
    definitions = {
        "plan": result.plan.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "framework": result.framework.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "questionnaires": [
            sheet.model_dump(mode="json", by_alias=True, exclude_unset=True)
            for sheet in result.questionnaires
        ],
        "units": dict(result.units),
        **({"theme": result.theme.model_dump(mode="json")} if result.theme else {}),
        **({"slides": result.master} if result.master else {}),
    }
    (folder / DEFINITIONS).write_text(
        json.dumps(definitions, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def load_result(folder: str | Path) -> Result:
    """Read a result folder. Raises ReportError where it is none."""
    folder = Path(folder)
    try:
        definitions = json.loads((folder / DEFINITIONS).read_text(encoding="utf-8"))
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        tables = {
            name: read_table(name, folder / "tables" / f"{name}.csv")
            for name in TABLES
            if (folder / "tables" / f"{name}.csv").is_file()
        }
        return Result(
            plan=Plan.model_validate(definitions["plan"]),
            framework=Framework.model_validate(definitions["framework"]),
            questionnaires=tuple(
                Questionnaire.model_validate(sheet) for sheet in definitions["questionnaires"]
            ),
            units=definitions["units"],
            tables=tables,
            manifest=manifest,
            theme=Theme.model_validate(definitions["theme"]) if "theme" in definitions else None,
            master=definitions.get("slides"),
        )
    except (OSError, KeyError, ValueError) as error:
        what = f"not a result folder: {str(error).splitlines()[0]}"
        raise ReportError(
            Problem(Place(str(folder)), what, "name a folder that `run` or `score` wrote")
        ) from None

"""A plan for nothing but a file of values: so that a pool can be made of one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DefinitionError, Place, Problem
from ..yaml_files import parse_yaml
from .load import Definition, formed
from .loaded import LoadedPlan, Source, load_framework_definition
from .plan import Plan


@dataclass(frozen=True)
class ValuesFile:
    """A file of values, and how to read it. `units` is a file of the units' attributes."""

    path: Path
    layout: str = "long"
    unit: str | None = None  # the column that names the unit, in a wide file
    units: Path | None = None
    year: int | None = None
    wave: str = "pool"

    def plan(self, framework: str) -> LoadedPlan:
        """A plan of one wave that scores every unit in the file. Raises DefinitionError."""
        if not self.path.is_file():
            raise DefinitionError(Problem(Place(str(self.path)), "no such file", "check the path"))
        wave: dict[str, Any] = {"id": self.wave}
        if self.year is not None:
            wave |= {"from": f"{self.year:04d}-01-01", "to": f"{self.year:04d}-12-31"}
        evidence: dict[str, Any] = {"values": self.path.name, "layout": self.layout}
        if self.layout == "wide":
            evidence["columns"] = {"unit": self.unit or "unit"}
        data: dict[str, Any] = {
            "assessment": "pool",
            "title": self.path.name,
            "framework": framework,
            "unit": self._first(),
            "waves": [wave],
            "evidence": [evidence],
        }
        if self.units is not None:
            data["units"] = {"file": self.units.name, "id": self.unit or "unit"}
        document = parse_yaml(json.dumps(data, ensure_ascii=False), str(self.path))
        definition = Definition(formed(document, Plan), document, self.path)
        entry = definition.value.evidence[0]
        return LoadedPlan(
            definition,
            load_framework_definition(framework),
            (Source(entry, None, {"": (self.path,)}),),
            self.units,
            {},
        )

    def _first(self) -> str:
        """Any unit of the file: a plan is about one, a pool about none."""
        from ..data_files import read_frame, to_text

        frame, column = read_frame(self.path), self.unit or "unit"
        if column not in frame.columns or frame.empty:
            what = f'no column "{column}" that says whose row it is' if len(frame) else "no row in it"
            raise DefinitionError(Problem(Place(str(self.path), 1), what, "name the column with --unit"))
        return str(to_text(frame[column]).iloc[0])

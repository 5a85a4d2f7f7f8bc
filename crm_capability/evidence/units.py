"""Who is assessed: the units that a plan lists, in itself or in a file."""

from __future__ import annotations

import pandas as pd

from ..data_files import read_frame, to_text
from ..definition.loaded import LoadedPlan
from ..definition.plan import UnitFile
from ..errors import EvidenceError, Place, Problem, near_miss
from ..methods.model import Text


def plan_units(loaded: LoadedPlan, problems: list[Problem]) -> tuple[dict[str, Text], pd.DataFrame]:
    """Titles and attributes of the units that the plan lists, the plan's own unit first."""
    units = loaded.plan.units
    if units is None:
        return {loaded.plan.unit: loaded.plan.unit}, pd.DataFrame(index=[loaded.plan.unit])
    if isinstance(units, UnitFile):
        try:
            return _units_of_file(loaded, units)
        except EvidenceError as error:
            problems += error.problems
            return {}, pd.DataFrame()
    titles: dict[str, Text] = {
        name: (unit.title if unit and unit.title else name) for name, unit in units.items()
    }
    attributes = pd.DataFrame.from_dict(
        {name: (unit.model_extra or {}) if unit else {} for name, unit in units.items()}, orient="index"
    )
    return titles, attributes


def _units_of_file(loaded: LoadedPlan, units: UnitFile) -> tuple[dict[str, Text], pd.DataFrame]:
    path = loaded.units_file
    assert path is not None
    frame = read_frame(path)
    lacking = [name for name in (units.id, units.title) if name is not None and name not in frame.columns]
    if lacking:
        raise EvidenceError(
            Problem(Place(str(path), 1), f'no column "{lacking[0]}"', near_miss(lacking[0], frame.columns))
        )
    ids = to_text(frame[units.id])
    wrong = [
        Problem(Place(str(path), row + 2), "no unit id", "give each unit an id")
        for row in ids.index[ids == ""]
    ]
    wrong += [
        Problem(Place(str(path), row + 2), f'the unit "{ids[row]}" stands twice', "keep one")
        for row in ids.index[ids.duplicated()]
    ]
    if not wrong and loaded.plan.unit not in set(ids):
        where = loaded.definition.document.place(("unit",))
        wrong.append(
            Problem(where, f'"{loaded.plan.unit}" is not in {path.name}', near_miss(loaded.plan.unit, ids))
        )
    if wrong:
        raise EvidenceError(wrong)
    titles = to_text(frame[units.title]) if units.title else ids
    return dict(zip(ids, titles.mask(titles == "", ids), strict=True)), frame.set_index(ids)

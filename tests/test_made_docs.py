"""The generated pages are up to date, and the page on adding a method keeps its promise."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from crm_capability.methods.normalisation import spread
from crm_capability.yaml_files import read_yaml

ROOT = Path(__file__).resolve().parents[1]


def maker(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["data-model", "glossary", "methods", "sources", "variants"])
def test_a_generated_page_is_up_to_date(page: str) -> None:
    made = maker(f"make_{page.replace('-', '_')}_docs").page()
    assert (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8") == made, "run `make docs`"


def test_every_object_of_the_column_maps_has_its_vendors_page() -> None:
    model = maker("make_data_model_docs").model()
    told = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    for key, system in model.systems.items():
        pages = {page.object for page in system.references}
        assert all(page.address.startswith("https://") for page in system.references)
        cells = {
            column.found_in[key]
            for table in model.tables.values()
            for name, column in table.columns.items()
            if key in column.found_in and name not in table.key  # keys were not looked up
        }
        assert all(any(name in cell for cell in cells) for name in system.unseen)
        for table in model.tables.values():
            mapped = [
                name for name, c in table.columns.items() if key in c.found_in and name not in table.key
            ]
            if mapped:
                assert any(page in table.found_in[key] for page in pages), (key, table.found_in[key])
    marked = re.findall(r"(\S+) †", told)
    assert set(marked) == {name for system in model.systems.values() for name in system.unseen}


def test_adding_a_method_as_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "add-a-method.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) < 60, "one screen"
    code, case = re.findall(r"```(?:python|yaml)\n(.*?)```", page, re.DOTALL)
    room = dict(vars(spread))
    exec(code, room)
    rule = room["ShareOfBest"](method="share-of-best")
    (tmp_path / "case.yaml").write_text(case)
    (given,) = read_yaml(tmp_path / "case.yaml").data
    readings = np.array(given["readings"], dtype=float)
    np.testing.assert_allclose(
        rule.apply(readings, rule.learn(readings, "higher"), "higher"), given["scores"]
    )

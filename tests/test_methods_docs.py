"""The generated page of methods is up to date, and the page on adding one keeps its promise."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np

from crm_capability.methods.normalisation import spread
from crm_capability.yaml_files import read_yaml

ROOT = Path(__file__).resolve().parents[1]


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_methods_docs", ROOT / "tools" / "make_methods_docs.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_methods_is_up_to_date() -> None:
    assert (ROOT / "docs" / "methods.md").read_text(encoding="utf-8") == maker().page(), "run `make docs`"


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

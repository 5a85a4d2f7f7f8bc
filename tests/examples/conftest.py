"""The shipped examples: where they lie, and made ready as `make demo` makes them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="session")
def prepared() -> Callable[[str, str, tuple[str, ...]], Path]:
    """Give the plan of an example, its data made if they are not there."""

    def prepare(example: str, package: str, made: tuple[str, ...]) -> Path:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install 'crm-capability[examples]'")
        folder = EXAMPLES / example
        if not all((folder / name).is_file() for name in made):
            subprocess.run([sys.executable, folder / "prepare.py"], check=True, capture_output=True)
        return folder / "assessment.yaml"

    return prepare


@pytest.fixture(scope="session")
def script() -> Callable[[str, str], ModuleType]:
    """Import a script of an example."""

    def load(example: str, name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"{example}_{name}", EXAMPLES / example / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
        return module

    return load

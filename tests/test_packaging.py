"""What `pip install` brings: built from the checkout, put into an empty environment, used elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SHIPPED = ("actions", "indicators", "metrics", "pools", "questionnaires", "reports")

pytestmark = pytest.mark.slow


def call(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder, without the checkout on Python's path; its stdout."""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(*options: str, out: Path) -> Path:
    """Build from the checkout; the wheel."""
    call(
        sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", out, CHECKOUT, folder=CHECKOUT
    )
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build("--wheel", out=tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory) -> Path:
    """The folder of commands of an environment that holds the wheel and what it asks for."""
    environment = tmp_path_factory.mktemp("empty")
    call(sys.executable, "-m", "venv", environment, folder=environment)
    constraints = CHECKOUT / "constraints.txt"
    call(environment / "bin/pip", "install", "-q", "-c", constraints, wheel, folder=environment)
    return environment / "bin"


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_the_wheel_holds_the_folders_that_analysts_edit(wheel):
    for folder in SHIPPED:
        files = [path for path in (CHECKOUT / folder).rglob("[!.]*") if path.is_file()]
        assert files
        names = {f"crm_capability/shipped/{path.relative_to(CHECKOUT).as_posix()}" for path in files}
        assert names <= set(contents(wheel))


def test_the_wheel_holds_nothing_else(wheel):
    roots = {name.split("/")[0] for name in contents(wheel)}
    assert roots == {"crm_capability", wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"}


def test_the_source_archive_builds_the_same_wheel(wheel, tmp_path):
    assert contents(build(out=tmp_path)) == contents(wheel)


def test_the_command_runs_outside_the_checkout(programs, tmp_path):
    assert "usage:" in call(programs / "crm-capability", "--help", folder=tmp_path)
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version in call(programs / "crm-capability", "--version", folder=tmp_path)


def test_the_command_uses_the_installed_files(programs, tmp_path):
    code = "import crm_capability, pathlib; print(pathlib.Path(crm_capability.__file__).parent)"
    package = Path(call(programs / "python", "-c", code, folder=tmp_path).strip())
    assert package.is_relative_to(programs.parent)
    assert set(SHIPPED) <= {folder.name for folder in (package / "shipped").iterdir()}


def test_a_new_assessment_is_valid_and_makes_its_reports(programs, tmp_path):
    command = programs / "crm-capability"
    call(command, "validate", "crm-capability", folder=tmp_path)
    call(command, "init", "mine", folder=tmp_path)
    call(command, "validate", "mine/assessment.yaml", folder=tmp_path)
    call(command, "run", "mine/assessment.yaml", "--out", "out", folder=tmp_path)
    assert list((tmp_path / "out").glob("report.*.pdf"))

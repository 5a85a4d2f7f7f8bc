"""`init` with options: what it writes runs as it is written."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pytest
import yaml

from crm_capability import assess, load_plan
from crm_capability.cli import main
from crm_capability.definition.library import shipped
from crm_capability.errors import DefinitionError
from crm_capability.forms.starter import Start, start

DAY = datetime.date(2026, 3, 15)
FRAMEWORKS = sorted(path.stem for path in shipped("indicators").glob("*.yaml"))


def begin(
    folder: Path, framework: str = "customer-asset", languages: tuple[str, ...] = ("en",)
) -> list[Path]:
    return start(folder, Start(framework, "Example Ltd", languages, DAY))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_framework_starts_and_scores(tmp_path: Path, framework: str) -> None:
    begin(tmp_path / "new", framework)
    loaded = load_plan(tmp_path / "new" / "assessment.yaml")
    scores = assess(loaded).tables["scores"]
    assert scores["score"].notna().all()
    assert set(scores["wave"]) == {"before", "after"}


def test_the_waves_are_the_last_whole_half_years(tmp_path: Path) -> None:
    begin(tmp_path / "new")
    waves = load_plan(tmp_path / "new" / "assessment.yaml").plan.waves
    assert [(str(wave.start), str(wave.end)) for wave in waves] == [
        ("2025-01-01", "2025-06-30"),
        ("2025-07-01", "2025-12-31"),
    ]


def test_the_sheet_has_lists_and_notes(tmp_path: Path) -> None:
    import openpyxl

    begin(tmp_path / "new", languages=("zh-Hant",))
    book = openpyxl.load_workbook(tmp_path / "new" / "values.xlsx")
    sheet = book["values"]
    ranges = {str(rule.sqref): rule.type for rule in sheet.data_validations.dataValidation}
    assert ranges == {"A2:A5001": "list", "B2:B5001": "list", "C2:C5001": "decimal"}
    measures = load_plan(tmp_path / "new" / "assessment.yaml").framework.measures
    first = measures[str(sheet["B2"].value)]
    assert isinstance(first.definition, dict)
    assert first.definition["zh-Hant"] in sheet["B2"].comment.text
    assert [cell.value for cell in book["measures"]["A"]][1:] == list(measures)


def test_questionnaires_come_as_definitions_and_as_forms(tmp_path: Path) -> None:
    files = begin(tmp_path / "new", "crm-capability")
    kinds = [path.suffix for path in files if path.parent.name == "questionnaires"]
    assert sorted(kinds) == [".docx"] * 4 + [".xlsx"] * 4 + [".yaml"] * 4


def test_each_file_names_a_schema_that_it_follows(tmp_path: Path) -> None:
    import jsonschema

    for path in begin(tmp_path / "new", "crm-capability-retail"):
        if path.suffix != ".yaml":
            continue
        mark, _, schema = path.read_text().splitlines()[0].partition("$schema=")
        assert mark == "# yaml-language-server: ", path
        rules = yaml.safe_load((path.parent / schema).read_text())
        data = yaml.load(path.read_text(), Loader=_Plain)
        assert [error.message for error in jsonschema.Draft202012Validator(rules).iter_errors(data)] == []


class _Plain(yaml.SafeLoader):
    """Dates stay text, as in YAML 1.2."""


_Plain.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in rules if not tag.endswith("timestamp")]
    for key, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_odd_names_stay_text(tmp_path: Path) -> None:
    name = 'A "b": {{ c }}\n# d <script>'
    start(tmp_path / "new", Start("customer-asset", name, ("en",), DAY))
    assert load_plan(tmp_path / "new" / "assessment.yaml").plan.title == name


@pytest.mark.parametrize(
    ("framework", "language", "message"),
    [("customer-aset", "en", "customer-asset"), ("customer-asset", "zh-hant", "zh-Hant")],
)
def test_what_is_not_known_leaves_nothing(
    tmp_path: Path, framework: str, language: str, message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        begin(tmp_path / "new", framework, (language,))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(DefinitionError, match="something here already"):
        begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_asks_at_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal("customer-aset\ncustomer-asset\n\nen, zh\nen, zh-Hans\n"))
    monkeypatch.setattr("sys.stderr", asked)
    assert main(["init", str(tmp_path / "new")]) == 0
    plan = load_plan(tmp_path / "new" / "assessment.yaml").plan
    assert plan.title == "Example Ltd"
    assert plan.report.languages == ("en", "zh-Hans")
    assert str(tmp_path / "new" / "values.xlsx") in capsys.readouterr().out
    assert '"customer-aset" is not known: did you mean "customer-asset"?' in asked.getvalue()
    assert '"zh" is not known' in asked.getvalue()

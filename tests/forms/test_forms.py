"""Each format by its own rules: pyxform, SurveyJS' published schema, LimeSurvey's columns, Word."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from crm_capability.cli import main
from crm_capability.definition.library import shipped
from crm_capability.forms.form import form_of
from crm_capability.forms.write import export

SHIPPED = sorted(path.stem for path in shipped("questionnaires").glob("*.yaml"))
FORMATS = ("xlsform", "limesurvey", "surveyjs", "docx", "html", "xlsx", "csv")
SURVEYJS = json.loads(
    (Path(__file__).parents[1] / "golden/surveyjs_definition.json").read_text(encoding="utf-8")
)


def tsv(file: Path) -> list[dict[str, str]]:
    text = file.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_questionnaire_goes_out_in_every_format(tmp_path, capsys, name, to):
    out = tmp_path / "form"
    assert main(["questionnaire", "export", name, "--to", to, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert str(out) in said.out.split()
    assert re.search(r"\d+ questions in en, zh-Hans, zh-Hant; about \d+ min to answer", said.err)


@pytest.mark.parametrize("name", [*SHIPPED, None])
def test_xlsform_is_one_to_pyxform(tmp_path, sheet, name):
    convert = pytest.importorskip("pyxform.xls2xform").convert
    out = tmp_path / "form.xlsx"
    definition = sheet() if name is None else _named(name)
    form, _ = export(definition, "xlsform", out)
    done = convert(out)
    # pyxform knows languages of two or three letters alone; zh-Hans is one all the same
    assert [note for note in done.warnings if "machine-readable codes" not in note] == []
    for item in form.items:
        assert f"/{item.id}" in done.xform
    assert f"'{form.mark}'" in done.xform
    assert f'version="{form.version}"' in done.xform
    for language in form.languages:
        assert f"({language})" in done.xform


@pytest.mark.parametrize("name", [*SHIPPED, None])
def test_surveyjs_holds_to_its_published_schema(tmp_path, sheet, name):
    jsonschema = pytest.importorskip("jsonschema")
    out = tmp_path / "form.json"
    form, _ = export(sheet() if name is None else _named(name), "surveyjs", out)
    survey = json.loads(out.read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(SURVEYJS)
    assert [error.message for error in validator.iter_errors(survey)] == []
    elements = [element for page in survey["pages"] for element in page["elements"]]
    assert [element["name"] for element in elements] == [item.id for item in form.items]
    assert len(survey["pages"]) == len(form.parts)


def test_the_published_schema_finds_faults():
    jsonschema = pytest.importorskip("jsonschema")
    wrong = {
        "pages": [
            {
                "name": "p",
                "elements": [{"type": "text", "name": "q", "inputType": "nonsense", "colSpan": "x"}],
            }
        ]
    }
    assert list(jsonschema.Draft7Validator(SURVEYJS).iter_errors({"title": 5}))
    assert list(jsonschema.Draft7Validator(SURVEYJS).iter_errors({"pages": wrong}))


@pytest.mark.parametrize("name", [*SHIPPED, None])
def test_limesurvey_rows_hold_to_their_columns(tmp_path, sheet, name):
    out = tmp_path / "form.txt"
    form, files = export(sheet() if name is None else _named(name), "limesurvey", out)
    rows = tsv(out)
    assert {"S", "SL", "G", "Q"} <= {row["class"] for row in rows} <= {"S", "SL", "G", "Q", "A"}
    assert all(None not in row and None not in row.values() for row in rows)
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    languages = [settings["language"], *settings["additional_languages"].split()]
    assert len(languages) == len(form.languages)
    questions = [row for row in rows if row["class"] == "Q"]
    codes = [row["name"] for row in questions if row["language"] == languages[0]]
    assert len(set(map(str.lower, codes))) == len(codes) == len(form.items)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", code) for code in codes)
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", row["name"]) for row in rows if row["class"] == "A")
    assert {row["type/scale"] for row in questions} <= {"L", "N", "S", "T"}
    ids = [row["id"] for row in rows if row["class"] in "GQ" and row["language"] == languages[0]]
    assert len(set(ids)) == len(ids)
    shapes = [
        [(row["class"], row["id"], row["type/scale"], row["name"] if row["class"] != "G" else "") for row in rows if row["language"] == language and row["class"] in "GQA"]
        for language in languages
    ]  # fmt: skip
    assert all(shape == shapes[0] for shape in shapes), "each language has the same rows in the same order"
    assert all(row["text"].strip() for row in rows if row["class"] in ("Q", "A", "SL"))
    pairs = list(csv.reader(io.StringIO(files[1].read_text())))
    assert pairs[0] == ["code", "question"]
    assert [code for code, _ in pairs[1:]] == codes
    assert [item for _, item in pairs[1:]] == [item.id for item in form.items]


def test_long_ids_get_different_codes(tmp_path, sheet):
    export(sheet(), "limesurvey", tmp_path / "form.txt")
    rows = tsv(tmp_path / "form.txt")
    codes = [row["name"] for row in rows if row["class"] == "Q"][:6]
    assert codes == ["kind", "branch", "hourswaiteduntilitwa", "hourswaiteduntilansw", "level", "why"]
    again = [{"id": f"the-same-beginning-of-all-{n}", "text": "Yes?", "scale": "two"} for n in (1, 2, 3)]
    export(sheet(again), "limesurvey", tmp_path / "form.txt")
    codes = [row["name"] for row in tsv(tmp_path / "form.txt") if row["class"] == "Q"][:3]
    assert codes == ["thesamebeginningofal", "thesamebeginningofa2", "thesamebeginningofa3"]


def test_conditions_go_along(tmp_path, sheet):
    found = {}
    for to in ("xlsform", "limesurvey", "surveyjs", "html", "csv"):
        export(sheet(), to, tmp_path / to)
    survey = openpyxl.load_workbook(io.BytesIO((tmp_path / "xlsform").read_bytes()))["survey"]
    header = [cell.value for cell in survey[1]]
    found["xlsform"] = [
        row[header.index("relevant")]
        for row in survey.iter_rows(2, values_only=True)
        if row[header.index("relevant")]
    ]
    found["limesurvey"] = [
        row["relevance"]
        for row in tsv(tmp_path / "limesurvey")
        if row["name"].startswith("hourswaiteduntilit")
    ]
    found["surveyjs"] = re.findall(
        r'"visibleIf": "(.*)"', (tmp_path / "surveyjs").read_text(encoding="utf-8")
    )
    found["html"] = re.findall(
        r'data-when="(.*?)" data-answers="(.*?)"', (tmp_path / "html").read_text(encoding="utf-8")
    )
    assert found == {
        "xlsform": ["${branch} = 'north'"],
        "limesurvey": ['branch.NAOK == "north"', 'branch.NAOK == "north"'],
        "surveyjs": ["{branch} = 'north'"],
        "html": [("branch", "north")],
    }
    assert "branch is north" in (tmp_path / "csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ({"question": "kind", "answers": [7]}, "7 is no answer to kind"),
        ({"question": "later", "answers": [1]}, '"later" is no earlier question'),
        ({"question": "hours", "answers": [1]}, "hours offers no answers to choose from"),
    ],
)
def test_a_condition_on_nothing_is_refused(sheet, faults, when, fault):
    questions = [
        {"id": "kind", "text": "Kind?", "scale": "two"},
        {"id": "hours", "text": "Hours?", "type": "number"},
        {"id": "asked", "text": "Then?", "scale": "two", "when": when},
        {"id": "later", "text": "Later?", "scale": "two"},
    ]
    assert any(fault in line and line.startswith("sheet.yaml:") for line in faults(lambda: sheet(questions)))


@pytest.mark.parametrize("to", FORMATS)
def test_a_blank_translation_is_refused_with_its_place(sheet, faults, tmp_path, to):
    questions = [
        {"id": "kind", "text": {"en": "Kind?", "zh-Hans": " "}, "scale": "two"},
        {"id": "b", "text": {"en": "B?"}, "scale": "two"},
    ]
    definition = sheet(questions)
    found = faults(lambda: export(definition, to, tmp_path / "out"))
    assert len(found) == 2
    assert all(re.match(r"sheet\.yaml:\d+:\d+: no zh-Hans text", line) for line in found)
    assert not (tmp_path / "out").exists()
    export(definition, to, tmp_path / "out", ["en"])
    assert (tmp_path / "out").exists()


def test_a_language_nobody_translated_to_is_refused(sheet, faults, tmp_path):
    found = faults(lambda: export(sheet(), "html", tmp_path / "out", ["fr"]))
    assert len(found) > 10
    assert "no fr text" in found[0]


def test_states_are_answers_of_their_own(sheet):
    items = {item.id: item for item in form_of(sheet()).items}
    assert list(items["kind"].answers) == ["0.5", "1", "98"]
    assert items["kind"].points == 2
    assert list(items["level"].answers) == ["0", "1", "na", "dk"]  # every maturity question understands these
    assert items["level"].answers["dk"] == {"en": "Don't know", "zh-Hans": "不清楚"}
    assert list(items["hours-waited-until-answered"].answers) == ["na"]


def test_minutes_and_privacy_are_said(sheet):
    form = form_of(sheet())
    assert form.introduction["en"] == "What it is for, and who sees it. It takes about 2 min."
    plain = form_of(sheet(introduction=None))
    assert "never with your name" in plain.introduction["en"]
    assert "不会显示您的姓名" in plain.introduction["zh-Hans"]
    own = form_of(sheet(introduction="It takes two minutes."))
    assert own.introduction["en"] == "It takes two minutes."


def test_word_has_boxes_and_codes_in_every_language(sheet, tmp_path):
    docx = pytest.importorskip("docx")
    out = tmp_path / "form.docx"
    export(sheet(), "docx", out)
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(out)).paragraphs)
    for words in (
        "1. They are kind   [kind]",
        "☐ 0.5  Half     ☐ 1  All     ☐ 98  Do not know",
        "☐ 0.5  一半",
        "[level]",
        "Please write a number from 0 up to 99.5.",
    ):
        assert words in text
    assert "Only if 2 was answered with “North”" in text
    assert "仅当第 2 题选择“北”时填写" in text


def test_excel_has_a_sheet_to_type_into_and_one_with_the_codes(sheet, tmp_path):
    out = tmp_path / "form.xlsx"
    form, _ = export(sheet(), "xlsx", out)
    book = openpyxl.load_workbook(out)
    assert [cell.value for cell in book["answers"][1]] == ["respondent", *(item.id for item in form.items)]
    rows = list(book["questions"].iter_rows(values_only=True))
    assert "0.5 = Half; 1 = All; 98 = Do not know" in rows[1]
    assert rows[3][6] == "branch is north"
    assert len(book["answers"].data_validations.dataValidation) == 4


def test_markup_in_a_text_stays_text(sheet, tmp_path):
    export(sheet(), "html", tmp_path / "form.html")
    export(sheet(), "limesurvey", tmp_path / "form.txt")
    assert "Hours &lt;waited&gt;" in (tmp_path / "form.html").read_text(encoding="utf-8")
    assert Counter(row["text"] for row in tsv(tmp_path / "form.txt"))["Hours &lt;waited&gt;"] == 1


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--margin", "0.05"], "all\t385\n"),
        (["--margin", "0.05", "--population", "1000"], "all\t278\n"),
        (
            ["--margin", "0.05", "--segment", "north=1000", "--segment", "南=60"],
            "north\t278\n南\t53\ntotal\t331\n",
        ),
        (["--margin", "0.2", "--deviation", "1", "--confidence", "0.9"], "all\t68\n"),
        (["--margin", "0.05", "--design-effect", "2", "--json"], '{"all": 769, "total": 769}\n'),
    ],
)
def test_sample_size(capsys, words, shown):
    assert main(["questionnaire", "sample-size", *words]) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    "words",
    [
        ["--margin", "5"], ["--margin", "0"], ["--margin", "nan"], ["--margin", "0.05", "--confidence", "95"], ["--margin", "0.05", "--share", "1"],
        ["--margin", "0.05", "--population", "0"], ["--margin", "0.05", "--segment", "north"], ["--margin", "0.05", "--design-effect", "0"],
        ["--margin", "1", "--deviation", "-1"], ["--margin", "0.05", "--segment", "a=5", "--population", "9"],
    ],
)  # fmt: skip
def test_a_sample_size_of_nonsense_is_wrong_usage(capsys, words):
    assert main(["questionnaire", "sample-size", *words]) == 2
    assert capsys.readouterr().err


def _named(name):
    from crm_capability.definition.named import named_questionnaire

    return named_questionnaire(name)

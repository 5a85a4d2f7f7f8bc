"""Out and back: each shipped questionnaire goes to each tool, a generator answers it in that tool's
own export layout, and the import gives the same readings as the plain layout."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from crm_capability.definition.library import shipped
from crm_capability.definition.load import Definition
from crm_capability.definition.loaded import load_questionnaire
from crm_capability.definition.named import named_questionnaire
from crm_capability.definition.plan import SurveyEvidence
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.definition.tool_codes import limesurvey_answer_codes
from crm_capability.evidence.answers import answers_readings, read_answers
from crm_capability.evidence.occasions import Occasions
from crm_capability.evidence.tools.importing import import_answers
from crm_capability.forms.form import Form, Item, form_of
from crm_capability.forms.write import export

OWN: dict[str, Definition[Questionnaire]] = {}  # questionnaires that a test made itself


def defined(form: Form) -> Definition[Questionnaire]:
    return OWN.get(form.id) or named_questionnaire(form.id)


SHIPPED = sorted(path.stem for path in shipped("questionnaires").glob("*.yaml"))
PEOPLE = 25
Answers = list[dict[str, str]]  # a respondent each, by question
Export = Callable[[Form, Answers, Path], tuple[str, bytes]]


def answered(form: Form, seed: int) -> Answers:
    """Codes as they stand in the plain layout; some left blank, "does not apply" among them."""
    chance = random.Random(seed)

    def one(item: Item) -> str:
        if chance.random() < 0.15:
            return ""
        if item.kind == "choose":
            return chance.choice(list(item.answers))
        if item.kind == "text":
            return chance.choice(['so, "so"', "好；行", "two\nlines"])
        low, high = item.low or 0, item.high if item.high is not None else 60
        return f"{chance.uniform(low, high):.2f}"

    return [{item.id: one(item) for item in form.items} for _ in range(PEOPLE)]


def table(rows: list[list[str]], separator: str = ",", quoted: bool = False) -> str:
    stream = io.StringIO()
    how = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=separator, quoting=how, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def label(item: Item, code: str, language: str) -> str:
    return item.answers[code][language] if code in item.answers else code


def plain(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = ["respondent", *(item.id for item in form.items)]
    return "plain.csv", table(
        [header, *([str(n), *row.values()] for n, row in enumerate(answers, 1))]
    ).encode()


def kobo(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    """XML names with their groups, from the XLSForm that was written."""
    export(defined(form), "xlsform", folder / "form.xlsx")
    names, groups = ["start", "end"], []
    for row in openpyxl.load_workbook(folder / "form.xlsx")["survey"].iter_rows(2, values_only=True):
        if row[0] == "begin_group":
            groups.append(row[1])
        elif row[0] == "end_group":
            groups.pop()
        elif row[1] not in names:
            names.append("/".join([*groups, row[1]]))
    names += [
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_tags",
        "_index",
    ]
    rows = [
        [{"_id": str(1000 + n), "questionnaire": form.mark, "start": "2026-01-01T10:00:00.000+08:00", "end": "2026-01-01T10:04:00.000+08:00"}.get(
            name, row.get(name.rsplit("/", 1)[-1], "")) for name in names]
        for n, row in enumerate(answers)
    ]  # fmt: skip
    return "kobo.csv", table([names, *rows], ";", quoted=True).encode("utf-8-sig")


def kobo_labels(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = [item.text["zh-Hans"] for item in form.items]
    rows = [
        [*(label(item, row[item.id], "zh-Hans") for item in form.items), str(n)]
        for n, row in enumerate(answers)
    ]
    return "kobo.csv", table([[*header, "_id"], *rows], ";", quoted=True).encode()


def limesurvey(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    """Codes of questions and answers, from the TSV that was written."""
    _, files = export(defined(form), "limesurvey", folder / "form.txt")
    codes = {row["question"]: row["code"] for row in csv.DictReader(io.StringIO(files[1].read_text()))}
    header = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        *(codes[item.id] for item in form.items),
        "interviewtime",
    ]
    rows = [
        [str(n), "2026-01-01 10:00:00", "3", "en", "1", *(limesurvey_answer_codes(list(item.answers)).get(row[item.id], row[item.id]) for item in form.items), "99.5"]
        for n, row in enumerate(answers, 1)
    ]  # fmt: skip
    return "limesurvey.csv", table([header, *rows], quoted=True).encode()


def limesurvey_texts(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = [
        "id. Response ID",
        "submitdate. Date submitted",
        *(f"{item.id.replace('-', '')[:20]}. {item.text['en']}" for item in form.items),
    ]
    rows = [
        [str(n), "2026-01-01 10:00:00", *(label(item, row[item.id], "en") for item in form.items)]
        for n, row in enumerate(answers, 1)
    ]
    return "limesurvey.csv", table([header, *rows], ";").encode()


def surveyjs(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    """Objects that leave out what was not answered, by the names in the JSON that was written."""
    export(defined(form), "surveyjs", folder / "form.json")
    survey = json.loads((folder / "form.json").read_text(encoding="utf-8"))
    kinds = {one["name"]: one.get("inputType") for page in survey["pages"] for one in page["elements"]}
    found = [
        {
            "id": n,
            **{name: float(text) if kinds[name] == "number" else text for name, text in row.items() if text},
            "questionnaire": form.mark,
        }
        for n, row in enumerate(answers, 1)
    ]
    return "surveyjs.json", json.dumps(found, ensure_ascii=False).encode()


def xlsx(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    """Typed into the sheet that was written."""
    file = folder / "form.xlsx"
    export(defined(form), "xlsx", file)
    book = openpyxl.load_workbook(file)
    sheet = book["answers"]
    places = {cell.value: cell.column for cell in sheet[1]}
    for line, row in enumerate(answers, 2):
        sheet.cell(line, 1, line - 1)
        for name, text in row.items():
            if text:
                sheet.cell(line, places[name], float(text) if text.replace(".", "").isdecimal() else text)
    book.save(file)
    return "typed.xlsx", file.read_bytes()


def qualtrics(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    names = ["StartDate", "EndDate", "Status", "Duration (in seconds)", "ResponseId", "UserLanguage"]
    imports = ["startDate", "endDate", "status", "duration", "_recordId", "userLanguage"]
    header = [
        [*names, *(f"Q{n}" for n in range(1, len(form.items) + 1))],
        [*names, *(item.text["zh-Hant"] for item in form.items)],
        [
            json.dumps({"ImportId": one})
            for one in [*imports, *(f"QID{n}" for n in range(1, len(form.items) + 1))]
        ],
    ]
    rows = [
        [
            "2026-01-01",
            "2026-01-01",
            "0",
            "200",
            f"R_{n}",
            "ZH-T",
            *(label(item, row[item.id], "zh-Hant") for item in form.items),
        ]
        for n, row in enumerate(answers)
    ]
    return "qualtrics.csv", table([*header, *rows]).encode("utf-16")


def surveymonkey(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "End Date",
        "IP Address",
        "Email Address",
        *(item.text["en"] for item in form.items),
    ]
    below = [
        "",
        "",
        "",
        "",
        "",
        "",
        *("Response" if item.kind == "choose" else "Open-Ended Response" for item in form.items),
    ]
    rows = [
        [str(n), "1", "", "", "1.1.1.1", "", *(label(item, row[item.id], "en") for item in form.items)]
        for n, row in enumerate(answers)
    ]
    text = table([header, below, *rows])
    try:
        return "surveymonkey.csv", text.encode("cp1252")
    except UnicodeEncodeError:  # somebody wrote Chinese
        return "surveymonkey.csv", text.encode("utf-8-sig")


def google_forms(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = ["Timestamp", *(item.text["en"] for item in form.items)]
    rows = [
        ["5/10/2026 09:15:00", *(label(item, row[item.id], "en") for item in form.items)] for row in answers
    ]
    return "google.csv", table([header, *rows]).encode()


FIXED = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]


def wenjuanxing_texts(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = [*FIXED, *(f"{n}、{item.text['zh-Hans']} " for n, item in enumerate(form.items, 1))]
    rows = [
        [str(n), "2026/9/3 12:00:00", f"{60 + n}秒", "微信", "N/A", "1.2.3.4(北京-北京)", *(label(item, row[item.id], "zh-Hans") or "(空)" for item in form.items)]
        for n, row in enumerate(answers, 1)
    ]  # fmt: skip
    return "by_text.csv", table([header, *rows]).encode("gb18030")


def wenjuanxing_numbers(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    """Options are numbered in the order in which the questionnaire offers them."""
    book = openpyxl.Workbook()
    book.active.append([*FIXED, *(f"{n}、{item.text['zh-Hans']}" for n, item in enumerate(form.items, 1))])
    for n, row in enumerate(answers, 1):
        cells = [
            (list(item.answers).index(row[item.id]) + 1 if item.kind == "choose" else float(row[item.id]) if item.kind == "number" else row[item.id])
            if row[item.id] else -2
            for item in form.items
        ]  # fmt: skip
        book.active.append([n, "2026/9/3 12:00:00", "61秒", "微信", "N/A", "1.2.3.4(北京-北京)", *cells])
    book.save(folder / "by_number.xlsx")
    return "by_number.xlsx", (folder / "by_number.xlsx").read_bytes()


def tencent(form: Form, answers: Answers, folder: Path) -> tuple[str, bytes]:
    header = [
        "编号",
        "开始答题时间",
        "结束答题时间",
        "答题时长",
        *(f"{n}.{item.text['zh-Hans']}" for n, item in enumerate(form.items, 1)),
        "语言",
        "IP",
        "UA",
        "",
    ]

    def cell(item: Item, code: str) -> str:
        if code not in item.answers or item.kind != "choose":
            return code
        return f"{'ABCDEFGHIJ'[list(item.answers).index(code)]}.{label(item, code, 'zh-Hans')}"

    rows = [
        [
            str(n),
            "",
            "",
            "77",
            *(cell(item, row[item.id]) for item in form.items),
            "简体中文",
            "1.1.1.1",
            "x",
            "",
        ]
        for n, row in enumerate(answers, 1)
    ]
    return "tencent.csv", table([header, *rows]).encode("utf-8-sig")


EXPORTS: dict[str, list[Export]] = {
    "plain": [plain, xlsx],
    "kobo": [kobo, kobo_labels],
    "limesurvey": [limesurvey, limesurvey_texts],
    "surveyjs": [surveyjs],
    "qualtrics": [qualtrics],
    "surveymonkey": [surveymonkey],
    "google-forms": [google_forms],
    "wenjuanxing": [wenjuanxing_texts, wenjuanxing_numbers],
    "tencent": [tencent],
}


def readings(file: Path, name: str) -> pd.DataFrame:
    sheet = (OWN.get(name) or named_questionnaire(name)).value
    entry = SurveyEvidence(survey=name, answers=file.name)
    answers, _ = read_answers(entry, sheet, file, Occasions(("now",), "us", None))
    return answers_readings(answers).drop(columns="source")


@pytest.mark.parametrize(
    ("tool", "layout"),
    [(tool, layout) for tool, layouts in EXPORTS.items() for layout in layouts],
    ids=lambda one: getattr(one, "__name__", one),
)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_readings_are_those_of_the_plain_layout(tmp_path, name, tool, layout):
    definition = named_questionnaire(name)
    form = form_of(definition)
    answers = answered(form, seed=len(name))
    (tmp_path / "as_it_is.csv").write_bytes(plain(form, answers, tmp_path)[1])
    file, content = layout(form, answers, tmp_path)
    (tmp_path / file).write_bytes(content)
    done = import_answers(tmp_path / file, tmp_path / "answers.csv", sheet=definition.value)
    assert (done.tool, done.respondents) == (tool, PEOPLE)
    expected = readings(tmp_path / "as_it_is.csv", name)
    assert (expected["state"] == "measured").all()
    pd.testing.assert_frame_equal(readings(tmp_path / "answers.csv", name), expected, check_exact=True)


CONDITIONED = Path(__file__).parent / "conditions.yaml"
LAYOUTS = [(tool, layout) for tool, layouts in EXPORTS.items() for layout in layouts]
# what a tool writes for a question that it did not show; a blank elsewhere
NOT_SHOWN = {"limesurvey_texts": "N/A", "wenjuanxing_texts": "(跳过)", "wenjuanxing_numbers": "-3"}


def shown(answers: Answers) -> list[set[str]]:
    """Which questions each respondent of `conditions.yaml` was asked."""
    asked = []
    for row in answers:
        here = {"complained", "trust", "reason-for-trust"}
        if row["complained"] == "yes":
            here |= {"hours", "solved"}
            if row["solved"] in ("1", "2"):
                here |= {"calls", "what-was-missing"}
        if row["trust"] == "1":
            here.add("leaving")
        asked.append(here)
    return asked


@pytest.mark.parametrize(("tool", "layout"), LAYOUTS, ids=lambda one: getattr(one, "__name__", one))
def test_questions_on_a_condition_come_back_as_not_asked(tmp_path, monkeypatch, tool, layout):
    definition = load_questionnaire(CONDITIONED)
    monkeypatch.setitem(OWN, "conditions", definition)
    form = form_of(definition)
    answers = answered(form, seed=3)
    for row, asked in zip(answers, shown(answers), strict=True):
        row |= {name: "" for name in row if name not in asked}
    (tmp_path / "as_it_is.csv").write_bytes(plain(form, answers, tmp_path)[1])
    file, content = layout(form, answers, tmp_path)
    (tmp_path / file).write_bytes(with_not_shown(layout.__name__, content, form, answers, tmp_path / file))
    done = import_answers(tmp_path / file, tmp_path / "answers.csv", sheet=definition.value)
    assert done.tool == tool
    assert not [line for line in done.said if "does not count" in line]
    expected = readings(tmp_path / "as_it_is.csv", "conditions")
    pd.testing.assert_frame_equal(
        readings(tmp_path / "answers.csv", "conditions"), expected, check_exact=True
    )
    found, _ = read_answers(
        SurveyEvidence(survey="conditions", answers="answers.csv"), definition.value, tmp_path / "answers.csv",
        Occasions(("now",), "us", None),
    )  # fmt: skip
    for name in ("hours", "solved", "calls", "leaving"):
        by_hand = [
            name not in asked and not unknown(name, row)
            for asked, row in zip(shown(answers), answers, strict=True)
        ]
        assert list(found.states[name] == 3) == by_hand, name
        assert any(by_hand)


def unknown(name: str, row: dict[str, str]) -> bool:
    """Whether the answer is blank on which the question depends: nobody knows if it applied."""
    on = {"hours": "complained", "solved": "complained", "calls": "solved", "leaving": "trust"}[name]
    if name == "calls" and row["complained"] not in ("yes", ""):
        return False
    return row[on] == ""


def with_not_shown(layout: str, content: bytes, form: Form, answers: Answers, file: Path) -> bytes:
    """The export with the tool's own word where a question was not shown."""
    word = NOT_SHOWN.get(layout)
    if word is None:
        return content
    if layout == "wenjuanxing_numbers":
        book = openpyxl.load_workbook(io.BytesIO(content))
        for line, asked in enumerate(shown(answers), 2):
            for n, item in enumerate(form.items, 7):
                if item.id not in asked:
                    book.active.cell(line, n).value = -3
        book.save(file)
        return file.read_bytes()
    coding, separator, before = ("gb18030", ",", 6) if layout.startswith("wenj") else ("utf-8", ";", 2)
    rows = list(csv.reader(io.StringIO(content.decode(coding), newline=""), delimiter=separator))
    for row, asked in zip(rows[1:], shown(answers), strict=True):
        for n, item in enumerate(form.items, before):
            if item.id not in asked:
                row[n] = word
    return table(rows, separator).encode(coding)


def test_an_answer_against_the_condition_is_told_and_does_not_count(tmp_path):
    sheet = load_questionnaire(CONDITIONED).value
    text = (
        "respondent,complained,hours,solved,what-was-missing,trust,leaving,reason-for-trust\n"
        "a,yes,4,1,a call,5,,\n"
        "b,no,30,,,1,2,\n"
        "c,,8,,,2,,\n"
        "d,no,,2,late,5,,\n"
    )
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    done = import_answers(tmp_path / "export.csv", tmp_path / "answers.csv", sheet=sheet)
    told = [line.removeprefix(f"{tmp_path}/") for line in done.said if "does not count" in line]
    assert [line.partition(": ")[0] for line in told] == [
        "export.csv:3:3", "export.csv:4:3", "export.csv:5:4", "export.csv:5:5",
    ]  # fmt: skip
    assert told[0].endswith(
        "hours was answered, and is asked only where complained is yes: it does not count"
    )
    assert (tmp_path / "answers.csv").read_text(encoding="utf-8") == text, "cells stay as they are"
    entry = SurveyEvidence(survey="conditions", answers="answers.csv")
    answers, notes = read_answers(entry, sheet, tmp_path / "answers.csv", Occasions(("now",), "us", None))
    found = answers_readings(answers).set_index("measure")
    assert (found.loc["complaint-hours", "value"], found.loc["complaint-hours", "n"]) == (4, 1)
    assert [note.partition(": ")[0] for note in notes if "does not count" in note] == [
        "answers.csv, row 3, 4", "answers.csv, row 5", "answers.csv, row 5",
    ]  # fmt: skip
    assert list(answers.states["hours"]) == [0, 3, 0, 3], "c said nothing of complaints: nobody knows"
    assert list(answers.states["leaving"]) == [3, 0, 3, 3]


def test_nobody_was_asked_so_it_does_not_apply(tmp_path):
    sheet = load_questionnaire(CONDITIONED).value
    (tmp_path / "answers.csv").write_text(
        "respondent,complained,hours,solved,trust\na,no,,,5\nb,no,,,4\n", encoding="utf-8"
    )
    found = readings_of(tmp_path / "answers.csv", sheet)
    assert found.loc["complaint-hours", "state"] == "not-applicable"
    assert found.loc["complaint-solved", "state"] == "not-applicable"
    (tmp_path / "answers.csv").write_text(
        "respondent,complained,hours,solved,trust\na,yes,,dk,5\nb,no,,,4\n", encoding="utf-8"
    )
    found = readings_of(tmp_path / "answers.csv", sheet)
    assert found.loc["complaint-hours", "state"] == "not-collected", "asked, and left blank"
    assert found.loc["complaint-solved", "state"] == "unknown"


def readings_of(file: Path, sheet: Questionnaire) -> pd.DataFrame:
    entry = SurveyEvidence(survey="conditions", answers=file.name)
    answers, _ = read_answers(entry, sheet, file, Occasions(("now",), "us", None))
    return answers_readings(answers).set_index("measure")

"""A choice of several: out to each format, and back from each tool's own layout."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import pytest

from crm_capability.evidence.tools.importing import import_answers
from crm_capability.forms.form import form_of
from crm_capability.forms.write import export

OPTIONS = [("web", "Web site", "网站"), ("shop", "Shop, or branch", "门店"), ("call", "Call centre", "电话")]
TICKED = [["web", "call"], [], ["shop"], ["web", "shop", "call"]]
PLAIN = ["web; call", "", "shop", "web; shop; call"]
FIXED = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP"


@pytest.fixture
def channels(sheet):
    """Which channels, as many as apply; and a question that depends on it."""
    texts = {"en": "Which channels did you use?", "zh-Hans": "您用过哪些渠道？"}
    options = [{"value": code, "label": {"en": en, "zh-Hans": zh}} for code, en, zh in OPTIONS]
    return sheet(
        [
            {"id": "channels-used", "text": texts, "type": "choice", "multiple": True, "options": options},
            {
                "id": "kind",
                "text": {"en": "Are they kind?", "zh-Hans": "友善吗？"},
                "scale": "two",
                "when": {"question": "channels-used", "answers": ["shop", "call"]},
            },
        ]
    )


def columns(yes: str, no: str, labels: bool = False) -> list[list[str]]:
    return [
        [(label if labels else yes) if code in ticked else no for code, label, _ in OPTIONS]
        for ticked in TICKED
    ]


def table(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def numbered(start: str, rows: list[list[str]], separator: str = ",") -> list[str]:
    quoted = [[f'"{cell}"' for cell in row] for row in rows]
    return [separator.join([f"{start.format(n)}", *row]) for n, row in enumerate(quoted, 1)]


def joined(between: str, which: int) -> list[list[str]]:
    return [[between.join(option[which] for option in OPTIONS if option[0] in ticked)] for ticked in TICKED]


KOBO = '"start";"end";"_id";"_uuid";"__version__";'
EXPORTS = {
    "kobo, joined": table(
        KOBO + '"all/channels-used"', *numbered('"";"";"{}";"u";"v"', joined(" ", 0), ";")
    ),
    "kobo, both": table(
        KOBO + '"all/channels-used";"all/channels-used/web";"all/channels-used/shop";"all/channels-used/call"',
        *numbered('"";"";"{}";"u";"v"', [a + b for a, b in zip(joined(" ", 0), columns("1", "0"), strict=True)], ";"),
    ),
    "kobo, columns": table(
        KOBO + '"all/channels-used/web";"all/channels-used/shop";"all/channels-used/call"',
        *numbered('"";"";"{}";"u";"v"', columns("1", "0"), ";"),
    ),
    "limesurvey": table(
        '"id","submitdate","lastpage","startlanguage","channelsused[web]","channelsused[shop]","channelsused[call]"',
        *numbered('"{}","2026-01-01 10:00:00","1","en"', columns("Y", "")),
    ),
    "limesurvey, texts": table(
        "id. Response ID;submitdate. Date submitted;"
        + ";".join(f'"channelsused[{code}]. Which channels did you use? [{label}]"' for code, label, _ in OPTIONS),
        *numbered('"{}";"2026-01-01 10:00:00"', columns("Yes", "No"), ";"),
    ),
    "qualtrics": table(
        "ResponseId,Duration (in seconds),Q1", "Id,Duration,Which channels did you use?",
        '"{""ImportId"":""_recordId""}","{""ImportId"":""duration""}","{""ImportId"":""QID1""}"',
        *numbered("R_{},60", joined(",", 2)),
    ),
    "qualtrics, columns": table(
        "ResponseId,Duration (in seconds),Q1_1,Q1_2,Q1_3",
        "Id,Duration," + ",".join(f'"Which channels did you use? - Selected Choice - {label}"' for _, label, _ in OPTIONS),
        ",".join('"{""ImportId"":""' + name + '""}"' for name in ("_recordId", "duration", "QID1_1", "QID1_2", "QID1_3")),
        *numbered("R_{},60", columns("", "", labels=True)),
    ),
    "surveymonkey": table(
        "Respondent ID,Collector ID,Which channels did you use?,,,Are they kind?",
        ",," + ",".join(f'"{label}"' for _, label, _ in OPTIONS) + ",Response",
        *[line + "," for line in numbered("{},1", columns("", "", labels=True))],
    ),
    "google-forms": table(
        "Timestamp,Which channels did you use?", *numbered("5/10/2026 09:15:0{}", joined(";", 1))
    ),
    "wenjuanxing": table(
        FIXED + ",1、您用过哪些渠道？", *numbered("{},2026/9/3 12:00:00,60秒,微信,N/A,1.1.1.1", joined("┋", 2))
    ),
    "wenjuanxing, columns": table(
        FIXED + ",第1题(网站),第1题(门店),第1题(电话)",
        *numbered("{},2026/9/3 12:00:00,60秒,微信,N/A,1.1.1.1", columns("1", "0")),
    ),
    "tencent": table(
        "编号,开始答题时间,结束答题时间,答题时长,"
        + ",".join(f"1.您用过哪些渠道？:{chinese}" for _, _, chinese in OPTIONS) + ",语言,IP",
        *[
            ",".join([str(n), "", "", "60", *(zh if code in ticked else "" for code, _, zh in OPTIONS), "简体中文", ""])
            for n, ticked in enumerate(TICKED, 1)
        ],
    ),
    "surveyjs": json.dumps([{"id": n, "channels-used": ticked} for n, ticked in enumerate(TICKED, 1)]),
    "plain": table("respondent,channels-used", *numbered("{}", [[cell] for cell in PLAIN])),
}  # fmt: skip


@pytest.mark.parametrize("layout", EXPORTS)
def test_each_tool_s_layout_leads_to_the_same_answers(channels, write, tmp_path, layout):
    out = tmp_path / "answers.csv"
    done = import_answers(write("export.csv", EXPORTS[layout]), out, sheet=channels.value)
    assert done.tool == layout.partition(",")[0]
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [row["channels-used"] for row in rows] == PLAIN


def test_what_is_neither_ticked_nor_not_is_refused(channels, write, faults, tmp_path):
    wrong = EXPORTS["kobo, columns"].replace('"2";"u";"v";"0"', '"2";"u";"v";"maybe"')
    found = faults(lambda: import_answers(write("e.csv", wrong), tmp_path / "a.csv", sheet=channels.value))
    assert any(line.startswith('e.csv:3:6: channels-used, web: "maybe" says neither') for line in found), (
        found
    )
    wrong = EXPORTS["plain"].replace("shop; call", "shop; pigeon")
    found = faults(lambda: import_answers(write("e.csv", wrong), tmp_path / "a.csv", sheet=channels.value))
    assert any(line.startswith('e.csv:5:2: channels-used: "web; shop; pigeon" is not') for line in found), (
        found
    )
    assert not (tmp_path / "a.csv").exists()


def test_each_format_lets_several_be_ticked(channels, tmp_path):
    assert form_of(channels).items[0].several
    for to in ("xlsform", "limesurvey", "surveyjs", "docx", "html", "xlsx", "csv"):
        export(channels, to, tmp_path / to)
    survey = openpyxl.load_workbook(io.BytesIO((tmp_path / "xlsform").read_bytes()))["survey"]
    cells = [[str(cell) for cell in row] for row in survey.iter_rows(values_only=True)]
    assert any("select_multiple channels-used-answers" in row for row in cells)
    condition = "selected(${channels-used}, 'shop') or selected(${channels-used}, 'call')"
    assert any(condition in row for row in cells)
    text = (tmp_path / "limesurvey").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
    kinds = [(row["class"], row["type/scale"], row["name"]) for row in rows if row["language"] == "en"]
    assert ("Q", "M", "channelsused") in kinds
    assert [name for kind, _, name in kinds if kind == "SQ"] == ["web", "shop", "call"]
    asked = next(row for row in rows if row["name"] == "kind" and row["class"] == "Q")
    assert asked["relevance"] == 'channelsused_shop.NAOK == "Y" or channelsused_call.NAOK == "Y"'
    elements = json.loads((tmp_path / "surveyjs").read_text(encoding="utf-8"))["pages"][0]["elements"]
    assert elements[0]["type"] == "checkbox"
    assert elements[1]["visibleIf"] == "{channels-used} contains 'shop' or {channels-used} contains 'call'"
    page = (tmp_path / "html").read_text(encoding="utf-8")
    assert len(re.findall(r'type="checkbox" name="channels-used"', page)) == 3
    assert "choose several" in (tmp_path / "csv").read_text(encoding="utf-8")


def test_pyxform_and_the_published_schema_accept_it(channels, tmp_path):
    from pathlib import Path

    convert = pytest.importorskip("pyxform.xls2xform").convert
    jsonschema = pytest.importorskip("jsonschema")
    export(channels, "xlsform", tmp_path / "form.xlsx")
    assert "selected(" in convert(tmp_path / "form.xlsx").xform
    export(channels, "surveyjs", tmp_path / "form.json")
    schema = Path(__file__).parents[1] / "golden/surveyjs_definition.json"
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))
    survey = json.loads((tmp_path / "form.json").read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(survey)] == []

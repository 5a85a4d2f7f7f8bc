"""From each tool's export to the plain layout: columns, ids, blanks, encodings, and every refusal."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_capability.cli import main
from crm_capability.data_files import read_frame
from crm_capability.definition.load import formed
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.evidence.answers import seconds_file
from crm_capability.evidence.tools.importing import Imported, import_answers
from crm_capability.yaml_files import read_yaml

SAMPLES = Path(__file__).parents[4] / "shared/data/export_samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample exports are not on this machine")


spec = importlib.util.spec_from_file_location("old_excel", Path(__file__).with_name("old_excel.py"))
assert spec is not None
assert spec.loader is not None
old_excel = importlib.util.module_from_spec(spec)
spec.loader.exec_module(old_excel)


@pytest.fixture
def taken(write, tmp_path):
    """Import a file of the given content; what was said, and the cells written."""

    def run(content: str | bytes, name: str = "export.csv", **how: Any) -> tuple[Imported, list[list[str]]]:
        out = tmp_path / "answers.csv"
        done = import_answers(write(name, content), out, **how)
        return done, list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"))))

    return run


@pytest.fixture
def sheet(write) -> Questionnaire:
    """They are kind, They are rude, in two languages; a number; free words."""
    labels = ["Never", "Seldom", "At times", "Often", "Always"]
    chinese = ["从不", "很少", "有时", "经常", "总是"]
    points = [
        {"value": n, "label": {"en": en, "zh-Hans": zh}}
        for n, en, zh in zip(range(1, 6), labels, chinese, strict=True)
    ]
    states = [
        {"value": "na", "state": "not-applicable", "label": {"en": "Does not apply", "zh-Hans": "不适用"}},
        {"value": 98, "state": "unknown", "label": {"en": "Do not know", "zh-Hans": "不知道"}},
    ]
    questions = [
        {
            "id": "kind",
            "text": {"en": "They are kind", "zh-Hans": "他们很友善"},
            "scale": "often",
            "feeds": "voice",
        },
        {
            "id": "rude",
            "text": {"en": "They are rude", "zh-Hans": "他们很粗鲁"},
            "scale": "often",
            "reverse": True,
        },
        {
            "id": "hours-waited",
            "text": "How many hours did you wait?",
            "type": "number",
            "min": 0,
            "feeds": "days",
        },
        {"id": "why", "text": "Why?", "type": "text"},
    ]
    data = {
        "questionnaire": "voice-of-many",
        "version": "1.0.0",
        "title": "Voice",
        "audience": "customer",
        "scales": {"often": {"points": points, "states": states}},
        "sections": [{"id": "all", "title": "All", "questions": questions}],
    }
    return formed(read_yaml(write("sheet.yaml", json.dumps(data))), Questionnaire)


KOBO = """\
"start";"end";"g/kind";"rude";"_id";"_uuid";"__version__"
"2026-01-02T10:00:00.000+08:00";"2026-01-02T10:01:30.000+08:00";"4";"na";"17";"u-1";"v1"
"2026-01-02T11:00:00.000+08:00";"2026-01-02T11:00:20.000+08:00";"";"2";"18";"u-2";"v1"
"""
WENJUANXING_TEXT = """\
序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、他们很友善 ,2、他们很粗鲁,3、爱好
1,2026/9/3 12:00:00,1分30秒,微信,N/A,1.2.3.4(北京-北京),经常,(跳过),运动┋影视
2,2026/9/3 12:00:00,25秒,微信,N/A,1.2.3.4(北京-北京),(空),从不,其他〖军事〗
"""
WENJUANXING_CODE = """\
序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、他们很友善,2、他们很粗鲁,第3题(运动),第3题(影视)
1,2026/9/3 12:00:00,90秒,微信,N/A,1.2.3.4(北京-北京),4,-3,1,0
2,2026/9/3 12:00:00,25秒,微信,N/A,1.2.3.4(北京-北京),-2,6,0,1
"""
TENCENT = """\
编号,开始答题时间,结束答题时间,答题时长,1.他们很友善,2.他们很粗鲁,语言,清洗数据结果,IP,UA,
7,2026-01-01 10:00:00,2026-01-01 10:01:00,60,D.经常,A.从不,简体中文,有效,1.1.1.1,x,
9,2026-01-01 10:00:00,2026-01-01 10:00:10,10,E.总是,,简体中文,无效,1.1.1.1,x,
"""
QUALTRICS = """\
StartDate,Duration (in seconds),ResponseId,RecipientEmail,kind,Q2
Start,Duration,Id,Email,"They are
kind",They are rude
"{""ImportId"":""startDate""}","{""ImportId"":""duration""}","{""ImportId"":""_recordId""}","{""ImportId"":""recipientEmail""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"
2026-01-01,44,R_1,a@b.org,Often,-99
"""
SURVEYMONKEY = """\
Respondent ID,Collector ID,Start Date,End Date,Email Address,They are kind,Which?,,They are rude
,,,,,Response,Red,Blue,Response
100,1,01/02/2026 10:00:00 AM,01/02/2026 10:02:00 AM,a@b.org,Often,,Blue,Never
"""
LIMESURVEY = """\
"id","submitdate","lastpage","startlanguage","seed","kind","G1Q2[SQ001]","interviewtime"
"3","2026-01-01 10:00:00","2","en","123","4","na","61.5"
"4","","1","en","124","AO98","",""
"""
GOOGLE = """\
Timestamp,Email Address,Score,They are kind,How? [Fast],They are kind
5/10/2026 09:15:00,a@b.org,4 / 5,Often,"one,
two",Never
"""
SURVEYJS = '[{"HappenedAt": "x", "id": 5, "kind": 4, "many": ["a", "b"], "grid": {"row": 2}},\n {"id": 6, "rude": 1.5}]'


@pytest.mark.parametrize(
    ("tool", "content", "cells"),
    [
        ("kobo", KOBO, [["respondent", "g/kind", "rude"], ["17", "4", "na"], ["18", "", "2"]]),
        (
            "wenjuanxing",
            WENJUANXING_TEXT,
            [["respondent", "1、他们很友善", "2、他们很粗鲁", "3、爱好"], ["1", "经常", "", "运动┋影视"], ["2", "", "从不", "其他〖军事〗"]],
        ),
        (
            "wenjuanxing",
            WENJUANXING_CODE,
            [["respondent", "1、他们很友善", "2、他们很粗鲁", "第3题(运动)", "第3题(影视)"], ["1", "4", "", "1", "0"], ["2", "", "6", "0", "1"]],
        ),
        ("tencent", TENCENT, [["respondent", "1.他们很友善", "2.他们很粗鲁"], ["7", "D.经常", "A.从不"], ["9", "E.总是", ""]]),
        ("qualtrics", QUALTRICS, [["respondent", "kind", "Q2"], ["R_1", "Often", ""]]),
        (
            "surveymonkey",
            SURVEYMONKEY,
            [["respondent", "They are kind", "Which? [Red]", "Which? [Blue]", "They are rude"], ["100", "Often", "", "Blue", "Never"]],
        ),
        ("limesurvey", LIMESURVEY, [["respondent", "kind", "G1Q2[SQ001]"], ["3", "4", "na"], ["4", "AO98", ""]]),
        ("google-forms", GOOGLE, [["respondent", "They are kind", "How? [Fast]", "They are kind (2)"], ["1", "Often", "one,\ntwo", "Never"]]),
        ("surveyjs", SURVEYJS, [["respondent", "kind", "many", "grid.row", "rude"], ["5", "4", "a; b", "2", ""], ["6", "", "", "", "1.5"]]),
        ("plain", "respondent,wave,kind\np1,before,3\n", [["respondent", "wave", "kind"], ["p1", "before", "3"]]),
        ("plain", "kind;hours\n3;1,5\n", [["respondent", "kind", "hours"], ["1", "3", "1,5"]]),
    ],
)  # fmt: skip
def test_each_tool_is_recognised_and_read(taken, tool, content, cells):
    done, found = taken(content)
    assert (done.tool, found) == (tool, cells)
    assert f": {tool} (" in done.said[0]


@pytest.mark.parametrize(
    ("content", "used"),
    [
        (KOBO, ["90", "20"]),
        (WENJUANXING_TEXT, ["90", "25"]),
        (TENCENT, ["60", "10"]),
        (QUALTRICS, ["44"]),
        (SURVEYMONKEY, ["120"]),
        (LIMESURVEY, ["61.5", ""]),
        ('[{"id": 5, "kind": 4, "timeSpent": 33}]', ["33"]),
        ("respondent,kind,seconds\n1,4,12\n", ["12"]),
    ],
)
def test_the_time_used_is_kept_beside_the_answers(taken, tmp_path, content, used):
    taken(content)
    kept = read_frame(seconds_file(tmp_path / "answers.csv"))
    assert list(kept["seconds"]) == used


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(taken, encoding, name, separator):
    done, cells = taken(WENJUANXING_TEXT.replace(",", separator).encode(encoding))
    assert cells[1] == ["1", "经常", "", "运动┋影视"]
    assert name in done.said[0]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_the_encoding_of_taiwan_and_hong_kong_is_found(taken, separator):
    content = "respondent,服務人員很有禮貌,您的意見\n1,非常同意,很滿意，沒有問題\n2,不同意,等候時間太長\n"
    done, cells = taken(content.replace(",", separator).encode("big5hkscs"))
    assert cells[1] == ["1", "非常同意", "很滿意，沒有問題"]
    assert "Big5" in done.said[0]


@pytest.mark.parametrize(("encoding", "name"), [("latin-1", "Latin-1"), ("cp1252", "Windows-1252")])
def test_western_letters_are_found(taken, encoding, name):
    quote = "’" if encoding == "cp1252" else ""
    done, cells = taken(f"respondent;où ça\n1;café{quote} «là»\n".encode(encoding))
    assert cells == [["respondent", "où ça"], ["1", f"café{quote} «là»"]]
    assert name in done.said[0]


def test_a_workbook_reads_like_its_csv(taken, tmp_path):
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(WENJUANXING_CODE)):
        book.active.append([int(cell) if cell.lstrip("-").isdecimal() else cell for cell in row])
    book.save(tmp_path / "x.xlsx")
    _, cells = taken((tmp_path / "x.xlsx").read_bytes(), "export.xlsx")
    assert cells == taken(WENJUANXING_CODE)[1]


def test_an_old_workbook_reads_like_its_csv(taken, faults):
    rows = [
        [float(cell) if cell.lstrip("-").isdecimal() else cell for cell in row]
        for row in csv.reader(io.StringIO(WENJUANXING_CODE))
    ]
    done, cells = taken(old_excel.xls(rows), "export.xls")
    assert cells == taken(WENJUANXING_CODE)[1]
    assert "XLS, sheet Sheet" in done.said[0]
    merged = faults(lambda: taken(old_excel.xls(rows, [(1, 2, 6, 6)]), "export.xls"))
    assert merged == [
        "export.xls:2: merged cells at G2: it is not clear whose answer they hold (split them, or export again)"
    ]
    found = faults(lambda: taken(old_excel.xls(rows)[:700], "export.xls"))
    assert found[0].startswith("export.xls: cannot be read as an Excel 97 to 2003 workbook")
    assert "cut off" in found[0]


def test_a_workbook_that_is_cut_off_is_refused(taken, faults, tmp_path):
    openpyxl.Workbook().save(tmp_path / "x.xlsx")
    whole = (tmp_path / "x.xlsx").read_bytes()
    (found,) = faults(lambda: taken(whole[: len(whole) // 2], "export.xlsx"))
    assert found.startswith("export.xlsx: cannot be read as XLSX")
    assert "cut off" in found


def test_repeated_groups_stand_beside_their_respondent(taken, tmp_path):
    book = openpyxl.Workbook()
    for row in (["kind", "_id", "_uuid", "_index"], [4, 17, "u-1", 1], [2, 18, "u-2", 2], [5, 19, "u-3", 3]):
        book.active.append(row)
    visits = book.create_sheet("visits")
    header = [
        "visits/shop",
        "visits/hours",
        "_index",
        "_parent_table_name",
        "_parent_index",
        "_submission__id",
    ]
    for row in (
        header,
        ["north", 1.5, 1, "x", 1, 17],
        ["south", 2, 2, "x", 1, 17],
        ["east", 3, 3, "x", 3, 19],
    ):
        visits.append(row)
    book.create_sheet("notes").append(["whatever"])
    book.save(tmp_path / "x.xlsx")
    done, cells = taken((tmp_path / "x.xlsx").read_bytes(), "export.xlsx")
    assert cells == [
        ["respondent", "kind", "visits/shop (1)", "visits/hours (1)", "visits/shop (2)", "visits/hours (2)"],
        ["17", "4", "north", "1.5", "south", "2"],
        ["18", "2", "", "", "", ""],
        ["19", "5", "east", "3", "", ""],
    ]
    assert any(line == "sheets that name no respondent were not read: notes" for line in done.said)


@pytest.mark.parametrize(
    ("content", "spoken"),
    [
        (LIMESURVEY.replace('"en","124","AO98"', '"zh-Hans","124","4"'), ["en", "zh-Hans"]),
        (TENCENT.replace("E.总是,,简体中文", "E.总是,,English"), ["简体中文", "English"]),
        ("respondent,kind,language\n1,4,fr\n", ["fr"]),
        (
            QUALTRICS.replace("recipientEmail", "userLanguage") + "2026-01-01,44,R_2,EN,Often,-99\n",
            ["a@b.org", "EN"],
        ),
    ],
)
def test_the_language_of_a_respondent_is_kept_where_there_are_several(taken, sheet, content, spoken):
    _, cells = taken(content, sheet=sheet)
    assert [row[cells[0].index("language")] for row in cells[1:]] == spoken
    if "respondent" not in content:
        assert "language" not in taken(content)[1][0], "without a questionnaire it is the tool's own column"


def test_codes_texts_and_labels_lead_to_the_same_answers(taken, sheet):
    expected = [["respondent", "kind", "rude"], ["1", "4", ""], ["2", "", "1"]]
    by_text = WENJUANXING_TEXT.replace("3、爱好", "3、别的")
    assert taken(by_text, sheet=sheet)[1] == expected
    by_code = taken(WENJUANXING_CODE, sheet=sheet)[1]
    assert by_code == [["respondent", "kind", "rude"], ["1", "4", ""], ["2", "", "na"]]  # the sixth option
    assert taken(TENCENT, sheet=sheet)[1][1] == ["7", "4", "1"]
    assert taken(QUALTRICS, sheet=sheet)[1] == [["respondent", "kind", "rude"], ["R_1", "4", ""]]
    assert taken(SURVEYMONKEY, sheet=sheet)[1][1] == ["100", "4", "1"]
    assert taken(KOBO, sheet=sheet)[1] == [["respondent", "kind", "rude"], ["17", "4", "na"], ["18", "", "2"]]


def test_what_is_left_out_is_said_with_its_place(taken, sheet):
    done, _ = taken(SURVEYMONKEY, sheet=sheet)
    assert any(
        line.endswith('export.csv:1:7: "Which? [Red]" is no question of voice-of-many: it was left out')
        for line in done.said
    )
    assert any("no column for hours-waited, why" in line for line in done.said)


def test_a_question_of_an_earlier_version_is_known_by_the_bridge(sheet, write, tmp_path, faults):
    """The export names no version; the questionnaire's own bridge does."""
    data = sheet.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["version"] = "2.0.0"
    data["bridges"] = [{"from": "voice-of-many@1.0.0", "questions": {"kind": {"was": "friendly"}}}]
    later = formed(read_yaml(write("later.yaml", json.dumps(data))), Questionnaire)
    file = write("export.csv", "respondent,friendly,rude\n1,5,1\n")
    (found,) = faults(lambda: import_answers(file, tmp_path / "answers.csv", sheet=later))
    assert found.startswith(
        'export.csv:1:2: "friendly" is a question of voice-of-many@1.0.0, not of voice-of-many@2.0.0'
    )
    assert "import these answers --for the file of voice-of-many@1.0.0" in found


def test_another_version_is_suspected_where_most_ids_are_strange(taken, sheet, write, tmp_path, faults):
    file = write("export.csv", "respondent,kind,staff-attitude,staff-mood,q7\n1,5,1,2,3\n")
    (found,) = faults(lambda: import_answers(file, tmp_path / "answers.csv", sheet=sheet))
    assert found.startswith("export.csv:1:3: 3 columns bear ids that are no questions of voice-of-many@1.0.0")
    assert "import --for its file" in found
    known = 'map: voice-of-many\ncolumns: {staff-attitude: "-", staff-mood: "-", q7: "-"}\n'
    _, cells = taken(file.read_text(), sheet=sheet, map_file=write("map.yaml", known))
    assert cells == [["respondent", "kind"], ["1", "5"]]


def test_another_version_is_hinted_at_where_few_ids_are_strange(taken, sheet):
    done, _ = taken("respondent,kind,rude,staff-attitude,shop\n1,5,1,2,x\n", sheet=sheet)
    (hint,) = [line for line in done.said if "perhaps" in line]
    assert "another version of voice-of-many, not to 1.0.0: staff-attitude may be" in hint


def test_decimal_commas_become_points_in_numbers_alone(taken, sheet):
    _, cells = taken("respondent;hoursWaited;why\n1;3,5;1,5 or so\n2;1.234,5;\n", sheet=sheet)
    assert cells[1:] == [["1", "3.5", "1,5 or so"], ["2", "1234.5", ""]]


def test_a_likely_column_waits_for_a_person(taken, sheet, tmp_path, write):
    content = "respondent,They are kindly,Shoes\n1,Often,x\n"
    with pytest.raises(Exception, match=r'"They are kindly" matches no question; is it kind\?'):
        taken(content, sheet=sheet)
    assert not (tmp_path / "answers.csv").exists()
    proposed = (tmp_path / "answers.map.yaml").read_text()
    assert '"They are kindly": "? kind"\n' in proposed
    assert '"Shoes": "-"\n' in proposed
    with pytest.raises(Exception, match="not confirmed yet"):
        taken(content, sheet=sheet, map_file=write("map.yaml", proposed))
    confirmed = write("map.yaml", proposed.replace("? ", ""))
    assert taken(content, sheet=sheet, map_file=confirmed)[1] == [["respondent", "kind"], ["1", "4"]]


def test_a_map_gives_answers_their_meaning(taken, sheet, write):
    said = write("map.yaml", "map: voice-of-many\nanswers: {kind: {'Quite often': 4, never ever: na}}\n")
    content = "respondent,kind\n1,Quite often\n2,never ever\n3,5\n"
    assert taken(content, sheet=sheet, map_file=said)[1][1:] == [["1", "4"], ["2", "na"], ["3", "5"]]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("map: another\n", "the map is for another"),
        ("map: voice-of-many\ncolumns: {nobody: kind}\n", 'no column "nobody"'),
        ("map: voice-of-many\ncolumns: {Shoes: kindd}\n", '"kindd" is no question (did you mean "kind"?)'),
        ("map: voice-of-many\nanswers: {kindd: {a: 1}}\n", '"kindd" is no question'),
        ("map: voice-of-many\nkolumns: {}\n", 'unknown key "kolumns"'),
    ],
)
def test_a_wrong_map_is_refused(taken, faults, sheet, write, text, fault):
    said = write("map.yaml", text)
    found = faults(lambda: taken("respondent,kind,Shoes\n1,4,x\n", sheet=sheet, map_file=said))
    assert any(fault in line and line.startswith("map.yaml:") for line in found), found


@pytest.mark.parametrize(
    ("header", "cell", "kind"),
    [
        ("Your full name, please", "x", "names"), ("First name", "x", "names"), ("姓名（选填）", "", "names"), ("聯絡人", "x", "names"),
        ("Email (optional)", "", "e-mail addresses"), ("E-Mail 地址", "a@b.cn", "e-mail addresses"), ("公司邮箱", "a@b.cn", "e-mail addresses"),
        ("WeChat ID", "x", "phone numbers"), ("聯絡電話", "x", "phone numbers"), ("How can we reach you?", "0912-345-678", "phone numbers"),
        ("How can we reach you?", "+852 9123 4567", "phone numbers"), ("联系方式", "13812345678", "phone numbers"),
        ("Name of the product", "x", ""), ("Number of phones", "2", ""), ("Do you use e-mail?", "yes", ""), ("手机品牌", "x", ""),
        ("请为我们的电话服务打分", "5", ""), ("Phone support was helpful", "4", ""),
    ],
)  # fmt: skip
def test_who_a_respondent_is_never_goes_along(taken, header, cell, kind):
    done, cells = taken(f'respondent,"{header}",kind\n1,{cell},4\n')
    assert (header in cells[0]) == (not kind)
    assert (f'the column "{header}" holds {kind}: it was left out' in done.said) == bool(kind)
    if kind and cell:
        assert cell not in str(cells)


def test_names_and_addresses_are_left_out_with_a_word(taken):
    content = "respondent,姓名,Contact,Phone,手机部数,kind\n1,王,a@b.org,1,2部,4\n2,李,,,1部,5\n"
    done, cells = taken(content)
    assert cells[0] == ["respondent", "手机部数", "kind"]
    said = "\n".join(done.said)
    assert '"姓名" holds names' in said
    assert '"Contact" holds e-mail addresses' in said
    assert '"Phone" holds phone numbers' in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "export.csv:1: the file is empty"),
        (",,\n1,2,3\n", "export.csv:1: the header is missing"),
        ("1,,5/10/2026 09:15:00,4\n2,,5/10/2026 09:15:00,4\n", "export.csv:1:1: the header is missing"),
        ("respondent,kind\n1,4\n2,4,5\n", "export.csv:3: 3 cells, the header has 2"),
        ("respondent,kind\n1,4\n\n2\n", "export.csv:4: 1 cells, the header has 2"),
        ('respondent,kind\n1,4\n2,"4\n', "export.csv:3: cannot be read as CSV"),
        (b"\xef\xbb\xbfrespondent,kind\n1,\xff\n", "export.csv:2: cannot be read as text: byte 0xff"),
        (
            "respondent,评价\n1,很好\n2,".encode() + b"\xe5\xbe\n",
            "export.csv:3: cannot be read as text: byte 0xe5",
        ),
        (b"respondent,kind\n1,\x80\x81\x82\n", "export.csv:2: cannot be read as text: byte 0x80"),
        (b"respondent,kind\n1,\x00\n", "export.csv:2: not text: the control character 0x00"),
        ("respondent,kind\n1,4\n1,5\n", 'export.csv:3:1: respondent "1" stands twice, first in row 2'),
        ("respondent,kind\n,4\n", "export.csv:2:1: no respondent id"),
        ("respondent,kind\n", "export.csv: no respondent in it"),
        ('[{"kind": 1},\n {"kind": ', "export.csv:2: cannot be read as JSON"),
        ('[{"kind": 1},\n 5]', "export.csv:2: not the answers of one respondent"),
        ("ResponseId,RecordedDate,Q1\nR_1,2026-01-01,3\n", "export.csv:2: the second and third header rows"),
    ],
)
def test_a_broken_file_is_refused_at_its_row(taken, faults, tmp_path, content, fault):
    (tmp_path / "answers.csv").write_text("as it was")
    found = faults(lambda: taken(content))
    assert any(line.startswith(fault) for line in found), found
    assert (tmp_path / "answers.csv").read_text() == "as it was"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("respondent,kind\n1,4\n2,11\n3,11\n", 'export.csv:3:2: kind: "11" is not an answer to this question, in 2 rows (allowed: 1,'),
        ("respondent,kind\n1,2026-05-03\n", "a spreadsheet has made a date of it"),
        ("respondent,hours-waited\n1,-1\n", '"-1" is not an answer to this question (allowed: a number from 0'),
        ("respondent,hours-waited\n1,\"1,234\"\n", '"1,234" is not an answer'),
        ("respondent,shoes\n1,4\n", "no column is a question of voice-of-many"),
        ("respondent,kind,They are kind\n1,4,4\n", 'export.csv:1:3: "They are kind" and "kind" both answer kind'),
        ("respondent,kind\nThey are kind,Response\n1,4\n", 'export.csv:2:2: kind: "Response" is not an answer'),
        ("respondent,kind,questionnaire\n1,4,manager-review@1.0.0\n", "these are answers to manager-review@1.0.0, not to voice-of-many@1.0.0"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused_with_row_and_column(taken, faults, sheet, tmp_path, content, fault):
    found = faults(lambda: taken(content, sheet=sheet))
    assert any(fault in line for line in found), found
    assert not (tmp_path / "answers.csv").exists()


@pytest.mark.parametrize(
    ("tool", "fault"),
    [
        ("wenjuanxing", "no column is a question"),
        ("tencent", "no column is a question"),
        ("qualtrics", "the second and third header rows"),
        ("surveymonkey", "no column `Respondent ID`"),
        ("limesurvey", "no column `id`"),
        ("google-forms", "no column `Timestamp`"),
    ],
)
def test_a_tool_named_wrongly_is_refused(taken, faults, tool, fault):
    assert any(fault in line for line in faults(lambda: taken("respondent,kind\n1,4\n", tool=tool)))


def test_merged_cells_are_refused(taken, faults, tmp_path):
    book = openpyxl.Workbook()
    for row in (["respondent", "kind"], ["1", 4], ["2", 4]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "x.xlsx")
    found = faults(lambda: taken((tmp_path / "x.xlsx").read_bytes(), "export.xlsx"))
    assert found == [
        "export.xlsx:2: merged cells at B2: it is not clear whose answer they hold (split them, or export again)"
    ]


@needs_samples
@pytest.mark.parametrize(
    ("file", "tool", "respondents", "columns"),
    [
        ("kobo_formpack_semicolon.csv", "kobo", 2, 7),
        ("kobo_formpack_groups_semicolon.csv", "kobo", 2, 6),
        ("limesurvey_code_and_text.csv", "limesurvey", 100, 32),
        ("qualtrics_3header.csv", "qualtrics", 1, 3),
        ("qualtrics_legacy_2header.csv", "qualtrics", 1, 2),
        ("surveymonkey_2header_latin1.csv", "surveymonkey", 300, 37),
        ("wenjuanxing_by_code.xlsx", "wenjuanxing", 800, 30),
        ("wenjuanxing_by_text.xlsx", "wenjuanxing", 800, 8),
        ("wenjuanxing_by_code_200.csv", "wenjuanxing", 200, 30),
        ("wenjuanxing_by_code_200_gb18030.csv", "wenjuanxing", 200, 30),
        ("wenjuanxing_by_text_200.csv", "wenjuanxing", 200, 8),
    ],
)
def test_real_exports_are_read_whole(tmp_path, capsys, file, tool, respondents, columns):
    out = tmp_path / "answers.csv"
    assert main(["questionnaire", "import", str(SAMPLES / file), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert f"{file}: {tool} (" in said.err
    frame = read_frame(out)
    assert frame.shape == (respondents, columns + 1)
    if file.endswith(".csv"):
        encoding = "gb18030" if "gb18030" in file else "latin-1" if "latin1" in file else "utf-8-sig"
        separator = ";" if tool == "kobo" else ","
        raw = list(
            csv.reader(
                io.StringIO((SAMPLES / file).read_bytes().decode(encoding), newline=""), delimiter=separator
            )
        )
        rows = [row for row in raw if row][-respondents:]
        assert set(map(tuple, frame.iloc[:, 1:].to_numpy())) <= {
            tuple(row[i] for i in places(rows[0], frame, rows)) for row in rows
        }


def places(first: list[str], frame: Any, rows: list[list[str]]) -> range:
    """Where the answers stand in a raw row: they are next to each other, wherever they begin."""
    wanted = list(frame.iloc[0, 1:])
    return next(range(n, n + len(wanted)) for n in range(len(first)) if first[n : n + len(wanted)] == wanted)


@needs_samples
def test_the_same_answers_come_out_of_both_encodings(tmp_path):
    texts = []
    for file in ("wenjuanxing_by_code_200.csv", "wenjuanxing_by_code_200_gb18030.csv"):
        import_answers(SAMPLES / file, tmp_path / "answers.csv")
        texts.append((tmp_path / "answers.csv").read_bytes())
    assert texts[0] == texts[1]


def test_the_command_writes_nothing_when_a_row_is_ragged(write, tmp_path, capsys):
    file = write("e.csv", "respondent,kind\n1,4,4\n")
    assert main(["questionnaire", "import", str(file), "--out", str(tmp_path / "a.csv")]) == 1
    assert f"{file}:2: 3 cells" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()
    assert main(["questionnaire", "import", str(file), "--map", "m.yaml", "--out", "a.csv"]) == 2

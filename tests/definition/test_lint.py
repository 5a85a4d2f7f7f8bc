"""What `validate --strict` finds, each in a definition made to have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_capability.cli import main
from crm_capability.definition.lint import strict
from crm_capability.definition.lint_texts import lix

FRAMEWORK = """\
framework: small
version: 1.0.0
title: {en: Small, zh-Hans: 小, zh-Hant: 小}
bands:
  - id: low
    from: 0
    title: {en: Low, zh-Hans: 低, zh-Hant: 低}
    definition: {en: A low one., zh-Hans: 水平低。, zh-Hant: 水準低。}
tree:
  id: small
  title: {en: Small, zh-Hans: 小, zh-Hant: 小}
  definition: {en: A small one., zh-Hans: 小框架。, zh-Hant: 小框架。}
  children:
    - id: one
      title: {en: One, zh-Hans: 一, zh-Hant: 一}
      definition: {en: The first., zh-Hans: 第一项。, zh-Hant: 第一項。}
      children:
        - id: polite
          title: {en: Polite, zh-Hans: 礼貌, zh-Hant: 禮貌}
          definition: {en: How polite., zh-Hans: 是否有礼。, zh-Hant: 是否有禮。}
          unit: points
          evidence: survey
          normalise: {method: likert, min: 1, max: 5}
    - id: two
      title: {en: Two, zh-Hans: 二, zh-Hant: 二}
      definition: {en: The second., zh-Hans: 第二项。, zh-Hant: 第二項。}
      children:
        - id: quick
          title: {en: Quick, zh-Hans: 快捷, zh-Hant: 快捷}
          definition: {en: How quick., zh-Hans: 是否迅速。, zh-Hant: 是否迅速。}
          unit: points
          evidence: [survey, values]
          normalise: {method: goalposts, worst: 1, best: 5}
"""
SHEET = """\
questionnaire: small-voice
version: 1.0.0
title: {en: Your view, zh-Hans: 您的看法, zh-Hant: 您的看法}
audience: customer
introduction: {en: Tell us., zh-Hans: 请告诉我们。, zh-Hant: 請告訴我們。}
scales:
  agree:
    points:
      - {value: 1, label: {en: no, zh-Hans: 不同意, zh-Hant: 不同意}}
      - {value: 5, label: {en: yes, zh-Hans: 同意, zh-Hant: 同意}}
sections:
  - id: all
    title: {en: All, zh-Hans: 全部, zh-Hant: 全部}
    questions:
      - {id: q1, text: {en: Staff were polite., zh-Hans: 员工有礼貌。, zh-Hant: 員工有禮貌。}, scale: agree, feeds: polite}
      - {id: q2, text: {en: It went quickly., zh-Hans: 办理很快。, zh-Hant: 辦理很快。}, scale: agree, feeds: quick}
"""
ACTIONS = """\
actions: small
version: 1.0.0
framework: small
list:
  - {id: a, title: {en: Train, zh-Hans: 培训, zh-Hant: 培訓}, effort: 1, months: 1, moves: {polite: 0.5, quick: 0.5}}
"""


def write(folder: Path, framework: str = FRAMEWORK, sheet: str = SHEET, actions: str = ACTIONS) -> list[Path]:
    for name, text in (("small", framework), ("voice", sheet), ("actions", actions)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [folder]


def problems(*files: Path) -> list[str]:
    return [
        f"{Path(p.where.file).name}:{p.where.line}:{p.where.column} {p.what}" for p in strict(files).problems
    ]


def test_a_definition_without_fault_is_clean(tmp_path: Path) -> None:
    assert problems(*write(tmp_path)) == []
    assert strict([tmp_path]).advice == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("zh-Hans: 礼貌, ", "", "small.yaml:19:18 no text in zh-Hans"),
        ("title: {en: Polite, zh-Hans: 礼貌, zh-Hant: 禮貌}", "title: Polite", "in one language, where"),
        ("zh-Hans: 礼貌", "zh-Hans: Polite", "small.yaml:19:40 the same as the English text"),
        ("zh-Hant: 禮貌", "zh-Hant: 礼貌", "small.yaml:19:53 礼: not of the script of zh-Hant"),
        ("zh-Hans: 礼貌", "zh-Hans: 禮貌", "not of the script of zh-Hans"),
        ("en: Polite", "en: Polite 有禮", "Chinese in the English text"),
        ("zh-Hant: 第二項。", "zh-Hant: 軟件。", "“軟件” for software"),
        (
            "          definition: {en: How polite., zh-Hans: 是否有礼。, zh-Hant: 是否有禮。}\n",
            "",
            "has no definition",
        ),
        ("min: 1, max: 5", "min: 0, max: 5", "bounds outside the answers 1 to 5 of small-voice:q1"),
        (
            "    definition: {en: A low one., zh-Hans: 水平低。, zh-Hant: 水準低。}\n",
            "",
            'the band "low" has no words',
        ),
        ("worst: 1, best: 5", "worst: 1, best: 7", "bounds outside the answers 1 to 5 of small-voice:q2"),
        (
            "{method: goalposts, worst: 1, best: 5}",
            "{method: piecewise, points: [[0, 0], [5, 100]]}",
            "bounds outside the answers 1 to 5 of small-voice:q2",
        ),
        ("unit: points", "unit: nods", 'small.yaml:21:17 the unit "nods" has words in no language'),
        ("          evidence: survey\n", "", '"polite" does not say which evidence it takes'),
    ],
)
def test_faults_of_a_framework(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in FRAMEWORK
    found = problems(*write(tmp_path, framework=FRAMEWORK.replace(old, new, 1)))
    assert any(expected in line for line in found), found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (", feeds: quick", "", '"q2" feeds nothing'),
        ("feeds: quick", "feeds: quik", '"quik" is a measure of no framework'),
        (", feeds: quick", "", 'no question and no metric feeds "quick"'),
        ("It went quickly.", "word " * 31, "a question of 31 words"),
        (
            "It went quickly.",
            "Organisational responsiveness considerations satisfactorily addressed?",
            "hard to read",
        ),
        ("办理很快。", "快" * 61, "a question of 61 characters"),
        (
            "scale: agree, feeds: quick}",
            "type: number, min: 2, max: 9, feeds: quick}",
            "bounds outside the answers 2 to 9 of small-voice:q2",
        ),
        (
            "introduction: {en: Tell us., zh-Hans: 请告诉我们。, zh-Hant: 請告訴我們。}\n",
            "",
            "no introduction",
        ),
    ],
)
def test_faults_of_a_questionnaire(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SHEET
    found = problems(*write(tmp_path, sheet=SHEET.replace(old, new, 1)))
    assert any(expected in line for line in found), found


def test_one_slip_does_not_take_a_sheet_from_its_framework(tmp_path: Path) -> None:
    found = problems(*write(tmp_path, sheet=SHEET.replace("feeds: quick", "feeds: quik")))
    assert [line.split(" ", 1)[1] for line in found] == [
        'no question and no metric feeds "quick"',
        '"quik" is a measure of no framework',
    ]


def test_a_metric_of_no_framework(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "small.metrics.yaml").write_text(
        "metrics: small\nversion: 1.0.0\nsources: {orders: {table: orders, time: day}}\n"
        'measures:\n  quick: {type: simple, source: orders, value: "count(*)"}\n'
        '  quikc: {type: simple, source: orders, value: "count(*)"}\n'
    )
    assert problems(tmp_path) == ['small.metrics.yaml:6:3 "quikc" is a measure of no framework']


def test_an_indicator_that_no_action_moves(tmp_path: Path) -> None:
    found = problems(*write(tmp_path, actions=ACTIONS.replace(", quick: 0.5", "")))
    assert found == ['small.yaml:24:11 no action moves "two"']


def test_an_id_of_the_last_release_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "released.json").write_text('{"small": {"version": "1.0.0", "ids": ["small", "former"]}}')
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(
        "crm_capability.definition.lint.shipped",
        lambda folder: shipped if folder == "indicators" else Path(__file__).parents[2] / folder,
    )
    found = problems(*write(tmp_path / "own"))
    assert found == ['small.yaml:10:3 the id "former" of the last release is gone']
    because = "because: {en: Asked no more., zh-Hans: 不再询问。, zh-Hant: 不再詢問。}"
    for how in ("measures: {quick: {was: former}}", "ended: [former]"):
        bridge = f"bridges: [{{version: 0.9.0, {how}, {because}}}]\n"
        later = FRAMEWORK.replace("tree:", bridge + "tree:", 1)
        assert problems(*write(tmp_path / "own", framework=later)) == []


def test_a_question_of_the_last_release_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "released.json").write_text('{"small-voice": {"version": "0.9.0", "ids": ["q1", "q0"]}}')
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(
        "crm_capability.definition.lint.shipped",
        lambda folder: shipped if folder == "indicators" else Path(__file__).parents[2] / folder,
    )
    assert problems(*write(tmp_path / "own")) == ['voice.yaml:12:3 the id "q0" of the last release is gone']
    bridge = "bridges: [{from: small-voice@0.9.0, questions: {q2: {was: q0}}}]\nsections:"
    assert problems(*write(tmp_path / "own", sheet=SHEET.replace("sections:", bridge))) == []


def test_advice_names_the_principle(tmp_path: Path) -> None:
    start, end = FRAMEWORK.index("bands:"), FRAMEWORK.index("tree:")
    alone = FRAMEWORK[:start] + FRAMEWORK[end : FRAMEWORK.index("    - id: two")]
    write(tmp_path, framework=alone, sheet=SHEET.replace(", feeds: quick", ""))
    (tmp_path / "actions.yaml").unlink()
    advice = [one.what.split(":")[0] for one in strict([tmp_path / "small.yaml"]).advice]
    assert sorted(advice) == ["comprehensive", "general yet evolving", "scientific"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Staff were polite.", "Staff were polite and quick."), ("员工有礼貌。", "员工有礼貌，并且迅速。")],
)
def test_advice_against_two_questions_in_one(tmp_path: Path, old: str, new: str) -> None:
    found = strict(write(tmp_path, sheet=SHEET.replace(old, new)))
    assert found.problems == []
    assert [one.what.split(":")[0] for one in found.advice] == ["effective"]


def levels(*told: dict[str, str]) -> str:
    """The sheet with a maturity question more, whose levels say this. Each stands on a line of its own."""
    lines = [
        f"          - {{value: {n}, label: {{"
        + ", ".join(f'{code}: "{words}"' for code, words in (PLAIN | more).items())
        + "}}\n"
        for n, more in enumerate(told)
    ]
    head = "      - id: q3\n        type: maturity\n        feeds: quick\n"
    head += "        text: {en: How?, zh-Hans: 怎样？, zh-Hant: 怎樣？}\n        levels:\n"
    return SHEET + head + "".join(lines)


PLAIN = {"en": "It is noted.", "zh-Hans": "有记录。", "zh-Hant": "有紀錄。"}
DOUBLE = [
    {"en": "Cases are noted, and causes are removed."},
    {"en": "Ideas are tried with customers and judged by figures."},
    {"en": "Nothing; all goes to headquarters."},
    {"en": "It is written down. Staff know it."},
    {"en": "A list of duties, signed by the head."},
    {"en": "A named person, with time set aside."},
    {"en": "A plan for staff as well as for customers."},
    {"zh-Hans": "有记录，并据此改进。"},
    {"zh-Hant": "有人負責，而且每月報告。"},
    {"zh-Hans": "有人负责；每月汇报。"},
    {"zh-Hant": "統一登錄，同時副知主管。"},
]
SINGLE = [
    {"en": "The firm alone sets time and place."},
    {"en": "Single staff try new ways now and then."},
    {"en": "A comparison of figures from before and after."},
    {"en": "Once a month or more often."},
    {"en": "Letters, calls, and visits."},
    {"en": "A fund filled from profit, 2.5 per cent a year."},
    {"zh-Hans": "客户尚未察觉，就逐一告知。", "zh-Hant": "所有部門，一分鐘之內可查。"},
    {"zh-Hans": "统一的答复和往来记录在同一屏幕。"},
]


def test_advice_against_two_behaviours_in_one_level(tmp_path: Path) -> None:
    sheet = levels(*DOUBLE, *SINGLE)
    found = strict(write(tmp_path, sheet=sheet))
    first = sheet.count("\n") - len(DOUBLE) - len(SINGLE) + 1
    assert [one.where.line for one in found.advice] == list(range(first, first + len(DOUBLE)))
    assert all("may join two behaviours in one level" in one.what for one in found.advice)
    assert found.advice[1].where.column == 36
    assert "“and judged”" in found.advice[1].what


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, framework=FRAMEWORK.replace("zh-Hans: 礼貌, ", "", 1))
    assert main(["validate", "--strict", str(tmp_path)]) == 1
    assert "no text in zh-Hans" in capsys.readouterr().err
    assert main(["validate", str(tmp_path / "small.yaml")]) == 0


def test_readability() -> None:
    # 9 words in 1 sentence, 3 of them longer than six letters: 9 + 33.3
    assert lix("The company answers letters and telephone calls every day.") == pytest.approx(9 + 100 * 4 / 9)

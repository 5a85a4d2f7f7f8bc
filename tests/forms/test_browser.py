"""The HTML form in a real browser, without a network: answered, saved, read."""

from __future__ import annotations

import shutil

import pytest

from crm_capability.data_files import read_frame
from crm_capability.definition.plan import SurveyEvidence
from crm_capability.evidence.answers import read_answers
from crm_capability.evidence.occasions import Occasions
from crm_capability.evidence.tools.importing import import_answers
from crm_capability.forms.write import export

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine; `make test` installs it where it may"
    ),
]


@pytest.fixture
def page(tmp_path):
    """A page of a browser that is cut off from every network."""
    playwright = pytest.importorskip("playwright.sync_api")
    options = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=options)
        context = browser.new_context(accept_downloads=True, offline=True)
        one = context.new_page()
        faults: list[str] = []
        one.on("pageerror", lambda error: faults.append(str(error)))
        one.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        one.on(
            "request", lambda request: faults.append(request.url) if request.url.startswith("http") else None
        )
        yield one
        assert faults == []
        browser.close()


def saved(page, file):
    with page.expect_download() as waiting:
        page.click("#save")
    waiting.value.save_as(file)
    return read_frame(file)


def test_a_form_is_answered_and_saved_in_the_plain_layout(page, sheet, tmp_path):
    definition = sheet()
    export(definition, "html", tmp_path / "form.html")
    page.goto((tmp_path / "form.html").as_uri())
    assert page.get_by_text("They are kind").is_visible()
    assert not page.get_by_text("他们很友善").is_visible()
    page.click("nav button[data-language=zh-Hans]")
    assert page.get_by_text("他们很友善").is_visible()
    assert not page.get_by_text("They are kind").is_visible()

    hours = page.locator("input[name=hours-waited-until-it-was-solved]")
    assert not hours.is_visible(), "asked only of the northern branch"
    page.check("input[name=kind][value='98']")
    page.check("input[name=branch][value=north]")
    assert hours.is_visible()
    hours.fill("100")
    page.check("input[name=hours-waited-until-answered-state][value=na]")
    page.check("input[name=level][value='0']")
    page.fill("textarea[name=why]", 'a "word", and\nanother 字')
    page.click("#save")
    assert page.get_by_text("请填数字，不小于 0，不大于 99.5。").is_visible(), "100 hours are refused"
    hours.fill("3,5")
    first = saved(page, tmp_path / "first.csv")
    names = [question.id for _, question in definition.value.walk()]
    assert list(first.columns) == ["respondent", *names, "seconds"]
    assert list(first.iloc[0])[1:-1] == ["98", "north", "3.5", "na", "0", 'a "word", and\nanother 字']
    assert len(first["respondent"].iloc[0]) == 12

    page.click("#next")
    page.fill("#respondent", "p2")
    page.check("input[name=kind][value='1']")
    page.check("input[name=branch][value=s]")
    both = saved(page, tmp_path / "both.csv")
    assert list(both["respondent"]) == [first["respondent"].iloc[0], "p2"]
    assert list(both.iloc[1])[1:-1] == ["1", "s", "", "", "", ""]
    assert all(0 <= int(seconds) < 60 for seconds in both["seconds"])
    entry = SurveyEvidence(survey="every-kind", answers="both.csv")
    answers, notes = read_answers(
        entry, definition.value, tmp_path / "both.csv", Occasions(("now",), "us", None)
    )
    assert notes == []
    assert list(answers.values["kind"])[1] == 1.0
    assert answers.seconds is not None


def test_an_answer_can_be_taken_back(page, sheet, tmp_path):
    export(sheet(), "html", tmp_path / "form.html", ["en"])
    page.goto((tmp_path / "form.html").as_uri())
    page.check("input[name=kind][value='1']")
    page.locator("fieldset[data-question=kind] button.clear").click()
    assert saved(page, tmp_path / "a.csv")["kind"].iloc[0] == ""


def test_as_many_are_ticked_as_apply_and_come_back(page, sheet, tmp_path):
    """Boxes in three languages' worth of labels; a question that hangs on one of them; the file imported."""
    options = [
        ("web", "Web site", "网站"),
        ("shop", "Shop, or branch", "门店"),
        ("call", "Call centre", "电话"),
    ]
    questions = [
        {"id": "channels-used", "text": {"en": "Which channels?", "zh-Hans": "哪些渠道？"}, "type": "choice", "multiple": True,
         "options": [{"value": code, "label": {"en": en, "zh-Hans": zh}} for code, en, zh in options]},
        {"id": "kind", "text": {"en": "Are they kind?", "zh-Hans": "友善吗？"}, "scale": "two",
         "when": {"question": "channels-used", "answers": ["shop", "call"]}},
    ]  # fmt: skip
    definition = sheet(questions)
    export(definition, "html", tmp_path / "form.html")
    page.goto((tmp_path / "form.html").as_uri())
    kind = page.locator("fieldset[data-question=kind]")
    assert page.locator("input[type=checkbox][name=channels-used]").count() == 3
    assert page.get_by_text("Tick all that apply.").is_visible()

    page.fill("#respondent", "one")
    page.get_by_label("Web site").check()
    assert not kind.is_visible(), "asked only of who used a shop or called"
    page.get_by_label("Call centre").check()
    assert kind.is_visible()
    page.check("input[name=kind][value='1']")
    saved(page, tmp_path / "one.csv")
    page.click("#next")
    assert page.locator("input:checked").count() == 0

    page.fill("#respondent", "two")
    page.get_by_label("Shop, or branch").check()
    page.check("input[name=kind][value='1']")
    page.get_by_label("Shop, or branch").uncheck()
    assert not kind.is_visible(), "what hangs on a box goes when it is taken back"
    page.click("nav button[data-language=zh-Hans]")
    page.get_by_label("网站").check()
    saved(page, tmp_path / "two.csv")
    page.click("#next")

    page.fill("#respondent", "three")
    page.get_by_label("网站").check()
    page.locator("fieldset[data-question=channels-used] button.clear").click()
    saved(page, tmp_path / "all.csv")

    done = import_answers(tmp_path / "all.csv", tmp_path / "answers.csv", sheet=definition.value)
    assert done.tool == "plain"
    assert not [line for line in done.said if "does not count" in line]
    back = read_frame(tmp_path / "answers.csv")
    assert back["respondent"].tolist() == ["one", "two", "three"]
    assert back["channels-used"].fillna("").tolist() == ["web; call", "web", ""]
    assert back["kind"].fillna("").astype(str).tolist() == ["1", "", ""]

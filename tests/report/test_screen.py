"""The report on a screen, in a real browser without a network: it calculates as the engine does, sorts,
filters, says its numbers to the keyboard, fits a telephone, and keeps names as text."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.report.template import find_template
from crm_capability.report.write import Edition, Press, _on_screen
from crm_capability.scoring.assessment import score, scores_table

Make = Callable[..., Result]
Tree = Callable[..., Framework]
AXE = Path(sys.prefix) / "node" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine; `make test` installs it where it may"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    options += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with playwright.sync_playwright() as running:
        one = running.chromium.launch(executable_path=CHROMIUM, args=options)
        yield one
        one.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a result's page, cut off from every network; no fault may come up."""
    faults: list[str] = []
    contexts = []

    def opened(
        result: Result, code: str = "en", template: str = "benchmark", wide: int = 1100, **more: Any
    ) -> Any:
        chosen = find_template(template)
        html = _on_screen(Edition(Press(result, chosen), chosen.language(code)))
        file = tmp_path / f"report.{code}.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(offline=True, viewport={"width": wide, "height": 800}, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: faults.append(asked.url) if asked.url.startswith("http") else None)
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def engine(result: Result, weights: dict[str, Any]) -> dict[str, float]:
    """The index in each wave under other weights, by our own engine."""
    plan = result.plan.model_copy(update={"weights": {**result.plan.weights, **weights}})
    scored = score(
        result.framework, plan, list(result.units), result.tables["readings"], None, result.tables["fitted"]
    )
    frame = scores_table(result.framework, scored)
    own = frame[(frame["unit"] == plan.unit) & (frame["node"] == result.framework.tree.id)]
    return dict(zip(own["wave"], own["score"], strict=True))


def shown(page: Any) -> list[float | None]:
    values = page.eval_on_selector_all("#what-if .big", "all => all.map(one => one.dataset.value)")
    return [float(value) if value else None for value in values]


def move(page: Any, node: str, value: int) -> None:
    page.eval_on_selector(
        f"#weight-{node}",
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('input')); }",
        value,
    )


def test_weights_move_the_index_as_in_the_engine(open_page: Any, whole_result: Result) -> None:
    root = whole_result.framework.tree
    page = open_page(whole_result)
    assert shown(page) == pytest.approx(list(engine(whole_result, {}).values()), rel=1e-9)
    names = [child.id for child in root.children]
    for values in ((70, 10, 20), (1, 98, 1), (2, 49, 49)):
        setting = dict(zip(names, values, strict=True))
        for node, value in setting.items():
            move(page, node, value)
        expected = list(engine(whole_result, {root.id: setting}).values())
        assert shown(page) == pytest.approx(expected, rel=1e-9)
    page.click("#weights-as-reported")
    assert shown(page) == pytest.approx(list(engine(whole_result, {}).values()), rel=1e-9)
    inner = root.children[0]
    setting = {child.id: 10 * (n + 1) for n, child in enumerate(inner.children)}
    for node, value in setting.items():
        move(page, node, value)
    assert shown(page) == pytest.approx(list(engine(whole_result, {inner.id: setting}).values()), rel=1e-9)


@pytest.mark.parametrize(
    "rule",
    ["harmonic", {"method": "power", "exponent": -2}, {"method": "gate", "on": "d0", "below": 101, "cap": 30}, "median",
     {"method": "owa", "weights": [0.5, 0.3, 0.2]}],
    ids=str,
)  # fmt: skip
def test_every_rule_in_the_page(rule: Any, open_page: Any, make: Make, framework: Tree) -> None:
    told = framework(3, 4).model_dump(mode="json", by_alias=True, exclude_unset=True)
    told["tree"]["aggregate"] = rule
    for child in told["tree"]["children"]:
        child["aggregate"] = "geometric"
    result = make(Framework.model_validate(told), missing=0.3)
    page = open_page(result, template="scorecard")
    first = result.framework.tree.children[0]
    for number, child in enumerate(first.children):
        move(page, child.id, 5 + 10 * number)
    expected = list(engine(result, {"d0": {c.id: 5 + 10 * n for n, c in enumerate(first.children)}}).values())
    assert shown(page) == pytest.approx(expected, rel=1e-9)


def test_tables_sort_and_filter(open_page: Any, whole_result: Result) -> None:
    page = open_page(whole_result)
    rows = page.locator("table.scorecard tbody tr")
    count, names = rows.count(), page.locator("table.scorecard tbody th").all_inner_texts()
    heading = page.locator("table.scorecard thead th").nth(3)
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    values = [
        float(text) for text in page.locator("table.scorecard tbody td.new").all_inner_texts() if text != "–"
    ]
    assert values == sorted(values)
    heading.locator("button").press("Enter")
    values = [
        float(text) for text in page.locator("table.scorecard tbody td.new").all_inner_texts() if text != "–"
    ]
    assert values == sorted(values, reverse=True)
    heading.locator("button").press("Enter")
    assert page.locator("table.scorecard tbody th").all_inner_texts() == names, "as it was"
    page.locator("#scorecard input[type=search]").fill(names[1][:12])
    assert 0 < page.locator("table.scorecard tbody tr:visible").count() < count
    assert f"of {count} rows" in page.locator("#scorecard .count").inner_text()


def test_marks_say_their_numbers_to_the_keyboard(open_page: Any, whole_result: Result) -> None:
    page = open_page(whole_result)
    first = page.locator("table.scorecard .track").first
    first.focus()
    score = (
        whole_result.tables["scores"].query("node == 'crm-capability' and wave == 'after'")["score"].item()
    )
    assert f"{score:.1f}" in page.locator("#tip").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != first.get_attribute(
        "aria-label"
    )
    drawn = page.locator("figure svg .mark")
    assert drawn.count() > 5
    drawn.first.focus()
    assert page.locator("#tip").is_visible()
    said = drawn.first.locator("title").text_content()
    assert any(letter.isdigit() for letter in said)
    first.hover()
    assert f"{score:.1f}" in page.locator("#tip").inner_text()


@pytest.mark.parametrize("template", ["scorecard", "benchmark", "appendix"])
@pytest.mark.parametrize("wide", [360, 1100])
def test_the_page_is_never_wider_than_the_screen(
    wide: int, template: str, open_page: Any, whole_result: Result
) -> None:
    page = open_page(whole_result, template=template, wide=wide)
    assert page.evaluate("document.documentElement.scrollWidth") <= wide


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: `make test` brings it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("code", ["en", "zh-Hant"])
def test_no_barrier_of_weight(code: str, scheme: str, open_page: Any, whole_result: Result) -> None:
    for wide in (1100, 360):
        page = open_page(whole_result, code=code, wide=wide, color_scheme=scheme)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        heavy = {
            one["id"]: [node["html"][:200] + json.dumps(node["any"][:1])[:300] for node in one["nodes"][:4]]
            for one in found
            if one["impact"] in ("serious", "critical")
        }
        assert heavy == {}, (wide, json.dumps(heavy, indent=1, ensure_ascii=False))


def test_a_name_that_is_a_script_stays_text(open_page: Any, make: Make) -> None:
    name = "</script><script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
    page = open_page(make(title=name, plan={"title": name}))
    assert "taken" not in page.title().replace(name, "")
    assert page.locator("main script").count() == 0
    assert page.locator(".organisation").inner_text() == name


def test_nothing_but_the_pages_own_script_runs(open_page: Any, whole_result: Result) -> None:
    page = open_page(whole_result, template="scorecard")
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_everything_missing_is_no_fault(open_page: Any, make: Make) -> None:
    page = open_page(make(missing=1.0), template="scorecard")
    assert shown(page) == [None, None]
    assert page.locator("#what-if .big").first.inner_text() == "–"


def test_paper_has_the_report_and_not_the_controls(open_page: Any, whole_result: Result) -> None:
    page = open_page(whole_result, template="scorecard")
    page.emulate_media(media="print")
    assert not page.locator("#what-if").is_visible()
    assert not page.locator("#scorecard input").first.is_visible()
    assert page.locator("table.scorecard").is_visible()

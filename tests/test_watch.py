"""`watch`: a save is seen, checked, scored and shown; what has not changed is not done again."""

from __future__ import annotations

import http.client
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_capability import watch as room
from crm_capability.definition.library import shipped
from crm_capability.watch import Watched, watch


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    shutil.copytree(shipped("examples") / "first", tmp_path / "first")
    framework = shipped("indicators") / "crm-capability.yaml"
    shutil.copy(framework, tmp_path / "first" / "own.yaml")
    path = tmp_path / "first" / "assessment.yaml"
    path.write_text(path.read_text().replace("framework: crm-capability@1", "framework: ./own.yaml"))
    return path


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often evidence was collected."""
    calls: list[int] = []
    collect = room.collect

    def counted(loaded: object) -> object:
        calls.append(1)
        return collect(loaded)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "collect", counted)
    return calls


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_changed_weight_scores_again_from_the_evidence_that_is_there(
    plan: Path, collected: list[int]
) -> None:
    watched = Watched(plan)
    watched.refresh()
    first = watched.page
    edit(
        plan,
        "targets:",
        "weights: {crm-capability: {customer-insight: 9, customer-value: 1, relationship-lifecycle: 1}}\ntargets:",
    )
    watched.refresh()
    assert watched.page != first
    assert len(collected) == 1
    edit(plan.parent / "own.yaml", "worst: 30, best: 1", "worst: 40, best: 1")
    second = watched.page
    watched.refresh()
    assert watched.page != second
    assert len(collected) == 1
    # the page is what a new start would show
    fresh = Watched(plan)
    fresh.refresh()
    assert fresh.page == watched.page


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("values.csv", "before,feedback-days,12", "before,feedback-days,13"),
        ("assessment.yaml", "exclude: [customised-production]", "exclude: [brand-management, customised-production]"),
        ("own.yaml", "evidence: [operational, survey, judgement, values]", "evidence: [operational, survey, values]"),
    ],
)  # fmt: skip
def test_what_evidence_depends_on_is_collected_again(
    plan: Path, collected: list[int], name: str, old: str, new: str
) -> None:
    watched = Watched(plan)
    watched.refresh()
    edit(plan.parent / name, old, new)
    watched.refresh()
    assert watched.problems == ()
    assert len(collected) == 2


def test_problems_stand_over_the_page_with_their_line_and_go_again(plan: Path) -> None:
    watched = Watched(plan)
    watched.refresh()
    good = watched.page
    whole = plan.read_text()
    plan.write_text(whole[: len(whole) // 2])  # saved half-way
    watched.refresh()
    assert watched.problems
    assert watched.page == good
    assert str(watched.problems[0].where) in watched.shown()
    plan.write_text(
        whole.replace("targets: {crm-capability: 60}", "targets: {<script>alert(1)</script>: 60}")
    )
    watched.refresh()
    assert "&lt;script&gt;alert" in watched.shown()
    plan.write_text(whole)
    watched.refresh()
    assert watched.problems == ()
    assert 'role="alert" style' not in watched.shown()


@pytest.fixture
def served(plan: Path) -> Iterator[tuple[str, Path, list[str]]]:
    told: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(plan,), kwargs={"tell": told.append, "stop": stop})
    thread.start()
    until(lambda: len(told) >= 2)
    yield told[0].removeprefix("http://").rstrip("/"), plan, told
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def until(holds: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def get(address: str, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", path, headers={"Host": host or address})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_a_save_reaches_the_browser(served: tuple[str, Path, list[str]]) -> None:
    address, plan, told = served
    assert told[1] == "ok"
    status, page = get(address, "/")
    assert status == 200
    assert "EventSource('/events?after=1')" in page
    heard: list[str] = []
    listener = threading.Thread(target=lambda: heard.append(get(address, "/events?after=1")[1]))
    listener.start()
    edit(plan, "targets: {crm-capability: 60}", "targets: {crm-capability: 61}")
    listener.join(60)
    assert heard == ["data: 2\n\n"]
    assert told[2] == "ok"
    assert "61" in get(address, "/")[1]


def test_only_this_machine_is_served_and_only_the_page(served: tuple[str, Path, list[str]]) -> None:
    address, _, _ = served
    assert get(address, "/", host="evil.example:80")[0] == 403
    assert get(address, "/assessment.yaml")[0] == 404
    assert get(address, "/../assessment.yaml")[0] == 404
    assert get(address, "/events?after=%00")[0] == 200


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.slow
@pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine; `make test` installs it where it may"
)
def test_the_browser_shows_each_save(served: tuple[str, Path, list[str]]) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    address, plan, _ = served
    whole = plan.read_text()
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(90_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"http://{address}/", wait_until="domcontentloaded")
        edit(plan, "en: CRM capability of Example Ltd", "en: Renamed while one looks")
        page.wait_for_function("document.title.includes('Renamed while one looks')")
        plan.write_text(whole.replace("framework: ./own.yaml", "framework: ./onw.yaml"))
        alert = page.wait_for_selector("div[role=alert][style]")
        line = next(n for n, row in enumerate(whole.splitlines(), 1) if row.startswith("framework:"))
        assert f"assessment.yaml:{line}:12: no such file: ./onw.yaml" in alert.inner_text()
        assert "Renamed while one looks" in page.title()  # the page that was stays under it
        plan.write_text(whole)
        page.wait_for_function("document.title.includes('CRM capability of Example Ltd')")
        assert page.query_selector("div[role=alert][style]") is None
        assert faults == []
        browser.close()

"""What tests of several rooms share: files in a folder of their own, and the words of problems."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings
from pypdf import PdfReader

from crm_capability import CapabilityError

# a busy machine is no fault; what needs more examples says so
settings.register_profile("house", deadline=None, max_examples=25)
settings.load_profile("house")

Write = Callable[[str, str | bytes], Path]
Faults = Callable[[Callable[[], Any]], list[str]]
Assessment = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Put a file into the test's folder; gives its path."""

    def put(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    """The problems that a call ends in, one text each, paths from the test's folder on."""

    def of(call: Callable[[], Any]) -> list[str]:
        with pytest.raises(CapabilityError) as caught:
            call()
        return [
            str(problem).replace(f"{tmp_path.resolve()}/", "").replace(f"{tmp_path}/", "")
            for problem in caught.value.problems
        ]

    return of


FRAMEWORK: dict[str, Any] = {
    "framework": "small",
    "version": "1.2.0",
    "title": "Small",
    "bands": [{"id": "weak", "from": 0, "title": "Weak"}, {"id": "strong", "from": 60, "title": "Strong"}],
    "tree": {
        "id": "index",
        "title": "Index",
        "children": [
            {
                "id": "speed",
                "title": "Speed",
                "children": [
                    {"id": "days", "title": "Days", "unit": "days", "better": "lower",
                     "normalise": {"method": "goalposts", "worst": 30, "best": 0}},
                    {"id": "share", "title": "Share", "unit": "share",
                     "normalise": {"method": "goalposts", "worst": 0, "best": 1}},
                ],
            },
            {"id": "voice", "title": "Voice", "unit": "points", "normalise": {"method": "likert", "min": 1, "max": 5}},
        ],
    },
}  # fmt: skip

SHEET: dict[str, Any] = {
    "questionnaire": "voice-of-many",
    "version": "1.0.0",
    "title": "Voice",
    "audience": "customer",
    "scales": {
        "agree": {
            "points": [{"value": n, "label": str(n)} for n in range(1, 6)],
            "states": [
                {"value": "na", "state": "not-applicable", "label": "Does not apply"},
                {"value": 98, "state": "unknown", "label": "Do not know"},
            ],
        }
    },
    "sections": [
        {
            "id": "all",
            "title": "All",
            "questions": [
                {"id": "kind", "text": "They are kind", "scale": "agree", "feeds": "voice"},
                {"id": "rude", "text": "They are rude", "scale": "agree", "feeds": "voice", "reverse": True},
            ],
        }
    ],
}

PLAN: dict[str, Any] = {
    "assessment": "test",
    "title": "Test",
    "framework": "./framework.yaml",
    "unit": "us",
    "waves": [{"id": "before"}, {"id": "after"}],
    "evidence": [
        {"values": "values.csv"},
        {"survey": "./sheet.yaml", "answers": "answers.csv"},
    ],
}

VALUES = """\
wave,measure,value
before,days,15
after,days,6
before,share,0.25
after,share,0.5
"""

ANSWERS = """\
respondent,wave,kind,rude
1,before,2,4
2,before,4,3
3,before,na,98
1,after,4,2
2,after,5,1
"""


@pytest.fixture
def assessment(write: Write) -> Assessment:
    """A small assessment that works, in the test's folder; gives the plan's path.

    Each part may be replaced: `plan` updates keys of the plan, the others are whole files.
    """

    def make(
        plan: dict[str, Any] | None = None,
        framework: dict[str, Any] | None = None,
        sheet: dict[str, Any] | None = None,
        values: str = VALUES,
        answers: str = ANSWERS,
    ) -> Path:
        write("framework.yaml", json.dumps(framework or FRAMEWORK, indent=1))
        write("sheet.yaml", json.dumps(sheet or SHEET, indent=1))
        write("values.csv", values)
        write("answers.csv", answers)
        return write("assessment.yaml", json.dumps({**PLAN, **(plan or {})}, indent=1))

    return make


# ---------------------------------------------------------------------- reports, read back

Reading = Callable[[Any, str, str, Path], None]


@pytest.fixture(scope="session")
def reading() -> Reading:
    """Print a result's report by a template and in a language, read the PDF back and hold it against the HTML
    and the tables: headings in order, and every headline number."""

    def read(result: Any, template: str, code: str, folder: Path) -> None:
        from crm_capability.report.facts import report_day
        from crm_capability.report.pdf import Printer
        from crm_capability.report.template import find_template

        chosen = find_template(template)
        press = Printer(chosen.styles(None), chosen.folder, chosen.roots)
        html = chosen.render(result, chosen.language(code))
        file = folder / f"{template}.{code}.pdf"
        press.write(html, file, {}, report_day(result))
        document = PdfReader(file)
        pages = [squeezed(page.extract_text()) for page in document.pages]
        in_order(html, document, pages)
        headline(result, code, pages)
        rows(result, code, pages[1] if template != "appendix" else "".join(pages[1:]))
        if template != "scorecard":
            percentile(result, code, "".join(pages[1:]))

    return read


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def in_order(html: str, document: PdfReader, pages: list[str]) -> None:
    """Headings and tables as the HTML has them: the tags in its order, the words in its order."""
    found = re.findall(r"<h([1-4])[^>]*>(.*?)</h\1>", html, re.DOTALL)
    levels = [int(level) for level, _ in found]
    kinds = [one["/S"] for one in tagged(document.trailer["/Root"]["/StructTreeRoot"])]
    assert [int(kind[2]) for kind in kinds if re.fullmatch("/H[1-4]", kind)] == levels
    texts = [squeezed(unescape(re.sub("<[^>]+>", "", text))) for _, text in found]
    assert texts[0] in pages[0]
    told, place = "".join(pages[1:]), 0  # the contents on the first page hold the titles too
    for text in texts[1:]:
        place = told.index(text, place) + len(text)


def tagged(element: Any) -> Iterator[Any]:
    """All structure elements below one, in reading order."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        one = kid.get_object()
        if isinstance(one, dict) and "/S" in one:
            yield one
            yield from tagged(one)


def printed(value: float | None, signed: bool = False) -> str:
    """A number as a report says it: one decimal, a real minus."""
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:+,.1f}" if signed and f"{abs(value):.1f}" != "0.0" else f"{value:,.1f}"
    return ("0.0" if text == "-0.0" else text).replace("-", "−")


def own(result: Any, name: str) -> pd.DataFrame:
    """The rows of a table about the unit of the plan."""
    table = result.tables[name]
    return table[table["unit"] == result.plan.unit] if len(table) else table


def headline(result: Any, code: str, pages: list[str]) -> None:
    """On the first page: the index, its change with the interval, its coverage."""
    pair, root = result.plan.comparisons[0], result.framework.tree.id
    scores = own(result, "scores").set_index(["node", "wave"]).loc[root]
    changes = own(result, "changes").set_index(["node", "before_wave", "after_wave"])
    change = changes.loc[(root, pair.before, pair.after)]
    told = [
        *(printed(scores.loc[wave, "score"]) for wave in (pair.before, pair.after)),
        *(printed(change[column], signed=True) for column in ("change", "low", "high")),
        f"{scores.loc[pair.after, 'coverage']:.0%}",
    ]
    assert [number for number in told if number not in pages[0]] == []


def rows(result: Any, code: str, page: str) -> None:
    """The row of every dimension and indicator: its name, then before, after and change."""
    pair = result.plan.comparisons[0]
    scores = own(result, "scores").set_index(["wave", "node"])
    changes = own(result, "changes").set_index(["before_wave", "after_wave", "node"])
    tree, lacking = result.framework.tree, []
    nodes = [node for dim in tree.children for node in (dim, *getattr(dim, "children", ()))]
    for node in nodes:
        before, after = (scores["score"].get((wave, node.id)) for wave in (pair.before, pair.after))
        if after is None or math.isnan(after):
            continue  # named as missing: tests of the facts look at that
        change = changes["change"].get((pair.before, pair.after, node.id))
        title = node.title if isinstance(node.title, str) else node.title.get(code, node.title["en"])
        numbers = f"{printed(before)}{printed(after)}[▲▼≈↑↓=]?{re.escape(printed(change, signed=True))}"
        if not re.search(f"{re.escape(squeezed(title))}†?[^0-9]{{0,24}}?{numbers}", page):
            lacking.append((title, numbers))
    assert len(nodes) > 5
    assert lacking == []


def percentile(result: Any, code: str, text: str) -> None:
    """Where the unit stands among its peers, if it has any."""
    wave, root = result.plan.comparisons[0].after, result.framework.tree.id
    for row in own(result, "standing").to_dict("records"):
        if (row["node"], row["wave"]) != (root, wave):
            continue
        if not math.isnan(row["peers"]):
            numbers = (printed(row["median"]), printed(row["gap_to_median"], signed=True))
            assert f"{numbers[0]}{numbers[1]}{row['percentile']:.0f}" in text

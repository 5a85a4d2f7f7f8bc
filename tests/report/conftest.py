"""Results to report on: small frameworks with made-up readings, scored by the real engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import ImageFont
from pptx import Presentation

from crm_capability import load_framework
from crm_capability.analysis.benchmark import standing_table
from crm_capability.analysis.compare import changes_table
from crm_capability.analysis.peers import Peers
from crm_capability.analysis.respondents import Respondents
from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.definition.library import shipped
from crm_capability.definition.plan import Plan
from crm_capability.scoring.assessment import contributions_table, score, scores_table
from crm_capability.tables import shape

SHIPPED = Path(__file__).parents[2] / "indicators" / "crm-capability.yaml"
Make = Callable[..., Result]
POINT = 12700


def flat(dimensions: int = 2, measures: int = 3, title: str = "Small") -> Framework:
    """A flat framework: measures right under the dimensions."""
    goalposts = {"method": "goalposts", "worst": 0, "best": 10}
    children = [
        {"id": f"m{d}-{m}", "title": f"Measure {d}.{m}", "unit": "points", "normalise": goalposts}
        for d in range(dimensions)
        for m in range(measures)
    ]
    tree = {
        "id": "index",
        "title": title,
        "children": [
            {
                "id": f"d{d}",
                "title": f"Dimension {d}",
                "children": children[d * measures : (d + 1) * measures],
            }
            for d in range(dimensions)
        ],
    }
    bands = [{"id": "low", "from": 0, "title": "Low"}, {"id": "high", "from": 50, "title": "High"}]
    return Framework.model_validate(
        {"framework": "small", "version": "1.0.0", "title": title, "bands": bands, "tree": tree}
    )


def made(
    tree: Framework | None = None,
    waves: Sequence[str] = ("before", "after"),
    units: Sequence[str] = ("us",),
    missing: float = 0.0,
    plan: dict[str, Any] | None = None,
    title: str = "Us Ltd",
    level: Callable[[str, str], float] | None = None,
    error: float | None = 0.2,
    **manifest: Any,
) -> Result:
    """A result with seeded readings between the goalposts of each measure."""
    tree = tree or flat()
    told = {
        "assessment": "test", "title": "A test", "framework": "x.yaml", "unit": units[0],
        "units": {unit: {"title": unit} for unit in units},
        "waves": [{"id": wave, "from": f"{2017 + n}-01-01", "to": f"{2017 + n}-12-31"} for n, wave in enumerate(waves)],
        "evidence": [{"values": "v.csv"}], "report": {"languages": ["en"]},
        **({"benchmark": {"pool": "units", "minimum_peers": 3}} if len(units) > 3 else {}), **(plan or {}),
    }  # fmt: skip
    whole = Plan.model_validate(told)
    readings = _readings(tree, waves, units, missing, level, error)
    outside = {m for m in tree.measures if m in whole.scope.exclude}
    readings.loc[readings["measure"].isin(outside), ["state", "value", "n", "standard_error"]] = [
        "not-applicable",
        np.nan,
        pd.NA,
        np.nan,
    ]
    scored = score(tree, whole, list(units), readings)
    tables = {
        "readings": readings,
        "scores": scores_table(tree, scored),
        "contributions": contributions_table(scored),
        "changes": changes_table(Respondents(scored, ()), tree, whole),
        "standing": standing_table(Peers.of(scored, whole.benchmark), whole.benchmark.minimum_peers)
        if whole.benchmark
        else standing_table(None),
        "fitted": scored.fitted,
    }
    names = {unit: unit for unit in units} | {units[0]: title}
    return Result(
        whole, tree, (), names, tables, {"inputs": [{"file": "v.csv", "sha256": "0" * 64}], **manifest}
    )


def _readings(
    tree: Framework,
    waves: Sequence[str],
    units: Sequence[str],
    missing: float,
    level: Any,
    error: float | None,
) -> pd.DataFrame:
    numbers = np.random.default_rng(7)
    rows = []
    for number, wave in enumerate(waves):
        for unit in units:
            for measure, definition in tree.measures.items():
                rule = definition.normalise or tree.defaults.normalise
                ends = (
                    getattr(rule, "worst", getattr(rule, "min", 0)),
                    getattr(rule, "best", getattr(rule, "max", 1)),
                )
                share = min(0.2 + 0.15 * number + 0.5 * numbers.random(), 1.0)
                value = level(wave, measure) if level else ends[0] + share * (ends[1] - ends[0])
                gone = numbers.random() < missing
                rows.append({
                    "wave": wave, "unit": unit, "measure": measure, "value": np.nan if gone else value,
                    "n": pd.NA if gone else 40, "standard_error": np.nan if gone or error is None else error,
                    "state": "not-collected" if gone else "measured", "evidence": "" if gone else "operational",
                    "source": "" if gone else "v.csv",
                })  # fmt: skip
    return shape("readings", pd.DataFrame(rows))


@pytest.fixture(scope="session")
def framework() -> Callable[..., Framework]:
    """Makes a flat framework of so many dimensions with so many measures each."""
    return flat


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes a result: framework, waves, units, share of missing readings, and what the plan says."""
    return made


@pytest.fixture(scope="session")
def whole_result() -> Result:
    """The shipped framework, two waves, some readings missing, one indicator out of scope."""
    tree = load_framework(SHIPPED)
    scope = {
        "exclude": ["customised-production"],
        "because": {"customised-production": {"en": "None made", "zh-Hans": "不生产"}},
    }
    outside = {"custom-breadth", "custom-lead-days", "custom-cost-premium"}
    languages = {"languages": ["en", "zh-Hans", "zh-Hant"], "date": "2018-07-01", "template": "benchmark"}
    return made(tree, missing=0.12, error=0.02, plan={"report": languages, "scope": {**scope, "exclude": [*scope["exclude"], *outside]}},
                  fictitious=["staff-attitude", "waiting-minutes"])  # fmt: skip


@cache
def _font(size: int, chinese: bool) -> Any:
    name = "NotoSansTC-Regular.otf" if chinese else "Inter-Regular.otf"
    return ImageFont.truetype(str(shipped("reports") / "fonts" / name), size)


def lines(text: str, size: float, room: float) -> int:
    """Lines that the text takes, measured with a font's own metrics (Inter is wider than Arial)."""
    font = _font(100, bool(re.search("[\u2e80-\uffef]", text)))
    count, used = 1, 0.0
    for word in re.findall("[^\\s\u2e80-\uffef]+|[\u2e80-\uffef]|\\s+", text):
        wide = font.getlength(word) * size / 100 * 0.94
        if used + wide > room and used:
            count, used = count + 1, 0.0
        used += wide
    return count


def tall(paragraphs: Any, room: float, inherited: float = 12.0) -> float:
    """The height of paragraphs at the line height of Arial."""
    found = 0.0
    for paragraph in paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs if run.font.size] or [inherited]
        indent = int(paragraph._p.pPr.get("marL", 0)) / POINT if paragraph._p.pPr is not None else 0
        found += lines(paragraph.text, max(sizes), room - indent) * max(sizes) * 1.15
    return found


def spilt_of(path: Path) -> list[str]:
    """Shapes beyond their slide, and texts higher than the box or row that holds them."""
    found, deck = [], Presentation(str(path))
    for number, slide in enumerate(deck.slides, 1):
        for box in slide.shapes:
            where = f"{number} {box.name}"
            inside = box.left >= 0 and box.top >= 0 and box.left + box.width <= deck.slide_width
            if not (inside and box.top + box.height <= deck.slide_height):
                found.append(f"{where} is beyond the slide")
            if box.has_text_frame and box.text_frame.text and box.name != "Key":
                frame = box.text_frame
                room = (box.width - frame.margin_left - frame.margin_right) / POINT
                if not box.name.startswith("Key") and tall(frame.paragraphs, room) > box.height / POINT + 1:
                    found.append(f"{where}: {frame.text[:60]}")
            if getattr(box, "has_table", False) and box.has_table:
                found += [f"{where}: {text[:60]}" for text in _tight(box.table)]
                if sum(row.height for row in box.table.rows) > box.height + len(box.table.rows):
                    found.append(f"{where}: rows are higher than the table")
    return found


def _tight(table: Any) -> Iterator[str]:
    widths = [column.width / POINT for column in table.columns]
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            if cell.is_spanned or not cell.text:
                continue
            span = cell.span_width if cell.is_merge_origin else 1
            room = sum(widths[place : place + span]) - (cell.margin_left + cell.margin_right) / POINT
            if tall(cell.text_frame.paragraphs, room) > row.height / POINT + 0.5:
                yield cell.text


@pytest.fixture(scope="session")
def spilt() -> Callable[[Path], list[str]]:
    """What of a deck is beyond its slide, box or row."""
    return spilt_of

"""What tests of several rooms share: files in a folder of their own, and the words of problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

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

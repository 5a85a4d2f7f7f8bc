"""A small questionnaire that has every kind of question, in two languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from crm_capability.definition.load import Definition
from crm_capability.definition.loaded import load_questionnaire
from crm_capability.definition.questionnaire import Questionnaire

Sheet = Callable[..., Definition[Questionnaire]]


def both(english: str, chinese: str) -> dict[str, str]:
    return {"en": english, "zh-Hans": chinese}


@pytest.fixture
def sheet(write) -> Sheet:
    """Load it; `questions` replaces those of the first section, `more` keys of the file."""

    def make(questions: list[dict[str, Any]] | None = None, **more: Any) -> Definition[Questionnaire]:
        points = [
            {"value": n, "label": both(en, zh)} for n, en, zh in ((0.5, "Half", "一半"), (1, "All", "全部"))
        ]
        everything = [
            {"id": "kind", "text": both("They are kind", "他们很友善"), "hint": both("To you", "对您"), "scale": "two"},
            {"id": "branch", "text": both("Which branch?", "哪家分店？"), "type": "choice",
             "options": [{"value": "north", "label": both("North", "北")}, {"value": "s", "label": both("South", "南")}]},
            {"id": "hours-waited-until-it-was-solved", "text": both("Hours <waited>", "等了几小时"), "type": "number", "min": 0, "max": 99.5,
             "unit": both("hours", "小时"), "when": {"question": "branch", "answers": ["north"]}},
            {"id": "hours-waited-until-answered", "text": both("Hours until answered", "几小时后有答复"), "type": "number", "min": 0,
             "states": [{"value": "na", "state": "not-applicable", "label": both("Nobody asked", "没有问")}]},
            {"id": "level", "text": both("How far?", "到哪一级？"), "type": "maturity",
             "levels": [{"value": 0, "label": both("Nothing", "没有")}, {"value": 1, "label": both("Something", "有一些")}]},
            {"id": "why", "text": both("Why?", "为什么？"), "type": "text"},
        ]  # fmt: skip
        data = {
            "questionnaire": "every-kind",
            "version": "1.2.0",
            "title": both("Every kind", "各种题目"),
            "audience": "customer",
            "introduction": both("What it is for, and who sees it.", "目的，以及谁会看到。"),
            "scales": {
                "two": {
                    "points": points,
                    "states": [{"value": 98, "state": "unknown", "label": both("Do not know", "不知道")}],
                }
            },
            "sections": [
                {
                    "id": "all",
                    "title": both("All", "全部"),
                    "introduction": both("First\nthis", "先看"),
                    "questions": questions or everything,
                }
            ],
            **more,
        }
        return load_questionnaire(write("sheet.yaml", json.dumps(data, ensure_ascii=False)))

    return make

"""Words, numbers and dates in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_capability.report.language import Language, language
from crm_capability.yaml_files import read_yaml

WORDS = Path(__file__).parents[2] / "reports" / "words"
LANGUAGES = ("en", "zh-Hans", "zh-Hant")


def leaves(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in words.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, str(value)


def patterns(code: str) -> dict[str, set[str]]:
    """The names that each phrase may use; `one` and `other` are one phrase."""
    found: dict[str, set[str]] = {}
    for key, text in leaves(read_yaml(WORDS / f"{code}.yaml").data):
        key = re.sub(r"\.(one|other)$", "", key)
        if not key.startswith("months."):
            found.setdefault(key, set()).update(re.findall(r"\{(\w+)\}", text))
    return found


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_every_phrase_stands_in_every_language(code: str) -> None:
    assert patterns(code).keys() == patterns("en").keys()


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_chinese_words_use_full_width_punctuation(code: str) -> None:
    wrong = [text for _, text in leaves(read_yaml(WORDS / f"{code}.yaml").data)
             if re.search(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]", text)]  # fmt: skip
    assert wrong == []


def test_simplified_and_traditional_do_not_mix() -> None:
    simplified = set("标进数据网络变从发现没发读证问运统计误")
    text = "".join(text for _, text in leaves(read_yaml(WORDS / "zh-Hant.yaml").data))
    assert simplified & set(text) <= {"數"}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("en", "1 January to 30 June 2017"),
        ("zh-Hans", "2017年1月1日至6月30日"),
        ("zh-Hant", "2017年1月1日至6月30日"),
    ],
)
def test_a_period_says_its_year_once(code: str, told: str) -> None:
    assert language(code).period(date(2017, 1, 1), date(2017, 6, 30)) == told


@pytest.mark.parametrize(
    ("code", "unit", "value", "told"),
    [
        ("en", "share", 0.253, "25.3%"),
        ("en", "days", 3.0, "3.000 days"),
        ("zh-Hans", "hours", 3.5, "3.500小时"),
        ("zh-Hant", "minutes", 3.5, "3.500分鐘"),
        ("en", "widgets", 3.5, "3.500\u00a0widgets"),
        ("en", {"en": "boxes", "zh-Hans": "箱"}, -3.5, "−3.500\u00a0boxes"),
    ],
)
def test_a_quantity_names_its_unit(code: str, unit: Any, value: float, told: str) -> None:
    assert language(code).quantity(value, unit, 3) == told


def test_values_are_never_patterns() -> None:
    assert Language("en", {"a": "<{x}>"}, {}).say("a", x="{y} {x.__class__}") == "<{y} {x.__class__}>"


def test_a_language_without_words_speaks_english_and_knows_it() -> None:
    french = language("fr")
    assert french.say("page.before") == "Before"
    assert french.lacking == ["page.before"]

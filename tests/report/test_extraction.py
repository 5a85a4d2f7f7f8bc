"""The text of the PDF, read back: in the order of the HTML, with every headline number of the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability.analysis.result import Result

Reading = Callable[[Any, str, str, Path], None]


@pytest.mark.parametrize("code", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("template", ["scorecard", "benchmark", "appendix"])
def test_the_text_reads_in_order_and_holds_every_number(
    template: str, code: str, whole_result: Result, reading: Reading, tmp_path: Path
) -> None:
    reading(whole_result, template, code, tmp_path)


def test_peers_are_read_back_too(reading: Reading, make: Callable[..., Result], tmp_path: Path) -> None:
    reading(make(units=("us", "a", "b", "c", "d")), "benchmark", "en", tmp_path)

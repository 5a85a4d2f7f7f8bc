"""The documented tables: columns in order, types, and files that lose nothing."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pandas as pd
import pytest

from crm_capability.tables import TABLES, read_table, shape, write_table

FORMATS = {
    "readings": "wave, unit, measure, value, n, standard_error, state, evidence, source",
    "scores": "wave, unit, node, level, score, low, high, if_worst, if_best, coverage, rank, band",
    "contributions": "wave, unit, node, weight, effective_weight, contribution",
    "changes": "unit, node, before_wave, after_wave, before, after, change, low, high, p_value, q_value, from_value, "
    "from_weight, from_membership",
    "standing": "wave, unit, node, score, peers, percentile, quartile, median, best, gap_to_median, gap_to_best",
    "fitted": "node, method, parameter, value",
}


@pytest.mark.parametrize("name", FORMATS)
def test_columns_are_those_of_the_contract_in_its_order(name: str) -> None:
    assert ", ".join(TABLES[name]).startswith(FORMATS[name])


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_its_columns_and_comes_back(name: str, tmp_path: Path) -> None:
    table = shape(name, {})
    assert list(table.columns) == list(TABLES[name])
    write_table(table, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(read_table(name, tmp_path / "t.csv"), table)


def test_every_digit_of_a_double_and_every_kind_of_id_comes_back(tmp_path: Path) -> None:
    chance = random.Random(7)
    numbers = [math.pi, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 0.1 + 0.2, math.nan]
    numbers += [chance.uniform(-1, 1) * 10 ** chance.randint(-300, 300) for _ in range(200)]
    units = ["9E", "NA", "001", "1.0", "null", "nan", 'a "b", c', "客户：一", "true", " x", "-", "#N/A"]
    table = shape(
        "readings",
        {
            "wave": "after",
            "unit": [units[n % len(units)] for n in range(len(numbers))],
            "measure": "days",
            "value": numbers,
            "n": [None if n % 3 else n for n in range(len(numbers))],
            "state": "measured",
        },
    )
    write_table(table, tmp_path / "t.csv")
    again = read_table("readings", tmp_path / "t.csv")
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert str(again["n"].dtype) == "Int64"
    assert b"\r" not in (tmp_path / "t.csv").read_bytes()


def test_columns_beyond_the_documented_ones_stay_at_the_end() -> None:
    assert list(shape("findings", {"en": ["x"], "node": ["n"]}).columns) == [*TABLES["findings"], "en"]


def test_a_missing_number_is_blank_not_zero(tmp_path: Path) -> None:
    write_table(shape("fitted", {"node": ["a"], "value": [math.nan]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "node,method,parameter,value\na,,,\n"

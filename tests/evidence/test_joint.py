"""Answers as codes: the same figures as from every respondent's own row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_capability.evidence.cells import Cells, cells, joined_cells, means_of, patterns
from crm_capability.evidence.columns import columns_of
from crm_capability.evidence.group_means import group_means, groups_of
from crm_capability.evidence.joint import joint
from crm_capability.methods.reliability import covariances, intraclass

POINTS = {"even": [1.0, 2, 3, 4, 5], "uneven": [0.0, 1, 2.5, 7], "backwards": [5.0, 4, 3, 2, 1]}


def asked(values: list[float], n: int, questions: int, seed: int = 3) -> tuple[list[Cells], np.ndarray]:
    """Questions with blanks and a state among the answers, and the same as a matrix."""
    chance = np.random.default_rng(seed)
    table = np.array([*values, np.nan, np.nan])
    marks = np.array([0] * len(values) + [0, 2], dtype=np.int8)
    codes = chance.choice(len(table), (n, questions), p=[0.96 / len(values)] * len(values) + [0.02] * 2)
    return [cells(codes[:, q], table, marks) for q in range(questions)], table[codes]


@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize("questions", [1, 3, 6, 14])
def test_complete_rows_by_pattern_and_by_product(points, questions):
    n = 9000 if questions > 6 else 700
    given, matrix = asked(POINTS[points], n, questions)
    units = np.random.default_rng(0).integers(0, 4, n)
    whole = ~np.isnan(matrix).any(axis=1)
    found = joint(given, units)
    assert found.respondents == whole.sum()
    np.testing.assert_allclose(found.covariance, covariances(matrix[whole]), atol=1e-12)
    of_units = intraclass(matrix[whole].mean(axis=1), units[whole])
    np.testing.assert_allclose(found.intraclass, of_units, atol=1e-12)


@pytest.mark.parametrize("questions", [2, 8])
@pytest.mark.parametrize("weighted", [False, True])
def test_means_by_group(questions, weighted):
    given, matrix = asked(POINTS["uneven"], 400, questions)
    chance = np.random.default_rng(1)
    people = pd.DataFrame(
        {"wave": chance.choice(["b", "a"], 400), "unit": "us", "role": chance.choice(["x", "y"], 400)}
    )
    weights = chance.uniform(0.5, 2, 400) if weighted else np.ones(400)
    people.loc[0] = ["z", "us", "x"]  # alone in its group
    groups = groups_of(people)
    found = group_means(given, groups, weights)
    means = pd.Series(np.nanmean(matrix, axis=1))
    np.testing.assert_allclose(means_of(given), means, atol=1e-12)
    by_hand = people.assign(x=means, w=weights).dropna().groupby(["wave", "unit", "role"], sort=False)
    assert [tuple(key) for key in groups.keys.to_numpy()] == list(by_hand.groups)
    for n, (_, rows) in enumerate(by_hand):
        x, w, size = rows["x"].to_numpy(), rows["w"].to_numpy(), len(rows)
        mean = np.average(x, weights=w)
        assert found.value[n] == pytest.approx(mean, abs=1e-12)
        assert found.n[n] == size
        error = np.sqrt(size / (size - 1) * ((w * (x - mean)) ** 2).sum()) / w.sum() if size > 1 else np.nan
        assert found.standard_error[n] == pytest.approx(error, abs=1e-12, nan_ok=True)


def test_files_with_different_answers_are_joined():
    one = cells(np.array([0, 1, 0]), np.array([2.0, np.nan]), np.array([0, 1], dtype=np.int8))
    other = cells(np.array([0, 1, 2]), np.array([1.0, np.nan, 2.0]), np.array([0, 2, 0], dtype=np.int8))
    both = joined_cells([one, other])
    np.testing.assert_array_equal(both.numbers, [2, np.nan, 2, 1, np.nan, 2])
    np.testing.assert_array_equal(both.states, [0, 1, 0, 0, 2, 0])
    assert len(both.values) == 4


def test_many_distinct_numbers_have_a_part_of_their_own():
    many = cells(np.arange(70_000), np.arange(70_000.0), np.zeros(70_000, dtype=np.int8))
    few = cells(np.arange(70_000) % 2, np.array([0.0, 1.0]), np.zeros(2, dtype=np.int8))
    parts = patterns([few, many, few])
    assert [len(part.questions) for part in parts] == [1, 1, 1]
    np.testing.assert_allclose(means_of([few, many]), (np.arange(70_000) % 2 + np.arange(70_000.0)) / 2)


@pytest.mark.parametrize("kind", ["int8", "int64", "uint16", "float64", "str", "bool"])
def test_a_parquet_column_is_read_like_its_text(tmp_path, kind):
    chance = np.random.default_rng(2)
    numbers = chance.choice([0, 1] if kind == "bool" else [1, 2, 5, 98, 120], 3000)
    blank = chance.random(3000) < 0.1
    column = pd.Series(numbers).astype(kind).astype("object").mask(blank, None)
    names = [
        str(cell) if kind == "bool" else f"{cell:g}" if kind != "str" else f" {cell}"
        for cell in column.dropna()
    ]
    mask = pa.array(np.array(column.isna()))
    values = pa.array(column, type=pa.string() if kind == "str" else pa.from_numpy_dtype(kind))
    assert mask.to_pylist() == values.is_null().to_pylist()
    with pq.ParquetWriter(tmp_path / "a.parquet", pa.schema({"x": values.type})) as file:
        for start in range(0, 3000, 700):
            file.write_table(pa.table({"x": values.slice(start, 700)}))
    columns = columns_of(tmp_path / "a.parquet")
    codes, texts = columns.coded("x")
    found = pd.Series([texts[code] for code in codes])
    assert found[blank].eq("").all()
    assert list(found[~blank]) == [name.strip() for name in names]
    assert list(columns.text("x")) == list(found)
    assert len(set(texts)) == len(texts) == len(set(found))


def test_negative_and_far_apart_whole_numbers(tmp_path):
    for values in ([-100, 100, 127, -128], [-(2**62), 2**62, 0, 5]):
        kind = pa.int8() if max(values) < 128 else pa.int64()
        pq.write_table(pa.table({"x": pa.array(values, type=kind)}), tmp_path / "a.parquet")
        codes, texts = columns_of(tmp_path / "a.parquet").coded("x")
        assert [texts[code] for code in codes] == [str(value) for value in values]

"""Published indices, scored from files alone: plans over data under ../shared/data, where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from crm_capability.cli import main
from crm_capability.tables import read_table

FRAMEWORKS = Path(__file__).resolve().parents[1] / "definition" / "frameworks"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
Write = Callable[[str, str | bytes], Path]

# COINr 1.1.14, vignette "Presenting Results": the six best of `get_results` on the example coin,
# built by `build_example_coin()`: denominate, impute by the mean of Europe or Asia, treat outliers
# (winsorise up to 5 points, else log_CT), min-max 0-100, weighted arithmetic means.
PUBLISHED = """\
uCode Index Conn Sust Physical ConEcFin Political Instit P2P Environ
CHE 68.38 62.79 73.98 63.41 32.87 74.78 85.94 56.93 77.21
NLD 64.82 61.94 67.70 64.87 46.62 84.55 71.74 41.92 58.73
DNK 64.80 57.10 72.51 50.52 30.43 78.13 75.35 51.04 69.83
NOR 64.47 57.44 71.50 58.18 25.70 80.03 89.46 33.80 70.90
BEL 63.54 63.99 63.09 71.97 48.22 80.84 75.60 43.32 53.01
SWE 63.00 53.87 72.12 51.51 23.87 80.98 74.51 38.50 66.37
"""


def data(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"the published data is not here: {DATA / name}")
    return DATA / name


def scored(plan: Path, out: Path, allowed: Path) -> pd.DataFrame:
    """The table `scores` of the command line, units × nodes."""
    assert main(["score", str(plan), "--out", str(out), "--allow", str(allowed)]) == 0
    return read_table("scores", out / "tables" / "scores.csv")


def test_human_development_index_of_every_country(write: Write, tmp_path: Path) -> None:
    folder = data("hdi")
    plan = {
        "assessment": "hdi-2022",
        "title": "HDI 2022",
        "framework": str(FRAMEWORKS / "hdi.yaml"),
        "unit": "CHE",
        "units": {"file": str(folder / "hdi_2022.csv"), "id": "iso3", "title": "country"},
        "waves": [{"id": "year-2022"}],
        "evidence": [{"values": str(folder / "hdi_2022.csv"), "layout": "wide", "columns": {"unit": "iso3"}}],
    }
    found = scored(write("plan.yaml", yaml.safe_dump(plan)), tmp_path / "out", folder)
    index = found[found["node"] == "hdi"].set_index("unit")
    published = pd.read_csv(folder / "hdi_2022.csv").set_index("iso3").loc[index.index]
    assert len(index) == 193
    rounded = (index["score"] / 100).round(3)
    np.testing.assert_array_equal(rounded, published["hdi_published"])
    # the agency ranks the rounded index
    np.testing.assert_array_equal(rounded.rank(ascending=False, method="min"), published["hdi_rank_2022"])
    assert index["rank"].le(published["hdi_rank_2022"] + 3).all()


def asem_framework(folder: Path, **defaults: Any) -> dict[str, Any]:
    """The tree of iMeta.csv as a framework: direction, weights and denominators of each row."""
    meta = pd.read_csv(folder / "iMeta.csv", keep_default_na=False)

    def node(row: Any) -> dict[str, Any]:
        one: dict[str, Any] = {"id": row.iCode.lower(), "title": row.iName, "weight": float(row.Weight)}
        below = meta[(meta["Parent"] == row.iCode) & meta["Type"].isin(["Indicator", "Aggregate"])]
        if len(below):
            return {**one, "children": [node(child) for child in below.itertuples()]}
        one |= {"unit": row.Unit, "better": "higher" if row.Direction == "1" else "lower"}
        return {**one, "denominator": row.Denominator} if row.Denominator else one

    root = next(meta[meta["Level"] == "4"].itertuples())
    return {
        "framework": "asem",
        "version": "1.0.0",
        "title": "Sustainable connectivity of ASEM countries",
        "levels": ["index", "sub-index", "pillar", "indicator"],
        "defaults": {"normalise": "min-max", **defaults},
        "tree": node(root),
    }


def asem_plan(folder: Path) -> dict[str, Any]:
    return {
        "assessment": "asem",
        "title": "ASEM 2018",
        "framework": "./asem.yaml",
        "unit": "CHE",
        "units": {"file": str(folder / "iData.csv"), "id": "uCode", "title": "uName"},
        "waves": [{"id": "year-2018"}],
        "evidence": [{"values": str(folder / "iData.csv"), "layout": "wide", "columns": {"unit": "uCode"}}],
    }


def test_asem_index_as_coinr_publishes_it(write: Write, tmp_path: Path) -> None:
    folder = data("composite_asem")
    settings = {
        "impute": {"method": "group-mean", "by": "EurAsia_group"},
        "outliers": {"method": "winsorise", "then": "log"},
    }
    write("asem.yaml", yaml.safe_dump(asem_framework(folder, **settings)))
    found = scored(write("plan.yaml", yaml.safe_dump(asem_plan(folder))), tmp_path / "out", folder)
    table = found.pivot(index="unit", columns="node", values="score")
    lines = [line.split() for line in PUBLISHED.splitlines()]
    for unit, *numbers in lines[1:]:
        ours = [table.at[unit, name.lower()] for name in lines[0][1:]]
        np.testing.assert_allclose(ours, [float(n) for n in numbers], atol=0.005001, err_msg=unit)
    ranks = found[found["node"] == "index"].set_index("unit")["rank"]
    assert [ranks[line[0]] for line in lines[1:]] == [1, 2, 3, 4, 5, 6]


def test_asem_tree_without_treatment(write: Write, tmp_path: Path) -> None:
    """Against the same arithmetic done by pandas: denominators, direction, weights, min-max, means."""
    folder = data("composite_asem")
    write("asem.yaml", yaml.safe_dump(asem_framework(folder)))
    found = scored(write("plan.yaml", yaml.safe_dump(asem_plan(folder))), tmp_path / "out", folder)
    table = found.pivot(index="unit", columns="node", values="score")
    rows = pd.read_csv(folder / "iData.csv").set_index("uCode").loc[table.index]
    meta = pd.read_csv(folder / "iMeta.csv").set_index("iCode")
    for code, leaf in meta[meta["Type"] == "Indicator"].iterrows():
        column = rows[code] / (rows[leaf["Denominator"]] if isinstance(leaf["Denominator"], str) else 1.0)
        scaled = 100 * (column - column.min()) / (column.max() - column.min())
        rows[code] = scaled if leaf["Direction"] == 1 else 100 - scaled
    for level in (2, 3, 4):
        for code in meta.index[meta["Level"] == level]:
            below = meta[(meta["Parent"] == code)]
            values, weights = rows[below.index], below["Weight"].astype(float)
            rows[code] = (values * weights).sum(axis=1) / (values.notna() * weights).sum(axis=1)
            np.testing.assert_allclose(table[code.lower()], rows[code], rtol=1e-12)

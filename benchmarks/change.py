"""Before and after with a bootstrap, against plain numpy that does the same arithmetic."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_capability import assess, load_plan
from crm_capability.definition.loaded import LoadedPlan

from .timing import ratio

NAMES = ("change 2x100x60 bootstrap",)
UNITS, MEASURES, DIMENSIONS, PEOPLE, REPLICATES, SEED = 100, 60, 12, 100, 2000, 7
WAVES = ("before", "after")
Array = NDArray[np.float64]


def run(full: bool) -> Iterator[dict[str, Any]]:
    """Two waves, 100 units of 100 respondents who answer 60 questions twice, 2,000 replicates: from
    the files of answers to every table, against resampling, scoring and sorting in numpy alone."""
    answers = _answers()
    with tempfile.TemporaryDirectory() as folder:
        loaded = _plan(Path(folder), answers)
        changes = assess(loaded).tables["changes"]
        low = changes["low"].to_numpy().reshape(UNITS, -1).T
        plain = floor(answers)
        assert np.allclose(low, plain[0], rtol=0, atol=1e-6), "the two sides do not compute the same"
        times, ours, bare = ratio(lambda: assess(loaded), lambda: floor(answers), 3)
    yield {
        "name": NAMES[0],
        "ratio": round(times, 3),
        "goal": 3,
        "unit": "numpy floor",
        "seconds": round(ours, 3),
        "detail": f"floor {bare:.3f} s; {PEOPLE} respondents a unit in both waves; reading the answers, every table, q-values included",
    }


def floor(answers: Array) -> tuple[Array, Array]:
    """Ends of the intervals of every node's change, shape (nodes, units): what any program must do."""
    from scipy.special import ndtr, stdtrit

    nodes = 1 + DIMENSIONS + MEASURES
    low, high = np.empty((nodes, UNITS)), np.empty((nodes, UNITS))
    level = (REPLICATES - 1) * ndtr(-stdtrit(PEOPLE - 1, 0.975))
    place, part = int(level), level - int(level)
    each = MEASURES // DIMENSIONS
    for u in range(UNITS):
        random = np.random.default_rng((SEED, u))
        drawn = random.integers(0, PEOPLE, (REPLICATES, PEOPLE - 1), dtype=np.int32)
        drawn = drawn + np.arange(REPLICATES)[:, None] * PEOPLE
        counts = np.bincount(drawn.ravel(), minlength=REPLICATES * PEOPLE).astype(float)
        counts = counts.reshape(REPLICATES, PEOPLE).T
        draws = []
        for w in range(2):
            own = answers[w, u]
            means = own.T @ counts / (np.ones(PEOPLE) @ counts)
            scores = (means - 1.0) * 25.0
            dimensions = scores.reshape(DIMENSIONS, each, REPLICATES).mean(axis=1)
            draws.append((dimensions.mean(axis=0), dimensions, scores))
        for w in range(2):  # the intervals of the scores too
            for block in draws[w]:
                np.sort(np.atleast_2d(block), axis=1)
        rows = [np.atleast_2d(new - old) for old, new in zip(*draws, strict=True)]
        whole = np.empty((nodes, REPLICATES))
        whole[0] = rows[0][0]
        for d in range(DIMENSIONS):  # the order of the tables: a dimension, then its measures
            first = 1 + d * (each + 1)
            whole[first] = rows[1][d]
            whole[first + 1 : first + 1 + each] = rows[2][d * each : (d + 1) * each]
        whole.sort(axis=1)
        low[:, u] = whole[:, place] * (1 - part) + whole[:, place + 1] * part
        high[:, u] = whole[:, -1 - place] * (1 - part) + whole[:, -2 - place] * part
    return low, high


def _answers() -> Array:
    """Answers of every wave, unit, person and question."""
    random = np.random.default_rng(3)
    person = random.normal(size=(1, UNITS, PEOPLE, 1))
    own = random.normal(size=(2, UNITS, PEOPLE, MEASURES))
    return np.clip(np.round(3.2 + 0.7 * person + own), 1, 5)


def _plan(folder: Path, answers: Array) -> LoadedPlan:
    """An assessment on disk, loaded."""
    names = [f"q{n}" for n in range(MEASURES)]
    each = MEASURES // DIMENSIONS
    likert = {"method": "likert", "min": 1, "max": 5}
    leaves = [
        {"id": f"m{n}", "title": name, "unit": "points", "normalise": likert} for n, name in enumerate(names)
    ]
    tree = {
        "id": "index",
        "title": "Index",
        "children": [
            {"id": f"d{d}", "title": f"D{d}", "children": leaves[d * each : (d + 1) * each]}
            for d in range(DIMENSIONS)
        ],
    }
    points = [{"value": n, "label": str(n)} for n in range(1, 6)]
    questions = [{"id": name, "text": name, "scale": "s", "feeds": f"m{n}"} for n, name in enumerate(names)]
    files: dict[str, Any] = {
        "framework.yaml": {"framework": "f", "version": "1.0.0", "title": "F", "tree": tree},
        "sheet.yaml": {
            "questionnaire": "q", "version": "1.0.0", "title": "Q", "audience": "customer",
            "scales": {"s": {"points": points}},
            "sections": [{"id": "all", "title": "All", "questions": questions}],
        },
        "assessment.yaml": {
            "assessment": "a", "title": "A", "framework": "./framework.yaml", "unit": "u0",
            "units": {f"u{u}": None for u in range(UNITS)}, "waves": [{"id": wave} for wave in WAVES],
            "evidence": [{"survey": "./sheet.yaml", "answers": "answers.csv"}],
            "uncertainty": {"method": "bootstrap", "replicates": REPLICATES, "seed": SEED},
        },
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    lines = [",".join(["respondent", "unit", "wave", *names])]
    for w, wave in enumerate(WAVES):
        for u in range(UNITS):
            for p, row in enumerate(answers[w, u].astype(int)):
                lines.append(f"{p:03d},u{u},{wave},{','.join(map(str, row))}")
    (folder / "answers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_plan(folder / "assessment.yaml")

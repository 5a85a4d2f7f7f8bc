"""A survey of a million respondents against reading its columns and the arithmetic it needs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crm_capability.definition.plan import SurveyEvidence
from crm_capability.definition.questionnaire import Questionnaire
from crm_capability.evidence.answers import Answers, answers_readings, read_answers
from crm_capability.evidence.joint import joint
from crm_capability.evidence.occasions import Occasions
from crm_capability.evidence.scales import reliability_tables
from crm_capability.methods.bootstrap import agreement_intervals

from .timing import ratio

NAMES = (
    "survey readings 1000000x50",
    "survey reliability 1000000x50, ten scales",
    "survey reliability 1000000x50, one scale",
    "survey bootstrap 10000000",
    "survey 10000000x50 memory",
)
QUESTIONS, EACH, UNKNOWN = 50, 5, 98
MOST_MEGABYTES = 1500
ROWS = 250_000  # of a row group


def run(full: bool) -> Iterator[dict[str, Any]]:
    """Readings and reliability of a million respondents × 50 questions in a Parquet file; a bootstrap
    of ten million; and ten million respondents read whole, how much memory that takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        write(path, 1_000_000)
        yield _readings(path)
        yield _reliability(NAMES[1], path, EACH)
        yield _reliability(NAMES[2], path, QUESTIONS)
        yield _bootstrap(path)
        if full:
            write(path, 10_000_000)
            yield _memory(path)


def _readings(path: Path) -> dict[str, Any]:
    sheet = questionnaire(EACH)
    same = answers_readings(answers(path, sheet))["value"].to_numpy()
    single = floor(path)[:, 1].reshape(-1, EACH).mean(axis=1)
    assert np.allclose(same, single, atol=0.01), "the two sides do not read the same"
    times, ours, plain = ratio(lambda: answers_readings(answers(path, sheet)), lambda: floor(path), runs=7)
    return {
        "name": NAMES[0],
        "ratio": round(times, 3),
        "goal": 2,
        "unit": "pyarrow and one pass of numpy",
        "seconds": round(ours, 6),
        "detail": f"floor {plain:.6f} s; every answer checked, ten measures with their standard errors",
    }


def floor(path: Path) -> np.ndarray:
    """How many rated each question, the mean and its standard error: each column looked at once."""
    table = pq.read_table(path)
    found = []
    for name in table.column_names[1:]:
        column = table[name].to_numpy()
        rated = column[(column >= 1) & (column <= 5)]
        found.append((rated.size, rated.mean(), rated.std(ddof=1) / np.sqrt(rated.size)))
    return np.array(found)


def _reliability(name: str, path: Path, each: int) -> dict[str, Any]:
    read = answers(path, questionnaire(each))
    blocks = [  # row by row in memory, as BLAS likes it
        np.nan_to_num(np.stack([read.values[question] for question in questions]))
        for questions in read.fed.values()
    ]
    times, ours, plain = ratio(
        lambda: reliability_tables([read], draws=0), lambda: [block @ block.T for block in blocks], runs=9
    )
    return {
        "name": name,
        "ratio": round(times, 3),
        "goal": 2,
        "unit": "matrix product",
        "seconds": round(ours, 6),
        "detail": f"floor {plain:.6f} s, of a matrix ready in memory; alpha, omega, r_wg, item by item",
    }


def _bootstrap(path: Path) -> dict[str, Any]:
    """Ten times the million, which are a scale of five questions: counted and resampled."""
    read = answers(path, questionnaire(EACH))
    cells = [type(one)(np.tile(one.codes, 10), one.values, one.marks) for one in read.of("scale-0")]
    units = np.zeros(len(cells[0].codes), dtype=np.int8)
    start = time.perf_counter()
    found = joint(cells, units)
    assert found.answers is not None
    assert found.counts is not None
    low, high = agreement_intervals(found.answers, found.counts, np.full(EACH, 2.0))["alpha"]
    seconds = time.perf_counter() - start
    return {
        "name": NAMES[3],
        "ratio": round(seconds / 10, 3),
        "goal": 1,
        "unit": "ten seconds",
        "seconds": round(seconds, 6),
        "detail": f"1,000 samples of {found.respondents} respondents in {len(found.counts)} patterns; alpha {low:.4f} to {high:.4f}",
    }


def _memory(path: Path) -> dict[str, Any]:
    """The most memory that a process of its own holds that reads the file and makes readings and
    reliability."""
    program = (
        "import json, resource, sys, time\n"
        "from pathlib import Path\n"
        "from benchmarks.survey import EACH, answers, questionnaire\n"
        "from crm_capability.evidence.answers import answers_readings\n"
        "from crm_capability.evidence.scales import reliability_tables\n"
        "start = time.perf_counter()\n"
        "read = answers(Path(sys.argv[1]), questionnaire(EACH))\n"
        "n = int(answers_readings(read)['n'].max())\n"
        "reliability_tables([read], draws=0)\n"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(json.dumps([time.perf_counter() - start, most, n]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    seconds, most, n = json.loads(done.stdout)
    megabytes = most / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes elsewhere
    return {
        "name": NAMES[4],
        "ratio": round(megabytes / MOST_MEGABYTES, 3),
        "goal": 1,
        "unit": f"{MOST_MEGABYTES} MB",
        "seconds": round(seconds, 6),
        "detail": f"at most {megabytes:.0f} MB, python and its libraries included; {n} answered the most answered",
    }


def answers(path: Path, sheet: Questionnaire) -> Answers:
    """The file, read and checked."""
    entry = SurveyEvidence(survey="many", answers=path.name)
    return read_answers(entry, sheet, path, Occasions(("now",), "company", None))[0]


def questionnaire(each: int) -> Questionnaire:
    """Fifty ratings of five points, so many to a measure."""
    five = {
        "points": [{"value": n, "label": str(n)} for n in range(1, 6)],
        "states": [{"value": UNKNOWN, "state": "unknown", "label": "don't know"}],
    }
    questions = [
        {"id": f"q{n}", "text": f"Question {n}", "scale": "five", "feeds": f"scale-{n // each}"}
        for n in range(QUESTIONS)
    ]
    return Questionnaire.model_validate(
        {
            "questionnaire": "many",
            "version": "1.0.0",
            "title": "Many",
            "audience": "customer",
            "scales": {"five": five},
            "sections": [{"id": "all", "title": "All", "questions": questions}],
        }
    )


def write(path: Path, respondents: int) -> None:
    """Seeded answers, some unknown, some blank, a block of rows at a time."""
    random = np.random.default_rng(7)
    columns = {"respondent": pa.int64(), **{f"q{n}": pa.int8() for n in range(QUESTIONS)}}
    with pq.ParquetWriter(path, pa.schema(columns)) as file:
        for start in range(0, respondents, ROWS):
            own = random.normal(3, 0.8, (ROWS, 1)).astype(np.float32)
            given = np.clip(np.rint(own + random.standard_normal((ROWS, QUESTIONS), dtype=np.float32)), 1, 5)
            chance = random.random((ROWS, QUESTIONS), dtype=np.float32)
            given[chance < 0.02] = UNKNOWN
            cells = [
                pa.array(given[:, n].astype(np.int8), mask=chance[:, n] > 0.98) for n in range(QUESTIONS)
            ]
            file.write_table(pa.table([pa.array(np.arange(start, start + ROWS)), *cells], schema=file.schema))

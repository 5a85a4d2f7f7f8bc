"""What travels inside the PDF: the tables and the manifest, so that a report alone can be audited."""

from __future__ import annotations

import io
import json

import pandas as pd

from ..analysis.result import MANIFEST, Result
from ..tables import TABLES

_OF_PERSONS = ("respondents",)  # a row a person stays in the result folder
MOST_ROWS = 20_000  # a larger table stays in the result folder: a report is to be sent by mail


def enclosed(result: Result) -> dict[str, tuple[bytes, str]]:
    """Files by name, each with its description."""
    files = {
        f"{name}.csv": (_csv(frame), f"Table {name}: {', '.join(frame.columns)}")
        for name, frame in result.tables.items()
        if name in TABLES and name not in _OF_PERSONS and 0 < len(frame) <= MOST_ROWS
    }
    manifest = {key: value for key, value in result.manifest.items() if key != "outputs"}
    text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
    about = "Manifest: versions, input files with SHA-256, statements, what was learned from data"
    return {**files, MANIFEST: (text.encode(), about)}


def _csv(frame: pd.DataFrame) -> bytes:
    """As `tables/*.csv`: every digit of a double."""
    sink = io.StringIO()
    frame.to_csv(sink, index=False, lineterminator="\n")
    return sink.getvalue().encode()

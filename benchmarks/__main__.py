"""Runs every benchmark and prints one JSON object a line.

python -m benchmarks [--only WORD] [--full]
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys

MODULES = (
    *("score", "change", "peers", "sensitivity", "metrics", "survey", "startup", "report", "batch"),
    "definitions",
)


def main() -> int:
    options = argparse.ArgumentParser(prog="benchmarks")
    options.add_argument("--only", default="", help="only those whose name holds this word")
    options.add_argument("--full", action="store_true", help="the long ones too")
    chosen = options.parse_args()
    for name in MODULES:
        module = importlib.import_module(f"benchmarks.{name}")
        if chosen.only and not any(chosen.only in title for title in module.NAMES):
            continue
        for line in module.run(chosen.full):
            if chosen.only in line["name"]:
                print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

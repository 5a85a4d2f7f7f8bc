"""The commands that argue from results: `explain` and `compare`.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from .analysis.between import Between


def add_result_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add these commands; `command` takes a name, what runs it and what it is about."""
    one = command("explain", explain, "show where one number comes from, down to rows")
    one.add_argument("folder", metavar="DIR")
    one.add_argument("node", metavar="NODE", help="an index, dimension, indicator or measure")
    one.add_argument("--unit", metavar="ID", help="another unit than the plan's")
    one.add_argument("--wave", metavar="ID", help="one wave alone")
    add_compare(command("compare", compare, "two results side by side, and what cannot be compared"))


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Give the command `compare` its options."""
    parser.add_argument("first", metavar="DIR", help="the earlier result folder")
    parser.add_argument("second", metavar="DIR", help="the later one")
    parser.add_argument("--before", metavar="W", help="a wave of the first; without it its last")
    parser.add_argument("--after", metavar="W", help="a wave of the second; without it its last")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    parser.add_argument("--out", metavar="FILE.csv", help="write the table, every digit, into a file too")


def compare(options: Any) -> int:
    """Print two results side by side."""
    from pathlib import Path

    from .analysis.between import between
    from .analysis.result import load_result
    from .whole_files import write_whole

    found = between(load_result(options.first), load_result(options.second), options.before, options.after)
    if options.out:
        text = found.table.to_csv(index=False, lineterminator="\n")
        write_whole(Path(options.out), text.encode())
    if options.json:
        print(_as_json(found))
        return 0
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    print("\n".join(_side_by_side(found)))
    return 0


def _as_json(found: Between) -> str:
    import json

    rows = json.loads(found.table.to_json(orient="records", double_precision=15, force_ascii=False))
    return json.dumps(
        {"before": found.before, "after": found.after, "notes": found.notes, "nodes": rows},
        ensure_ascii=False,
    )


def _side_by_side(found: Between) -> list[str]:
    """A row a node, tab-separated: scores, change, its interval, or why there is none."""

    def number(value: float, form: str = ".1f") -> str:
        return "missing" if value != value else format(value, form)

    lines = [f"node\t{found.before}\t{found.after}\tchange\t95 % interval"]
    for row in found.table.itertuples():
        end = f"[{row.low:+.1f}, {row.high:+.1f}]" if row.low == row.low else ""
        change = "" if row.why_not or row.change != row.change else format(row.change, "+.1f")
        last = f"not comparable: {row.why_not}" if row.why_not else end
        lines.append(f"{row.node}\t{number(row.before)}\t{number(row.after)}\t{change}\t{last}".rstrip())
    return lines


def explain(options: Any) -> int:
    """Print where one number comes from."""
    from .analysis.explain import explained
    from .analysis.result import load_result

    print("\n".join(explained(load_result(options.folder), options.node, options.unit, options.wave)))
    return 0

"""The commands that look ahead: `roadmap` and `what-if`.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from datetime import date
    from typing import Any

    import pandas as pd

    from .analysis.result import Result


def add_advice_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add these commands; `command` takes a name, what runs it and what it is about."""
    _add_roadmap(command("roadmap", roadmap, "the actions that promise most for an effort, in order"))
    one = command("what-if", what_if, "a result with other readings, weights or targets, side by side")
    one.add_argument("folder", metavar="DIR", help="a result folder; no source data are needed")
    one.add_argument("scenario", metavar="SCENARIO", help="a scenario file: what would be otherwise")
    one.add_argument(
        "--out", metavar="FILE.csv", help="write every wave, unit and node, every digit, into a file"
    )
    one.add_argument("--json", action="store_true", help="print the rows of the plan's unit as JSON")


def _add_roadmap(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a result folder")
    parser.add_argument(
        "--budget", metavar="N", type=float, help="the effort there is, as the actions count it"
    )
    parser.add_argument(
        "--actions", metavar="FILE", help="actions of your own; without it those shipped for the framework"
    )
    parser.add_argument("--start", metavar="DAY", help="when it starts; without it after the last wave")
    parser.add_argument("--out", metavar="FILE.csv", help="write the dated steps, owners to be filled in")
    parser.add_argument("--plan", metavar="NEXT.yaml", help="write the next wave's plan, with the targets")
    parser.add_argument("--of", metavar="PLAN.yaml", help="the plan that was run, for --plan")
    parser.add_argument("--wave", metavar="ID", default="next", help="what the next wave is called (next)")


def roadmap(options: Any) -> int:
    """Print the actions that promise most for a budget, an action a line."""
    from pathlib import Path

    from .analysis.again import score_again
    from .analysis.result import load_result
    from .analysis.roadmap import roadmap as best
    from .analysis.roadmap_table import first_day, roadmap_notes, roadmap_table, roadmap_targets
    from .definition.action_file import load_actions, shipped_actions
    from .methods.model import in_language
    from .whole_files import write_whole

    result = load_result(options.folder)
    wish = result.plan.roadmap
    budget = options.budget if options.budget is not None else wish.effort if wish else None
    if budget is None or not 0 <= budget < float("inf"):
        print("--budget needs a number that is not below zero", file=sys.stderr)
        return 2
    if options.plan and not options.of:
        print("--plan needs --of PLAN.yaml: the plan that was run", file=sys.stderr)
        return 2
    start = _day(options.start)
    if options.start and start is None:
        print("--start needs a day such as 2018-01-31", file=sys.stderr)
        return 2
    file = Path(options.actions) if options.actions else shipped_actions(result.framework)
    found = best(result, load_actions(file, result.framework), budget)
    scored = score_again(result)
    table = roadmap_table(result, scored, found, first_day(result, start or (wish.start if wish else None)))
    known = {step.id: step for step in found.steps}
    for row in table.itertuples():
        step = known[row.action]
        needs = f"after {row.needs}" if isinstance(row.needs, str) else ""
        dates = f"{row.start} to {row.done}\t" if isinstance(row.start, str) else ""
        again = row.measure_again if dates else f"after {step.months} months"
        again = f"measure again {'by ' if dates else ''}{again}"
        title = in_language(step.title, "en")
        print(f"{row.step}\t{row.action}\t{title}\t{row.effort:g}\t{dates}{again}\t{needs}".rstrip())
    print(f"effort {found.effort:g} of {budget:g}, expected gain of the index {found.gain:.1f} points")
    for note in roadmap_notes(found, budget):
        print(f"note: {note}", file=sys.stderr)
    if options.out:
        write_whole(Path(options.out), table.to_csv(index=False, lineterminator="\n").encode())
    if options.plan:
        _write_plan(options, result, table, roadmap_targets(result, scored, found))
    return 0


def _day(text: str | None) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _write_plan(options: Any, result: Result, table: pd.DataFrame, targets: pd.DataFrame) -> None:
    from pathlib import Path

    from .analysis.next_plan import next_plan, next_wave
    from .definition.load import read_definition
    from .definition.plan import Plan
    from .errors import ComparisonError, Place, Problem
    from .whole_files import write_whole

    path = Path(options.of)
    definition = read_definition(path, Plan, str(path))
    if definition.value.assessment != result.plan.assessment:
        what = f"the plan of {definition.value.assessment}, and the result is of {result.plan.assessment}"
        raise ComparisonError(Problem(Place(str(path)), what, "name the plan that was run"))
    near = [result.framework.tree.id, *(child.id for child in result.framework.tree.children)]
    told = targets[targets["node"].isin([*near, *result.framework.measures])]
    goals = dict(zip(told["node"], told["target"].astype(float), strict=True))
    wave = next_wave(definition.value, table, options.wave)
    write_whole(Path(options.plan), next_plan(definition, path, wave, goals).encode())
    print(options.plan)


def what_if(options: Any) -> int:
    """Print a result's nodes as they are and as they would be."""
    from pathlib import Path

    from .analysis.result import load_result
    from .analysis.what_if import what_if as compared
    from .definition.load import read_definition
    from .definition.scenario import Scenario
    from .whole_files import write_whole

    result = load_result(options.folder)
    table = compared(result, read_definition(Path(options.scenario), Scenario, options.scenario))
    if options.out:
        write_whole(Path(options.out), table.to_csv(index=False, lineterminator="\n").encode())
    own = table[(table["unit"] == result.plan.unit) & (table["wave"] == result.plan.waves[-1].id)]
    if options.json:
        print(own.to_json(orient="records", double_precision=15, force_ascii=False))
        return 0
    print("\n".join(_side_by_side(own, result.framework.tree.id)))
    return 0


def _side_by_side(own: pd.DataFrame, root: str) -> list[str]:
    """The index and whatever else moves, tab-separated."""
    lines = ["node\tscore\tif\tchange\tband\tif\trank\tif\ttarget\tif"]
    for row in own.itertuples():
        moved = not (row.change == 0 or (row.score != row.score and row.if_score != row.if_score))
        other_goal = row.if_target == row.if_target and row.if_target != row.target
        if row.node == root or moved or other_goal:
            scores = [_number(row.score), _number(row.if_score), _number(row.change, "+.1f")]
            ranks = [_number(row.rank, ".0f"), _number(row.if_rank, ".0f")]
            bands = [name if isinstance(name, str) else "" for name in (row.band, row.if_band)]
            goals = [_number(row.target, "g"), _number(row.if_target, "g")]
            lines.append("\t".join([row.node, *scores, *bands, *ranks, *goals]).rstrip())
    return lines


def _number(value: Any, form: str = ".1f") -> str:
    import pandas as pd

    return "" if pd.isna(value) else format(float(value), form)

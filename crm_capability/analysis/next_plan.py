"""The next wave's plan: the plan that was run, with a wave after the last and the roadmap's targets.

The text is edited where the file says it stands, so that comments and the rest stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from ..definition.load import Definition
from ..definition.plan import Plan, Wave
from ..errors import ComparisonError, Place, Problem


def next_wave(plan: Plan, roadmap: pd.DataFrame, name: str) -> Wave:
    """A wave as long as the last one, from the day when all steps should have shown."""
    last = plan.waves[-1]
    if name in [wave.id for wave in plan.waves]:
        raise ComparisonError(
            Problem(Place(), f'the plan has a wave "{name}" already', "name another with --wave")
        )
    days = [date.fromisoformat(day) for day in roadmap["measure_again"].dropna()]
    if last.start is None or last.end is None or not days:
        return Wave(id=name)
    return Wave.model_validate(
        {"id": name, "from": max(days).isoformat(), "to": (max(days) + (last.end - last.start)).isoformat()}
    )


def next_plan(definition: Definition[Plan], path: Path, wave: Wave, targets: Mapping[str, float]) -> str:
    """The text of a plan with one wave more and new targets; targets it had for other nodes stay.

    `path` holds the text that the definition was read from.
    """
    text, plan = path.read_text(encoding="utf-8-sig"), definition.value
    root = definition.document.root
    assert isinstance(root, yaml.MappingNode)
    nodes = {key.value: value for key, value in root.value}
    every = {**plan.targets, **{node: round(target, 1) for node, target in targets.items()}}
    edits = [_entry(nodes["waves"], text, _flow_wave(wave))]
    if "compare" in nodes:
        pair = f"{{before: {plan.waves[-1].id}, after: {wave.id}}}"
        edits.append(_entry(nodes["compare"], text, pair))
    line = "{" + ", ".join(f"{node}: {target:g}" for node, target in every.items()) + "}"
    if "targets" in nodes:
        start, end = _span(nodes["targets"], text)
        edits.append((start, end, line))
    else:
        edits.append((len(text), len(text), f"{'' if text.endswith(chr(10)) else chr(10)}targets: {line}\n"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _flow_wave(wave: Wave) -> str:
    period = f", from: {wave.start}, to: {wave.end}" if wave.start else ""
    return f"{{id: {wave.id}{period}}}"


def _entry(node: yaml.Node, text: str, entry: str) -> tuple[int, int, str]:
    """The edit that appends an entry to a list."""
    assert isinstance(node, yaml.SequenceNode)
    last = node.value[-1]
    _, end = _span(last, text)
    if node.flow_style:
        return end, end, f", {entry}"
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    dash = text.rfind("-", 0, _offset(last.start_mark, text))
    indent = " " * (dash - (text.rfind("\n", 0, dash) + 1))
    return line_end, line_end, f"\n{indent}- {entry}"


def _span(node: yaml.Node, text: str) -> tuple[int, int]:
    """Where a node starts and ends in the text, blank lines and comments after it not included."""
    start = _offset(node.start_mark, text)
    if not isinstance(node, yaml.MappingNode | yaml.SequenceNode) or node.flow_style:
        return start, _offset(node.end_mark, text)
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return start, max((_span(part, text)[1] for part in parts), default=_offset(node.end_mark, text))


def _offset(mark: yaml.Mark, text: str) -> int:
    """A place of the file as a place of the text: the parser's own index may count a mark of order."""
    start = 0
    for _ in range(mark.line):
        start = text.index("\n", start) + 1
    return start + mark.column

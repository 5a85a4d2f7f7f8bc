"""A pool as a YAML file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..definition.pool import Pool, PoolScores
from ..whole_files import write_whole


def write_pool(pool: Pool, path: Path) -> None:
    """Write a pool as YAML, whole or not at all. Raises EvidenceError."""
    write_whole(path, pool_text(pool).encode())


def pool_text(pool: Pool) -> str:
    """The pool as a YAML file."""
    data = pool.model_dump(
        mode="json",
        by_alias=True,
        exclude_none=True,
        exclude={"nodes", "groups", "named", "readings", "members"},
    )
    lines = [f"{key}: {_flow(value)}" for key, value in data.items() if value not in ((), [])]
    lines += ["members:  # a hash of the id and all the scores of each: who has both can tell"]
    lines += [f"  - {_flow(mark)}" for mark in pool.members]
    lines += ["nodes:  # scores from low to high, nobody's in particular"]
    lines += [line for node, found in pool.nodes.items() for line in _node(node, found, "  ")]
    lines += ["named:  # who agreed to it"] if pool.named else []
    lines += [f"  {_flow(unit)}: {_flow(scores)}" for unit, scores in pool.named.items()]
    lines += ["groups:  # those that are alike"] if pool.groups else []
    for attribute, groups in pool.groups.items():
        lines += [f"  {_flow(attribute)}:"]
        for group, nodes in groups.items():
            lines += [f"    {_flow(group)}:"]
            lines += [line for node, found in nodes.items() for line in _node(node, found, "      ")]
    lines += ["readings:"] if pool.readings else []
    lines += [f"  {name}: {_flow(found.model_dump(mode='json'))}" for name, found in pool.readings.items()]
    return "\n".join(lines) + "\n"


def _node(node: str, found: PoolScores, indent: str) -> list[str]:
    return [
        f"{indent}{node}:",
        f"{indent}  n: {found.n}",
        f"{indent}  quantiles: {_flow(found.quantiles.model_dump())}",
        f"{indent}  scores: {_flow(' '.join(map(repr, found.scores)))}",
    ]


def _flow(value: Any) -> str:
    """On one line; JSON is YAML, only that YAML wants fewer quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)

"""Write docs/variants.md: what each shipped variant changes in the framework that it extends, and why.

python tools/make_variants_docs.py            writes docs/variants.md
python tools/make_variants_docs.py --check    status 1 where it is not up to date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_capability.definition.changes import Add, Change, Move, Remove
from crm_capability.definition.compose import read_framework
from crm_capability.definition.framework import Framework, Group, Measure
from crm_capability.definition.library import find

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "variants.md"
INTRODUCTION = """\
# Variants

Made by `make docs` from the files in `indicators/` that extend another framework: correct them there.
A variant of your own is a file of a few lines:

```yaml
framework: our-capability
version: 1.0.0
title: Our capability
extends: crm-capability@1          # an id, or a path under this file's folder
changes:                           # made in this order; each says why
  - {remove: customised-production, because: we sell no made-to-order goods}
  - {set: delivery-days, to: {normalise: {method: goalposts, worst: 7, best: 1}}, because: our market}
  - {move: abandonment-rate, under: relationship-grasp, because: we see it so}
  - {add: {id: wait-online, title: Waiting online, unit: minutes, better: lower, evidence: values,
           normalise: {method: goalposts, worst: 10, best: 0}}, under: immediacy, because: our shop is online}
```

`title`, `source`, `levels`, `bands` and `defaults` written in the variant replace those of the base
whole. Questions about what a variant leaves out are asked and not scored, so the questionnaires of
the base serve every variant. To bring in a part of another framework, write
`{include: enablers@1, node: senior-leadership}` among the `children`; it keeps the settings of its own
framework. A plan may name several frameworks, `framework: [crm-capability@1, enablers@1]`: each is a
chapter, and the index is their mean unless `weights` says otherwise.
"""


def page() -> str:
    """The page as it should be."""
    parts = [INTRODUCTION]
    for path in sorted((ROOT / "indicators").glob("*.yaml")):
        framework = read_framework(path).value
        if framework.extends is not None:
            parts.append("\n".join(_chapter(framework)))
    return "\n".join(parts)


def _chapter(framework: Framework) -> Iterator[str]:
    assert framework.extends is not None
    base = read_framework(find(framework.extends, "indicators", ROOT)).value
    nodes = {node.id: node for _, node, _ in base.walk()}
    counts = f"{len(framework.measures)} measures, {len(base.measures)} in {base.framework}"
    yield f"## {_words(framework.title)}\n"
    yield f"`{framework.framework}` {framework.version} extends `{framework.extends}`: {counts}.\n"
    yield "| change | what | why |"
    yield "|---|---|---|"
    for change in framework.changes:
        name, what = _told(change, nodes)
        yield f"| {name} | {what} | {_words(change.because)} |"
    yield ""


def _told(change: Change, nodes: dict[str, Group | Measure]) -> tuple[str, str]:
    if isinstance(change, Remove):
        return "left out", f"{_words(nodes[change.remove].title)} (`{change.remove}`)"
    if isinstance(change, Move):
        return "moved", f"`{change.move}` under `{change.under}`"
    if isinstance(change, Add):
        added = change.add
        return "added", f"{_words(added['title'])} (`{added['id']}`) under `{change.under}`"
    old = nodes[change.set]
    rows = [_difference(key, getattr(old, key, None), value) for key, value in change.to.items()]
    return "changed", f"{_words(old.title)} (`{change.set}`): " + "; ".join(rows)


def _difference(key: str, old: Any, new: Any) -> str:
    if key == "normalise" and getattr(old, "method", None) == new.get("method") == "goalposts":
        return f"bounds {old.worst:g} to {old.best:g} become {new['worst']:g} to {new['best']:g}"
    if key == "title":
        return f"called “{_words(new)}”"
    if key == "definition":
        return "its own definition"
    return f"`{key}` {old} becomes {new}"


def _words(text: Any) -> str:
    return str(text["en"] if isinstance(text, dict) else text).strip()


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    if "--check" in arguments:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

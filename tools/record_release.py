"""Write indicators/released.json: the ids that this release promises to keep.

Run at each release. `validate --strict` then wants a bridge for an id that goes.
"""

from __future__ import annotations

import json
from pathlib import Path

from crm_capability.definition.compose import read_framework
from crm_capability.definition.lint import RELEASED
from crm_capability.definition.loaded import load_questionnaire

ROOT = Path(__file__).resolve().parents[1]


def record() -> dict[str, dict[str, object]]:
    """Every shipped framework and questionnaire with its version and ids."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted((ROOT / "indicators").glob("*.yaml")):
        framework = read_framework(path).value
        ids = sorted(node.id for _, node, _ in framework.walk())
        found[framework.framework] = {"version": framework.version, "ids": ids}
    for path in sorted((ROOT / "questionnaires").glob("*.yaml")):
        sheet = load_questionnaire(path).value
        found[sheet.questionnaire] = {"version": sheet.version, "ids": sorted(sheet.questions)}
    return found


if __name__ == "__main__":
    page = json.dumps(record(), indent=1, ensure_ascii=False)
    (ROOT / "indicators" / RELEASED).write_text(page + "\n", encoding="utf-8")

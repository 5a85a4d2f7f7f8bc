"""The report for a screen: one file that needs no network, with tables that sort and filter, figures
whose rows say their numbers, and weights that can be moved.

The page's script does the engine's own sum again over the scores of the measures, from `arithmetic`.
Without a script all of the report still stands there to be read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..analysis.result import Result
from ..definition.library import shipped
from ..definition.theme import Theme
from ..methods.aggregation import Fuzzy
from .arithmetic import arithmetic
from .language import Language
from .template import TURNS, Style
from .theming import dressed

_WORDS = (
    "filter", "rows", "sort", "title", "about", "index", "reported", "moved", "reset", "fixed", "weight_of",
)  # fmt: skip
NO_NUMBERS: Mapping[str, Any] = MappingProxyType({"steps": [], "waves": []})


def screen_page(
    html: str,
    styles: Iterable[Style],
    theme: Theme | None,
    lang: Language,
    numbers: Mapping[str, Any] = NO_NUMBERS,
    closed: bool = True,
) -> str:
    """The document with its styles and its script inside, and the `numbers` that weights are moved
    over. Fonts are left to the reader's machine: they would make a page of 100 KB one of 10 MB.
    `closed` adds a policy by which a browser runs no other script and loads nothing from anywhere."""
    folder = shipped("reports") / "blocks"
    rules = "\n".join(
        [*(style.rules for style in styles), (folder / "screen.css").read_text(encoding="utf-8")]
    )
    script = (folder / "screen.js").read_text(encoding="utf-8")
    head = f"{_policy(script) if closed else ''}<style>{dressed(rules, theme)}</style>\n</head>"
    blanks = {name: f"{{{name}}}" for name in ("shown", "all", "node")}  # filled in by the page
    words = {name: lang.say(f"screen.{name}", **blanks) for name in _WORDS}
    told = {"words": words, "missing": "–", **numbers}
    data = json.dumps(told, ensure_ascii=False, allow_nan=False).translate(TURNS).replace("<", "\\u003c")
    tail = f'</main>\n<script type="application/json" id="arithmetic">{data}</script>\n<script>{script}</script>\n</body>'
    page = re.sub(r"<body\b[^>]*>", lambda found: found[0] + "\n<main>", html, count=1)
    page = page.replace("<table", '<div class="scroll"><table').replace("</table>", "</table></div>")
    return page.replace("</head>", head, 1).replace("</body>", tail, 1)


def _policy(script: str) -> str:
    """This script and no other, no address anywhere."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = (
        "default-src 'none'",
        f"script-src 'sha256-{digest}'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">\n'


def report_numbers(result: Result, lang: Language) -> dict[str, Any]:
    """What the page's own sum starts from: the plan's unit in the two waves the report compares."""
    sums = arithmetic(result)
    titles = {node.id: lang.text(node.title) for _, node, _ in result.framework.walk()}
    unit = result.plan.unit
    steps = [
        {
            "id": step.id,
            "title": titles[step.id],
            "parent": step.parent,
            "children": [step.children.start, step.children.stop],
            **({"share": step.branch.min_share, "rule": _rule(step.rule)} if step.branch else {}),
        }
        for step in sums.steps
    ]
    waves = [
        {
            "title": lang.text(wave.title) or wave.id,
            "scores": [sums.scores.get((wave.id, unit, step.id)) for step in sums.steps],
            "applies": [(wave.id, unit, step.id) not in sums.not_applicable for step in sums.steps],
            "weights": [sums.weights[wave.id, step.id] for step in sums.steps],
        }
        for wave in result.plan.waves
    ]
    return {"steps": steps, "waves": waves}


def _rule(rule: Any) -> dict[str, Any]:
    """A rule of aggregation; grades rest on single answers, which stay out of the page."""
    return {"method": rule.method} if isinstance(rule, Fuzzy) else rule.model_dump(mode="json", by_alias=True)

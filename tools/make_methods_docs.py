"""Write docs/methods.md from the docstrings of the methods: formula, source, when, when not.

python tools/make_methods_docs.py            writes docs/methods.md
python tools/make_methods_docs.py --check    status 1 where it is not up to date
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from crm_capability.methods import diagnostics, ranking
from crm_capability.methods.aggregation import AnyAggregation
from crm_capability.methods.imputation import AnyImputation
from crm_capability.methods.normalisation import AnyNormalisation
from crm_capability.methods.transformation import Transform
from crm_capability.methods.treatment import Treatment
from crm_capability.methods.weighting import AnyWeighting

PAGE = Path(__file__).resolve().parents[1] / "docs" / "methods.md"
INTRODUCTION = """\
# Methods

Made by `make docs` from the docstrings beside the code: correct them there. How to add one:
[add-a-method.md](add-a-method.md).

The steps run in this order: screen → denominator → impute → outliers → transform → normalise →
weigh → aggregate. Whatever is learned from data comes from the rows that the measure's `fit`
names (`pooled`, `baseline`, `peers`), is the same for every wave, and stands in the table
`fitted`, which `score_values(…, fitted=table)` takes again to score new data with the old fit.

What odd input does, everywhere:

| input | what happens |
|---|---|
| an infinite number | refused, naming the column or the file's row |
| a constant column | min-max scores the middle of its range, z-score its mean, ranks tie; a note says so. entropy, CRITIC and standard deviation give it no weight and say so; PCA and equal-variance refuse it by name |
| a measure without any reading | stays missing; its parent goes by `min_share` |
| one unit | fitted methods see a constant column; weights from data are refused; rankings and diagnostics need three |
| one measure under a node | the node's score is the measure's |
| ties everywhere | ranks share the lowest place, or the mean of theirs (`ties: average`) |
| a target that is the worst value | at or beyond it 100, else 0 |
| zero or a negative number into a log | missing, with a note |
| zero or a negative score into a geometric, harmonic or power mean | zero, or missing, with a note |
| a denominator that is missing, zero or negative | the reading is left out, with a note |
| weights that sum to zero | refused when the file is read: a weight is above zero |
| a judge who contradicts himself | about one pair: refused; in a circle: a consistency ratio, and a note on the judgements to mend |
| an imputed reading | counts as a score for `min_share` and `coverage`, as missing for `if_worst` and `if_best`; its number stands in the column `imputed` of `readings`, its `value` stays blank |
"""
CHAPTERS: list[tuple[str, str, Any]] = [
    ("Impute", "impute", AnyImputation),
    ("Treat outliers", "outliers", Treatment),
    ("Transform", "transform", Transform),
    ("Normalise", "normalise", AnyNormalisation),
    ("Weigh", "weights", AnyWeighting),
    ("Aggregate", "aggregate", AnyAggregation),
]
FUNCTIONS = [
    (
        "Rank beside the score",
        "Columns of the table `ranking`, where there are three units or more.",
        ranking,
    ),
    ("Diagnose", "Tables `importance`, `correlations`, `pillars`, `statistics` and `missing`.", diagnostics),
]


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for title, key, union in CHAPTERS:
        parts.append(f"## {title}: `{key}`\n")
        parts += [entry(f"`{name}`", model.__doc__ or "", settings(model)) for name, model in methods(union)]
    for title, text, module in FUNCTIONS:
        parts.append(f"## {title}\n\n{text}\n")
        parts += [entry(name.replace("_", " "), doc, "") for name, doc in functions(module)]
    return "\n".join(parts)


def methods(union: Any) -> Iterator[tuple[str, Any]]:
    """The models of a discriminated union by the words of `method`."""
    for model in get_args(get_args(union)[0]):
        yield get_args(model.model_fields["method"].annotation)[0], model


def functions(module: Any) -> Iterator[tuple[str, str]]:
    """The functions of a module that say when to use them."""
    for name, value in vars(module).items():
        if (
            callable(value)
            and getattr(value, "__module__", "") == module.__name__
            and "Source:" in (value.__doc__ or "")
        ):
            yield name, value.__doc__


def settings(model: Any) -> str:
    """A method's own keys with their defaults."""
    shown = []
    for name, field in model.model_fields.items():
        if name != "method":
            default = field.default
            plain = default is None or isinstance(default, str | int | float | bool)
            shown.append(
                f"`{field.alias or name}`"
                + (
                    ""
                    if field.is_required() or not plain or default is None
                    else f" ({str(default).lower() if isinstance(default, bool) else default})"
                )
            )
    return f"Keys: {', '.join(shown)}." if shown else ""


def entry(name: str, docstring: str, keys: str) -> str:
    """One method: what it does, its source, when to use it and when not."""
    text = inspect.cleandoc(docstring).split("\n>>>")[0]
    body, *rest = re.split(r"^(Source|Use when|Not when): ", text, flags=re.MULTILINE)
    said = {rest[n]: " ".join(rest[n + 1].split()) for n in range(0, len(rest), 2)}
    if set(said) != {"Source", "Use when", "Not when"}:
        raise SystemExit(f"{name} does not say its source, when to use it and when not")
    lines = [f"### {name}\n", body.strip(), "", *([keys, ""] if keys else [])]
    return "\n".join([*lines, *(f"- **{key}:** {value}" for key, value in said.items()), ""])


if __name__ == "__main__":
    made = page()
    if "--check" in sys.argv[1:]:
        sys.exit(
            0
            if PAGE.read_text(encoding="utf-8") == made
            else f"{PAGE.name} is not up to date: run `make docs`"
        )
    PAGE.write_text(made, encoding="utf-8")

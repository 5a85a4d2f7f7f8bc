"""Write docs/data-model.md: the tables that the shipped metrics read, and where common systems keep them.

python tools/make_data_model_docs.py            writes docs/data-model.md
python tools/make_data_model_docs.py --check    status 1 where it is not up to date
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from crm_capability.definition.data_model import DataModel, System, Table, columns_read
from crm_capability.definition.load import read_definition
from crm_capability.definition.loaded import load_metrics

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "data-model.md"
Uses = dict[tuple[str, str], set[str]]
INTRODUCTION = """\
# What to export: a minimal data model

Made by `make docs` from `metrics/data-model.yaml`: correct it there. This page is for whoever exports the
data. The metrics that ship with each framework (`metrics/`) read these tables and nothing else.

- Export only the tables, and in them only the columns, that the measures in question need: the
  column "used by" names them. A table that nobody has is left out of the plan, and the measures that
  need it stay uncollected or are asked.
- CSV (UTF-8, comma, a header with the column names below), Parquet, or the tables of a database.
  Days as `2025-06-30`, moments as `2025-06-30 14:05:00` in local time without a zone, numbers with
  a point, yes and no as `true` and `false`, nothing where nothing is known.
- Rows of all periods assessed, and of the equally long one before the first. Of `orders`, as far
  back as there are any.
- `customers` and `opportunities` change as time goes by, so they are exported on the last day of each
  period and the rows appended. A single export serves a single assessment. For a period long past,
  sums over orders can still be made; what the record alone holds (whether a contact is known, the
  stage of a deal) is as of the day of export, and cannot be brought back.

```yaml
evidence:
  - metrics: crm-capability@1                     # the shipped file; a copy of it works as well
    only: [golden-share, churn-rate, delivery-on-time]
    connection:
      tables: {orders: data/orders.csv}
```

`only` names the measures to take, `without` those to leave out. Tables that none of the rest needs are not
read, and a measure that is asked in a questionnaire can be left to it: two sources for one reading are
refused.

## Privacy

No names, no addresses, no telephone numbers, no e-mail, no texts of tickets or notes. Customers,
staff and products appear by a key without meaning; if the system's own key says who it is (a telephone
number, an identity card), replace it by a running number and keep the list at home. Whether a name or a
contact is known is exported as yes or no. Small classes are not told (docs/evidence.md).

## Column maps

A cell names the field that holds the column in the system's standard objects; `A.b` is field b of the
object A. An empty cell: the standard objects have no such field. It comes from a field of the firm's own,
from another system or from counting rows; or it is left out, with the measures that need it.

"""


def model() -> DataModel:
    return read_definition(ROOT / "metrics" / "data-model.yaml", DataModel).value


def uses() -> Uses:
    """The measures that need each column."""
    found: Uses = {}
    for path in sorted((ROOT / "metrics").glob("*.metrics.yaml")):
        metrics = load_metrics(path).value
        for table, column, key in columns_read(metrics):
            grown = {name for name, (_, one) in metrics.fed.items() if getattr(one, "of", None) == key}
            names = grown if key in metrics.context else {key, *grown}
            found.setdefault((table, column), set()).update(names)
    return found


def page() -> str:
    """The page as it should be."""
    whole, used = model(), uses()
    parts = [INTRODUCTION]
    parts += [f"- {system.title}: {system.note}\n" for system in whole.systems.values()]
    parts += ["\n".join(_chapter(name, table, whole, used)) for name, table in whole.tables.items()]
    parts += ["\n".join(_references(whole))]
    return "".join(parts)


def _chapter(name: str, table: Table, whole: DataModel, used: Uses) -> Iterator[str]:
    systems = {key: system.title for key, system in whole.systems.items() if key in table.found_in}
    yield f"\n## `{name}`\n"
    yield f"{table.row} Rows are told apart by {', '.join(f'`{key}`' for key in table.key)}."
    if systems:
        yield "\nFrom " + "; ".join(f"{systems[key]}: {table.found_in[key]}" for key in systems) + "."
    if table.note:
        yield f"\n{table.note}"
    yield f"\n| column | type | what | used by |{''.join(f' {title} |' for title in systems.values())}"
    yield f"|---|---|---|---|{'---|' * len(systems)}"
    for key, column in table.columns.items():
        measures = (
            ", ".join(f"`{measure}`" for measure in sorted(used.get((name, key), ()))) or "the row's key"
        )
        fields = "".join(
            f" {_marked(whole.systems[system], column.found_in.get(system, ''))} |" for system in systems
        )
        yield f"| `{key}` | {column.type} | {column.definition} | {measures} |{fields}"
    if table.statement:
        yield f"\nMade from `orders`, with your own periods:\n\n```sql\n{table.statement.rstrip()}\n```"
    yield ""


def _marked(system: System, field: str) -> str:
    """A field, marked where no page of the vendor's showed its name."""
    names = set(re.findall(r"\w+", field))
    return f"{field} †" if names & set(system.unseen) else field


def _references(whole: DataModel) -> Iterator[str]:
    yield "\n## Where the names come from\n"
    yield (
        "Fields stand in these pages of the vendors' own. The key of a record and what every object of a system\n"
        "has (`Id`, `createdon`, `ownerid`, `productid` …) were not looked up object by object; an installation that was\n"
        "changed may differ.\n"
    )
    yield "| system | object | page | address |\n|---|---|---|---|"
    for system in whole.systems.values():
        for page in system.references:
            yield f"| {system.title} | {page.object} | {page.title} | {page.address} |"
    yield "\n† No page of the vendor's showed us this name; look it up in your own installation before you rely on it:\n"
    for system in whole.systems.values():
        for name, known in system.unseen.items():
            yield f"- {system.title} `{name}`: {known}"
    yield ""


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    if "--check" in arguments:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

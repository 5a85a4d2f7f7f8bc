"""Reading pools of peers, and whether one fits a plan."""

from __future__ import annotations

from pathlib import Path

from ..errors import DefinitionError, Problem
from .framework import Framework
from .library import find, version_problem
from .load import Definition, read_definition
from .plan import Plan
from .pool import Pool


def plan_pool(
    definition: Definition[Plan], beside: Path, framework: Framework | None
) -> Definition[Pool] | None:
    """The pool that a plan names, which must be of the plan's own framework and version."""
    benchmark = definition.value.benchmark
    if benchmark is None or benchmark.pool in (None, "units"):
        return None
    where = definition.document.place(("benchmark", "pool"))
    pool = load_pool(find(benchmark.pool, "pools", beside, where))
    wrong = version_problem(benchmark.pool, pool.value.version, where)
    problems = [wrong] if wrong else []
    if framework is not None:
        here = (framework.framework, framework.version)
        there = (pool.value.framework, pool.value.framework_version)
        if here != there:
            what = f"the pool {pool.value.pool} is of {'@'.join(there)}, and the plan of {'@'.join(here)}"
            remedy = (
                "take a pool of the same framework and version, or build one: crm-capability benchmark build"
            )
            problems.append(Problem(where, what, remedy))
    if problems:
        raise DefinitionError(problems)
    return pool


def load_pool(file: Path) -> Definition[Pool]:
    """Read a pool of peers. Raises DefinitionError."""
    return read_definition(file, Pool, str(file))

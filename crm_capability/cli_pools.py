"""The commands about pools of peers: `benchmark build` and `benchmark show`.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from .analysis.result import Result
    from .definition.pool import Pool


def add_benchmark(parser: argparse.ArgumentParser) -> None:
    """Give the command `benchmark` its own commands."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    about = "make a pool of all units' scores and readings; nobody is named in it"
    one = commands.add_parser("build", help=about, description=about[0].upper() + about[1:] + ".")
    one.set_defaults(command=build)
    one.add_argument(
        "results", metavar="RESULT", nargs="+", help="a result folder, or a file of values with --framework"
    )
    one.add_argument(
        "--id", metavar="ID", required=True, help="the pool's name: small letters, digits, hyphens"
    )
    one.add_argument("--wave", metavar="W", help="the wave to take; without it each result's last")
    one.add_argument(
        "--without",
        metavar="UNIT",
        action="append",
        default=[],
        help="a unit to leave out; may be given again",
    )
    one.add_argument("--pool-version", metavar="V", default="1.0.0", help="the pool's version (1.0.0)")
    one.add_argument("--sector", metavar="TEXT", help="which sector the peers are of")
    one.add_argument("--source", metavar="TEXT", help="where the figures come from")
    one.add_argument(
        "--group", metavar="ATTRIBUTE", help="also tell units apart by this, so that like meets like"
    )
    one.add_argument(
        "--owner", metavar="ATTRIBUTE", help="whose a unit is: no owner may bring more than half"
    )
    one.add_argument(
        "--named",
        metavar="UNIT",
        action="append",
        default=[],
        help="a unit that agreed to be named; may be given again",
    )
    one.add_argument("--out", metavar="FILE.yaml", required=True, help="where to write the pool")
    values = one.add_argument_group("for files of values")
    values.add_argument("--framework", metavar="REF", help="an id, id@version or path: what scores them")
    values.add_argument("--layout", choices=("long", "wide"), default="long", help="as in a plan (long)")
    values.add_argument("--unit", metavar="COLUMN", help="the column that names the unit (unit)")
    values.add_argument("--units", metavar="FILE", help="a file of the units' attributes, a row a unit")
    values.add_argument("--year", metavar="Y", type=int, help="the year that the values are of")

    about = "print what is in a pool"
    one = commands.add_parser("show", help=about, description=about[0].upper() + about[1:] + ".")
    one.set_defaults(command=show)
    one.add_argument("file", metavar="FILE", help="a pool file")


def build(options: Any) -> int:
    """Make a pool out of result folders and files of values."""
    from pathlib import Path

    from .analysis.pool import build_pool
    from .analysis.pool_text import write_pool

    files = [name for name in options.results if not Path(name).is_dir() and Path(name).suffix]
    if files and not options.framework:
        print(f"{files[0]} is a file of values: --framework says what scores it", file=sys.stderr)
        return 2
    pool = build_pool(
        {name: _result(name, name in files, options) for name in dict.fromkeys(options.results)},
        options.id,
        wave=options.wave,
        without=tuple(options.without),
        version=options.pool_version,
        sector=options.sector,
        source=options.source,
        group=options.group,
        owner=options.owner,
        named=tuple(options.named),
    )
    write_pool(pool, Path(options.out))
    if options.group and not pool.groups:
        print(
            f"note: no group by {options.group} can be told: each needs 5 units, and as many must be left outside",
            file=sys.stderr,
        )
    print(options.out)
    return 0


def _result(name: str, is_file: bool, options: Any) -> Result:
    from pathlib import Path

    from .analysis.result import load_result

    if not is_file:
        return load_result(name)
    from .assess import assess
    from .definition.values_plan import ValuesFile

    units = Path(options.units) if options.units else None
    file = ValuesFile(Path(name), options.layout, options.unit, units, options.year, options.wave or "pool")
    return assess(file.plan(options.framework))


def show(options: Any) -> int:
    """Print what is in a pool: a node or measure a line."""
    from pathlib import Path

    from .definition.pool_file import load_pool

    print("\n".join(_lines(load_pool(Path(options.file)).value)))
    return 0


def _lines(pool: Pool) -> list[str]:
    from .methods.model import in_language

    about = [
        f"{pool.pool} {pool.version}: {pool.peers} peers, {pool.framework}@{pool.framework_version}",
        f"source: {in_language(pool.source, 'en')}",
    ]
    about += [f"sector: {in_language(pool.sector, 'en')}"] if pool.sector else []
    about += [f"period: {pool.start} to {pool.end}"] if pool.start else []
    about += [f"left out, with fewer than 5 peers: {', '.join(pool.left_out)}"] if pool.left_out else []
    about += [f"named, as they agreed: {', '.join(pool.named)}"] if pool.named else []
    rows: list[tuple[str, ...]] = [("scores", "n", "10 %", "25 %", "median", "75 %", "90 %")]
    rows += [(node, *_figures(found)) for node, found in pool.nodes.items()]
    for attribute, groups in pool.groups.items():
        for group, nodes in groups.items():
            rows += [(f"{attribute}: {group}", "", "", "", "", "", "")]
            rows += [(node, *_figures(found)) for node, found in nodes.items()]
    rows += [("readings", "", "", "", "", "", "")] if pool.readings else []
    rows += [(f"{name} ({in_language(r.unit, 'en')})", *_figures(r)) for name, r in pool.readings.items()]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    table = [
        row[0].ljust(widths[0])
        + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    return [*about, *(line.rstrip() for line in table)]


def _figures(found: Any) -> tuple[str, ...]:
    return str(found.n), *(format(value, ".4g") for value in found.quantiles.model_dump().values())

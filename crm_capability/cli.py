"""The command line: words and options in, exit status out.

Results go to stdout and nothing else does; problems and progress go to stderr. Status 0 is
done, 1 a problem with the input, 2 wrong usage. argparse and lazy imports keep `--help` within
a blink: each command imports the heavy parts it needs.
"""

from __future__ import annotations

import argparse
import sys

from .cli_advice import add_advice_commands
from .cli_definitions import add_definition_commands, allow, say
from .cli_peers import add_result_commands
from .cli_pools import add_benchmark
from .cli_progress import Progress
from .cli_questionnaire import add_questionnaire, no_command
from .cli_report import add_batch, add_report

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from .analysis.result import Result


def main(words: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    options = _parser().parse_args(words)
    from .errors import CapabilityError

    _end_politely()
    try:
        status: int = options.command(options)
        return status
    except CapabilityError as error:
        say(error.problems)
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing was written, an earlier result stands as it was", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our results has seen enough
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    about = "Tell a company, with evidence, how well it manages its customer relationships."
    parser = argparse.ArgumentParser(prog="crm-capability", description=about)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[Any], int], about: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        one.set_defaults(command=run)
        return one

    add_definition_commands(command)
    for name, run, about in (
        ("run", run_all, "everything: tables, workbook, reports and manifest"),
        ("score", run_tables, "tables and manifest alone"),
    ):
        one = command(name, run, about)
        one.add_argument("plan", metavar="PLAN", help="an assessment.yaml")
        one.add_argument("--out", metavar="DIR", required=True, help="the result folder")
        one.add_argument("--json", action="store_true", help="print the result as JSON")
        one.add_argument(
            "--show-sql", action="store_true", help="print the statements behind metrics to stderr"
        )
        allow(one)

    one = command("sensitivity", sensitivity, "how far results hang on choices that could have been others")
    one.add_argument("plan", metavar="PLAN", help="an assessment.yaml with `sensitivity`")
    one.add_argument(
        "--out", metavar="DIR", help="write the tables into a folder, new or the assessment's own result"
    )
    one.add_argument("--json", action="store_true", help="print the result as JSON")
    allow(one)

    add_report(command)
    allow(add_batch(command))

    one = command("watch", watch, "check, score and show a plan in the browser again on every save")
    one.add_argument("plan", metavar="PLAN", help="an assessment.yaml")
    one.add_argument("--lang", metavar="L", help="the language of the page; the plan's first unless said")
    one.add_argument("--port", type=int, default=0, help="which port; a free one unless said")
    allow(one)

    add_result_commands(command)
    add_advice_commands(command)
    add_benchmark(command("benchmark", lambda _: 2, "pools of peers"))  # argparse asks for more first
    add_questionnaire(command("questionnaire", no_command, "out to survey tools, and answers back in"))
    return parser


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from .provenance import own_version

        print(f"crm-capability {own_version()}")
        parser.exit()


def watch(options: Any) -> int:
    from pathlib import Path

    from .watch import watch as keep_watching

    def tell(line: str) -> None:
        print(line, file=sys.stdout if line.startswith("http") else sys.stderr, flush=True)

    keep_watching(Path(options.plan), tuple(options.allow), options.lang, options.port, tell)
    return 0


def run_tables(options: Any) -> int:
    return _assess(options, reports=False)


def run_all(options: Any) -> int:
    return _assess(options, reports=True)


def _assess(options: Any, reports: bool) -> int:
    from pathlib import Path

    from . import assess, load_plan
    from .cli_report import renderer
    from .report.folder import ensure_writable, write_result
    from .report.template import plan_template

    out = Path(options.out)
    with Progress() as step:
        step("plan")
        loaded = load_plan(options.plan, tuple(options.allow))
        template = plan_template(loaded.plan.report.template, Path(options.plan).parent) if reports else None
        ensure_writable(out)
        result = assess(loaded, step)
        write_result(result, out, renderer(step, template) if reports else None)
    if options.show_sql:
        for statement in result.manifest["statements"]:
            print(
                f"-- {statement['name']}: {statement['rows']:,} rows\n{statement['sql']};\n", file=sys.stderr
            )
    for note in result.manifest["notes"]:
        print(f"note: {note['node'] + ': ' if note['node'] else ''}{note['text']}", file=sys.stderr)
    _print_headline(result, out, options.json)
    return 0


def sensitivity(options: Any) -> int:
    from pathlib import Path

    from . import load_plan
    from .assess import assess_sensitivity
    from .report.folder import add_tables, ensure_writable

    out = Path(options.out) if options.out else None
    with Progress() as step:
        step("plan")
        loaded = load_plan(options.plan, tuple(options.allow))
        if out is not None:
            ensure_writable(out)
        found, manifest = assess_sensitivity(loaded, step, lambda some, all: step("runs", some, all))
        files = [] if out is None else add_tables(found.tables, manifest, out)
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    _print_sensitivity(
        found.sensitivity, manifest["sensitivity"], [str(path) for path in files], options.json
    )
    return 0


def _print_sensitivity(table: Any, summary: dict[str, Any], files: list[str], as_json: bool) -> None:
    """The indices of each factor, and how often a change held."""
    if as_json:
        import json

        factors = json.loads(table.to_json(orient="records", double_precision=15))
        print(json.dumps({**summary, "factors": factors, "files": files}, ensure_ascii=False))
        return
    for row in table.itertuples():
        print(f"{row.factor}\t{row.first_order:.3f}\t{row.total_order:.3f}\t[{row.low:.3f}, {row.high:.3f}]")
    for one in summary["above"]:
        if one["share"] is not None:
            print(f"{one['unit']}\t{one['after']} above {one['before']}\t{one['share']:.1%}")
    print("\n".join(files), end="\n" if files else "")


def _print_headline(result: Result, out: Path, as_json: bool) -> None:
    """The index of the plan's unit in each wave, and the files of the result."""
    scores = result.tables["scores"]
    own = scores[(scores["unit"] == result.plan.unit) & (scores["node"] == result.framework.tree.id)]
    index = {row.wave: None if row.score != row.score else row.score for row in own.itertuples()}
    files = sorted(str(path) for path in out.iterdir() if not path.name.startswith("."))
    if as_json:
        import json

        print(json.dumps({"unit": result.plan.unit, "index": index, "files": files}, ensure_ascii=False))
        return
    for wave, value in index.items():
        print(f"{result.plan.unit}\t{wave}\t{'missing' if value is None else format(value, '.1f')}")
    print("\n".join(files))


def _end_politely() -> None:
    """Being told to end is an interrupt like any other: what is half-written goes."""
    import signal

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


if __name__ == "__main__":
    sys.exit(main())

"""The command line: words and options in, exit status out.

Results go to stdout and nothing else does; problems and progress go to stderr. The heavy
parts are imported inside the command that needs them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .analysis.result import Result
    from .errors import Problem

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
ALLOW = click.option(
    "--allow", multiple=True, type=FOLDER, metavar="DIR", help="A folder outside the plan's own that data may be read from."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


class _Cli(click.Group):
    """Turns what a user can mend into a list on stderr and status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        from .errors import CapabilityError

        try:
            return super().invoke(ctx)
        except CapabilityError as error:
            _say(error.problems)
            ctx.exit(1)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order of the work, not of the alphabet


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from .provenance import own_version

        click.echo(f"crm-capability {own_version()}")
        ctx.exit()


@click.group(cls=_Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version.")
def main() -> None:
    """Tell a company, with evidence, how well it manages its customer relationships."""


@main.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
def init(folder: Path) -> None:
    """Write a working assessment into DIR, with comments, to edit."""
    from .definition.first import first_assessment

    for path in first_assessment(folder):
        click.echo(path)


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="How to print problems.")
@ALLOW
def validate(files: tuple[Path, ...], form: str, allow: tuple[Path, ...]) -> None:
    """Check definitions and everything they refer to."""
    from .definition.validate import problems_of

    found = [problem for file in files for problem in problems_of(file, allow)]
    problems = list(dict.fromkeys(found))
    if form == "json":
        click.echo(json.dumps([_as_json(problem) for problem in problems], ensure_ascii=False, indent=1))
    elif form == "github":
        for problem in problems:
            click.echo(_as_github(problem))
    else:
        _say(problems)
        if not problems:
            click.echo("\n".join(f"{file}: ok" for file in files))
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("plan", metavar="PLAN", type=FILE)
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="The result folder.")
@ALLOW
@JSON
def score(plan: Path, out: Path, allow: tuple[Path, ...], as_json: bool) -> None:
    """Tables and manifest of an assessment, without reports."""
    _assess(plan, out, allow, as_json, reports=False)


@main.command()
@click.argument("plan", metavar="PLAN", type=FILE)
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="The result folder.")
@ALLOW
@JSON
def run(plan: Path, out: Path, allow: tuple[Path, ...], as_json: bool) -> None:
    """Everything: tables, workbook, reports and manifest of an assessment."""
    _assess(plan, out, allow, as_json, reports=True)


@main.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
def report(folder: Path) -> None:
    """Render the reports of a result folder again. No source data is needed."""
    from .report.folder import render_again
    from .report.write import write_report

    with _progress() as step:
        written = render_again(folder, lambda result, into: write_report(result, into, progress=step))
    for path in written:
        click.echo(folder / path.name)


def _assess(plan: Path, out: Path, allow: tuple[Path, ...], as_json: bool, reports: bool) -> None:
    from . import assess, load_plan
    from .report.folder import ensure_writable, write_result

    with _progress() as step:
        step("plan")
        loaded = load_plan(plan, tuple(allow))
        ensure_writable(out)
        result = assess(loaded, step)
        render: Callable[[Result, Path], object] | None = None
        if reports:
            from .report.write import write_report

            def render(result: Result, into: Path) -> object:
                return write_report(result, into, progress=step)

        write_result(result, out, render)
    for note in result.manifest["notes"]:
        click.echo(f"note: {note['node'] + ': ' if note['node'] else ''}{note['text']}", err=True)
    _print_headline(result, out, as_json)


def _print_headline(result: Result, out: Path, as_json: bool) -> None:
    """The index of the plan's unit in each wave, and where the result lies."""
    scores = result.tables["scores"]
    own = scores[(scores["unit"] == result.plan.unit) & (scores["node"] == result.framework.tree.id)]
    index = {row.wave: None if row.score != row.score else row.score for row in own.itertuples()}
    files = sorted(str(path) for path in out.iterdir() if not path.name.startswith("."))
    if as_json:
        click.echo(json.dumps({"unit": result.plan.unit, "index": index, "files": files}, ensure_ascii=False))
        return
    for wave, value in index.items():
        click.echo(f"{result.plan.unit}\t{wave}\t{'missing' if value is None else format(value, '.1f')}")
    click.echo("\n".join(files))


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Names each step on a terminal; silent anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step: bar.update(task, description=step)


def _say(problems: Any) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    count = len(problems)
    if count > 1:
        click.echo(f"{count} problems", err=True)


def _as_json(problem: Problem) -> dict[str, Any]:
    where = problem.where
    return {
        "file": where.file,
        "line": where.line or None,
        "column": where.column or None,
        "problem": problem.what,
        "remedy": problem.remedy,
    }


def _as_github(problem: Problem) -> str:
    where, text = problem.where, problem.what + (f" ({problem.remedy})" if problem.remedy else "")
    for plain, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(plain, code)
    return f"::error file={where.file},line={where.line or 1},col={where.column or 1}::{text}"


if __name__ == "__main__":
    main()

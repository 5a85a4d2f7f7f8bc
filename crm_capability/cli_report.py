"""The commands `report` and `batch`, and how a run's reports are rendered.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

from .cli_progress import Progress

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from .analysis.result import Result


def add_report(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command; `command` takes a name, what runs it and what it is about."""
    one = command("report", report, "render again from a result folder; no source data is needed")
    one.add_argument("folder", metavar="DIR")
    about = "scorecard, benchmark, appendix, or a folder of one's own; else the plan's"
    one.add_argument("--template", metavar="NAME", help=about)
    about = "the id of a shipped theme or the path of a theme file; else the plan's"
    one.add_argument("--theme", metavar="FILE", help=about)
    how_to_tell(one)
    about = "a PowerPoint file of one's own that slides are made on; else the plan's"
    one.add_argument("--master", metavar="FILE.pptx", help=about)
    about = "without names, files and remarks, to leave the building; goes to DIR/anonymous unless --out says"
    one.add_argument("--anonymise", "--anonymize", action="store_true", help=about)
    one.add_argument("--out", metavar="DIR", help="another folder for the files; DIR stays as it is")


def add_batch(command: Callable[..., argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command for many reports."""
    one = command("batch", batch, "a report for each of several plans, or for each unit of one plan")
    one.add_argument("plans", metavar="PLAN", nargs="+", help="an assessment.yaml")
    about = "where the result folders and the summary go"
    one.add_argument("--out", metavar="DIR", required=True, help=about)
    about = "of one plan these units alone, by commas; may be given again"
    one.add_argument("--unit", action="append", metavar="ID", type=_listed, help=about)
    one.add_argument(
        "--jobs", type=_at_least_one, metavar="N", help="how many at a time; as many as there are cores"
    )
    about = "scorecard, benchmark, appendix, or a folder of one's own; else each plan's"
    one.add_argument("--template", metavar="NAME", help=about)
    how_to_tell(one)
    one.add_argument("--json", action="store_true", help="print the summary as JSON")
    return one  # fmt: skip


def _at_least_one(word: str) -> int:
    import argparse

    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is no number of processes")
    return int(word)


def how_to_tell(one: argparse.ArgumentParser) -> None:
    """Options of every command that writes reports: languages and formats instead of the plan's."""
    about = "these languages alone, by commas; may be given again"
    one.add_argument("--only", action="append", metavar="LANG", type=_listed, help=about)
    about = "as pdf, html, xlsx, pptx, md or json, by commas; else the plan's `formats`"
    one.add_argument("--to", action="append", metavar="FORMAT", type=_listed, help=about)


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def joined(lists: list[list[str]] | None) -> list[str] | None:
    """What an option said that may be given again; None where it was not given."""
    return None if lists is None else [word for words in lists for word in words]


def report(options: Any) -> int:
    from dataclasses import replace
    from pathlib import Path

    from .analysis.result import load_result
    from .definition.library import find
    from .definition.theme_file import load_theme
    from .report.folder import render_again
    from .report.template import find_template

    folder = Path(options.folder)
    if options.template:
        find_template(options.template)  # a name that is none should not cost the time of reading
    result = load_result(folder)
    out = Path(options.out) if options.out else folder
    if options.anonymise:
        from .report.anonymous import anonymised

        result, out = anonymised(result), Path(options.out or folder / "anonymous")
    if options.theme:
        result = replace(result, theme=load_theme(find(options.theme, "reports/themes", Path())))
    with Progress() as step:
        master = Path(options.master) if options.master else None
        render = renderer(step, options.template, joined(options.only), joined(options.to), master)
        written = render_again(result, folder, render, out)
    for path in written:
        print(path)
    return 0


def batch(options: Any) -> int:
    """Status 1 where any report failed, once all others are there."""
    import sys
    from pathlib import Path

    from .batch import Wish
    from .batch import batch as write_all
    from .report.summary import machine
    from .report.write import known_formats

    languages, formats = joined(options.only), joined(options.to)
    known_formats(formats or ())
    wish = Wish(
        tuple(options.allow),
        tuple(languages) if languages else None,
        options.template,
        tuple(formats) if formats else None,
    )
    with Progress() as step:
        entries = write_all(options.plans, options.out, joined(options.unit), wish, options.jobs, step)
    failed = [(entry, problem) for entry in entries for problem in entry.problems]
    for entry, problem in failed:
        print(f"{entry.folder}: {problem}", file=sys.stderr)
    if options.json:
        print(machine(entries), end="")
    else:
        for entry in sorted(entries, key=lambda entry: entry.folder):
            if not entry.problems:
                index = "missing" if entry.after is None else format(entry.after, ".1f")
                print(f"{entry.unit}\t{entry.after_wave}\t{index}\t{Path(options.out) / entry.folder}")
        print("\n".join(str(path) for path in sorted(Path(options.out).glob("summary.*"))))
    return 1 if failed else 0


def renderer(
    step: Callable[[str], None],
    template: str | Path | None = None,
    languages: list[str] | None = None,
    formats: list[str] | None = None,
    master: Path | None = None,
) -> Callable[[Result, Path], object]:
    """What writes the reports of a result into a folder. Raises ReportError for a format that is none."""
    from .report.write import known_formats, write_report

    known_formats(formats or ())
    return lambda result, folder: write_report(result, folder, languages, template, step, formats, master)

"""The commands about what analysts write: `init`, `validate`, `diff`, `docs` and `schema`.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from typing import Any

    from .errors import Problem


def add_definition_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add these commands; `command` takes a name, what runs it and what it is about."""
    one = command("init", init, "write a working assessment into DIR, with comments, to edit")
    one.add_argument("folder", metavar="DIR")
    one.add_argument("--framework", metavar="ID", help="which shipped framework, with its questionnaires")
    one.add_argument("--organisation", metavar="NAME", help="who is assessed")
    one.add_argument(
        "--lang",
        metavar="L",
        action="append",
        default=[],
        help="a language of the report; may be given again",
    )

    one = command("validate", validate, "check definitions and everything they refer to")
    one.add_argument(
        "files", metavar="FILE", nargs="+", help="a file, a folder, or the id of a shipped definition"
    )
    one.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help="how to print problems"
    )
    one.add_argument(
        "--strict",
        action="store_true",
        help="also what a published definition must hold: languages, feeds, actions, glossary, length",
    )
    allow(one)

    one = command("diff", diff, "what changed in meaning between two versions of a definition")
    one.add_argument("old", metavar="OLD")
    one.add_argument("new", metavar="NEW")
    one.add_argument("--result", metavar="DIR", help="also what NEW would make of a result's scores")
    one.add_argument("--json", action="store_true", help="print the differences as JSON")

    one = command("docs", docs, "a readable page of a definition")
    one.add_argument("file", metavar="FILE", help="a definition, or the id of a shipped one")
    one.add_argument("--to", choices=("html", "markdown"), help="which form; html unless --out ends in .md")
    one.add_argument("--lang", metavar="L", default="en", help="which language (en)")
    one.add_argument("--out", metavar="PAGE", help="where to write it; stdout unless said")

    one = command("schema", schema, "print the JSON Schema of a kind of definition")
    one.add_argument("kind", metavar="KIND", help="framework, questionnaire, metrics, assessment or pool")


def allow(parser: argparse.ArgumentParser) -> None:
    """The option that widens the places data may be read from."""
    about = "a folder outside the plan's own that data may be read from; may be given again"
    parser.add_argument("--allow", action="append", default=[], metavar="DIR", help=about)


def init(options: Any) -> int:
    from pathlib import Path

    folder = Path(options.folder)
    told = options.framework or options.organisation or options.lang
    if not told and not (sys.stdin.isatty() and sys.stderr.isatty()):
        from .definition.first import first_assessment

        files = first_assessment(folder)
    else:
        import datetime

        from .forms.starter import Start, start

        if not told:
            _ask(options)
        framework = options.framework or "crm-capability"
        organisation = options.organisation or "Example Ltd"
        languages = tuple(options.lang) or ("en",)
        files = start(folder, Start(framework, organisation, languages, datetime.date.today()))
    for path in files:
        print(path)
    return 0


def _ask(options: Any) -> None:
    """Ask at the terminal for what the options did not say; Enter takes the word in brackets. An answer
    that is not known is asked for again, with the nearest that is."""
    from .definition.library import shipped
    from .errors import near_miss

    frameworks = sorted(path.stem for path in shipped("indicators").glob("*.yaml"))
    languages = sorted(path.stem for path in (shipped("reports") / "words").glob("*.yaml"))

    def answer(question: str, usual: str, known: Iterable[str] | None = None) -> list[str]:
        while True:
            print(f"{question} [{usual}]: ", end="", file=sys.stderr, flush=True)
            said = sys.stdin.readline().strip() or usual
            words = [said] if known is None else said.replace(",", " ").split()
            strange = [word for word in words if known is not None and word not in known]
            if not strange:
                return words
            print(f'  "{strange[0]}" is not known: {near_miss(strange[0], known or ())}', file=sys.stderr)

    print("Frameworks:\n" + "\n".join(f"  {name}" for name in frameworks), file=sys.stderr)
    options.framework = answer("Which framework?", "crm-capability", frameworks)[0]
    options.organisation = answer("Who is assessed?", "Example Ltd")[0]
    options.lang = answer(f"Languages of the report ({', '.join(languages)})?", "en", languages)


def validate(options: Any) -> int:
    import json
    from pathlib import Path

    files, allowed = [Path(file) for file in options.files], tuple(options.allow)
    advice: list[Problem] = []
    if options.strict:
        from .definition.lint import strict

        linted = strict(files, allowed)
        problems, advice = linted.problems, linted.advice
    else:
        from .definition.validate import problems_of

        found = [problem for file in files for problem in problems_of(file, allowed)]
        problems = list(dict.fromkeys(found))
    for one in advice:
        print(f"advice: {one}", file=sys.stderr)
    if options.format == "json":
        print(json.dumps([_as_json(problem) for problem in problems], ensure_ascii=False, indent=1))
    elif options.format == "github":
        for problem in problems:
            print(_as_github(problem))
    else:
        say(problems)
        if not problems:
            print("\n".join(f"{file}: ok" for file in options.files))
    return 1 if problems else 0


def diff(options: Any) -> int:
    from pathlib import Path

    from .definition.difference import differences

    found = differences(Path(options.old), Path(options.new))
    moved: list[dict[str, Any]] = []
    if options.result:
        from .analysis.redefined import redefined
        from .analysis.result import load_result
        from .definition.loaded import load_framework

        frame = redefined(load_result(options.result), load_framework(options.new))
        moved = frame.astype(object).where(frame.notna(), None).to_dict("records")
    if options.json:
        import json
        from dataclasses import asdict

        told = [asdict(one) for one in found]
        print(json.dumps({"differences": told, "scores": moved}, ensure_ascii=False, indent=1))
        return 0
    for one in found:
        print(one)
    if options.result:
        print("\nwave\tnode\tscore\tby the new" if moved else "\nno score changes")
    for row in moved:
        was, now = ("missing" if row[side] is None else f"{row[side]:.1f}" for side in ("before", "after"))
        print(f"{row['wave']}\t{row['node']}\t{was}\t{now}")
    return 0


def docs(options: Any) -> int:
    from pathlib import Path

    from .report.definition_page import definition_page
    from .whole_files import write_whole

    out = Path(options.out) if options.out else None
    form = options.to or ("markdown" if out is not None and out.suffix == ".md" else "html")
    page = definition_page(options.file, options.lang, form)
    if out is None:
        print(page)
    else:
        write_whole(out, page.encode())
        print(out)
    return 0


def schema(options: Any) -> int:
    import json

    from .definition.schema import schema as schema_of

    print(json.dumps(schema_of(options.kind), ensure_ascii=False, indent=1))
    return 0


def say(problems: Iterable[Problem]) -> None:
    """Print problems to stderr, a line each."""
    lines = [str(problem) for problem in problems]
    print("\n".join(lines), file=sys.stderr, end="\n" if lines else "")
    if len(lines) > 1:
        print(f"{len(lines)} problems", file=sys.stderr)


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

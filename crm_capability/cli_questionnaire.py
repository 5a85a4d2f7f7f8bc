"""The command `questionnaire`: out to survey tools, and answers back in.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import argparse
import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    from typing import Any

TOOLS = "kobo limesurvey qualtrics surveymonkey google-forms wenjuanxing tencent surveyjs plain".split()  # noqa: SIM905


def add_questionnaire(parser: argparse.ArgumentParser) -> None:
    """Give the command `questionnaire` its own commands."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    about = "turn a survey tool's export into answers in the plain layout"
    one = commands.add_parser("import", help=about, description=about[0].upper() + about[1:] + ".")
    one.set_defaults(command=import_file)
    one.add_argument(
        "file", metavar="FILE", help="a CSV, XLSX or JSON export; encoding and separator are found"
    )
    one.add_argument(
        "--from", dest="tool", choices=TOOLS, help="the tool, where the file itself does not tell"
    )
    one.add_argument("--for", dest="sheet", metavar="ID", help="the questionnaire that the answers are for")
    one.add_argument(
        "--map", metavar="MAP.yaml", help="which column answers which question, confirmed by you"
    )
    one.add_argument("--out", metavar="FILE", required=True, help="where to write the answers (CSV)")


def no_command(options: Any) -> int:
    """`questionnaire` alone does nothing: argparse asks for one of its commands first."""
    return 2


def import_file(options: Any) -> int:
    from pathlib import Path

    from .definition.named import named_questionnaire
    from .evidence.tools.importing import import_answers

    if options.map and not options.sheet:
        print("--map needs --for: it names questions of a questionnaire", file=sys.stderr)
        return 2
    sheet = named_questionnaire(options.sheet) if options.sheet else None
    map_file = Path(options.map) if options.map else None
    done = import_answers(Path(options.file), Path(options.out), options.tool, sheet, map_file)
    print("\n".join(done.said), file=sys.stderr)
    print("\n".join(str(path) for path in done.written))
    return 0

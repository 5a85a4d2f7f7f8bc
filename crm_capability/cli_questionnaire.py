"""The command `questionnaire`: out to survey tools, and answers back in.

As in `cli`, the heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import argparse
import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    from typing import Any

FORMATS = ("xlsform", "limesurvey", "surveyjs", "docx", "html", "xlsx", "csv")
TOOLS = "kobo limesurvey qualtrics surveymonkey google-forms wenjuanxing tencent surveyjs plain".split()  # noqa: SIM905


def add_questionnaire(parser: argparse.ArgumentParser) -> None:
    """Give the command `questionnaire` its own commands."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    about = "write a questionnaire for a survey tool, a printer or a browser"
    one = commands.add_parser("export", help=about, description=about[0].upper() + about[1:] + ".")
    one.set_defaults(command=export_file)
    one.add_argument("sheet", metavar="ID", help="a shipped questionnaire, id@version, or a path")
    one.add_argument("--to", choices=FORMATS, required=True, help="the format")
    one.add_argument(
        "--lang",
        metavar="L",
        action="append",
        default=[],
        help="a language; may be given again; without it all",
    )
    one.add_argument("--out", metavar="FILE", required=True, help="where to write it")

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

    about = "how many answers are needed for a given margin"
    one = commands.add_parser("sample-size", help=about, description=f"Say {about}, by Cochran's formula.")
    one.set_defaults(command=sample_sizes)
    one.add_argument(
        "--margin",
        type=float,
        required=True,
        metavar="E",
        help="half the interval: 0.05 is ± 5 points of a share",
    )
    one.add_argument("--confidence", type=float, default=0.95, metavar="C", help="of the interval (0.95)")
    one.add_argument("--population", type=int, metavar="N", help="how many there are; without it, very many")
    one.add_argument(
        "--design-effect",
        type=float,
        default=1.0,
        metavar="D",
        help="variance against a simple random sample (1)",
    )
    one.add_argument(
        "--share", type=float, default=0.5, metavar="P", help="the share expected (0.5 needs the most)"
    )
    one.add_argument(
        "--deviation",
        type=float,
        metavar="S",
        help="for a mean: its standard deviation; the margin is then in points",
    )
    one.add_argument(
        "--segment",
        action="append",
        default=[],
        metavar="NAME=N",
        help="a segment and its size; the margin holds in each",
    )
    one.add_argument("--json", action="store_true", help="print JSON")


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
    sheet = named_questionnaire(options.sheet).value if options.sheet else None
    map_file = Path(options.map) if options.map else None
    done = import_answers(Path(options.file), Path(options.out), options.tool, sheet, map_file)
    print("\n".join(done.said), file=sys.stderr)
    print("\n".join(str(path) for path in done.written))
    return 0


def export_file(options: Any) -> int:
    from pathlib import Path

    from .definition.named import named_questionnaire
    from .forms.write import export

    form, files = export(named_questionnaire(options.sheet), options.to, Path(options.out), options.lang)
    about = f"{len(form.items)} questions in {', '.join(form.languages)}; about {form.minutes} min to answer"
    print(f"{form.mark}: {about}", file=sys.stderr)
    print("\n".join(str(file) for file in files))
    return 0


def sample_sizes(options: Any) -> int:
    import json

    from .methods.sampling import sample_size

    wrong = _wrong_sampling(options)
    if wrong:
        print(f"crm-capability questionnaire sample-size: {wrong}", file=sys.stderr)
        return 2
    sizes: dict[str, int | None] = {
        name: int(size) for name, _, size in (one.rpartition("=") for one in options.segment)
    }
    how = (options.confidence,)
    rest = (options.design_effect, options.share, options.deviation)
    needed = {
        name: sample_size(options.margin, *how, size, *rest)
        for name, size in (sizes or {"all": options.population}).items()
    }
    if options.json:
        print(json.dumps({**needed, "total": sum(needed.values())}, ensure_ascii=False))
        return 0
    for name, number in needed.items():
        print(f"{name}\t{number}")
    if sizes:
        print(f"total\t{sum(needed.values())}")
    return 0


def _wrong_sampling(options: Any) -> str:
    """What is wrong with the numbers, in words, or nothing."""
    if not options.margin > 0 or (options.deviation is None and options.margin >= 1):
        return "--margin is above 0, and below 1 for a share: 0.05 is ± 5 points"
    if not 0 < options.confidence < 1:
        return "--confidence lies between 0 and 1: 0.95 is 95 %"
    if not 0 < options.share < 1:
        return "--share lies between 0 and 1"
    if options.deviation is not None and not options.deviation > 0:
        return "--deviation is above 0"
    if not options.design_effect > 0:
        return "--design-effect is above 0; 1 is a simple random sample"
    if options.population is not None and options.population < 1:
        return "--population is 1 or more"
    if options.population is not None and options.segment:
        return "give --population or --segment, not both"
    for one in options.segment:
        name, _, size = one.rpartition("=")
        if not name or not size.isdecimal() or int(size) < 1:
            return f"--segment {one}: write NAME=N, N being how many there are"
    return ""

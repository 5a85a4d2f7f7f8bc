"""The whole way from a tool's export to a file of answers in the plain layout."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...definition.questionnaire import Choice, Maturity, Questionnaire, Rating
from ...errors import EvidenceError, Place, Problem
from ...whole_files import write_whole
from ..answers import seconds_file
from ..personal import personal
from .against import against_conditions
from .export import Column, Export, seconds_used
from .garbled import refuse_garbled
from .grid import MOST_PROBLEMS, Grid, read_grid
from .labels import coded, coder, is_tick
from .matching import OTHERS, Matching, Unconfirmed, looks_like_an_id, matched, refuse_second_header
from .recognise import TOOLS, tool_of
from .several import options_of, ticked_options
from .wenjuanxing import by_numbers

VERSION_COLUMN = "questionnaire"  # our own exports write `id@version` into it


@dataclass(frozen=True)
class Imported:
    """What was read and written, and what a user should know of it."""

    tool: str
    respondents: int
    columns: tuple[str, ...]
    written: tuple[Path, ...]
    said: tuple[str, ...]


def import_answers(
    path: Path,
    out: Path,
    tool: str | None = None,
    sheet: Questionnaire | None = None,
    map_file: Path | None = None,
) -> Imported:
    """Read an export and write its answers to `out`, all or nothing. With a questionnaire, columns
    become question ids and answers codes. Raises EvidenceError with every problem found."""
    grid = refuse_garbled(read_grid(path))
    if tool is None:
        chosen, sure = tool_of(grid)
    else:
        chosen, sure = TOOLS[tool], True
    grid = chosen.widen(grid)
    export = chosen.read(grid)
    _refuse_merged(grid, export)
    rows = range(export.headers, len(grid.rows))
    if not rows:
        raise EvidenceError(
            Problem(Place(str(path)), "no respondent in it", "check that the export is complete")
        )
    said = [
        f"{path.name}: {chosen.name} ({grid.form}), {len(rows)} {'respondent' if len(rows) == 1 else 'respondents'}"
    ]
    if not sure:
        said.append("no tool's marks were found, so it was read as the plain layout; --from names another")
    said += export.notes
    table = {column.place: _cells(grid, export, rows, column.place) for column in export.columns}
    columns = _without_persons(export, table, said)
    columns = _same_version(grid, columns, table, rows, sheet, said)
    ids = _respondents(grid, export, rows, columns)
    if sheet is None:
        answers = dict(zip(_unique_names(columns), (table[c.place] for c in columns), strict=True))
    else:
        answers = _for_sheet(sheet, grid, export, columns, table, rows, chosen.name, (out, map_file), said)
        if export.language is not None and "language" not in answers:
            spoken = [grid.rows[row][export.language].strip() for row in rows]
            answers = {"language": spoken, **answers} if len(set(spoken)) > 1 else answers
    said += _metadata(grid, export, columns)
    written = _write(out, grid, export, rows, ids, answers)
    return Imported(chosen.name, len(rows), tuple(answers), written, tuple(said))


def _cells(grid: Grid, export: Export, rows: range, place: int) -> list[str]:
    cells = [grid.rows[row][place] for row in rows]
    return ["" if cell.strip() in export.no_answer else cell for cell in cells]


def _refuse_merged(grid: Grid, export: Export) -> None:
    wrong = [first for first, last in grid.merged if last > export.headers]
    if wrong:
        raise EvidenceError(
            [
                Problem(
                    Place(str(grid.path), int("".join(filter(str.isdigit, first)))),
                    f"merged cells at {first}: it is not clear whose answer they hold",
                    "split them, or export again",
                )
                for first in wrong[:MOST_PROBLEMS]
            ]
        )


def _without_persons(export: Export, table: Mapping[int, list[str]], said: list[str]) -> tuple[Column, ...]:
    kept = []
    for column in export.columns:
        # "phone" as an option that was ticked or not is an answer
        ticked = bool(column.option) and all(map(is_tick, table[column.place]))
        cells = table[column.place]
        kind = "" if ticked else personal(column.text or column.name, cells) or personal(column.name, ())
        if kind:
            said.append(f'the column "{column.name}" holds {kind}: it was left out')
        else:
            kept.append(column)
    return tuple(kept)


def _same_version(
    grid: Grid, columns: tuple[Column, ...], table: Mapping[int, list[str]], rows: range,
    sheet: Questionnaire | None, said: list[str],
) -> tuple[Column, ...]:  # fmt: skip
    """Our own exports carry the questionnaire's id and version: they must be the ones asked for."""
    marked = next((column for column in columns if column.name.rsplit("/", 1)[-1] == VERSION_COLUMN), None)
    if marked is None or not any("@" in cell for cell in table[marked.place]):
        return columns
    own = f"{sheet.questionnaire}@{sheet.version}" if sheet else None
    for row, cell in zip(rows, table[marked.place], strict=True):
        same = own is None or cell in ("", own) or _same_major(cell, own)
        if not same:
            what = f"these are answers to {cell}, not to {own}"
            raise grid.problem(
                row, what, f"say --for {cell.partition('@')[0]}, or bring that version", marked.place
            )
    said.append(f"answers to {', '.join(sorted(set(table[marked.place]) - {''}))}")
    return tuple(column for column in columns if column is not marked)


def _same_major(one: str, other: str) -> bool:
    return one.split(".")[0] == other.split(".")[0]


def _respondents(grid: Grid, export: Export, rows: range, columns: tuple[Column, ...]) -> list[str]:
    """The tool's own ids, else 1, 2, …; each once in its wave, unit and role."""
    if export.respondent is None:
        return [str(number) for number in range(1, len(rows) + 1)]
    place = export.respondent
    ids = [grid.rows[row][place].strip() for row in rows]
    others = [column.place for column in columns if column.name in OTHERS and column.name != "weight"]
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    for row, name in zip(rows, ids, strict=True):
        who = (name, *(grid.rows[row][n] for n in others))
        if not name:
            problems.append(Problem(grid.place(row, place), "no respondent id", "give each respondent an id"))
        elif who in seen:
            what = f'respondent "{name}" stands twice, first in row {seen[who]}'
            problems.append(Problem(grid.place(row, place), what, "keep one of the rows"))
        seen.setdefault(who, grid.place(row).line)
    if problems:
        raise EvidenceError(problems[:MOST_PROBLEMS])
    return ids


def _unique_names(columns: Sequence[Column]) -> Iterator[str]:
    times: Counter[str] = Counter()
    for column in columns:
        times[column.name] += 1
        yield column.name if times[column.name] == 1 else f"{column.name} ({times[column.name]})"


def _for_sheet(
    sheet: Questionnaire, grid: Grid, export: Export, columns: tuple[Column, ...], table: Mapping[int, list[str]],
    rows: range, tool: str, files: tuple[Path, Path | None], said: list[str],
) -> dict[str, list[str]]:  # fmt: skip
    options = options_of(sheet, columns)
    others = tuple(column for column in columns if column.place not in options)
    matching = _confirmed(sheet, grid, others, {name for name, _ in options.values()}, *files)
    for column in matching.left_out:
        where = grid.place(0, column.place)
        said.append(f'{where}: "{column.name}" is no question of {sheet.questionnaire}: it was left out')
    refuse_second_header(sheet, grid, export.headers, matching.pairs)
    questions = sheet.questions
    if tool == "wenjuanxing" and not export.option_numbers:
        asked = [(place, questions.get(name)) for place, name in matching.pairs.items()]
        chosen = [
            table[place] for place, question in asked if isinstance(question, Rating | Maturity | Choice)
        ]
        export = by_numbers(export, chosen, said)
    answers, problems = {}, []
    for place, target in sorted(matching.pairs.items(), key=lambda pair: _order(pair[1], questions)):
        if target in OTHERS:
            answers[target] = table[place]
            continue
        how = coder(sheet, questions[target], export, grid, tool, matching.answers.get(target, {}))
        answers[target], wrong = coded(how, table[place], grid, rows, place)
        problems += wrong
    for target in dict.fromkeys(name for name, _ in options.values() if name not in answers):
        how = coder(sheet, questions[target], export, grid, tool, matching.answers.get(target, {}))
        own = {place: code for place, (name, code) in options.items() if name == target}
        answers[target], wrong = ticked_options(how, own, table, grid, rows)
        problems += wrong
    if problems:
        raise EvidenceError(problems[:MOST_PROBLEMS])
    answers = {name: answers[name] for name in sorted(answers, key=lambda name: _order(name, questions))}
    places = {target: place for place, target in matching.pairs.items()}
    places |= {name: place for place, (name, _) in reversed(options.items())}
    said += against_conditions(sheet, answers, grid, rows, places)
    lacking = [name for name in questions if name not in answers]
    if lacking:
        said.append(f"no column for {', '.join(lacking)}")
    strange = [column.name for column in matching.left_out if looks_like_an_id(column.name)]
    if lacking and strange:
        said.append(
            f"perhaps these are answers to another version of {sheet.questionnaire}, not to {sheet.version}: "
            f"{', '.join(strange)} may be its questions; then import them --for the file of that version"
        )
    return answers


def _order(target: str, questions: Mapping[str, object]) -> int:
    names = [*OTHERS, *questions]
    return names.index(target)


def _confirmed(
    sheet: Questionnaire,
    grid: Grid,
    columns: tuple[Column, ...],
    elsewhere: Collection[str],
    out: Path,
    map_file: Path | None,
) -> Matching:
    try:
        return matched(sheet, grid, 0, columns, map_file, elsewhere)
    except Unconfirmed as open_ones:
        file = map_file or out.with_name(f"{out.stem}.map.yaml")
        if file.exists():
            last = Problem(Place(str(file)), "the map does not name these columns", "add them to it")
        else:
            write_whole(file, open_ones.text.encode())
            last = Problem(
                Place(str(file)),
                "a map to confirm was written",
                f"edit it, then import again with --map {file}",
            )
        raise EvidenceError([*open_ones.problems, last]) from None


def _metadata(grid: Grid, export: Export, columns: tuple[Column, ...]) -> list[str]:
    """The tool's own columns, none of which goes into the answers."""
    used = {column.place for column in export.columns} | {export.respondent, export.language, *export.time}
    names = [name.strip() for n, name in enumerate(grid.header) if n not in used and name.strip()]
    return [f"the tool's own columns were left out: {', '.join(names)}"] if names else []


def _write(
    out: Path, grid: Grid, export: Export, rows: range, ids: list[str], answers: Mapping[str, list[str]]
) -> tuple[Path, ...]:
    text = _as_csv(["respondent", *answers], zip(ids, *answers.values(), strict=True))
    files = {out: text}
    used = [seconds_used(grid.rows[row], export.time) for row in rows]
    if any(seconds is not None for seconds in used):
        shown = ["" if seconds is None else format(seconds, ".15g") for seconds in used]
        files[seconds_file(out)] = _as_csv(["respondent", "seconds"], zip(ids, shown, strict=True))
    if seconds_file(out) not in files:
        seconds_file(out).unlink(missing_ok=True)  # of an earlier import
    for file, content in reversed(files.items()):
        write_whole(file, content.encode())
    return tuple(files)


def _as_csv(names: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue()

"""Columns of an export tied to questions: by code, by exact text in any language, else proposed
in a map that a person confirms. Nothing is guessed silently."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...definition.load import formed
from ...definition.questionnaire import Questionnaire, StateValue
from ...definition.tool_codes import limesurvey_codes
from ...errors import EvidenceError, Problem, near_miss
from ...methods.model import Id, Model, Text, Words
from ...yaml_files import Document, read_yaml
from .export import Column
from .grid import Grid

OTHERS = ("unit", "wave", "role", "language", "weight")  # what else the plain layout knows
LEFT_OUT = "-"
UNSURE = "?"
_LIKE = 0.7
_ID = re.compile(r"[A-Za-z]+\d+|[a-z][a-z0-9]*([-_][a-z0-9]+)+")
_TAG = re.compile(r"<[^>]*>")


class ColumnMap(Model):
    """What a person says of columns and answers that did not match by themselves."""

    map: Id
    columns: dict[str, Words] = {}
    answers: dict[Id, dict[str, StateValue]] = {}


@dataclass(frozen=True)
class Matching:
    """Which column answers which question, by the column's place; the others stay out."""

    pairs: Mapping[int, str]
    left_out: tuple[Column, ...]
    answers: Mapping[str, Mapping[str, str | float]]


@dataclass(frozen=True)
class Unconfirmed(Exception):
    """Columns that resemble questions without being them: the map to confirm, and what is open."""

    text: str
    problems: tuple[Problem, ...]


def key(text: str) -> str:
    """Text as it is compared: without marks of layout, case or width.

    >>> key(" <b>Staff</b>  treated me politely. ") == key("Staff treated me politely.")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", _TAG.sub(" ", text)).casefold().split())


def matched(
    sheet: Questionnaire,
    grid: Grid,
    header: int,
    columns: Iterable[Column],
    map_file: Path | None,
    elsewhere: Collection[str] = (),
) -> Matching:
    """Tie each column to a question; those `elsewhere` have columns already. Raises EvidenceError, and
    Unconfirmed where a person is needed."""
    said, document = _read_map(sheet, map_file)
    columns = tuple(columns)
    codes, texts = _known(sheet)
    pairs: dict[int, str] = {}
    problems: list[Problem] = []
    rest: list[Column] = []
    names = [column.name for column in columns]
    for name in said.columns:
        if name not in names:
            assert document is not None
            place = document.place(("columns", name), True)
            problems.append(Problem(place, f'no column "{name}" in {grid.path.name}', near_miss(name, names)))
    for column in columns:
        given = said.columns.get(column.name)
        target = given if given is not None else _match(column, codes, texts)
        if given is not None and document is not None:
            problems += _wrong_target(given, document, column.name, codes.values())
        if target is None:
            rest.append(column)
        elif target in pairs.values():
            first = next(c for c in columns if pairs.get(c.place) == target)
            what = f'"{column.name}" and "{first.name}" both answer {target}'
            problems.append(
                Problem(
                    grid.place(header, column.place),
                    what,
                    f'keep one, or leave one out by a map: "{column.name}": "-"',
                )
            )
        elif target != LEFT_OUT:
            pairs[column.place] = target
    problems += _of_another_version(sheet, grid, header, rest, len(pairs) + len(elsewhere))
    if problems:
        raise EvidenceError(problems)
    left_out = tuple(c for c in columns if c.place not in pairs)
    _propose(sheet, grid, header, rest, {*pairs.values(), *elsewhere}, said, columns)
    if not {*pairs.values(), *elsewhere} & set(sheet.questions):
        what = f"no column is a question of {sheet.questionnaire}"
        raise grid.problem(header, what, "check that these answers are for this questionnaire")
    return Matching(pairs, left_out, said.answers)


def _of_another_version(
    sheet: Questionnaire, grid: Grid, header: int, rest: list[Column], known: int
) -> list[Problem]:
    """Columns that an earlier version asked; or most columns, where they bear ids that are not ours."""
    earlier = {
        bridged.was: rewording.source
        for rewording in sheet.bridges
        for bridged in rewording.questions.values()
        if bridged.was not in sheet.questions
    }
    ours = f"{sheet.questionnaire}@{sheet.version}"
    found = []
    for column in rest:
        source = earlier.get(column.name) or earlier.get(column.code)
        if source is not None:
            what = f'"{column.name}" is a question of {source}, not of {ours}'
            remedy = f"import these answers --for the file of {source}; the plan bridges the two"
            found.append(Problem(grid.place(header, column.place), what, remedy))
    strange = [column for column in rest if looks_like_an_id(column.name)]
    if not found and known and len(strange) > known:
        names = ", ".join(column.name for column in strange[:5])
        what = f"{len(strange)} columns bear ids that are no questions of {ours}, only {known} do: {names}"
        remedy = 'if it is another version, import --for its file; else leave the columns out by a map: "-"'
        found.append(Problem(grid.place(header, strange[0].place), what, remedy))
    return found


def refuse_second_header(sheet: Questionnaire, grid: Grid, row: int, pairs: Mapping[int, str]) -> None:
    """A row of questions where the first answers should stand."""
    cells = {place: grid.row(row)[place] for place in pairs}
    given = {place: cell for place, cell in cells.items() if cell.strip() and pairs[place] in sheet.questions}
    asked = [
        place
        for place, cell in given.items()
        if key(cell) in {key(w) for w in (pairs[place], *wordings(sheet.questions[pairs[place]].text))}
    ]
    if asked and 2 * len(asked) > len(given):
        what = f"a second header: {len(asked)} cells hold the questions, where answers should stand"
        raise grid.problem(row, what, "take the row out, or say --from the tool whose exports have two")


def looks_like_an_id(name: str) -> bool:
    """Whether a header is more likely a question's id than a word: parts joined by hyphens or underscores,
    or a letter with a number.

    >>> looks_like_an_id("staff-attitude"), looks_like_an_id("q12"), looks_like_an_id("age")
    (True, True, False)
    """
    return _ID.fullmatch(name.strip()) is not None


def _read_map(sheet: Questionnaire, map_file: Path | None) -> tuple[ColumnMap, Document | None]:
    if map_file is None or not map_file.exists():
        return ColumnMap(map=sheet.questionnaire), None
    document = read_yaml(map_file, str(map_file))
    said = formed(document, ColumnMap)
    problems = [
        Problem(
            document.place(("answers", name), True),
            f'"{name}" is no question',
            near_miss(name, sheet.questions),
        )
        for name in said.answers
        if name not in sheet.questions
    ]
    if said.map != sheet.questionnaire:
        what = f"the map is for {said.map}, the questionnaire is {sheet.questionnaire}"
        problems.append(Problem(document.place(("map",)), what, "take the map that belongs to it"))
    if problems:
        raise EvidenceError(problems)
    return said, document


def _wrong_target(target: str, document: Document, name: str, known: Iterable[str]) -> list[Problem]:
    place = document.place(("columns", name))
    if target.startswith(UNSURE):
        remedy = f'take the "?" away if it is right, or write "{LEFT_OUT}" to leave the column out'
        return [Problem(place, f'"{name}" is not confirmed yet', remedy)]
    if target != LEFT_OUT and target not in known:
        return [Problem(place, f'"{target}" is no question', near_miss(target, known))]
    return []


def _known(sheet: Questionnaire) -> tuple[dict[str, str], dict[str, str]]:
    """Questions by code and by text; a text that two questions share names neither."""
    codes = {code.casefold(): name for name, code in limesurvey_codes(sheet).items()}
    codes |= {name: name for name in (*OTHERS, *sheet.questions)}
    texts: dict[str, set[str]] = {}
    for question in sheet.questions.values():
        for wording in wordings(question.text):
            texts.setdefault(key(wording), set()).add(question.id)
    return codes, {text: next(iter(names)) for text, names in texts.items() if len(names) == 1}


def wordings(text: Text) -> tuple[str, ...]:
    """A text in all its languages."""
    return (text,) if isinstance(text, str) else tuple(text.values())


def _match(column: Column, codes: Mapping[str, str], texts: Mapping[str, str]) -> str | None:
    for code in (column.name, column.code):
        if code.strip().casefold() in codes:
            return codes[code.strip().casefold()]
    for text in (column.text, column.option, column.name):
        if text and key(text) in texts:
            return texts[key(text)]
    return None


def _propose(
    sheet: Questionnaire, grid: Grid, header: int, rest: list[Column], taken: Collection[str],
    said: ColumnMap, columns: tuple[Column, ...],
) -> None:  # fmt: skip
    """Stop for a person where a column that matched nothing resembles an open question."""
    open_questions = {
        key(wording): question.id
        for question in sheet.questions.values()
        if question.id not in taken
        for wording in (*wordings(question.text), question.id)
    }
    likely: dict[str, str] = {}
    for column in rest:
        near = [
            (difflib.SequenceMatcher(None, key(text), wording).ratio(), name)
            for text in {column.text, column.option, column.name} - {""}
            for wording, name in open_questions.items()
        ]
        best = max(near, default=(0.0, ""))
        if best[0] >= _LIKE:
            likely[column.name] = best[1]
    if likely:
        problems = tuple(
            Problem(
                grid.place(header, column.place),
                f'"{column.name}" matches no question; is it {likely[column.name]}?',
                "confirm it in the map",
            )
            for column in rest
            if column.name in likely
        )
        raise Unconfirmed(_map_text(sheet, rest, likely, said), problems)


def _map_text(sheet: Questionnaire, rest: list[Column], likely: Mapping[str, str], said: ColumnMap) -> str:
    """The map to confirm, as YAML."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = [
        "# Columns that matched no question by code or text. Take the ? away where the proposal is right,",
        '# write another id where it is not, or "-" to leave the column out. Then import again with --map.',
        f"map: {sheet.questionnaire}",
        "columns:",
    ]
    lines += [f"  {quoted(name)}: {quoted(target)}" for name, target in said.columns.items()]
    lines += [
        f"  {quoted(c.name)}: {quoted(f'{UNSURE} {likely[c.name]}' if c.name in likely else LEFT_OUT)}"
        for c in rest
    ]
    if said.answers:
        lines.append(f"answers: {json.dumps(said.model_dump()['answers'], ensure_ascii=False)}")
    return "\n".join(lines) + "\n"

"""Strict YAML: what scalars mean, and every form that is refused, with place, words and remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability.errors import DefinitionError
from crm_capability.yaml_files import parse_yaml, read_yaml


def problems(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        parse_yaml(text, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("+12", 12),
        ("-3", -3),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2017-01-01", "2017-01-01"),
        ("1.2.3", "1.2.3"),
        ("9E", "9E"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("0x", "0x"),
        ("'-'", "-"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(scalar: str, value: Any) -> None:
    found = parse_yaml(f"a: {scalar}", "f").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_read_as_one_and_left_to_the_schema_to_refuse() -> None:
    assert math.isnan(parse_yaml("a: .nan", "f").data["a"])


def test_keys_are_words_whatever_they_look_like() -> None:
    assert parse_yaml("{no: 1, 12: 2, true: 3}", "f").data == {"no": 1, "12": 2, "true": 3}


def test_places_point_at_keys_values_and_the_nearest_that_exists() -> None:
    document = parse_yaml("a: 1\nb:\n  - x: 2\n  - y: 3\n", "f.yaml")
    assert str(document.place(("b", 1, "y"))) == "f.yaml:4:8"
    assert str(document.place(("b", 1, "y"), key=True)) == "f.yaml:4:5"
    assert str(document.place(("b", 1, "missing"))) == "f.yaml:4:5"
    assert str(document.place()) == "f.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "f.yaml:1:1: the file is empty (write a definition in it)"),
        ("# only a comment\n", "f.yaml:1:1: the file is empty (write a definition in it)"),
        ("a: 1\nb: 2\na: 3\n", 'f.yaml:3:1: the key "a" stands twice (keep one of them)'),
        ("x:\n  - {k: 1, k: 2}\n", 'f.yaml:2:12: the key "k" stands twice (keep one of them)'),
        ("a:\n\tb: 1\n", "f.yaml:2:1: a tab (use spaces)"),
        ("a: 1\t# why\n", "f.yaml:1:5: a tab (use spaces)"),
        ("a: 1\nframework：crm\n", "f.yaml:2:10: a full-width colon ： (use a colon and a space: “: ”)"),
        ("title： x\n", "f.yaml:1:6: a full-width colon ： (use a colon and a space: “: ”)"),
        ("a: !!python/object:os.system x\n", "f.yaml:1:4: a tag: tag:yaml.org,2002:python/object:os.system (leave it out)"),
        ("a: !mine x\n", "f.yaml:1:4: a tag: !mine (leave it out)"),
        ("a: !!int 5\n", "f.yaml:1:4: a tag: tag:yaml.org,2002:int (leave it out)"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: expected a single document in the stream but found another document (keep one document a file; take out the --- in the middle)"),
        ("a: b: c\n", 'f.yaml:1:5: mapping values are not allowed in this context (put text that holds ": " in quotes)'),
        ("[a, b]: 1\n", "f.yaml:1:1: a key that is not a word (use a plain word)"),
        ("a: &a [*a]\n", "f.yaml:1:1: an alias that holds itself (write the parts out)"),
    ],
)  # fmt: skip
def test_what_is_refused_says_where_what_and_how_to_mend_it(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_unclosed_brackets_and_quotes_are_syntax_problems_with_a_place() -> None:
    for text in ("a: [1, 2\n", 'a: "x\n', "a: {b: 1\n"):
        (problem,) = problems(text)
        assert problem.startswith("f.yaml:")
        assert "(check indentation, quotes and brackets here)" in problem


def test_several_problems_come_together() -> None:
    assert len(problems("a: 1\t\nb:\t2\n")) == 2
    assert len(problems("a: !x 1\nb: !y 2\na: 3\n")) == 3


def test_wide_colons_inside_text_are_text() -> None:
    for text in ('a: "客户：一"\n', "a: |\n  客户：一\n", "a: 客户：一\n", "a: >\n  note：x\n"):
        assert "：" in parse_yaml(text, "f").data["a"]


def test_a_control_character_is_told_with_its_place() -> None:
    assert problems("a: 1\nb: x\0y\n") == [
        "f.yaml:2:5: a character that YAML does not allow: U+0000 (remove it)"
    ]


def test_a_label_of_ten_megabytes_is_refused_with_its_place() -> None:
    long = "x" * 10_000_000
    assert problems(f"title: {{en: A}}\nlist:\n  - {{label: {long}}}\n  - {{label: {long}}}\n") == [
        "f.yaml:3:13: a text of 10,000,000 characters (20,000 at most)",
        "f.yaml:4:13: a text of 10,000,000 characters (20,000 at most)",
    ]
    assert problems(f"? {long}\n: 1\n") == ["f.yaml:1:3: a key of 10,000,000 characters (20,000 at most)"]


def test_aliases_that_explode_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert problems("\n".join(lines)) == ["f.yaml:1:1: aliases that explode (write the parts out)"]


def test_aliases_that_nest_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 1200))]
    (problem,) = problems("\n".join(lines))
    assert "nested" in problem
    assert problem.endswith("(flatten it)")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " + "[" * 5000 + "]" * 5000,
        "- " * 50_000 + "x",
        "{a: " * 3000 + "1" + "}" * 3000,
        "? " * 20_000 + "x",
    ],
)
def test_deep_nesting_is_refused_not_crashed_on(text: str) -> None:
    (problem,) = problems(text)
    assert "nested more than 100 deep (flatten it)" in problem or "check indentation" in problem


def test_ordinary_aliases_are_written_out() -> None:
    assert parse_yaml("a: &x {k: 1}\nb: *x\n", "f").data == {"a": {"k": 1}, "b": {"k": 1}}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a: 客户".encode("utf-16"), "f.yaml:1:1: not UTF-8 text but UTF-16 (save the file as UTF-8)"),
        ("a: 1\nb: 客户".encode("gb18030"), "f.yaml:2:4: not UTF-8 text: byte 0xbf (save the file as UTF-8)"),
        ("a: café".encode("latin-1"), "f.yaml:1:7: not UTF-8 text: byte 0xe9 (save the file as UTF-8)"),
        (b"a: \x00\n", None),
        (b"", "f.yaml:1:1: the file is empty (write a definition in it)"),
    ],
)
def test_wrong_encodings(write: Callable[..., Path], content: bytes, problem: str | None) -> None:
    path = write("f.yaml", content)
    with pytest.raises(DefinitionError) as caught:
        read_yaml(path, "f.yaml")
    if problem is not None:
        assert str(caught.value) == problem


def test_a_byte_order_mark_is_no_problem(write: Callable[..., Path]) -> None:
    assert read_yaml(write("f.yaml", "\ufeffa: 1\n".encode())).data == {"a": 1}


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"gone\.yaml: no such file \(check the path\)"):
        read_yaml(tmp_path / "gone.yaml")
    with pytest.raises(DefinitionError, match=r"a folder, not a file \(name the file inside it\)"):
        read_yaml(tmp_path)


def test_windows_line_ends_and_no_last_line_end(write: Callable[..., Path]) -> None:
    assert read_yaml(write("f.yaml", b"a: 1\r\nb: x\r\nc: z")).data == {"a": 1, "b": "x", "c": "z"}

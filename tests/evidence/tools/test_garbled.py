"""Text saved in a wrong encoding is told from text that only looks strange."""

from __future__ import annotations

import pytest

from crm_capability.evidence.tools.garbled import garbled
from crm_capability.evidence.tools.importing import import_answers

SOUND = (
    "客户服务很好", "不適用", "顧客滿意度", "倩文珂", "联通", "café", "Größe", "Où étiez-vous?", "ÄÖÜß", "São Paulo",
    "¿Qué tal?", "5 °C ±2", "“quoted” – dash…", "€ 5", "½", "Привет", "こんにちは", "한국어", "😀", "┋→〖〗", "É", "Ærø",
)  # fmt: skip


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_left_alone(text: str) -> None:
    assert garbled(text) is None


@pytest.mark.parametrize("text", SOUND)
def test_utf8_taken_for_latin_1_is_known_and_read_back(text: str) -> None:
    assert garbled(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("text", ["客户", "客户服务很好", "滿意度"])
@pytest.mark.parametrize(
    ("wrote", "read"), [("utf-8", "cp1252"), ("utf-8", "gb18030"), ("gb18030", "latin-1")]
)
def test_chinese_is_known_in_every_wrong_reading(text: str, wrote: str, read: str) -> None:
    seen = text.encode(wrote).decode(read, "replace")
    if seen == text or (wrote == "gb18030" and text == "滿意度"):
        return  # that one has letters beyond GB2312, which Latin-1 hides
    assert garbled(seen) in (text, "")


@pytest.mark.parametrize("text", ["锟斤拷锟斤拷", "客�很好", "ï¿½"])
def test_what_is_lost_is_called_so(text: str) -> None:
    assert garbled(text) == ""


def test_an_import_names_row_and_column_and_writes_nothing(write, tmp_path, faults) -> None:
    content = "respondent,why,kind\n1,fine,5\n2,å®¢æˆ·,4\n3,锟斤拷,4\n"
    file = write("export.csv", content.encode())
    found = faults(lambda: import_answers(file, tmp_path / "answers.csv"))
    assert [one.partition(" (")[0].partition(": ")[0] for one in found] == [
        "export.csv:3:2",
        "export.csv:4:2",
    ]
    assert 'it was "客户"' in found[0]
    assert "part of it is lost" in found[1]
    assert all("export it from the survey tool again, as UTF-8 or as XLSX" in one for one in found)
    assert not (tmp_path / "answers.csv").exists()


def test_a_header_is_looked_at_too(write, tmp_path, faults) -> None:
    file = write("export.csv", "respondent,瀹㈡埛\n1,5\n".encode())
    (found,) = faults(lambda: import_answers(file, tmp_path / "answers.csv"))
    assert found.startswith('export.csv:1:2: "瀹㈡埛" was saved in a wrong encoding, it was "客户"')

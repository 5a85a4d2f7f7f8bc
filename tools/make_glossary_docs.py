"""Write docs/glossary.md from reports/glossary.yaml: the project's words in three languages.

python tools/make_glossary_docs.py            writes docs/glossary.md
python tools/make_glossary_docs.py --check    status 1 where it is not up to date
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from crm_capability.definition.glossary import Glossary
from crm_capability.definition.load import read_definition
from crm_capability.methods.model import Text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "glossary.md"
INTRODUCTION = """\
# Glossary

Made by `make docs` from `reports/glossary.yaml`: correct it there. `crm-capability validate --strict`
holds every shipped text to these words.

| English | 简体 | 繁體 | what it means | 含义 | 含義 | not |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    glossary = read_definition(ROOT / "reports" / "glossary.yaml", Glossary).value
    rows = []
    for term in sorted(glossary.terms, key=lambda term: _in(term.title, "en")):
        cells = [_in(term.title, language) for language in ("en", "zh-Hans", "zh-Hant")]
        cells += [_in(term.definition, language) for language in ("en", "zh-Hans", "zh-Hant")]
        cells.append("; ".join(word for words in term.avoid.values() for word in words))
        rows.append("| " + " | ".join(cells) + " |\n")
    return INTRODUCTION + "".join(rows)


def _in(text: Text, language: str) -> str:
    return str(text[language]) if isinstance(text, Mapping) else text


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    if "--check" in arguments:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write docs/sources.md from docs/sources.yaml: each claim of the source documents, and where it is held.

python tools/make_sources_docs.py            writes docs/sources.md
python tools/make_sources_docs.py --check    status 1 where it is not up to date
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from crm_capability.definition.compose import read_framework
from crm_capability.definition.framework import Framework, Group, Measure
from crm_capability.methods.model import Model, Text
from crm_capability.yaml_files import read_yaml

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = ROOT / "docs" / "sources.yaml"
PAGE = ROOT / "docs" / "sources.md"
INTRODUCTION = """\
# Sources

Made by `make docs` from `docs/sources.yaml` and the files in `indicators/`: correct them there. Each
claim that the five source documents make of how customer relationships are judged, in our words, with
the nodes that hold it. Where a document is cut off or has a slip, that is said here and in the note of
the node. Units, bounds and levels are the frameworks' own; each definition gives the reason.
"""


class Claim(Model):
    """Something a document says, and the nodes of one framework that hold it."""

    document: str
    place: str
    claim: str
    holds: tuple[str, ...]
    note: str = ""


class Rule(Model):
    """What a document asks of any system of indicators, and what keeps it."""

    document: str
    place: str
    claim: str
    kept: str


class Sources(Model):
    """The documents and all that is taken from them."""

    documents: dict[str, str]
    claims: dict[str, tuple[Claim, ...]]
    rules: tuple[Rule, ...]


def sources() -> Sources:
    """What docs/sources.yaml says."""
    return Sources.model_validate(read_yaml(CLAIMS).data)


def page() -> str:
    """The page as it should be."""
    found = sources()
    parts = [INTRODUCTION, "\n".join(["## Documents\n", *_documents(found), ""])]
    for name, claims in found.claims.items():
        framework = read_framework(ROOT / "indicators" / f"{name}.yaml").value
        parts.append("\n".join(_chapter(framework, claims)))
    parts.append("\n".join(["## Rules for any system of indicators\n", *_rules(found), ""]))
    return "\n".join(parts)


def unclaimed(framework: Framework, claims: tuple[Claim, ...]) -> list[Measure]:
    """Measures that no claim names, neither themselves nor by a node above them."""
    claimed = {node for claim in claims for node in claim.holds}
    # a claim held by the whole is said in its note, not measured by all of it
    claimed.discard(framework.tree.id)
    return list(_left(framework.tree, claimed))


def _left(node: Group | Measure, claimed: set[str]) -> Iterator[Measure]:
    if node.id in claimed:
        return
    if isinstance(node, Measure):
        yield node
        return
    for child in node.children:
        yield from _left(child, claimed)


def _documents(found: Sources) -> Iterator[str]:
    yield "| document | what it is |"
    yield "|---|---|"
    for name, what in found.documents.items():
        yield f"| {name} | {what} |"


def _chapter(framework: Framework, claims: tuple[Claim, ...]) -> Iterator[str]:
    titles = {node.id: _english(node.title) for _, node, _ in framework.walk()}
    yield f"## {_english(framework.title)}\n"
    yield f"`{framework.framework}` {framework.version}: {len(claims)} claims, {len(framework.measures)} measures.\n"
    yield "| claim | document | held by | note |"
    yield "|---|---|---|---|"
    for claim in claims:
        nodes = ", ".join(f"{titles[node]} (`{node}`)" for node in claim.holds)
        yield f"| {claim.claim} | {claim.document}, {claim.place} | {nodes} | {claim.note} |"
    more = unclaimed(framework, claims)
    if more:
        named = ", ".join(f"{_english(measure.title)} (`{measure.id}`)" for measure in more)
        yield f"\nAdded by the framework, beyond what a document says: {named}."
    yield ""


def _rules(found: Sources) -> Iterator[str]:
    yield "| rule | document | kept by |"
    yield "|---|---|---|"
    for rule in found.rules:
        yield f"| {rule.claim} | {rule.document}, {rule.place} | {rule.kept} |"


def _english(text: Text) -> str:
    return str(text["en"]) if isinstance(text, Mapping) else text


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    if "--check" in arguments:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Every claim of the source documents is held by a node that exists, and every framework has claims."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from crm_capability import load_framework

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORKS = sorted(path.stem for path in (ROOT / "indicators").glob("*.yaml"))


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_sources_docs", ROOT / "tools" / "make_sources_docs.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()
SOURCES = MAKER.sources()


def test_every_framework_has_claims_itself_or_by_what_it_extends() -> None:
    for name in FRAMEWORKS:
        base = (load_framework(name).extends or name).split("@")[0]
        assert base in SOURCES.claims, name
    assert set(SOURCES.claims) <= set(FRAMEWORKS)


@pytest.mark.parametrize("name", sorted(SOURCES.claims))
def test_every_claim_is_held_by_nodes_that_exist(name: str) -> None:
    framework = load_framework(name)
    known = {node.id for _, node, _ in framework.walk()}
    for claim in SOURCES.claims[name]:
        assert claim.document in SOURCES.documents
        assert claim.holds
        assert set(claim.holds) <= known, claim.claim


@pytest.mark.parametrize("name", sorted(SOURCES.claims))
def test_no_indicator_is_without_a_source(name: str) -> None:
    """A measure may be the framework's own; a whole branch of such measures would be invention."""
    framework = load_framework(name)
    added = {measure.id for measure in MAKER.unclaimed(framework, SOURCES.claims[name])}
    for dimension in framework.tree.children:
        below = {node.id for _, node, _ in framework.walk() if node.id in framework.measures}
        here = {name for name in below if _under(dimension, name)}
        assert here - added, dimension.id


def _under(node: object, name: str) -> bool:
    return getattr(node, "id", "") == name or any(
        _under(child, name) for child in getattr(node, "children", ())
    )


def test_every_document_and_every_measure_of_the_core_that_it_names_is_there() -> None:
    cited = {claim.document for claims in SOURCES.claims.values() for claim in claims}
    assert cited == set(SOURCES.documents)
    core = load_framework("crm-capability")
    added = {measure.id for measure in MAKER.unclaimed(core, SOURCES.claims["crm-capability"])}
    noted = {name for name, measure in core.measures.items() if measure.note is not None}
    assert added <= noted, "what the framework adds to the document says so in a note"

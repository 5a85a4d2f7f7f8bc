"""The whole flow on one page: a plan in, a result out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .analysis.advice import advice_tables
from .analysis.again import attributes_table
from .analysis.benchmark import standing_notes, standing_table
from .analysis.certainty import certainty_notes, resampled, with_certainty
from .analysis.comparable import apart_notes, wave_notes
from .analysis.compare import changes_table
from .analysis.diagnostics import diagnostic_tables
from .analysis.findings import findings_table
from .analysis.groups import difference_in_differences
from .analysis.peers import Peers, peers_of
from .analysis.respondents import Respondents
from .analysis.result import Result
from .analysis.robustness import Robustness
from .analysis.sensitivity import plan_sensitivity
from .analysis.shrinkage import shrinkage_notes
from .analysis.trends import trends_table
from .analysis.worth import worth_notes, worth_tables
from .definition.library import shown
from .definition.loaded import LoadedPlan
from .evidence.readings import Evidence, collect, nothing_there
from .methods.model import Text
from .provenance import sha256, versions
from .scoring.assessment import Scored, contributions_table, grades_table, readings_table, score, scores_table
from .tables import read_table

Progress = Callable[[str], None]


def assess(
    loaded: LoadedPlan, progress: Progress = lambda _: None, evidence: Evidence | None = None
) -> Result:
    """Turn a plan's evidence into readings, scores, changes and standing.

    `progress` is told each step as it starts; `evidence` is what was collected already for the same
    sources. Raises EvidenceError with every problem found.
    """
    plan, framework = loaded.plan, loaded.framework

    evidence = evidence or collect(loaded, progress)

    progress("scores")
    fitted = read_table("fitted", loaded.fitted_file) if loaded.fitted_file else None
    units, attributes = list(evidence.units), evidence.attributes
    scored = score(framework, plan, units, evidence.readings, attributes, fitted, evidence.distributions)

    progress("comparisons")
    respondents = Respondents(scored, evidence.samples)
    replicates = resampled(framework, plan, respondents)
    changes = changes_table(respondents, framework, plan, replicates, evidence.apart)
    peers, shrinkage = peers_of(framework, plan, evidence, scored, loaded.pool)
    standing = standing_table(peers, plan.benchmark.minimum_peers if plan.benchmark else 0)

    tables = {
        "readings": readings_table(evidence.readings, scored),
        "scores": with_certainty(scores_table(framework, scored), framework, plan, respondents, replicates),
        "contributions": contributions_table(scored),
        "changes": changes,
        "standing": standing,
        "pairings": evidence.pairings,
        "fitted": scored.fitted,
        **diagnostic_tables(framework, scored, evidence.readings),
    }
    tables |= worth_tables(framework, plan, evidence, scored)
    advice, said = advice_tables(loaded, evidence, scored, peers, tables)
    tables |= advice
    tables["findings"] = findings_table(framework, plan, tables, units=evidence.units)
    if len(trends := trends_table(respondents, plan)):
        tables["trends"] = trends
    if plan.comparison is not None:
        tables["difference_in_differences"] = difference_in_differences(respondents, plan)
    if len(grades := grades_table(scored)):
        tables["grades"] = grades
    if len(evidence.distributions):
        tables["distributions"] = evidence.distributions
    if len(shrinkage):
        tables["shrinkage"] = shrinkage
    if len(attributes := attributes_table(evidence.attributes)):
        tables["attributes"] = attributes
    manifest = _manifest(loaded, evidence, scored, peers)
    manifest["notes"] += [{"node": "", "text": text} for text in shrinkage_notes(shrinkage, plan.unit)]
    manifest["notes"] += said
    manifest["notes"] += certainty_notes(framework, plan, respondents)
    manifest["notes"] += worth_notes(framework, plan, tables)
    if plan.sensitivity is not None:
        progress("sensitivity")
        robustness = plan_sensitivity(loaded, evidence)
        tables |= robustness.tables
        manifest["sensitivity"] = robustness.summary(plan)
    return Result(
        plan, framework, loaded.questionnaires, evidence.units, tables, manifest, loaded.theme, loaded.master
    )


def assess_sensitivity(
    loaded: LoadedPlan,
    progress: Progress = lambda _: None,
    done: Callable[[int, int], None] = lambda some, all: None,
) -> tuple[Robustness, dict[str, Any]]:
    """A plan's sensitivity analysis alone, and what it was made from, for a manifest.

    `progress` is told each step as it starts, `done` how many runs of how many are. Raises
    EvidenceError, and DefinitionError for a plan without `sensitivity`.
    """
    evidence = collect(loaded, progress)
    found = plan_sensitivity(loaded, evidence, done)
    return found, {**_made_from(loaded), "sensitivity": found.summary(loaded.plan)}


def _manifest(loaded: LoadedPlan, evidence: Evidence, scored: Scored, peers: Peers | None) -> dict[str, Any]:
    """What the result was made from, and what to know about it."""
    plan = loaded.plan
    notes = [{"node": node, "text": text} for node, text in (*scored.notes, *apart_notes(evidence.apart))]
    notes += [
        {"node": node, "text": text} for node, text in wave_notes(plan, evidence.readings, evidence.samples)
    ]
    notes += [{"node": "", "text": text} for text in standing_notes(peers, loaded.framework, plan)]
    lacking = nothing_there(evidence.readings, plan.unit)
    return {
        **_made_from(loaded),
        "statements": list(evidence.statements),
        "fitted": scored.fitted.astype(object).where(scored.fitted.notna(), None).to_dict("records"),
        "notes": notes + [{"node": "", "text": text} for text in (*evidence.notes, *lacking)],
        "fictitious": list(evidence.fictitious),
        "excluded": _excluded(loaded),
    }


def _made_from(loaded: LoadedPlan) -> dict[str, Any]:
    """Definitions, versions, inputs. No clock: the same inputs give the same manifest."""
    plan = loaded.plan
    return {
        "assessment": plan.assessment,
        "framework": f"{loaded.framework.framework}@{loaded.framework.version}",
        "versions": versions(),
        "inputs": _inputs(loaded),
        "seed": plan.sensitivity.seed if plan.sensitivity else None,
    }


def _inputs(loaded: LoadedPlan) -> list[dict[str, str]]:
    """Every file that was read, named as the plan names it, with its hash."""
    folder = loaded.definition.path.resolve().parent
    framework = loaded.framework_definition
    paths = [loaded.definition.path, framework.path, *framework.parts]
    paths += [path for path in (loaded.units_file, loaded.fitted_file) if path]
    paths += loaded.weight_files.values()
    paths += [loaded.pool_definition.path] if loaded.pool_definition else []
    paths += loaded.advice.paths
    for source in loaded.sources:
        paths += [source.definition.path] if source.definition else []
        paths += [path for many in source.files.values() for path in many]
    unique = dict.fromkeys(path.resolve() for path in paths)
    return [{"file": shown(path, folder), "sha256": sha256(path)} for path in unique]


def _excluded(loaded: LoadedPlan) -> dict[str, Text]:
    scope = loaded.plan.scope
    return {node: scope.because.get(node, "") for node in scope.exclude}

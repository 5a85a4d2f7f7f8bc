"""Definitions that belong together: those at hand, and the shipped ones that they lean on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import DefinitionError
from ..yaml_files import read_yaml
from .actions import Action, Actions
from .compose import read_framework
from .data_model import DataModel
from .findings import FindingRules
from .framework import Framework
from .glossary import Glossary
from .library import shipped
from .load import Definition, kind_of, read_definition
from .metric_types import Metric
from .metrics import Metrics
from .questionnaire import Question, Questionnaire


@dataclass(frozen=True)
class Bench:
    """The definitions at hand, and the shipped ones around them."""

    given: dict[Path, Definition[Any]]
    around_them: tuple[Definition[Any], ...]

    @classmethod
    def around(cls, paths: Iterable[Path]) -> Bench:
        """The definitions of these files, and what ships beside them."""
        given = {path: definition for path in paths if (definition := _read(path)) is not None}
        known = {path.resolve() for path in given}
        folders = ("questionnaires", "metrics", "actions")
        lent = [path for folder in folders for path in sorted(shipped(folder).glob("*.yaml"))]
        lent += [shipped("reports") / "findings.yaml", shipped("reports") / "glossary.yaml"]
        others = (_read(path) for path in lent if path.resolve() not in known)
        return cls(given, tuple(other for other in others if other is not None))

    def _all(self, kind: type) -> Iterator[Any]:
        for definition in (*self.given.values(), *self.around_them):
            if isinstance(definition.value, kind):
                yield definition.value

    @cached_property
    def glossary(self) -> tuple[Glossary, ...]:
        return tuple(self._all(Glossary))

    def sheets(self, framework: Framework) -> list[Questionnaire]:
        """Questionnaires that ask about a framework: all that they feed is a measure of it, or of
        the one that it was made from."""
        known = {*framework.measures, *framework.left_out}
        return [sheet for sheet in self._all(Questionnaire) if self._asks_about(sheet, known)]

    def _asks_about(self, sheet: Questionnaire, known: set[str]) -> bool:
        fed = {question.feeds for question in sheet.questions.values() if question.feeds is not None}
        strange = fed - known
        # one slip in a sheet does not take the sheet away from its framework
        return not strange or (bool(fed & known) and not any(map(self.knows, strange)))

    def knows(self, measure: str) -> bool:
        """Whether a framework at hand, or a shipped one that none at hand replaces, has this measure."""
        return measure in self._measures_at_hand or measure in self.measures

    @cached_property
    def _measures_at_hand(self) -> set[str]:
        return {name for one in self._all(Framework) for name in (*one.measures, *one.left_out)}

    @cached_property
    def measures(self) -> frozenset[str]:
        """The measures of the frameworks at hand, and of the shipped ones that none at hand replaces."""
        at_hand = {one.framework for one in self._all(Framework)}
        others = (
            _read(path) for path in sorted(shipped("indicators").glob("*.yaml")) if path.stem not in at_hand
        )
        lent = {name for other in others if other is not None for name in other.value.measures}
        return frozenset(self._measures_at_hand | lent)

    def questions(self, framework: Framework) -> dict[str, list[tuple[Questionnaire, Question]]]:
        """The questions that feed each measure."""
        found: dict[str, list[tuple[Questionnaire, Question]]] = {}
        for sheet in self.sheets(framework):
            for question in sheet.questions.values():
                if question.feeds is not None:
                    found.setdefault(question.feeds, []).append((sheet, question))
        return found

    def metrics(self) -> dict[str, list[tuple[Metrics, Metric]]]:
        """The metrics, shipped or given, that feed each measure."""
        found: dict[str, list[tuple[Metrics, Metric]]] = {}
        for metrics in self._all(Metrics):
            for name, (_, metric) in metrics.fed.items():
                found.setdefault(name, []).append((metrics, metric))
        return found

    def moving(self, framework: Framework) -> dict[str, list[Action]]:
        """The actions for the framework, or for the one it extends, that should move each measure."""
        names = {framework.framework, (framework.extends or "").split("@")[0]}
        found: dict[str, list[Action]] = {}
        for actions in self._all(Actions):
            for action in actions.entries if actions.framework in names else ():
                for measure in action.moves:
                    found.setdefault(measure, []).append(action)
        return found

    def finds(self) -> bool:
        """Whether a rule of findings looks at every indicator."""
        places = {rule.at for rules in self._all(FindingRules) for rule in rules.rules}
        return bool(places & {"indicators", "nodes"})


def _read(path: Path) -> Definition[Any] | None:
    kinds: dict[str, Any] = {
        "questionnaire": Questionnaire,
        "metrics": Metrics,
        "actions": Actions,
        "findings": FindingRules,
        "glossary": Glossary,
        "data-model": DataModel,
    }
    try:
        kind = kind_of(read_yaml(path))
        if kind == "framework":
            return read_framework(path)
        return read_definition(path, kinds[kind], str(path)) if kind in kinds else None
    except DefinitionError:
        return None

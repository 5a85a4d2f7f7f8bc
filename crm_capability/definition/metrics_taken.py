"""Some of a metrics file: the measures that a plan wants, and the tables that these need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .metric_types import Growth, Metric, OverEntities, OverFacts, formulas_of
from .metrics import ENTITY_MARK, Metrics, Source


def taken(metrics: Metrics, measures: Iterable[str]) -> Metrics:
    """The file as if it had these measures alone, what they grow from, and no source that they do
    without. A metric that sorts into classes is taken whole."""
    wanted = set(measures)
    keys = {key for name, (key, _) in metrics.fed.items() if wanted & {name, key}}
    for key in tuple(keys):
        metric = metrics.every[key]
        keys |= {metrics.fed[metric.of][0]} if isinstance(metric, Growth) else set()
    sources: set[str] = set()
    for key in keys:
        metric = metrics.every[key]
        if isinstance(metric, Growth):
            continue
        source = metrics.sources[metric.source]
        sources |= {metric.source, *_joined(metrics, source, names_of_metric(metric))}
        sources |= set(_joined(metrics, source, names_of_source(source)))
    return metrics.model_copy(
        update={
            "measures": {key: metric for key, metric in metrics.measures.items() if key in keys},
            "context": {key: metric for key, metric in metrics.context.items() if key in keys},
            "sources": {name: source for name, source in metrics.sources.items() if name in sources},
        }
    )


def names_of_source(source: Source) -> Iterator[str]:
    """The columns by which a source finds and picks its rows."""
    from .expressions import parse  # sqlglot is heavy

    named = (source.time, source.unit, source.key, *(source.pick.last_by if source.pick else ()))
    yield from (name for name in named if name is not None)
    yield from () if source.where is None else parse(source.where, False).columns


def names_of_metric(metric: Metric) -> Iterator[str]:
    """The columns that a metric speaks of."""
    from .expressions import parse

    if isinstance(metric, OverEntities):
        yield metric.entity
    if isinstance(metric, OverFacts) and metric.per is not None:
        yield metric.per
    for _, text, aggregate, of_facts in () if isinstance(metric, Growth) else formulas_of(metric):
        yield from () if of_facts else parse(text, aggregate).columns


def _joined(metrics: Metrics, source: Source, names: Iterable[str]) -> Iterator[str]:
    """The sources that have a column of that name as their own."""
    for name in names:
        entity, mark, _ = name.partition(ENTITY_MARK)
        found = metrics.having(entity) if mark and entity in source.entities else None
        if found is not None:
            yield found[0]

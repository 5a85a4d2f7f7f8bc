"""Metrics: what operational numbers mean (placeholder until the room is furnished)."""
from ..methods.model import Id, Model, Version
class Metrics(Model):
    metrics: Id
    version: Version
    measures: dict = {}
def metrics_problems(definition): return []

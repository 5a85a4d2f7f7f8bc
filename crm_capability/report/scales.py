"""How a measure's raw values become scores, in words."""

from __future__ import annotations

from ..definition.framework import Framework, Measure
from .language import Language


def scale_words(lang: Language, framework: Framework, measure: Measure) -> str:
    """The measure's normalisation as a phrase: "0 at 21 days, 100 at 1 day"."""
    settings = framework.normalisation(measure).model_dump()

    def raw(value: float) -> str:
        digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
        return lang.quantity(value, measure.unit, digits)

    words: dict[str, str] = {
        name: raw(settings[name]) for name in ("worst", "best", "min", "max", "target") if name in settings
    }
    if measure.better == "lower" and "min" in words:
        words["min"], words["max"] = words["max"], words["min"]
    if "points" in settings:
        words["points"] = lang.listing(f"{raw(x)} → {lang.number(y, 0)}" for x, y in settings["points"])
    return lang.say(f"method.scales.{settings['method']}", **words)

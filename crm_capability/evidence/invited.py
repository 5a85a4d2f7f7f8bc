"""How many people were asked, as the plan says it: what a response rate is counted against."""

from __future__ import annotations

from collections.abc import Collection

from ..definition.loaded import Source
from ..definition.plan import Plan, SurveyEvidence
from ..definition.questionnaire import Questionnaire


def invited(sources: Collection[Source], plan: Plan) -> dict[tuple[str, str], int]:
    """Invitations by questionnaire and wave; those of several files add up."""
    found: dict[tuple[str, str], int] = {}
    for source in sources:
        entry = source.entry
        if not isinstance(entry, SurveyEvidence) or entry.invited is None:
            continue
        sheet = source.definition.value if source.definition else None
        assert isinstance(sheet, Questionnaire)
        waves = [entry.wave] if entry.wave else [wave.id for wave in plan.waves]
        asked = entry.invited if isinstance(entry.invited, dict) else dict.fromkeys(waves, entry.invited)
        for wave, count in asked.items():
            key = (sheet.questionnaire, wave)
            found[key] = found.get(key, 0) + count
    return found

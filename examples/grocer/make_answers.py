"""Makes the survey answers of the example. They are fictitious: nobody was asked.

The grocer's data tell what households bought; they do not tell how staff behaved or how long a
complaint took. So that the example shows a whole assessment, this script invents respondents and
lets them fill in the four shipped questionnaires in both waves. The plan marks every one of these
files `fictitious: true`, and the report says so wherever it uses them.

A respondent has an opinion of the company as a whole, one of each measure, and a mood of the
moment, so answers hang together as real ones do; some do not know, some leave out a question, some
tick the same box all the way down. The seed is fixed: the files are the same on every machine.

    python examples/grocer/make_answers.py
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from crm_capability.definition.library import shipped
from crm_capability.definition.load import read_definition
from crm_capability.definition.questionnaire import Maturity, NumberQuestion, Question, Questionnaire

SEED = "grocer-2017"
WAVES = ("before", "after")

# What is to be found: the level in the first wave, and how far it moves to the second.
RATINGS = {
    "staff-attitude": (3.6, 0.25),
    "staff-empathy": (3.3, 0.25),
    "staff-mood-response": (3.0, 0.05),
    "service-innovation": (2.8, 0.35),
    "delivery-flexibility": (3.1, -0.20),
    "ease-to-operate": (3.9, 0.0),
    "ease-to-maintain": (3.7, 0.0),
    "brand-appeal": (3.5, 0.10),
    "brand-reputation": (3.7, 0.0),
    "brand-synergy": (3.0, 0.15),
    "brand-renewal": (3.1, -0.10),
    "complaint-satisfaction": (2.7, 0.60),
    "staff-friendliness": (3.8, 0.10),
    "staff-alertness": (3.3, 0.20),
    "staff-knowledge": (3.5, -0.25),  # many new people behind the counter
}
NUMBERS = {
    "feedback-days": (9.0, -3.0),
    "analysis-days": (8.0, -3.5),
    "warning-days": (14.0, 7.0),
    "development-months": (9.0, 0.0),
    "delivery-days": (3.0, 0.8),
    "sales-channels": (3.0, 0.0),
    "communication-channels": (3.0, 1.0),
    "waiting-minutes": (5.5, -1.5),
    "answer-minutes": (9.0, -1.0),
    "complaint-hours": (72.0, -30.0),
}
# Shares of a whole, ticked as the nearest of a few worded parts.
SHARES = {"analysis-accuracy": (0.78, 0.06), "valuable-analysis-share": (0.35, 0.15)}
# What this company did not ask: its tills count the shops a household uses better than anyone
# remembers them, and it makes nothing to order.
NOT_ASKED = {"channel-use", "custom-lead-days", "custom-breadth"}

# A question about something that happens to few does not apply to the others.
NOT_APPLICABLE = {"complaint-satisfaction": 0.65, "delivery-flexibility": 0.40, "ease-to-maintain": 0.30}
NOT_KNOWN = {"brand-synergy": 0.08, "brand-renewal": 0.06}


@dataclass(frozen=True)
class Audience:
    """Who is asked: how many in a wave, how many of them in both, how they differ."""

    questionnaire: str
    file: str
    letter: str  # begins the ids of its respondents
    people: int
    in_both: int
    lean: float  # employees and managers see the company in a kinder light
    straight_liners: float = 0.0


AUDIENCES = (
    Audience("customer-voice", "customers.csv", "c", 400, 240, 0.0, straight_liners=0.02),
    Audience("employee-voice", "employees.csv", "e", 120, 96, 0.3, straight_liners=0.02),
    Audience("manager-review", "managers.csv", "m", 18, 16, 0.4),
    Audience("expert-review", "experts.csv", "x", 6, 6, -0.2),
)


def write_answers(folder: Path) -> list[Path]:
    """Write one file of answers for each audience, both waves in it. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for audience in AUDIENCES:
        file_name = f"{audience.questionnaire}.yaml"
        sheet = read_definition(shipped("questionnaires") / file_name, Questionnaire).value
        questions = [q for q in sheet.questions.values() if q.feeds and q.feeds not in NOT_ASKED]
        path = folder / audience.file
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["respondent", "wave", *(question.id for question in questions)])
            rows.writerows(_rows(audience, questions))
        files.append(path)
    return files


def _rows(audience: Audience, questions: list[Question]) -> Iterator[list[str]]:
    for wave, name in enumerate(WAVES):
        first = wave * (audience.people - audience.in_both)  # the last ones of a wave come again in the next
        for number in range(first + 1, first + audience.people + 1):
            respondent = f"{audience.letter}{number:03d}"
            yield [respondent, name, *_answers(audience, respondent, wave, questions)]


def _answers(audience: Audience, respondent: str, wave: int, questions: list[Question]) -> Iterator[str]:
    lasting = Random(f"{SEED} {audience.file} {respondent}")  # the same person in both waves
    moment = Random(f"{SEED} {audience.file} {respondent} {wave}")
    opinion = audience.lean + lasting.gauss(0, 0.45)
    of_measure = {measure: lasting.gauss(0, 0.5) for measure in (*RATINGS, *NUMBERS, *SHARES)}
    concerned = {measure: lasting.random() >= share for measure, share in NOT_APPLICABLE.items()}
    same_tick = str(lasting.randint(3, 5)) if lasting.random() < audience.straight_liners else None
    if audience.questionnaire != "customer-voice":
        concerned = {}
    for question in questions:
        measure = question.feeds
        assert measure is not None
        silence, noise = moment.random(), moment.gauss(0, 0.6)
        if isinstance(question, NumberQuestion):
            said = _number(question, measure, wave, of_measure[measure] + noise)
        elif isinstance(question, Maturity) and measure in SHARES:
            said = _share(question, measure, wave, of_measure[measure] + noise)
        else:
            said = _rating(question, measure, wave, opinion + of_measure[measure] + noise)
            if same_tick is not None:
                said = same_tick
            elif not concerned.get(measure, True):
                said = "na"
        if same_tick is None and said != "na":
            if silence < 0.02:
                said = ""
            elif silence < 0.04 + NOT_KNOWN.get(measure, 0.0):
                said = "dk"
        yield said


def _rating(question: Question, measure: str, wave: int, deviation: float) -> str:
    level, move = RATINGS[measure]
    rating = min(5, max(1, round(level + wave * move + deviation)))
    return str(6 - rating if getattr(question, "reverse", False) else rating)


def _number(question: NumberQuestion, measure: str, wave: int, deviation: float) -> str:
    level, move = NUMBERS[measure]
    spread = 0.2 if measure.endswith("channels") else 0.3  # counting is easier than estimating
    guess = (level + wave * move) * (1 + spread * deviation)
    return str(round(max(question.min or 0, guess)))


def _share(question: Maturity, measure: str, wave: int, deviation: float) -> str:
    level, move = SHARES[measure]
    guess = level + wave * move + 0.15 * deviation
    return f"{min((point.value for point in question.levels), key=lambda value: abs(value - guess)):g}"


if __name__ == "__main__":
    for written in write_answers(Path(__file__).resolve().parent / "answers"):
        print(written)

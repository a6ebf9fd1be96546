"""How the problem was approached: in the order of the primary survey, and with an open mind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from holdfast.programs.simulation.engine.facts import FindingRevealed, TreatmentGiven
from holdfast.programs.simulation.review.patterns.pattern import Category, Kind, Pattern, enough
from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.scenario.care import FindingCategory

FIRST_ACTS = 8
WITHIN_S = 300.0
ASSESSMENT_TYPES = 4
GOOD_ANSWERS = {"excellent", "good"}

_PRIMARY = (
    FindingCategory.AIRWAY.value,
    FindingCategory.BREATHING.value,
    FindingCategory.CIRCULATION.value,
)

SYSTEMATIC = Kind(
    name="Systematic assessment",
    category=Category.CLINICAL_REASONING,
    priority=10,
    focus="Keep airway, breathing, circulation as the fixed beginning of every assessment.",
)
DIFFERENTIAL = Kind(
    name="Differential",
    category=Category.CLINICAL_REASONING,
    priority=13,
    focus="Gather several kinds of evidence and say which diagnoses it speaks for and against.",
)


def primary_survey(run: RunSnapshot) -> list[str]:
    """The steps A, B, C (as finding categories) in the order first done, among the first 8 acts in 5 min.

    An act is an assessment that showed something or a treatment; statements alone are none.
    """
    steps: list[str] = []
    for fact in _first_acts(run):
        if isinstance(fact, FindingRevealed) and fact.category in _PRIMARY and fact.category not in steps:
            steps.append(fact.category)
    return steps


def _first_acts(run: RunSnapshot) -> Iterator[FindingRevealed | TreatmentGiven]:
    acts = [fact for fact in run.occurrences if isinstance(fact, FindingRevealed | TreatmentGiven)]
    return (fact for fact in acts[:FIRST_ACTS] if fact.at_s <= WITHIN_S)


def systematic_assessment(runs: Sequence[RunSnapshot]) -> Pattern:
    """A before B before C within the first 8 acts and 5 min; a strength in at least two scenarios."""
    systematic = [run.index for run in runs if tuple(primary_survey(run)) == _PRIMARY]
    data = {"scenarios": systematic, "of": len(runs)}
    if not enough(len(systematic), runs):
        return SYSTEMATIC.absent(data)
    said = f"You worked through airway, breathing, circulation in order in {len(systematic)} of {len(runs)}."
    return SYSTEMATIC.strength(said, data)


def differential(runs: Sequence[RunSnapshot]) -> Pattern:
    """At least 4 kinds of assessment or a well reasoned challenge answer, in at least two scenarios.

    The kinds are the finding categories without the scene; well reasoned is good or excellent.
    """
    kinds = [len({fact.category for fact in run.assessments}) for run in runs]
    reasoned = [any(answer.quality in GOOD_ANSWERS for answer in run.answers) for run in runs]
    broad = [number >= ASSESSMENT_TYPES or good for number, good in zip(kinds, reasoned, strict=True)]
    data = {"assessmentTypes": kinds, "goodReasoning": reasoned}
    if not enough(sum(broad), runs):
        return DIFFERENTIAL.absent(data)
    said = f"In {sum(broad)} of {len(runs)} scenarios you looked widely before settling on one explanation."
    return DIFFERENTIAL.strength(said, data)

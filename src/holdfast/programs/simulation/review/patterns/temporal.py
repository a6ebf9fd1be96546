"""When things were done: from assessment to treatment, ahead of the patient or behind, and checked again."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    Verdict,
    enough,
    follow_ups,
    mean,
    minutes,
    percent,
    share,
    verdict,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot

FIRST_ASSESSMENT_WITHIN_S = 300.0
GAP_S = 180.0
LONG_GAP_S = 300.0
REASSESS_WITHIN_S = 300.0
MINIMUM_TREATMENTS = 2
REASSESS_STRONG, REASSESS_WEAK = 0.7, 0.4

GAP = Kind(
    name="Assessment-to-treatment gap",
    category=Category.TEMPORAL,
    priority=6,
    focus="Start the first treatment while the assessment goes on, once a life threat is recognised.",
)
AHEAD = Kind(
    name="Reactive vs proactive",
    category=Category.TEMPORAL,
    priority=7,
    focus="Anticipate the next deterioration and give the critical treatment before it comes.",
)
REASSESSMENT = Kind(
    name="Reassessment",
    category=Category.TEMPORAL,
    priority=8,
    focus="After each treatment, look again within five minutes and say whether it worked.",
)


def assessment_to_treatment_gap(runs: Sequence[RunSnapshot]) -> Pattern:
    """Mean time from the first assessment to the first treatment, above 180 s; HIGH above 300 s.

    Counted are runs whose first assessment came within 300 s. Treating at once or before assessing is a
    gap of 0; never treating lasts to the end of the run.
    """
    gaps = [gap for run in runs if (gap := _gap(run)) is not None]
    if not gaps:
        return GAP.absent()
    data = {"meanGapS": round(mean(gaps), 1), "gapsS": [round(gap, 1) for gap in gaps]}
    if mean(gaps) <= GAP_S:
        return GAP.absent(data)
    severity = Severity.HIGH if mean(gaps) > LONG_GAP_S else Severity.MODERATE
    said = f"On average {minutes(mean(gaps))} min passed between your first assessment and first treatment."
    return GAP.weakness(severity, said, data)


def _gap(run: RunSnapshot) -> float | None:
    looked = min((fact.at_s for fact in run.assessments), default=None)
    if looked is None or looked >= FIRST_ASSESSMENT_WITHIN_S:
        return None
    treated = min((fact.at_s for fact in run.treatments), default=max(run.duration_s, looked))
    return max(0.0, treated - looked)


def reactive_or_proactive(runs: Sequence[RunSnapshot]) -> Pattern:
    """A critical treatment before the first deterioration, in at least two scenarios (strength).

    The opposite, a deterioration before any critical treatment in at least two scenarios, is a weakness.
    When both hold, the commoner one is said, and neither on a tie. Complications that come in spite of
    good care are not counted as deterioration.
    """
    sides = [side for run in runs if (side := _was_ahead(run)) is not None]
    ahead, behind = sides.count(True), sides.count(False)
    data = {"proactive": ahead, "reactive": behind}
    if enough(ahead, runs) and ahead > behind:
        said = f"In {ahead} of {len(runs)} scenarios you treated the cause before the patient got worse."
        return AHEAD.strength(said, data)
    if enough(behind, runs) and behind > ahead:
        said = f"In {behind} of {len(runs)} scenarios the patient got worse before the critical treatment."
        return AHEAD.weakness(Severity.MODERATE, said, data)
    return AHEAD.absent(data)


def _was_ahead(run: RunSnapshot) -> bool | None:
    worse = (c.at_s for c in run.changes if run.is_worse(c) and not run.is_complication(c))
    critical = run.blueprint.critical_treatments
    given = (fact.at_s for fact in run.treatments if fact.safe and fact.treatment in critical)
    first_worse, first_given = min(worse, default=None), min(given, default=None)
    if first_given is None:
        return None if first_worse is None else False
    return first_worse is None or first_given < first_worse


def reassessment(runs: Sequence[RunSnapshot]) -> Pattern:
    """Share of treatments with an examination in the 5 min after; 0.7 strength, below 0.4 weakness.

    History and scene do not count as examinations. Needs two treatments in the session.
    """
    judged = [
        looked
        for run in runs
        for looked in follow_ups(
            run,
            (fact.at_s for fact in run.treatments),
            [fact.at_s for fact in run.examinations],
            REASSESS_WITHIN_S,
        )
    ]
    if len(judged) < MINIMUM_TREATMENTS:
        return REASSESSMENT.absent({"treatments": len(judged)})
    rate = share(sum(judged), len(judged))
    data = {"treatments": len(judged), "reassessed": sum(judged), "share": rate}
    said = f"You looked again within five minutes after {percent(rate)} of your treatments."
    match verdict(rate, REASSESS_STRONG, REASSESS_WEAK):
        case Verdict.HIGH:
            return REASSESSMENT.strength(said, data)
        case Verdict.LOW:
            return REASSESSMENT.weakness(Severity.MODERATE, said, data)
    return REASSESSMENT.absent(data)

"""What shows only over the whole session: evenness, and the stance towards risk."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    mean,
    percent,
    share,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot

EVEN_BELOW, UNEVEN_ABOVE = 15.0, 25.0
PASSING = 60.0
CONSERVATIVE_ABOVE, AGGRESSIVE_ABOVE = 0.6, 0.4
MINIMUM = 2
_BOLD = {"dose_too_high", "total_exceeded", "too_soon", "contraindicated", "harmful"}

CONSISTENCY = Kind(
    name="Consistency",
    category=Category.META_PATTERNS,
    priority=17,
    focus="Compare your best and your weakest scenario: what was different in how you began?",
)
RISK = Kind(
    name="Risk tolerance",
    category=Category.META_PATTERNS,
    priority=18,
    focus="Weigh aloud what happens if you treat now against what happens if you wait.",
)


def consistency(runs: Sequence[RunSnapshot]) -> Pattern:
    """Coefficient of variation of the runs' scores: below 15 % even, above 25 % uneven.

    Of the overall scores when every run has one, else of the checklist percentages. The deviation is that
    of the runs themselves (divided by n). Even is a strength from a mean of 60 on; evenly low is a
    weakness. Needs two scored runs.
    """
    scores = _scores(runs)
    if len(scores) < MINIMUM:
        return CONSISTENCY.absent()
    average = mean(scores)
    spread = sqrt(mean([(score - average) ** 2 for score in scores]))
    variation = 100 * spread / average if average else 0.0
    data = {"scores": scores, "mean": round(average, 1), "variationPercent": round(variation, 1)}
    listed = ", ".join(f"{score:g}" for score in scores)
    if variation > UNEVEN_ABOVE:
        return CONSISTENCY.weakness(Severity.MODERATE, f"Your results varied widely: {listed}.", data)
    if variation >= EVEN_BELOW:
        return CONSISTENCY.absent(data)
    if average < PASSING:
        return CONSISTENCY.weakness(Severity.MODERATE, f"Your results were evenly low: {listed}.", data)
    return CONSISTENCY.strength(f"You worked at an even level from case to case: {listed}.", data)


def _scores(runs: Sequence[RunSnapshot]) -> list[float]:
    results = [run.score for run in runs]
    overall = [result.overall.score for result in results]
    chosen = overall if None not in overall else [result.checklist.percentage for result in results]
    return [score for score in chosen if score is not None]


def risk_tolerance(runs: Sequence[RunSnapshot]) -> Pattern:
    """Aggressive: over 0.4 of treatments risky. Conservative: over 0.6 of critical ones late or never given.

    Risky is a treatment given with an overdose, a repeat too soon, a contraindicated or a harmful drug.
    Each side needs two treatments to be judged by; if both show, the aggressive one is said.
    """
    held = [timing.late for run in runs for timing in run.score.timing]
    risky = [risk for run in runs for risk in _risks(run)]
    conservative, aggressive = _rate(held), _rate(risky)
    data = {"conservativeShare": conservative, "aggressiveShare": aggressive}
    if aggressive is not None and aggressive > AGGRESSIVE_ABOVE:
        said = f"{percent(aggressive)} of your treatments carried a risk that was not weighed first."
        return RISK.weakness(Severity.HIGH, said, {**data, "stance": "aggressive"})
    if conservative is not None and conservative > CONSERVATIVE_ABOVE:
        said = f"{percent(conservative)} of the treatments these patients needed came late or not at all."
        return RISK.weakness(Severity.MODERATE, said, {**data, "stance": "conservative"})
    return RISK.absent(data)


def _risks(run: RunSnapshot) -> list[bool]:
    bold = {(error.treatment, error.at_s) for error in run.errors if error.kind in _BOLD}
    return [(fact.treatment, fact.at_s) in bold for fact in run.treatments]


def _rate(judged: Sequence[bool]) -> float | None:
    return share(sum(judged), len(judged)) if len(judged) >= MINIMUM else None

"""How thinking held up: order and errors as a run goes on, and the quality of reasoning when asked."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.programs.simulation.review.patterns.clinical_reasoning import GOOD_ANSWERS, primary_survey
from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    enough,
    percent,
    share,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.scenario.vocabulary import Rating

LATE_ERRORS = 2
GOOD_SHARE = 0.6

_POOR = {Rating.SUBOPTIMAL.value, Rating.DANGEROUS.value}

ORGANISATION = Kind(
    name="Information organisation",
    category=Category.COGNITIVE_LOAD,
    priority=11,
    focus="Sum up aloud every few minutes: problem, what was done, what is next.",
)
CHALLENGE = Kind(
    name="Challenge quality",
    category=Category.COGNITIVE_LOAD,
    priority=12,
    focus="When asked why, name the finding, the mechanism and the risk.",
)


def information_organisation(runs: Sequence[RunSnapshot]) -> Pattern:
    """Errors that pile up in the second half of runs, or a lost ABC order; HIGH when both show.

    Errors are medication errors and suboptimal or dangerous decisions (one per moment; a decision that
    merely ran into its deadline is none, since deadlines lie late by design). They pile up when there are
    at least 2 in second halves and more than in first halves. The order is lost when A, B and C,
    as far as they were assessed early, did not come in that order, in at least two scenarios.
    """
    halves = [_errors_by_half(run) for run in runs]
    early, late = sum(half[0] for half in halves), sum(half[1] for half in halves)
    lost = [run.index for run in runs if (steps := primary_survey(run)) != sorted(steps)]
    signs = [late >= LATE_ERRORS and late > early, enough(len(lost), runs)]
    data = {"earlyErrors": early, "lateErrors": late, "orderLostIn": lost}
    if not any(signs):
        return ORGANISATION.absent(data)
    reasons = ("errors came mostly in the second half", "the ABC order was lost at the start")
    said = "Keeping the overview: " + " and ".join(r for r, sign in zip(reasons, signs, strict=True) if sign)
    return ORGANISATION.weakness(Severity.HIGH if all(signs) else Severity.MODERATE, said + ".", data)


def _errors_by_half(run: RunSnapshot) -> tuple[int, int]:
    poor = {fact.at_s for fact in run.decisions if fact.rating in _POOR}
    moments = (poor & run.act_times).union(run.error_times)
    late = sum(moment > run.duration_s / 2 for moment in moments)
    return len(moments) - late, late


def challenge_quality(runs: Sequence[RunSnapshot]) -> Pattern:
    """At least 0.6 of the challenge replies good or excellent (strength); a skipped one counts as a reply."""
    answers = [answer.quality for run in runs for answer in run.answers]
    if not answers:
        return CHALLENGE.absent()
    good = sum(quality in GOOD_ANSWERS for quality in answers)
    data = {"answers": len(answers), "good": good, "share": share(good, len(answers))}
    if good / len(answers) < GOOD_SHARE:
        return CHALLENGE.absent(data)
    said = f"When you were asked to explain your thinking, {percent(good / len(answers))} was well reasoned."
    return CHALLENGE.strength(said, data)

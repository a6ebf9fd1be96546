"""All scores of one run together, and the totals of a session over its runs.

The session's overall score pools the decisions of all runs (each decision weighs the same), it is not
the mean of the runs' scores: a run with one decision must not weigh as much as one with six. Counters
begin anew with each run, so nothing is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.engine.facts import DecisionRated, Occurrence
from holdfast.programs.simulation.scenario.judgement import ChecklistItem
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring.challenges import (
    ChallengeScore,
    challenge_score,
    challenges_of_counts,
)
from holdfast.programs.simulation.scoring.checklist import ChecklistScore, checklist_score
from holdfast.programs.simulation.scoring.decisions import (
    OverallScore,
    decisions_of,
    overall_score,
    score_of_counts,
)
from holdfast.programs.simulation.scoring.rounding import to_tenth
from holdfast.programs.simulation.scoring.safety import (
    ERROR_PENALTY,
    WARNING_PENALTY,
    SafetyScore,
    safety_of,
    safety_score,
)
from holdfast.programs.simulation.scoring.timing import TreatmentTiming, treatment_timings


@dataclass(frozen=True, slots=True)
class RunScore:
    """Every score of one run."""

    overall: OverallScore
    safety: SafetyScore
    checklist: ChecklistScore
    challenges: ChallengeScore
    timing: tuple[TreatmentTiming, ...]
    decisions: tuple[DecisionRated, ...]

    def to_json(self) -> dict[str, Any]:
        """One run of the record: the overall score's keys beside the other scores."""
        return {
            **self.overall.to_json(),
            **self.safety.to_json(),
            **self.challenges.to_json(),
            "checklistResults": self.checklist.to_json(),
            "treatmentTiming": [timing.to_json() for timing in self.timing],
        }


@dataclass(frozen=True, slots=True)
class SessionScore:
    """The scores of a session, pooled over its runs."""

    runs: int
    overall: OverallScore
    safety: SafetyScore
    challenges: ChallengeScore
    actions_completed: int
    actions_missed: int
    checklist_percentage: float | None

    def to_performance_data(
        self, *, total_messages: int, total_duration_s: float, patterns: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The fields of the seed's ``PerformanceData``, and ``notPerformedTotal``.

        Args:
            total_messages: all stored messages of the session.
            total_duration_s: seconds from the session's start to its completion.
            patterns: the pattern analysis in its JSON form, when there was one.
        """
        counts = self.overall.counts
        return {
            "totalMessages": total_messages,
            "totalDuration": total_duration_s,
            "scenariosCompleted": self.runs,
            "overallScore": self.overall.score,
            "optimalTotal": counts[Rating.OPTIMAL],
            "acceptableTotal": counts[Rating.ACCEPTABLE],
            "suboptimalTotal": counts[Rating.SUBOPTIMAL],
            "dangerousTotal": counts[Rating.DANGEROUS],
            "notPerformedTotal": counts[Rating.NOT_PERFORMED],
            "criticalActionsCompleted": self.actions_completed,
            "criticalActionsMissed": self.actions_missed,
            **self.safety.to_json(),
            "challengePointsCount": self.challenges.opened,
            "patternAnalysisResults": patterns,
        }


def score_run(
    checklist: Sequence[ChecklistItem],
    critical_treatments: Sequence[str],
    occurrences: Sequence[Occurrence],
    *,
    error_penalty: float = ERROR_PENALTY,
    warning_penalty: float = WARNING_PENALTY,
) -> RunScore:
    """Every score of one run from the occurrences of that run alone."""
    decisions = decisions_of(occurrences)
    return RunScore(
        overall=overall_score(fact.rating for fact in decisions),
        safety=safety_of(occurrences, error_penalty=error_penalty, warning_penalty=warning_penalty),
        checklist=checklist_score(checklist, occurrences),
        challenges=challenge_score(occurrences),
        timing=treatment_timings(critical_treatments, checklist, occurrences),
        decisions=decisions,
    )


def score_session(
    runs: Sequence[RunScore],
    *,
    error_penalty: float = ERROR_PENALTY,
    warning_penalty: float = WARNING_PENALTY,
) -> SessionScore:
    """The totals over `runs`; the safety penalty applies to all errors and warnings of the session.

    Without a run there is no safety score: nothing was done that could be called safe.
    """
    errors = sum(run.safety.errors for run in runs)
    warnings = sum(run.safety.warnings for run in runs)
    safety = safety_score(errors, warnings, error_penalty=error_penalty, warning_penalty=warning_penalty)
    points = sum(run.checklist.points for run in runs)
    maximum = sum(run.checklist.maximum for run in runs)
    return SessionScore(
        runs=len(runs),
        overall=_pooled_decisions(runs),
        safety=SafetyScore(safety if runs else None, errors, warnings),
        challenges=_pooled_challenges(runs),
        actions_completed=sum(len(run.checklist.completed) for run in runs),
        actions_missed=sum(len(run.checklist.missed) for run in runs),
        checklist_percentage=to_tenth(100 * points, maximum) if maximum else None,
    )


def _pooled_decisions(runs: Sequence[RunScore]) -> OverallScore:
    counts: Counter[Rating] = Counter()
    for run in runs:
        counts.update(run.overall.counts)
    return score_of_counts(counts)


def _pooled_challenges(runs: Sequence[RunScore]) -> ChallengeScore:
    counts: Counter[str] = Counter()
    for run in runs:
        counts.update(run.challenges.counts)
    return challenges_of_counts(sum(run.challenges.opened for run in runs), counts)

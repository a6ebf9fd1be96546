"""Scores of a run and of a session, computed from the occurrences that are stored as rows.

Here belongs every number that says how well something was done: decisions, safety, checklist,
timing of critical treatments, challenge answers, and the totals of a session. What the numbers mean
for a student is told by ``review``. A score without anything scored is ``None``, never zero.
"""

from holdfast.programs.simulation.scoring.challenges import ChallengeScore, challenge_score
from holdfast.programs.simulation.scoring.checklist import (
    ChecklistLevel,
    ChecklistScore,
    CompletedItem,
    MissedItem,
    checklist_score,
)
from holdfast.programs.simulation.scoring.decisions import (
    AUTOMATIC_DECISION,
    Band,
    OverallScore,
    band_of,
    decisions_of,
    overall_score,
    score_of_counts,
)
from holdfast.programs.simulation.scoring.safety import SafetyScore, safety_of, safety_score
from holdfast.programs.simulation.scoring.timing import (
    TimingLabel,
    TreatmentTiming,
    asked_treatments,
    critical_treatments_of,
    timing_label,
    treatment_timings,
)
from holdfast.programs.simulation.scoring.totals import RunScore, SessionScore, score_run, score_session

__all__ = [
    "AUTOMATIC_DECISION",
    "Band",
    "ChallengeScore",
    "ChecklistLevel",
    "ChecklistScore",
    "CompletedItem",
    "MissedItem",
    "OverallScore",
    "RunScore",
    "SafetyScore",
    "SessionScore",
    "TimingLabel",
    "TreatmentTiming",
    "asked_treatments",
    "band_of",
    "challenge_score",
    "checklist_score",
    "critical_treatments_of",
    "decisions_of",
    "overall_score",
    "safety_of",
    "safety_score",
    "score_of_counts",
    "score_run",
    "score_session",
    "timing_label",
    "treatment_timings",
]

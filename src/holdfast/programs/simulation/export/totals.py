"""What a student's record comes to: scores over all decisions, and how far the student came. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from holdfast.programs.simulation.export.batch import Who
from holdfast.programs.simulation.export.entries import microseconds
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring.decisions import WEIGHTS, OverallScore, score_of_counts
from holdfast.programs.simulation.scoring.rounding import to_tenth
from holdfast.programs.simulation.stored import Columns as Record


def overview(who: Who, m: Record, runs: Sequence[Record]) -> dict[str, Any]:
    """A student in the overview."""
    begun, ended = m["started_at"], m["completed_at"]
    return dict(who.identity) | {
        "student_id": who.student_id,
        "ab_group": who.arm,
        "cohort": who.cohort,
        "session_id": m["session_id"],
        "session_started": microseconds(begun),
        "session_completed": microseconds(ended),
        "session_status": m["status"],
        "session_complete": m["status"] == "COMPLETED",
        "simulation_sessions": m["sessions"] or 0,
        "challenge_points_enabled": m["challenge_points_enabled"],
        "scenarios_assigned": m["scenarios_assigned"],
        "scenarios_completed": sum(run["status"] == "COMPLETED" for run in runs),
        "total_duration_s": (ended - begun).total_seconds() if ended else None,
        "total_messages": m["total_messages"],
        "student_messages": m["student_messages"],
        "student_words": m["student_words"],
        "time_scale": m["time_scale"],
    }


def score_of(decisions: Iterable[Record]) -> OverallScore:
    """The score over some decisions by their ratings."""
    return score_of_counts(Counter(Rating(decision["rating"]) for decision in decisions))


def scores(score: OverallScore, name: str) -> dict[str, Any]:
    """A score under its name, with its counts, and with decisions that were not performed counted as 0."""
    counts = {f"{rating.value}_decisions": number for rating, number in score.counts.items()}
    came_up = sum(score.counts.values())
    points = sum(weight * score.counts[rating] for rating, weight in WEIGHTS.items())
    with_zero = to_tenth(points, came_up) if came_up else None
    return counts | {name: score.score, "total_cdps": score.total, "score_not_performed_zero": with_zero}

"""Outcomes that Holdfast defines itself, so that a plan may name one without spelling it out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMED: Mapping[str, Mapping[str, Any]] = {
    "overall_score": {
        "kind": "score",
        "table": "performance_metrics",
        "column": "overall_score",
        "label": "Overall performance score",
        "definition": (
            "Mean weight (optimal 100, acceptable 75, suboptimal 50, dangerous 0) over the critical "
            "decisions that a student made: the score that students and instructors see, hence the default. "
            "Decisions that were not performed are in neither numerator nor denominator, so the number of "
            "decisions behind a score may depend on the arm; score_not_performed_zero is its companion. A "
            "student without any scored decision has no score: missing, not zero."
        ),
        "unit": "points",
        "better": "higher",
        "low": 0.0,
        "high": 100.0,
    },
    "score_not_performed_zero": {
        "kind": "score",
        "table": "performance_metrics",
        "column": "score_not_performed_zero",
        "label": "Overall score, decisions not performed counted as 0",
        "definition": (
            "Mean weight over all critical decisions that came up, with those not performed at weight 0, so "
            "that the denominator does not depend on what a student did. Missing when none came up."
        ),
        "unit": "points",
        "better": "higher",
        "low": 0.0,
        "high": 100.0,
    },
    "safety_score": {
        "kind": "score",
        "table": "performance_metrics",
        "column": "safety_score",
        "label": "Safety score",
        "definition": "As the scoring rules of the simulation say; missing when nothing was scored.",
        "unit": "points",
        "better": "higher",
        "low": 0.0,
        "high": 100.0,
    },
    "medication_errors": {
        "kind": "count",
        "table": "performance_metrics",
        "column": "medication_errors",
        "label": "Medication errors",
        "definition": "Medication errors in all scenarios, as a rate per completed scenario.",
        "unit": "errors per completed scenario",
        "better": "lower",
        "low": 0.0,
        "exposure": "scenarios_completed",
    },
    "dangerous_decisions": {
        "kind": "count",
        "table": "performance_metrics",
        "column": "dangerous_decisions",
        "label": "Dangerous decisions",
        "definition": "Critical decisions rated dangerous, as a rate per completed scenario.",
        "unit": "decisions per completed scenario",
        "better": "lower",
        "low": 0.0,
        "exposure": "scenarios_completed",
    },
    "critical_actions_missed": {
        "kind": "count",
        "table": "performance_metrics",
        "column": "critical_actions_missed",
        "label": "Critical actions missed",
        "definition": "Critical actions that were not done, as a rate per completed scenario.",
        "unit": "actions per completed scenario",
        "better": "lower",
        "low": 0.0,
        "exposure": "scenarios_completed",
    },
    "completion": {
        "kind": "binary",
        "table": "students_overview",
        "column": "session_complete",
        "label": "Completed the session",
        "definition": (
            "Whether the session was completed. Nobody who was allocated is missing: "
            "who has no session has not completed one."
        ),
        "better": "higher",
    },
    "scenario_score": {
        "kind": "repeated",
        "table": "scenario_performance",
        "column": "score",
        "label": "Score per scenario",
        "definition": (
            "The scores of a student's scenarios, as the mean of that student; scenarios without a scored "
            "decision are missing."
        ),
        "unit": "points",
        "better": "higher",
        "low": 0.0,
        "high": 100.0,
    },
    "duration": {
        "kind": "score",
        "table": "students_overview",
        "column": "total_duration_s",
        "label": "Duration of the session",
        "definition": "Seconds from start to end of the session; missing when it did not end.",
        "unit": "seconds",
        "low": 0.0,
    },
}
"""By name; a plan may overrule each field."""

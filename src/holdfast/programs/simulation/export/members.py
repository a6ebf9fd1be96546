"""Students and their totals: one row for each student who was allocated, begun or not."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.programs.simulation.export.variables import (
    ARM,
    COHORT,
    DECISION_COUNTS,
    SESSION,
    STUDENT,
    count,
    score,
    seconds,
)

_NO_SESSION = "no session was begun, or not recorded"
_NO_RUN = "no scenario was begun, or not recorded"

STATUSES = {
    "IN_PROGRESS": "under way",
    "PAUSED": "paused",
    "COMPLETED": "completed",
    "ABANDONED": "ended without completion",
}

OVERVIEW = Table(
    name="students_overview",
    sheet="Student Overview",
    one_row_is="a student",
    key=("student_id",),
    variables=(
        STUDENT,
        Variable("student_code", Kind.DIRECT, "Readable code of the student"),
        Variable("student_name", Kind.DIRECT, "Name", missing="not recorded"),
        Variable("student_email", Kind.DIRECT, "E-mail address", missing="none was given"),
        ARM,
        COHORT,
        count("cohort_order", "Number of the cohort in the order of first enrolment, from 0", "not known"),
        Variable(
            "cluster", Kind.CATEGORY, "Class or site within which students are alike", missing="none recorded"
        ),
        SESSION,
        count("enrolment_order", "Number of the allocation within the cohort, from 0"),
        count("allocation_block", "Block of the allocation within the cohort, from 0"),
        Variable("registered_at", Kind.MOMENT, "When the student registered", missing="not recorded"),
        Variable("consented_at", Kind.MOMENT, "When the student consented", missing="not recorded"),
        Variable("consent_version", Kind.TEXT, "Version of the consent text", missing="not recorded"),
        Variable("session_started", Kind.MOMENT, "Start of the session", missing=_NO_SESSION),
        Variable(
            "session_completed", Kind.MOMENT, "Completion of the session", missing="it was not completed"
        ),
        Variable(
            "session_status", Kind.CATEGORY, "Where the session stands", values=STATUSES, missing=_NO_SESSION
        ),
        Variable("session_complete", Kind.BOOLEAN, "The session was completed; no when none was begun"),
        count("simulation_sessions", "Sessions of the student; only the first one is in the data"),
        Variable("challenge_points_enabled", Kind.BOOLEAN, "Had challenge points", missing=_NO_SESSION),
        count("scenarios_assigned", "Scenarios of the session", _NO_SESSION),
        count("scenarios_completed", "Scenarios played to their end; 0 when none was begun"),
        seconds("total_duration_s", "From start to completion of the session", "it was not completed"),
        count("total_messages", "Messages of both sides", _NO_SESSION),
        count("student_messages", "Messages of the student", _NO_SESSION),
        count("student_words", "Words in the student's messages", _NO_SESSION),
        Variable(
            "time_scale",
            Kind.NUMBER,
            "Clinical seconds for each second by the clock",
            low=0,
            missing=_NO_SESSION,
        ),
    ),
)

PERFORMANCE = Table(
    name="performance_metrics",
    sheet="Overall Performance",
    one_row_is="a student",
    key=("student_id",),
    variables=(
        STUDENT,
        ARM,
        COHORT,
        SESSION,
        score("overall_score", "Mean weight of the rated decisions", "no decision was rated"),
        Variable("performance_level", Kind.TEXT, "The overall score in words", missing="no score"),
        score(
            "score_not_performed_zero", "The same with decisions not performed at 0", "no decision came up"
        ),
        *DECISION_COUNTS,
        count("instructor_ratings", "Decisions that an instructor rated", _NO_RUN),
        count("medication_errors", "Medication errors", _NO_RUN),
        count("medication_warnings", "Medication warnings", _NO_RUN),
        count("safety_violations", "Medication errors and other violations that were counted", _NO_RUN),
        score("safety_score", "100 less 15 for each medication error and 5 for each warning", _NO_RUN),
        count("critical_actions_count", "Rows of the critical actions timeline", _NO_RUN),
        count("critical_actions_completed", "Critical actions of the checklists that were done", _NO_RUN),
        count(
            "critical_actions_missed",
            "Critical actions of completed scenarios that were not done",
            "no scenario was completed",
        ),
        score(
            "checklist_percentage", "Points of the checklists that could be had", "no scenario was completed"
        ),
        count("challenge_points_count", "Challenge points that were put to the student", _NO_RUN),
        score("challenge_score", "Mean quality of the answers to challenge points", "none was answered"),
    ),
)

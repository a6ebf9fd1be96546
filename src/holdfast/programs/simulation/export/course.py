"""What happened at the bedside: scenarios, actions, medications, challenges, decisions, states, signs."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.programs.simulation.export.variables import (
    ARM,
    DECISION_COUNTS,
    ELAPSED,
    MOMENT,
    RATINGS,
    SCENARIO,
    SCENARIO_NUMBER,
    SESSION,
    STUDENT,
    count,
    ordered,
    score,
    seconds,
    sequence,
    vital_signs,
)

_PLACE = (STUDENT, SESSION, SCENARIO_NUMBER, SCENARIO)
_KEY = ("student_id", "scenario_number", "sequence")
_DOSE = (
    Variable("dose", Kind.NUMBER, "Amount of one administration", low=0, missing="not stated"),
    Variable("dose_unit", Kind.CATEGORY, "Unit of the dose", missing="not stated"),
    Variable("route", Kind.CATEGORY, "Route of administration", missing="not stated"),
)

SCENARIOS = Table(
    name="scenario_performance",
    sheet="Scenario Performance",
    one_row_is="a scenario that a student began",
    key=("student_id", "scenario_number"),
    variables=(
        STUDENT,
        SESSION,
        ARM,
        SCENARIO_NUMBER,
        SCENARIO,
        Variable("scenario_title", Kind.TEXT, "Title of the scenario", missing="not recorded"),
        Variable("scenario_version", Kind.TEXT, "Version of the scenario", missing="not recorded"),
        Variable("engine_version", Kind.TEXT, "Version of the rules", missing="not recorded"),
        Variable(
            "scenario_status",
            Kind.CATEGORY,
            "Where the scenario stands",
            values={"RUNNING": "not played to its end", "COMPLETED": "played to its end"},
            missing="not recorded",
        ),
        Variable("started_at", Kind.MOMENT, "Start of the scenario", missing="not recorded"),
        Variable(
            "completed_at", Kind.MOMENT, "End of the scenario", missing="not completed, or not recorded"
        ),
        seconds("duration_s", "Clinical time that was played"),
        score("score", "Mean weight of the rated decisions", "no decision was rated"),
        score(
            "score_not_performed_zero", "The same with decisions not performed at 0", "no decision came up"
        ),
        *DECISION_COUNTS,
        count("medication_errors", "Medication errors"),
        count("medication_warnings", "Medication warnings"),
        score("safety_score", "100 less 15 for each medication error and 5 for each warning", "not recorded"),
        count("critical_actions_completed", "Critical actions of the checklist that were done"),
        count("critical_actions_missed", "Critical actions that were not done", "the scenario has not ended"),
        score(
            "checklist_percentage", "Points of the checklist that could be had", "the scenario has not ended"
        ),
        count("challenge_points_count", "Challenge points that were put to the student"),
        score("challenge_score", "Mean quality of the answers to challenge points", "none was answered"),
        Variable("final_state", Kind.CATEGORY, "Last state of the patient", missing="not recorded"),
        Variable("outcome", Kind.CATEGORY, "How the scenario ended", missing="it has not ended"),
        *vital_signs("final_", ", last recorded"),
    ),
)

CRITICAL_ACTIONS = Table(
    name="critical_actions_timeline",
    sheet="Critical Actions",
    one_row_is="an entry of the critical actions log",
    key=_KEY,
    variables=(
        *_PLACE,
        sequence("entry"),
        ELAPSED,
        MOMENT,
        Variable("action_type", Kind.CATEGORY, "What sort of entry", missing="not recorded"),
        Variable("action_name", Kind.TEXT, "What was done or happened", missing="not recorded"),
        Variable("category", Kind.CATEGORY, "Category of a checklist action", missing="does not apply"),
        *_DOSE,
        ordered("rating", "Rating of a decision", RATINGS, "does not apply"),
        Variable("quality", Kind.CATEGORY, "Quality of an answer to a challenge", missing="does not apply"),
        Variable("on_time", Kind.BOOLEAN, "A checklist action was done in time", missing="does not apply"),
        Variable("points", Kind.NUMBER, "Points of a checklist action", low=0, missing="does not apply"),
        Variable("details", Kind.TEXT, "Everything else of the entry, as JSON", missing="nothing else"),
    ),
)

MEDICATIONS = Table(
    name="medications_administered",
    sheet="Medications",
    one_row_is="an administration of a medication",
    key=_KEY,
    variables=(
        *_PLACE,
        sequence("administration"),
        ELAPSED,
        MOMENT,
        Variable("medication_id", Kind.TEXT, "Id of the medication", missing="not recorded"),
        Variable("medication", Kind.TEXT, "Name of the medication", missing="not recorded"),
        *_DOSE,
        Variable("impact", Kind.CATEGORY, "What it does for this patient", missing="not recorded"),
        Variable("medication_error", Kind.BOOLEAN, "The administration was an error", missing="not recorded"),
    ),
)

MEDICATION_EVENTS = Table(
    name="medication_events",
    sheet="Medication Errors",
    one_row_is="a medication error or warning",
    key=_KEY,
    variables=(
        *_PLACE,
        sequence("event"),
        ELAPSED,
        MOMENT,
        ordered(
            "severity",
            "Error or warning",
            {"warning": "needs attention", "error": "a medication error"},
            "not recorded",
        ),
        Variable("event_kind", Kind.CATEGORY, "What was wrong", missing="not recorded"),
        Variable("medication_id", Kind.TEXT, "Id of the medication", missing="not recorded"),
        Variable("medication", Kind.TEXT, "Name of the medication", missing="not recorded"),
        Variable("reason", Kind.TEXT, "Why it is one", missing="not recorded"),
    ),
)

CHALLENGES = Table(
    name="challenge_points_usage",
    sheet="Challenge Points",
    one_row_is="a challenge point that was put to a student",
    key=("student_id", "challenge_number"),
    variables=(
        STUDENT,
        ARM,
        SESSION,
        Variable("challenge_number", Kind.INTEGER, "Order within the session, from 1", low=1),
        SCENARIO_NUMBER,
        SCENARIO,
        Variable("challenge_id", Kind.TEXT, "The challenge", missing="not recorded"),
        Variable("challenge_text", Kind.TEXT, "The question", missing="not recorded"),
        Variable("context", Kind.TEXT, "What it was about", missing="not recorded"),
        ELAPSED,
        MOMENT,
        Variable("answered", Kind.BOOLEAN, "Answered or skipped", missing="not recorded"),
        Variable("skipped", Kind.BOOLEAN, "Skipped", missing="not answered"),
        seconds("response_s", "Clinical time from the question to the answer", "not answered"),
        ordered(
            "quality",
            "Quality of the answer",
            {
                "excellent": "at least 75 % of the expected thoughts",
                "good": "at least 50 %",
                "basic": "at least 25 %",
                "poor": "fewer",
                "skipped": "the student skipped it",
            },
            "not answered",
        ),
        count("concepts_found", "Expected thoughts that the answer has", "not answered"),
        count("concepts_expected", "Expected thoughts", "not answered"),
        Variable("response", Kind.FREE_TEXT, "The student's answer", missing="not answered"),
    ),
)

DECISIONS = Table(
    name="cdp_evaluations",
    sheet="CDP Evaluations",
    one_row_is="a critical decision point that was rated",
    key=_KEY,
    variables=(
        *_PLACE,
        sequence("decision"),
        ELAPSED,
        MOMENT,
        Variable("cdp_id", Kind.TEXT, "The decision point", missing="not recorded"),
        Variable("cdp_title", Kind.TEXT, "Its title", missing="not recorded"),
        ordered("rating", "The rating that counts", RATINGS, "not recorded"),
        Variable(
            "weight",
            Kind.NUMBER,
            "Weight of the rating in the score",
            unit="points",
            low=0,
            high=100,
            missing="not performed: does not count",
        ),
        Variable(
            "rated_by",
            Kind.CATEGORY,
            "Who rated it",
            values={"rules": "the rules", "instructor": "an instructor, in place of the rules"},
            missing="not recorded",
        ),
        Variable("explanation", Kind.FREE_TEXT, "Why it was rated so", missing="not recorded"),
    ),
)

VITAL_SIGNS = Table(
    name="vital_signs",
    sheet="Vital Signs",
    one_row_is="a record of the vital signs",
    key=_KEY,
    variables=(
        *_PLACE,
        sequence("record"),
        ELAPSED,
        MOMENT,
        *vital_signs(),
        Variable("patient_state", Kind.CATEGORY, "State of the patient", missing="not recorded"),
    ),
)

STATES = Table(
    name="state_history",
    sheet="State History",
    one_row_is="a change of the patient's state",
    key=_KEY,
    variables=(
        *_PLACE,
        sequence("change"),
        ELAPSED,
        MOMENT,
        Variable("previous_state", Kind.CATEGORY, "State before", missing="the first state, or not recorded"),
        Variable("state", Kind.CATEGORY, "State after", missing="not recorded"),
        Variable("reason", Kind.TEXT, "What brought it about", missing="not recorded"),
        *vital_signs(),
    ),
)

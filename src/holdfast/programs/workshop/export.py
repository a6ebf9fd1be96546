"""What the workshop offers to research: one row for each session and step, without names or secrets."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.store.statements import Statement, load

statements = load("holdfast.programs.workshop")

_NO_STEP = "a session without any step"


def _seconds(name: str, label: str, missing: str = "") -> Variable:
    return Variable(name, Kind.INTEGER, label, unit="seconds", low=0, missing=missing)


STEPS = Table(
    name="workshop_steps",
    sheet="Workshop Steps",
    one_row_is="a step of a workshop session; a session without any has one row",
    key=("student_id", "session_id", "step_number"),
    variables=(
        Variable("student_id", Kind.IDENTIFIER, "The student", names="student"),
        Variable("session_id", Kind.IDENTIFIER, "The session", names="session"),
        Variable("workshop_id", Kind.TEXT, "The workshop"),
        Variable("workshop_version", Kind.TEXT, "Its version"),
        Variable("total_steps", Kind.INTEGER, "Steps of the workshop", low=1),
        Variable(
            "status",
            Kind.CATEGORY,
            "Where the session stands",
            values={
                "IN_PROGRESS": "under way",
                "PAUSED": "paused",
                "COMPLETED": "completed",
                "ABANDONED": "ended without completion",
            },
        ),
        Variable("started_at", Kind.MOMENT, "Start of the session"),
        Variable("completed_at", Kind.MOMENT, "When the last step passed", missing="not all have passed"),
        Variable("last_activity", Kind.MOMENT, "Last thing that happened in the session"),
        Variable("demo_mode", Kind.BOOLEAN, "Without real accounts"),
        Variable("current_step", Kind.INTEGER, "Furthest step reached; 0 before the first", low=0),
        Variable("completion_rate", Kind.INTEGER, "Steps that have passed", unit="percent", low=0, high=100),
        _seconds("total_time_spent", "Time on passed steps"),
        Variable("call_direction", Kind.CATEGORY, "Inbound or outbound", missing="not chosen"),
        Variable("tts_provider", Kind.CATEGORY, "Speech provider that was chosen", missing="not chosen"),
        Variable("bug_reports_count", Kind.INTEGER, "Bug reports in the session", low=0),
        Variable("step_number", Kind.INTEGER, "Step, from 1", low=1, missing=_NO_STEP),
        Variable("step_started_at", Kind.MOMENT, "First report about the step", missing=_NO_STEP),
        Variable("step_completed_at", Kind.MOMENT, "When the step first passed", missing="it has not"),
        _seconds("time_spent", "Time on the step, by the client's clock", _NO_STEP),
        Variable("attempts", Kind.INTEGER, "Reports about the step", low=0, missing=_NO_STEP),
        Variable("validation_passed", Kind.BOOLEAN, "The step has passed", missing=_NO_STEP),
    ),
)

OFFERS: tuple[tuple[Table, Statement], ...] = ((STEPS, statements.research_sessions),)
"""Each table with the statement that yields its columns for some enrolments."""

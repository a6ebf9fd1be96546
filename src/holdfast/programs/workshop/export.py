"""What the workshop offers to research: one row for each session and step, without names or secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.programs.workshop.stored import statements
from holdfast.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the dataset.

    Attributes:
        type: ``text``, ``integer``, ``number``, ``boolean``, ``moment`` (aware, UTC) or ``id``.
        meaning: for the codebook, with the unit.
    """

    name: str
    type: str
    meaning: str


COLUMNS: Sequence[Column] = (
    Column("session_id", "id", "the session"),
    Column("student_id", "id", "the student; to be pseudonymised"),
    Column("enrolment_id", "id", "the enrolment, which knows cohort and arm"),
    Column("workshop_id", "text", "which workshop"),
    Column("workshop_version", "text", "its version"),
    Column("total_steps", "integer", "number of steps of the workshop"),
    Column("status", "text", "IN_PROGRESS, PAUSED, COMPLETED, ABANDONED or VOID"),
    Column("started_at", "moment", "start of the session"),
    Column("completed_at", "moment", "when the last step passed; missing when not all have"),
    Column("last_activity", "moment", "last thing that happened in the session"),
    Column("demo_mode", "boolean", "without real accounts"),
    Column("current_step", "integer", "furthest step reached, counted from 1; 0 before the first"),
    Column("completion_rate", "integer", "percent of steps passed, 0 to 100"),
    Column("total_time_spent", "integer", "seconds on passed steps"),
    Column("call_direction", "text", "inbound or outbound"),
    Column("tts_provider", "text", "speech provider that was chosen"),
    Column("bug_reports_count", "integer", "bug reports in the session"),
    Column("step_number", "integer", "step, counted from 1; missing in a session without any"),
    Column("step_started_at", "moment", "first report about the step"),
    Column("step_completed_at", "moment", "when the step first passed"),
    Column("time_spent", "integer", "seconds on the step, by the client's clock"),
    Column("attempts", "integer", "reports about the step"),
    Column("validation_passed", "boolean", "whether the step has passed"),
)

ROWS: Statement = statements.research_sessions
"""Yields the columns for one cohort (``cohort_id``); those who withdrew consent are left out."""

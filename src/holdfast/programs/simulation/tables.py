"""Declarations of the simulation's tables; each row carries the student it belongs to."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from holdfast.core.tables import session_key, student_key, student_of_session
from holdfast.store.schema.declarations import metadata, moment, one_of, stamped, words

_RUN = ["holdfast.simulation_runs.session_id", "holdfast.simulation_runs.scenario_index"]


def _of_run(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["session_id", "scenario_index"], _RUN, ondelete="CASCADE", name=f"{table}_run_fkey"
    )


scenarios = Table(
    "scenarios",
    metadata,
    Column("content_hash", Text, primary_key=True, comment="SHA-256 of the canonical document"),
    words("scenario_id"),
    words("version"),
    words("title"),
    words("origin", comment="shipped or imported"),
    Column("document", JSONB, nullable=False),
    stamped(),
    Index("scenarios_scenario_id_created_at_idx", "scenario_id", "created_at"),
    CheckConstraint(one_of("origin", "shipped", "imported"), name="origin"),
)

simulation_sessions = Table(
    "simulation_sessions",
    metadata,
    Column(
        "session_id",
        Text,
        ForeignKey("holdfast.sessions.session_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    student_key(),
    words("phase", comment="coach, ready, scenario, between, review_due, review, complete"),
    words("current_agent"),
    Column("scenario_queue", ARRAY(Text), nullable=False, comment="as the client or the plan names them"),
    Column("current_scenario_index", Integer, nullable=False),
    Column("challenge_points_enabled", Boolean, nullable=False),
    Column("seed", BigInteger, nullable=False, comment="of the coach's questions and of the runs"),
    Column("coach", JSONB, nullable=False),
    Column("review", JSONB),
    Column("pattern_analysis", JSONB),
    Column("time_scale", Double, nullable=False, comment="clinical seconds per second"),
    Column("outages_count", Boolean, nullable=False, comment="does the clinical clock run through outages"),
    stamped(),
    stamped("updated_at"),
    CheckConstraint(
        one_of("phase", "coach", "ready", "scenario", "between", "review_due", "review", "complete"),
        name="phase",
    ),
    CheckConstraint("time_scale > 0", name="time_scale"),
    CheckConstraint(one_of("current_agent", "cognitive_coach", "core_agent", "aar_agent"), name="agent"),
    Index("simulation_sessions_student_id_idx", "student_id"),
)

simulation_runs = Table(
    "simulation_runs",
    metadata,
    session_key(),
    Column("scenario_index", Integer, nullable=False),
    student_key(),
    words("scenario_id"),
    Column("content_hash", Text, ForeignKey("holdfast.scenarios.content_hash"), nullable=False),
    words("engine_version"),
    Column("seed", BigInteger, nullable=False),
    Column("time_scale", Double, nullable=False),
    words("status"),
    stamped("started_at"),
    moment("ended_at"),
    moment("as_of", required=True, comment="the moment at which elapsed_s was right"),
    Column("elapsed_s", Double, nullable=False, comment="clinical seconds at as_of"),
    Column("downtime_s", Double, nullable=False, comment="outages outside pauses, up to as_of"),
    Column("paused_s", Double, nullable=False, comment="the session's ended pauses at as_of"),
    words("state", comment="the engine's state, as JSON; replaying the actions gives the same"),
    Column(
        "state_id",
        Uuid,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="names this very state: who holds the state of this id need not read it",
    ),
    Column("actions_count", Integer, nullable=False),
    Column("occurrences_count", Integer, nullable=False),
    words("final_state", required=False),
    words("outcome", required=False),
    Column("performance", JSONB, comment="the scores of this run, once it is complete"),
    PrimaryKeyConstraint("session_id", "scenario_index"),
    CheckConstraint(one_of("status", "RUNNING", "COMPLETED"), name="status"),
    Index("simulation_runs_student_id_idx", "student_id"),
    Index("simulation_runs_content_hash_idx", "content_hash"),
    postgresql_with={"fillfactor": "50"},
)

simulation_actions = Table(
    "simulation_actions",
    metadata,
    words("session_id"),
    Column("scenario_index", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False, comment="0-based order within the run"),
    student_of_session(),
    Column(
        "batch", Integer, nullable=False, comment="the ordinal of the first action given together with it"
    ),
    Column("at_s", Double, nullable=False, comment="clinical seconds"),
    words("kind"),
    words("target"),
    Column("known", Boolean, nullable=False),
    Column("dose", Double),
    words("unit", required=False),
    words("route", required=False),
    Column("phrases", ARRAY(Text), nullable=False),
    words("text"),
    Column("message_seq", Integer, comment="the message it came with; none for a structured action"),
    stamped(),
    PrimaryKeyConstraint("session_id", "scenario_index", "ordinal"),
    _of_run("simulation_actions"),
)

simulation_occurrences = Table(
    "simulation_occurrences",
    metadata,
    words("session_id"),
    Column("scenario_index", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False, comment="0-based order within the run"),
    student_of_session(),
    Column("at_s", Double, nullable=False, comment="clinical seconds"),
    words("type", comment="the engine's name of it, such as treatment_given"),
    words("subject", required=False, comment="the treatment, finding, decision or state it is about"),
    Column("detail", JSONB, nullable=False, comment="every field of the engine's record"),
    Column("message_seq", Integer, comment="the message after which it came to light"),
    stamped(),
    PrimaryKeyConstraint("session_id", "scenario_index", "ordinal"),
    _of_run("simulation_occurrences"),
)

vital_signs = Table(
    "vital_signs",
    metadata,
    words("session_id"),
    Column("scenario_index", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    student_of_session(),
    Column("at_s", Double, nullable=False, comment="clinical seconds"),
    Column("heart_rate", Double, comment="1/min"),
    Column("respiratory_rate", Double, comment="1/min"),
    Column("spo2", Double, comment="percent"),
    Column("systolic", Double, comment="mmHg"),
    Column("diastolic", Double, comment="mmHg"),
    Column("temperature", Double, comment="degrees Celsius"),
    Column("gcs", Double, comment="3 to 15"),
    Column("glucose", Double, comment="mmol/L"),
    Column("pain", Double, comment="0 to 10"),
    words("patient_state"),
    stamped(),
    PrimaryKeyConstraint("session_id", "scenario_index", "ordinal"),
    _of_run("vital_signs"),
)

performance = Table(
    "performance",
    metadata,
    Column(
        "session_id",
        Text,
        ForeignKey("holdfast.sessions.session_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    student_key(),
    Column("total_messages", Integer, nullable=False),
    Column("total_duration", Double, nullable=False, comment="seconds from start to completion"),
    Column("scenarios_completed", Integer, nullable=False),
    Column("overall_score", Double, comment="0 to 100; null when nothing was rated"),
    Column("optimal_total", Integer, nullable=False),
    Column("acceptable_total", Integer, nullable=False),
    Column("suboptimal_total", Integer, nullable=False),
    Column("dangerous_total", Integer, nullable=False),
    Column("not_performed_total", Integer, nullable=False),
    Column("critical_actions_completed", Integer, nullable=False),
    Column("critical_actions_missed", Integer, nullable=False),
    Column("medication_error_count", Integer, nullable=False),
    Column("medication_warning_count", Integer, nullable=False),
    Column("safety_score", Double, comment="0 to 100; null when no scenario was played"),
    Column("challenge_points_count", Integer, nullable=False),
    Column("pattern_analysis_results", JSONB),
    stamped(),
    Index("performance_student_id_idx", "student_id"),
    Index("performance_overall_score_idx", "overall_score"),
)

instructor_judgements = Table(
    "instructor_judgements",
    metadata,
    session_key(),
    Column("scenario_index", Integer, nullable=False),
    words("decision", comment="a critical decision point that no rule rates"),
    student_key(),
    words("rating"),
    words("explanation"),
    words("judged_by"),
    stamped(),
    PrimaryKeyConstraint("session_id", "scenario_index", "decision"),
    CheckConstraint(
        one_of("rating", "optimal", "acceptable", "suboptimal", "dangerous", "not_performed"), name="rating"
    ),
    _of_run("instructor_judgements"),
    Index("instructor_judgements_student_id_idx", "student_id"),
)

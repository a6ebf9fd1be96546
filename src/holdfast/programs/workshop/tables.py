"""Declarations of the workshop's tables, under the seed's column names.

Start, end of life and completion of a session stand in the shared table ``sessions``. What a
workshop adds hangs on it by session id: the token is a secret and never a key of another table.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from holdfast.core.tables import student_key
from holdfast.store.schema.declarations import metadata, moment, one_of, stamped, words

workshop_definitions = Table(
    "workshop_definitions",
    metadata,
    Column("content_hash", Text, primary_key=True, comment="SHA-256 of the canonical document"),
    words("workshop_id"),
    words("version"),
    words("title"),
    Column("total_steps", SmallInteger, nullable=False),
    Column("document", JSONB, nullable=False),
    stamped(),
    Index("workshop_definitions_workshop_id_idx", "workshop_id"),
    CheckConstraint("total_steps BETWEEN 1 AND 100", name="total_steps"),
)

workshop_profiles = Table(
    "workshop_profiles",
    metadata,
    Column(
        "student_id",
        Uuid,
        ForeignKey("holdfast.students.student_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    words("twilio_account_sid", required=False, comment="names the account; it is not a secret"),
    words("github_username", required=False),
    stamped(),
    stamped("updated_at"),
)

workshop_sessions = Table(
    "workshop_sessions",
    metadata,
    Column(
        "session_id",
        Text,
        ForeignKey("holdfast.sessions.session_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    student_key(),
    Column("definition_hash", Text, ForeignKey("holdfast.workshop_definitions.content_hash"), nullable=False),
    words("session_token", comment="secret: opens this session; never a foreign key, never exported"),
    Column(
        "is_active",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="false once it was deactivated; whether a session is open is told by its status and end",
    ),
    Column("demo_mode", Boolean, nullable=False, server_default=text("false")),
    stamped("last_activity", comment="as in sessions; here too because it is indexed here"),
    Column(
        "current_step",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="the furthest step reached, counted from 1; 0 before the first",
    ),
    Column(
        "total_time_spent",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="seconds on passed steps",
    ),
    Column(
        "completion_rate", Integer, nullable=False, server_default=text("0"), comment="percent of all steps"
    ),
    words("use_case_description", required=False),
    words("call_direction", required=False),
    words("selected_phone_number", required=False),
    words("tts_provider", required=False),
    words("selected_voice", required=False),
    words("openai_api_key", required=False, comment="secret: sealed, never readable here"),
    words("system_prompt", required=False),
    words("ivr_greeting", required=False),
    Column("tools", JSONB, nullable=False, server_default=text("'[]'")),
    Column("voice_settings", JSONB, nullable=False, server_default=text("'{}'")),
    words("websocket_url", required=False),
    words("codespace_url", required=False),
    words("github_repo_url", required=False),
    words("railway_url", required=False),
    Column("bug_reports", JSONB, nullable=False, server_default=text("'[]'"), comment="at most 100"),
    stamped(),
    stamped("updated_at"),
    UniqueConstraint("session_token"),
    CheckConstraint("session_token <> ''", name="session_token"),
    CheckConstraint("current_step >= 0", name="current_step"),
    CheckConstraint("total_time_spent >= 0", name="total_time_spent"),
    CheckConstraint("completion_rate BETWEEN 0 AND 100", name="completion_rate"),
    CheckConstraint(one_of("call_direction", "inbound", "outbound"), name="call_direction"),
    # A key in plain text is refused by the table itself.
    CheckConstraint("openai_api_key LIKE 'sealed:%'", name="openai_api_key"),
    CheckConstraint("jsonb_typeof(tools) = 'array'", name="tools"),
    CheckConstraint("jsonb_typeof(voice_settings) = 'object'", name="voice_settings"),
    CheckConstraint("jsonb_typeof(bug_reports) = 'array'", name="bug_reports"),
    Index("workshop_sessions_student_id_idx", "student_id"),
    Index("workshop_sessions_definition_hash_idx", "definition_hash"),
    # Whom a step holds up, and what has expired: both look among active sessions only.
    Index("workshop_sessions_active_idx", "last_activity", postgresql_where=text("is_active")),
)

step_progress = Table(
    "step_progress",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column(
        "session_id",
        Text,
        ForeignKey("holdfast.workshop_sessions.session_id", ondelete="CASCADE"),
        nullable=False,
    ),
    student_key(),
    Column("step_number", Integer, nullable=False, comment="counted from 1"),
    words("step_name", comment="as the client calls it, or else the definition"),
    stamped("started_at"),
    moment("completed_at", comment="when it was first passed; null when an older system did not say"),
    Column("time_spent", BigInteger, nullable=False, server_default=text("0"), comment="seconds in all"),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="reports about this step"),
    Column(
        "validation_passed",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="once true, always true",
    ),
    words("code_submitted", required=False, comment="the newest"),
    words("deployment_url", required=False, comment="the newest"),
    stamped(),
    stamped("updated_at"),
    UniqueConstraint("session_id", "step_number"),
    CheckConstraint("step_number >= 1", name="step_number"),
    CheckConstraint("time_spent >= 0", name="time_spent"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index("step_progress_student_id_idx", "student_id"),
)

"""Declarations of the shared tables. Foreign keys cascade from the student to everything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from holdfast.store.schema.declarations import TransactionId, metadata, moment, one_of, stamped, words


def student_key(*, required: bool = True) -> Column[Any]:
    """The student a row belongs to; the row goes when the student goes."""
    return Column(
        "student_id",
        Uuid,
        ForeignKey("holdfast.students.student_id", ondelete="CASCADE"),
        nullable=not required,
    )


def session_key(*, required: bool = True) -> Column[Any]:
    """The session a row belongs to; the row goes when the session goes."""
    return Column(
        "session_id",
        Text,
        ForeignKey("holdfast.sessions.session_id", ondelete="CASCADE"),
        nullable=not required,
    )


def student_of_session() -> Column[Any]:
    """The student whose session a row belongs to, in tables that grow with every turn.

    Without a foreign key and an index of its own: such a row is written by the statement that reads the
    student from the session, and goes with its session, which goes with the student. Each further key
    would be checked for every row of every turn.
    """
    return Column("student_id", Uuid, nullable=False, comment="of the session")


students = Table(
    "students",
    metadata,
    Column("student_id", Uuid, primary_key=True),
    words("student_code", comment="readable, unique; what people write down"),
    words("name"),
    words("email", required=False, comment="lower case"),
    stamped(),
    stamped("updated_at"),
    UniqueConstraint("student_code"),
    UniqueConstraint("email"),
)

student_identities = Table(
    "student_identities",
    metadata,
    words("system", comment="the outside system or token issuer that knows the student"),
    words("external_id"),
    student_key(),
    stamped(),
    PrimaryKeyConstraint("system", "external_id"),
    Index("student_identities_student_id_idx", "student_id"),
)

erased_identities = Table(
    "erased_identities",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True, comment="HMAC-SHA-256 of system and external id"),
    Column("key_id", LargeBinary, nullable=False, comment="which key made the fingerprint"),
    stamped(),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    words("email", comment="lower case"),
    words("name"),
    words("role"),
    words("password_hash", required=False, comment="argon2id; none means that only tokens work"),
    moment("disabled_at"),
    stamped(),
    stamped("updated_at"),
    UniqueConstraint("email"),
    CheckConstraint(one_of("role", "instructor", "researcher", "admin"), name="role"),
)

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("version", Text, primary_key=True),
    words("text", comment="what was shown to the person who consented; never changed"),
    stamped(),
)

cohorts = Table(
    "cohorts",
    metadata,
    Column("cohort_id", Uuid, primary_key=True),
    words("name"),
    words("join_code"),
    Column("arms", ARRAY(Text), nullable=False, comment="names of the study groups, usually A and B"),
    Column("block_size", SmallInteger, nullable=False, comment="a multiple of the number of arms"),
    Column("allocation_seed", BigInteger, nullable=False),
    Column("next_allocation", Integer, nullable=False, server_default=text("0")),
    Column("plan", JSONB, nullable=False, server_default=text("'{}'")),
    words("consent_version", required=False, comment="the text that newcomers consent to"),
    stamped(),
    stamped("updated_at"),
    UniqueConstraint("name"),
    UniqueConstraint("join_code"),
    CheckConstraint("cardinality(arms) >= 1", name="arms"),
    CheckConstraint("block_size > 0 AND block_size % cardinality(arms) = 0", name="block_size"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("enrolment_id", Uuid, primary_key=True),
    student_key(),
    Column("cohort_id", Uuid, ForeignKey("holdfast.cohorts.cohort_id", ondelete="CASCADE"), nullable=False),
    words("arm"),
    Column("allocation_number", Integer, nullable=False, comment="0-based order of allocation"),
    words("consent_version", required=False),
    moment("consented_at"),
    moment("withdrawn_at", comment="consent withdrawn: kept for care, left out of research"),
    stamped(),
    stamped("updated_at"),
    words("cluster", required=False, comment="class or site within which students are alike"),
    UniqueConstraint("cohort_id", "student_id"),
    UniqueConstraint("cohort_id", "allocation_number"),
    Index("enrolments_student_id_idx", "student_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    student_key(),
    Column(
        "enrolment_id",
        Uuid,
        ForeignKey("holdfast.enrolments.enrolment_id", ondelete="CASCADE"),
        nullable=True,
    ),
    words("program"),
    words("status"),
    stamped("started_at"),
    stamped("last_activity"),
    moment("completed_at"),
    moment("expires_at", comment="extended by outages: see downtime_s"),
    Column(
        "downtime_s", Double, nullable=False, server_default=text("0"), comment="outages before the start"
    ),
    moment("paused_at"),
    Column("paused_s", Double, nullable=False, server_default=text("0"), comment="seconds of ended pauses"),
    Column("pause_downtime_s", Double, comment="all outages up to the moment the present pause began"),
    Column("paused_outage_s", Double, nullable=False, server_default=text("0"), comment="outages in pauses"),
    Column("version", Integer, nullable=False, server_default=text("0"), comment="moves with every change"),
    Column("last_seq", Integer, nullable=False, server_default=text("0"), comment="newest message"),
    Column("turn_owner", Uuid, comment="who is answering the newest message"),
    moment("turn_until", comment="until when that claim holds"),
    CheckConstraint(
        one_of("status", "IN_PROGRESS", "PAUSED", "COMPLETED", "ABANDONED", "VOID"), name="status"
    ),
    Index("sessions_student_id_idx", "student_id"),
    Index("sessions_enrolment_id_idx", "enrolment_id"),
    Index("sessions_program_started_at_idx", "program", "started_at"),
    # BRIN does not stop heap-only updates, so a turn may move the time of last activity cheaply.
    Index("sessions_last_activity_idx", "last_activity", postgresql_using="brin"),
    postgresql_with={"fillfactor": "70"},
)

messages = Table(
    "messages",
    metadata,
    session_key(),
    Column("seq", Integer, nullable=False, comment="1-based order within the session"),
    student_of_session(),
    words("role"),
    words("agent", comment="who speaks or is spoken to"),
    Column("part", Integer, comment="which scenario run of the session, 0-based"),
    words("content"),
    Column("clinical_s", Double, comment="clinical seconds into the run"),
    Column("reply_to", Integer, comment="the student's message that this answers"),
    words("client_key", required=False, comment="the client's idempotency key"),
    Column("answer", JSONB, comment="what the client was answered beside the content"),
    stamped(),
    PrimaryKeyConstraint("session_id", "seq"),
    CheckConstraint(one_of("role", "user", "assistant"), name="role"),
    Index(
        "messages_client_key_key",
        "session_id",
        "client_key",
        unique=True,
        postgresql_where=text("client_key IS NOT NULL"),
    ),
    Index(
        "messages_reply_to_key",
        "session_id",
        "reply_to",
        unique=True,
        postgresql_where=text("reply_to IS NOT NULL"),
    ),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("txid", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    student_key(required=False),
    Column("session_id", Text, comment="no foreign key: the trail outlives a deleted session"),
    words("actor", comment="role and id, such as student:…"),
    words("type", comment="what happened, past tense"),
    words("object", required=False, comment="what it happened to"),
    words("result", required=False),
    Column("data", JSONB),
    stamped(),
    Index("events_txid_idx", "txid"),
    Index("events_session_id_idx", "session_id"),
    Index("events_student_id_idx", "student_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    words("owner", comment="the subject of the caller's token, or public"),
    words("key"),
    student_key(required=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, comment="the HTTP status of the first answer"),
    Column("answer", JSONB),
    stamped(),
    PrimaryKeyConstraint("owner", "key"),
    Index("idempotency_keys_student_id_idx", "student_id"),
    Index("idempotency_keys_created_at_idx", "created_at", postgresql_using="brin"),
)

access_links = Table(
    "access_links",
    metadata,
    Column("link_hash", LargeBinary, primary_key=True, comment="SHA-256 of the secret in the link"),
    student_key(),
    words("created_by"),
    moment("expires_at", required=True),
    moment("used_at"),
    stamped(),
    Index("access_links_student_id_idx", "student_id"),
)

service_clock = Table(
    "service_clock",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    moment("beat_at", required=True, comment="when some process last said that the service is up"),
    Column("downtime_s", Double, nullable=False, comment="seconds of all recorded outages"),
    CheckConstraint("id = 1", name="one_row"),
)

outages = Table(
    "outages",
    metadata,
    Column("outage_id", Uuid, primary_key=True),
    moment("began_at", required=True),
    moment("ended_at", required=True),
    Column("seconds", Double, nullable=False),
)

chores = Table(
    "chores",
    metadata,
    Column("name", Text, primary_key=True),
    moment("begun_at", comment="by whichever process claimed it; null after a failure"),
    moment("done_at", comment="null until it is done for the first time"),
)

model_usage = Table(
    "model_usage",
    metadata,
    Column("usage_id", Uuid, primary_key=True),
    student_key(),
    session_key(required=False),
    Column("seq", Integer, comment="the message that was answered"),
    words("agent"),
    words("provider"),
    words("model"),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("latency_s", Double, nullable=False),
    words("outcome", comment="whose words were used, or silence"),
    Column("cost_usd", Numeric(12, 6), comment="null when the model's price is not known"),
    stamped(),
    Index("model_usage_session_id_idx", "session_id"),
    Index("model_usage_student_id_idx", "student_id"),
)

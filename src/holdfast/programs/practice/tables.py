"""Declarations of the practice tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from holdfast.core.tables import session_key, student_key, student_of_session
from holdfast.store.schema.declarations import metadata, moment, one_of, stamped, words

_COUNTED = ("topics", "vocabulary_learned", "areas_to_improve")
_SCORES = ("pronunciation_score", "fluency_score", "grammar_score")


def _array(name: str, comment: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'"), comment=comment)


def _result_key() -> Column[Any]:
    return Column(
        "session_result_id",
        Uuid,
        ForeignKey("holdfast.session_results.session_result_id", ondelete="CASCADE"),
        nullable=False,
    )


session_results = Table(
    "session_results",
    metadata,
    Column("session_result_id", Uuid, primary_key=True),
    student_key(),
    session_key(),
    words("session_type"),
    Column("duration_seconds", Integer, nullable=False),
    Column("words_spoken", Integer, nullable=False, server_default=text("0")),
    *(Column(name, Double, comment="0 to 100; null when it was not scored") for name in _SCORES),
    *(_array(name, "trimmed and case-folded: what is counted") for name in _COUNTED),
    *(_array(f"{name}_spelled", "the same phrases as they are shown, side by side") for name in _COUNTED),
    Column("metadata", JSONB, nullable=False, server_default=text("'{}'")),
    stamped(),
    stamped("updated_at"),
    UniqueConstraint("session_id"),
    CheckConstraint(one_of("session_type", "conversation", "pronunciation", "roleplay"), name="session_type"),
    CheckConstraint("duration_seconds >= 0", name="duration_seconds"),
    CheckConstraint("words_spoken >= 0", name="words_spoken"),
    *(CheckConstraint(f"{name} >= 0 AND {name} <= 100", name=name) for name in _SCORES),
    *(CheckConstraint(f"cardinality({n}) = cardinality({n}_spelled)", name=n) for n in _COUNTED),
    # Newest first with a tie-breaker; history, statistics and warm-up all read along it.
    Index(
        "session_results_student_id_created_at_idx",
        "student_id",
        text("created_at DESC"),
        text("session_result_id DESC"),
    ),
    *(Index(f"session_results_{name}_idx", name, postgresql_using="gin") for name in _COUNTED),
)

vocabulary_cards = Table(
    "vocabulary_cards",
    metadata,
    student_key(),
    words("word", comment="trimmed and case-folded"),
    words("spelled", comment="as it was last shown"),
    Column("stability", Double, nullable=False, comment="days until recall has fallen to 0.9"),
    Column("difficulty", Double, nullable=False, comment="1 to 10"),
    moment("due_at", required=True),
    moment("reviewed_at", required=True),
    Column("reviews", Integer, nullable=False, comment="how often it has come up"),
    stamped(),
    PrimaryKeyConstraint("student_id", "word"),
    Index("vocabulary_cards_student_id_due_at_idx", "student_id", "due_at", "word"),
)

vocabulary_reviews = Table(
    "vocabulary_reviews",
    metadata,
    _result_key(),
    words("word"),
    student_of_session(),
    Column("rating", SmallInteger, nullable=False, comment="1 again, 2 hard, 3 good, 4 easy"),
    Column("rated", Boolean, nullable=False, comment="false: it came up again, and nobody rated it"),
    moment("reviewed_at", required=True),
    PrimaryKeyConstraint("session_result_id", "word"),
    CheckConstraint("rating >= 1 AND rating <= 4", name="rating"),
)

practice_standings = Table(
    "practice_standings",
    metadata,
    student_key(),
    Column("sessions", Integer, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("words_spoken", BigInteger, nullable=False),
    Column("words_learned", Integer, nullable=False, comment="different words"),
    Column("streak_days", Integer, nullable=False, comment="days in a row (UTC) up to last_day"),
    Column("last_day", Date),
    PrimaryKeyConstraint("student_id"),
)

practice_milestones = Table(
    "practice_milestones",
    metadata,
    student_key(),
    words("milestone", comment="such as sessions_10"),
    _result_key(),
    stamped("reached_at"),
    PrimaryKeyConstraint("student_id", "milestone"),
    Index("practice_milestones_session_result_id_idx", "session_result_id"),
)

practice_shares = Table(
    "practice_shares",
    metadata,
    Column("share_id", Uuid, primary_key=True),
    student_key(),
    moment("expires_at", required=True),
    moment("revoked_at"),
    stamped(),
    Index("practice_shares_student_id_idx", "student_id"),
)

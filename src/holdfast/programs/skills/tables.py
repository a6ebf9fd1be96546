"""Declarations of the skills' tables, under the seed's names where it has one.

A transcript or game session belongs to one student; its turns and events carry the student without a
key of their own, because they go with what they belong to. Evidence goes with its assessment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from holdfast.core.tables import student_key
from holdfast.programs.skills.assessment import EvidenceKind
from holdfast.programs.skills.skill import Skill
from holdfast.store.schema.declarations import metadata, moment, one_of, stamped, words


def _of_input(comment: str) -> Column[Any]:
    return Column("student_id", Uuid, nullable=False, comment=comment)


def _input_key(name: str, table: str) -> Column[Any]:
    target = f"holdfast.{table}.{name}"
    return Column(name, Uuid, ForeignKey(target, ondelete="CASCADE"), nullable=False)


student_profiles = Table(
    "student_profiles",
    metadata,
    Column(
        "student_id",
        Uuid,
        ForeignKey("holdfast.students.student_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    words("first_name", required=False),
    words("last_name", required=False),
    Column("grade_level", SmallInteger, comment="school year, 0 (before the first) to 13"),
    words("school_id", required=False),
    Column("birth_date", Date),
    words("external_id", required=False, comment="as the school's own system calls the student"),
    Column("demographics", JSONB, nullable=False, server_default=text("'{}'")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    stamped(),
    stamped("updated_at"),
    CheckConstraint("grade_level BETWEEN 0 AND 13", name="grade_level"),
    CheckConstraint("jsonb_typeof(demographics) = 'object'", name="demographics"),
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("transcript_id", Uuid, primary_key=True),
    student_key(),
    words("source", comment="where it was recorded, such as classroom"),
    words("language", comment="BCP 47, such as en"),
    words("speaker", comment="under which name the student speaks in it"),
    moment("recorded_at", comment="when it began; null when nobody knows"),
    words("content_hash", comment="SHA-256 of what came in: the same input is stored once"),
    stamped(),
    UniqueConstraint("student_id", "content_hash"),
)

transcript_turns = Table(
    "transcript_turns",
    metadata,
    _input_key("transcript_id", "transcripts"),
    Column("seq", Integer, nullable=False, comment="1-based order"),
    _of_input("of the transcript"),
    words("speaker"),
    Column("begins_s", Double, comment="seconds into the recording"),
    Column("ends_s", Double, comment="seconds into the recording"),
    words("content"),
    PrimaryKeyConstraint("transcript_id", "seq"),
)

game_sessions = Table(
    "game_sessions",
    metadata,
    Column("game_session_id", Uuid, primary_key=True),
    student_key(),
    words("game"),
    moment("started_at", comment="null when nobody knows"),
    Column("ends_s", Double, comment="seconds from the start; null means with the last event"),
    words("content_hash", comment="SHA-256 of what came in: the same input is stored once"),
    stamped(),
    UniqueConstraint("student_id", "content_hash"),
    CheckConstraint("ends_s >= 0", name="ends_s"),
)

game_telemetry = Table(
    "game_telemetry",
    metadata,
    _input_key("game_session_id", "game_sessions"),
    Column("seq", Integer, nullable=False, comment="1-based order"),
    _of_input("of the game session"),
    words("event_type"),
    Column("at_s", Double, nullable=False, comment="seconds into the session"),
    Column("data", JSONB, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("game_session_id", "seq"),
)

linguistic_features = Table(
    "linguistic_features",
    metadata,
    _input_key("transcript_id", "transcripts"),
    Column("version", Integer, nullable=False, comment="of the extraction"),
    student_key(),
    Column("features", JSONB, nullable=False, comment="name to number"),
    stamped(),
    PrimaryKeyConstraint("transcript_id", "version"),
    Index("linguistic_features_student_id_created_at_idx", "student_id", "created_at"),
)

behavioral_features = Table(
    "behavioral_features",
    metadata,
    _input_key("game_session_id", "game_sessions"),
    Column("version", Integer, nullable=False, comment="of the extraction"),
    student_key(),
    Column("features", JSONB, nullable=False, comment="name to number"),
    stamped(),
    PrimaryKeyConstraint("game_session_id", "version"),
    Index("behavioral_features_student_id_created_at_idx", "student_id", "created_at"),
)

skill_assessments = Table(
    "skill_assessments",
    metadata,
    Column("id", Uuid, primary_key=True),
    student_key(),
    words("skill_type"),
    Column("score", Double, nullable=False, comment="0 to 1"),
    Column("confidence", Double, nullable=False, comment="0 to 1"),
    words("reasoning"),
    words("recommendations", required=False, comment="one to a line"),
    words("feature_importance", required=False, comment="text that holds JSON, as in the backup format"),
    stamped(),
    stamped("updated_at"),
    CheckConstraint(one_of("skill_type", *Skill), name="skill_type"),
    CheckConstraint("score BETWEEN 0 AND 1", name="score"),
    CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
    # One index serves the newest of a skill, a student's list and course, and the delete with the student.
    Index("skill_assessments_student_id_skill_type_created_at_idx", "student_id", "skill_type", "created_at"),
    # Export goes by creation; the id makes the order total.
    Index("skill_assessments_created_at_id_idx", "created_at", "id"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column(
        "assessment_id",
        Uuid,
        ForeignKey("holdfast.skill_assessments.id", ondelete="CASCADE"),
        nullable=False,
    ),
    _of_input("of the assessment"),
    words("evidence_type"),
    words("source", comment="transcript, game_telemetry, transcript_analysis and the like"),
    words("content"),
    Column("relevance_score", Double, nullable=False, comment="0 to 1"),
    stamped(),
    stamped("updated_at"),
    CheckConstraint(one_of("evidence_type", *EvidenceKind), name="evidence_type"),
    CheckConstraint("relevance_score BETWEEN 0 AND 1", name="relevance_score"),
    Index("evidence_assessment_id_idx", "assessment_id"),
)

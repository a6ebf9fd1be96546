"""Declarations of the research tables: plans and looks, which only grow, and what was measured before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)

from holdfast.core.tables import student_key
from holdfast.store.schema.declarations import metadata, moment, stamped, words


def _cohort_key(*, cascade: bool = False) -> Column[Any]:
    # A cohort with a registered plan stays: the registration would otherwise go with it, unseen.
    rule = "CASCADE" if cascade else None
    return Column("cohort_id", Uuid, ForeignKey("holdfast.cohorts.cohort_id", ondelete=rule), nullable=False)


research_plans = Table(
    "research_plans",
    metadata,
    Column("plan_id", Uuid, primary_key=True),
    _cohort_key(),
    words("sha256", comment="of the canonical form"),
    words("title"),
    words("toml", comment="as it was given"),
    words("registered_by"),
    moment("first_outcome_at", comment="the cohort's first completed session by then; null: there was none"),
    Column("after_first_outcome", Boolean, nullable=False),
    stamped("registered_at"),
    UniqueConstraint("cohort_id", "sha256"),
)

research_looks = Table(
    "research_looks",
    metadata,
    Column("look_id", Uuid, primary_key=True),
    _cohort_key(),
    words("plan_sha256", comment="of the plan that was followed, registered or not"),
    Column("observed", Integer, nullable=False, comment="students with the first primary outcome"),
    Column("fraction", Double, comment="of the planned information; null when the plan says none"),
    words("looked_by"),
    stamped("looked_at"),
    CheckConstraint("observed >= 0", name="observed"),
    Index("research_looks_cohort_id_looked_at_idx", "cohort_id", "looked_at"),
)

research_covariates = Table(
    "research_covariates",
    metadata,
    student_key(),
    _cohort_key(cascade=True),
    words("name"),
    Column("value", Double, nullable=False),
    words("source", comment="the file or the test it came from"),
    stamped("imported_at"),
    PrimaryKeyConstraint("student_id", "cohort_id", "name"),
    Index("research_covariates_cohort_id_name_idx", "cohort_id", "name"),
)

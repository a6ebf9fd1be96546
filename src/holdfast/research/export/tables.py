"""Declaration of the exports that were asked for over HTTP."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from holdfast.store.schema.declarations import metadata, moment, one_of, stamped, words

research_exports = Table(
    "research_exports",
    metadata,
    Column("export_id", Uuid, primary_key=True),
    words("requested_by", comment="role and id of who asked"),
    words("cohort", comment="its name when it was asked for"),
    Column("identified", Boolean, nullable=False, comment="with names and e-mail addresses"),
    Column("options", JSONB, nullable=False, server_default=text("'{}'")),
    words("status"),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer, nullable=False, server_default=text("0")),
    Column("step", Text, nullable=False, server_default=text("''"), comment="what is done at this moment"),
    words("problem", required=False, comment="why it failed, for people"),
    Column("reconciliation", JSONB, comment="found, loaded, quarantined, duplicates, excluded"),
    Column("bytes", BigInteger, comment="of the files of the bundle"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("worker", Uuid, comment="whose lease it is"),
    moment("lease_until", comment="past it, another process takes the export up again"),
    stamped(),
    moment("finished_at"),
    CheckConstraint(one_of("status", "waiting", "running", "done", "failed", "cancelled"), name="status"),
    Index("research_exports_created_at_idx", text("created_at DESC"), text("export_id DESC")),
    Index(
        "research_exports_open_idx",
        "created_at",
        postgresql_where=text("status = 'waiting' OR status = 'running'"),
    ),
)

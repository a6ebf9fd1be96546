"""Looking at questions: listings and versions for staff, and pools as files hold them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.kit.clock import iso
from holdfast.kit.paging import Page
from holdfast.programs.adaptive_test.pools import Pool, statements
from holdfast.store.statements import Connection, Row


async def questions(
    connection: Connection, *, pool_id: UUID | None, status: str | None, page: Page
) -> dict[str, Any]:
    """Questions with their parameters and use, for staff: correct answers are among it."""
    rows = await statements.list_questions.rows(
        connection, pool_id=pool_id, status=status, limit=page.limit, offset=page.offset
    )
    total = rows[0]["total"] if rows else 0
    shown = [_shown(row) for row in rows]
    return {"questions": shown, "total": total, "limit": page.limit, "offset": page.offset}


def _shown(row: Row) -> dict[str, Any]:
    kept = {name: row[name] for name in _SHOWN}
    started = row["tests_started"]
    return kept | {
        "question_pool_id": str(row["pool_id"]),
        "enemies": list(row["enemies"]),
        "exposure_rate": row["administered"] / started if started else None,
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
    }


_SHOWN = (
    "id", "pool", "version", "status", "content", "options", "correct_answer", "concepts", "difficulty",
    "discrimination", "guessing", "slipping", "content_area", "administered",
)  # fmt: skip


async def export(connection: Connection, pool: Pool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A pool's facts and canonical records, as the writers of `banks` take them."""
    rows = await statements.pool_records.rows(connection, pool_id=pool.pool_id)
    facts = {
        "name": pool.name,
        "concept_names": list(pool.concept_names),
        "parameterisation": pool.parameterisation,
        "scale": pool.scale,
        "rules": pool.rules,
    }
    return facts, [{"id": row["question_id"], **row["record"]} for row in rows]


async def versions(connection: Connection, question_id: str) -> list[dict[str, Any]]:
    """Every version of a question, oldest first."""
    rows = await statements.versions_of.rows(connection, question_id=question_id)
    return [
        {
            "version": row["version"],
            "revision": row["revision"],
            "content_hash": row["content_hash"],
            "origin": row["origin"],
            "calibration": row["calibration"],
            "created_by": row["created_by"],
            "created_at": iso(row["created_at"]),
            **row["record"],
        }
        for row in rows
    ]

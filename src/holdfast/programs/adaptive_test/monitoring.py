"""The seed's monitoring queries: tests under way, questions of each pool, each student's answers."""

from __future__ import annotations

from typing import Any

from holdfast.kit.clock import iso
from holdfast.kit.paging import Page
from holdfast.programs.adaptive_test.pools import statements
from holdfast.store.statements import Connection


async def figures(connection: Connection, page: Page, *, idle_s: float) -> dict[str, Any]:
    """All of them; the page is that of the students."""
    active = await statements.count_active_tests.value(connection, idle_s=idle_s)
    pools = await statements.questions_per_pool.rows(connection)
    rates = await statements.response_rates.rows(connection, limit=page.limit, offset=page.offset)
    return {
        "active_sessions": active,
        "questions_per_pool": [
            {
                "pool_id": str(row["pool_id"]),
                "name": row["name"],
                "question_count": row["question_count"],
                "active": row["active"],
                "tests_started": row["tests_started"],
            }
            for row in pools
        ],
        "students": [
            {
                "student_id": str(row["student_id"]),
                "student_code": row["student_code"],
                "total_responses": row["total_responses"],
                "accuracy": None if row["accuracy"] is None else float(row["accuracy"]),
                "mean_response_s": row["mean_response_s"],
                "latest_response": iso(row["latest"]),
            }
            for row in rates
        ],
        "total": rates[0]["total"] if rates else 0,
        "limit": page.limit,
        "offset": page.offset,
    }

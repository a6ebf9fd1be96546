"""Language practice as the routes use it. Commands take a connection inside a transaction; looks open one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.core import sessions
from holdfast.core.access import Principal, TokenAuthority
from holdfast.kit.clock import iso
from holdfast.kit.paging import Page
from holdfast.programs.practice import saving
from holdfast.programs.practice.comparison import compared
from holdfast.programs.practice.phrases import key_of
from holdfast.programs.practice.results import shown, shown_summary
from holdfast.programs.practice.saving import Finished, statements
from holdfast.programs.practice.sharing import Sharing
from holdfast.store.database import Database
from holdfast.store.statements import Connection

PERIODS = {"week": 7 * 24, "month": 30 * 24}
"""The hours of a period: rolling, up to this moment."""


class Practice:
    """The program's use cases."""

    def __init__(self, database: Database, authority: TokenAuthority) -> None:
        self.database = database
        self.sharing = Sharing(authority)

    async def save(
        self, connection: Connection, student_id: UUID, finished: Finished, caller: Principal
    ) -> dict[str, Any]:
        """Store a finished session; see `saving.save`."""
        return await saving.save(connection, student_id, finished, caller)

    async def history(self, student_id: UUID, session_type: str | None, page: Page) -> dict[str, Any]:
        """A page of a student's sessions, newest first, and how many there are in all."""
        async with self.database.connection() as connection:
            rows = await statements.history.rows(
                connection,
                student_id=student_id,
                session_type=session_type,
                limit=page.limit,
                offset=page.offset,
            )
        found = [shown(row) for row in rows if row["session_result_id"] is not None]
        return {"sessions": found, "total": rows[0]["total"], "limit": page.limit, "offset": page.offset}

    async def stats(self, student_id: UUID, period: str) -> dict[str, Any]:
        """Statistics over a student's last week or month."""
        async with self.database.connection() as connection:
            row = await statements.stats.row(connection, student_id=student_id, hours=PERIODS[period])
        return dict(row) if row is not None else {}

    async def warmup(self, student_id: UUID) -> dict[str, Any]:
        """What to go over before the next session: areas, words (due ones first), the last session."""
        async with self.database.connection() as connection:
            areas = await statements.focus_areas.rows(connection, student_id=student_id)
            words = await statements.words_to_review.rows(connection, student_id=student_id)
            last = await statements.last_session.row(connection, student_id=student_id)
        return {
            "focus_areas": [row["area"] for row in areas],
            "vocabulary_review": [row["spelled"] for row in words],
            "vocabulary_due": [
                {"word": row["spelled"], "due_at": iso(row["due_at"]), "is_due": row["is_due"]}
                for row in words
            ],
            "last_session_summary": shown_summary(last) if last is not None else None,
        }

    async def comparison(self, student_id: UUID, period: str, cohort: str | None) -> dict[str, Any]:
        """A student beside the average of a cohort: the named one, or else the newest.

        Raises:
            NotFound: the student is not in the named cohort.
        """
        async with self.database.connection() as connection:
            member = await sessions.membership(connection, student_id, cohort)
            figures = await compared(connection, student_id, member, PERIODS[period])
        return {"period": period, "cohort": member.cohort, **figures}

    async def milestones(self, student_id: UUID) -> dict[str, Any]:
        """What a student has reached, and the totals that lead to the next."""
        async with self.database.connection() as connection:
            rows = await statements.milestones.rows(connection, student_id=student_id)
            row = await statements.standing.row(connection, student_id=student_id)
        totals = ("sessions", "seconds", "words_spoken", "words_learned", "streak_days")
        return {
            "milestones": [{"milestone": r["milestone"], "reached_at": iso(r["reached_at"])} for r in rows],
            "totals": {name: (row[name] if row is not None else None) or 0 for name in totals},
        }

    async def about(self, kind: str, phrase: str, page: Page) -> dict[str, Any]:
        """Sessions of all students about a topic, with a word or in an area, for staff; newest first."""
        async with self.database.connection() as connection:
            rows = await statements.sessions_about.rows(
                connection, kind=kind, key=key_of(phrase), limit=page.limit, offset=page.offset
            )
        found = [
            shown(r) | {"student_code": r["student_code"], "student_name": r["student_name"]}
            for r in rows
            if r["session_result_id"] is not None
        ]
        return {"sessions": found, "total": rows[0]["total"], "limit": page.limit, "offset": page.offset}

    async def shared(self, link: str) -> dict[str, Any]:
        """What a share link shows: its student's UUID, statistics and milestones, and nothing else.

        Raises:
            NotFound: the link is forged, revoked or too old.
        """
        async with self.database.connection() as connection:
            student_id = await self.sharing.student_of(connection, link)
        month, reached = await self.stats(student_id, "month"), await self.milestones(student_id)
        return {"student_id": str(student_id), "period": "month", "stats": month, **reached}

"""Students with assessments as they come in backups, made in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from holdfast.kit.clock import utc_now
from holdfast.programs.skills.backup.restoring import Duplicates, Tally, restore
from holdfast.programs.skills.backup.writing import Filters, Written, write
from holdfast.store.database import Database

STUDENTS = """
INSERT INTO holdfast.students (student_id, student_code, name)
SELECT md5('s' || n)::uuid, 'student_' || n, 'Student ' || n FROM generate_series(1, $1) n"""

ASSESSMENTS = """
INSERT INTO holdfast.skill_assessments
    (id, student_id, skill_type, score, confidence, reasoning, recommendations, feature_importance,
     created_at, updated_at)
SELECT md5('a' || n)::uuid, md5('s' || (1 + n % $1))::uuid,
       (ARRAY['empathy', 'problem_solving', 'self_regulation', 'resilience', 'adaptability',
              'communication', 'collaboration'])[1 + n / $1 % 7],
       (n % 101) / 100.0, 0.3 + (n % 7) / 10.0, 'Říká "ano" a \\ nebo ne; reasoning ' || n,
       CASE WHEN n % 3 > 0 THEN E'first\nsecond' END, CASE WHEN n % 2 > 0 THEN '{"word_count": 0.4}' END,
       timestamptz '2024-01-01 12:00Z' + n * interval '1 hour 1.234567 seconds',
       timestamptz '2024-01-02 12:00Z' + n * interval '1 hour'
FROM generate_series(1, $2) n"""

EVIDENCE = """
INSERT INTO holdfast.evidence
    (id, assessment_id, student_id, evidence_type, source, content, relevance_score, created_at, updated_at)
SELECT md5('e' || n || ',' || k)::uuid, a.id, a.student_id, 'linguistic', 'transcript',
       'quote ' || k || ' of ' || n, k / 10.0, a.created_at, a.updated_at
FROM generate_series(1, $1) n JOIN holdfast.skill_assessments a ON a.id = md5('a' || n)::uuid
CROSS JOIN generate_series(1, 5) k"""

CONSTRAINTS = (
    ("skill_assessments", "skill_assessments_score_check"),
    ("skill_assessments", "skill_assessments_confidence_check"),
    ("evidence", "evidence_assessment_id_fkey"),
)


class Archive:
    """A database with assessments, and its backups."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.said: list[str] = []

    async def fill(self, students: int = 4, assessments: int = 28) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(STUDENTS, students)
            await connection.execute(ASSESSMENTS, students, assessments)
            await connection.execute(EVIDENCE, assessments)

    async def write(self, name: str = "backup.json", **filters: Any) -> Written:
        return await write(self.database, self.folder / name, Filters(**filters), now=utc_now(), actor="test")

    async def restore(
        self, path: Path, duplicates: Duplicates = Duplicates.REFUSE, *, partial: bool = False
    ) -> Tally:
        return await restore(
            self.database, path, duplicates=duplicates, partial=partial, actor="test", say=self.said.append
        )

    async def run(self, query: str, *values: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(query, *values)

    async def value(self, query: str, *values: Any) -> Any:
        async with self.database.connection() as connection:
            return await connection.fetchval(query, *values)

    async def clear(self) -> None:
        await self.run("DELETE FROM holdfast.evidence")
        await self.run("DELETE FROM holdfast.skill_assessments")

    async def counts(self) -> tuple[int, int]:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT (SELECT count(*) FROM holdfast.skill_assessments),"
                " (SELECT count(*) FROM holdfast.evidence)"
            )
        assert row is not None
        return row[0], row[1]

    async def plant(self, *statements: str) -> None:
        """Put a fault in, with constraints switched off."""
        connection = await asyncpg.connect(self.database.url)
        try:
            for table, name in CONSTRAINTS:
                await connection.execute(f"ALTER TABLE holdfast.{table} DROP CONSTRAINT IF EXISTS {name}")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture
async def archive(database: Database, tmp_path: Path) -> Archive:
    made = Archive(database, tmp_path)
    await made.fill()
    return made

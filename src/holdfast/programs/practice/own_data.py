"""A student's own practice data to take along, as CSV (sessions) or JSON (everything), in pieces.

Sessions are read page by page, each page in a statement of its own: they are only ever added, so pages
fit together, and no connection is held while a slow client reads.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson

from holdfast.kit.clock import iso
from holdfast.programs.practice.following import BEGINNING
from holdfast.programs.practice.results import shown
from holdfast.programs.practice.saving import statements
from holdfast.store.database import Database

PAGE = 200
COLUMNS = (
    "session_result_id",
    "created_at",
    "session_type",
    "duration_seconds",
    "words_spoken",
    "pronunciation_score",
    "fluency_score",
    "grammar_score",
    "topics",
    "vocabulary_learned",
    "areas_to_improve",
    "metadata",
)


async def _pages(database: Database, student_id: UUID) -> AsyncIterator[list[dict[str, Any]]]:
    """All sessions, oldest first."""
    created_at, result_id = BEGINNING
    while True:
        async with database.connection() as connection:
            rows = await statements.results_from.rows(
                connection,
                student_id=student_id,
                created_at=created_at,
                session_result_id=result_id,
                limit=PAGE,
            )
        if rows:
            yield [shown(row) for row in rows]
        if len(rows) < PAGE:
            return
        created_at, result_id = rows[-1]["created_at"], rows[-1]["session_result_id"]


async def as_csv(database: Database, student_id: UUID) -> AsyncIterator[bytes]:
    """One line per session. Lists and metadata are JSON in one cell, so no cell begins with a formula."""
    yield _lines([COLUMNS])
    async for page in _pages(database, student_id):
        yield _lines([[_cell(session[name]) for name in COLUMNS] for session in page])


def _cell(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


async def as_json(database: Database, student_id: UUID) -> AsyncIterator[bytes]:
    """One object: sessions, words with their dates, milestones."""
    yield b'{"student_id":' + orjson.dumps(str(student_id)) + b',"sessions":['
    between = b""
    async for page in _pages(database, student_id):
        yield between + b",".join(orjson.dumps(session) for session in page)
        between = b","
    async with database.connection() as connection:
        cards = await statements.all_cards.rows(connection, student_id=student_id)
        reached = await statements.milestones.rows(connection, student_id=student_id)
    words = [
        {
            "word": card["spelled"],
            "due_at": iso(card["due_at"]),
            "reviewed_at": iso(card["reviewed_at"]),
            "reviews": card["reviews"],
            "stability": card["stability"],
            "difficulty": card["difficulty"],
        }
        for card in cards
    ]
    milestones = [{"milestone": r["milestone"], "reached_at": iso(r["reached_at"])} for r in reached]
    yield b'],"vocabulary":' + orjson.dumps(words) + b',"milestones":' + orjson.dumps(milestones) + b"}"

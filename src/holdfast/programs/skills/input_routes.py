"""What comes in about students, and backups, over HTTP. HTTP shapes only."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from holdfast.core import students
from holdfast.core.access import Principal
from holdfast.kit.clock import Clock
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.programs.skills import keeping, looking
from holdfast.programs.skills.backup.writing import Filters, backup_name, write
from holdfast.programs.skills.intake import GameSessionBody, TranscriptBody
from holdfast.programs.skills.keeping import Kept
from holdfast.programs.skills.profiles import Profile, profile_of, store_profile
from holdfast.store.database import Database
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Key = Annotated[str | None, KeyHeader]
StudentName = Annotated[str, Field(max_length=200)]

LARGEST_BULK = 50_000_000
"""Bytes of a bulk request; larger files are for `holdfast skills load`."""

Keep = Callable[[Connection, UUID], Awaitable[Kept]]


def router(database: Database, *, exports: Path, clock: Clock) -> APIRouter:
    """Inputs, profiles and backups.

    Args:
        database: where they are kept.
        exports: where backups go.
        clock: names them.
    """
    routes = APIRouter(prefix="/api/v1", tags=["skills"])
    _inputs(routes, database)
    _bulk(routes, database)
    _profiles(routes, database)
    _backup(routes, database, exports, clock)
    return routes


def _inputs(routes: APIRouter, database: Database) -> None:
    @routes.post("/transcripts/{student_id}", status_code=201, responses=documented(404, 422))
    async def transcript(
        student_id: StudentName, body: TranscriptBody, request: Request, caller: Staff, key: Key = None
    ) -> Response:
        """Store what was said, with its features. The same transcript again changes nothing."""

        async def keep(connection: Connection, student: UUID) -> Kept:
            return await keeping.keep_transcript(connection, student, body, actor=caller.actor)

        return await _kept(request, database, caller, key, student_id, "transcript_id", keep)

    @routes.post("/game-sessions/{student_id}", status_code=201, responses=documented(404, 422))
    async def game_session(
        student_id: StudentName, body: GameSessionBody, request: Request, caller: Staff, key: Key = None
    ) -> Response:
        """Store a sitting with its events and features. The same sitting again changes nothing."""

        async def keep(connection: Connection, student: UUID) -> Kept:
            return await keeping.keep_game_session(connection, student, body, actor=caller.actor)

        return await _kept(request, database, caller, key, student_id, "game_session_id", keep)

    @routes.get("/transcripts/{student_id}", responses=documented(404))
    async def transcripts(student_id: StudentName, _: Staff, limit: int = 20, offset: int = 0) -> Response:
        """A student's transcripts, newest first, with their features."""
        return await _listed(database, student_id, "transcript", Page.clamped(limit, offset))

    @routes.get("/game-sessions/{student_id}", responses=documented(404))
    async def game_sessions(student_id: StudentName, _: Staff, limit: int = 20, offset: int = 0) -> Response:
        """A student's game sessions, newest first, with their features."""
        return await _listed(database, student_id, "game_session", Page.clamped(limit, offset))


async def _kept(
    request: Request,
    database: Database,
    caller: Principal,
    key: str | None,
    student: str,
    id_name: str,
    keep: Keep,
) -> Response:
    async def work(connection: Connection) -> dict[str, Any]:
        student_id = (await students.by_name_of_any_kind(connection, student)).student_id
        kept = await keep(connection, student_id)
        return {
            "success": True,
            id_name: str(kept.input_id),
            "student_id": str(student_id),
            "created": kept.fresh,
            "features": kept.features,
        }

    return await once(request, database, caller, key, work, status=201)


async def _listed(database: Database, student: str, kind: str, page: Page) -> Response:
    async with database.snapshot() as connection:
        student_id = (await students.by_name_of_any_kind(connection, student)).student_id
        return answer({"success": True, **await looking.inputs_of(connection, student_id, kind, page)})


def _bulk(routes: APIRouter, database: Database) -> None:
    body = {
        "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
    }

    @routes.post("/skills/inputs", responses=documented(404), openapi_extra=body)
    async def load(request: Request, caller: Staff, *, partial: bool = False) -> Response:
        """Store the inputs of a JSON Lines body: all of them or, by default, none."""
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > LARGEST_BULK:
                raise InvalidInput(f"is larger than {LARGEST_BULK} bytes", field="body")
        loaded = await keeping.load_lines(database, io.BytesIO(content), partial=partial, actor=caller.actor)
        return answer(
            {
                "success": not loaded.refused,
                "transcripts": loaded.transcripts,
                "game_sessions": loaded.game_sessions,
                "known": loaded.known,
                "refused": [str(line) for line in loaded.bad],
            }
        )


def _profiles(routes: APIRouter, database: Database) -> None:
    @routes.get("/students/{student_id}/profile", responses=documented(404))
    async def read(student_id: StudentName, _: Staff) -> Response:
        """What the school says about a student."""
        async with database.snapshot() as connection:
            student = await students.by_name_of_any_kind(connection, student_id)
            shown = await profile_of(connection, student.student_id)
        return answer({"success": True, "profile": shown})

    @routes.put("/students/{student_id}/profile", responses=documented(404, 422))
    async def replace(
        student_id: StudentName, body: Profile, request: Request, caller: Staff, key: Key = None
    ) -> Response:
        """Replace what the school says about a student."""

        async def work(connection: Connection) -> dict[str, Any]:
            student = await students.by_name_of_any_kind(connection, student_id)
            await store_profile(connection, student.student_id, body, actor=caller.actor)
            shown = await profile_of(connection, student.student_id)
            return {"success": True, "profile": shown | {"birth_date": _day(shown["birth_date"])}}

        return await once(request, database, caller, key, work)


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def _backup(routes: APIRouter, database: Database, exports: Path, clock: Clock) -> None:
    @routes.post("/assessments/backup", responses=documented())
    async def backup(caller: Staff) -> Response:
        """Write all assessments with their evidence to a file on the server."""
        now = clock()
        done = await write(database, exports / backup_name(now), Filters(), now=now, actor=caller.actor)
        return answer(
            {
                "success": True,
                "backup_file": str(done.path.absolute()),
                "total_assessments": done.total,
                "timestamp": done.timestamp,
            }
        )

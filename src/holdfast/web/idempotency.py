"""A repeated request returns the first answer and changes nothing.

The key is claimed inside the command's own transaction, so that a key without an answer cannot
exist: a process that dies before the commit leaves neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg
import orjson
from fastapi import Header, Request, Response

from holdfast.core.access import Principal, Role
from holdfast.core.journal import statements
from holdfast.kit.errors import IdempotencyMismatch, InvalidInput
from holdfast.store.database import Database
from holdfast.store.statements import Connection
from holdfast.web.responses import answer

Work = Callable[[Connection], Awaitable[dict[str, Any]]]
KEY_LENGTH = 200
SHORTEST_PUBLIC_KEY = 16
"""Anyone may send a public key; it must be long enough not to be hit by chance."""

KeyHeader = Header(
    alias="Idempotency-Key",
    max_length=KEY_LENGTH,
    description="repeat the request with the same key and it is carried out once",
)


async def once(
    request: Request,
    database: Database,
    caller: Principal,
    key: str | None,
    work: Work,
    *,
    status: int = 200,
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Response:
    """Carry out a command in one transaction, once per key, and answer after its commit.

    Args:
        request: its method, path and body identify what was asked for.
        database: where the command runs.
        caller: whose key it is.
        key: the client's key, or none.
        work: the command; what it returns is the answer, kept beside the key.
        status: the HTTP status of the answer.
        finish: adds what must not be stored (such as a token) to the answer, fresh each time.

    Raises:
        IdempotencyMismatch: the key was used for another request.
    """
    shown = finish or (lambda body: body)
    if key is None:
        async with database.transaction() as connection:
            body = await work(connection)
        return answer(shown(body), status)
    owner, digest = _owner(caller, key), await _digest(request)
    try:
        async with database.transaction() as connection:
            await _claim(connection, owner, key, caller, digest)
            body = await work(connection)
            await statements.keep_answer.run(connection, owner=owner, key=key, status=status, answer=body)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "idempotency_keys_pkey":
            raise
        kept_status, body = await _kept(database, owner, key, digest)
        return answer(shown(body), kept_status, {"Idempotency-Replayed": "true"})
    return answer(shown(body), status)


async def replayed(
    request: Request, database: Database, caller: Principal, key: str | None
) -> Response | None:
    """The first answer to a request that was carried out before under its key; none otherwise.

    For a command that does something costly before its transaction; `once` still decides.

    Raises:
        IdempotencyMismatch: the key was used for another request.
    """
    if key is None:
        return None
    owner, digest = _owner(caller, key), await _digest(request)
    async with database.connection() as connection:
        row = await statements.kept_answer.row(connection, owner=owner, key=key)
    if row is None or row["status"] is None:
        return None
    if row["request_hash"] != digest:
        raise IdempotencyMismatch("this key was used for another request", field="Idempotency-Key")
    return answer(row["answer"], row["status"], {"Idempotency-Replayed": "true"})


def _owner(caller: Principal, key: str) -> str:
    if not key.isprintable() or not key.strip():
        raise InvalidInput("must be printable", field="Idempotency-Key")
    if caller.role is Role.PUBLIC and len(key) < SHORTEST_PUBLIC_KEY:
        raise InvalidInput(f"must have at least {SHORTEST_PUBLIC_KEY} characters", field="Idempotency-Key")
    return caller.actor


async def _digest(request: Request) -> bytes:
    body = await request.body()
    with suppress(orjson.JSONDecodeError):  # another spelling of the same JSON is the same request
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).digest()


async def _claim(connection: Connection, owner: str, key: str, caller: Principal, digest: bytes) -> None:
    await statements.claim_key.run(
        connection, owner=owner, key=key, student_id=caller.student_id, request_hash=digest
    )


async def _kept(database: Database, owner: str, key: str, digest: bytes) -> tuple[int, dict[str, Any]]:
    async with database.connection() as connection:
        row = await statements.kept_answer.row(connection, owner=owner, key=key)
    if row is None or row["request_hash"] != digest:
        raise IdempotencyMismatch("this key was used for another request", field="Idempotency-Key")
    return row["status"], row["answer"]

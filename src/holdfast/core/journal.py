"""The journal: every event that matters is one row, written in the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from holdfast.kit.clock import iso
from holdfast.kit.errors import InvalidInput
from holdfast.kit.ids import uuid7
from holdfast.store.statements import Connection, load

statements = load("holdfast.core", "journal.sql")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        type: past tense, dotted by program, such as ``session.paused``.
        actor: role and id of who did it, such as ``instructor:…``, or ``service``.
        object: what it happened to, such as a scenario id.
        data: facts that fit nowhere else; never a secret.
    """

    type: str
    actor: str
    student_id: UUID | None = None
    session_id: str | None = None
    object: str | None = None
    result: str | None = None
    data: dict[str, Any] | None = None


async def events_after(
    connection: Connection, cursor: str | None, *, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Events that a reader has not seen, and the cursor to come back with.

    Ids and times do not commit in order, so a reader follows transactions: only events of those
    that every running transaction is younger than are given, and none is ever skipped.

    Raises:
        InvalidInput: a cursor that is none.
    """
    txid, event_id = _position(cursor)
    rows = await statements.events_after.rows(connection, txid=txid, event_id=event_id, limit=limit)
    events = [
        {
            "eventId": str(row["event_id"]),
            "type": row["type"],
            "actor": row["actor"],
            "studentId": str(row["student_id"]) if row["student_id"] else None,
            "sessionId": row["session_id"],
            "object": row["object"],
            "result": row["result"],
            "data": row["data"],
            "timestamp": iso(row["created_at"]),
        }
        for row in rows
    ]
    return events, f"{rows[-1]['txid']}.{rows[-1]['event_id'].hex}" if rows else cursor


def _position(cursor: str | None) -> tuple[int, UUID]:
    if cursor is None:
        return 0, UUID(int=0)
    txid, _, event_id = cursor.partition(".")
    try:
        position = int(txid), UUID(event_id)
    except ValueError as error:
        raise InvalidInput("is not a cursor that was given out", field="after") from error
    if not 0 <= position[0] < 2**63:
        raise InvalidInput("is not a cursor that was given out", field="after")
    return position


async def record(connection: Connection, event: Event) -> None:
    """Write an event in the connection's transaction."""
    await statements.insert_event.run(
        connection,
        event_id=uuid7(),
        student_id=event.student_id,
        session_id=event.session_id,
        actor=event.actor,
        type=event.type,
        object=event.object,
        result=event.result,
        data=event.data,
    )

"""The journal: every event that matters is one row, written in the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

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

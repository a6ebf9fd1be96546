"""Rows to what the rules work on, and back: the definition a session follows is stored with it."""

from __future__ import annotations

from holdfast.programs.workshop.definition import Definition, content_hash, document_of
from holdfast.store.statements import Connection, load

statements = load("holdfast.programs.workshop")


async def store_definition(connection: Connection, definition: Definition) -> str:
    """Store a definition under its content hash, if it is not there; the hash."""
    digest = content_hash(definition)
    await statements.store_definition.run(
        connection,
        content_hash=digest,
        workshop_id=definition.id,
        version=definition.version,
        title=definition.title,
        total_steps=definition.total_steps,
        document=document_of(definition),
    )
    return digest


def key_place(session_id: str) -> str:
    """The place of a session's API key, as `holdfast.store.secrets` wants it named."""
    return f"workshop_sessions.openai_api_key:{session_id}"

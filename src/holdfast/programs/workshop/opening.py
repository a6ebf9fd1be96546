"""A session under its lock, to which something may be added now."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from holdfast.core.sessions import Status
from holdfast.kit.errors import NotFound, WrongStep
from holdfast.programs.workshop import progress, views
from holdfast.programs.workshop.configuration import without_key
from holdfast.programs.workshop.definition import Definition, Step, from_document
from holdfast.programs.workshop.progress import Base
from holdfast.programs.workshop.stored import key_place, statements
from holdfast.store.secrets import CannotOpen, Vault
from holdfast.store.statements import Connection, Row

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What is true of a session once its lock is ours.

    Attributes:
        row: its columns and the present moment (``now``).
        definition: the workshop it began with.
    """

    row: Row
    definition: Definition
    key: str | None

    def __repr__(self) -> str:
        return f"OpenSession({self.row['session_id']})"

    def clean(self, value: Any) -> Any:
        """A text or JSON value without the session's own API key in it."""
        return without_key(value, self.key)

    def step(self, number: int, base: Base, name: str | None = None) -> Step:
        """The step that a client means.

        Raises:
            InvalidInput: there is none.
        """
        return progress.step_of(self.definition, number, name, base=base)


async def lock(connection: Connection, session_id: str, vault: Vault) -> OpenSession:
    """Take the locks of a session and wait for them.

    Raises:
        NotFound: no such session.
        WrongStep: it is paused, closed or expired.
    """
    row = await statements.lock_session.row(connection, session_id=session_id)
    if row is None:
        raise NotFound("there is no such session")
    if row["status"] == Status.PAUSED:
        raise WrongStep("the session is paused by the instructor", expected="wait for the instructor")
    if row["status"] not in views.OPEN:
        raise WrongStep(f"the session is {row['status'].lower()}", expected="ask your instructor")
    if views.is_expired(row):
        raise WrongStep("the session has expired", expected="ask your instructor to extend it")
    definition = from_document(row["document"], source="the session's workshop")
    return OpenSession(row, definition, _key_of(row, vault))


def _key_of(row: Row, vault: Vault) -> str | None:
    if row["openai_api_key"] is None:
        return None
    try:
        return vault.open(row["openai_api_key"], place=key_place(row["session_id"]))
    except CannotOpen:
        # Progress must not be refused because of it; resealing tells which key is missing.
        _log.warning("the API key of a workshop session cannot be opened")
        return None

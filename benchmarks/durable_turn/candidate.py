"""What every candidate must be able to do, so that all are measured alike."""

from __future__ import annotations

from typing import Protocol


class Candidate(Protocol):
    """One way to keep a session, on a database of its own.

    Attributes:
        name: as the tables print it.
        what: in a sentence, what a turn is.
    """

    name: str
    what: str

    async def open(self, url: str, at_once: int) -> None:
        """Make the tables and as many connections as sessions are played at once."""
        ...

    async def session(self) -> str:
        """A new session that takes turns; not measured."""
        ...

    async def turn(self, session: str, number: int) -> None:
        """One turn, durable when this returns. `number` counts from 0 within the session."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...

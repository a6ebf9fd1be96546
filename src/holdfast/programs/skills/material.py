"""What there is to judge a student by, read in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from holdfast.programs.skills.inputs import GameEvent, GameSession, Transcript, Turn
from holdfast.programs.skills.stored import statements
from holdfast.store.statements import Connection, Row

NEWEST = 5
"""How many inputs of each kind are looked at, as in the older system."""


@dataclass(frozen=True, slots=True)
class Material:
    """The newest inputs of a student, oldest first."""

    student_id: UUID
    transcripts: Sequence[Transcript]
    sessions: Sequence[GameSession]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all."""
        return not self.transcripts and not self.sessions


async def gather(connection: Connection, student_id: UUID) -> Material:
    """The student's material; empty where nothing came in."""
    rows = await statements.material_of.rows(connection, student_id=student_id, newest=NEWEST)
    return Material(
        student_id,
        [_transcript(row) for row in rows if row["kind"] == "transcript"],
        [_session(row) for row in rows if row["kind"] == "game_session"],
    )


def _transcript(row: Row) -> Transcript:
    return Transcript(row["head"]["speaker"], [Turn(*part) for part in row["parts"] or ()])


def _session(row: Row) -> GameSession:
    head: dict[str, Any] = row["head"]
    return GameSession(head["game"], [GameEvent(*part) for part in row["parts"] or ()], head["ends_s"])

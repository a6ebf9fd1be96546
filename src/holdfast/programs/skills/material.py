"""What there is to judge a student by, read in one statement with what was measured in it.

The features of an input are those that were stored when it came in. Only where the rules of extraction have
changed since, they are extracted anew, and then stored beside the older ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from holdfast.programs.skills.features.behavioural import behavioural_features
from holdfast.programs.skills.features.linguistic import linguistic_features
from holdfast.programs.skills.features.measured import Measured
from holdfast.programs.skills.features.table import VERSION, Extraction, Kind
from holdfast.programs.skills.inputs import GameEvent, GameSession, Transcript, Turn
from holdfast.programs.skills.stored import statements
from holdfast.store.statements import Connection, Row

NEWEST = 5
"""How many inputs of each kind are looked at, as in the older system."""


@dataclass(frozen=True, slots=True)
class Material:
    """The newest inputs of a student, oldest first.

    Attributes:
        measured: their features.
        anew: those that had to be extracted now, by the input's id; they are not stored yet.
    """

    student_id: UUID
    transcripts: Sequence[Transcript] = ()
    sessions: Sequence[GameSession] = ()
    measured: Measured = field(default_factory=Measured)
    anew: Sequence[tuple[UUID, Extraction]] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all."""
        return not self.transcripts and not self.sessions


async def inputs_of(connection: Connection, student_id: UUID) -> list[Row]:
    """The student's newest inputs as stored, for `material_from`; none where nothing came in."""
    return await statements.material_of.rows(
        connection, student_id=student_id, newest=NEWEST, version=VERSION
    )


def material_from(student_id: UUID, rows: Sequence[Row]) -> Material:
    """The material that stored inputs make. Takes processor time where features must be extracted."""
    transcripts = [(row, _transcript(row)) for row in rows if row["kind"] == "transcript"]
    sessions = [(row, _session(row)) for row in rows if row["kind"] == "game_session"]
    spoken = [_stored(row, Kind.LINGUISTIC) or linguistic_features(one) for row, one in transcripts]
    played = [_stored(row, Kind.BEHAVIOURAL) or behavioural_features(one) for row, one in sessions]
    extracted = zip([*transcripts, *sessions], [*spoken, *played], strict=True)
    return Material(
        student_id,
        [one for _, one in transcripts],
        [one for _, one in sessions],
        Measured(spoken, played),
        [(row["id"], extraction) for (row, _), extraction in extracted if row["features"] is None],
    )


async def keep_features(connection: Connection, material: Material) -> None:
    """Store what was extracted anew."""
    for input_id, extraction in material.anew:
        values = {"version": extraction.version, "features": dict(extraction.values)}
        if extraction.kind is Kind.LINGUISTIC:
            await statements.keep_linguistic_features.run(connection, transcript_id=input_id, **values)
        else:
            await statements.keep_behavioral_features.run(connection, game_session_id=input_id, **values)


def _stored(row: Row, kind: Kind) -> Extraction | None:
    return None if row["features"] is None else Extraction(kind, row["features"], row["version"])


def _transcript(row: Row) -> Transcript:
    return Transcript(row["head"]["speaker"], [Turn(*part) for part in row["parts"] or ()])


def _session(row: Row) -> GameSession:
    head: dict[str, Any] = row["head"]
    return GameSession(head["game"], [GameEvent(*part) for part in row["parts"] or ()], head["ends_s"])

"""Keeping inputs: each once for a student, with its features; one by one or by the file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from holdfast.core import cohorts, students
from holdfast.core.journal import Event, record
from holdfast.kit.errors import HoldfastError, InvalidInput, NotFound
from holdfast.kit.ids import uuid7
from holdfast.programs.skills.features.behavioural import behavioural_features
from holdfast.programs.skills.features.linguistic import linguistic_features
from holdfast.programs.skills.intake import (
    BadLine,
    GameSessionBody,
    GameSessionLine,
    TranscriptBody,
    TranscriptLine,
    content_hash,
    read_lines,
)
from holdfast.programs.skills.stored import statements
from holdfast.store.database import Database
from holdfast.store.statements import Connection

MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an input is kept.

    Attributes:
        fresh: whether it was not there before.
        features: name to number; none where the input does not tell.
    """

    input_id: UUID
    fresh: bool
    features: dict[str, float | None]


async def keep_transcript(
    connection: Connection, student_id: UUID, body: TranscriptBody, *, actor: str
) -> Kept:
    """Store a transcript with its features, unless the student has it already."""
    measured = await asyncio.to_thread(linguistic_features, body.value())
    digest = content_hash(body)
    stored = await statements.insert_transcript.value(
        connection,
        transcript_id=uuid7(),
        student_id=student_id,
        source=body.source,
        language=body.language,
        speaker=body.speaker,
        recorded_at=body.recorded_at,
        content_hash=digest,
        seqs=list(range(1, len(body.turns) + 1)),
        speakers=[turn.speaker for turn in body.turns],
        contents=[turn.text for turn in body.turns],
        begins=[turn.begins_s for turn in body.turns],
        ends=[turn.ends_s for turn in body.turns],
        version=measured.version,
        features=dict(measured.values),
    )
    if stored is None:
        known = await statements.transcript_by_hash.value(
            connection, student_id=student_id, content_hash=digest
        )
        return Kept(known, fresh=False, features=dict(measured.values))
    await record(connection, Event("transcript.stored", actor, student_id, object=str(stored)))
    return Kept(stored, fresh=True, features=dict(measured.values))


async def keep_game_session(
    connection: Connection, student_id: UUID, body: GameSessionBody, *, actor: str
) -> Kept:
    """Store a game session with its features, unless the student has it already."""
    measured = await asyncio.to_thread(behavioural_features, body.value())
    digest = content_hash(body)
    stored = await statements.insert_game_session.value(
        connection,
        game_session_id=uuid7(),
        student_id=student_id,
        game=body.game,
        started_at=body.started_at,
        ends_s=body.ends_s,
        content_hash=digest,
        seqs=list(range(1, len(body.events) + 1)),
        types=[event.type for event in body.events],
        moments=[event.at_s for event in body.events],
        data=[event.data for event in body.events],
        version=measured.version,
        features=dict(measured.values),
    )
    if stored is None:
        known = await statements.game_session_by_hash.value(
            connection, student_id=student_id, content_hash=digest
        )
        return Kept(known, fresh=False, features=dict(measured.values))
    await record(connection, Event("game_session.stored", actor, student_id, object=str(stored)))
    return Kept(stored, fresh=True, features=dict(measured.values))


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What becomes of students whom a file names and nobody knows.

    Attributes:
        cohort: where they are enrolled, as having consented; none leaves them without.
        system: who calls them so, where a line does not say.
    """

    cohort: str | None = None
    system: str = "file"


@dataclass
class Loaded:
    """What became of a bulk file's lines; of the bad ones the first hundred are told."""

    transcripts: int = 0
    game_sessions: int = 0
    known: int = 0
    registered: int = 0
    refused: int = 0
    bad: list[BadLine] = field(default_factory=list)

    def refuse(self, line: BadLine) -> None:
        """Count a line that is not taken."""
        self.refused += 1
        if len(self.bad) < MOST_TOLD:
            self.bad.append(line)

    @property
    def stored(self) -> int:
        """Inputs that were not there before."""
        return self.transcripts + self.game_sessions


class LoadRefused(InvalidInput):
    """Lines were bad and nothing was loaded; `loaded` tells which."""

    def __init__(self, loaded: Loaded) -> None:
        message = f"{loaded.refused} lines are wrong; nothing was loaded"
        super().__init__(message, refused=[str(line) for line in loaded.bad])
        self.loaded = loaded


async def load_lines(
    database: Database,
    lines: Iterable[bytes],
    *,
    partial: bool,
    actor: str,
    newcomers: Newcomers | None = None,
) -> Loaded:
    """Store the inputs of a JSON Lines file in one transaction: all of them or, by default, none.

    Raises:
        LoadRefused: lines are bad, and `partial` was not asked for.
        NotFound: there is no such cohort.
    """
    loaded = Loaded()
    async with database.transaction() as connection:
        for number, line in read_lines(lines):
            if isinstance(line, BadLine):
                loaded.refuse(line)
                continue
            try:
                async with connection.transaction():
                    student_id = await _student_of(connection, line, newcomers, loaded)
                    await _keep(connection, student_id, line, loaded, actor)
            except (HoldfastError, asyncpg.DataError) as error:
                why = str(error) if isinstance(error, HoldfastError) else "holds what cannot be stored"
                loaded.refuse(BadLine(number, why))
        if loaded.refused and not partial:
            raise LoadRefused(loaded)
    return loaded


async def _keep(
    connection: Connection,
    student_id: UUID,
    line: TranscriptLine | GameSessionLine,
    loaded: Loaded,
    actor: str,
) -> None:
    if isinstance(line, TranscriptLine):
        kept = await keep_transcript(connection, student_id, line, actor=actor)
        loaded.transcripts += kept.fresh
    else:
        kept = await keep_game_session(connection, student_id, line, actor=actor)
        loaded.game_sessions += kept.fresh
    loaded.known += not kept.fresh


async def _student_of(
    connection: Connection,
    line: TranscriptLine | GameSessionLine,
    newcomers: Newcomers | None,
    loaded: Loaded,
) -> UUID:
    if line.system is None:
        try:
            return (await students.by_name_of_any_kind(connection, line.student)).student_id
        except NotFound:
            if newcomers is None:
                raise
    system = line.system or (newcomers.system if newcomers else "")
    found: UUID | None = await statements.student_by_identity.value(
        connection, system=system, external_id=line.student
    )
    if found is not None:
        return found
    if newcomers is None:
        raise NotFound(f"{system} knows no student {line.student!r} here", field="student")
    # Looked up before anybody is created, so that a wrong name of a cohort is told as such.
    cohort = await cohorts.by_name(connection, newcomers.cohort) if newcomers.cohort else None
    student = await students.add(connection, name=line.student, email=None)
    await statements.insert_identity.run(
        connection, system=system, external_id=line.student, student_id=student.student_id
    )
    if cohort:
        await students.enrol(connection, student.student_id, cohort, consented=True)
    loaded.registered += 1
    return student.student_id

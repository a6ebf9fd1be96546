"""Putting a backup back: all of it or, by default, none; or in batches that are committed one by one.

Without a flag a duplicate is an error, and everything happens in one transaction. With one, the file is
read through first, so that a bad record changes nothing; then batches of 100 are committed, so that a run
that was killed is completed by the next with `--skip-duplicates`. With `--partial` good records are taken
beside bad ones. Each batch is one savepoint; if the database refuses it, each record has one of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from uuid import UUID

import asyncpg

from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.backup.document import Refused, read_head, records
from holdfast.programs.skills.records import AssessmentRecord
from holdfast.programs.skills.stored import statements
from holdfast.programs.skills.storing import store
from holdfast.store.database import Database
from holdfast.store.statements import Connection

BATCH = 100
_TOGETHER = 500
"""Records sent at once where they share one transaction anyway."""
MOST_TOLD = 100


class Duplicates(StrEnum):
    """What becomes of an assessment that exists already."""

    REFUSE = "error"
    SKIP = "skip"
    UPDATE = "update"


class Fate(StrEnum):
    """What became of a record, as progress is told."""

    IMPORTED = "imported"
    SKIPPED = "skipped duplicate"
    UPDATED = "updated"
    REFUSED = "refused"


@dataclass
class Tally:
    """What became of the records; of the refused ones the first hundred are told."""

    counts: Counter[Fate] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)

    def add(self, fate: Fate) -> None:
        """Count a record."""
        self.counts[fate] += 1

    def refuse(self, problem: Refused) -> None:
        """Count a record that is not taken, and remember why."""
        self.counts[Fate.REFUSED] += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append(problem)


class ImportRefused(InvalidInput):
    """Records were refused and nothing was imported; `tally` tells which."""

    def __init__(self, message: str, tally: Tally) -> None:
        super().__init__(message, refused=[str(problem) for problem in tally.refused])
        self.tally = tally


Numbered = tuple[int, AssessmentRecord | Refused]
Say = Callable[[str], None]


async def restore(
    database: Database, path: Path, *, duplicates: Duplicates, partial: bool, actor: str, say: Say
) -> Tally:
    """Import a backup file; what became of its records.

    Args:
        database: where they go.
        path: the file.
        duplicates: what becomes of those that exist already.
        partial: take good records although others are bad.
        actor: for the journal.
        say: told the lines of progress.

    Raises:
        ImportRefused: records are bad; nothing was changed.
        InvalidInput: the file breaks off; nothing was changed, or with `partial` what came before was.
    """
    head = read_head(path)
    say(f"Found {head.total} assessments in backup file")
    say(f"Backup timestamp: {head.written_at or 'not told'}")
    run = _Run(database, path, head.total, duplicates, actor, say)
    if partial:
        return await run.in_batches()
    if duplicates is Duplicates.REFUSE:
        return await run.all_or_nothing()
    await run.look_through()
    return await run.in_batches()


@dataclass
class _Run:
    database: Database
    path: Path
    total: int
    duplicates: Duplicates
    actor: str
    say: Say
    tally: Tally = field(default_factory=Tally)

    async def all_or_nothing(self) -> Tally:
        async with self.database.transaction() as connection:
            async with aclosing(_batches(self._counted(), _TOGETHER)) as batches:
                async for batch in batches:
                    await self._take(connection, batch)
            self._refuse_if_any()
            await self._journal(connection, self.tally.counts)
        return self.tally

    async def look_through(self) -> None:
        """Read the whole file without writing, so that a bad record is known before anything is committed."""
        seen = Tally()
        async with (
            self.database.connection() as connection,
            aclosing(_batches(self._counted(), _TOGETHER)) as batches,
        ):
            async for batch in batches:
                known = await _students(connection, batch)
                for number, item in batch:
                    if problem := _problem(number, item, known):
                        seen.refuse(problem)
        if seen.refused:
            raise _nothing(seen, self.total)

    async def in_batches(self) -> Tally:
        async with aclosing(_batches(self._counted(), BATCH)) as batches:
            async for batch in batches:
                before = Counter(self.tally.counts)
                async with self.database.transaction() as connection:
                    await self._take(connection, batch)
                    await self._journal(connection, self.tally.counts - before)
        return self.tally

    def _counted(self) -> Iterator[Numbered]:
        """The records, and a refusal at the end when there are not as many as the file says."""
        number = 0
        for number, item in records(self.path):
            yield number, item
        if number != self.total:
            told = f"the file says {self.total} assessments and holds {number}: it is not whole"
            yield number + 1, Refused(number + 1, told)

    async def _take(self, connection: Connection, batch: Sequence[Numbered]) -> None:
        known = await _students(connection, batch)
        existing = await _existing(connection, batch)
        taken: dict[UUID, tuple[int, AssessmentRecord, Fate]] = {}
        fates: dict[int, Fate] = {}
        for number, item in batch:
            problem = _problem(number, item, known)
            if problem is None and isinstance(item, AssessmentRecord):
                problem = self._judge(number, item, existing, taken, fates)
            if problem is not None:
                self.tally.refuse(problem)
                fates[number] = Fate.REFUSED
        await self._store(connection, list(taken.values()), fates)
        for number, fate in sorted(fates.items()):
            if fate is not Fate.REFUSED:
                self.tally.add(fate)
            if number % BATCH == 0:
                self.say(f"Progress: {number}/{self.total} ({fate})")

    def _judge(
        self,
        number: int,
        item: AssessmentRecord,
        existing: dict[UUID, UUID],
        taken: dict[UUID, tuple[int, AssessmentRecord, Fate]],
        fates: dict[int, Fate],
    ) -> Refused | None:
        owner = taken[item.id][1].student_id if item.id in taken else existing.get(item.id)
        if owner is None:
            fate = Fate.IMPORTED
        elif self.duplicates is Duplicates.REFUSE:
            return Refused(number, f"id: an assessment {item.id} exists already")
        elif self.duplicates is Duplicates.SKIP:
            fates[number] = Fate.SKIPPED
            return None
        elif owner != item.student_id:
            return Refused(number, "student_id: the assessment exists and is another student's")
        else:
            fate = Fate.UPDATED
        fates[number] = fate
        # Of two with one id in a batch the later one stands, as it would if they were far apart.
        fresh = item.id in taken and taken[item.id][2] is Fate.IMPORTED
        taken[item.id] = (number, item, Fate.IMPORTED if fresh else fate)
        return None

    async def _store(
        self, connection: Connection, taken: list[tuple[int, AssessmentRecord, Fate]], fates: dict[int, Fate]
    ) -> None:
        if not taken:
            return
        try:
            async with connection.transaction():
                await _write(connection, taken)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
            for one in taken:
                try:
                    async with connection.transaction():
                        await _write(connection, [one])
                except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
                    fates[one[0]] = Fate.REFUSED
                    self.tally.refuse(Refused(one[0], _meaning(error)))

    def _refuse_if_any(self) -> None:
        if self.tally.refused:
            raise _nothing(self.tally, self.total)

    async def _journal(self, connection: Connection, counts: Counter[Fate]) -> None:
        if any(fate is not Fate.REFUSED for fate in counts):
            data = {fate.name.lower(): counts[fate] for fate in Fate}
            await record(connection, Event("assessments.imported", self.actor, data=data))


def _nothing(tally: Tally, total: int) -> ImportRefused:
    count = tally.counts[Fate.REFUSED]
    return ImportRefused(f"{count} of {total} records are refused; nothing was imported", tally)


async def _batches(items: Iterable[Numbered], size: int) -> AsyncGenerator[list[Numbered], None]:
    """Batches of the items; the next one is read while the database is busy with the last."""
    iterator = iter(items)

    def following() -> list[Numbered]:
        return list(islice(iterator, size))

    ahead = asyncio.create_task(asyncio.to_thread(following))
    try:
        while batch := await ahead:
            ahead = asyncio.create_task(asyncio.to_thread(following))
            yield batch
    finally:
        await asyncio.gather(ahead, return_exceptions=True)


async def _students(connection: Connection, batch: Sequence[Numbered]) -> set[UUID]:
    wanted = {item.student_id for _, item in batch if isinstance(item, AssessmentRecord)}
    rows = await statements.known_students.rows(connection, ids=list(wanted))
    return {row["student_id"] for row in rows}


async def _existing(connection: Connection, batch: Sequence[Numbered]) -> dict[UUID, UUID]:
    wanted = [item.id for _, item in batch if isinstance(item, AssessmentRecord)]
    rows = await statements.owners_of_assessments.rows(connection, ids=wanted)
    return {row["id"]: row["student_id"] for row in rows}


def _problem(number: int, item: AssessmentRecord | Refused, known: set[UUID]) -> Refused | None:
    if isinstance(item, Refused):
        return item
    if item.student_id not in known:
        return Refused(number, f"student_id: there is no student {item.student_id}")
    return None


async def _write(connection: Connection, taken: Sequence[tuple[int, AssessmentRecord, Fate]]) -> None:
    replaced = [item.id for _, item, fate in taken if fate is Fate.UPDATED]
    if replaced:
        # An update would stamp the moment of the restore where the file's own is what is stored already.
        await statements.delete_assessments.run(connection, ids=replaced)
    await store(connection, [item for _, item, _ in taken])


def _meaning(error: asyncpg.PostgresError) -> str:
    name = getattr(error, "constraint_name", None)
    if name == "evidence_pkey":
        return "evidence: a piece of it exists already with another assessment"
    return f"the database refuses it ({name or type(error).__name__})"

"""Writing a backup: one moment's snapshot, streamed, and in its place only when it is whole.

The database makes the JSON of each record, so that what is written does not pass through objects here.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import orjson

from holdfast.core import students
from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.skill import Skill
from holdfast.programs.skills.stored import statements
from holdfast.store.database import Database
from holdfast.store.statements import Connection

_BATCH = 500
ON_REQUEST, SCHEDULED = "assessments_backup_", "scheduled_backup_"
"""How the names of backups begin that nobody named."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which assessments are written; none of a filter means all.

    Attributes:
        start_date, end_date: UTC days of creation, both included.
    """

    student_id: UUID | None = None
    skill: Skill | None = None
    start_date: date | None = None
    end_date: date | None = None

    def shown(self) -> dict[str, Any]:
        """As they stand in the file."""
        return {
            "student_id": str(self.student_id) if self.student_id else None,
            "skill_type": self.skill,
            "start_date": self.start_date.isoformat() if self.start_date else None,
            "end_date": self.end_date.isoformat() if self.end_date else None,
        }

    def values(self) -> dict[str, Any]:
        """As the statements take them: the end is the moment after the last day."""
        end = self.end_date + timedelta(days=1) if self.end_date and self.end_date < date.max else None
        return {
            "student_id": self.student_id,
            "skill_type": self.skill,
            "begins": _midnight(self.start_date),
            "ends": _midnight(end),
        }


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that is in its place.

    Attributes:
        timestamp: as in the file: ISO 8601, UTC, without a zone, as the older system writes it.
    """

    path: Path
    total: int
    timestamp: str


async def write(database: Database, path: Path, filters: Filters, *, now: datetime, actor: str) -> Written:
    """Write a backup; the file appears whole or not at all, and is readable by its owner only.

    Raises:
        NotFound: a filter names a student that there is not.
        InvalidInput: a range that ends before it begins, or a file that cannot be written.
    """
    if filters.start_date and filters.end_date and filters.end_date < filters.start_date:
        raise InvalidInput("is before the start date", field="end-date")
    timestamp = now.astimezone(UTC).replace(tzinfo=None).isoformat()
    try:
        async with database.snapshot() as connection:
            if filters.student_id:
                await students.by_id(connection, filters.student_id)
            total = await statements.count_backup.value(connection, **filters.values())
            head = {
                "export_timestamp": timestamp,
                "export_filters": filters.shown(),
                "total_assessments": total,
            }
            await _replace(path, _pieces(connection, head, filters))
    except OSError as error:
        raise InvalidInput(f"cannot be written: {error.strerror}", field=str(path)) from error
    async with database.transaction() as connection:
        event = Event("assessments.exported", actor, filters.student_id, data={"total": total})
        await record(connection, event)
    return Written(path, total, timestamp)


async def _pieces(connection: Connection, head: dict[str, Any], filters: Filters) -> AsyncIterator[bytes]:
    yield orjson.dumps(head)[:-1] + b',"assessments":['
    batch: list[str] = []
    mark = "\n"
    async for row in statements.backup_records.each(connection, at_once=_BATCH, **filters.values()):
        batch.append(row["record"])
        if len(batch) == _BATCH:
            yield (mark + ",\n".join(batch)).encode()
            mark, batch = ",\n", []
    if batch:
        yield (mark + ",\n".join(batch)).encode()
    yield b"\n]}\n"


async def _replace(path: Path, pieces: AsyncIterator[bytes]) -> None:
    handle, name = await asyncio.to_thread(_begin, path)
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(_to_disk, file)
        await asyncio.to_thread(os.replace, name, path)
    except BaseException:
        with suppress(OSError):
            await asyncio.to_thread(os.unlink, name)
        raise
    await asyncio.to_thread(_folder_to_disk, path.parent)


def _begin(path: Path) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def backup_name(now: datetime, begins: str = ON_REQUEST) -> str:
    """The name of a backup file that nobody named: ``assessments_backup_YYYYMMDD_HHMMSS.json``, UTC."""
    return f"{begins}{now.astimezone(UTC):%Y%m%d_%H%M%S}.json"


def remove_old(folder: Path, *, older_than_days: float, now: datetime) -> list[Path]:
    """Delete scheduled backups that are older; what was deleted. Other files are left alone."""
    before = now.timestamp() - older_than_days * 86_400
    gone = []
    for path in sorted(folder.glob(f"{SCHEDULED}*.json")):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                gone.append(path)
    return gone

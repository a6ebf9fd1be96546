"""A folder with a JSON file for each student, as a dataset.

Files are read in the order of their names (the whole folder, with its subfolders), by several processes
but always with the same result. A broken file is put aside with its reason and loses nobody else. Two
files with one student id: a copy counts once; two that disagree are both put aside, since nobody can say
which one is right.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import orjson
import polars as pl

from holdfast.kit.errors import InvalidInput
from holdfast.research.dataset import Refused
from holdfast.research.sources.file_chunks import Found, Order, read_chunk
from holdfast.research.sources.gathered import Gathered
from holdfast.research.sources.options import Options, Progress
from holdfast.research.sources.parts import Parts
from holdfast.research.sources.reading_processes import ReadingStopped, read_in_processes

CHUNK = 1_000
"""Files of which one process makes one part of each table."""
_FEW = 600
"""Fewer files than this are read in this process: starting others takes longer."""

_LOADED = {"number": pl.UInt32, "student": pl.String, "fingerprint": pl.Binary, "complete": pl.Boolean}
"""What is kept of each file until all are read: as columns it takes a quarter of what objects take."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StudentFiles:
    """A folder of students' files.

    Attributes:
        folder: searched with its subfolders for names that end in ``.json``; hidden ones are passed over.
    """

    folder: Path

    kind = "files"

    async def gather(self, parts: Parts, options: Options, progress: Progress) -> Gathered:
        """Read everything.

        Raises:
            InvalidInput: there is no such folder, or no student's file in it.
        """
        stop = Event()
        reading = asyncio.ensure_future(
            asyncio.to_thread(self._gather, parts, options, progress, stop.is_set)
        )
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:  # an interrupt, or the service ends: so do the processes
            stop.set()
            await asyncio.gather(reading, return_exceptions=True)
            raise

    def _gather(
        self, parts: Parts, options: Options, progress: Progress, stopped: Callable[[], bool]
    ) -> Gathered:
        paths = self._paths()
        orders = [
            Order(
                at, tuple(paths[at : at + CHUNK]), parts.directory, options.key, options.identified,
                options.with_text,
            )
            for at in range(0, len(paths), CHUNK)
        ]  # fmt: skip
        whole, done = Found(), 0
        loaded: list[pl.DataFrame] = []
        for order, found in zip(orders, _read_all(orders, len(paths), options.workers, stopped), strict=True):
            _add(whole, found)
            loaded.append(pl.DataFrame(found.loaded, schema=_LOADED, orient="row"))
            done += len(order.paths)
            progress(done, len(paths), "reading files")
        parts.rows = whole.rows
        return self._reconciled(whole, pl.concat(loaded), paths, options)

    def _paths(self) -> list[str]:
        if not self.folder.is_dir():
            raise InvalidInput(f"there is no folder {self.folder}", field="from_files")
        found = []
        for place, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [
                str(Path(place, name))
                for name in names
                if name.lower().endswith(".json") and not name.startswith(".")
            ]
        if not found:
            raise InvalidInput(f"there is no student's file (*.json) in {self.folder}", field="from_files")
        return sorted(found)

    def _reconciled(
        self, whole: Found, loaded: pl.DataFrame, paths: Sequence[str], options: Options
    ) -> Gathered:
        shown = _Names(self.folder, paths, identified=options.identified)
        duplicates, conflicting = _repeated(loaded, paths)
        left_out = {number for number, _ in (*duplicates, *conflicting)}
        loaded = loaded.filter(~pl.col("number").is_in(sorted(left_out)))
        snapshot = options.snapshot or _newest(whole, paths)
        refused = sorted((*whole.refused, *conflicting))
        return Gathered(
            snapshot=snapshot,
            students=loaded["student"].to_list(),
            people=whole.people,
            left_out=left_out,
            found=len(paths),
            quarantined=tuple(Refused(shown.name(number), reason) for number, reason in refused),
            duplicates=tuple(Refused(shown.name(number), reason) for number, reason in duplicates),
            unfinished=int((~loaded["complete"]).sum()),
            notes=dict(sorted(whole.notes.items())),
        )


def _read_all(
    orders: Sequence[Order], files: int, workers: int | None, stopped: Callable[[], bool]
) -> Iterator[Found]:
    """What each order found, in the order of the orders."""
    count = min(workers or min(4, os.cpu_count() or 1), len(orders))
    if count > 1 and files >= _FEW:
        yield from read_in_processes(orders, count, stopped)
        return
    for order in orders:
        if stopped():
            raise ReadingStopped("reading files was stopped")
        yield read_chunk(order)


def _add(whole: Found, found: Found) -> None:
    whole.refused += found.refused
    whole.people += found.people
    whole.notes += found.notes
    whole.rows += found.rows
    if found.newest is not None:
        whole.newest = found.newest if whole.newest is None else max(whole.newest, found.newest)


def _repeated(
    loaded: pl.DataFrame, paths: Sequence[str]
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Files that say once more what an earlier one says, and files of one student that disagree."""
    by_student: dict[str, list[tuple[int, bytes]]] = {}
    several = loaded.filter(pl.col("student").is_duplicated())
    for number, student, fingerprint in several.select("number", "student", "fingerprint").iter_rows():
        by_student.setdefault(student, []).append((number, fingerprint))
    duplicates, conflicting = [], []
    for entries in by_student.values():
        first = entries[0][0]
        if len({_content(paths[number], fingerprint) for number, fingerprint in entries}) == 1:
            duplicates += [(number, f"the same as file {first + 1}") for number, _ in entries[1:]]
        else:
            others = ", ".join(str(number + 1) for number, _ in entries)
            reason = f"files {others} have one student id and disagree; nobody can say which is right"
            conflicting += [(number, reason) for number, _ in entries]
    return sorted(duplicates), sorted(conflicting)


def _content(path: str, fingerprint: bytes) -> bytes:
    """What a file says, whatever its blanks and the order of its keys; else the fingerprint of its bytes."""
    try:
        document = orjson.loads(Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf"))
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except (OSError, orjson.JSONDecodeError):
        return fingerprint


def _newest(whole: Found, paths: Iterable[str]) -> datetime:
    """The newest moment that the files tell; without any, the newest file's."""
    if whole.newest is not None:
        return _EPOCH + timedelta(microseconds=whole.newest)
    seconds = max(Path(path).stat().st_mtime for path in paths)
    return datetime.fromtimestamp(seconds, UTC)


class _Names:
    """How files are named in the intake: file names often hold the student's own."""

    def __init__(self, folder: Path, paths: Sequence[str], *, identified: bool) -> None:
        self._folder, self._paths, self._identified = folder, paths, identified

    def name(self, number: int) -> str:
        """The path within the folder, or only its place in the order of names."""
        if self._identified:
            return str(Path(self._paths[number]).relative_to(self._folder))
        return f"file {number + 1} of {len(self._paths)}"

"""A run of students' files, read by one process: rows to disk, what it found out to whoever asked."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from holdfast.core.codebook import Kind, Table
from holdfast.research.deidentification.hiding import Hiding
from holdfast.research.deidentification.masking import Person
from holdfast.research.deidentification.pseudonyms import StudyKey
from holdfast.research.sources.decoding import Malformed, decode
from holdfast.research.sources.file_rows import FILE_TABLES, FileRows
from holdfast.research.sources.frames import FILE, frame_of, impossible
from holdfast.research.sources.parts import Parts

LARGEST_FILE = 256 * 1024 * 1024
_REST_EVERY = 32 * 1024 * 1024
"""Bytes of files whose rows are held at once."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is to read.

    Attributes:
        number: of the first file; parts are numbered by the files they begin with.
        paths: in order.
        directory: of the parts.
    """

    number: int
    paths: tuple[str, ...]
    directory: Path
    key: StudyKey
    identified: bool
    with_text: bool


@dataclass(slots=True)
class Found:
    """What a process found.

    Attributes:
        loaded: number, student, fingerprint and completeness of each file that could be read.
        refused: number and reason of the others.
        newest: the newest moment in the files, microseconds since 1970.
    """

    loaded: list[tuple[int, str, bytes, bool]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    newest: int | None = None


def read_chunk(order: Order) -> Found:
    """Read the files of an order and write their rows."""
    found = Found()
    hiding = Hiding(order.key, identified=order.identified, with_text=order.with_text)
    parts = Parts(order.directory)
    at = order.number
    rows, held = FileRows(), 0
    for number, path in enumerate(order.paths, start=order.number):
        held += _read(Path(path), number, rows, found, named=not order.identified)
        if held >= _REST_EVERY:
            _write(rows, at, parts, hiding, found)
            rows, held, at = FileRows(), 0, number + 1
    _write(rows, at, parts, hiding, found)
    found.rows = parts.rows
    return found


def _read(path: Path, number: int, rows: FileRows, found: Found, *, named: bool) -> int:
    """Read one file, and who is named in it where names are to be masked; its size."""
    try:
        raw = _whole(path)
        student = decode(raw)
        before = rows.unfinished
        rows.add(student, number)
    except Malformed as error:
        found.refused.append((number, str(error)))
        return 0
    complete = rows.unfinished == before
    found.loaded.append((number, student.student_id, hashlib.blake2b(raw, digest_size=16).digest(), complete))
    if named:
        codes = tuple(code for code in (student.student_id, student.session_id) if code)
        found.people.append(Person(student.name or "", student.email or "", codes))
    return len(raw)


def _whole(path: Path) -> bytes:
    """The bytes of a file that nobody changes meanwhile.

    Raises:
        Malformed: it cannot be read, is too large, or changed while it was read.
    """
    try:
        with path.open("rb") as file:
            before = path.stat()
            if before.st_size > LARGEST_FILE:
                raise Malformed(f"larger than {LARGEST_FILE:,} bytes")
            raw = file.read()
            after = path.stat()
    except OSError as error:
        raise Malformed(f"cannot be read: {error.strerror}") from error
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or len(raw) != after.st_size:
        raise Malformed("incomplete: it changed while it was read")
    return raw


def _write(rows: FileRows, at: int, parts: Parts, hiding: Hiding, found: Found) -> None:
    tables = [table for table in FILE_TABLES if rows.rows[table.name]]
    frames = {table.name: frame_of(table, rows.rows.pop(table.name), more=(FILE,)) for table in tables}
    wrong: dict[int, str] = {}
    for table in tables:
        for number, reason in impossible(table, frames[table.name]):
            wrong.setdefault(number, reason)
    if wrong:
        found.refused += wrong.items()
        found.loaded = [each for each in found.loaded if each[0] not in wrong]
    for table in tables:
        frame = frames[table.name]
        if wrong:
            frame = frame.filter(~pl.col(FILE).is_in(list(wrong)))
        _remember_newest(table, frame, found)
        parts.write(table.name, at, hiding.without_identity(table, frame))
    found.notes += rows.notes


def _remember_newest(table: Table, frame: pl.DataFrame, found: Found) -> None:
    for variable in table.variables:
        if variable.kind is Kind.MOMENT and frame.height:
            newest = frame[variable.name].cast(pl.Int64).max()
            if newest is not None and (found.newest is None or newest > found.newest):  # type: ignore[operator]
                found.newest = newest  # type: ignore[assignment]

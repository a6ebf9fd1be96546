"""What a backup file holds, and reading one as a stream: memory does not grow with the file.

A record is checked whole before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson
from pydantic import ValidationError

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.records import AssessmentRecord

_BUFFER = 1 << 18
_MOST_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says about itself.

    Attributes:
        written_at: as it stands in the file, under either of the two names; none when it does not say.
        total: how many assessments it says it holds.
    """

    written_at: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not taken: its number, counted from 1, and why."""

    number: int
    why: str

    def __str__(self) -> str:
        return f"record {self.number}: {self.why}"


def read_head(path: Path) -> Head:
    """What a file says about itself. Reads to its list of assessments, or further when the head is behind it.

    Raises:
        InvalidInput: it cannot be read, is no backup, or is of a version that is not known.
    """
    found: dict[str, Any] = {}
    with _opened(path) as file, _told(path, 0):
        for prefix, event, value in ijson.parse(file, use_float=True, buf_size=_BUFFER):
            if prefix == "" and event not in {"start_map", "map_key", "end_map"}:
                raise InvalidInput("is not an object as a backup is", field=str(path))
            if prefix == "assessments" and event != "end_array":
                if event != "start_array":
                    raise InvalidInput("assessments must be a list", field=str(path))
                found["assessments"] = True
                if "total_assessments" in found:
                    break
            elif prefix in _HEAD and event in {
                "string",
                "number",
                "null",
                "boolean",
                "start_map",
                "start_array",
            }:
                found[prefix] = value
    return _head(found, path)


_HEAD = frozenset({"export_timestamp", "backup_timestamp", "total_assessments", "version", "format_version"})


def _head(found: dict[str, Any], path: Path) -> Head:
    if "assessments" not in found:
        raise InvalidInput("holds no list of assessments", field=str(path))
    for name in ("version", "format_version"):
        if name in found:
            raise InvalidInput(f"{name} {found[name]!r} of the format is not known here", field=str(path))
    total = found.get("total_assessments")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise InvalidInput("total_assessments must be a whole number", field=str(path))
    written = found.get("export_timestamp", found.get("backup_timestamp"))
    return Head(written if isinstance(written, str) else None, total)


def records(path: Path) -> Iterator[tuple[int, AssessmentRecord | Refused]]:
    """Every record with its number; one that is wrong as `Refused`.

    Raises:
        InvalidInput: the file ends or breaks off; the message names the record.
    """
    number = 0
    with _opened(path) as file:
        items = ijson.items(file, "assessments.item", use_float=True, buf_size=_BUFFER)
        while True:
            with _told(path, number + 1):
                item = next(items, _END)
            if item is _END:
                return
            number += 1
            yield number, _checked(number, item)


_END = object()


def _checked(number: int, item: Any) -> AssessmentRecord | Refused:
    try:
        return AssessmentRecord.model_validate(item)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        told = [_fault(fault) for fault in faults[:_MOST_FAULTS]]
        more = len(faults) - len(told)
        return Refused(number, "; ".join(told) + (f"; and {more} more" if more else ""))


def _fault(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    text = fault["msg"].removeprefix("Value error, ")
    return f"{place[:200]}: {text}" if place else text


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(path)) from error


@contextmanager
def _told(path: Path, number: int) -> Iterator[None]:
    """What the reader stumbles over, as a clear error that names the record."""
    try:
        yield
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        where = f"record {number}: " if number else ""
        kind = "the file ends in the middle" if isinstance(error, ijson.IncompleteJSONError) else "is no JSON"
        detail = " ".join(str(error).split())[:120]
        raise InvalidInput(f"{where}{kind} ({detail})", field=str(path)) from error

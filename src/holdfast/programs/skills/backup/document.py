"""What a backup file holds, and reading one as a stream: memory does not grow with the file.

A record is checked whole before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson
from pydantic import ValidationError

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.backup.lines import has_lines, record_lines
from holdfast.programs.skills.records import AssessmentRecord

_BUFFER = 1 << 18
_MOST_FAULTS = 3
DEEPEST = 20
MOST_VALUES = 200_000
"""Levels of nesting, and values in one record, beyond which a file is not read on."""


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
        for key, value in _parts(file):
            if key == _LIST:
                found[_LIST] = True
                if "total_assessments" in found:
                    break
            elif key in _HEAD:
                found[key] = value
    return _head(found, path)


_LIST = "assessments"
_ITEM = "assessments.item"
_HEAD = frozenset({"export_timestamp", "backup_timestamp", "total_assessments", "version", "format_version"})


def _head(found: dict[str, Any], path: Path) -> Head:
    if _LIST not in found:
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
        InvalidInput: the file breaks off or is no JSON; the message names the record.
    """
    number = 0
    with _opened(path) as file:
        quick = has_lines(file)
        items = record_lines(file) if quick else (item for key, item in _parts(file) if key == _ITEM)
        while True:
            with _told(path, number + 1):
                item = next(items, _END)
            if item is _END:
                return
            number += 1
            with _told(path, number):
                checked = _checked(number, item, AssessmentRecord.model_validate_json if quick else _VALIDATE)
            yield number, checked


_END = object()
_VALIDATE = AssessmentRecord.model_validate


def _parts(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """The values under the keys of the outermost object; the list of assessments item by item."""
    events = ijson.basic_parse(file, use_float=True, buf_size=_BUFFER)
    if next(events, _NONE)[0] != "start_map":
        raise InvalidInput("is not an object as a backup is")
    for end_or_key, key in events:
        if end_or_key != "map_key":
            continue  # the end; what comes behind it, the library refuses
        event, value = next(events, _NONE)
        if key != _LIST:
            yield key, _built(event, value, events)
            continue
        if event != "start_array":
            raise InvalidInput("assessments must be a list")
        yield _LIST, None
        while (event := (following := next(events, _NONE))[0]) != "end_array":
            yield _ITEM, _built(event, following[1], events)


_NONE = ("", None)


def _built(event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Any:
    """The value that begins with an event.

    It is built here because the library would follow any nesting: a file of brackets takes all memory, and
    the interpreter with it.
    """
    if event not in _STARTS:
        return value
    outermost: Any = _opened_by(event)
    above: list[Any] = []
    holder, key = outermost, ""
    for count, (what, item) in enumerate(events):
        if what == "map_key":
            key = item
            continue
        if what in _ENDS:
            _check_size(len(above), count)
            if not above:
                return outermost
            holder = above.pop()
            continue
        opened = _opened_by(what) if what in _STARTS else item
        if type(holder) is dict:
            holder[key] = opened
        else:
            holder.append(opened)
        if what in _STARTS:
            above.append(holder)
            holder = opened
            _check_size(len(above), count)
    raise InvalidInput("ends in the middle")


def _opened_by(event: str) -> Any:
    return {} if event == "start_map" else []


def _check_size(levels: int, values: int) -> None:
    if levels > DEEPEST:
        raise InvalidInput(f"is nested deeper than {DEEPEST} levels")
    if values > MOST_VALUES:
        raise InvalidInput(f"holds more than {MOST_VALUES} values")


_STARTS = frozenset({"start_map", "start_array"})
_ENDS = frozenset({"end_map", "end_array"})


def _checked(
    number: int, item: Any, validate: Callable[[Any], AssessmentRecord]
) -> AssessmentRecord | Refused:
    try:
        return validate(item)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        if faults[0]["type"] == "json_invalid":
            raise InvalidInput(f"is no JSON ({faults[0]['msg'][:120]})") from None
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
    where = f"record {number}: " if number else ""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"{where}{error.message}", field=str(path)) from None
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError) as error:
        detail = " ".join(str(error).split())
        cut = "premature EOF" in detail or "Incomplete" in detail
        kind = "the file ends in the middle" if cut else f"is no JSON ({detail[:120]})"
        raise InvalidInput(f"{where}{kind}", field=str(path)) from error

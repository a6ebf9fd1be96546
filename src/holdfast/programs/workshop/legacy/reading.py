"""Reading one value of an old row, of whatever type its column had. It is read or refused, never guessed.

Reasons name the field and never quote the value, which may be a secret or a person's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson

from holdfast.kit.errors import InvalidInput

T = TypeVar("T")

LONGEST_S = 1_000_000_000
"""Seconds, some 31 years: more was never spent on a step."""
MOST_ATTEMPTS = 1_000_000
LONGEST_TEXT = 1_000_000
CLOCKS_DIFFER = timedelta(days=1)
"""How far the clock of an old client may have been ahead of ours."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_MILLISECONDS_FROM = 10**11
"""A number of seconds as large as this would lie in the year 5138; the older clients wrote milliseconds."""
_TRUE, _FALSE = frozenset({"true", "t", "yes", "1"}), frozenset({"false", "f", "no", "0", ""})


class Fields:
    """The fields of one row; what cannot be read is collected, so that a row names all its defects."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self.problems: list[tuple[str, str]] = []

    def read(self, field: str, how: Callable[[Any, str], T], otherwise: T) -> T:
        """The field as `how` reads it; `otherwise` when it is missing, or when it was refused."""
        value = self._row.get(field)
        if value is None:
            return otherwise
        try:
            return how(value, field)
        except InvalidInput as error:
            self.problems.append((error.field or field, error.message))
            return otherwise


def moment(value: Any, field: str, now: datetime) -> datetime | None:
    """A moment: ISO 8601, or a number of milliseconds or seconds since 1970. Without a zone it is UTC.

    Raises:
        InvalidInput: it is none, or it lies more than a day after `now`.
    """
    if value is None or value == "":
        return None
    try:
        read = _moment(value)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise InvalidInput("is not a moment in time", field=field) from error
    if read > now + CLOCKS_DIFFER:
        raise InvalidInput("lies in the future", field=field)
    return read


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        read = datetime.fromisoformat(value.strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC)


def count(value: Any, field: str, most: int) -> int:
    """A whole number from 0 to `most`; fractions are rounded, none is 0, digits in a string are read.

    Raises:
        InvalidInput: it is none, it is negative or too large.
    """
    if value is None or value == "":
        return 0
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput("is not a number", field=field)
    if value < 0:
        raise InvalidInput("is negative", field=field)
    if value > most:
        raise InvalidInput(f"is more than {most}", field=field)
    return round(value)


def seconds(value: Any, field: str) -> int:
    """A duration in whole seconds, 0 to `LONGEST_S`."""
    return count(value, field, LONGEST_S)


def flag(value: Any, field: str) -> bool:
    """True or false; also 0 and 1 and the words for it. None is false.

    Raises:
        InvalidInput: it is neither.
    """
    said = "" if value is None else str(value).strip().lower()
    if value is None or isinstance(value, str | int):
        if said in _FALSE:
            return False
        if said in _TRUE:
            return True
    raise InvalidInput("is neither true nor false", field=field)


def words(value: Any, field: str) -> str | None:
    """A text as it stands; a blank one is none, a whole number is its digits.

    Raises:
        InvalidInput: it is no text, too long, or has characters that cannot be stored.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidInput("is not a text", field=field)
    if len(value) > LONGEST_TEXT:
        raise InvalidInput(f"has more than {LONGEST_TEXT} characters", field=field)
    if "\x00" in value or not _is_utf8(value):
        raise InvalidInput("has characters that cannot be stored", field=field)
    return value if value.strip() else None


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def document(value: Any, field: str, kind: type[T]) -> T:
    """A JSON list or object, also when it stands as JSON in a string (once or twice over).

    None, a blank string and an empty container of the other kind are an empty one.

    Raises:
        InvalidInput: it is another kind of value.
    """
    for _ in range(2):
        if isinstance(value, str):
            value = parsed(value, field) if value.strip() else None
    if value is None or (isinstance(value, list | dict) and not value):
        return kind()
    if not isinstance(value, kind):
        raise InvalidInput(f"is not a JSON {'list' if kind is list else 'object'}", field=field)
    return value


def storable(value: Any, field: str, kind: type[T]) -> T:
    """A `document` that a column can hold as it is.

    Raises:
        InvalidInput: as `document`, or it has numbers or characters that cannot be stored.
    """
    read = document(value, field, kind)
    try:
        json.dumps(read, allow_nan=False)
        stored = orjson.dumps(read)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput("holds what cannot be stored", field=field) from error
    if b"\\u0000" in stored:
        raise InvalidInput("has characters that cannot be stored", field=field)
    return read


def parsed(text: str, field: str) -> Any:
    """JSON as it stands in a string.

    Raises:
        InvalidInput: it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("is not JSON", field=field) from error

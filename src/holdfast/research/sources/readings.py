"""What texts in a student's file mean: moments, durations, blood pressure, vital signs. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SPOKEN = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*h(?:ours?|rs?)?\b)?[\s,]*(?:(\d+(?:\.\d+)?)\s*m(?:in(?:ute)?s?)?\b)?[\s,]*"
    r"(?:(\d+(?:\.\d+)?)\s*s(?:ec(?:ond)?s?)?\b)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):([0-5]\d(?:\.\d+)?)")
_PRESSURE = re.compile(r"\s*(\d{1,3}(?:\.\d+)?)\s*/\s*(\d{1,3}(?:\.\d+)?)\s*(?:mm\s?Hg)?\s*", re.IGNORECASE)
_LATEST_MS = 4_102_444_800_000
"""2100-01-01; a larger number of milliseconds is no moment of a session."""


class Unreadable(ValueError):
    """A text does not say what it should."""


def moment_us(value: str | float) -> int:
    """Microseconds since 1970 of an ISO 8601 text (without a zone: UTC) or of epoch milliseconds.

    Raises:
        Unreadable: it is no moment.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
            return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
        except (ValueError, OverflowError) as error:
            raise Unreadable(value) from error
    if not 0 < value < _LATEST_MS:
        raise Unreadable(str(value))
    return round(value * 1000)


def duration_s(value: str | float) -> float:
    """Seconds of ``70 minutes 30 seconds``, ``1 h 2 min``, ``20:15`` (minutes and seconds) or a number.

    Raises:
        Unreadable: it is no duration, or a negative one.
    """
    if not isinstance(value, str):
        if value < 0:
            raise Unreadable(str(value))
        return float(value)
    text = value.strip()
    clock = _CLOCK.fullmatch(text)
    spoken = clock or _SPOKEN.fullmatch(text)
    if not text or spoken is None or not any(spoken.groups()):
        raise Unreadable(value)
    hours, minutes, seconds = (float(part or 0) for part in spoken.groups())
    return hours * 3600 + minutes * 60 + seconds


def pressure(value: str) -> tuple[float, float]:
    """Systolic and diastolic pressure of ``120/80``, in mmHg.

    Raises:
        Unreadable: it is no blood pressure.
    """
    found = _PRESSURE.fullmatch(value)
    if found is None:
        raise Unreadable(value)
    return float(found[1]), float(found[2])

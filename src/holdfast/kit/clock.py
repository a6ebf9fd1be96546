"""Time: always aware, always UTC, always an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Something that tells the time. Rules never call it; services hand them the answer."""


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and ``Z``, as the older clients read it.

    Raises:
        ValueError: for a naive moment; a time without a zone is a defect, not a default.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spoken_duration(seconds: float) -> str:
    """Whole minutes and seconds in words: ``70 minutes 30 seconds``."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes} {_plural('minute', minutes)} {rest} {_plural('second', rest)}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Seconds from one moment to another, never negative: clocks may step back, durations may not."""
    return max(0.0, (later - earlier) / timedelta(seconds=1))

"""Milestones: what a student has reached by practising. They are never taken away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

_SESSIONS = (1, 10, 50, 100, 500)
_HOURS = (1, 10, 50, 100)
_WORDS = (50, 250, 1000, 5000)
_DAYS = (3, 7, 30, 100, 365)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that a student has practised so far, as running totals.

    Attributes:
        sessions: practice sessions saved.
        seconds: their duration.
        words_spoken: in all of them.
        words_learned: different words.
        streak_days: days in a row (UTC) with a session, up to `last_day`.
        last_day: the last day with a session; none before the first.
    """

    sessions: int = 0
    seconds: int = 0
    words_spoken: int = 0
    words_learned: int = 0
    streak_days: int = 0
    last_day: date | None = None


def after_session(
    standing: Standing, *, seconds: int, words_spoken: int, new_words: int, day: date
) -> Standing:
    """The totals after one more session; `day` is the day (UTC) on which it was saved."""
    last = standing.last_day
    streak, last_day = standing.streak_days, last
    if last is None or day > last:
        follows = last is not None and day - last == timedelta(days=1)
        streak, last_day = (streak + 1 if follows else 1), day
    return replace(
        standing,
        sessions=standing.sessions + 1,
        seconds=standing.seconds + seconds,
        words_spoken=standing.words_spoken + words_spoken,
        words_learned=standing.words_learned + new_words,
        streak_days=streak,
        last_day=last_day,
    )


def reached(standing: Standing) -> list[str]:
    """The milestones of these totals, such as ``sessions_10``, ``hours_1`` or ``days_in_a_row_3``."""
    hours = standing.seconds // 3600
    return [
        *(f"sessions_{n}" for n in _SESSIONS if standing.sessions >= n),
        *(f"hours_{n}" for n in _HOURS if hours >= n),
        *(f"words_{n}" for n in _WORDS if standing.words_learned >= n),
        *(f"days_in_a_row_{n}" for n in _DAYS if standing.streak_days >= n),
    ]


def newly_reached(before: Standing, after: Standing) -> list[str]:
    """What the totals after a session reach that those before it did not."""
    had = set(reached(before))
    return [milestone for milestone in reached(after) if milestone not in had]

"""Progress by step, as the older workshop kept it: one JSON object under keys of many forms.

Every key that names a step is read; two keys for one step are one step. A key that names none is a
defect of the row and never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop.definition import Definition
from holdfast.programs.workshop.legacy.reading import (
    LONGEST_S,
    MOST_ATTEMPTS,
    count,
    document,
    flag,
    moment,
    seconds,
)

_KEY = re.compile(
    r"(?:step|exercise)[-_ ]*(?P<number>[0-9]{1,6})(?P<name>[^0-9].*)?|(?P<bare>[0-9]{1,6})", re.IGNORECASE
)
_SHOWN = 60
"""Characters of a key that a reason quotes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is known of one step.

    Attributes:
        number: counted from 1.
        time_spent: seconds.
        passed: whether it was ever completed.
        completed_at: when it was first completed, where the old system said so.
        first_seen, last_seen: the earliest and the latest moment that the old system noted about it.
        keys: under which keys it stood.
    """

    number: int
    time_spent: int
    attempts: int
    passed: bool
    completed_at: datetime | None
    first_seen: datetime | None
    last_seen: datetime | None
    keys: tuple[str, ...]


def step_number(key: str) -> int | None:
    """The number in a key such as ``step-1``, ``step-1-connect-accounts``, ``exercise-1`` or ``1``.

    None for a key that names no step.
    """
    found = _KEY.fullmatch(key.strip())
    return int(found["number"] or found["bare"]) if found else None


def name_in(key: str) -> str | None:
    """The name in a key: ``connect accounts`` of ``step-1-connect-accounts``; none where there is none."""
    found = _KEY.fullmatch(key.strip())
    return _plain((found["name"] or "") if found else "") or None


def read_exercises(value: Any, field: str, definition: Definition, *, now: datetime) -> tuple[Step, ...]:
    """The steps of the column `exercises`, in their order; an object, or JSON in a string.

    Raises:
        InvalidInput: naming the key that names no step of the workshop, or the value that is wrong.
    """
    entries = document(value, field, dict)
    return merged(
        _step(key, entry, f"{field}.{_shown(key)}", definition, now) for key, entry in entries.items()
    )


def _shown(key: str) -> str:
    kept = "".join(character if character.isprintable() else "?" for character in key[:_SHOWN])
    return kept if len(key) <= _SHOWN else f"{kept}…"


def _step(key: str, entry: Any, field: str, definition: Definition, now: datetime) -> Step:
    number = _number(key, field, definition)
    if not isinstance(entry, Mapping):
        raise InvalidInput("is not a JSON object", field=field)
    passed = flag(entry.get("completed"), f"{field}.completed")
    completed = moment(entry.get("timestamp"), f"{field}.timestamp", now)
    seen = [m for m in (completed, moment(entry.get("lastAttempt"), f"{field}.lastAttempt", now)) if m]
    return Step(
        number,
        seconds(entry.get("timeSpent"), f"{field}.timeSpent"),
        count(entry.get("attempts"), f"{field}.attempts", MOST_ATTEMPTS),
        passed,
        completed if passed else None,
        min(seen, default=None),
        max(seen, default=None),
        (key,),
    )


def _number(key: str, field: str, definition: Definition) -> int:
    number = step_number(key)
    if number is None:
        raise InvalidInput("is a key that names no step", field=field)
    if definition.step(number) is None:
        raise InvalidInput(f"is outside the workshop's steps, 1 to {definition.total_steps}", field=field)
    named = [step.number for step in definition.steps if name_in(key) in {_plain(n) for n in step.names}]
    if named and number not in named:
        # A client that counted from 0 shows itself so; its numbers would give one step's work to another.
        raise InvalidInput(f"has the name of step {named[0]}", field=field)
    return number


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.lower()))


def merged(steps: Iterable[Step]) -> tuple[Step, ...]:
    """One step for each number, in their order, whatever the order they came in.

    Time and attempts add up; passed once is passed; the earliest completion counts.

    Raises:
        InvalidInput: the sums are more than a step can hold.
    """
    by_number: dict[int, list[Step]] = {}
    for step in steps:
        by_number.setdefault(step.number, []).append(step)
    return tuple(_one(by_number[number]) for number in sorted(by_number))


def _one(steps: list[Step]) -> Step:
    keys = tuple(sorted(key for step in steps for key in step.keys))
    time_spent, attempts = sum(s.time_spent for s in steps), sum(s.attempts for s in steps)
    if time_spent > LONGEST_S or attempts > MOST_ATTEMPTS:
        raise InvalidInput("adds up to more than a step can hold", field=f"exercises.{_shown(keys[0])}")
    return Step(
        steps[0].number,
        time_spent,
        attempts,
        any(s.passed for s in steps),
        min((s.completed_at for s in steps if s.completed_at), default=None),
        min((s.first_seen for s in steps if s.first_seen), default=None),
        max((s.last_seen for s in steps if s.last_seen), default=None),
        keys,
    )

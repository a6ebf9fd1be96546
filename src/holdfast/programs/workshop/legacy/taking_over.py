"""What becomes of a row: the session and steps that are stored, and what is told about differences. Pure.

Totals are counted anew from the steps, and no session is given time it did not have: every one is
ended, complete where all its steps were passed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.programs.workshop.configuration import without_key
from holdfast.programs.workshop.definition import Definition
from holdfast.programs.workshop.legacy import old_keys
from holdfast.programs.workshop.legacy.exercises import Step
from holdfast.programs.workshop.legacy.rows import LISTS, TEXTS, SignIn, StudentRow
from holdfast.programs.workshop.progress import StepState, Totals, totals

UNNAMED = "Workshop student"
"""The name of a student for whom the older system has none."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A session as it is stored.

    Attributes:
        record: by column of `sessions` and `workshop_sessions`; the student, the token where the old row
            has none, and the sealed key are added by whoever stores it.
        steps: by column of `step_progress`.
        api_key: in plain text, to be sealed.
        told: the totals that the older system had.
        differences: fields and what is not as the old row had it.
    """

    record: dict[str, Any]
    steps: tuple[dict[str, Any], ...]
    api_key: str | None
    told: Mapping[str, int]
    differences: tuple[tuple[str, str], ...]


def session_id_of(origin: tuple[object, ...]) -> str:
    """The id of the session that an old row becomes, the same each time: so a row is never taken twice."""
    text = json.dumps([None if value is None else str(value) for value in origin])
    return f"session_{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def taken_student(row: StudentRow, definition: Definition, *, key: bytes | None, now: datetime) -> Taken:
    """A student's way through the workshop as it is stored; `key` opens API keys of the older system."""
    session = session_id_of(row.origin)
    counted = totals((_state(step, definition) for step in row.steps), total_steps=definition.total_steps)
    started, last = _times(row.times, row.steps, now)
    api_key, why_not = old_keys.usable(row.api_key, key)
    record = {
        "session_id": session,
        "session_token": row.token,
        "demo_mode": row.demo_mode,
        "started_at": started,
        "last_activity": last,
        "created_at": row.times["created_at"] or started,
        "updated_at": row.times["updated_at"] or last,
        **_standing(counted, row.steps, last),
        **{name: without_key(value, api_key) for name, value in row.configuration.items()},
    }
    steps = tuple(_stored(step, definition, session, started, last) for step in row.steps)
    differences = (*row.remarks, *_differences(row, counted, why_not, now))
    return Taken(record, steps, api_key, row.told, differences)


def taken_sign_in(row: SignIn, *, now: datetime) -> Taken:
    """A sign-in as the session that it was: one in which no step was begun."""
    started, last = _times(row.times, (), now)
    record: dict[str, Any] = {
        "session_id": session_id_of(row.origin),
        "session_token": None,
        "demo_mode": row.demo_mode,
        "started_at": started,
        "last_activity": last,
        "created_at": row.times["created_at"] or started,
        "updated_at": last,
        **_standing(Totals(0, 0, 0), (), last),
        **dict.fromkeys((*TEXTS, "call_direction")),
        **{name: [] for name in LISTS},
        "voice_settings": {},
    }
    return Taken(record, (), None, {}, (*row.remarks, *_no_times(row.times, (), now)))


def _standing(counted: Totals, steps: tuple[Step, ...], last: datetime) -> dict[str, Any]:
    complete = counted.completion_rate == 100
    completed = max((step.completed_at for step in steps if step.completed_at), default=last)
    return {
        "status": "COMPLETED" if complete else "ABANDONED",
        "completed_at": completed if complete else None,
        "current_step": counted.current_step,
        "total_time_spent": counted.total_time_spent,
        "completion_rate": counted.completion_rate,
    }


def _state(step: Step, definition: Definition) -> StepState:
    return StepState(
        step.number,
        definition.steps[step.number - 1].name,
        step.completed_at,
        step.time_spent,
        step.attempts,
        step.passed,
    )


def _stored(
    step: Step, definition: Definition, session: str, started: datetime, last: datetime
) -> dict[str, Any]:
    return {
        "session_id": session,
        "step_number": step.number,
        "step_name": definition.steps[step.number - 1].name,
        "started_at": step.first_seen or started,
        "completed_at": step.completed_at,
        "time_spent": step.time_spent,
        "attempts": step.attempts,
        "validation_passed": step.passed,
        "updated_at": step.last_seen or last,
    }


def _times(
    times: Mapping[str, datetime | None], steps: tuple[Step, ...], now: datetime
) -> tuple[datetime, datetime]:
    """When the session began and was last active, by what is closest to it that the old system noted."""
    seen = [m for step in steps for m in (step.first_seen, step.last_seen) if m]
    first = min((*seen, *filter(None, (times["last_activity"], times["updated_at"]))), default=now)
    started = times["started_at"] or times["created_at"] or first
    last = times["last_activity"] or times["updated_at"] or max(seen, default=started)
    return started, max(started, last)


def _differences(
    row: StudentRow, counted: Totals, why_no_key: str | None, now: datetime
) -> Iterator[tuple[str, str]]:
    for name, told in row.told.items():
        mine = getattr(counted, name)
        if told != mine:
            yield name, f"was {told}, the steps come to {mine}"
    for step in row.steps:
        if len(step.keys) > 1:
            yield "exercises", f"{len(step.keys)} keys for step {step.number} became one step"
    if why_no_key is not None:
        yield "openai_api_key", f"{why_no_key}: not taken"
    yield from _no_times(row.times, row.steps, now)


def _no_times(
    times: Mapping[str, datetime | None], steps: tuple[Step, ...], now: datetime
) -> Iterator[tuple[str, str]]:
    began, last = times["started_at"] or times["created_at"], times["last_activity"]
    if not any(times.values()) and not any(step.first_seen for step in steps):
        yield "started_at", f"is not told anywhere: given the time of the migration, {now:%Y-%m-%d}"
    elif began and last and last < began:
        yield "last_activity", "was before the session's start: given that time"

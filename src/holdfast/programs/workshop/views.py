"""Rows as clients see them, in the seed's shapes. Neither token nor key ever passes through here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from holdfast.core.service_clock import ServiceClock, has_expired
from holdfast.core.sessions import Status
from holdfast.kit.clock import iso
from holdfast.programs.workshop.configuration import COLUMNS, PROFILE_COLUMNS
from holdfast.programs.workshop.definition import Definition
from holdfast.programs.workshop.progress import Base, told
from holdfast.store.statements import Row

OPEN = frozenset({Status.IN_PROGRESS, Status.PAUSED, Status.COMPLETED})
"""Sessions that live until their end; the others were closed."""


def is_expired(row: Mapping[str, Any] | Row) -> bool:
    """Whether a session's lifetime, which outages extend, is over."""
    clock = ServiceClock(row["now"], row["beat_at"], row["service_downtime_s"])
    return has_expired(row["expires_at"], row["session_downtime_s"], clock)


def is_open(row: Mapping[str, Any] | Row) -> bool:
    """Whether a session's token still opens it."""
    return row["status"] in OPEN and not is_expired(row)


def session_shown(row: Row, steps: Iterable[Row], *, base: Base) -> dict[str, Any]:
    """A session with its steps; `base` is how the client counts."""
    return {
        "session_id": row["session_id"],
        "student_id": str(row["student_id"]),
        "student_email": row["student_email"],
        "student_name": row["student_name"],
        "workshop": row["workshop_id"],
        "workshop_version": row["workshop_version"],
        "total_steps": row["total_steps"],
        "status": row["status"],
        "is_active": is_open(row),
        "demo_mode": row["demo_mode"],
        "started_at": iso(row["started_at"]),
        "last_activity": iso(row["last_activity"]),
        "expires_at": _moment(row["expires_at"]),
        "completed_at": _moment(row["completed_at"]),
        "current_step": told(row["current_step"], base=base),
        "total_time_spent": row["total_time_spent"],
        "completion_rate": row["completion_rate"],
        **{name: row[name] for name in COLUMNS},
        "openai_api_key_set": row["openai_api_key_set"],
        "bug_reports": row["bug_reports"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "step_progress": [step_shown(step, base=base) for step in steps],
    }


def step_shown(row: Row, *, base: Base) -> dict[str, Any]:
    """A step; with the code that was handed in where it was read."""
    code = {"codeSubmitted": row["code_submitted"]} if "code_submitted" in row else {}
    return {
        "stepNumber": told(row["step_number"], base=base),
        "stepName": row["step_name"],
        "completed": row["validation_passed"],
        "timeSpent": row["time_spent"],
        "attempts": row["attempts"],
        "startedAt": iso(row["started_at"]),
        "completedAt": _moment(row["completed_at"]),
        **code,
        "deploymentUrl": row["deployment_url"],
    }


def configuration_shown(row: Row) -> dict[str, Any]:
    """What a session is set up with; of the key only whether there is one."""
    shown = {name: row[name] for name in (*COLUMNS, *PROFILE_COLUMNS)}
    return {"session_id": row["session_id"], **shown, "openai_api_key_set": row["openai_api_key_set"]}


def definition_shown(definition: Definition, *, base: Base) -> dict[str, Any]:
    """A workshop with its steps."""
    return {
        "id": definition.id,
        "version": definition.version,
        "title": definition.title,
        "completion": definition.completion,
        "total_steps": definition.total_steps,
        "steps": [
            {
                "stepNumber": told(step.number, base=base),
                "stepName": step.name,
                "completeWhen": step.complete_when,
                "needs": list(step.needs),
            }
            for step in definition.steps
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None

"""What a row of an old table says. A row is read whole or refused with all its defects. Pure.

The columns are those of three generations of the older workshop; any of them may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.core.people import clean_email, clean_name
from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop.definition import Definition
from holdfast.programs.workshop.legacy import reading
from holdfast.programs.workshop.legacy.exercises import Step, read_exercises
from holdfast.programs.workshop.legacy.reading import Fields
from holdfast.programs.workshop.tokens import looks_like_one

STUDENTS, SIGN_INS, CONFIGS = "workshop_students", "workshop_sessions", "student_configs"
"""The old tables."""

TEXTS = (
    "use_case_description",
    "selected_phone_number",
    "tts_provider",
    "selected_voice",
    "system_prompt",
    "ivr_greeting",
    "websocket_url",
    "codespace_url",
    "github_repo_url",
    "railway_url",
)
LISTS = ("tools", "bug_reports")
NAMING = ("id", "student_id", "session_token", "student_email")
_TIMES = ("started_at", "last_activity", "created_at", "updated_at")
STUDENT_COLUMNS = (
    *("id", "student_id", "session_token", "student_email", "student_name", "exercises"),
    *_TIMES,
    *("total_time_spent", "completion_rate", "current_step", "demo_mode", "call_direction"),
    *("openai_api_key", "voice_settings"),
    *TEXTS,
    *LISTS,
)
SIGN_IN_COLUMNS = ("session_id", "student_id", "account_sid", "created_at", "last_activity", "is_demo_mode")
"""Of sign-ins. What opens other accounts (`auth_token`, `api_key_sid`, `api_key_secret`) is not read."""

KEY = "row"
"""The place of a row in its table (`ctid`), read beside the columns; it names a row that has no key."""

_MADE_UP = re.compile(r"unknown_.*@example\.com|session_.*@workshop\.local|anonymous_[^@]*", re.IGNORECASE)
"""Addresses that the older system made up where it had none. Some hold the session's token."""
_ACCOUNT = re.compile(r"AC[0-9a-zA-Z]{1,62}")
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be taken, with all its defects."""

    key: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A row of `workshop_students`: one student's way through the workshop.

    Attributes:
        key: names the row in reports; never a secret.
        origin: what makes the row this one and no other, run after run.
        identity: the varchar key of the generation that had one.
        email, name: cleaned; none where the row has none or the name cannot be one.
        token: the session's token.
        told: totals as the old system had them, by column, for comparison only.
        api_key: as it was stored, in plain text or encrypted by the older system.
    """

    key: str
    origin: tuple[object, ...]
    identity: str | None
    email: str | None
    name: str | None
    token: str | None
    steps: tuple[Step, ...]
    times: Mapping[str, datetime | None]
    told: Mapping[str, int]
    demo_mode: bool
    configuration: Mapping[str, Any]
    api_key: str | None
    remarks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A row of the old `workshop_sessions`: a sign-in with a telephone account.

    Attributes:
        key: names the row in reports; its `session_id` does not, because it is a secret.
        old_session: that secret, by which a sign-in finds the student's row.
        identity, email: who signed in, one of the two or neither.
    """

    key: str
    origin: tuple[object, ...]
    old_session: str
    identity: str | None
    email: str | None
    account_sid: str | None
    times: Mapping[str, datetime | None]
    demo_mode: bool
    remarks: tuple[tuple[str, str], ...]


def read_student(row: Mapping[str, Any], definition: Definition, *, now: datetime) -> StudentRow | Refused:
    """A row of `workshop_students`, from whatever columns it has, or why it cannot be taken."""
    fields = Fields(row)
    configuration: dict[str, Any] = {name: fields.read(name, reading.words, None) for name in TEXTS}
    configuration["call_direction"] = fields.read("call_direction", _direction, None)
    for column in LISTS:
        configuration[column] = fields.read(column, _list, [])
    no_settings: dict[str, Any] = {}
    configuration["voice_settings"] = fields.read("voice_settings", _object, no_settings)
    times = _times(fields, now)
    if all(row.get(name) is None for name in NAMING):
        fields.problems.append((NAMING[-1], "is missing, and so is every other key"))
    name, remarks = _name(fields)
    email = fields.read("student_email", _email, None)
    read = StudentRow(
        key=_key(row, "id", "student_id"),
        origin=(
            STUDENTS,
            *(row.get(name) for name in NAMING),
            row.get("started_at") or row.get("created_at"),
        ),
        identity=fields.read("student_id", _identity, None),
        email=email,
        name=name,
        token=fields.read("session_token", _token, None),
        steps=fields.read("exercises", lambda v, f: read_exercises(v, f, definition, now=now), ()),
        times=times,
        told=_told(fields, row),
        demo_mode=fields.read("demo_mode", reading.flag, otherwise=False),
        configuration=configuration,
        api_key=fields.read("openai_api_key", reading.words, None),
        remarks=(*remarks, *_made_up(row.get("student_email"))),
    )
    return Refused(read.key, tuple(fields.problems)) if fields.problems else read


def read_sign_in(row: Mapping[str, Any], *, now: datetime) -> SignIn | Refused:
    """A row of the old `workshop_sessions`, or why it cannot be taken."""
    fields = Fields(row)
    who = fields.read("student_id", _identity, None)
    is_email = who is not None and "@" in who
    old_session = fields.read("session_id", reading.words, None)
    account = fields.read("account_sid", reading.words, None)
    is_account = account is not None and _ACCOUNT.fullmatch(account.strip()) is not None
    if old_session is None and not fields.problems:
        fields.problems.append(("session_id", "is missing"))
    read = SignIn(
        key=_key(row, "student_id"),
        origin=(SIGN_INS, row.get("session_id")),
        old_session=old_session or "",
        identity=None if is_email else who,
        email=fields.read("student_id", _email, None) if is_email else None,
        account_sid=account.strip() if account and is_account else None,
        times=_times(fields, now),
        demo_mode=fields.read("is_demo_mode", reading.flag, otherwise=False),
        remarks=() if account is None or is_account else (("account_sid", "names no account: not taken"),),
    )
    return Refused(read.key, tuple(fields.problems)) if fields.problems else read


def _key(row: Mapping[str, Any], *names: str) -> str:
    """How a report names the row: by its first readable key and its place in the table."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int) and str(value).strip():
            shown = "".join(c if c.isprintable() else "?" for c in str(value)[:_LONGEST_KEY])
            return f"{name}={shown} {KEY}={row.get(KEY)}"
    return f"{KEY}={row.get(KEY)}"


def _times(fields: Fields, now: datetime) -> dict[str, datetime | None]:
    def read(value: Any, field: str) -> datetime | None:
        return reading.moment(value, field, now)

    return {name: fields.read(name, read, None) for name in _TIMES}


def _told(fields: Fields, row: Mapping[str, Any]) -> dict[str, int]:
    """The totals that the row has; they are counted anew and only compared."""
    limits = {"total_time_spent": 100 * reading.LONGEST_S, "completion_rate": 10_000, "current_step": 10_000}
    return {
        name: fields.read(name, _up_to(most), 0) for name, most in limits.items() if row.get(name) is not None
    }


def _up_to(most: int) -> Callable[[Any, str], int]:
    return lambda value, field: reading.count(value, field, most)


def _name(fields: Fields) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The name, and a remark where there is none to be used: progress is not lost for a name."""
    before = len(fields.problems)
    name = fields.read("student_name", _clean_name, None)
    reasons = [reason for _, reason in fields.problems[before:]]
    del fields.problems[before:]
    return name, tuple(("student_name", f"is no name, it {reason}") for reason in reasons)


def _clean_name(value: Any, field: str) -> str | None:
    text = reading.words(value, field)
    return None if text is None else clean_name(text)


def _email(value: Any, field: str) -> str | None:
    text = reading.words(value, field)
    if text is None or _MADE_UP.fullmatch(text.strip()):
        return None
    try:
        return clean_email(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=field) from error


def _made_up(email: Any) -> Iterator[tuple[str, str]]:
    if isinstance(email, str) and _MADE_UP.fullmatch(email.strip()):
        yield "student_email", "was made up by the older system: the student has none"


def _identity(value: Any, field: str) -> str | None:
    text = reading.words(value, field)
    if text is not None and len(text) > _LONGEST_KEY:
        raise InvalidInput(f"has more than {_LONGEST_KEY} characters", field=field)
    return text.strip() if text else None


def _token(value: Any, field: str) -> str | None:
    text = reading.words(value, field)
    if text is not None and not looks_like_one(text.strip()):
        raise InvalidInput("is not the token of a session", field=field)
    return text.strip() if text else None


def _direction(value: Any, field: str) -> str | None:
    text = (reading.words(value, field) or "").strip().lower()
    if text not in {"", "inbound", "outbound"}:
        raise InvalidInput("is neither inbound nor outbound", field=field)
    return text or None


def _list(value: Any, field: str) -> list[Any]:
    return reading.storable(value, field, list)


def _object(value: Any, field: str) -> dict[str, Any]:
    return reading.storable(value, field, dict)

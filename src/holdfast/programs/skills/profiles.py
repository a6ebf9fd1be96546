"""What the school says about a student: kept beside the student, seen by staff only."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from holdfast.core.journal import Event, record
from holdfast.kit.errors import NotFound
from holdfast.kit.plain import Line, PlainObject
from holdfast.programs.skills.stored import statements
from holdfast.store.statements import Connection


class Profile(BaseModel):
    """A student's profile; what is not stated is cleared."""

    model_config = ConfigDict(extra="forbid")

    first_name: Line | None = None
    last_name: Line | None = None
    grade_level: Annotated[
        int | None, Field(strict=True, ge=0, le=13, description="school year; 0 is before the first")
    ] = None
    school_id: Line | None = None
    birth_date: date | None = None
    external_id: Line | None = None
    demographics: PlainObject = Field(default_factory=dict)
    is_active: Annotated[bool, Field(strict=True)] = True


async def store_profile(connection: Connection, student_id: UUID, profile: Profile, *, actor: str) -> None:
    """Replace a student's profile."""
    await statements.store_profile.run(connection, student_id=student_id, **profile.model_dump())
    await record(connection, Event("profile.stored", actor, student_id))


async def profile_of(connection: Connection, student_id: UUID) -> dict[str, Any]:
    """A student with the profile; its columns are null where none was stored.

    Raises:
        NotFound: no such student.
    """
    row = await statements.profile.row(connection, student_id=student_id)
    if row is None:
        raise NotFound("there is no such student", field="student_id")
    names = list(Profile.model_fields)
    shown = {name: row[name] for name in names}
    shown |= {"demographics": row["demographics"] or {}, "is_active": row["is_active"] is not False}
    identity = {"id": str(student_id), "student_code": row["student_code"], "name": row["name"]}
    return identity | {"email": row["email"]} | shown

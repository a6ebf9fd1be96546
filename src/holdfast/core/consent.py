"""Consent: which text was shown, who agreed to which version when, and withdrawing it again."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import asyncpg

from holdfast.core import cohorts
from holdfast.core.cohorts import Cohort, statements
from holdfast.core.journal import Event, record
from holdfast.kit.clock import iso
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.store.statements import Connection

LONGEST_TEXT = 40_000
_VERSION = re.compile(r"[\w.-]{1,40}")


async def text_of(connection: Connection, cohort: Cohort) -> dict[str, Any]:
    """The version that newcomers of a cohort consent to, and its text."""
    text = await statements.consent_text.value(connection, version=cohort.consent_version)
    return {"cohort": cohort.name, "version": cohort.consent_version, "text": text}


async def publish(connection: Connection, cohort: Cohort, version: str, text: str, *, actor: str) -> None:
    """Store a new version of the text and let newcomers of the cohort consent to it from now on.

    A version that is stored is never changed; whoever agreed to an older one stays with that one
    until consenting again.

    Raises:
        InvalidInput: a version that is no short name, or a text that is blank or too long.
        Conflict: the version exists with another text.
    """
    if not _VERSION.fullmatch(version):
        raise InvalidInput("must have 1 to 40 letters, digits, dots or dashes", field="version")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput(f"must have 1 to {LONGEST_TEXT} characters", field="text")
    known = await statements.consent_text.value(connection, version=version)
    if known is None:
        try:
            await statements.insert_consent_text.run(connection, version=version, text=text)
        except asyncpg.UniqueViolationError as error:
            raise Conflict("this version was published at this moment", field="version") from error
    elif known != text:
        raise Conflict("this version exists with another text", field="version")
    await statements.change_consent_version.run(connection, cohort_id=cohort.cohort_id, version=version)
    await record(connection, Event("consent.published", actor, object=cohort.name, result=version))


async def give(connection: Connection, student_id: UUID, cohort_name: str, *, actor: str) -> str | None:
    """Consent again, to the cohort's present version; that version.

    Raises:
        NotFound: the student is in no such cohort.
    """
    cohort = await cohorts.by_name(connection, cohort_name)
    changed = await statements.give_consent.run(
        connection, student_id=student_id, cohort_name=cohort_name, version=cohort.consent_version
    )
    if not changed:
        raise NotFound("you are not in this cohort", field="cohort")
    event = Event("consent.given", actor, student_id, object=cohort_name, result=cohort.consent_version)
    await record(connection, event)
    return cohort.consent_version


async def withdraw(connection: Connection, student_id: UUID, cohort_name: str | None, *, actor: str) -> int:
    """Withdraw consent in one cohort or in all; in how many it was withdrawn by this."""
    count = await statements.withdraw_consent.run(connection, student_id=student_id, cohort_name=cohort_name)
    await record(connection, Event("consent.withdrawn", actor, student_id, object=cohort_name))
    return count


async def standing(connection: Connection, student_id: UUID) -> list[dict[str, Any]]:
    """What a student has consented to, by cohort, oldest enrolment first."""
    rows = await statements.enrolments_of.rows(connection, student_id=student_id)
    return [
        {
            "cohort": row["cohort"],
            "version": row["consent_version"],
            "consentedAt": iso(row["consented_at"]) if row["consented_at"] else None,
            "withdrawnAt": iso(row["withdrawn_at"]) if row["withdrawn_at"] else None,
            "class": row["cluster"],
        }
        for row in rows
    ]

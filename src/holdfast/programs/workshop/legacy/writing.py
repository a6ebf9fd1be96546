"""Storing rows of the old tables, a batch at a time: who they are about, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from holdfast.kit.ids import student_code, uuid7
from holdfast.programs.workshop.definition import Definition
from holdfast.programs.workshop.legacy.old_tables import statements
from holdfast.programs.workshop.legacy.report import Difference, NotTaken, Outcome
from holdfast.programs.workshop.legacy.rows import KEY, SIGN_INS, STUDENTS, Refused, SignIn, StudentRow
from holdfast.programs.workshop.legacy.taking_over import (
    UNNAMED,
    Taken,
    session_id_of,
    taken_sign_in,
    taken_student,
)
from holdfast.programs.workshop.stored import key_place
from holdfast.programs.workshop.tokens import new_token
from holdfast.store.secrets import Vault
from holdfast.store.statements import Connection

OldRow = StudentRow | SignIn


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole migration.

    Attributes:
        definition: the workshop that the old sessions followed, stored under `definition_hash`.
        vault: seals API keys.
        key: opens those that the older system encrypted.
        system: under which name `student_identities` keeps the older workshop's keys.
        actor: for the journal.
        now: the migration's moment.
    """

    definition: Definition
    definition_hash: str
    vault: Vault
    key: bytes | None
    system: str
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A student, known before or made by this batch."""

    student_id: UUID
    name: str
    email: str | None


@dataclass(slots=True)
class Batch:
    """What came of some rows of one table; it counts only once it is stored."""

    taken: int = 0
    new: list[Person] = field(default_factory=list)
    identities: list[dict[str, Any]] = field(default_factory=list)
    profiles: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """The people and sessions whom a batch names, as far as there are any; grows with the batch."""

    by_email: dict[str, Person]
    by_identity: dict[str, Person]
    sessions: set[str]
    by_token: dict[str, tuple[str, Person]]
    new_sessions: set[str] = field(default_factory=set)


class Writer:
    """Stores rows; remembers which sessions it has stored, to tell them from those of earlier runs."""

    def __init__(self, connection: Connection, terms: Terms) -> None:
        self._connection = connection
        self._terms = terms
        self._mine: set[str] = set()

    async def store(self, rows: Sequence[OldRow | Refused], table: str) -> list[Batch]:
        """Store what can be stored; every row is taken or told once in what comes of it."""
        refused = Batch()
        for row in rows:
            if isinstance(row, Refused):
                refused.not_taken.append(NotTaken(table, row.key, "refused", row.problems))
        return [refused, *await self._store([row for row in rows if not isinstance(row, Refused)])]

    async def _store(self, rows: list[OldRow]) -> list[Batch]:
        """Store rows together; where a constraint refuses them, each half by itself, down to the one.

        A half looks up anew, so that a student who registered in the meantime is found. Other failures end
        the migration: a defect of this program must not be told as one of the rows.
        """
        if not rows:
            return []
        try:
            async with self._connection.transaction():
                batch = await self._judged(rows)
                await self._write(batch)
        except asyncpg.IntegrityConstraintViolationError as error:
            if len(rows) == 1:
                place = error.column_name or error.constraint_name or "row"
                told = (str(place), "is refused by the database")
                return [Batch(not_taken=[_told(rows[0], "refused", *told)])]
            half = len(rows) // 2
            return [*await self._store(rows[:half]), *await self._store(rows[half:])]
        self._mine |= {session["session_id"] for session in batch.sessions}
        return [batch]

    async def _judged(self, rows: list[OldRow]) -> Batch:
        known, batch = await self._look_up(rows), Batch()
        for row in rows:
            told = self._join(row, known, batch) or self._known(row, known) or self._take(row, known, batch)
            if isinstance(told, NotTaken):
                batch.not_taken.append(told)
            else:
                batch.taken += 1
        return batch

    async def _look_up(self, rows: list[OldRow]) -> _Known:
        emails = [row.email for row in rows if row.email]
        identities = [row.identity for row in rows if row.identity]
        ids = [session_id_of(row.origin) for row in rows]
        tokens = [token for token in map(_token_of, rows) if token]
        found = await statements.students_by_email.rows(self._connection, emails=emails)
        named = await statements.students_by_identity.rows(
            self._connection, system=self._terms.system, external_ids=identities
        )
        sessions = await statements.known_sessions.rows(self._connection, session_ids=ids, tokens=tokens)
        return _Known(
            {row["email"]: _person(row) for row in found},
            {row["external_id"]: _person(row) for row in named},
            {row["session_id"] for row in sessions},
            {row["session_token"]: (row["session_id"], _person(row)) for row in sessions},
        )

    def _join(self, row: OldRow, known: _Known, batch: Batch) -> bool | NotTaken:
        """A sign-in whose session came with the student's row adds to that one what it knows."""
        joined = known.by_token.get(row.old_session) if isinstance(row, SignIn) else None
        if joined is None or not isinstance(row, SignIn):
            return False
        session, person = joined
        if session not in self._mine:
            return _told(row, "present", "session_id", "was taken by an earlier run")
        if row.email is not None and row.email != person.email:
            return _told(row, "refused", "student_id", "is another student than the session's")
        batch.profiles += _profile(row, person)
        batch.differences += [_differs(row, name, what) for name, what in row.remarks]
        return True

    def _known(self, row: OldRow, known: _Known) -> NotTaken | None:
        """Why a row is not taken because it, or its token, is there already."""
        session, token = session_id_of(row.origin), _token_of(row)
        naming = "session_id" if isinstance(row, SignIn) else "session_token" if token else KEY
        if session in self._mine or session in known.new_sessions:
            return _told(row, "refused", naming, "is there twice")
        if session in known.sessions:
            return _told(row, "present", naming, "was taken by an earlier run")
        if isinstance(row, StudentRow) and token in known.by_token:
            return _told(row, "refused", "session_token", "is the token of another session")
        return None

    def _take(self, row: OldRow, known: _Known, batch: Batch) -> NotTaken | None:
        person = _resolved(row, known)
        if isinstance(person, NotTaken):
            return person
        terms = self._terms
        taken = (
            taken_student(row, terms.definition, key=terms.key, now=terms.now)
            if isinstance(row, StudentRow)
            else taken_sign_in(row, now=terms.now)
        )
        name = row.name if isinstance(row, StudentRow) else None
        if person is None:
            person = Person(uuid7(), name or UNNAMED, row.email)
            batch.new.append(person)
        elif name is not None and name != person.name:
            batch.differences.append(
                _differs(row, "student_name", "is another than the student's: not taken")
            )
        self._remember(row, person, known, batch)
        self._add(row, taken, person, known, batch)
        return None

    def _remember(self, row: OldRow, person: Person, known: _Known, batch: Batch) -> None:
        if row.email:
            known.by_email[row.email] = person
        if row.identity and row.identity not in known.by_identity:
            known.by_identity[row.identity] = person
            batch.identities.append({"external_id": row.identity, "student_id": person.student_id})
        if isinstance(row, SignIn):
            batch.profiles += _profile(row, person)

    def _add(self, row: OldRow, taken: Taken, person: Person, known: _Known, batch: Batch) -> None:
        session = taken.record["session_id"]
        token = taken.record["session_token"] or new_token(self._terms.now)
        sealed = self._terms.vault.seal(taken.api_key, place=key_place(session)) if taken.api_key else None
        student = {"student_id": person.student_id}
        known.new_sessions.add(session)
        known.by_token[token] = (session, person)
        batch.sessions.append(taken.record | student | {"session_token": token, "openai_api_key": sealed})
        batch.steps += [step | student for step in taken.steps]
        batch.events.append(
            student
            | {
                "event_id": uuid7(),
                "session_id": session,
                "object": _table(row),
                "data": {"told": taken.told},
            }
        )
        batch.differences += [_differs(row, name, what) for name, what in taken.differences]

    async def _write(self, batch: Batch) -> None:
        run, terms = self._connection, self._terms
        new = [
            {
                "student_id": p.student_id,
                "student_code": student_code(p.name),
                "name": p.name,
                "email": p.email,
            }
            for p in batch.new
        ]
        await statements.insert_students.run(run, students=new)
        await statements.insert_identities.run(run, system=terms.system, identities=batch.identities)
        await statements.insert_profiles.run(run, profiles=batch.profiles)
        await statements.insert_sessions.run(run, sessions=batch.sessions, now=terms.now)
        await statements.insert_workshop_sessions.run(
            run, sessions=batch.sessions, definition_hash=terms.definition_hash
        )
        await statements.insert_steps.run(run, steps=batch.steps)
        await statements.insert_events.run(
            run, actor=terms.actor, type="session_migrated", events=batch.events
        )


def _resolved(row: OldRow, known: _Known) -> Person | NotTaken | None:
    """The student whom a row is about: by e-mail, or else by the older system's key; none for a new one."""
    by_email = known.by_email.get(row.email) if row.email else None
    by_key = known.by_identity.get(row.identity) if row.identity else None
    if by_key is not None and row.email and row.email != by_key.email:
        return _told(row, "refused", "student_id", "is the key of a student with another e-mail, or none")
    return by_email or by_key


def _person(row: Any) -> Person:
    # The driver's own UUID is not one that JSON knows.
    return Person(UUID(str(row["student_id"])), row["name"], row["email"])


def _profile(row: SignIn, person: Person) -> list[dict[str, Any]]:
    if row.account_sid is None:
        return []
    return [{"student_id": person.student_id, "twilio_account_sid": row.account_sid}]


def _token_of(row: OldRow) -> str | None:
    return row.token if isinstance(row, StudentRow) else row.old_session


def _table(row: OldRow) -> str:
    return STUDENTS if isinstance(row, StudentRow) else SIGN_INS


def _told(row: OldRow, outcome: Outcome, name: str, reason: str) -> NotTaken:
    return NotTaken(_table(row), row.key, outcome, ((name, reason),))


def _differs(row: OldRow, name: str, what: str) -> Difference:
    return Difference(_table(row), row.key, name, what)

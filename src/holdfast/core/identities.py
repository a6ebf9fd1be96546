"""Who stands behind a token by what is stored: the first use of one from outside creates the student."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.core.erasure import IdentityKey, refuse_the_erased
from holdfast.core.journal import Event, record
from holdfast.core.outside import OutsideIssuer
from holdfast.kit.errors import NotAllowed, NotAuthenticated
from holdfast.store.database import Database
from holdfast.store.statements import Connection, load

statements = load("holdfast.core", "identities.sql")

NAME = "Student from outside"
"""Tokens may carry a name and an e-mail; neither is needed here, so neither is kept."""


@dataclass(frozen=True, slots=True)
class Identities:
    """Who stands behind a token, by what is stored.

    Attributes:
        database: where students are.
        key: fingerprints erased identities.
        issuer: the outside provider, or none.
    """

    database: Database
    key: IdentityKey
    issuer: OutsideIssuer | None

    def is_outside(self, token: str) -> bool:
        """Whether the configured provider is said to have issued this token."""
        return self.issuer is not None and self.issuer.claims_to_have_issued(token)

    async def student_behind(self, token: str) -> Principal:
        """The student of a token from outside, always as a student; created at the first use.

        Raises:
            NotAuthenticated: the token does not hold.
            NotAllowed: the student was erased.
        """
        if self.issuer is None:
            raise NotAuthenticated("the token is not valid")
        system, external_id = self.issuer.issuer, await self.issuer.subject(token)
        async with self.database.connection() as connection:
            known = await _known(connection, system, external_id)
        return Principal(Role.STUDENT, str(known or await self._first_use(system, external_id)))

    async def require(self, student_id: UUID) -> None:
        """Raises NotAuthenticated when there is no such student, or none any more."""
        async with self.database.connection() as connection:
            if not await statements.exists.value(connection, student_id=student_id):
                raise NotAuthenticated("the token's student is not known here")

    async def _first_use(self, system: str, external_id: str) -> UUID:
        try:
            async with self.database.transaction() as connection:
                student = await students.add(connection, name=NAME, email=None)
                await statements.insert_identity.run(
                    connection, system=system, external_id=external_id, student_id=student.student_id
                )
                # Looked up last: whoever erased this identity before has committed by now, for the row
                # that was just inserted would otherwise have collided with the one being deleted.
                await refuse_the_erased(connection, self.key, system, external_id)
                actor = f"student:{student.student_id}"
                await record(
                    connection, Event("student.registered", actor, student.student_id, object=system)
                )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "student_identities_pkey":
                raise
            async with self.database.connection() as connection:
                known = await _known(connection, system, external_id)
            if known is None:
                raise NotAllowed("this student was erased") from error
            return known
        return student.student_id


async def _known(connection: Connection, system: str, external_id: str) -> UUID | None:
    found: UUID | None = await statements.student_of_identity.value(
        connection, system=system, external_id=external_id
    )
    return found

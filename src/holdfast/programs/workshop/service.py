"""The workshop's use cases. Commands take a connection inside a transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.core import sessions
from holdfast.core.access import Principal, Role
from holdfast.core.cohorts import Plan
from holdfast.core.journal import Event, record
from holdfast.kit.ids import session_id as new_session_id
from holdfast.kit.paging import Page
from holdfast.programs.workshop import opening, views
from holdfast.programs.workshop.access import Access
from holdfast.programs.workshop.configuration import EMPTY, PROFILE_COLUMNS, Configuration, without_key
from holdfast.programs.workshop.library import Library
from holdfast.programs.workshop.looking import session_of, with_steps
from holdfast.programs.workshop.planning import workshop_plan
from holdfast.programs.workshop.progress import Base
from holdfast.programs.workshop.reporting import Reporting, event_of
from holdfast.programs.workshop.stored import key_place, statements, store_definition
from holdfast.programs.workshop.tokens import new_token
from holdfast.store.database import Database
from holdfast.store.secrets import Vault
from holdfast.store.statements import Connection

PROGRAM = "workshop"


class Workshop:
    """The program on its stores.

    Args:
        database: where it is kept.
        library: the workshops there are.
        vault: seals API keys.
        lifetime_hours: of a session, where the cohort's plan says nothing else.
    """

    def __init__(
        self, database: Database, library: Library, vault: Vault, *, lifetime_hours: float = 24
    ) -> None:
        self.database = database
        self.library = library
        self.vault = vault
        self.reporting = Reporting(vault)
        self._lifetime_hours = lifetime_hours

    async def create(
        self,
        connection: Connection,
        student_id: UUID,
        *,
        caller: Principal,
        workshop: str | None = None,
        cohort: str | None = None,
        demo_mode: bool = False,
    ) -> tuple[str, str]:
        """Begin a session; its id and its token. The cohort's plan may fix the workshop.

        Raises:
            NotFound: no such workshop or cohort.
            WrongStep: the plan does not allow a session now.
        """
        member = await sessions.membership(connection, student_id, cohort)
        now = await connection.fetchval("SELECT clock_timestamp()")
        sessions.check_window(member.plan, PROGRAM, now=now)
        definition = self.library.find(workshop_plan(member.plan).workshop or workshop)
        session_id, token = new_session_id(), new_token(now)
        await sessions.statements.insert_session.row(
            connection,
            session_id=session_id,
            student_id=student_id,
            enrolment_id=member.enrolment_id,
            program=PROGRAM,
            lifetime_s=self._lifetime_s(member.plan),
        )
        await statements.insert_session.run(
            connection,
            session_id=session_id,
            student_id=student_id,
            definition_hash=await store_definition(connection, definition),
            session_token=token,
            demo_mode=demo_mode,
        )
        data = {"workshop": definition.id, "version": definition.version, "demoMode": demo_mode}
        event = Event("session_created", caller.actor, student_id, session_id, definition.id, data=data)
        await record(connection, event)
        return session_id, token

    def _lifetime_s(self, plan: Plan) -> float:
        usual = Plan.model_fields["session_hours"].default
        hours = self._lifetime_hours if plan.session_hours == usual else plan.session_hours
        return float(hours) * 3600

    async def configure(
        self, connection: Connection, access: Access, change: Configuration
    ) -> dict[str, Any]:
        """Change what a session is set up with; the configuration as it is now.

        Raises:
            WrongStep: the session is not open.
        """
        session = await opening.lock(connection, access.session_id, self.vault)
        key = change.openai_api_key.get_secret_value() if change.openai_api_key else None
        named = {name: without_key(session.clean(value), key) for name, value in change.stated().items()}
        profile = {name: named.pop(name) for name in PROFILE_COLUMNS if name in named}
        changes = {name: EMPTY.get(name) if value is None else value for name, value in named.items()}
        if change.key_is_stated:
            place = key_place(access.session_id)
            changes["openai_api_key"] = self.vault.seal(key, place=place) if key else None
        if changes:
            await statements.store_configuration.run(
                connection, session_id=access.session_id, changes=changes
            )
        if profile:
            await statements.store_profile.run(connection, student_id=access.student_id, changes=profile)
        await statements.touch_session.run(connection, session_id=access.session_id)
        fields = sorted([*changes, *profile])
        await record(connection, event_of("configuration_updated", access, {"fields": fields}))
        return views.configuration_shown(await session_of(connection, access.session_id))

    async def configuration(self, session_id: str) -> dict[str, Any]:
        """What a session is set up with.

        Raises:
            NotFound: no such session.
        """
        async with self.database.connection() as connection:
            return views.configuration_shown(await session_of(connection, session_id))

    async def of_student(
        self, connection: Connection, student_id: UUID | None, caller: Principal, page: Page, *, base: Base
    ) -> tuple[list[dict[str, Any]], int]:
        """The sessions of a student, newest activity first, and how many there are; none of a stranger.

        The student who owns them is told their tokens, to come back with; staff is not.
        """
        if student_id is None or caller.student_id not in {None, student_id}:
            return [], 0
        rows = await statements.sessions_of_students.rows(
            connection, student_ids=[student_id], limit=page.limit, offset=page.offset
        )
        found = await with_steps(connection, rows, base=base)
        if caller.role is Role.STUDENT:
            ids = [row["session_id"] for row in rows]
            kept = await statements.tokens_of_sessions.rows(connection, session_ids=ids)
            tokens = {row["session_id"]: row["session_token"] for row in kept}
            found = [{"session_token": tokens[one["session_id"]], **one} for one in found]
        return found, rows[0]["total"] if rows else 0

"""Adaptive tests as the routes and the command line use them: one transaction each, then the hot store.

What is written to Redis after a commit may be lost at any moment; every test is rebuilt from its rows.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.programs.adaptive_test import answering, ending, starting, views
from holdfast.programs.adaptive_test.answering import Outcome, Remembered, Submission
from holdfast.programs.adaptive_test.giving import Giving
from holdfast.programs.adaptive_test.hot import Hot, Limits
from holdfast.programs.adaptive_test.place import Idle, Place, look
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.starting import Started, Wanted
from holdfast.store.database import Database
from holdfast.store.ephemeral import Ephemeral
from holdfast.store.statements import Connection, Row

SERVICE = Principal(Role.ADMIN, "service")
"""Who lets idle tests expire."""
EXPIRED_AT_ONCE = 1000
DECIMALS = 4
"""Of proficiencies in the hot store, which only shows them."""


class AdaptiveTests:
    """The program's use cases."""

    def __init__(self, database: Database, ephemeral: Ephemeral, limits: Limits | None = None) -> None:
        self.database = database
        self.limits = limits or Limits()
        self.hot = Hot(ephemeral, self.limits)
        self.giving = Giving()

    async def start(
        self, connection: Connection, student: str | None, wanted: Wanted, caller: Principal
    ) -> tuple[Started, dict[str, Any]]:
        """Start a test in the connection's transaction; the test and its answer.

        Raises:
            InvalidInput, NotFound: a student that is missing, unknown or not the caller.
            Others as `starting.start`.
        """
        student_id = await _student(connection, student, caller)
        test = await starting.start(connection, self.giving, student_id, wanted, caller=caller)
        question = await self._words(
            connection, test.pool.pool_id, test.pending.question_id, test.pending.version
        )
        return test, views.started(test, question)

    async def keep_started(self, test: Started) -> None:
        """Put a test that was committed into the hot store."""
        values = list(test.initial.values())
        criteria = test.plan.to_json()["stopping"]
        state = _hot(test.student_id, test.pool.pool_id, values, test.pending.question_id, criteria)
        await self.hot.keep_state(test.session_id, state | {"v": 0, "a": []})

    async def submit(self, sent: Submission, caller: Principal) -> dict[str, Any]:
        """Count an answer, once; a repetition is given the first answer.

        Raises:
            Conflict: the same answer is being counted at this moment.
            Others as `answering.submit`.
        """
        async with self.hot.answering(sent.session_id, sent.question_id) as ours:
            if not ours:
                raise Conflict(
                    "this answer is being counted; send it again to read the outcome",
                    retry_after_s=self.limits.lock_s,
                )
            remembered = _remembered(await self.hot.state(sent.session_id))
            try:
                done, shown = await self._count(sent, caller, remembered)
            except Idle:
                await self._expire(sent.session_id, caller)
                raise
            await self._keep(done)
        return shown

    async def _count(
        self, sent: Submission, caller: Principal, remembered: Remembered | None
    ) -> tuple[Outcome, dict[str, Any]]:
        async with self.database.transaction() as connection:
            done = await answering.submit(
                connection,
                self.giving,
                sent,
                caller,
                idle_s=self.limits.idle_s,
                remembered=remembered,
            )
            if done.next_question is not None:
                question = await self._words(connection, done.place.pool_id, *done.next_question)
                return done, views.outcome(done, question, None)
            ended = await statements.read_test.row(connection, session_id=sent.session_id)
            return done, views.outcome(done, None, ended)

    async def _expire(self, session_id: str, caller: Principal, idle_s: float | None = None) -> bool:
        within = self.limits.idle_s if idle_s is None else idle_s
        async with self.database.transaction() as connection:
            done = await ending.expire(connection, session_id, caller, idle_s=within)
        if done:
            await self.hot.forget(session_id)
        return done

    async def _keep(self, done: Outcome) -> None:
        """The hot state after a counted answer; a test that is over has none."""
        place = done.place
        if done.version is None or done.answers is None:
            return
        if done.next_question is None:
            await self.hot.forget(place.session_id)
            return
        values = [done.proficiency[name] for name in place.concept_names]
        criteria = place.row["rules"]["stopping"]
        state = _hot(place.student_id, place.pool_id, values, done.next_question[0], criteria)
        await self.hot.keep_state(place.session_id, state | {"v": done.version, "a": done.answers})

    async def status(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """Where a test stands, with the question that waits. An idle one is marked expired first."""
        place, shown = await self._standing(session_id, caller)
        if place.idle_s > self.limits.idle_s and await self._expire(session_id, caller):
            _, shown = await self._standing(session_id, caller)
        return shown

    async def _standing(self, session_id: str, caller: Principal) -> tuple[Place, dict[str, Any]]:
        async with self.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            return place, await self._shown(connection, place)

    async def _shown(self, connection: Connection, place: Place) -> dict[str, Any]:
        rows = await statements.responses_of.rows(connection, session_id=place.session_id)
        question = None
        if place.is_active and place.pending is not None:
            pending = place.pending
            question = await self._words(connection, place.pool_id, pending.question_id, pending.version)
        return views.standing(place, question, rows[-1] if rows else None)

    async def end(self, connection: Connection, session_id: str, caller: Principal) -> dict[str, Any]:
        """End a test now; repeated, it answers the same."""
        place = await ending.end(connection, session_id, caller)
        return await self._shown(connection, place)

    async def resume(self, connection: Connection, session_id: str, caller: Principal) -> dict[str, Any]:
        """Take an expired test up again, at the question that waits."""
        place = await ending.resume(
            connection, session_id, caller, allowed=self.limits.resume, seconds=self.limits.idle_s
        )
        return await self._shown(connection, place)

    async def cleanup(self, idle_s: float | None = None) -> int:
        """Mark tests expired whose students were not heard of for so many seconds; how many."""
        within = self.limits.idle_s if idle_s is None else idle_s
        removed = 0
        while True:
            async with self.database.connection() as connection:
                rows = await statements.idle_tests.rows(connection, idle_s=within, limit=EXPIRED_AT_ONCE)
            for row in rows:
                removed += await self._expire(row["session_id"], SERVICE, within)
            if len(rows) < EXPIRED_AT_ONCE:
                return removed

    async def _words(
        self, connection: Connection, pool_id: UUID, question_id: str, version: int
    ) -> dict[str, Any]:
        """A question as a student sees it, from the cache or the database."""
        known = await self.hot.question(pool_id, question_id, version)
        if known is not None:
            return known
        row: Row | None = await statements.question_words.row(
            connection, question_id=question_id, version=version
        )
        if row is None:
            raise NotFound("there is no such question", field="question_id")
        words = views.words_of(row, question_id)
        await self.hot.keep_question(pool_id, question_id, version, words)
        return words


async def _student(connection: Connection, named: str | None, caller: Principal) -> UUID:
    """Whose test it is: the caller's own, or the one that staff names."""
    if caller.student_id is not None:
        if named is not None and named != caller.subject:
            own = await students.by_id(connection, caller.student_id)
            if named != own.student_code:
                raise InvalidInput("is not the student of the token", field="student_id")
        return caller.student_id
    if not named:
        raise InvalidInput("is missing: whose test is it?", field="student_id")
    return (await students.by_name_of_any_kind(connection, named)).student_id


def _hot(
    student_id: UUID, pool_id: UUID, proficiency: list[float], question_id: str, criteria: Any
) -> dict[str, Any]:
    """The seed's fields of a hot state; what is null is left out, for each test in flight has one."""
    return {
        "student_id": str(student_id),
        "question_pool_id": str(pool_id),
        "current_proficiency": [round(value, DECIMALS) for value in proficiency],
        "next_question_id": question_id,
        "status": "active",
        "end_criteria": {name: value for name, value in criteria.items() if value is not None},
    }


def _remembered(state: dict[str, Any] | None) -> Remembered | None:
    """Version and answers of a hot state, if it is one."""
    if state is None:
        return None
    try:
        return Remembered(int(state["v"]), tuple(int(code) for code in state["a"]))
    except (KeyError, TypeError, ValueError):
        return None

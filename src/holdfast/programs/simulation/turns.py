"""A turn: the message is committed with what it does, the agent is asked, the reply is committed.

No model is called inside a transaction. A claim (an owner and a time) on the session says who is
answering; when its owner dies the claim runs out and whoever comes next answers from the rows. A
reply is stored once. Turns of one session come one after another, across processes.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

import asyncpg

from holdfast.agents.gateway import Gateway
from holdfast.agents.ledger import PRICES, Price
from holdfast.agents.speech import Draft, Restart
from holdfast.core.access import Principal
from holdfast.kit.errors import Conflict, IdempotencyMismatch, InvalidInput
from holdfast.programs.simulation.catalog import Catalog, Edition
from holdfast.programs.simulation.changes import LEASE_S, Change, Utterance, statements
from holdfast.programs.simulation.held_states import HeldStates
from holdfast.programs.simulation.looking import find, look, require_open
from holdfast.programs.simulation.place import Place
from holdfast.programs.simulation.replies import Accepted, Answer, Move, Propose, Replies
from holdfast.store.database import Database
from holdfast.store.statements import Connection

LONGEST_MESSAGE = 8000
WAIT_S = 30.0
"""How long a request waits for its session before it is told to come again."""


Decide = Callable[[Connection, Place, Edition | None, str], Awaitable[Move]]
"""From a place and a text to a move; reads, but changes nothing."""
Rebuild = Callable[[Connection, Place, int], Awaitable[Move]]
"""The move of a message that is stored already, from rows."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the program decides about turns; this module knows only how they are kept."""

    decide: Decide
    rebuild: Rebuild
    propose: Propose


class Turns:
    """Takes students' messages, one after another in each session."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        gateway: Gateway,
        rules: Rules,
        prices: Mapping[str, Price] = PRICES,
        states: HeldStates | None = None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._rules = rules
        self._states = states or HeldStates()
        self._replies = Replies(database, gateway, rules.propose, prices)
        # Spares the database from waiting requests of this process; the claim decides, not this.
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, session_id: str, caller: Principal, text: str, key: str | None) -> Answer:
        """Take a message and answer when both sides of the turn are saved.

        Raises:
            InvalidInput, NotFound, WrongStep, IdempotencyMismatch: nothing was changed.
            Conflict: the session is busy for too long; nothing was changed.
            Silence: the message is saved, the reply is not; the same key asks again.
        """
        text = _checked(text)
        async with self._in_line(session_id):
            found = await self._own(session_id, caller, text, key)
            return found if isinstance(found, Answer) else await self._replies.give(found)

    async def stream(
        self, session_id: str, caller: Principal, text: str, key: str | None
    ) -> AsyncGenerator[Draft | Restart | Answer, None]:
        """As `take`, with the reply's drafts as they come; the answer comes last, after its commit."""
        text = _checked(text)
        async with self._in_line(session_id):
            found = await self._own(session_id, caller, text, key)
            if isinstance(found, Answer):
                yield Draft(found.text)
                yield found
                return
            async with aclosing(self._replies.stream(found)) as pieces:
                async for piece in pieces:
                    yield piece

    async def pick_up(self, session_id: str) -> bool:
        """Answer a message whose process died before it could; false when there is none (any more).

        Raises:
            Silence: no model answers; the message stays, to be picked up again.
        """
        async with self._in_line(session_id):
            async with self._database.connection() as connection:
                place = await find(connection, session_id)
                found = await self._take_over(connection, place) if place and place.abandoned else None
            if found is None:
                return False
            await self._replies.give(found)
            return True

    async def _own(self, session_id: str, caller: Principal, text: str, key: str | None) -> Answer | Accepted:
        """The request's own message, stored, once those before it are answered."""
        found = await self._accept(session_id, caller, text, key)
        while isinstance(found, Accepted) and not found.own:
            await self._replies.give(found)
            found = await self._accept(session_id, caller, text, key)
        return found

    async def _take_over(self, connection: Connection, place: Place) -> Accepted | None:
        """Claim an abandoned turn; none when somebody else was quicker or nothing is unanswered."""
        claim = uuid4()
        taken = await statements.claim_turn.value(
            connection, session_id=place.session_id, claim=claim, lease_s=LEASE_S
        )
        if taken is None:
            return None
        seq = await statements.unanswered.value(connection, session_id=place.session_id)
        if seq is None:
            await Change(place.session_id, place.student_id, owner=claim, release=True).apply(connection)
            return None
        return Accepted(await self._rules.rebuild(connection, place, seq), claim, seq, own=False)

    @asynccontextmanager
    async def _in_line(self, session_id: str) -> AsyncIterator[None]:
        queue = self._queues.setdefault(session_id, asyncio.Lock())
        try:
            async with asyncio.timeout(WAIT_S):
                await queue.acquire()
        except TimeoutError as error:
            raise _busy() from error
        try:
            yield
        finally:
            queue.release()

    async def _accept(
        self, session_id: str, caller: Principal, text: str, key: str | None
    ) -> Answer | Accepted:
        """Store the message with its effects under a claim, or find the answer of an earlier attempt."""
        deadline = time.monotonic() + WAIT_S
        claim, waiting = uuid4(), False
        while time.monotonic() < deadline:
            try:
                found = await self._attempt(session_id, caller, text, key, claim, waiting=waiting)
            except asyncpg.UniqueViolationError as error:
                if error.constraint_name != "messages_client_key_key":
                    raise
                found = None  # the same request arrived twice; the next look finds the other one
            if found is not None:
                return found
            if waiting:
                await asyncio.sleep(random.uniform(0.005, 0.03))  # spread the waiting processes
            waiting = True
        raise _busy()

    async def _attempt(
        self, session_id: str, caller: Principal, text: str, key: str | None, claim: UUID, *, waiting: bool
    ) -> Answer | Accepted | None:
        """One attempt; none when the session is busy or has moved on meanwhile.

        The first attempt reads and writes without holding anything: two statements. After a
        collision the row lock is taken first, so that no attempt is in vain.
        """
        opened = self._database.transaction() if waiting else self._database.connection()
        async with opened as connection:
            if waiting:
                await statements.wait_for_session.value(connection, session_id=session_id)
            place = await look(connection, session_id, caller, key, self._states.of(session_id))
            if place.same_key_seq is not None:
                return await self._again(connection, place, place.same_key_seq, text, claim)
            require_open(place)
            if place.busy:
                return None
            if place.abandoned:
                return await self._take_over(connection, place)
            move = await self._decide(connection, place, text)
            seq = await self._store(connection, _claimed(move, claim, key))
            if seq is None:
                return None
            if move.change.run is not None:
                self._states.hold(session_id, claim, move.change.run.after)
            return Accepted(move, claim, seq)

    async def _decide(self, connection: Connection, place: Place, text: str) -> Move:
        edition = None
        if place.run is not None and place.run.is_open:
            edition = await self._catalog.by_hash(connection, place.run.content_hash)
        return await self._rules.decide(connection, place, edition, text)

    async def _store(self, connection: Connection, move: Move) -> int | None:
        if move.totals is None:
            return await move.change.apply(connection)
        async with connection.transaction():
            seq = await move.change.apply(connection)
            if seq is not None:
                await statements.store_performance.run(connection, **move.totals)
            return seq

    async def _again(
        self, connection: Connection, place: Place, seq: int, text: str, claim: UUID
    ) -> Answer | Accepted | None:
        """A repeated request: the stored answer, or the reply that its first attempt did not live to give."""
        row = await statements.turn_reply.row(connection, session_id=place.session_id, seq=seq)
        if row is None or row["asked"] != text:
            raise IdempotencyMismatch("this key was used for another message", field="Idempotency-Key")
        if row["reply_seq"] is not None:
            return Answer(seq, row["reply_seq"], row["reply"], row["answer"] or {})
        if place.busy:
            return None
        taken = await statements.claim_turn.value(
            connection, session_id=place.session_id, claim=claim, lease_s=LEASE_S
        )
        if taken is None:
            return None
        return Accepted(await self._rules.rebuild(connection, place, seq), claim, seq)


def _busy() -> Conflict:
    return Conflict("an earlier message of this session is still being answered; send this one again")


def _checked(text: str) -> str:
    if not text.strip():
        raise InvalidInput("must not be empty", field="message")
    if len(text) > LONGEST_MESSAGE:
        raise InvalidInput(f"must have at most {LONGEST_MESSAGE} characters", field="message")
    if "\x00" in text:
        raise InvalidInput("must not contain NUL characters", field="message")
    return text


def _claimed(move: Move, claim: UUID, key: str | None) -> Move:
    said = move.change.utterance
    if said is None:
        return move
    keyed = Utterance(said.role, said.agent, said.content, said.part, said.clinical_s, None, key, said.cue)
    change = move.change.with_(claim=claim, utterance=keyed)
    return Move(change, move.persona, move.extras, move.totals)

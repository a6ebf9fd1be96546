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
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

import asyncpg

from holdfast.agents.gateway import Gateway, Silence
from holdfast.agents.ledger import PRICES, Price, UsageRow, usage_row
from holdfast.agents.speech import Draft, Persona, Restart, Speech, Usage
from holdfast.core import journal, sessions
from holdfast.core.access import Principal
from holdfast.core.journal import Event
from holdfast.kit.errors import Conflict, IdempotencyMismatch, InvalidInput
from holdfast.kit.ids import uuid7
from holdfast.kit.repeating import repeating
from holdfast.programs.simulation.catalog import Catalog, Edition
from holdfast.programs.simulation.changes import LEASE_S, Change, Utterance, statements
from holdfast.programs.simulation.looking import look, require_open
from holdfast.programs.simulation.place import Place, place_of
from holdfast.store.database import Database
from holdfast.store.statements import Connection

LONGEST_MESSAGE = 8000
WAIT_S = 30.0
"""How long a request waits for its session before it is told to come again."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a student's message leads to.

    Attributes:
        change: the commit that stores the message with its effects.
        persona: who answers, knowing what came to light.
        extras: what the client is answered beside the reply's text.
        totals: the performance row to store with the change, when the session is completed by it.
    """

    change: Change
    persona: Persona
    extras: dict[str, Any]
    totals: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn that is saved: both messages are committed."""

    seq: int
    reply_seq: int
    text: str
    extras: dict[str, Any]

    def body(self) -> dict[str, Any]:
        """What the client is told."""
        return {"message": self.text, "messageSeq": self.seq, "replySeq": self.reply_seq, **self.extras}


Decide = Callable[[Connection, Place, Edition | None, str], Awaitable[Move]]
"""From a place and a text to a move; reads, but changes nothing."""
Rebuild = Callable[[Connection, Place, int], Awaitable[Move]]
"""The move of a message that is stored already, from rows."""
Propose = Callable[[Connection, Place, Speech], Awaitable[Change | None]]
"""The change that a model's tool calls amount to, if any."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is stored and waits for its reply, under this process's claim.

    Attributes:
        own: whether it is the message of the request; if not, it is an earlier one whose reply was
            never given because the process that asked for it died.
    """

    move: Move
    claim: UUID
    seq: int
    own: bool = True


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
    ) -> None:
        self._prices = prices
        self._database = database
        self._catalog = catalog
        self._gateway = gateway
        self._rules = rules
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
            return found if isinstance(found, Answer) else await self._answered(found)

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
            async with aclosing(self._reply(found)) as pieces:
                async for piece in pieces:
                    yield piece

    async def pick_up(self, session_id: str) -> bool:
        """Answer a message whose process died before it could; false when there is none (any more).

        Raises:
            Silence: no model answers; the message stays, to be picked up again.
        """
        async with self._in_line(session_id):
            async with self._database.connection() as connection:
                row = await statements.read_session.row(connection, session_id=session_id, client_key=None)
                place = place_of(row) if row else None
                found = await self._take_over(connection, place) if place and place.abandoned else None
            if found is None:
                return False
            await self._answered(found)
            return True

    async def _own(self, session_id: str, caller: Principal, text: str, key: str | None) -> Answer | Accepted:
        """The request's own message, stored, once those before it are answered."""
        found = await self._accept(session_id, caller, text, key)
        while isinstance(found, Accepted) and not found.own:
            await self._answered(found)
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
            place = await look(connection, session_id, caller, key)
            if place.same_key_seq is not None:
                return await self._again(connection, place, place.same_key_seq, text, claim)
            require_open(place)
            if place.busy:
                return None
            if place.abandoned:
                return await self._take_over(connection, place)
            move = await self._decide(connection, place, text)
            seq = await self._store(connection, _claimed(move, claim, key))
            return None if seq is None else Accepted(move, claim, seq)

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

    async def _answered(self, found: Accepted) -> Answer:
        """As `_reply`, for when nobody listens to the drafts."""
        move, claim = found.move, found.claim
        async with self._renewing(move.change.session_id, claim):
            try:
                speech = await self._gateway.speak(move.persona)
            except Silence as silence:
                await self._give_up(move, claim, silence.usage)
                raise
        return await self._save(move, claim, found.seq, speech)

    async def _reply(self, found: Accepted) -> AsyncGenerator[Draft | Restart | Answer, None]:
        """Ask the agent under the claim and store what it says, once."""
        move, claim, seq = found.move, found.claim, found.seq
        session_id = move.change.session_id
        speech: Speech | None = None
        async with self._renewing(session_id, claim):
            try:
                async with aclosing(self._gateway.stream(move.persona)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Speech):
                            speech = piece
                        else:
                            yield piece
            except Silence as silence:
                await self._give_up(move, claim, silence.usage)
                raise
        if speech is None:
            raise Conflict("the agent said nothing")
        yield await self._save(move, claim, seq, speech)

    def _renewing(self, session_id: str, claim: UUID) -> AbstractAsyncContextManager[None]:
        return repeating(LEASE_S / 3, lambda: self._renew(session_id, claim), at_once=False)

    async def _renew(self, session_id: str, claim: UUID) -> None:
        """Keep the claim alive while an agent thinks; if that fails it runs out, which is what it is for."""
        async with self._database.connection() as connection:
            await sessions.statements.renew_turn.run(
                connection, session_id=session_id, turn_owner=claim, lease_s=LEASE_S
            )

    async def _save(self, move: Move, claim: UUID, seq: int, speech: Speech) -> Answer:
        said = move.change.utterance
        if said is None:
            raise Conflict("a turn without a message has no reply")
        reply = Utterance(
            role="assistant",
            agent=said.agent,
            content=speech.text,
            part=said.part,
            clinical_s=said.clinical_s,
            reply_to=seq,
            cue=move.extras,
        )
        release = Change(move.change.session_id, move.change.student_id, owner=claim, release=True)
        change = release.with_(utterance=reply)
        if speech.usage is None and not speech.proposals:
            async with self._database.connection() as connection:
                reply_seq = await _stored_once(connection, change)
        else:
            reply_seq = await self._save_modelled(change, speech, said.agent)
        if reply_seq is None:
            return await self._other_answer(move.change.session_id, seq)
        return Answer(seq, reply_seq, speech.text, move.extras)

    async def _save_modelled(self, change: Change, speech: Speech, agent: str) -> int | None:
        """Store a model's reply with what its tool calls amount to and what it cost."""
        async with self._database.transaction() as connection:
            await statements.wait_for_session.value(connection, session_id=change.session_id)
            if speech.proposals:
                row = await statements.read_session.row(
                    connection, session_id=change.session_id, client_key=None
                )
                proposed = await self._rules.propose(connection, place_of(row), speech) if row else None
                if proposed is not None:
                    change = change.with_(run=proposed.run)
            reply_seq = await _stored_once(connection, change)
            if reply_seq is not None and speech.usage is not None:
                cost = usage_row(agent, speech.usage, speech.fallback or "model", self._prices)
                await _charge(connection, change, cost, reply_seq)
            return reply_seq

    async def _other_answer(self, session_id: str, seq: int) -> Answer:
        """The reply of whoever took the turn over when this process was too slow."""
        async with self._database.connection() as connection:
            row = await statements.turn_reply.row(connection, session_id=session_id, seq=seq)
        if row is None or row["reply_seq"] is None:
            raise Conflict("another process is answering this message; send it again with the same key")
        return Answer(seq, row["reply_seq"], row["reply"], row["answer"] or {})

    async def _give_up(self, move: Move, claim: UUID, usage: Usage) -> None:
        """Let the turn go, so that the next attempt need not wait; the cost is booked all the same."""
        agent = move.change.utterance.agent if move.change.utterance else "agent"
        silent = Event("agent.silent", "service", object=agent)
        change = Change(move.change.session_id, move.change.student_id, owner=claim, release=True)
        async with self._database.transaction() as connection:
            await change.with_(events=(silent,)).apply(connection)
            await _charge(connection, change, usage_row(agent, usage, "silence", self._prices), None)


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


async def _stored_once(connection: Connection, change: Change) -> int | None:
    """Store a reply; none when the claim was lost or another reply is there."""
    try:
        return await change.apply(connection)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "messages_reply_to_key":
            raise
        return None


async def _charge(connection: Connection, change: Change, row: UsageRow, seq: int | None) -> None:
    await journal.statements.insert_usage.run(
        connection,
        usage_id=uuid7(),
        student_id=change.student_id,
        session_id=change.session_id,
        seq=seq,
        agent=row.persona,
        provider=row.provider,
        model=row.model,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cached_tokens=row.cached_tokens,
        attempts=row.attempts,
        latency_s=row.latency_s,
        outcome=row.outcome,
        cost_usd=row.cost_usd,
    )

"""Replies: the agent is asked under a claim, and what it says is stored once, with what it cost.

Nothing here is inside a transaction while a model thinks; a claim that runs out meanwhile belongs to
whoever takes it over, and the reply that comes first is the one that counts.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from holdfast.agents.gateway import Gateway, Silence
from holdfast.agents.ledger import Price, UsageRow, usage_row
from holdfast.agents.speech import Draft, Persona, Restart, Speech, Usage
from holdfast.core import journal, sessions
from holdfast.core.journal import Event
from holdfast.kit.errors import Conflict
from holdfast.kit.ids import uuid7
from holdfast.kit.repeating import repeating
from holdfast.programs.simulation.changes import LEASE_S, Change, Utterance, statements
from holdfast.programs.simulation.looking import find
from holdfast.programs.simulation.place import Place
from holdfast.store.database import Database
from holdfast.store.statements import Connection


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


Propose = Callable[[Connection, Place, Speech], Awaitable[Change | None]]
"""The change that a model's tool calls amount to, if any."""


class Replies:
    """Lets agents answer messages that are stored."""

    def __init__(
        self, database: Database, gateway: Gateway, propose: Propose, prices: Mapping[str, Price]
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._propose = propose
        self._prices = prices

    async def give(self, found: Accepted) -> Answer:
        """Ask the agent under the claim and store what it says, once.

        Raises:
            Silence: no model answers; the claim is let go and the message stays.
            Conflict: another process has the turn by now.
        """
        move, claim = found.move, found.claim
        async with self._renewing(move.change.session_id, claim):
            try:
                speech = await self._gateway.speak(move.persona)
            except Silence as silence:
                await self._give_up(move, claim, silence.usage)
                raise
        return await self._save(move, claim, found.seq, speech)

    async def stream(self, found: Accepted) -> AsyncGenerator[Draft | Restart | Answer, None]:
        """As `give`, with the drafts as they come; the answer comes last, after its commit."""
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
        of = move.change
        change = Change(of.session_id, of.student_id, owner=claim, release=True, utterance=reply)
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
                place = await find(connection, change.session_id)
                proposed = await self._propose(connection, place, speech) if place else None
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
        **row.columns(),
    )

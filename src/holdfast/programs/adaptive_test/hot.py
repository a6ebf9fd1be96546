"""What of a test is kept in Redis: the question's words, the state of tests in flight. All of it may be lost.

The keys are the seed's: ``session:{id}:state``, ``question:{pool}:{id}:{version}`` and, by the locks of the
hot store, ``lock:{session}:{question}``.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from holdfast.store.ephemeral import Ephemeral

BYTES_PER_MB = 1_000_000
ACTIVE_SESSIONS, ACTIVE_LOCKS, CACHED_QUESTIONS = "session:*:state", "lock:*", "question:*"


@dataclass(frozen=True, slots=True)
class Limits:
    """The time limits of tests.

    Attributes:
        idle_s: after so many seconds without an answer a test expires; its hot state too.
        lock_s: how long one answer may hold its lock.
        question_s: how long a question's words stay in the cache.
        resume: whether an expired test may be taken up again at all.
    """

    idle_s: float = 30 * 60
    lock_s: float = 5
    question_s: float = 60 * 60
    resume: bool = True


class Hot:
    """The hot store as tests use it."""

    def __init__(self, ephemeral: Ephemeral, limits: Limits) -> None:
        self._ephemeral = ephemeral
        self._limits = limits

    def answering(self, session_id: str, question_id: str) -> AbstractAsyncContextManager[bool]:
        """The lock of one answer; yields whether it is ours, and true when the store is down."""
        return self._ephemeral.lock(f"{session_id}:{question_id}", lifetime_s=self._limits.lock_s)

    async def state(self, session_id: str) -> dict[str, Any] | None:
        """The state of a test in flight, if it is there."""
        raw = await self._ephemeral.read(f"session:{session_id}:state")
        return _decoded(raw)

    async def keep_state(self, session_id: str, state: dict[str, Any]) -> None:
        """Keep the state of a test that is under way."""
        key = f"session:{session_id}:state"
        await self._ephemeral.keep(key, orjson.dumps(state), lifetime_s=self._limits.idle_s)

    async def forget(self, *session_ids: str) -> None:
        """Drop the state of tests that have ended."""
        if session_ids:
            await self._ephemeral.forget(*(f"session:{session_id}:state" for session_id in session_ids))

    async def question(self, pool_id: UUID, question_id: str, version: int) -> dict[str, Any] | None:
        """The words of a question, without its answer, if they are there."""
        return _decoded(await self._ephemeral.read(_question_key(pool_id, question_id, version)))

    async def keep_question(
        self, pool_id: UUID, question_id: str, version: int, question: dict[str, Any]
    ) -> None:
        """Keep the words of a question; whoever calls has left the answer out."""
        key = _question_key(pool_id, question_id, version)
        await self._ephemeral.keep(key, orjson.dumps(question), lifetime_s=self._limits.question_s)

    async def stats(self) -> dict[str, Any] | None:
        """The seed's figures; none when the store is down."""
        tally = await self._ephemeral.tally(ACTIVE_SESSIONS, ACTIVE_LOCKS, CACHED_QUESTIONS)
        if tally is None:
            return None
        sessions, locks, questions = tally.matches
        return {
            "active_sessions": sessions,
            "active_locks": locks,
            "cached_questions": questions,
            "memory_used_mb": round(tally.used_bytes / BYTES_PER_MB, 2),
            "total_keys": tally.keys,
        }


def _question_key(pool_id: UUID, question_id: str, version: int) -> str:
    return f"question:{pool_id}:{question_id}:{version}"


def _decoded(raw: bytes | None) -> dict[str, Any] | None:
    if raw is None:
        return None
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None

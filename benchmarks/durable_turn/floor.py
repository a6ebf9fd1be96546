"""The floor: what any design must do at least, with nothing between it and the driver."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import orjson

from benchmarks.durable_turn.workload import work

_SCHEMA = """
CREATE TABLE floor_sessions (session_id text PRIMARY KEY, state jsonb NOT NULL) WITH (fillfactor = 50);
CREATE TABLE floor_messages (
    session_id text NOT NULL, seq integer NOT NULL, role text NOT NULL, content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (session_id, seq)
);
"""
_MESSAGE = "INSERT INTO floor_messages (session_id, seq, role, content) VALUES ($1, $2, $3, $4)"
_STATE = "UPDATE floor_sessions SET state = $2 WHERE session_id = $1"


class Floor:
    """Two inserts and one update in a transaction through asyncpg's own pool; no guards, no foreign keys."""

    name = "floor"
    what = "bare asyncpg: one transaction of two inserts and one update, through its pool"

    async def open(self, url: str, at_once: int) -> None:
        """Make the tables and the connections."""
        self._pool = await asyncpg.create_pool(url, min_size=at_once, max_size=at_once)
        await self._pool.execute(_SCHEMA)

    async def session(self) -> str:
        """A new session that takes turns."""
        session = str(uuid4())
        await self._pool.execute("INSERT INTO floor_sessions VALUES ($1, '{}')", session)
        return session

    async def turn(self, session: str, number: int) -> None:
        """One turn, durable when this returns."""
        now = work(number)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_MESSAGE, session, 2 * number + 1, "user", now.question)
            await connection.execute(_MESSAGE, session, 2 * number + 2, "assistant", now.reply)
            await connection.execute(_STATE, session, orjson.dumps(now.state).decode())

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()

"""The seed's design, in asyncpg: reload the whole session on each request, rewrite the whole row.

As `databaseService` of seed 0 lays it down: the session with all its messages, vital signs and the
performance is read (an ORM sends one query for each), each message is an insert of its own, and
`saveSession` updates every column of the row. Leaving the ORM out favours this candidate.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import orjson

from benchmarks.durable_turn.workload import work

_TEXTS = ("student_id", "student_name", "student_email", "study_group", "scenario_id", "current_agent",
          "current_state")  # fmt: skip
_NUMBERS = ("current_scenario_index", "performance_score", "optimal_count", "acceptable_count",
            "suboptimal_count", "dangerous_count", "safety_violations")  # fmt: skip
_DOCUMENTS = (
    "scenario_queue", "completed_scenarios", "cognitive_coach_state", "cdp_evaluations",
    "medication_errors", "medication_warnings", "challenge_points_used", "active_challenge",
    "critical_actions_log", "critical_treatments_given", "state_history", "current_vitals",
    "scenario_data", "dispatch_info", "patient_info", "scenario_performance_history",
)  # fmt: skip
_COLUMNS = (*_TEXTS, *_NUMBERS, *_DOCUMENTS)

_SCHEMA = f"""
CREATE TABLE session (
    id text PRIMARY KEY, status text NOT NULL DEFAULT 'IN_PROGRESS',
    started_at timestamptz NOT NULL DEFAULT now(), completed_at timestamptz,
    session_complete boolean NOT NULL DEFAULT false, is_aar_mode boolean NOT NULL DEFAULT false,
    challenge_points_enabled boolean NOT NULL DEFAULT false, scenario_start_time bigint,
    {", ".join(f"{name} text" for name in _TEXTS)},
    {", ".join(f"{name} integer" for name in _NUMBERS)},
    {", ".join(f"{name} jsonb" for name in _DOCUMENTS)}
);
CREATE INDEX ON session (student_id);
CREATE INDEX ON session (status);
CREATE INDEX ON session (study_group);
CREATE INDEX ON session (started_at);
CREATE TABLE message (
    id text PRIMARY KEY, session_id text NOT NULL REFERENCES session ON DELETE CASCADE,
    role text NOT NULL, content text NOT NULL, timestamp timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON message (session_id);
CREATE INDEX ON message (timestamp);
CREATE TABLE vital_signs_log (
    id text PRIMARY KEY, session_id text NOT NULL REFERENCES session ON DELETE CASCADE,
    timestamp timestamptz NOT NULL DEFAULT now(), heart_rate integer, resp_rate integer, sp_o2 integer,
    systolic integer, diastolic integer, temperature double precision, gcs integer,
    glucose double precision, patient_state text
);
CREATE INDEX ON vital_signs_log (session_id);
CREATE INDEX ON vital_signs_log (timestamp);
CREATE TABLE performance_data (
    id text PRIMARY KEY, session_id text NOT NULL UNIQUE REFERENCES session ON DELETE CASCADE,
    overall_score integer
);
"""
_LOADS = (
    "SELECT * FROM session WHERE id = $1",
    "SELECT * FROM message WHERE session_id = $1 ORDER BY timestamp",
    "SELECT * FROM vital_signs_log WHERE session_id = $1 ORDER BY timestamp",
    "SELECT * FROM performance_data WHERE session_id = $1",
)
_SAVE = f"UPDATE session SET {', '.join(f'{c} = ${n}' for n, c in enumerate(_COLUMNS, 2))} WHERE id = $1"  # noqa: S608
_MESSAGE = "INSERT INTO message (id, session_id, role, content) VALUES ($1, $2, $3, $4)"
_VITALS = (
    "INSERT INTO vital_signs_log (id, session_id, heart_rate, resp_rate, sp_o2, systolic, diastolic,"
    " temperature, gcs, glucose, patient_state) VALUES ($1, $2, 96, 22, 91, 130, 80, 36.8, 15, 5.4, 'first')"
)


class SeedDesign:
    """Load all, insert, rewrite the row: five kinds of statement, each in a transaction of its own."""

    name = "seed's design"
    what = "the seed: reload the session with everything, insert messages, rewrite the whole row"

    async def open(self, url: str, at_once: int) -> None:
        """Make the tables and the connections."""
        self._pool = await asyncpg.create_pool(url, min_size=at_once, max_size=at_once)
        await self._pool.execute(_SCHEMA)

    async def session(self) -> str:
        """A new session that takes turns."""
        session = str(uuid4())
        await self._pool.execute("INSERT INTO session (id) VALUES ($1)", session)
        await self._pool.execute(_SAVE, session, *_values(0))
        return session

    async def turn(self, session: str, number: int) -> None:
        """One turn, durable when this returns."""
        now = work(number)
        loaded = [await self._pool.fetch(sql, session) for sql in _LOADS]
        _runtime(loaded)
        await self._pool.execute(_MESSAGE, str(uuid4()), session, "user", now.question)
        await self._pool.execute(_MESSAGE, str(uuid4()), session, "assistant", now.reply)
        await self._pool.execute(_VITALS, str(uuid4()), session)
        await self._pool.execute(_SAVE, session, *_values(number))

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()


def _runtime(loaded: list[list[asyncpg.Record]]) -> dict[str, Any]:
    """The runtime object: every JSON column parsed, every message copied."""
    row = dict(loaded[0][0])
    for name in _DOCUMENTS:
        row[name] = orjson.loads(row[name])
    row["messages"] = [{"role": m["role"], "content": m["content"]} for m in loaded[1]]
    return row


def _values(number: int) -> list[Any]:
    """Every column, the state of 8 KB spread over those that hold JSON."""
    entries = work(number).state["entries"]
    share = max(1, len(entries) // len(_DOCUMENTS) + 1)
    parts = [entries[n * share : (n + 1) * share] for n in range(len(_DOCUMENTS))]
    documents = [orjson.dumps(part).decode() for part in parts]
    return [*("A" for _ in _TEXTS), *(number for _ in _NUMBERS), *documents]

"""Does what is stored agree with itself? Every run is replayed from its rows and compared.

This is the test for torn sessions: parts of one session that contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.core import sessions
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.changes import statements
from holdfast.programs.simulation.engine import RunState
from holdfast.programs.simulation.engine.facts import Occurrence, RunEnded
from holdfast.programs.simulation.judging import PlayedRun, played_runs
from holdfast.programs.simulation.looking import find
from holdfast.programs.simulation.stored import batches
from holdfast.store.statements import Connection, Row

_HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something in a session that contradicts something else in it."""

    session_id: str
    where: str
    what: str


async def verify_session(connection: Connection, catalog: Catalog, session_id: str) -> list[Discrepancy]:
    """Every contradiction in a session; read it in one snapshot."""
    found = [Discrepancy(session_id, "messages", what) for what in await _messages(connection, session_id)]
    rows = await statements.actions.rows(connection, session_id=session_id)
    for run in await played_runs(connection, catalog, session_id):
        index = run.row["scenario_index"]
        mine = [row for row in rows if row["scenario_index"] == index]
        found += [Discrepancy(session_id, f"run {index}", what) for what in _replayed(run, mine)]
    return found


async def _messages(connection: Connection, session_id: str) -> list[str]:
    session = await find(connection, session_id)
    rows = await sessions.statements.list_messages.rows(
        connection, session_id=session_id, after_seq=0, limit=2**31 - 1
    )
    problems = []
    numbers = [row["seq"] for row in rows]
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append("the numbers of the messages have gaps")
    if session is not None and session.last_seq != len(numbers):
        problems.append(f"the session counts {session.last_seq} messages, there are {len(numbers)}")
    asked = {row["seq"] for row in rows if row["role"] == "user"}
    answered = [row["reply_to"] for row in rows if row["reply_to"] is not None]
    if len(answered) != len(set(answered)) or not set(answered) <= asked:
        problems.append("a reply answers no message, or one that has a reply already")
    return problems


def _replayed(run: PlayedRun, rows: list[Row]) -> list[str]:
    """The contradictions between a run's stored state and its stored actions and occurrences."""
    stored, seed = run.state, run.row["seed"]
    state = engine.begin(run.scenario, seed=seed, challenges=stored.challenges)
    occurred: list[Occurrence] = []
    for at_s, actions in batches(rows):
        if state.outcome is None:
            state, new = engine.act(run.scenario, state, actions, at_s)
            occurred += new
    if state.outcome is None:
        state, new = _to_the_end(run, state, stored)
        occurred += new
    problems = []
    if state != stored:
        problems.append("replaying the actions gives another state than the stored one")
    if tuple(occurred) != run.occurrences:
        problems.append("replaying the actions brings other things to light than the stored ones")
    if run.row["actions_count"] != len(rows) or run.row["occurrences_count"] != len(run.occurrences):
        problems.append("the run's counters disagree with its rows")
    return problems


def _to_the_end(run: PlayedRun, state: RunState, stored: RunState) -> tuple[RunState, tuple[Occurrence, ...]]:
    """Let time pass as far as the stored state says, and hand over where the student did."""
    ended = [o for o in run.occurrences if isinstance(o, RunEnded)]
    if stored.outcome == _HANDED_OVER and ended and not _by_rule(run, ended[-1]):
        return engine.finish(run.scenario, state, stored.elapsed_s)
    return engine.advance(run.scenario, state, stored.elapsed_s)


def _by_rule(run: PlayedRun, end: RunEnded) -> bool:
    return any(end.reason == rule.reason for rule in run.scenario.rules.ends)


async def sessions_to_verify(connection: Connection) -> list[str]:
    """The ids of all simulation sessions, oldest first."""
    return [row["session_id"] for row in await statements.all_sessions.rows(connection)]

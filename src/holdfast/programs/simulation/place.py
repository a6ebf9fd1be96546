"""Where a session stands: everything a command must know, read in one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from holdfast.core.service_clock import ServiceClock, has_expired
from holdfast.core.sessions import Status
from holdfast.programs.simulation.clinical_clock import RunClock, SessionClock, reading
from holdfast.programs.simulation.engine import RunState
from holdfast.programs.simulation.held_states import HeldState
from holdfast.programs.simulation.stored import state_of
from holdfast.store.statements import Row


class Phase(StrEnum):
    """The step of the program that a session is in."""

    COACH = "coach"
    READY = "ready"
    SCENARIO = "scenario"
    BETWEEN = "between"
    REVIEW_DUE = "review_due"
    REVIEW = "review"
    COMPLETE = "complete"


class Agent(StrEnum):
    """Who talks with the student."""

    COACH = "cognitive_coach"
    CORE = "core_agent"
    REVIEW = "aar_agent"


EXPECTED = {
    Phase.COACH: "message",
    Phase.READY: "begin-scenario",
    Phase.SCENARIO: "message, action or complete",
    Phase.BETWEEN: "next-scenario",
    Phase.REVIEW_DUE: "aar/start",
    Phase.REVIEW: "aar/message",
    Phase.COMPLETE: "nothing: the session is complete",
}
"""The request that each phase waits for."""


@dataclass(frozen=True, slots=True)
class RunPlace:
    """The scenario run that a session is in, with its clock set to the moment of looking."""

    index: int
    scenario_id: str
    content_hash: str
    engine_version: str
    seed: int
    is_open: bool
    started_at: datetime
    clock: RunClock
    state: RunState
    actions: int
    occurrences: int
    final_state: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A session as one command finds it."""

    session_id: str
    student_id: UUID
    enrolment_id: UUID | None
    status: Status
    version: int
    last_seq: int
    started_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None
    expired: bool
    now: datetime
    busy: bool
    abandoned: bool
    phase: Phase
    agent: Agent
    queue: tuple[str, ...]
    index: int
    challenges: bool
    seed: int
    coach: dict[str, Any]
    review: dict[str, Any] | None
    time_scale: float
    outages_count: bool
    run: RunPlace | None
    same_key_seq: int | None

    @property
    def runs_completed(self) -> int:
        """How many scenarios of the queue are complete."""
        past = self.phase in {Phase.BETWEEN, Phase.REVIEW_DUE, Phase.REVIEW, Phase.COMPLETE}
        return self.index + (1 if past else 0)

    @property
    def is_last(self) -> bool:
        """Whether the present scenario is the last of the queue."""
        return self.index + 1 >= len(self.queue)


def place_of(row: Row, held: HeldState | None = None) -> Place:
    """The place that a row of `read_session` describes; `held` is the state it was asked to leave out."""
    service = ServiceClock(row["now"], row["beat_at"], row["service_downtime_s"])
    session = SessionClock(row["paused_at"], row["paused_s"], row["paused_outage_s"], row["pause_downtime_s"])
    return Place(
        session_id=row["session_id"],
        student_id=row["student_id"],
        enrolment_id=row["enrolment_id"],
        status=Status(row["status"]),
        version=row["version"],
        last_seq=row["last_seq"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        expires_at=row["expires_at"],
        expired=has_expired(row["expires_at"], row["session_downtime_s"], service),
        now=row["now"],
        busy=row["turn_owner"] is not None and row["turn_until"] > row["now"],
        abandoned=row["turn_owner"] is not None and row["turn_until"] <= row["now"],
        phase=Phase(row["phase"]),
        agent=Agent(row["current_agent"]),
        queue=tuple(row["scenario_queue"]),
        index=row["current_scenario_index"],
        challenges=row["challenge_points_enabled"],
        seed=row["seed"],
        coach=row["coach"],
        review=row["review"],
        time_scale=row["time_scale"],
        outages_count=row["outages_count"],
        run=_run(row, service, session, held),
        same_key_seq=row["same_key_seq"],
    )


def _run(row: Row, service: ServiceClock, session: SessionClock, held: HeldState | None) -> RunPlace | None:
    if row["run_index"] is None:
        return None
    stored = RunClock(
        as_of=row["as_of"],
        elapsed_s=row["elapsed_s"],
        paused_s=row["run_paused_s"],
        downtime_s=row["run_downtime_s"],
        time_scale=row["run_time_scale"],
        outages_count=row["outages_count"],
    )
    is_open = row["run_status"] == "RUNNING"
    return RunPlace(
        index=row["run_index"],
        scenario_id=row["scenario_id"],
        content_hash=row["content_hash"],
        engine_version=row["engine_version"],
        seed=row["run_seed"],
        is_open=is_open,
        started_at=row["run_started_at"],
        clock=reading(service, session, stored) if is_open else stored,
        state=held.state if held and held.state_id == row["state_id"] else state_of(row["state"]),
        actions=row["actions_count"],
        occurrences=row["occurrences_count"],
        final_state=row["final_state"],
        outcome=row["outcome"],
    )

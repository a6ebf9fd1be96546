"""A change to a session: everything that one commit writes, as one statement."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.core.journal import Event
from holdfast.kit.ids import uuid7
from holdfast.programs.simulation.engine.facts import Action, Occurrence
from holdfast.programs.simulation.place import Agent, Phase, Place, RunPlace
from holdfast.programs.simulation.stored import action_row, occurrence_row, state_text
from holdfast.store.statements import Connection, load

statements = load("holdfast.programs.simulation")

LEASE_S = 5.0
"""How long a claim on a turn holds without being renewed; a dead process blocks a turn no longer."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message to be stored.

    Attributes:
        cue: what the reply needs to be made again from rows (a student's message), or what the
            client was answered beside the content (a reply).
    """

    role: str
    agent: Agent
    content: str
    part: int | None = None
    clinical_s: float | None = None
    reply_to: int | None = None
    client_key: str | None = None
    cue: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ProgramChange:
    """A new place in the program; `coach`, `review` and `analysis` stay as they are when none."""

    phase: Phase
    agent: Agent
    index: int
    coach: dict[str, Any] | None = None
    review: dict[str, Any] | None = None
    analysis: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RunChange:
    """What a command did to a run: the new state, the actions taken and what came to light."""

    run: RunPlace
    after: Any
    as_of: datetime
    actions: tuple[Action, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    vitals: dict[str, float] | None = None
    completed: bool = False
    performance: dict[str, Any] | None = None
    with_message: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One commit.

    Attributes:
        version: the version the decision rests on; none where a claimed turn is enough.
        owner: the claim under which the change is made, or none for a command of its own.
        claim: the claim on the turn that this change takes.
        release: whether the claim ends with this change.
        status: the session's new status, or none.
    """

    session_id: str
    student_id: UUID
    version: int | None = None
    owner: UUID | None = None
    claim: UUID | None = None
    release: bool = False
    status: str | None = None
    utterance: Utterance | None = None
    program: ProgramChange | None = None
    run: RunChange | None = None
    events: tuple[Event, ...] = field(default=())

    @classmethod
    def of(cls, place: Place, **parts: Any) -> Change:
        """A change that rests on what was seen."""
        return cls(place.session_id, place.student_id, version=place.version, **parts)

    def with_(self, **changes: Any) -> Change:
        """The same change with some parts replaced."""
        return replace(self, **changes)

    async def apply(self, connection: Connection) -> int | None:
        """Carry it out; the number of the newest message, or none when the session has moved on.

        Raises:
            asyncpg.UniqueViolationError: the client's key or the reply is stored already.
        """
        last_seq: int | None
        if self._only_replies:
            last_seq = await statements.store_reply.value(connection, **self._reply_parameters())
        else:
            last_seq = await statements.change_session.value(connection, **self._parameters())
        return last_seq

    @property
    def _only_replies(self) -> bool:
        """Whether this is a reply under its claim and nothing else, which needs far less of a statement."""
        if self.owner is None or not self.release or self.utterance is None:
            return False
        more = (self.version, self.claim, self.status, self.program, self.run, self.events or None)
        return self.utterance.client_key is None and all(part is None for part in more)

    def _reply_parameters(self) -> dict[str, Any]:
        said = _utterance_parameters(self.utterance)
        del said["client_key"]
        return {"session_id": self.session_id, "owner": self.owner, **said}

    def _parameters(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "version": self.version,
            "owner": self.owner,
            "claim": self.claim,
            "lease_s": LEASE_S,
            "release": self.release,
            "status": self.status,
            "events": [_event_row(event) for event in self.events] or None,
            **_utterance_parameters(self.utterance),
            **_program_parameters(self.program),
            **_run_parameters(self.run),
        }


def _utterance_parameters(said: Utterance | None) -> dict[str, Any]:
    if said is None:
        names = ("role", "agent", "part", "content", "clinical_s", "reply_to", "client_key", "answer")
        return dict.fromkeys(names)
    return {
        "role": said.role,
        "agent": said.agent,
        "part": said.part,
        "content": said.content,
        "clinical_s": said.clinical_s,
        "reply_to": said.reply_to,
        "client_key": said.client_key,
        "answer": said.cue,
    }


def _program_parameters(program: ProgramChange | None) -> dict[str, Any]:
    if program is None:
        names = ("phase", "current_agent", "scenario_index", "coach", "review", "analysis")
        return dict.fromkeys(names)
    return {
        "phase": program.phase,
        "current_agent": program.agent,
        "scenario_index": program.index,
        "coach": program.coach,
        "review": program.review,
        "analysis": program.analysis,
    }


_RUN_PARAMETERS = (
    "run_index", "state", "as_of", "elapsed_s", "paused_s", "downtime_s", "run_status", "final_state",
    "outcome", "performance", "actions", "occurrences", "vitals",
)  # fmt: skip


def _run_parameters(change: RunChange | None) -> dict[str, Any]:
    if change is None:
        return dict.fromkeys(_RUN_PARAMETERS)
    run, after = change.run, change.after
    return {
        "run_index": run.index,
        "state": state_text(after),
        "as_of": change.as_of,
        "elapsed_s": run.clock.elapsed_s if after.outcome is None else after.elapsed_s,
        "paused_s": run.clock.paused_s,
        "downtime_s": run.clock.downtime_s,
        "run_status": "COMPLETED" if change.completed else "RUNNING",
        "final_state": after.patient_state,
        "outcome": after.outcome,
        "performance": change.performance,
        "actions": _action_rows(change) or None,
        "occurrences": [occurrence_row(run.occurrences + n, o) for n, o in enumerate(change.occurrences)]
        or None,
        "vitals": _vital_rows(change) or None,
    }


def _action_rows(change: RunChange) -> list[dict[str, Any]]:
    first, at_s = change.run.actions, change.after.elapsed_s
    return [
        action_row(first + n, first, at_s, action) | {"with_message": change.with_message}
        for n, action in enumerate(change.actions)
    ]


def _vital_rows(change: RunChange) -> list[dict[str, Any]]:
    if change.vitals is None:
        return []
    sample = {"ordinal": change.run.actions, "at_s": change.after.elapsed_s, **change.vitals}
    return [sample | {"patient_state": change.after.patient_state}]


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "event_id": uuid7(),
        "actor": event.actor,
        "type": event.type,
        "object": event.object,
        "result": event.result,
        "data": event.data,
    }

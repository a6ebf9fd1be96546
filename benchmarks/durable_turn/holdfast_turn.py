"""Holdfast's own turns, without HTTP: `Turns.take` on a session in a scenario.

Four candidates share it. The *store path* is everything that Holdfast does to keep a turn: the queue,
the look at the session, the guarded commit of the message with its effects, the claim, the guarded commit
of the reply. What the rules decide is prepared: messages of the common size, the rows that turns were seen
to write on average (2.4 actions, 1.5 occurrences, 1 set of vital signs, 0.4 events), an answer of 1 KB and a
run state of 2.4 KB, which is what one is in the middle of a scenario, because what grows is in those rows.
*8 KB state* is the same with a state as large as that of the others; *8 KB fetched* reads it each time,
as when the turns of a session come to different processes. The *whole turn* adds what decides: interpreter,
engine and the scripted patient, on real free text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from benchmarks.durable_turn.conversation import SCENARIO, said
from benchmarks.durable_turn.workload import STATE_BYTES, work
from holdfast.agents.scripted import ScriptedGateway
from holdfast.agents.speech import Proposal
from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.core.journal import Event
from holdfast.programs.simulation import views
from holdfast.programs.simulation.catalog import Catalog, Edition
from holdfast.programs.simulation.changes import Change, RunChange, Utterance
from holdfast.programs.simulation.engine.facts import Action, FindingRevealed, TreatmentGiven
from holdfast.programs.simulation.held_states import SESSIONS_HELD, HeldStates
from holdfast.programs.simulation.place import Agent, Phase, Place, RunPlace
from holdfast.programs.simulation.replies import Move
from holdfast.programs.simulation.service import Simulation
from holdfast.programs.simulation.steps import Wanted
from holdfast.programs.simulation.turns import Rules, Turns
from holdfast.store.database import Database, PoolOptions
from holdfast.store.schema.migrations import migrate
from holdfast.store.statements import Connection

RUN_STATE_BYTES = 2400
"""Measured: the run state of the acute asthma scenario after 96 turns."""


class WholeTurn:
    """A turn as a request makes it, short of HTTP."""

    name = "Holdfast, whole turn"
    what = "Holdfast: Turns.take with interpreter, engine and scripted patient on free text"

    async def open(self, url: str, at_once: int) -> None:
        """Make the tables and the connections."""
        await migrate(url)
        self.database = Database(url, PoolOptions(size=at_once))
        await self.database.open()
        self.simulation = Simulation(self.database, Catalog(), ScriptedGateway())
        self.turns = self.simulation.turns
        self._callers: dict[str, Principal] = {}

    async def session(self) -> str:
        """A new session that takes turns."""
        async with self.database.transaction() as connection:
            student = await students.add(connection, name="Bench Mark", email=None)
            caller = Principal(Role.STUDENT, str(student.student_id))
            wanted = Wanted((SCENARIO,), challenges=False)
            begun = await self.simulation.steps.start(connection, student.student_id, wanted, caller=caller)
        session = str(begun["sessionId"])
        for text in ("skip", "ready"):
            await self.simulation.turns.take(session, caller, text, None)
        async with self.database.transaction() as connection:
            await self.simulation.steps.begin(connection, session, caller)
        self._callers[session] = caller
        return session

    async def turn(self, session: str, number: int) -> None:
        """One turn, durable when this returns."""
        await self.turns.take(session, self._callers[session], self.text(number), str(uuid4()))

    def text(self, number: int) -> str:
        """The student's message of a turn."""
        return said(number)

    async def close(self) -> None:
        """Give the connections back."""
        await self.database.close()


class StorePath(WholeTurn):
    """The same with prepared decisions: what Holdfast adds to a transaction, and nothing else."""

    name = "Holdfast, store path"
    what = "Holdfast: Turns.take with prepared decisions, state and rows as they are in a scenario"
    state_bytes = RUN_STATE_BYTES
    states_held = SESSIONS_HELD

    async def open(self, url: str, at_once: int) -> None:
        """Make the tables and the connections."""
        await super().open(url, at_once)
        rules = Rules(_Decisions(self.state_bytes).decide, _no_rebuild, _no_proposal)
        states = HeldStates(self.states_held)
        self.turns = Turns(self.database, self.simulation.catalog, ScriptedGateway(), rules, states=states)

    def text(self, number: int) -> str:
        """The student's message of a turn."""
        return work(number).question


class StorePath8(StorePath):
    """The store path with a state as large as the peers'."""

    name = "Holdfast, 8 KB state"
    what = "Holdfast: the store path with its run state filled up to 8 KB"
    state_bytes = STATE_BYTES


class StorePathElsewhere(StorePath8):
    """The same when each turn comes to another process than the one before, which must read the state."""

    name = "Holdfast, 8 KB fetched"
    what = "Holdfast: the same, no process ever holding the state that it needs"
    states_held = 0


@dataclass(frozen=True, slots=True)
class _After:
    """What the rules would have made of the state: prepared, of the size that all candidates store."""

    document: dict[str, Any]
    elapsed_s: float
    patient_state: str
    outcome: None = None

    def to_json(self) -> dict[str, Any]:
        """As the results file holds it."""
        return self.document


@dataclass(frozen=True, slots=True)
class _Persona:
    """Somebody who says what was prepared."""

    name: str
    reply: str
    instructions: str = ""
    history: tuple[()] = ()
    tools: tuple[()] = ()
    forbidden: tuple[()] = ()

    def script(self) -> str:
        return self.reply

    def answer_tool(self, proposal: Proposal) -> str:
        raise AssertionError(f"a script calls no tools: {proposal}")


_VITALS = {"heart_rate": 118.0, "respiratory_rate": 28.0, "spo2": 90.0, "systolic": 142.0, "diastolic": 86.0,
           "temperature": 36.9, "gcs": 15.0, "glucose": 5.8, "pain": 2.0}  # fmt: skip
_ACTIONS = (
    Action("treatment", "salbutamol", dose=5.0, unit="mg", route="nebulised", text="Give salbutamol 5 mg"),
    Action("assessment", "spo2", text="Check the SpO2"),
    Action("statement", text=work(0).question),
)
_SEEN = {
    "clinicalTimeS": 431.25,
    "vitals": {"HR": 118.0, "RR": 28.0, "SpO2": 90.0, "BP": "142/86", "Temp": 36.9, "GCS": 15.0},
    "measuredVitals": {sign: {"value": value, "at_s": 411.5} for sign, value in _VITALS.items()},
    "newFindings": [{"finding": "spo2", "name": "SpO2", "category": "vital_signs", "text": "x" * 60}],
    "patientLooks": "Upright, still working hard, a little more colour, two or three words at a time.",
    "activeChallenge": None,
    "challengeAnswered": None,
    "scenarioEnded": None,
}


class _Decisions:
    """Decisions made before: only the state's size differs between candidates."""

    def __init__(self, state_bytes: int) -> None:
        self._state_bytes = state_bytes
        self._documents: list[dict[str, Any]] = []

    async def decide(
        self, _connection: Connection, place: Place, _edition: Edition | None, text: str
    ) -> Move:
        """The move of a turn, with as many rows as turns have on average."""
        run = place.run
        assert run is not None
        number, at_s = place.last_seq // 2, run.clock.elapsed_s
        documents = self._prepared(run)
        after = _After(documents[number % len(documents)], at_s, "initial")
        event = Event("simulation.treatment_given", f"student:{place.student_id}", object="salbutamol")
        change = Change.of(
            place,
            utterance=Utterance("user", Agent.CORE, text, part=run.index, clinical_s=at_s),
            run=RunChange(
                run,
                after,
                run.clock.as_of,
                _ACTIONS[: 3 if number % 5 in {0, 2} else 2],
                _occurred(at_s)[: 1 + number % 2],
                _VITALS,
            ),
            events=(event,) if number % 5 in {1, 3} else (),
        )
        extras = views.turn_extras(place, Phase.SCENARIO, Agent.CORE, **_SEEN)
        return Move(change, _Persona("patient", work(number).reply), extras)

    def _prepared(self, run: RunPlace) -> list[dict[str, Any]]:
        """Run states with as much beside them as makes up the size; reading one gives the same state."""
        if not self._documents:
            bare = run.state.to_json()
            self._documents = [self._filled(bare, work(number).state["entries"]) for number in range(16)]
        return self._documents

    def _filled(self, bare: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
        kept = list(entries)
        while len(orjson.dumps(bare | {"ballast": kept})) > self._state_bytes:
            kept.pop()
        return bare | {"ballast": kept}


async def _no_rebuild(_connection: Connection, _place: Place, _seq: int) -> Move:
    raise AssertionError("no turn is ever left unanswered here")


async def _no_proposal(_connection: Connection, _place: Place, _speech: Any) -> Change | None:
    return None


def _occurred(at_s: float) -> tuple[TreatmentGiven, FindingRevealed]:
    given = TreatmentGiven(at_s, "salbutamol", "Salbutamol", 5.0, "mg", "nebulised", "beneficial", safe=True)
    shown = FindingRevealed(at_s, "spo2", "SpO2", "vital_signs", "The SpO2 is 90 %.", {"spo2": 90.0})
    return given, shown

"""The steps between conversations: start, begin, act, complete, next, review. One transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from holdfast.core import journal, sessions
from holdfast.core.access import Principal
from holdfast.core.journal import Event
from holdfast.core.service_clock import SILENCE_S
from holdfast.kit.errors import Conflict, WrongStep
from holdfast.kit.ids import session_id as new_session_id
from holdfast.kit.randomness import new_seed
from holdfast.programs.simulation import coach, engine, review, views
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.changes import Change, ProgramChange, RunChange, Utterance, statements
from holdfast.programs.simulation.deciding import occurrence_events
from holdfast.programs.simulation.engine.facts import Action, Occurrence
from holdfast.programs.simulation.interpreter import structured
from holdfast.programs.simulation.judging import (
    analysis_of,
    judgements,
    played_runs,
    snapshots,
)
from holdfast.programs.simulation.looking import look, require_open, require_phase
from holdfast.programs.simulation.place import EXPECTED, Agent, Phase, Place, RunPlace
from holdfast.programs.simulation.planning import queue_for, simulation_plan
from holdfast.programs.simulation.questions import pool
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.stored import state_text
from holdfast.store.statements import Connection

PROGRAM = "simulation"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client asks for when it starts a session; the cohort's plan may decide otherwise."""

    scenarios: Sequence[str] = ()
    challenges: bool | None = None
    cohort: str | None = None


class Steps:
    """The steps of a session, on scenarios from the catalog."""

    def __init__(self, catalog: Catalog, *, time_scale: float) -> None:
        self._catalog = catalog
        self._time_scale = time_scale

    async def start(
        self, connection: Connection, student_id: UUID, wanted: Wanted, *, caller: Principal
    ) -> dict[str, Any]:
        """Start a session with the coach's greeting.

        Raises:
            InvalidInput: a scenario that does not exist.
            WrongStep: the plan does not allow a session now.
        """
        member = await sessions.membership(connection, student_id, wanted.cohort)
        now = await connection.fetchval("SELECT clock_timestamp()")
        sessions.check_window(member.plan, PROGRAM, now=now)
        plan, seed = simulation_plan(member.plan), new_seed()
        queue = await queue_for(connection, self._catalog, plan, wanted=wanted.scenarios, seed=seed)
        state, turn = coach.begin(pool(), seed=seed, count=plan.coach_questions)
        greeting = coach.render(turn, pool())
        challenges = plan.challenges_for(member.arm, asked=wanted.challenges)
        session_id = await self._create(
            connection,
            student_id,
            member,
            scenario_queue=list(queue),
            challenge_points_enabled=challenges,
            seed=seed,
            coach=state.to_json(),
        )
        await _greet(connection, session_id, student_id, greeting)
        event = Event("session.started", caller.actor, student_id, session_id, PROGRAM, data={"seed": seed})
        await journal.record(connection, event)
        return {
            "success": True,
            "sessionId": session_id,
            "message": greeting,
            "initialMessage": greeting,
            "questionsRemaining": state.remaining,
            "questionCount": len(state.questions),
            "challengePointsEnabled": challenges,
            "group": member.arm,
            "scenarioQueue": list(queue),
            "currentAgent": Agent.COACH,
        }

    async def _create(
        self, connection: Connection, student_id: UUID, member: sessions.Membership, **columns: Any
    ) -> str:
        """A new session with the program's part of it; `columns` are the program's own."""
        session_id = new_session_id()
        await sessions.statements.insert_session.row(
            connection,
            session_id=session_id,
            student_id=student_id,
            enrolment_id=member.enrolment_id,
            program=PROGRAM,
            lifetime_s=member.plan.session_hours * 3600,
        )
        await statements.insert_simulation.run(
            connection,
            session_id=session_id,
            student_id=student_id,
            time_scale=self._time_scale,
            outages_count=member.plan.outages_count,
            **columns,
        )
        return session_id

    async def begin(self, connection: Connection, session_id: str, caller: Principal) -> dict[str, Any]:
        """Begin the first scenario, once the coach is done.

        Raises:
            WrongStep: at any other time.
        """
        place = await self._locked(connection, session_id, caller)
        require_phase(place, Phase.READY)
        return await self._begin_run(connection, place, 0)

    async def next(self, connection: Connection, session_id: str, caller: Principal) -> dict[str, Any]:
        """Begin the next scenario; a scenario that has ended by itself is completed on the way.

        After the last one the answer says that all are complete and that the review is next.
        """
        place = await self._locked(connection, session_id, caller)
        if place.phase is Phase.SCENARIO and place.run is not None and await self._is_over(connection, place):
            await self._complete(connection, place)
            place = await look(connection, session_id, caller)
        require_phase(place, Phase.BETWEEN, Phase.REVIEW_DUE)
        if place.phase is Phase.REVIEW_DUE:
            return {
                "success": True,
                "allScenariosComplete": True,
                "scenariosCompleted": place.runs_completed,
                "nextStep": EXPECTED[Phase.REVIEW_DUE],
            }
        return await self._begin_run(connection, place, place.index + 1)

    async def _is_over(self, connection: Connection, place: Place) -> bool:
        run = _run(place)
        edition = await self._catalog.by_hash(connection, run.content_hash)
        return engine.advance(edition.scenario, run.state, run.clock.elapsed_s)[0].outcome is not None

    async def _begin_run(self, connection: Connection, place: Place, index: int) -> dict[str, Any]:
        named = await self._catalog.by_name(connection, place.queue[index])
        edition = await self._catalog.store(connection, named, origin="shipped")
        scenario = edition.scenario
        seed = (place.seed + index) % 2**63
        state = engine.begin(scenario, seed=seed, challenges=place.challenges)
        await statements.insert_run.value(
            connection,
            session_id=place.session_id,
            scenario_index=index,
            student_id=place.student_id,
            scenario_id=scenario.id,
            content_hash=edition.content_hash,
            engine_version=engine.ENGINE_VERSION,
            seed=seed,
            time_scale=place.time_scale,
            state=state_text(state),
            silence_s=SILENCE_S,
        )
        text = views.arrival(scenario)
        change = Change.of(
            place,
            program=ProgramChange(Phase.SCENARIO, Agent.CORE, index),
            utterance=Utterance("assistant", Agent.CORE, text, part=index, clinical_s=0.0),
            events=(_event(place, "scenario.begun", scenario.id),),
        )
        await _apply(connection, change)
        return {
            "success": True,
            "allScenariosComplete": False,
            "currentScenarioIndex": index,
            "scenarioId": place.queue[index],
            "scenarioTitle": scenario.dispatch.call_type,
            "currentAgent": Agent.CORE,
            "dispatchInfo": views.dispatch_info(scenario),
            "sceneDescription": scenario.scene.model_dump(exclude_none=True),
            "patientInfo": views.patient_info(scenario),
            "patientNotes": [],
            "vitals": {},
            "message": text,
            "initialMessage": text,
        }

    async def act(
        self, connection: Connection, session_id: str, caller: Principal, asked: dict[str, Any]
    ) -> dict[str, Any]:
        """Carry out a structured action: one treatment or assessment.

        Raises:
            InvalidInput: naming the field that is wrong.
            WrongStep: no scenario is under way.
        """
        place = await self._locked(connection, session_id, caller)
        require_phase(place, Phase.SCENARIO)
        run = _run(place)
        edition = await self._catalog.by_hash(connection, run.content_hash)
        if run.state.outcome is not None:
            raise WrongStep("this scenario is over", expected="complete", outcome=run.state.outcome)
        actions = (structured(edition.vocabulary, **asked),)
        after, occurred = engine.act(edition.scenario, run.state, actions, run.clock.elapsed_s)
        await _apply(connection, _acted(place, run, edition.scenario, after, actions, occurred))
        extras = views.patient_extras(edition.scenario, after, occurred)
        return {"success": True, **views.turn_extras(place, place.phase, place.agent, **extras)}

    async def complete(self, connection: Connection, session_id: str, caller: Principal) -> dict[str, Any]:
        """Hand the patient over and end the scenario.

        Raises:
            WrongStep: no scenario is under way.
        """
        place = await self._locked(connection, session_id, caller)
        require_phase(place, Phase.SCENARIO)
        return await self._complete(connection, place)

    async def _complete(self, connection: Connection, place: Place) -> dict[str, Any]:
        run = _run(place)
        scenario = (await self._catalog.by_hash(connection, run.content_hash)).scenario
        after: engine.RunState = run.state
        occurred: tuple[Occurrence, ...] = ()
        if after.outcome is None:
            after, occurred = engine.finish(scenario, run.state, run.clock.elapsed_s)
        performance = await self._judge(connection, place, run, after, occurred)
        phase = Phase.REVIEW_DUE if place.is_last else Phase.BETWEEN
        vitals = engine.vital_signs(scenario, after, after.elapsed_s)
        change = Change.of(
            place,
            program=ProgramChange(phase, Agent.CORE, place.index),
            run=RunChange(
                run, after, run.clock.as_of, (), occurred, vitals, completed=True, performance=performance
            ),
            events=(
                *occurrence_events(place, occurred),
                _event(place, "scenario.completed", scenario.id, after.outcome),
            ),
        )
        await _apply(connection, change)
        return {
            "success": True,
            "scenarioIndex": place.index,
            "scenarioId": place.queue[place.index],
            "outcome": after.outcome,
            "finalState": after.patient_state,
            "performance": performance,
            "scenariosCompleted": place.index + 1,
            "scenariosRequired": len(place.queue),
            "allScenariosComplete": place.is_last,
            "nextStep": EXPECTED[phase],
        }

    async def _judge(
        self,
        connection: Connection,
        place: Place,
        run: RunPlace,
        after: engine.RunState,
        occurred: Sequence[Occurrence],
    ) -> dict[str, Any]:
        played = (await played_runs(connection, self._catalog, place.session_id))[run.index]
        judged = (await judgements(connection, place.session_id)).get(run.index, [])
        fresh = tuple((place.now, occurrence) for occurrence in occurred)
        whole = replace(played, state=after, stamped=(*played.stamped, *fresh))
        snapshot = whole.snapshot(judged)
        return snapshot.score.to_json() | {"scenarioId": snapshot.scenario_id, "title": snapshot.title}

    async def start_review(
        self, connection: Connection, session_id: str, caller: Principal
    ) -> dict[str, Any]:
        """Begin the after-action review, once every scenario is complete.

        Raises:
            WrongStep: with how many scenarios are complete and how many are required.
        """
        place = await self._locked(connection, session_id, caller)
        if place.phase is not Phase.REVIEW_DUE:
            raise WrongStep(
                f"the review comes after the last scenario; expected now: {EXPECTED[place.phase]}",
                expected=EXPECTED[place.phase],
                scenariosCompleted=place.runs_completed,
                scenariosRequired=len(place.queue),
            )
        taken = await snapshots(connection, self._catalog, session_id)
        analysis = analysis_of(taken)
        state, say = review.begin(taken, analysis)
        text = review.render(say)
        change = Change.of(
            place,
            program=ProgramChange(
                Phase.REVIEW,
                Agent.REVIEW,
                place.index,
                review=state.to_json(),
                analysis=analysis.to_json(),
            ),
            utterance=Utterance("assistant", Agent.REVIEW, text),
            events=(_event(place, "review.begun"),),
        )
        await _apply(connection, change)
        return {
            "success": True,
            "message": text,
            "initialMessage": text,
            "currentAgent": Agent.REVIEW,
            "isAARMode": True,
            "aarPhase": state.phase,
            "scenariosCompleted": place.runs_completed,
        }

    async def _locked(self, connection: Connection, session_id: str, caller: Principal) -> Place:
        """The session under its row lock, open and not in the middle of a turn."""
        await look(connection, session_id, caller)
        await statements.wait_for_session.value(connection, session_id=session_id)
        place = await look(connection, session_id, caller)
        require_open(place)
        if place.busy:
            raise Conflict("a message of this session is being answered; try again")
        return place


def _acted(
    place: Place,
    run: RunPlace,
    scenario: Scenario,
    after: engine.RunState,
    actions: tuple[Action, ...],
    occurred: tuple[Occurrence, ...],
) -> Change:
    vitals = engine.vital_signs(scenario, after, after.elapsed_s)
    change = RunChange(run, after, run.clock.as_of, actions, occurred, vitals, with_message=False)
    return Change.of(place, run=change, events=occurrence_events(place, occurred))


async def _greet(connection: Connection, session_id: str, student_id: UUID, greeting: str) -> None:
    await statements.insert_message.run(
        connection,
        session_id=session_id,
        student_id=student_id,
        seq=1,
        role="assistant",
        agent=Agent.COACH,
        part=None,
        content=greeting,
        answer=None,
    )
    await statements.count_opening.run(connection, session_id=session_id, last_seq=1)


async def _apply(connection: Connection, change: Change) -> None:
    if await change.apply(connection) is None:
        raise Conflict("the session has changed meanwhile; try again")


def _run(place: Place) -> RunPlace:
    if place.run is None:
        raise WrongStep("no scenario is under way", expected=EXPECTED[place.phase])
    return place.run


def _event(place: Place, type_: str, about: str | None = None, result: str | None = None) -> Event:
    actor = f"student:{place.student_id}"
    return Event(type_, actor, place.student_id, place.session_id, about, result)

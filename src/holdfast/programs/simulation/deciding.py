"""What a student's message leads to in each phase: pure rules put together, reading but never writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from holdfast.agents.speech import Line, Speech
from holdfast.core import sessions
from holdfast.core.journal import Event
from holdfast.core.sessions import Status
from holdfast.kit.errors import WrongStep
from holdfast.programs.simulation import coach, engine, personas, review, views
from holdfast.programs.simulation.catalog import Catalog, Edition
from holdfast.programs.simulation.changes import Change, ProgramChange, RunChange, Utterance, statements
from holdfast.programs.simulation.engine.facts import Action, FindingRevealed, Occurrence
from holdfast.programs.simulation.interpreter import interpret
from holdfast.programs.simulation.judging import snapshots, totals_of
from holdfast.programs.simulation.looking import require_phase
from holdfast.programs.simulation.place import EXPECTED, Agent, Phase, Place
from holdfast.programs.simulation.questions import pool
from holdfast.programs.simulation.replies import Move
from holdfast.programs.simulation.review import ReviewState, Say
from holdfast.programs.simulation.review.patterns import PatternAnalysis
from holdfast.programs.simulation.stored import occurrences_of, state_of, subject_of, type_name
from holdfast.store.statements import Connection

HISTORY_LINES = 40
"""How much of a conversation a model is shown: enough for a scenario, and of bounded cost."""


class Deciding:
    """Decides turns on scenarios from the catalog.

    Args:
        catalog: where the scenario of a run is found.
        reads_history: whether agents read the conversation so far; scripts do not need it.
    """

    def __init__(self, catalog: Catalog, *, reads_history: bool) -> None:
        self._catalog = catalog
        self._reads_history = reads_history

    async def decide(self, connection: Connection, place: Place, edition: Edition | None, text: str) -> Move:
        """The move that a message makes where the session stands.

        Raises:
            WrongStep: no message is expected now; the answer names what is.
        """
        require_phase(place, Phase.COACH, Phase.READY, Phase.SCENARIO, Phase.REVIEW)
        if place.phase is Phase.SCENARIO and edition is not None and place.run is not None:
            history = await self._history(connection, place, Agent.CORE, place.index)
            return self._patient(place, edition, text, history)
        if place.phase is Phase.REVIEW:
            history = await self._history(connection, place, Agent.REVIEW, None)
            return await self._review(connection, place, text, history)
        return self._coach(place, text, await self._history(connection, place, Agent.COACH, None))

    def _coach(self, place: Place, text: str, history: Sequence[Line]) -> Move:
        if place.phase is Phase.READY:
            raise WrongStep("the warm-up is complete", expected=EXPECTED[Phase.READY])
        state, turn = coach.reply(coach.CoachState.from_json(place.coach), text, pool())
        phase = Phase.READY if state.complete else Phase.COACH
        change = Change.of(
            place,
            utterance=Utterance("user", Agent.COACH, text, cue={"coach": turn.model_dump(mode="json")}),
            program=ProgramChange(phase, Agent.COACH, place.index, coach=state.to_json()),
            events=(_event(place, "coach.completed"),) if turn.completed else (),
        )
        extras = views.turn_extras(place, phase, Agent.COACH, questionsRemaining=state.remaining)
        return Move(change, personas.coach_persona(pool(), turn, said=text, history=history), extras)

    def _patient(self, place: Place, edition: Edition, text: str, history: Sequence[Line]) -> Move:
        run = place.run
        if run is None:
            raise WrongStep("no scenario is under way", expected=EXPECTED[place.phase])
        scenario = edition.scenario
        if run.state.outcome is not None:
            raise WrongStep("this scenario is over", expected="complete", outcome=run.state.outcome)
        actions = self._actions(edition, run.state, text)
        after, occurred = engine.act(scenario, run.state, actions, run.clock.elapsed_s)
        change = Change.of(
            place,
            utterance=Utterance("user", Agent.CORE, text, part=run.index, clinical_s=after.elapsed_s),
            run=RunChange(
                run,
                after,
                run.clock.as_of,
                actions,
                occurred,
                engine.vital_signs(scenario, after, after.elapsed_s),
            ),
            events=occurrence_events(place, occurred),
        )
        persona = personas.patient_persona(scenario, after, occurred, said=text, history=history)
        return Move(change, persona, self._at_the_patient(place, scenario, after, occurred))

    def _actions(self, edition: Edition, state: engine.RunState, text: str) -> tuple[Action, ...]:
        actions = interpret(edition.vocabulary, text)
        open_ = next((c for c in edition.scenario.challenge_points if c.id == state.open_challenge), None)
        if open_ is not None and engine.is_challenge_reply(open_, text):
            return (Action("challenge_reply", open_.id, text=text), *actions)
        return actions

    def _at_the_patient(
        self, place: Place, scenario: Any, after: engine.RunState, occurred: tuple[Occurrence, ...]
    ) -> dict[str, Any]:
        extras = views.patient_extras(scenario, after, occurred)
        return views.turn_extras(place, Phase.SCENARIO, Agent.CORE, **extras)

    async def _review(self, connection: Connection, place: Place, text: str, history: Sequence[Line]) -> Move:
        state, say = review.reply(ReviewState.from_json(place.review or {}), text)
        complete = state.complete
        phase = Phase.COMPLETE if complete else Phase.REVIEW
        change = Change.of(
            place,
            utterance=Utterance("user", Agent.REVIEW, text, cue={"say": say.to_json()}),
            program=ProgramChange(phase, Agent.REVIEW, place.index, review=state.to_json()),
            status=Status.COMPLETED if complete else None,
            events=(_event(place, "session.completed"),) if complete else (),
        )
        extras = views.turn_extras(place, phase, Agent.REVIEW, aarPhase=state.phase, aarComplete=complete)
        totals = await self._totals(connection, place) if complete else None
        return Move(change, personas.review_persona(say, said=text, history=history), extras, totals)

    async def _totals(self, connection: Connection, place: Place) -> dict[str, Any]:
        taken = await snapshots(connection, self._catalog, place.session_id)
        row = await statements.analysis_of_session.value(connection, session_id=place.session_id)
        analysis = PatternAnalysis.from_json(row)
        return totals_of(place, taken, analysis, messages=place.last_seq + 2)

    async def rebuild(self, connection: Connection, place: Place, seq: int) -> Move:
        """The move of a stored message whose reply was never given, from rows."""
        row = await statements.stored_message.row(connection, session_id=place.session_id, seq=seq)
        if row is None:
            raise WrongStep("the message is gone", expected=EXPECTED[place.phase])
        agent, part = Agent(row["agent"]), row["part"]
        said = Utterance("user", agent, row["content"], part=part, clinical_s=row["clinical_s"])
        change = Change.of(place, utterance=said)
        history = await self._history(connection, place, agent, part, before=seq)
        if agent is Agent.CORE:
            return await self._patient_again(connection, place, change, history, seq)
        cue = row["answer"] or {}
        if agent is Agent.COACH:
            turn = coach.CoachTurn.model_validate(cue["coach"])
            remaining = coach.CoachState.from_json(place.coach).remaining
            extras = views.turn_extras(place, place.phase, agent, questionsRemaining=remaining)
            persona = personas.coach_persona(pool(), turn, said=row["content"], history=history)
            return Move(change, persona, extras)
        state = ReviewState.from_json(place.review or {})
        extras = views.turn_extras(
            place, place.phase, agent, aarPhase=state.phase, aarComplete=state.complete
        )
        say = Say.from_json(cue["say"])
        return Move(change, personas.review_persona(say, said=row["content"], history=history), extras)

    async def _patient_again(
        self, connection: Connection, place: Place, change: Change, history: Sequence[Line], seq: int
    ) -> Move:
        said = change.utterance
        part = None if said is None else said.part
        run = await statements.run_of.row(connection, session_id=place.session_id, scenario_index=part)
        if said is None or run is None:
            raise WrongStep("the scenario of this message is gone", expected=EXPECTED[place.phase])
        edition = await self._catalog.by_hash(connection, run["content_hash"])
        state = state_of(run["state"])
        rows = await statements.occurrences_of_message.rows(
            connection, session_id=place.session_id, scenario_index=part, message_seq=seq
        )
        occurred = occurrences_of(rows)
        persona = personas.patient_persona(
            edition.scenario, state, occurred, said=said.content, history=history
        )
        return Move(change, persona, self._at_the_patient(place, edition.scenario, state, occurred))

    async def propose(self, connection: Connection, place: Place, speech: Speech) -> Change | None:
        """What a model's tool calls amount to: assessments, carried out by the engine like the student's.

        A call for something the engine does not know, or after the run's end, comes to nothing.
        """
        run = place.run
        if run is None or not run.is_open or run.state.outcome is not None:
            return None
        scenario = (await self._catalog.by_hash(connection, run.content_hash)).scenario
        wanted = [p.arguments.get("finding") for p in speech.proposals]
        known = [name for name in dict.fromkeys(wanted) if name in scenario.findings]
        actions = tuple(Action("assessment", name, text="(agent)") for name in known)
        if not actions:
            return None
        after, occurred = engine.act(scenario, run.state, actions, run.clock.elapsed_s)
        vitals = engine.vital_signs(scenario, after, after.elapsed_s)
        return Change.of(
            place,
            run=RunChange(run, after, run.clock.as_of, actions, occurred, vitals),
            events=occurrence_events(place, occurred),
        )

    async def _history(
        self, connection: Connection, place: Place, agent: Agent, part: int | None, before: int | None = None
    ) -> Sequence[Line]:
        if not self._reads_history:
            return ()
        rows = await sessions.statements.recent_messages.rows(
            connection, session_id=place.session_id, agent=agent, part=part, limit=HISTORY_LINES
        )
        seen = [row for row in reversed(rows) if before is None or row["seq"] < before]
        return tuple(Line("student" if r["role"] == "user" else "agent", r["content"]) for r in seen)


_QUIET = (FindingRevealed,)
"""Occurrences that are rows already and too frequent to be news."""


def occurrence_events(place: Place, occurred: Sequence[Occurrence]) -> tuple[Event, ...]:
    """The journal's events for what came to light."""
    return tuple(
        Event(
            f"simulation.{type_name(occurrence)}",
            f"student:{place.student_id}",
            object=subject_of(occurrence),
            result=getattr(occurrence, "rating", None) or getattr(occurrence, "outcome", None),
            data={"atS": occurrence.at_s, "scenarioIndex": place.index},
        )
        for occurrence in occurred
        if not isinstance(occurrence, _QUIET)
    )


def _event(place: Place, type_: str) -> Event:
    return Event(type_, f"student:{place.student_id}", place.student_id, place.session_id)

"""Patient simulation as the routes and the command line use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from holdfast.agents.gateway import Gateway
from holdfast.agents.ledger import PRICES, Price
from holdfast.core import sessions
from holdfast.core.access import Principal
from holdfast.core.journal import Event, record
from holdfast.kit.clock import iso
from holdfast.kit.errors import InvalidInput, NotAllowed, NotFound
from holdfast.kit.paging import Page
from holdfast.programs.simulation import engine, views
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.changes import statements
from holdfast.programs.simulation.deciding import Deciding
from holdfast.programs.simulation.engine.facts import FindingRevealed
from holdfast.programs.simulation.judging import PERFORMANCE_KEYS, played_runs
from holdfast.programs.simulation.looking import look, require_phase
from holdfast.programs.simulation.place import Phase, Place
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.steps import Steps
from holdfast.programs.simulation.stored import occurrences_of
from holdfast.programs.simulation.turns import Rules, Turns
from holdfast.store.database import Database
from holdfast.store.statements import Connection


class Simulation:
    """The program's use cases. Commands take a connection inside a transaction; looks open their own."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        gateway: Gateway,
        *,
        time_scale: float = 1.0,
        reads_history: bool = False,
        prices: Mapping[str, Price] = PRICES,
    ) -> None:
        deciding = Deciding(catalog, reads_history=reads_history)
        rules = Rules(deciding.decide, deciding.rebuild, deciding.propose)
        self.database = database
        self.catalog = catalog
        self.steps = Steps(catalog, time_scale=time_scale)
        self.turns = Turns(database, catalog, gateway, rules, prices)

    async def check(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """What a client needs to come back to the right screen; `exists` is false for what it may not see."""
        try:
            async with self.database.snapshot() as connection:
                place = await look(connection, session_id, caller)
                who = await statements.who.row(connection, session_id=session_id)
                run = await self._seen_run(connection, place)
        except NotFound:
            return {"exists": False}
        return {
            "exists": True,
            "complete": place.phase is Phase.COMPLETE,
            **views.standing(place),
            "studentId": who["student_code"] if who else None,
            "studentName": who["name"] if who else None,
            "studentEmail": who["email"] if who else None,
            "group": who["arm"] if who else None,
            **run,
        }

    async def _seen_run(self, connection: Connection, place: Place) -> dict[str, Any]:
        """What the student knows of the patient: dispatch, notes and what was measured."""
        if place.run is None or place.phase is not Phase.SCENARIO:
            return {"dispatchInfo": None, "patientInfo": None, "patientNotes": []}
        scenario = (await self.catalog.by_hash(connection, place.run.content_hash)).scenario
        rows = await statements.occurrences.rows(connection, session_id=place.session_id)
        occurred = occurrences_of(row for row in rows if row["scenario_index"] == place.run.index)
        state, _ = engine.advance(scenario, place.run.state, place.run.clock.elapsed_s)
        challenge = next((c for c in scenario.challenge_points if c.id == state.open_challenge), None)
        return {
            "dispatchInfo": views.dispatch_info(scenario),
            "patientInfo": views.patient_info(scenario),
            "patientNotes": views.findings(o for o in occurred if isinstance(o, FindingRevealed)),
            "vitals": views.measured_panel(state),
            "clinicalTimeS": state.elapsed_s,
            "patientLooks": scenario.states[state.patient_state].appearance,
            "scenarioOver": state.outcome is not None,
            "activeChallenge": None
            if challenge is None
            else {"challengeId": challenge.id, "question": challenge.question, "context": challenge.context},
        }

    async def messages(
        self, session_id: str, caller: Principal, *, after: int = 0, limit: int = 500
    ) -> dict[str, Any]:
        """The conversation from after one message on, oldest first, to resume with."""
        async with self.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            rows = await sessions.statements.list_messages.rows(
                connection, session_id=session_id, after_seq=max(0, after), limit=min(max(limit, 1), 1000)
            )
        answered = {row["reply_to"] for row in rows}
        return {
            "sessionId": session_id,
            "messages": [
                {
                    "seq": row["seq"],
                    "role": row["role"],
                    "agent": row["agent"],
                    "scenarioIndex": row["part"],
                    "content": row["content"],
                    "clinicalTimeS": row["clinical_s"],
                    "replyTo": row["reply_to"],
                    "idempotencyKey": row["client_key"],
                    "timestamp": iso(row["created_at"]),
                }
                for row in rows
            ],
            "total": place.last_seq,
            "pending": [r["seq"] for r in rows if r["role"] == "user" and r["seq"] not in answered],
        }

    async def vitals(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """What was measured; staff sees the true vital signs and the patient's state beside it."""
        async with self.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            if place.run is None:
                return {"sessionId": session_id, "vitals": {}, "measuredVitals": {}, "clinicalTimeS": None}
            scenario = (await self.catalog.by_hash(connection, place.run.content_hash)).scenario
        state, _ = engine.advance(scenario, place.run.state, place.run.clock.elapsed_s)
        seen = {
            "sessionId": session_id,
            "vitals": views.measured_panel(state),
            "measuredVitals": engine.measured(state),
            "clinicalTimeS": state.elapsed_s,
        }
        if caller.is_staff:
            true = engine.vital_signs(scenario, state, state.elapsed_s)
            seen |= {"trueVitals": true, "truePanel": views.panel(true), "patientState": state.patient_state}
        return seen

    async def state(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """Where the session stands; staff sees the patient's state and the run's counters beside it."""
        async with self.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            seen = views.standing(place) | await self._seen_run(connection, place)
            if not caller.is_staff or place.run is None:
                return seen
            scenario = (await self.catalog.by_hash(connection, place.run.content_hash)).scenario
        state, _ = engine.advance(scenario, place.run.state, place.run.clock.elapsed_s)
        return seen | {
            "patientState": state.patient_state,
            "engineVersion": place.run.engine_version,
            "scenarioHash": place.run.content_hash,
            "treatments": {name: given.attempts for name, given in state.treatments.items()},
            "medicationErrors": state.errors,
            "medicationWarnings": state.warnings,
            "decisions": dict(state.rated),
            "checklist": dict(state.done),
            "outcome": state.outcome,
        }

    async def performance(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """The scores of completed scenarios, and the totals once the session is complete.

        A student sees nothing of the scenario that is under way; staff sees its scores so far.
        """
        async with self.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            rows = await statements.runs.rows(connection, session_id=session_id)
            totals = await statements.performance_of.row(connection, session_id=session_id)
            running = await self._running(connection, place) if caller.is_staff else None
        done = [row["performance"] for row in rows if row["performance"] is not None]
        return {
            "sessionId": session_id,
            "complete": totals is not None,
            "scenariosCompleted": len(done),
            "scenarios": done,
            "totals": {key: totals[column] for column, key in PERFORMANCE_KEYS.items()} if totals else None,
            **({"running": running} if running else {}),
        }

    async def _running(self, connection: Connection, place: Place) -> dict[str, Any] | None:
        if place.phase is not Phase.SCENARIO:
            return None
        runs = await played_runs(connection, self.catalog, place.session_id)
        return runs[-1].snapshot().score.to_json() if runs else None

    async def require_review(self, session_id: str, caller: Principal, key: str | None) -> None:
        """Refuse a word in the review when there is none, unless it is a repetition.

        Raises:
            WrongStep: naming the step that is expected.
        """
        async with self.database.connection() as connection:
            place = await look(connection, session_id, caller, key)
        if place.same_key_seq is None:
            require_phase(place, Phase.REVIEW)

    async def review_status(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """Where the after-action review stands."""
        async with self.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            analysis = await statements.analysis_of_session.value(connection, session_id=session_id)
        return {
            "sessionId": session_id,
            "active": place.phase is Phase.REVIEW,
            "isAARMode": place.phase is Phase.REVIEW,
            "complete": place.phase is Phase.COMPLETE,
            "phase": (place.review or {}).get("phase"),
            "scenariosCompleted": place.runs_completed,
            "scenariosRequired": len(place.queue),
            "patternAnalysis": analysis if caller.is_staff or place.phase is Phase.COMPLETE else None,
        }

    async def active(self, page: Page) -> dict[str, Any]:
        """Sessions that are under way, newest first."""
        async with self.database.connection() as connection:
            rows = await statements.active_simulations.rows(connection, limit=page.limit, offset=page.offset)
        shown = [
            {
                "id": row["session_id"],
                "sessionId": row["session_id"],
                "studentId": row["student_code"],
                "studentName": row["student_name"],
                "group": row["arm"],
                "cohort": row["cohort"],
                "status": row["status"],
                "phase": row["phase"],
                "currentAgent": row["current_agent"],
                "currentScenarioIndex": row["current_scenario_index"],
                "scenariosRequired": len(row["scenario_queue"]),
                "startedAt": iso(row["started_at"]),
                "lastActivity": iso(row["last_activity"]),
            }
            for row in rows
        ]
        total = rows[0]["total"] if rows else 0
        return {"sessions": shown, "total": total, "limit": page.limit, "offset": page.offset}

    async def mine(self, student_id: UUID) -> dict[str, Any]:
        """A student's own sessions, newest first."""
        async with self.database.connection() as connection:
            rows = await statements.current_sessions.rows(connection, student_id=student_id)
        return {
            "sessions": [
                {
                    "sessionId": row["session_id"],
                    "status": row["status"],
                    "phase": row["phase"],
                    "currentScenarioIndex": row["current_scenario_index"],
                    "scenarioQueue": list(row["scenario_queue"]),
                    "startedAt": iso(row["started_at"]),
                    "completedAt": iso(row["completed_at"]) if row["completed_at"] else None,
                }
                for row in rows
            ]
        }

    async def leave(self, connection: Connection, session_id: str, caller: Principal) -> dict[str, Any]:
        """Delete a session (staff), or give it up (its student, whose work is never deleted by a click)."""
        place = await look(connection, session_id, caller)
        if not caller.is_staff:
            await sessions.control(connection, session_id, "abandon", caller=caller)
            return {"success": True, "deleted": False, "status": "ABANDONED"}
        await statements.delete_session.run(connection, session_id=session_id)
        await record(connection, Event("session.deleted", caller.actor, place.student_id, session_id))
        return {"success": True, "deleted": True}

    async def judge(
        self, connection: Connection, session_id: str, caller: Principal, asked: dict[str, Any]
    ) -> dict[str, Any]:
        """An instructor rates a decision that no rule rates.

        Raises:
            InvalidInput: a scenario or decision that the session does not have.
        """
        if not caller.is_staff:
            raise NotAllowed("only staff rates decisions")
        place = await look(connection, session_id, caller)
        runs = await played_runs(connection, self.catalog, session_id)
        index, decision = asked["scenario_index"], asked["decision"]
        if index >= len(runs):
            raise InvalidInput("the session has no such scenario", field="scenarioIndex")
        points = {point.id: point for point in runs[index].scenario.decision_points}
        if decision not in points:
            raise InvalidInput("the scenario has no such decision point", field="decision")
        if points[decision].ratings:
            raise InvalidInput("this decision is rated by the scenario's own rules", field="decision")
        await statements.judge_decision.run(
            connection,
            session_id=session_id,
            scenario_index=index,
            decision=decision,
            student_id=place.student_id,
            rating=Rating(asked["rating"]),
            explanation=asked["explanation"],
            judged_by=caller.actor,
        )
        event = Event(
            "decision.judged", caller.actor, place.student_id, session_id, decision, asked["rating"]
        )
        await record(connection, event)
        return {"success": True}

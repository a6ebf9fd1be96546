"""The student's record: one JSON document of a session, in the form that the older analysis scripts read.

Both spellings of a key are written where the older program and its analysis script disagreed
(``HR`` and ``heartRate``, ``question`` and ``text``), so that every reader finds its own. Durations
of scenarios are clinical; those of the session are by the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import singledispatch
from typing import Any
from uuid import UUID

from holdfast.core import sessions
from holdfast.kit.clock import iso, spoken_duration
from holdfast.kit.errors import NotFound
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.changes import statements
from holdfast.programs.simulation.engine import vital_signs
from holdfast.programs.simulation.engine.facts import (
    ChallengeAnswered,
    ChallengeOpened,
    ChecklistDone,
    DecisionRated,
    MedicationEvent,
    Occurrence,
    StateChanged,
    TreatmentGiven,
)
from holdfast.programs.simulation.judging import PERFORMANCE_KEYS, PlayedRun, judgements, played_runs
from holdfast.programs.simulation.place import Agent
from holdfast.programs.simulation.scoring import score_session
from holdfast.programs.simulation.views import PANEL
from holdfast.store.statements import Connection, Row

_OTHER_NAMES = {
    "heart_rate": "heartRate",
    "respiratory_rate": "respiratoryRate",
    "spo2": "spO2",
    "temperature": "temperature",
    "gcs": "gcs",
    "glucose": "glucose",
    "pain": "painScore",
}


async def student_record(
    connection: Connection, catalog: Catalog, student_id: UUID, session_id: str | None = None
) -> dict[str, Any]:
    """The record of a student's session, the newest one unless another is named.

    Raises:
        NotFound: the student has no such session.
    """
    own = await statements.current_sessions.rows(connection, student_id=student_id)
    chosen = next((row for row in own if session_id in {None, row["session_id"]}), None)
    if chosen is None:
        raise NotFound("the student has no such session", field="session")
    name = chosen["session_id"]
    who = await statements.who.row(connection, session_id=name)
    session = await statements.read_session.row(connection, session_id=name, client_key=None, held_state=None)
    runs = await played_runs(connection, catalog, name)
    judged = await judgements(connection, name)
    spoken = await sessions.statements.list_messages.rows(
        connection, session_id=name, after_seq=0, limit=1_000_000
    )
    totals = await statements.performance_of.row(connection, session_id=name)
    vitals = await statements.vital_signs.rows(connection, session_id=name)
    if who is None or session is None:
        raise NotFound("the student has no such session", field="session")
    scores = [run.snapshot(judged.get(run.row["scenario_index"], ())).score for run in runs]
    return {
        "studentId": who["student_code"],
        "studentName": who["name"],
        "studentEmail": who["email"],
        "group": who["arm"],
        "cohort": who["cohort"],
        "sessionId": name,
        "status": session["status"],
        "timestamps": _timestamps(who, session),
        "performance": score_session(scores).overall.to_json() | _safety(scores),
        "scenarios": [_scenario(run, score.to_json()) for run, score in zip(runs, scores, strict=True)],
        "criticalActions": [entry for run in runs for entry in _actions_log(run)],
        "challengePoints": [entry for run in runs for entry in _challenges(run)],
        "aarTranscript": [_line(row) for row in spoken if row["agent"] == Agent.REVIEW],
        "messages": [_line(row) for row in spoken],
        "vitalSigns": [_vital_row(row) for row in vitals],
        "cognitiveCoach": session["coach"],
        "patternAnalysis": await statements.analysis_of_session.value(connection, session_id=name),
        "metadata": _metadata(session, runs, spoken, totals),
    }


def _timestamps(who: Row, session: Row) -> dict[str, Any]:
    ended = session["completed_at"]
    return {
        "registered": iso(who["registered_at"]),
        "sessionStarted": iso(session["started_at"]),
        "sessionCompleted": iso(ended) if ended else None,
        "totalElapsed": spoken_duration((ended - session["started_at"]).total_seconds()) if ended else None,
        "totalElapsedSeconds": (ended - session["started_at"]).total_seconds() if ended else None,
    }


def _safety(scores: Sequence[Any]) -> dict[str, Any]:
    return score_session(scores).safety.to_json()


def _scenario(run: PlayedRun, score: dict[str, Any]) -> dict[str, Any]:
    state, row = run.state, run.row
    return {
        "scenarioId": row["scenario_id"],
        "scenarioTitle": run.scenario.metadata.title,
        "scenarioVersion": run.scenario.version,
        "scenarioHash": row["content_hash"],
        "scenarioIndex": row["scenario_index"],
        "startedAt": iso(row["started_at"]),
        "completedAt": iso(row["ended_at"]) if row["ended_at"] else None,
        "duration": spoken_duration(state.elapsed_s),
        "durationSeconds": state.elapsed_s,
        "timeScale": row["time_scale"],
        "finalState": state.patient_state,
        "outcome": state.outcome,
        "finalVitals": both_names(vital_signs(run.scenario, state, state.elapsed_s)),
        "performance": score,
        "cdpEvaluations": [_decision(o) for o in run.occurrences if isinstance(o, DecisionRated)],
        "medicationErrors": _medication(run.occurrences, "error"),
        "medicationWarnings": _medication(run.occurrences, "warning"),
        "stateHistory": [_state_change(o) for o in run.occurrences if isinstance(o, StateChanged)],
        "seed": row["seed"],
    }


def both_names(values: dict[str, float]) -> dict[str, Any]:
    """Vital signs under the names of both older layers: the monitor's and the database's."""
    shown: dict[str, Any] = {PANEL[s]: v for s, v in values.items() if s in PANEL}
    shown |= {_OTHER_NAMES[s]: v for s, v in values.items() if s in _OTHER_NAMES}
    if "systolic" in values and "diastolic" in values:
        shown["BP"] = f"{values['systolic']:g}/{values['diastolic']:g}"
        shown["bloodPressure"] = {"systolic": values["systolic"], "diastolic": values["diastolic"]}
    return shown


def _decision(rated: DecisionRated) -> dict[str, Any]:
    return {
        "cdp_id": rated.decision,
        "cdp_title": rated.title,
        "rating": rated.rating,
        "explanation": rated.explanation,
        "elapsedSeconds": rated.at_s,
        "elapsedTime": round(rated.at_s / 60, 2),
    }


def _medication(occurrences: Sequence[Occurrence], severity: str) -> list[dict[str, Any]]:
    return [
        {"medication": o.name, "treatment": o.treatment, "kind": o.kind, "reason": o.reason, "atS": o.at_s}
        for o in occurrences
        if isinstance(o, MedicationEvent) and o.severity == severity
    ]


def _state_change(change: StateChanged) -> dict[str, Any]:
    return {
        "state": change.state,
        "previousState": change.previous,
        "elapsedTime": change.at_s,
        "timeSinceStart": round(change.at_s / 60, 2),
        "vitals": both_names(change.vitals),
        "previousVitals": both_names(change.previous_vitals),
        "reason": change.reason,
    }


def _actions_log(run: PlayedRun) -> list[dict[str, Any]]:
    named = ((seen_at, o.at_s, _logged(o)) for seen_at, o in run.stamped)
    return [_entry(run, seen_at, at_s, *entry) for seen_at, at_s, entry in named if entry is not None]


def _entry(
    run: PlayedRun, seen_at: datetime, at_s: float, action: str, name: str, details: dict[str, Any]
) -> dict[str, Any]:
    minutes, seconds = divmod(int(at_s), 60)
    return {
        "action": action,
        "name": name,
        "scenarioId": run.row["scenario_id"],
        "scenarioIndex": run.row["scenario_index"],
        "timestamp": iso(seen_at),
        "timeSinceStart": at_s,
        "elapsedTime": at_s,
        "scenarioTime": f"{minutes}:{seconds:02d}",
        "details": details,
    }


Logged = tuple[str, str, dict[str, Any]]


@singledispatch
def _logged(_: Occurrence) -> Logged | None:
    """How the older log names an occurrence: action, name, details; none for what it does not log."""
    return None


@_logged.register
def _(given: TreatmentGiven) -> Logged | None:
    details = {"dose": given.dose, "unit": given.unit, "route": given.route, "impact": given.impact}
    return "treatment_given", given.name, details


@_logged.register
def _(event: MedicationEvent) -> Logged | None:
    action = "dangerous_medication_given" if event.severity == "error" else "medication_warning"
    return action, event.name, {"kind": event.kind, "reason": event.reason}


@_logged.register
def _(rated: DecisionRated) -> Logged | None:
    return "cdp_evaluation", rated.title, {"rating": rated.rating}


@_logged.register
def _(opened: ChallengeOpened) -> Logged | None:
    return "challenge_point_triggered", opened.challenge, {"question": opened.question}


@_logged.register
def _(answered: ChallengeAnswered) -> Logged | None:
    return "challenge_evaluated", answered.challenge, {"quality": answered.quality}


@_logged.register
def _(done: ChecklistDone) -> Logged | None:
    details = {"category": done.category, "points": done.points, "onTime": done.on_time}
    return "critical_action_done", done.action, details


@_logged.register
def _(change: StateChanged) -> Logged | None:
    return f"state_change_to_{change.state}", change.state, {"reason": change.reason}


def _challenges(run: PlayedRun) -> list[dict[str, Any]]:
    answers = {o.challenge: o for o in run.occurrences if isinstance(o, ChallengeAnswered)}
    return [
        _challenge(opened, answers.get(opened.challenge), run.row["scenario_id"], iso(seen_at))
        for seen_at, opened in run.stamped
        if isinstance(opened, ChallengeOpened)
    ]


def _challenge(
    opened: ChallengeOpened, answered: ChallengeAnswered | None, scenario_id: str, opened_at: str
) -> dict[str, Any]:
    shown = {
        "challenge_id": opened.challenge,
        "scenarioId": scenario_id,
        "question": opened.question,
        "text": opened.question,
        "context": opened.context or "",
        "expectedElements": list(opened.expected),
        "activatedAt": opened_at,
        "timestamp": opened_at,
        "elapsedTime": opened.at_s,
        "studentResponse": None,
        "skipped": None,
        "responseTime": None,
        "evaluation": None,
    }
    if answered is None:
        return shown
    total = len(answered.found) + len(answered.missing)
    return shown | {
        "studentResponse": answered.response,
        "skipped": answered.skipped,
        "responseTime": answered.response_s,
        "evaluation": {
            "rating": answered.quality,
            "percentageFound": round(100 * len(answered.found) / total) if total else None,
            "elementsFound": len(answered.found),
            "totalElements": total,
            "foundConcepts": list(answered.found),
            "missingConcepts": list(answered.missing),
            "feedback": answered.says,
        },
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "role": row["role"],
        "content": row["content"],
        "timestamp": iso(row["created_at"]),
        "agent": row["agent"],
        "scenarioIndex": row["part"],
        "seq": row["seq"],
    }


def _vital_row(row: Row) -> dict[str, Any]:
    signs = (
        "heart_rate", "respiratory_rate", "spo2", "systolic", "diastolic", "temperature", "gcs", "glucose",
        "pain",
    )  # fmt: skip
    values = {sign: row[sign] for sign in signs if row[sign] is not None}
    return both_names(values) | {
        "scenarioIndex": row["scenario_index"],
        "elapsedTime": row["at_s"],
        "state": row["patient_state"],
        "timestamp": iso(row["created_at"]),
    }


def _metadata(
    session: Row, runs: Sequence[PlayedRun], spoken: Sequence[Row], totals: Row | None
) -> dict[str, Any]:
    occurrences = [o for run in runs for o in run.occurrences]
    return {
        "scenariosCompleted": sum(run.row["status"] == "COMPLETED" for run in runs),
        "totalMessages": len(spoken),
        "challengePointsEnabled": session["challenge_points_enabled"],
        "sessionComplete": session["phase"] == "complete",
        "medicationErrors": _medication(occurrences, "error"),
        "medicationWarnings": _medication(occurrences, "warning"),
        "scenarioQueue": list(session["scenario_queue"]),
        "timeScale": session["time_scale"],
        "seed": session["seed"],
        "totals": {key: totals[column] for column, key in PERFORMANCE_KEYS.items()} if totals else None,
    }

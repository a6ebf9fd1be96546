"""What each caller may see of a session. A student never sees what was not measured, nor the blueprint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from holdfast.kit.clock import iso
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine import RunState
from holdfast.programs.simulation.engine.facts import (
    ChallengeAnswered,
    ChallengeOpened,
    FindingRevealed,
    Occurrence,
    RunEnded,
    StateChanged,
)
from holdfast.programs.simulation.place import EXPECTED, Agent, Phase, Place
from holdfast.programs.simulation.scenario.model import Scenario

PANEL = {
    "heart_rate": "HR",
    "respiratory_rate": "RR",
    "spo2": "SpO2",
    "temperature": "Temp",
    "gcs": "GCS",
    "glucose": "Glycemia",
    "pain": "Pain",
}
"""How the monitor panel of the older clients names the vital signs; blood pressure is one text there."""


def panel(values: dict[str, float]) -> dict[str, Any]:
    """Vital signs as the monitor panel shows them: ``HR``, ``BP`` as "sys/dia" and so on."""
    shown: dict[str, Any] = {PANEL[sign]: value for sign, value in values.items() if sign in PANEL}
    if "systolic" in values and "diastolic" in values:
        shown["BP"] = f"{values['systolic']:g}/{values['diastolic']:g}"
    return shown


def measured_panel(state: RunState) -> dict[str, Any]:
    """The panel of what the student measured, as last measured."""
    return panel({sign: reading["value"] for sign, reading in engine.measured(state).items()})


def findings(occurrences: Iterable[Occurrence]) -> list[dict[str, Any]]:
    """What assessments revealed, as notes."""
    return [
        {"finding": o.finding, "name": o.name, "category": o.category, "text": o.text, "atS": o.at_s}
        for o in occurrences
        if isinstance(o, FindingRevealed)
    ]


def dispatch_info(scenario: Scenario) -> dict[str, Any]:
    """What the dispatcher says."""
    return scenario.dispatch.model_dump(exclude_none=True)


def patient_info(scenario: Scenario) -> dict[str, Any]:
    """What is known of the patient on arrival."""
    patient = scenario.patient
    return {"name": patient.name, "age": patient.age_years, "sex": patient.sex}


def arrival(scenario: Scenario) -> str:
    """What the student reads when the scenario begins."""
    scene, first = scenario.scene, scenario.states["initial"]
    dispatch = scenario.dispatch
    who = ", ".join(part for part in (dispatch.sex, dispatch.age) if part)
    parts = [
        f"Dispatch: {dispatch.call_type}" + (f" ({who})" if who else "") + f", {dispatch.location}.",
        dispatch.additional_info,
        " ".join(part for part in (scene.location, scene.safety, scene.access, scene.bystanders) if part),
        first.description,
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def turn_extras(place: Place, phase: Phase, agent: Agent, **more: Any) -> dict[str, Any]:
    """What every turn tells the client beside the reply."""
    return {
        "currentAgent": agent,
        "phase": phase,
        "expected": EXPECTED[phase],
        "readyToTransition": phase is Phase.READY,
        "sessionComplete": phase is Phase.COMPLETE,
        "currentScenarioIndex": place.index,
        **more,
    }


def patient_extras(
    scenario: Scenario, after: RunState, occurrences: tuple[Occurrence, ...]
) -> dict[str, Any]:
    """What a turn at the patient tells: only what can be seen, heard or was measured."""
    opened = [o for o in occurrences if isinstance(o, ChallengeOpened)]
    answered = [o for o in occurrences if isinstance(o, ChallengeAnswered)]
    changed = [o for o in occurrences if isinstance(o, StateChanged)]
    return {
        "clinicalTimeS": after.elapsed_s,
        "vitals": measured_panel(after),
        "measuredVitals": engine.measured(after),
        "newFindings": findings(occurrences),
        "patientLooks": scenario.states[changed[-1].state].appearance if changed else None,
        "activeChallenge": _challenge(opened[-1]) if opened else None,
        "challengeAnswered": answered[-1].challenge if answered else None,
        "scenarioEnded": ended(occurrences),
    }


def _challenge(opened: ChallengeOpened) -> dict[str, Any]:
    return {"challengeId": opened.challenge, "question": opened.question, "context": opened.context}


def ended(occurrences: Iterable[Occurrence]) -> dict[str, Any] | None:
    """How the run ended, if it did."""
    ends = [o for o in occurrences if isinstance(o, RunEnded)]
    return {"outcome": ends[-1].outcome, "reason": ends[-1].reason, "atS": ends[-1].at_s} if ends else None


def standing(place: Place) -> dict[str, Any]:
    """Where a session stands, for anyone who may see it."""
    return {
        "sessionId": place.session_id,
        "status": place.status,
        "phase": place.phase,
        "expected": EXPECTED[place.phase],
        "currentAgent": place.agent,
        "currentScenarioIndex": place.index,
        "scenarioQueue": list(place.queue),
        "completedScenarios": list(place.queue[: place.runs_completed]),
        "sessionComplete": place.phase is Phase.COMPLETE,
        "isAARMode": place.phase is Phase.REVIEW,
        "readyToTransition": place.phase is Phase.READY,
        "challengePointsEnabled": place.challenges,
        "startedAt": iso(place.started_at),
        "completedAt": iso(place.completed_at) if place.completed_at else None,
        "expiresAt": iso(place.expires_at) if place.expires_at else None,
        "expired": place.expired,
        "messages": place.last_seq,
        "timeScale": place.time_scale,
    }

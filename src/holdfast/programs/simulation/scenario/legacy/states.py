"""The clinical states of an older blueprint and the vital signs that belong to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.vitals import Values, read_vitals, values_in_text
from holdfast.programs.simulation.scenario.legacy.wording import joined, quotes, slug
from holdfast.programs.simulation.scenario.vocabulary import VitalSign

States = dict[str, dict[str, Any]]

SEVERITY = {
    "stable": 2,
    "improving": 3,
    "initial": 5,
    "early_deteriorating": 6,
    "deteriorating": 7,
    "critical": 9,
    "arrest": 10,
}
_BY_URGENCY = {"low": 2, "moderate": 4, "high": 6, "critical": 8, "life-threatening": 9}
_URGENCY = {
    "arrest": "life-threatening",
    "life threatening": "life-threatening",
    "medium": "moderate",
    "emergency": "critical",
}
_ARREST = re.compile(r"pulseless|cardiac arrest")
_ARREST_VALUES = {"heart_rate": 0.0, "respiratory_rate": 0.0, "systolic": 0.0, "diastolic": 0.0, "gcs": 3.0}
_STEP_TIME_CONSTANT_S = 60
_RECOVERY_TIME_CONSTANT_S = 120
_ARREST_TIME_CONSTANT_S = 3
_NORMAL: Values = {
    VitalSign.HEART_RATE: 80, VitalSign.RESPIRATORY_RATE: 16, VitalSign.SPO2: 97, VitalSign.SYSTOLIC: 125,
    VitalSign.DIASTOLIC: 78, VitalSign.GCS: 15,
}  # fmt: skip
"""Unremarkable adult values; used only where the file says nothing of what recovery looks like."""

_TOWARDS_NORMAL = 0.6


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the untreated course: when it begins and what it leads to.

    Attributes:
        at_s: clinical seconds since the scenario began.
        state: the state entered then; none when the patient only drifts there.
        values: the vital signs at that time.
    """

    at_s: float
    state: str | None
    values: Values
    place: Place
    description: str | None
    clinical_note: str | None


def read_states(root: Place) -> States:
    """The described states; later formats describe some of them only in ``scenario_states``."""
    place = root["state_descriptions"].section()
    place["initial"].section()
    states = {slug(name): _state(entry.section(), slug(name)) for name, entry in place.items()}
    for name, entry in root["scenario_states"].items():
        _add_to_state(states, slug(name), entry)
    return states


def _state(place: Place, name: str) -> dict[str, Any]:
    description = place.first("student_sees", "description").required_text()
    appearance = place["appearance"].prose()
    urgency = _urgency(place["urgency_level"])
    state: dict[str, Any] = {
        "description": re.sub(r"^CRITICAL: ", "", description),
        "appearance": appearance or description,
        "clinical_note": place["clinical_note"].prose() or "No note.",
        "urgency": urgency,
        "severity": SEVERITY.get(name, _BY_URGENCY[urgency]),
    }
    voice = _voice(description, state["appearance"])
    return state | ({"voice": voice} if voice else {})


def _urgency(place: Place) -> str:
    stated = (place.text() or "").lower().replace("_", "-")
    found = _URGENCY.get(stated, stated)
    if found not in _BY_URGENCY:
        place.approximated("Taken as 'high'.") if place.present else place.defaulted("'high' is taken.")
        return "high"
    if found != stated:
        place.approximated(f"Taken as '{found}'.")
    return found


def _voice(description: str, appearance: str) -> list[str]:
    """What the patient is quoted as saying; silence when they do not respond."""
    if re.search(r"unresponsive|unconscious|pulseless", f"{appearance} {description}".lower()):
        return ["(The patient does not answer.)"]
    bystander = re.compile(r"wife|husband|mate|mother|father|son|daughter|caller|friend", re.IGNORECASE)
    return [
        words
        for before, words in quotes(description)
        if not bystander.search(before[-60:]) and len(words) > 2
    ]


def _add_to_state(states: States, name: str, place: Place) -> None:
    description = place["description"].prose() if isinstance(place.value, dict) else place.prose()
    if isinstance(place.value, dict):
        place["timing"].approximated("The untreated course gives the times.")
    if description is None:
        return
    if name in states:
        states[name]["clinical_note"] = joined(states[name]["clinical_note"], description)
        return
    severity = SEVERITY.get(name, 6)
    urgency = {2: "low", 3: "moderate"}.get(severity, "critical")
    text = {"description": description, "appearance": description, "clinical_note": description}
    states[name] = {**text, "urgency": urgency, "severity": severity}


def read_steps(root: Place, states: States, arrival: Values) -> list[Step]:
    """The untreated course in order of time, every step with its state decided."""
    place = root["no_treatment_progression"]
    read = [
        _step(key, entry.section(), states, arrival)
        for key, entry in place.items()
        if isinstance(entry.value, dict)
    ]
    for entry in place.children():
        if not isinstance(entry.value, dict):
            entry.not_expressed("No step of the course.")
    steps = sorted(read, key=lambda step: step.at_s)
    return _early_states(_named(steps, states), states)


def _step(key: str, place: Place, states: States, arrival: Values) -> Step:
    match = re.match(r"\s*(?:after_|at_)?(\d+(?:[._]\d+)?)\s*_?\s*(s|sec|m|h)?", key.lower())
    if match is None:
        place.fail("the key must begin with a number of minutes")
    seconds = float(match.group(1).replace("_", ".")) * {"s": 1, "sec": 1, "h": 3600}.get(
        match.group(2) or "m", 60
    )
    reading = read_vitals(place.first("vitals", "vital_changes"), arrival)
    named = place.first("state", "state_transition", "state_change")
    state = slug(text) if (text := named.text()) else None
    if state is not None and state not in states:
        named.not_expressed(f"There is no state '{state}'.")
        state = None
    description = joined(place.first("description", "patient_status").prose(), *reading.remarks)
    return Step(seconds, state, reading.values, place, description, place["clinical_note"].prose())


def _named(steps: list[Step], states: States) -> list[Step]:
    """Without any state in the file, the last step is critical and the one before it deteriorating."""
    if not steps or any(step.state for step in steps):
        return steps
    last = len(steps) - 1
    names = {last: "critical", last - 1: "deteriorating"}
    named = []
    for index, step in enumerate(steps):
        state = names.get(index)
        if state is not None and state in states:
            step.place.ledger.note(
                (*step.place.path, "state"), "defaulted", f"The patient is taken to become '{state}' then."
            )
        named.append(Step(step.at_s, state if state in states else None, *_rest(step)))
    return named


def _rest(step: Step) -> tuple[Values, Place, str | None, str | None]:
    return step.values, step.place, step.description, step.clinical_note


def _early_states(steps: list[Step], states: States) -> list[Step]:
    """Two steps to one state need two states: the earlier one gets an ``early_`` state of its own."""
    result = []
    for index, step in enumerate(steps):
        again = any(later.state == step.state for later in steps[index + 1 :])
        if step.state is None or not again:
            result.append(step)
            continue
        number = sum(1 for earlier in steps[:index] if earlier.state == step.state)
        name = f"early_{step.state}" + (f"_{number + 1}" if number else "")
        model = states[step.state]
        described = {
            "description": step.description or model["description"],
            "appearance": step.description or model["appearance"],
        }
        early = {**model, **described, "severity": max(model["severity"] - 1, 6)}
        early.pop("voice", None)
        states[name] = {**early, **{k: v for k, v in states.get(name, {}).items() if k != "description"}}
        step.place.approximated(f"A state '{name}' stands between: a state has one set of vital signs.")
        result.append(Step(step.at_s, name, *_rest(step)))
    return result


def set_targets(
    states: States, steps: list[Step], arrival: Values, treated: Values, findings: Mapping[str, str]
) -> None:
    """Give every state the vital signs it leads to.

    Args:
        states: changed in place.
        steps: the untreated course.
        arrival: the vital signs on arrival.
        treated: what the critical treatments bring the signs to.
        findings: all texts of findings by state; they often state values.
    """
    _drift(states["initial"], [step for step in steps if step.state is None])
    for step in steps:
        if step.state:
            _lead_to(states[step.state], step)
    for name in ("improving", "stable"):
        if name in states:
            told = values_in_text(findings.get(name) or findings.get("improving", ""))
            _recover(states[name], {**told, **treated}, arrival, steps)
    for name in ("deteriorating", "critical"):
        if name in states and "targets" not in states[name]:
            _lead(states[name], values_in_text(findings.get(name, "")))
    for name in arrests_in(states):
        states[name]["targets"] = {**states[name].get("targets", {}), **_ARREST_VALUES}
        states[name]["time_constant_s"] = _ARREST_TIME_CONSTANT_S


def arrests_in(states: States) -> list[str]:
    """The states without a pulse."""
    return [name for name, state in states.items() if _ARREST.search(state["appearance"])]


def _lead(state: dict[str, Any], values: Values) -> None:
    if values:
        state["targets"] = {sign.value: value for sign, value in values.items()}
        state["time_constant_s"] = _STEP_TIME_CONSTANT_S


def _lead_to(state: dict[str, Any], step: Step) -> None:
    _lead(state, step.values)
    texts = [text for text in (step.description, step.clinical_note) if text]
    state["clinical_note"] = joined(
        state["clinical_note"], *(text for text in texts if text != state["description"])
    )
    if _ARREST.search(state["appearance"]) and step.values:
        step.place.first("vitals", "vital_changes").approximated(
            "The state is an arrest: pulse, breathing and pressure are 0."
        )


def _drift(initial: dict[str, Any], steps: list[Step]) -> None:
    """Steps before the first change of state: the patient drifts to the last of them."""
    values: Values = {}
    for step in steps:
        values |= step.values
        texts = [text for text in (step.description, step.clinical_note) if text]
        initial["clinical_note"] = joined(initial["clinical_note"], *(f"Untreated: {text}" for text in texts))
        step.place.approximated(
            f"No change of state: untreated, the signs drift to these values by {step.at_s:g} s."
        )
    if values:
        initial["targets"] = {sign.value: value for sign, value in values.items()}
        initial["time_constant_s"] = steps[-1].at_s / 2


def _recover(state: dict[str, Any], known: Values, arrival: Values, steps: list[Step]) -> None:
    """Known values first; signs that only the illness moves come back at least to their value on arrival."""
    moved = {sign for step in steps for sign in step.values}
    targets = {sign: arrival[sign] for sign in moved if sign in arrival}
    if not known:
        targets = {
            sign: round(arrival[sign] + _TOWARDS_NORMAL * (normal - arrival[sign]), 1)
            for sign, normal in _NORMAL.items()
            if sign in arrival
        }
    targets |= known
    state["targets"] = {sign.value: value for sign, value in targets.items()}
    state["time_constant_s"] = _RECOVERY_TIME_CONSTANT_S

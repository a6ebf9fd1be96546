"""The course of an older blueprint as rules: getting worse with time, better with treatment, and the ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.scenario.legacy.care import treatment_called
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue, Thing
from holdfast.programs.simulation.scenario.legacy.doses import minutes_of
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.states import States, Step, arrests_in
from holdfast.programs.simulation.scenario.legacy.wording import parted

HARM_HOLDS_BACK_S = 180
"""After a harmful drug the patient does not improve for so long (the older program: 2 minutes)."""

_RECOVERS_AFTER_S = 60
_STABLE_AFTER_S = 300
_RESUSCITATED_AFTER_S = 20
_LOST_AFTER_S = 120
_STABILISED_FROM_S = 720
"""The older program ended a run in which the patient was improving after 12 minutes."""

_DEFAULT_DURATION_MIN = 20.0
_DEFAULT_WORSE_S = (("deteriorating", 300.0), ("critical", 600.0))


@dataclass(slots=True)
class Course:
    """The rules of the course.

    Attributes:
        transitions: in the order in which they are asked.
        worse_at_s: when an untreated patient first changes state.
        lessons: teaching notes that stood among the transitions.
    """

    transitions: list[dict[str, Any]]
    worse_at_s: float
    lessons: list[str]


def conditions_for(things: list[Thing]) -> dict[str, Any]:
    """The condition that all of these were done."""
    given = [thing.id for thing in things if thing.kind == "treatment"]
    assessed = [thing.id for thing in things if thing.kind == "finding"]
    return {key: value for key, value in (("given", given), ("assessed", assessed)) if value}


def read_course(root: Place, states: States, steps: list[Step], catalogue: Catalogue) -> Course:
    """Transitions: recovery first, then the untreated course."""
    stated = root["state_transitions"]
    config = root["simulation_config"]
    needed = _needed_for(stated, catalogue) or conditions_for(catalogue.critical)
    if config["improvement_requires_critical_treatments"].flag() is False and "given" in needed:
        config["improvement_requires_critical_treatments"].approximated(
            "One of the critical treatments is enough."
        )
        needed = {"given_any": needed["given"]}
    lessons = [text for entry in stated.children() if (text := entry["teaching_note"].prose())]
    better = _recovery(stated, states, needed, catalogue)
    worse: list[dict[str, Any]] = []
    if config["auto_deterioration_if_no_treatment"].flag() is not False:
        worse = _decline(root, states, steps, needed)
    for entry in stated.children():
        _report_rest(entry)
    times = [rule["when"]["elapsed_at_least_s"] for rule in worse]
    return Course(better + worse, min(times, default=_DEFAULT_WORSE_S[0][1]), lessons)


def _needed_for(stated: Place, catalogue: Catalogue) -> dict[str, Any]:
    place = stated["initial_to_improving"]["required_treatments"]
    return conditions_for([treatment_called(catalogue, name) for name in place.texts()])


def _recovery(
    stated: Place, states: States, needed: dict[str, Any], catalogue: Catalogue
) -> list[dict[str, Any]]:
    if "improving" not in states or not needed:
        return []
    rules = []
    calm = {"not": {"harm_within_s": HARM_HOLDS_BACK_S}}
    minutes = minutes_of(stated["initial_to_improving"].first("time_minimum_minutes", "time_elapsed_minutes"))
    since = {"elapsed_at_least_s": 60 * minutes} if minutes else {}
    reason = _shown(stated["initial_to_improving"].first("student_actions_needed", "description"))
    arrests = arrests_in(states)
    worse = [
        name
        for name, state in states.items()
        if state["severity"] > states["initial"]["severity"] and name not in arrests
    ]
    text = reason or "The critical treatments were given."
    rules.append(_rule(["initial"], "improving", needed | since | calm, text))
    if worse:
        later = needed | since | calm | {"state_for_at_least_s": _RECOVERS_AFTER_S}
        rules.append(_rule(worse, "improving", later, "The critical treatments were given, late."))
    rules += [_back_to_life(arrests, states)] if arrests and worse else []
    if "stable" in states or stated["improving_to_stable"].present:
        rules.append(_stabilising(stated["improving_to_stable"], states, catalogue))
    return rules


def _back_to_life(arrests: list[str], states: States) -> dict[str, Any]:
    to = max((name for name in states if name not in arrests), key=lambda name: int(states[name]["severity"]))
    when = {"given": ["chest_compressions", "defibrillation"], "state_for_at_least_s": _RESUSCITATED_AFTER_S}
    return _rule(arrests, to, when, "Compressions and a shock brought the circulation back.")


def _stabilising(place: Place, states: States, catalogue: Catalogue) -> dict[str, Any]:
    text = _shown(place["description"])
    if "stable" not in states:
        described = text or "The patient is stable."
        states["stable"] = {**states["improving"], "description": described, "severity": 2, "urgency": "low"}
        states["stable"].pop("voice", None)
        place.ledger.note(
            ("state_descriptions", "stable"), "defaulted", "A state 'stable' like 'improving' is added."
        )
    required = place["required_treatments"]
    when = conditions_for([treatment_called(catalogue, name) for name in required.texts()])
    minutes = minutes_of(place["time_minimum_minutes"])
    when |= {"elapsed_at_least_s": 60 * minutes} if minutes else {}
    if not when:
        place.defaulted(f"Stable after {_STABLE_AFTER_S} s of improvement.")
        when = {"state_for_at_least_s": _STABLE_AFTER_S}
    return _rule(["improving"], "stable", when, text or "The improvement lasts.")


def _decline(root: Place, states: States, steps: list[Step], needed: dict[str, Any]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    origin = ["initial"]
    untreated = {"not": needed} if needed else {}
    for name, at_s, reason in _declines(root, states, steps):
        when = {"elapsed_at_least_s": at_s, **untreated}
        if needed and name in arrests_in(states):
            # Once brought back the patient does not arrest again and again.
            when["not"] = {"any": [needed, {"was_in_state": [name]}]}
        rules.append(
            _rule(list(origin), name, when, reason or "Time has passed without the critical treatments.")
        )
        origin.append(name)
    return rules


def _declines(root: Place, states: States, steps: list[Step]) -> list[tuple[str, float, str | None]]:
    found = [(step.state, step.at_s, step.description) for step in steps if step.state]
    if not found:
        found = [(name, at_s, None) for name, at_s in _DEFAULT_WORSE_S if name in states]
        root["no_treatment_progression"].defaulted("Deteriorating at 5 and critical at 10 minutes.")
    return [(name, _stated_time(root, name, at_s), text) for name, at_s, text in found]


def _stated_time(root: Place, state: str, at_s: float) -> float:
    """The time that ``state_transitions`` states for a state wins over the one of the untreated course."""
    for key, entry in root["state_transitions"].items():
        if key.endswith(f"_to_{state}") and entry["time_elapsed_minutes"].present:
            minutes = minutes_of(entry["time_elapsed_minutes"])
            if minutes is not None:
                if 60 * minutes != at_s:
                    stated = f"The untreated course says {at_s / 60:g} min for '{state}'"
                    entry["time_elapsed_minutes"].approximated(f"{stated}; {minutes:g} min is taken.")
                return 60 * minutes
    return at_s


def _report_rest(entry: Place) -> None:
    entry["optional_helpful"].not_expressed("What is helpful but not required moves no state.")
    entry["trigger"].approximated("Read as: the treatments required for improving were not given by then.")
    if not entry.key.startswith(("initial_to_improving", "improving_to_stable")):
        entry["description"].not_expressed("The untreated course gives the reason that is shown.")


def _shown(place: Place) -> str | None:
    """A reason that may be shown during the run: without the sentences that interpret."""
    text = place.prose()
    seen, meant = parted(text)
    if meant:
        place.not_expressed("It names the diagnosis; the reason of a change is shown during the run.")
    return seen


def _rule(origin: list[str], to: str, when: dict[str, Any], reason: str) -> dict[str, Any]:
    return {"from": origin, "to": to, "when": when, "reason": reason}


def read_rules(root: Place, states: States) -> dict[str, Any]:
    """Duration, number of challenges, ends and the complication despite care."""
    config = root["simulation_config"]
    minutes = config["max_duration_minutes"]
    if not minutes.present:
        minutes.defaulted(f"{_DEFAULT_DURATION_MIN:g} minutes.")
    rules: dict[str, Any] = {"maximum_duration_s": 60 * (minutes.number() or _DEFAULT_DURATION_MIN)}
    rules["maximum_challenges"] = _challenges(root)
    rules["ends"] = _ends(states, root)
    complication = _complication(config, states, rules["maximum_duration_s"])
    return rules | ({"complication": complication} if complication else {})


def _challenges(root: Place) -> int:
    config, usage = root["simulation_config"], root["challenge_points"]["usage_rules"]
    stated = [
        place.number()
        for place in (config["max_challenges_per_session"], usage["max_challenges_per_session"])
    ]
    limits = [number for number in stated if number is not None]
    if config["challenge_points_active"].flag() is False or not root["challenge_points"].present:
        return 0
    if not limits:
        config["max_challenges_per_session"].defaulted("2 challenges.")
    return int(limits[0]) if limits else 2


def _ends(states: States, root: Place) -> list[dict[str, Any]]:
    ends: list[dict[str, Any]] = []
    if "critical" in states:
        when: dict[str, Any] = {"state": ["critical"], "state_for_at_least_s": _LOST_AFTER_S}
        ends.append({"when": when, "outcome": "lost", "reason": "The patient was critical for too long."})
    good = [name for name in ("improving", "stable") if name in states]
    if good:
        when = {
            "state": good,
            "elapsed_at_least_s": _STABILISED_FROM_S,
            "state_for_at_least_s": _RECOVERS_AFTER_S,
        }
        ends.append(
            {"when": when, "outcome": "stabilised", "reason": "The patient is improving under treatment."}
        )
    root["simulation_config"].defaulted(
        f"Ends as in the older program: lost after {_LOST_AFTER_S} s critical, "
        f"stabilised when improving after {_STABILISED_FROM_S // 60} min."
    )
    return ends


def _complication(config: Place, states: States, duration_s: float) -> dict[str, Any] | None:
    place = config["allow_deterioration_despite_treatment"]
    if isinstance(place.value, dict):
        allowed, chance = place["enabled"].flag(), place["probability"].number()
    else:
        allowed = place.flag()
        keys = [key for key, _ in config.items() if "probability" in key]
        chance = config[keys[0]].number() if keys else None
    to = next((name for name in ("deteriorating", "critical") if name in states), None)
    if not allowed or chance is None or to is None:
        return None
    if not 0 <= chance <= 1:
        place.fail("the probability must be between 0 and 1")
    place.approximated("Drawn once, at half of the longest duration.")
    return {
        "probability": chance,
        "at_s": duration_s / 2,
        "to": to,
        "reason": "A turn for the worse despite good care.",
    }

"""Critical decision points of the older blueprints: prose as a rubric, criteria as rules.

The later format's outcome levels of a checklist item become a decision point too: it rates the
patient's state at the moment of the action.
"""

from __future__ import annotations

import re
from typing import Any

from holdfast.programs.simulation.scenario.legacy.care import treatment_called
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue
from holdfast.programs.simulation.scenario.legacy.checklist import Checklist
from holdfast.programs.simulation.scenario.legacy.course import conditions_for
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.states import States
from holdfast.programs.simulation.scenario.legacy.wording import capitalised, joined, slug, spoken

_RATINGS = ("optimal", "acceptable", "suboptimal", "dangerous", "not_performed")
_LEVELS = {"exemplary": "optimal", "competent": "acceptable", "developing": "suboptimal"}
_ASKED_LAST_S = 24 * 3600.0


def read_decisions(
    root: Place, catalogue: Catalogue, checklist: Checklist, states: States
) -> list[dict[str, Any]]:
    """All decision points: those of the file, then those made of outcome levels."""
    place = root["critical_decision_points"]
    entries = place.entries() if isinstance(place.value, list) else place["available_evaluations"].entries()
    duration = root["simulation_config"]["max_duration_minutes"].number() or 20.0
    found = [
        _decision(entry.section(), number, catalogue, states, 60 * duration)
        for number, entry in enumerate(entries, 1)
    ]
    taken = {decision["id"] for decision in found}
    for item, entry in zip(checklist.items, root["critical_actions_checklist"].entries(), strict=True):
        levels = entry["competence_assessment"]
        if levels.present:
            decision = _outcome_levels(levels.section(), item, states, 60 * duration, root)
            if decision and decision["id"] not in taken:
                found.append(decision)
    return found


def _decision(
    place: Place, number: int, catalogue: Catalogue, states: States, duration_s: float
) -> dict[str, Any]:
    title = place.first("decision", "title", "name").text() or f"Decision {number}"
    sequence = place["optimal_sequence"].texts()
    best = (
        f"The best sequence: {'; '.join(f'{n}. {step}' for n, step in enumerate(sequence, 1))}"
        if sequence
        else None
    )
    when = place["evaluate_if"].prose()
    decision: dict[str, Any] = {
        "id": slug(place.first("id", "cdp_id").text() or f"cdp{number}"),
        "title": capitalised(spoken(title)),
        "description": joined(place["description"].prose(), f"Judged if: {when}" if when else None, best),
        "factors": place["factors_to_consider"].texts(),
        "teaching_point": joined(place["aar_teaching_point"].prose(), place["clinical_anchor"].prose()),
        "rubric": _rubric(place["scoring"]),
    }
    deadline_s = _deadline(place, duration_s)
    rules = _criteria(place, catalogue, states, decision["rubric"], deadline_s)
    if rules:
        decision |= {"deadline_s": deadline_s, "ratings": rules}
    elif decision["rubric"]:
        place["scoring"].approximated("Prose: the rating is left to an instructor, with the prose as rubric.")
    return {key: value for key, value in decision.items() if value}


def _rubric(place: Place) -> dict[str, str]:
    rubric = {}
    for key, entry in place.items():
        text = entry.prose()
        if key in _RATINGS and text:
            rubric[key] = text
        elif text:
            entry.not_expressed("No rating of this name.")
    return rubric


def _deadline(place: Place, duration_s: float) -> float:
    window = _window(place["time_window"])
    return min(window[1], duration_s) if window else duration_s


def _criteria(
    place: Place, catalogue: Catalogue, states: States, rubric: dict[str, str], deadline_s: float
) -> list[dict[str, Any]]:
    """Rules from ``optimal_criteria`` and the like: the worst first, since the first that holds counts."""
    rules = []
    for rating in ("dangerous", "optimal", "acceptable", "suboptimal"):
        criteria = place[f"{rating}_criteria"]
        if not criteria.present:
            continue
        when = _all_of(criteria.section(), catalogue, states, deadline_s)
        if when is None:
            criteria.not_expressed("No condition can be derived from it.")
            continue
        text = (
            rubric.get(rating) or criteria["explanation"].prose() or f"{capitalised(rating)} by the criteria."
        )
        rules.append({"rating": rating, "when": when, "explanation": text})
    return rules


def _all_of(place: Place, catalogue: Catalogue, states: States, deadline_s: float) -> dict[str, Any] | None:
    parts: list[dict[str, Any]] = []
    required = [treatment_called(catalogue, name) for name in place["required_treatments"].texts()]
    if required:
        parts.append(_timed(conditions_for(required), place))
    keywords = place["keywords"].texts()
    if keywords:
        parts.append({"mentioned": keywords})
    named = [slug(name) for name in place["required_state"].texts()]
    if known := [name for name in named if name in states]:
        parts.append({"state": known})
    missing = [
        treatment_called(catalogue, name)
        for name in (*place["missing_treatments"].texts(), *place["critical_omissions"].texts())
    ]
    if missing:
        # An omission is one at the deadline only; a dangerous rule is looked at after every action.
        parts.append({"not": conditions_for(missing), "elapsed_at_least_s": deadline_s})
    harmful = [*place["dangerous_medications"].texts(), *place["contraindicated_actions"].texts()]
    if harmful:
        tried = [
            {"attempted": [thing.id]}
            for name in harmful
            if (thing := treatment_called(catalogue, name)).kind == "treatment"
        ]
        parts.append({"any": tried} if tried else {"errors_at_least": 1})
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"all": parts}


def _timed(condition: dict[str, Any], place: Place) -> dict[str, Any]:
    window = _window(place["timing_window"])
    late = _window(place["delayed_timing"])
    if window:
        return condition | {"by_s": window[1]}
    if late:
        return {"all": [condition], "not": condition | {"by_s": late[0]}}
    return condition


def _window(place: Place) -> tuple[float, float] | None:
    """A window of time as seconds from and to; numbers are minutes unless seconds are named."""
    if not place.present:
        return None
    text = place.prose() or ""
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    if not numbers:
        place.not_expressed("No time can be read from it.")
        return None
    factor = 1 if re.search(r"sec|\d\s*s\b|_s\b", text.lower()) else 60
    place.approximated(f"Read in {'seconds' if factor == 1 else 'minutes'}.")
    low, high = (0.0, numbers[0]) if len(numbers) == 1 else (min(numbers), max(numbers))
    if len(numbers) == 1 and place.key == "delayed_timing":
        low, high = numbers[0], _ASKED_LAST_S / factor
    return low * factor, high * factor


def _outcome_levels(
    place: Place, item: dict[str, Any], states: States, duration_s: float, root: Place
) -> dict[str, Any] | None:
    place["method"].use()
    done = item.get("done_when")
    if done is None:
        place.not_expressed("What shows the action cannot be derived, so its level cannot be either.")
        return None
    rules = [rule for level in _LEVELS if (rule := _level(place[level], level, done, states, root))]
    novice = place["novice"]
    missed = joined(
        _filled(novice["feedback_template"], "a late", root),
        novice["outcome_description"].prose(),
        *novice["criteria"].texts(),
    )
    novice["criteria"].approximated("Shown as the explanation when the action is not done.")
    if not rules:
        return None
    decision = {
        "id": f"outcome_{item['id']}",
        "title": item["action"].split(":")[0],
        "decided_when": done,
        "ratings": rules,
    }
    decision |= {"deadline_s": duration_s}
    return decision | ({"otherwise_explanation": missed} if missed else {})


def _level(
    place: Place, level: str, done: dict[str, Any], states: States, root: Place
) -> dict[str, Any] | None:
    named = place["patient_state_at_action"].texts()
    known = [slug(name) for name in named if slug(name) in states]
    place["patient_state_after"].not_expressed(
        "A decision is rated when it is made; what follows shows in the course."
    )
    text = joined(
        place["outcome_description"].prose(),
        _filled(place["feedback_template"], " or ".join(spoken(name) for name in named), root),
    )
    if not known:
        return None
    return {
        "rating": _LEVELS[level],
        "when": {"all": [done], "state": known},
        "explanation": text or capitalised(level),
    }


def _filled(place: Place, state: str, root: Place) -> str | None:
    template = place.prose()
    if template is None:
        return None
    text = fill_in(template, {"patient_state_at_action": state}, root)
    if text != template:
        place.approximated("Filled in where the value is known; sentences with other values are left out.")
    return text


def fill_in(text: str, values: dict[str, str], root: Place) -> str:
    """A template with what is known of the patient filled in; sentences with other variables are dropped."""
    vitals = root["initial_vitals"].value or {}
    known = {
        "patient_name": str(root["patient_profile"]["name"].value or "the patient"),
        "initial_spo2": str(vitals.get("SpO2", "")),
        "initial_bp": str(vitals.get("BP_systolic", "")),
        "initial_bp_diastolic": str(vitals.get("BP_diastolic", "")),
        **values,
    }
    text = re.sub(r"\{(\w+)\}", lambda match: known.get(match.group(1)) or match.group(), text)
    sentences = re.split(r"(?<=[.!?]) ", text)
    return " ".join(sentence for sentence in sentences if "{" not in sentence) or text.replace(
        "{", ""
    ).replace("}", "")

"""Challenge points of the older blueprints: the prose of their triggers as conditions.

A trigger such as "student wants to activate the network but hasn't performed a 12-lead ECG" is read as:
what is named before the turn has happened, what is named after it has not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.scenario.legacy.care import treatment_called
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue, Thing
from holdfast.programs.simulation.scenario.legacy.checklist import Checklist
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.states import States
from holdfast.programs.simulation.scenario.legacy.wording import (
    capitalised,
    joined,
    phrases_of,
    slug,
    spoken,
    titled,
)

Condition = dict[str, Any]

_PRIORITY = {"critical": "high", "high": "high", "medium": "medium", "moderate": "medium", "low": "low"}
_TURN = re.compile(
    r"\bbut\b|\bwithout\b|\bbefore\b|hasn't|has not|haven't|have not|didn't|did not|doesn't|does not"
    r"|not recogni",
    re.IGNORECASE,
)
_LATER = re.compile(r"(?:more than|within|after)\s+(\d+(?:\.\d+)?)\s*min", re.IGNORECASE)
_LOOKS = re.compile(
    r"\brr\b|spo2|\bhr\b|vitals?|assess|severity|contraindication|blood pressure|\bbp\b|safety check",
    re.IGNORECASE,
)
_RECOGNISED = re.compile(r"\b(?:recogni[sz]\w+|verbali[sz]ed|mentioned|identified|stated|explained)\b")
_ALREADY_ASKED = re.compile(r"already_challenged|challenge_used")
_LOOKING = ["vital_signs", "pulse_oximetry", "breathing", "circulation", "cardiac_monitor", "blood_pressure"]
_TESTS = (("glucose|sugar", "blood_glucose"), ("temperature|fever", "temperature"), ("pain score", "pain"))
_FALLBACK_S = 240.0
"""When nothing can be derived from a trigger, the challenge comes after so long."""

_RESOLUTION = {
    "good": ("if_good_reasoning", "Good reasoning. Carry on."),
    "partial": ("if_protocol_only", "The rule is right. Think about why it fits this patient."),
    "struggling": ("if_struggling", "Look at the patient again and think about what matters most now."),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What the words of a challenge point can refer to."""

    catalogue: Catalogue
    checklist: Checklist
    states: States

    def target_of(self, thing: Thing) -> float:
        """The time target of the checklist item that a thing does, in clinical seconds."""
        return self.checklist.target_of(thing) or _FALLBACK_S


def read_challenges(root: Place, sources: Sources) -> list[dict[str, Any]]:
    """All challenge points, from an object with a list inside or from a bare list."""
    place = root["challenge_points"]
    entries = place.entries() if isinstance(place.value, list) else place["available_challenges"].entries()
    return [_challenge(entry.section(), number, sources) for number, entry in enumerate(entries, 1)]


def _challenge(place: Place, number: int, sources: Sources) -> dict[str, Any]:
    name = place.first("name", "title").text() or f"challenge {number}"
    priority = (place["priority"].text() or "medium").lower()
    if _PRIORITY.get(priority) != priority:
        place["priority"].approximated(f"Taken as '{_PRIORITY.get(priority, 'medium')}'.")
    challenge = {
        "id": slug(place.first("id", "challenge_id").text() or f"cp{number}"),
        "name": titled(name),
        "priority": _PRIORITY.get(priority, "medium"),
        "trigger": _trigger(place, sources),
        "skip_if": _skip(place["skip_if"], sources.catalogue),
        "question": place.first("challenge_text", "question").required_text(),
        "context": place["context"].prose(),
        "expected": _expected(place),
        "teaching_goal": joined(place["teaching_goal"].prose(), place["cognitive_goal"].prose()),
        "resolution": _resolution(place["resolution"]),
    }
    return {key: value for key, value in challenge.items() if value}


def _trigger(place: Place, sources: Sources) -> Condition:
    trigger = place["trigger"]
    if trigger.present and not isinstance(trigger.value, dict):
        prose, keywords, kind = trigger.prose() or "", [], ""
    else:
        prose, keywords = trigger["condition"].prose() or "", trigger["keywords"].texts()
        kind = trigger["type"].text() or ""
    keywords += place["trigger_keywords"].texts()
    before, after = _turned(prose)
    things = _named(place, keywords or [before], f"{kind} {before}", sources)
    positive = _happened(things, keywords)
    parts = [positive] if positive else []
    named = [slug(name) for name in place["trigger_on_state"].texts()]
    parts += [{"state": known}] if (known := [name for name in named if name in sources.states]) else []
    parts += _waited(prose, kind, place["time_window"], [sources.target_of(thing) for thing in things])
    negative = _not_recognised(place, kind) or _not_done(after, sources.catalogue, positive)
    trigger.approximated(_told(parts, negative))
    if not parts:
        parts = [{"elapsed_at_least_s": _FALLBACK_S}]
    parts += [{"not": negative}] if negative else []
    return parts[0] if len(parts) == 1 else {"all": parts}


def _named(place: Place, texts: list[str], event: str, sources: Sources) -> list[Thing]:
    """What must have happened: named outright, or any medication, or the critical treatments."""
    catalogue = sources.catalogue
    named = [treatment_called(catalogue, name) for name in place["trigger_on_treatment"].texts()]
    named = named or list(dict.fromkeys(thing for text in texts for thing in catalogue.hinted(text)))
    if named or not re.search(r"medication|treatment given", event):
        return named
    critical = [thing for thing in catalogue.critical if thing.kind == "treatment"]
    if "treatment given" in event:
        return critical
    return [
        Thing("treatment", name)
        for name, draft in catalogue.treatments.items()
        if draft["kind"] == "medication" and draft["impact"] not in {"neutral", "advanced"}
    ]


def _told(parts: list[Condition], negative: Condition | None) -> str:
    if not parts:
        return f"No event can be derived from it; asked from {_FALLBACK_S:g} s on."
    return "Derived from the words of the trigger" + (
        "; what the student has not done is derived too." if negative else "."
    )


def _turned(prose: str) -> tuple[str, str]:
    turn = _TURN.search(prose)
    return (prose[: turn.start()], prose[turn.start() :]) if turn else (prose, "")


def _happened(things: list[Thing], keywords: list[str]) -> Condition | None:
    choices: list[Condition] = [{"attempted": [thing.id]} for thing in things if thing.kind == "treatment"]
    assessed = [thing.id for thing in things if thing.kind == "finding"]
    choices += [{"assessed_any": assessed}] if assessed else []
    choices += [{"mentioned": keywords}] if keywords else []
    if not choices:
        return None
    return choices[0] if len(choices) == 1 else {"any": choices}


def _waited(prose: str, kind: str, window: Place, targets: list[float]) -> list[Condition]:
    """The wait that a trigger states, counted from when the thing should have been done."""
    minutes = _LATER.search(prose)
    if kind == "time_threshold" or minutes:
        wait_s = 60 * float(minutes.group(1)) if minutes else 0.0
        return [{"elapsed_at_least_s": wait_s + min(targets, default=_FALLBACK_S)}]
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", window.prose() or "")]
    if not numbers:
        return []
    window.approximated("Read in minutes.")
    limits: list[Condition] = [{"elapsed_at_most_s": 60 * max(numbers)}]
    return limits + ([{"elapsed_at_least_s": 60 * min(numbers)}] if len(numbers) > 1 else [])


def _not_recognised(place: Place, kind: str) -> Condition | None:
    """``finding_not_recognized``: the finding that the challenge is named after was not spoken of."""
    named = _RECOGNISED.sub("", spoken(str(place["name"].value or ""))).strip()
    return {"mentioned": [named]} if "not_recogni" in kind and named else None


def _not_done(text: str, catalogue: Catalogue, positive: Condition | None) -> Condition | None:
    """What the student has not done: the things named after the turn, or not having looked at the patient."""
    if re.search(r"specify|specific", text):
        return None
    again = re.search(r"re-?check|reassess", text)
    stated = str(positive)
    things = [thing for thing in catalogue.hinted(text) if f"'{thing.id}'" not in stated]
    named = [Thing("finding", name) for pattern, name in _TESTS if re.search(pattern, text.lower())]
    if named:
        things = list(dict.fromkeys([*things, *named]))
    elif _LOOKS.search(text) or again:
        looking = [Thing("finding", name) for name in _LOOKING if name in catalogue.findings]
        things = list(dict.fromkeys([*looking, *(thing for thing in things if thing.kind == "finding")]))
    done = _happened(things, [])
    given = _attempted(positive)[:1]
    return done | {"after": given} if done and again and given and "assessed_any" in done else done


def _attempted(condition: Condition | None) -> list[str]:
    if not condition:
        return []
    return [
        *condition.get("attempted", []),
        *(name for inner in condition.get("any", []) for name in _attempted(inner)),
    ]


def _skip(place: Place, catalogue: Catalogue) -> Condition | None:
    """Flags such as ``ecg_already_done``: by the things they name."""
    if isinstance(place.value, str):
        place.approximated("Derived from its words.")
        return _happened(catalogue.hinted(place.prose() or ""), [])
    choices: list[Condition] = []
    for key, entry in place.items():
        if _ALREADY_ASKED.search(key):
            entry.approximated("Each challenge is asked once; the engine sees to it.")
            continue
        things = catalogue.hinted(key)
        said = _RECOGNISED.sub("", spoken(key)).strip()
        if said != spoken(key):
            entry.approximated("Derived from the name of the flag: it was spoken of.")
            choices.append({"mentioned": [said]})
        elif things:
            entry.approximated("Derived from the name of the flag.")
            choices += [c for c in (_happened([thing], []) for thing in things) if c]
        elif _LOOKS.search(spoken(key)) or "reassess" in key:
            entry.not_expressed("The trigger asks for it already.")
        else:
            entry.not_expressed("No condition can be derived from it.")
    if not choices:
        return None
    return choices[0] if len(choices) == 1 else {"any": choices}


def _expected(place: Place) -> list[dict[str, Any]]:
    expected = []
    for entry in place["expected_reasoning_elements"].entries():
        if isinstance(entry.value, dict):
            concept = entry["concept"].required_text()
            expected.append(
                {"concept": concept, "keywords": entry["keywords"].texts() or phrases_of(concept)}
            )
        else:
            expected.append(_concept(entry.required_text()))
    responses = place["acceptable_responses"]
    if responses.present and not expected:
        responses.approximated(
            "Each answer is a concept; the words that show it are derived from the answer."
        )
        return [_concept(text) for text in responses.texts()]
    return expected


def _concept(text: str) -> dict[str, Any]:
    concept = capitalised(re.sub(r"^student\s+", "", text, flags=re.IGNORECASE))
    return {"concept": concept, "keywords": phrases_of(concept)}


def _resolution(place: Place) -> dict[str, str]:
    resolution = {}
    for name, (key, default) in _RESOLUTION.items():
        entry = place.first(key, name)
        text = entry.prose()
        if text is None:
            entry.defaulted(f"'{default}'")
        resolution[name] = text or default
    return resolution

"""The situation of an older blueprint: metadata, dispatch, scene, patient and history."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import quotes, slug, without_comment

_DIFFICULTY = (
    ("hard", "hard|high|difficult|advanced|expert"),
    ("easy", "easy|low|begin|basic"),
    ("moderate", "mod|med"),
)
_HISTORY = {
    "symptoms": ("symptoms", "signs_symptoms", "signs_and_symptoms"),
    "allergies": ("allergies",),
    "medications": ("medications", "current_medications"),
    "past_history": ("past_history", "past_medical_history", "pertinent_history"),
    "last_intake": ("last_intake", "last_oral_intake", "last_meal"),
    "events": ("events", "events_leading", "events_leading_up"),
}
_NOTHING = re.compile(r"^(?:none|no known|nkda|nil|unknown|denies)|no known", re.IGNORECASE)
_ELDERLY_FROM_YEARS = 65
_ALLERGY_WORDS = 3
_DEFAULT_WEIGHT_KG = 75.0
_DEFAULT_DURATION_MIN = 15.0


def read_metadata(root: Place) -> dict[str, Any]:
    """Title, difficulty, duration and objectives."""
    place = root["metadata"].section()
    metadata: dict[str, Any] = {"title": place["title"].required_text()}
    metadata["difficulty"] = _difficulty(place["difficulty"])
    duration = place["estimated_duration_minutes"]
    metadata["estimated_duration_min"] = duration.number() or _DEFAULT_DURATION_MIN
    if not duration.present:
        duration.defaulted(f"{_DEFAULT_DURATION_MIN:g} minutes.")
    metadata["type"] = place["scenario_type"].text() or "unspecified"
    objectives = place["learning_objectives"].texts()
    if not objectives:
        place["learning_objectives"].defaulted("The title stands for the learning objective.")
    metadata["learning_objectives"] = objectives or [metadata["title"]]
    changelog = {key: text for key, entry in place["changelog"].items() if (text := entry.prose())}
    return metadata | ({"changelog": changelog} if changelog else {})


def _difficulty(place: Place) -> str:
    stated = (place.text() or "").lower()
    if not stated:
        place.defaulted("'moderate' is taken.")
        return "moderate"
    found = next((name for name, pattern in _DIFFICULTY if re.search(pattern, stated)), "moderate")
    if stated not in {found, {"hard": "high", "easy": "low", "moderate": "medium"}[found]}:
        place.approximated(f"'{stated}' is taken as '{found}'.")
    return found


def read_dispatch(root: Place) -> dict[str, Any]:
    """What the dispatcher says."""
    place = root["dispatch_info"].section()
    dispatch = {"call_type": place["call_type"].required_text(), "location": place["location"].text()}
    if dispatch["location"] is None:
        place["location"].defaulted("'Not stated.'")
        dispatch["location"] = "Not stated."
    for key in ("age", "sex", "caller", "time_of_call", "additional_info"):
        dispatch[key] = place[key].prose()
    return _stated(dispatch)


def read_scene(root: Place) -> dict[str, Any]:
    """What the student meets on arrival."""
    place = root["scene_description"].section()
    scene = {key: place[key].prose() for key in ("location", "safety", "access", "bystanders")}
    for key in ("location", "safety"):
        if scene[key] is None:
            place[key].defaulted("'Not stated.'")
            scene[key] = "Not stated."
    return _stated(scene)


def read_patient(root: Place) -> dict[str, Any]:
    """The patient with the history; their machine-readable conditions are added by `conditions_in`."""
    place = root["patient_profile"].section()
    age = place["age"] if place["age"].present else root["dispatch_info"]["age"]
    age_years = age.number()
    if age_years is None:
        place["age"].fail("is missing")
    weight = place.first("weight_kg", "weight")
    if not weight.present:
        weight.defaulted(f"{_DEFAULT_WEIGHT_KG:g} kg.")
    personality = place["personality"].prose()
    if personality is None:
        place["personality"].defaulted("'Cooperative.'")
    patient = {
        "name": place["name"].text() or "The patient",
        "age_years": age_years,
        "sex": _sex(place["sex"] if place["sex"].present else root["dispatch_info"]["sex"]),
        "weight_kg": weight.number() or _DEFAULT_WEIGHT_KG,
        "personality": personality or "Cooperative.",
        "history": _history(history_place(root)),
        "lines": _lines(root["assessment_findings"]["chief_complaint_detail"]),
    }
    return _stated(patient)


def _sex(place: Place) -> str | None:
    word = (place.text() or "").lower()
    known = {"f": "female", "female": "female", "woman": "female", "m": "male", "male": "male", "man": "male"}
    if word and word not in known:
        place.approximated("Taken as 'other'.")
    return known.get(word, "other") if word else None


def history_place(root: Place) -> Place:
    """Where the SAMPLE history stands: beside the findings or among them."""
    findings = root.first("assessment_findings", "abcde_assessment_findings")
    return root["sample_history"] if root["sample_history"].present else findings["sample_history"]


def _history(place: Place) -> dict[str, str]:
    history = {}
    for name, keys in _HISTORY.items():
        entry = place.first(*keys)
        text = entry.prose()
        if text is None:
            entry.defaulted("'Not known.'")
            history[name] = "Not known."
            continue
        history[name] = without_comment(text, history=True)
        if history[name] != text:
            entry.approximated("Remarks for the instructor are taken out of what the patient says.")
    return history


def _lines(place: Place) -> list[dict[str, Any]]:
    text = place.text()
    if text is None:
        return []
    bystander = re.compile(r"wife|husband|mate|mother|father|son|daughter", re.IGNORECASE)
    said = [words for before, words in quotes(text) if not bystander.search(before[-40:])]
    keywords = [
        "what happened",
        "what is wrong",
        "whats wrong",
        "tell me",
        "main problem",
        "complaint",
        "how do you feel",
    ]
    place.approximated("Becomes what the patient says when asked for the main complaint.")
    says = " ".join(said) or without_comment(text)
    return [{"topic": "chief_complaint", "keywords": keywords, "says": {"default": says}}]


def conditions_in(patient: dict[str, Any], tokens: list[str], root: Place, catalogue: Catalogue) -> list[str]:
    """The patient's conditions: allergies, and those of `tokens` whose words stand in the history."""
    history = patient["history"]
    known = f"{history['past_history']} {history['medications']}".lower()
    found: list[str] = []
    for name in _allergies(history["allergies"]):
        drug = catalogue.taken([name])
        found += [f"allergy_{slug(name)}"] + ([f"allergy_{drug.id}"] if drug else [])
    found += [token for token in tokens if _stands_in(token, known)]
    if patient["age_years"] >= _ELDERLY_FROM_YEARS:
        found.append("elderly")
    found = list(dict.fromkeys(found))
    if found:
        names = ", ".join(found)
        history_place(root).defaulted(
            f"The patient's conditions ({names}) are derived from its words: check them."
        )
    return found


def _stands_in(token: str, known: str) -> bool:
    words = token.removeprefix("takes_").replace("_", " ")
    match = re.search(rf"\b{re.escape(words)}\b", known)
    return bool(match) and not re.search(
        r"\b(?:no|denies|without)\s+(?:\w+\s+)?$", known[: match.start()] if match else ""
    )


def _allergies(text: str) -> list[str]:
    names = [re.sub(r"\s*(?:-|:|\().*$", "", part).strip().lower() for part in re.split(r"[,;.]", text)]
    return [n for n in names if n and not _NOTHING.search(n) and len(n.split()) <= _ALLERGY_WORDS]


def aliases_of(root: Place, source: str) -> list[str]:
    """The names by which the old system knew the scenario: the id in the file and the file's stem."""
    stem = PurePath(source).name.removesuffix(".json")
    return list(dict.fromkeys(name for name in (root["scenario_id"].required_text(), stem) if name))


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}

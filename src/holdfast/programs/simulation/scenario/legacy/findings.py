"""What assessments reveal: the findings of an older blueprint, and those every scenario needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.vitals import with_placeholders
from holdfast.programs.simulation.scenario.legacy.wording import capitalised, spoken, titled, without_comment

ECG = "ecg_12_lead"

_STEPS: dict[str, tuple[str, list[str], str]] = {
    "airway": ("Airway", [], "airway, check airway, open the mouth, look in the mouth"),
    "breathing": ("Breathing", ["respiratory_rate"], ("breathing, respiratory rate, resps, auscultate, "
        "listen to the chest, listen to the lungs, lung sounds, breath sounds, auscultation")),
    "circulation": ("Circulation", ["heart_rate", "systolic", "diastolic"], ("circulation, pulse, "
        "capillary refill, crt, skin, perfusion")),
    "disability": ("Disability", ["gcs"], "disability, gcs, avpu, consciousness, neurological, orientation"),
    "exposure": ("Exposure", ["temperature"], "exposure, expose, undress, head to toe"),
}  # fmt: skip
# Name, category, what is measured, what it is called, what is shown.
_MEASUREMENTS: dict[str, tuple[str, str, str, str, str]] = {
    "vital_signs": ("Vital signs", "monitoring", "heart_rate, respiratory_rate, spo2, systolic, diastolic",
        "vital signs, vitals, full set of vitals, recheck vitals, obs, observations",
        "HR {heart_rate}, RR {respiratory_rate}, SpO2 {spo2} %, BP {systolic}/{diastolic} mmHg."),
    "pulse_oximetry": ("Pulse oximetry", "monitoring", "spo2, heart_rate",
        "spo2, pulse oximetry, pulse oximeter, saturation, sats, oxygen saturation",
        "SpO2 {spo2} %, pulse {heart_rate}/min."),
    "blood_pressure": ("Blood pressure", "monitoring", "systolic, diastolic", "blood pressure, bp, nibp",
        "{systolic}/{diastolic} mmHg."),
    "cardiac_monitor": ("Cardiac monitor", "monitoring", "heart_rate",
        "cardiac monitor, monitor, ecg monitor, 3 lead ecg, three lead, heart rate",
        "Rate {heart_rate}/min on the monitor."),
    "blood_glucose": ("Blood glucose", "test", "glucose", "blood glucose, glucose level, blood sugar",
        "{glucose} mmol/L."),
    "temperature": ("Temperature", "monitoring", "temperature", "temperature, thermometer",
        "{temperature} degrees."),
    "pain": ("Pain", "history", "pain", "pain score, pain scale, opqrst, describe the pain, pain assessment",
        "{pain} out of 10."),
}  # fmt: skip
_HISTORY_WORDS: dict[str, list[str]] = {
    "symptoms": ["symptoms", "signs and symptoms", "chief complaint"],
    "allergies": ["allergies", "allergy", "allergic"],
    "medications": ["medications", "medicines", "regular medication", "what medication"],
    "past_history": ["past history", "past medical history", "medical history", "previous illness"],
    "last_intake": ["last meal", "last oral intake", "last intake", "eaten"],
    "events": ["events", "what happened before", "leading up"],
}
_STATEFUL = ("breathing", "circulation", "disability")
_MARKS = {
    "breathing": "RR {respiratory_rate}/min.",
    "circulation": "HR {heart_rate}/min, BP {systolic}/{diastolic} mmHg.",
    "disability": "GCS {gcs}.",
}
_PLACE_OF = (
    ("breathing", "chest|lung|respir|breath|throat"),
    ("circulation", "cardio|heart|pulse|circul|abdom"),
    ("disability", "neuro|pupil|conscious|head"),
    ("exposure", ""),
)
_EXAMINED = {
    "cardiovascular": ["heart sounds", "listen to the heart", "jvp", "neck veins"],
    "respiratory": ["chest examination", "examine the chest"],
    "neurological": ["neurological exam", "cranial nerves", "limb strength"],
}
_NOT_FINDINGS = frozenset(
    {"sample_history", "chief_complaint_detail", "abcde", "focused_exam", "specific_findings"}
)


def read_findings(
    root: Place, catalogue: Catalogue, states: Mapping[str, dict[str, Any]], patient: dict[str, Any]
) -> None:
    """Enter every finding of the file and the standard ones into the catalogue."""
    place = root.first("assessment_findings", "abcde_assessment_findings")
    steps = place["abcde"] if place["abcde"].present else place
    _scene(root, catalogue)
    for step in _STEPS:
        _step(steps[step], step, catalogue, states)
    for key in ("focused_exam", "specific_findings"):
        for name, entry in place[key].items():
            _other(entry, name, catalogue, states)
    for name, entry in place.items():
        if name not in _NOT_FINDINGS and name not in _STEPS:
            _other(entry, name, catalogue, states)
    _standard(root, catalogue, patient)


def _scene(root: Place, catalogue: Catalogue) -> None:
    scene = root["scene_description"]
    text = " ".join(
        f"{part.rstrip('.')}." for key in ("safety", "access", "bystanders") if (part := scene[key].prose())
    )
    synonyms = [
        "scene safety",
        "scene safe",
        "scene is safe",
        "check the scene",
        "scene survey",
        "bsi",
        "ppe",
        "gloves",
    ]
    _add(
        catalogue,
        "scene_safety",
        "Scene",
        "scene",
        {"default": text or "Nothing of note."},
        synonyms=synonyms,
    )


def _step(place: Place, step: str, catalogue: Catalogue, states: Mapping[str, dict[str, Any]]) -> None:
    name, measures, synonyms = _STEPS[step]
    if not place.present:
        place.defaulted("No text in the file; the measured values alone.")
        text = {"default": _MARKS.get(step, "Nothing of note.")}
    else:
        text = _texts(place, states)
        if len(text) == 1 and step in _STATEFUL:
            place.approximated(
                "One text for all states; in the other states what the state looks like stands for it."
            )
            text |= {
                state: f"{_MARKS[step]} {draft['appearance']}"
                for state, draft in states.items()
                if state != "initial"
            }
    _add(catalogue, step, name, step, text, measures=measures, synonyms=synonyms.split(", "))


def _texts(place: Place, states: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Text by state; what is no state (``skin_findings``) joins the default."""
    if not isinstance(place.value, dict):
        return {"default": _shown(place)}
    by_state = {key: _shown(entry) for key, entry in place.items() if key in states}
    rest = [
        f"{capitalised(spoken(key))}: {_shown(entry)}" for key, entry in place.items() if key not in states
    ]
    default = by_state.pop("initial", None)
    by_state["default"] = " ".join(part for part in (default, *rest) if part) or "Nothing of note."
    return by_state


def _shown(place: Place) -> str:
    text = place.prose() or "Nothing of note."
    shown = with_placeholders(without_comment(text))
    if shown != text:
        place.approximated("Stated vital signs follow the true ones; remarks that interpret are taken out.")
    return shown


def _other(place: Place, name: str, catalogue: Catalogue, states: Mapping[str, dict[str, Any]]) -> None:
    if not place.present or isinstance(place.value, bool):
        return
    words = spoken(name)
    category = next(category for category, pattern in _PLACE_OF if re.search(pattern, words))
    if words in {"other", "general"}:
        label, synonyms = (
            "Further examination",
            ["further examination", "secondary survey", "abdomen", "examine the abdomen"],
        )
    else:
        short = re.sub(r"\b(?:examination|exam|findings?)\b", "", words).strip()
        label, synonyms = (
            titled(name),
            [words, short or words, f"examine {short or words}", *_EXAMINED.get(short, [])],
        )
    _add(catalogue, name, label, category, _texts(place, states), synonyms=synonyms)


def texts_by_state(root: Place, states: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """All that the findings of the file say of each state, as it stands there."""
    texts: dict[str, str] = {}

    def collect(value: object) -> None:
        for key, item in value.items() if isinstance(value, dict) else ():
            if key in states and isinstance(item, str):
                texts[key] = f"{texts.get(key, '')} {item}"
            collect(item)

    collect(root.first("assessment_findings", "abcde_assessment_findings").value)
    return texts


def _standard(root: Place, catalogue: Catalogue, patient: dict[str, Any]) -> None:
    for name, (label, category, measures, synonyms, text) in _MEASUREMENTS.items():
        shown = {"default": text}
        signs, called = measures.split(", "), synonyms.split(", ")
        _add(catalogue, name, label, category, shown, measures=signs, synonyms=called)
    pupils = root["initial_vitals"]["pupils"].prose() or _pupils(catalogue)
    if pupils:
        _add(
            catalogue,
            "pupils",
            "Pupils",
            "disability",
            {"default": pupils},
            synonyms=["pupils", "pupil", "eyes"],
        )
    history = patient["history"]
    for name, words in _HISTORY_WORDS.items():
        _add(
            catalogue, name, capitalised(spoken(name)), "history", {"default": history[name]}, synonyms=words
        )
    whole = " ".join(f"{capitalised(spoken(name))}: {text.rstrip('.')}." for name, text in history.items())
    called_so = ["sample history", "sample", "take a history", "full history"]
    _add(catalogue, "sample_history", "SAMPLE history", "history", {"default": whole}, synonyms=called_so)
    root.first("assessment_findings", "abcde_assessment_findings").ledger.note(
        ("assessment_findings",),
        "defaulted",
        "Measurements (vital signs, SpO2, blood pressure, glucose …) are added as findings.",
    )


def _pupils(catalogue: Catalogue) -> str | None:
    text = str(catalogue.findings["disability"]["text"]["default"])
    found = re.search(r"pupils[^,.;]*", text, re.IGNORECASE)
    return f"{capitalised(found.group().strip())}." if found else None


def _add(
    catalogue: Catalogue,
    name: str,
    label: str,
    category: str,
    text: dict[str, str],
    *,
    measures: list[str] | None = None,
    synonyms: list[str],
) -> None:
    draft = {
        "name": label,
        "category": category,
        "text": text,
        "measures": measures or [],
        "synonyms": synonyms,
    }
    catalogue.add("finding", name, draft)

"""Acts of care that no section of an older blueprint describes: standard care, and what rules name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from holdfast.programs.simulation.scenario.legacy.catalogue import SAME_NAMES, Catalogue, Thing
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import spoken, titled

_KINDS = (
    ("oxygen", r"\boxygen\b|\bo2\b"),
    ("fluid", r"saline|crystalloid|ringer|hartmann|\bfluids?\b|sodium chloride"),
    ("communication", r"activat|notif|\bcall\b|network|pre-?alert|handover|contact|reassur"),
    ("transport", r"transport|evacuat"),
    ("position", r"position|elevat|recovery|upright|supine|tilt"),
    ("procedure", r"access|airway|suction|bvm|ventilat|intubat|cpr|compress|defib|cooling|collar|immobili"),
    ("procedure", r"monitor|tourniquet|dressing|splint|decompress|restraint|protect"),
)
_STANDARD: dict[str, tuple[str, str, str]] = {
    "iv_access": ("Intravenous access", "procedure", ("iv access, iv line, iv cannula, intravenous access, "
        "cannulate, cannula, venflon, place an iv, establish iv")),
    "upright_position": ("Sit the patient up", "position", "sit up, sit upright, upright position, fowler"),
    "supine_position": ("Lay the patient down", "position", ("lay down, lie down, supine, raise the legs, "
        "leg raise, legs up, elevate legs")),
    "recovery_position": ("Recovery position", "position", "recovery position, lateral position"),
    "bag_valve_mask": ("Bag-valve-mask ventilation", "procedure", "bvm, bag valve mask, ventilate, bagging"),
    "suction": ("Suction", "procedure", "suction, suction the airway"),
    "open_airway": ("Open the airway", "procedure", ("open the airway, jaw thrust, chin lift, "
        "head tilt, opa, npa")),
    "reassurance": ("Reassure the patient", "communication", "reassure, calm the patient"),
    "hospital_alert": ("Alert the hospital", "communication", ("alert the hospital, pre-alert, prealert, "
        "call the hospital, notify the hospital, hospital notification")),
    "transport": ("Transport", "transport", ("transport, transport initiated, load and go, "
        "initiate transport, rapid transport, leave the scene")),
}  # fmt: skip
_RESUSCITATION: dict[str, tuple[str, str, str]] = {
    "chest_compressions": (
        "Chest compressions",
        "procedure",
        "cpr, chest compressions, start cpr, compressions",
    ),
    "defibrillation": (
        "Defibrillation",
        "procedure",
        "defibrillate, defibrillation, shock the patient, deliver a shock",
    ),
}
_NETWORK = (
    "stemi activation", "stemi alert", "call the cath lab", "activate cath lab", "activate the cath lab",
    "catheter laboratory", "notify the cath lab", "call the pci centre", "call the pci center",
)  # fmt: skip


def kind_of(words: str, default: str = "medication") -> str:
    """What sort of treatment a name means."""
    return next((kind for kind, pattern in _KINDS if re.search(pattern, words.lower())), default)


def add_standard_care(root: Place, catalogue: Catalogue, arrests: list[str]) -> None:
    """Add what a paramedic can do to any patient, so that doing it is no unknown drug.

    Args:
        root: the whole file, for the note.
        catalogue: changed in place.
        arrests: the states without a pulse; if there are any, resuscitation is added.
    """
    added = []
    for name, (label, kind, synonyms) in _STANDARD.items():
        if catalogue.taken([name, label]) is None:
            _add(catalogue, name, label, kind, synonyms)
            added.append(label.lower())
    for name, (label, kind, synonyms) in _RESUSCITATION.items() if arrests else ():
        _add(catalogue, name, label, kind, synonyms)
        pulse = {
            "severity": "absolute",
            "when": {"not": {"state": arrests}},
            "reason": "The patient has a pulse.",
        }
        catalogue.treatments[name] |= {"impact": "critical", "contraindications": [pulse]}
        added.append(label.lower())
    root["primary_medications"].defaulted(f"Standard care is added: {', '.join(added)}.")


def _add(catalogue: Catalogue, name: str, label: str, kind: str, synonyms: str) -> None:
    draft = {"name": label, "kind": kind, "impact": "neutral", "synonyms": synonyms.split(", ")}
    catalogue.add("treatment", name, draft)


def name_critical(root: Place, catalogue: Catalogue) -> None:
    """Set `catalogue.critical` from ``critical_treatments``, or from what is marked as critical."""
    listed = root["critical_treatments"]
    if not listed.present:
        marked: Mapping[str, dict[str, Any]] = catalogue.treatments
        catalogue.critical += [
            Thing("treatment", name) for name, t in marked.items() if t["impact"] == "critical"
        ]
        listed.defaulted("The medications marked as critical are taken.")
    for entry in listed.entries():
        named = entry.first("name", "id", "treatment") if isinstance(entry.value, dict) else entry
        catalogue.critical.append(treatment_called(catalogue, named.required_text()))
    for thing in catalogue.critical:
        if thing.kind == "treatment":
            catalogue.treatments[thing.id]["impact"] = "critical"


def treatment_called(catalogue: Catalogue, name: str) -> Thing:
    """What a name in a rule means; an act of care that the file does not describe is created."""
    thing = catalogue.resolve(name)
    if thing is not None:
        return thing
    words = spoken(name)
    draft: dict[str, Any] = {
        "name": titled(name),
        "kind": kind_of(words, "procedure"),
        "impact": "appropriate",
    }
    draft["synonyms"] = _ways_to_say(words)
    return Thing("treatment", catalogue.add("treatment", name, draft))


def _ways_to_say(words: str) -> list[str]:
    """``stemi network activation`` is also said as ``activate stemi network`` and the like."""
    ways = [words]
    turned = re.fullmatch(r"(.+?) (activat\w+|notif\w+|initiat\w+)", words)
    if turned:
        what, verb = turned.group(1), {"a": "activate", "n": "notify", "i": "initiate"}[turned.group(2)[0]]
        ways += [f"{verb} {what}", f"{verb} the {what}", f"call the {what}", f"alert the {what}", what]
        ways += _NETWORK if "stemi" in what else ()
    return ways + [name for group in SAME_NAMES if words in group for name in sorted(group)]

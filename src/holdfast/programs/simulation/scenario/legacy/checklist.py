"""The critical actions checklist of an older blueprint: what counts as having done an action.

The older program matched words; here an item is done by a treatment or finding where its text names
one, by words the student says where it does not, and by an instructor's judgement where neither helps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from holdfast.programs.simulation.scenario.legacy.care import treatment_called
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue, Thing
from holdfast.programs.simulation.scenario.legacy.course import conditions_for
from holdfast.programs.simulation.scenario.legacy.findings import ECG
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import slug

Condition = dict[str, Any]

_IMPORTANCE = {"critical", "essential", "important", "critical_if_needed"}
_POINTS = {"critical": 15, "essential": 10, "important": 5, "critical_if_needed": 10}
"""Points by importance where the file has none (the later format)."""

_RECOGNISED = (
    ("asthma", ["asthma", "bronchospasm", "asthma attack", "life-threatening asthma"]),
    ("acs|stemi|mi\\b|coronary", ["acs", "acute coronary", "heart attack", "myocardial infarction", "stemi"]),
    ("anaphyla", ["anaphylaxis", "anaphylactic", "severe allergic reaction"]),
    ("seizure|epilep", ["status epilepticus", "seizure", "epilepsy", "convulsion"]),
    ("head|brain|tbi|intracranial", ["head injury", "brain injury", "tbi", "intracranial", "raised icp"]),
    ("shock", ["shock"]),
)
_ECG_READ = ["stemi", "st elevation", "st elevations", "st-elevation", "anterior", "infarction"]
_SCENE_SAID = ["scene safe", "scene is safe", "scene safety", "safe scene", "bsi", "ppe", "gloves"]
_LOOKING = [
    "vital_signs",
    "breathing",
    "pulse_oximetry",
    "blood_pressure",
    "circulation",
    "cardiac_monitor",
    "disability",
]


@dataclass(slots=True)
class Checklist:
    """The items made, and what done means for each, by its id in lower case.

    Attributes:
        targets: clinical seconds by which the item should be done.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    done: dict[str, Condition] = field(default_factory=dict)
    targets: dict[str, float] = field(default_factory=dict)

    def target_of(self, thing: Thing) -> float | None:
        """The time target of the item that is done by a thing; none when there is no such item."""
        for name, done in self.done.items():
            if name in self.targets and f"'{thing.id}'" in str(done):
                return self.targets[name]
        return None


def read_checklist(root: Place, catalogue: Catalogue, worse_at_s: float) -> Checklist:
    """Every item of the checklist.

    Args:
        root: the whole file.
        catalogue: treatments and findings; acts that only the checklist names are added.
        worse_at_s: the time target where the file has none but asks for action in the first state.
    """
    checklist = Checklist()
    for number, place in enumerate(root["critical_actions_checklist"].entries(), 1):
        item = _item(place.section(), number, catalogue, worse_at_s)
        checklist.items.append(item)
        if "done_when" in item:
            checklist.done[item["id"]] = item["done_when"]
        if "target_s" in item:
            checklist.targets[item["id"]] = item["target_s"]
    return checklist


def _item(place: Place, number: int, catalogue: Catalogue, worse_at_s: float) -> dict[str, Any]:
    action, criteria = place["action"].required_text(), place["criteria"].prose()
    importance = _importance(place["importance"])
    item: dict[str, Any] = {
        "id": slug(place["id"].text() or f"ca{number}"),
        "action": f"{action}: {criteria}" if criteria else action,
        "category": place["category"].text() or "other",
        "importance": importance,
        "points": _points(place["points"], importance),
    }
    target_s = _target(place, worse_at_s)
    if target_s is not None:
        item["target_s"] = target_s
    done = _done_when(place, action, criteria or "", catalogue)
    place["dosing"].approximated("The dose range of the treatment decides.")
    if done is None:
        place["action"].approximated("What shows it cannot be derived: it is left to an instructor.")
        return item
    return item | {"done_when": done}


def _importance(place: Place) -> str:
    stated = (place.text() or "").lower()
    if stated in _IMPORTANCE:
        return stated
    place.approximated("Taken as 'important'.") if place.present else place.defaulted("'important' is taken.")
    return "important"


def _points(place: Place, importance: str) -> float:
    points = place.number()
    if points is None:
        place.defaulted(f"{_POINTS[importance]} points by importance.")
        return _POINTS[importance]
    if not 0 <= points <= 1000:
        place.fail("points must be between 0 and 1000")
    return points


def _target(place: Place, worse_at_s: float) -> float | None:
    minutes = place["time_target_minutes"].number()
    if minutes is not None:
        return 60 * minutes
    seconds = place["time_target_seconds"].number()
    if seconds is not None:
        return seconds
    if place["competence_assessment"].present:
        place["time_target_minutes"].defaulted(f"{worse_at_s:g} s: while the patient is in the first state.")
        return worse_at_s
    return None


def _done_when(place: Place, action: str, criteria: str, catalogue: Catalogue) -> Condition | None:
    words = action.lower()
    done = _special(words, catalogue) or _recognised(place, words, criteria)
    if done is None:
        done = _named(place, words, catalogue)
    if done is not None:
        _report_matching(place["matching"], done)
        return done
    return _said(place["matching"])


def _special(words: str, catalogue: Catalogue) -> Condition | None:
    """Actions that are worded alike in all blueprints."""
    if re.search(r"scene safety|scene safe|\bbsi\b", words):
        return {"any": [{"assessed": "scene_safety"}, {"mentioned": _SCENE_SAID}]}
    if "abcde" in words:
        return {"assessed": ["airway", "breathing", "circulation", "disability", "exposure"]}
    if "sample" in words and "history" in words:
        return {
            "any": [
                {"assessed": "sample_history"},
                {"assessed": ["allergies", "medications", "past_history"]},
            ]
        }
    if ECG in catalogue.findings and re.search(r"interpret.*ecg|recogni[sz]e.*stemi", words):
        return {"mentioned": _ECG_READ, "after": ECG}
    if re.search(r"\breassess|re-?check|monitor and|continuous monitoring", words):
        things = [thing.id for thing in catalogue.critical if thing.kind == "treatment"][:1]
        return {"assessed_any": _present(_LOOKING, catalogue)} | ({"after": things} if things else {})
    return _withheld(words, catalogue)


def _withheld(words: str, catalogue: Catalogue) -> Condition | None:
    """``Oxygen therapy decision (withhold if SpO2 ≥90% …)``: looked first, and did not give it."""
    match = re.search(r"withhold|avoid|do not give|no routine", words)
    things = [thing for thing in catalogue.find(words) if thing.kind == "treatment"]
    if match is None or not things:
        return None
    looked = {"assessed_any": _present(["pulse_oximetry", "vital_signs", "breathing"], catalogue)}
    return looked | {"not": {"attempted": [things[0].id]}}


def _present(names: list[str], catalogue: Catalogue) -> list[str]:
    return [name for name in names if name in catalogue.findings]


def _recognised(place: Place, words: str, criteria: str) -> Condition | None:
    match = re.match(r"(?:recogni[sz]e|identify|diagnose)\s+(.*)", words)
    if match is None:
        return None
    subject = match.group(1).strip(" .")
    said = [subject] + [word for pattern, names in _RECOGNISED if re.search(pattern, words) for word in names]
    said += _matching_words(place["matching"])
    if criteria:
        place["criteria"].approximated("Shown with the action; what counts is that the diagnosis is said.")
    place["matching"]["exclusion_keywords"].not_expressed("Negation is the interpreter's work.")
    return {"mentioned": list(dict.fromkeys(said))}


def _named(place: Place, words: str, catalogue: Catalogue) -> Condition | None:
    """By the treatments and findings that the text names; acts of care it alone names are created."""
    outside = re.sub(r"\([^()]*\)", " ", words)
    found = catalogue.find(outside) or catalogue.find(" ; ".join(_matching_words(place["matching"])))
    repeat = re.search(r"second|repeat|another", words)
    if found and repeat and found[0].kind == "treatment":
        return {"given": [found[0].id], "after": [found[0].id]}
    if found and not re.search(r"\band\b|,", outside):
        found = found[:1]
    created = None if found else _created(place, outside, catalogue)
    things = found or ([created] if created else [])
    return conditions_for(things) or None


def _created(place: Place, words: str, catalogue: Catalogue) -> Thing | None:
    category = place["category"].value
    if category not in {"treatment", "procedure", "coordination", "transport", "communication", "safety"}:
        return None
    name = re.sub(
        r"^(?:apply|perform|provide|administer|give|initiate|ensure|establish|maintain)\s+", "", words
    )
    place["action"].approximated("An act of care of this name is added, because no section describes it.")
    return treatment_called(catalogue, " ".join(name.split()[:6]))


def _matching_words(place: Place) -> list[str]:
    return [*place["keywords"].texts(), *place["synonyms"].texts()]


def _report_matching(place: Place, done: Condition) -> None:
    if place.present and "mentioned" not in done:
        place.approximated("Done by the treatment or finding itself instead of by words.")


def _said(place: Place) -> Condition | None:
    words = _matching_words(place)
    place["exclusion_keywords"].not_expressed("Negation is the interpreter's work.")
    return {"mentioned": list(dict.fromkeys(words))} if words else None


def done_late(done: Condition, target_s: float) -> Condition | None:
    """The condition that something was done, but only after `target_s`; none if that cannot be said."""
    in_time = _by(done, target_s)
    return {"all": [done], "not": in_time} if in_time else None


def not_done_by(done: Condition, target_s: float) -> Condition | None:
    """The condition that something was not done by `target_s`; none if that cannot be said."""
    in_time = _by(done, target_s)
    return {"not": in_time} if in_time else None


def _by(done: Condition, target_s: float) -> Condition | None:
    if "any" in done and len(done) == 1:
        inner = [_by(item, target_s) for item in done["any"]]
        return {"any": inner} if all(inner) else None
    if {"given", "assessed", "assessed_any", "mentioned", "attempted"} & done.keys():
        return done | {"by_s": target_s}
    return None

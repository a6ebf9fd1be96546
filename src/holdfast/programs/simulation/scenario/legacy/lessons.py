"""What the review teaches: teaching points, common errors, consequences, the safety gate."""

from __future__ import annotations

import re
from typing import Any

from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue, Thing
from holdfast.programs.simulation.scenario.legacy.checklist import Checklist, done_late, not_done_by
from holdfast.programs.simulation.scenario.legacy.course import conditions_for
from holdfast.programs.simulation.scenario.legacy.decisions import fill_in
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import joined, slug

Condition = dict[str, Any]

_GAVE = re.compile(r"^(?:gave|gives?|administered|used)\b|\bgiven\b|_given\b", re.IGNORECASE)
_LATE = re.compile(r"\bdelay|\blate\b", re.IGNORECASE)
_OMITTED = re.compile(
    r"^(?:no|forgot|missed|failed|didn't|did not|never)\b|never|didn't|not perform", re.IGNORECASE
)
_WRONG_ORDER = re.compile(
    r"instead of|without|wrong|thinking|focused|excessive|vague|significance|need for|misinterpret"
    r"|instruct|\btell\b|\bask\b",
    re.IGNORECASE,
)


def read_teaching_points(
    root: Place, lessons: list[str], early: list[tuple[str, str]], critical: list[Thing]
) -> list[dict[str, Any]]:
    """Every teaching point.

    Args:
        root: the whole file.
        lessons: those found elsewhere in the file.
        early: text and treatment of those about giving something before the critical treatments.
        critical: the critical treatments.
    """
    points: list[dict[str, Any]] = []
    place = root["aar_teaching_points"]
    groups = [entry for _, entry in place.items()] if isinstance(place.value, dict) else [place]
    points += [{"text": text} for group in groups for text in group.texts()]
    points += [{"text": text} for text in lessons]
    first = [thing.id for thing in critical if thing.kind == "treatment"][:1]
    for text, name in early:
        when: Condition = {"attempted": [name]}
        points.append({"text": text, "when": when | ({"not": when | {"after": first}} if first else {})})
    return _each_once(points)


def _each_once(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({point["text"]: point for point in points}.values())


def read_common_errors(root: Place, catalogue: Catalogue, checklist: Checklist) -> list[dict[str, Any]]:
    """The typical mistakes, raised where their words say when they apply; then the safety gate."""
    errors = [_error(entry.section(), catalogue, checklist) for entry in root["common_errors"].entries()]
    errors += [
        _failure(entry.section(), catalogue) for entry in root["safety_gate"]["critical_failures"].entries()
    ]
    return errors


def _error(place: Place, catalogue: Catalogue, checklist: Checklist) -> dict[str, Any]:
    place["error_id"].not_expressed("Common errors have no ids.")
    error = place["error"].required_text()
    point = joined(place["teaching_point"].prose(), place["clinical_anchor"].prose()) or error
    when = _when(error, catalogue, checklist)
    if when:
        place["error"].approximated("When it applies is derived from its words.")
    return {"error": error, "teaching_point": point} | ({"when": when} if when else {})


def _when(error: str, catalogue: Catalogue, checklist: Checklist) -> Condition | None:
    things = catalogue.find(re.sub(r"\([^()]*\)", " ", error))
    if not things:
        return None
    first = things[0]
    done = conditions_for([first])
    if _GAVE.search(error) and first.kind == "treatment":
        if re.search(r"instead of", error) and len(things) > 1:
            return {"attempted": [first.id], "not": conditions_for(things[1:2])}
        return None if _WRONG_ORDER.search(error.replace("thinking", "")) else {"attempted": [first.id]}
    if _WRONG_ORDER.search(error):
        return None
    if _LATE.search(error):
        target_s = checklist.target_of(first)
        return not_done_by(done, target_s) if target_s else None
    return {"not": done} if _OMITTED.search(error) else None


def _failure(place: Place, catalogue: Catalogue) -> dict[str, Any]:
    """A failure of the safety gate is a common error; that it outweighs all else cannot be said."""
    for key in ("id", "type"):
        place[key].not_expressed(
            "The format has no safety gate; the review shows the failure as a common error."
        )
    error = place["description"].required_text()
    criteria = place["detection_criteria"]
    condition = criteria["condition"].prose() or ""
    criteria.approximated("Derived from its words where they name a treatment.")
    point = joined(place["patient_outcome"].prose(), place["aar_teaching_point"].prose()) or error
    when = _gate(f"{error} {condition}", catalogue, omission=place["type"].value == "omission")
    return {"error": error, "teaching_point": point} | ({"when": when} if when else {})


def _gate(text: str, catalogue: Catalogue, *, omission: bool) -> Condition | None:
    things = [thing for thing in catalogue.find(text) if thing.kind == "treatment"]
    if not things:
        return None
    if omission:
        return {"not": conditions_for(things[:1])}
    attempted: Condition = {"attempted": [things[0].id]}
    return attempted | ({"errors_at_least": 1} if "route" in text else {})


def read_consequences(root: Place, checklist: Checklist) -> list[dict[str, Any]]:
    """The later format's consequence templates: teaching points for when the action is missed or late."""
    points = []
    for place in root["consequence_templates"].entries():
        item = slug(place["checklist_item_id"].text() or "")
        kind = place.first("gap_type", "gap_trigger").text() or ""
        place["gap_trigger"].approximated("Read as a condition on the checklist item.")
        template = place["template"].required_text()
        text = fill_in(
            template, {"patient_state_at_action": "a worse", "final_patient_state": "a worse"}, root
        )
        if text != template:
            place["template"].approximated(
                "Filled in where the value is known; sentences with other values are left out."
            )
        place["variables"].approximated("Values of the patient are filled in.")
        when = _gap(kind, checklist.done.get(item), checklist.targets.get(item))
        point = {"text": joined(text, place["medical_basis"].prose())}
        points.append(point | ({"when": when} if when else {}))
    return points


def _gap(kind: str, done: Condition | None, target_s: float | None) -> Condition | None:
    if done is None:
        return None
    if "miss" in kind:
        return {"not": done}
    return done_late(done, target_s) if target_s is not None else None

"""The import of an older blueprint (v2.0, v3.0) as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.scenario.legacy import findings, situation
from holdfast.programs.simulation.scenario.legacy.care import add_standard_care, name_critical
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue
from holdfast.programs.simulation.scenario.legacy.challenges import Sources, read_challenges
from holdfast.programs.simulation.scenario.legacy.checklist import read_checklist
from holdfast.programs.simulation.scenario.legacy.course import read_course, read_rules
from holdfast.programs.simulation.scenario.legacy.decisions import read_decisions
from holdfast.programs.simulation.scenario.legacy.doses import Setting
from holdfast.programs.simulation.scenario.legacy.ecg import read_ecg
from holdfast.programs.simulation.scenario.legacy.ledger import Note, Place, dotted
from holdfast.programs.simulation.scenario.legacy.lessons import (
    read_common_errors,
    read_consequences,
    read_teaching_points,
)
from holdfast.programs.simulation.scenario.legacy.reading import checked_root, read_blueprint
from holdfast.programs.simulation.scenario.legacy.states import (
    arrests_in,
    read_states,
    read_steps,
    set_targets,
)
from holdfast.programs.simulation.scenario.legacy.treatments import (
    Pharmacy,
    read_medications,
    read_order_of_care,
)
from holdfast.programs.simulation.scenario.legacy.vitals import SIGN_OF, Values, read_vitals
from holdfast.programs.simulation.scenario.legacy.wording import slug
from holdfast.programs.simulation.scenario.model import FORMAT, Scenario
from holdfast.programs.simulation.scenario.vocabulary import VitalSign

_REASONS = {
    "side_effects": "The format has no field for side effects.",
    "mechanism": "The format has no field for the mechanism of a drug.",
    "pharmacokinetics": "Only the onset and duration of the effect are used.",
    "progress_milestones": "The format has no milestones; the checklist carries the same events.",
    "cognitive_coach_questions": "The coach's questions are kept outside scenarios.",
    "usage_rules": "Direction for the older program's model.",
    "simulation_config": "A switch of the older program.",
    "delivery_options": "Only flows can be stated.",
    "aar_flag": "The format has no flags; the impact says the same.",
    "points": "Treatments carry no points; the checklist does.",
    "importance": "The impact of the treatment says the same.",
    "target": "The format has no field for a target of treatment.",
    "scenario_states": "The states and the untreated course carry it.",
    "safety_gate": "The format has no safety gate.",
    "deterioration_timing_minutes": "The untreated course gives the times.",
    "contraindications": "Only lists of contraindications can be expressed.",
    "estimated_duration_seconds": "Challenges have no duration.",
    "severity": "Teaching points have no severity.",
    "assessment_data_required": "The engine keeps the whole course.",
    "tool_mappings": "A name in the older program.",
}
_LISTS = """
critical_treatments critical_actions_checklist common_errors consequence_templates
critical_decision_points challenge_points aar_teaching_points cognitive_coach_questions
"""
_OBJECTS = """
metadata dispatch_info scene_description patient_profile initial_vitals state_descriptions
state_transitions assessment_findings abcde_assessment_findings sample_history ecg_findings
primary_medications treatment_responses no_treatment_progression secondary_medications_by_impact
critical_decision_points challenge_points aar_teaching_points simulation_config safety_gate
scenario_states progress_milestones
"""
"""Sections that must be a list and those that must be an object, where they are there."""

_REQUIRED = (VitalSign.HEART_RATE, VitalSign.RESPIRATORY_RATE, VitalSign.SPO2, VitalSign.SYSTOLIC)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted blueprint.

    Attributes:
        scenario: valid and playable.
        notes: what could not simply be taken over, in the order of the old file.
        mapped: dotted paths of the values that were taken over.
    """

    scenario: Scenario
    notes: tuple[Note, ...]
    mapped: frozenset[str]


def convert_text(text: str | bytes, *, source: str) -> Conversion:
    """Convert a blueprint from its JSON text; see `convert`."""
    return convert(read_blueprint(text, source=source), source=source)


def convert(blueprint: Mapping[str, Any], *, source: str) -> Conversion:
    """Convert an older blueprint into a scenario.

    Args:
        blueprint: the JSON object.
        source: its file name; the stem becomes an alias of the scenario.

    Raises:
        InvalidInput: a section is missing or of the wrong type, or a value is not usable; the field
            is named and nothing is converted.
    """
    root = checked_root(blueprint, source=source)
    _check_sections(root)
    draft = _draft(root, source)
    try:
        scenario = Scenario.model_validate(draft)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        message = f"{source}: the converted scenario is not valid: {place}: {first['msg']}"
        raise InvalidInput(message, field=place or None) from None
    root.ledger.close(blueprint, _REASONS)
    return Conversion(scenario, _in_order(root), frozenset(dotted(path) for path in root.ledger.used))


def _check_sections(root: Place) -> None:
    """Refuse a section of the wrong type, before anything is read."""
    for name, place in root.items():
        as_list, as_object = name in _LISTS.split(), name in _OBJECTS.split()
        fits = (as_list and isinstance(place.value, list)) or (as_object and isinstance(place.value, dict))
        if place.present and (as_list or as_object) and not fits:
            place.fail("must be " + " or ".join(["a list"] * as_list + ["an object"] * as_object))


def _draft(root: Place, source: str) -> dict[str, Any]:
    aliases = situation.aliases_of(root, source)
    metadata, patient = situation.read_metadata(root), situation.read_patient(root)
    arrival, pupils = _arrival(root)
    states = read_states(root)
    subject = f"{slug(aliases[0])} {metadata['title']} {metadata['type']}".lower()
    pharmacy = Pharmacy(root, Catalogue(), Setting(subject, patient["age_years"]), arrival, states)
    draft: dict[str, Any] = {"format": FORMAT, "id": slug(aliases[0]), "aliases": aliases}
    draft |= {"version": _version(root), "metadata": metadata, "dispatch": situation.read_dispatch(root)}
    draft |= {"scene": situation.read_scene(root), "patient": patient}
    draft |= {"vital_signs": {sign.value: value for sign, value in arrival.items()}}
    draft |= _played(pharmacy, patient)
    patient["conditions"] = situation.conditions_in(patient, pharmacy.tokens, root, pharmacy.catalogue)
    return draft | ({"pupils": pupils} if pupils else {})


def _played(pharmacy: Pharmacy, patient: dict[str, Any]) -> dict[str, Any]:
    """States, findings, treatments, course, and what they are judged by."""
    root, catalogue, states = pharmacy.root, pharmacy.catalogue, pharmacy.states
    steps = read_steps(root, states, pharmacy.vitals)
    findings.read_findings(root, catalogue, states, patient)
    lessons = read_ecg(root, catalogue, states)
    read_medications(pharmacy)
    add_standard_care(root, catalogue, arrests_in(states))
    name_critical(root, catalogue)
    read_order_of_care(pharmacy)
    course = read_course(root, states, steps, catalogue)
    checklist = read_checklist(root, catalogue, course.worse_at_s)
    told = findings.texts_by_state(root, states)
    set_targets(states, steps, pharmacy.vitals, _treated(catalogue), told)
    points = read_teaching_points(root, [*lessons, *course.lessons], pharmacy.lessons, catalogue.critical)
    return {
        "checklist": checklist.items,
        "decision_points": read_decisions(root, catalogue, checklist, states),
        "challenge_points": read_challenges(root, Sources(catalogue, checklist, states)),
        "common_errors": read_common_errors(root, catalogue, checklist),
        "teaching_points": points + read_consequences(root, checklist),
        "states": states,
        "transitions": course.transitions,
        "treatments": catalogue.treatments,
        "findings": catalogue.findings,
        "rules": read_rules(root, states),
    }


def _version(root: Place) -> str:
    version = root["metadata"]["version"]
    if not version.present:
        version.defaulted("'1'")
    return version.text() or "1"


def _arrival(root: Place) -> tuple[Values, str | None]:
    place = root["initial_vitals"].section()
    reading = read_vitals(place)
    values = reading.values
    for sign in _REQUIRED:
        if sign not in values:
            spelling = next(name for name, named in SIGN_OF.items() if named is sign)
            place[{"hr": "HR", "rr": "RR", "spo2": "SpO2", "bpsystolic": "BP_systolic"}[spelling]].fail(
                "is missing"
            )
    if VitalSign.DIASTOLIC not in values:
        values[VitalSign.DIASTOLIC] = float(round(values[VitalSign.SYSTOLIC] * 2 / 3))
        place["BP_diastolic"].defaulted("Two thirds of the systolic pressure.")
    if VitalSign.GCS not in values:
        values[VitalSign.GCS] = 15.0
        place["GCS"].defaulted("15.")
    return values, reading.pupils


def _treated(catalogue: Catalogue) -> Values:
    """What the critical treatments bring the vital signs to: the slowest to act decides a sign."""
    effects = [
        catalogue.treatments[thing.id].get("effect", {})
        for thing in catalogue.critical
        if thing.kind == "treatment"
    ]
    treated: Values = {}
    for effect in sorted(effects, key=lambda effect: float(effect.get("onset_s", 0))):
        treated |= {VitalSign(sign): value for sign, value in effect.get("targets", {}).items()}
    return treated


def _in_order(root: Place) -> tuple[Note, ...]:
    sections = {section: index for index, section in enumerate(root.value)}

    def section(note: Note) -> int:
        return sections.get(note.field.split(".")[0].split("[")[0], len(sections))

    return tuple(sorted(root.ledger.notes, key=section))

"""The texts of the cardiac and the trauma scenario: enough of them, consistent, and not telling too much.

What a student can see before the review describes and does not name the disease.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.programs import simulation
from holdfast.programs.simulation.scenario.care import TreatmentKind
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import VitalSign

LIBRARY = Path(simulation.__file__).with_name("library")
BOTH = pytest.mark.parametrize(
    "scenario",
    [
        parse((LIBRARY / f"{name}.yaml").read_bytes(), source=f"{name}.yaml")
        for name in ("stemi", "traumatic_brain_injury")
    ],
    ids=lambda scenario: scenario.id,
)

NAMES_OF_THE_DISEASE = {
    "stemi": (
        r"stemi|infarct\w*|heart attack|myocardial|coronary|ischaem\w*|ischem\w*|occlu\w*|thromb\w*"
        r"|acs|mi|cardiogenic|fibrillat\w*|vf"
    ),
    "traumatic_brain_injury": (
        r"traumatic brain|tbi|brain injur\w*|injur\w* (of|to) the brain|head injur\w*|intracranial"
        r"|h(a)?ematoma|subdural|extradural|epidural|contusion|concussion|herniat\w*|skull fracture"
        r"|fractured skull|cerebral|bleeding (in|inside) (the|his) (brain|skull|head)"
    ),
}


@BOTH
def test_the_scenario_offers_what_a_student_may_ask_and_do(scenario: Scenario):
    with_doses = [t for t in scenario.treatments.values() if t.doses]
    acts = [
        t
        for t in scenario.treatments.values()
        if t.kind in {TreatmentKind.PROCEDURE, TreatmentKind.POSITION, TreatmentKind.COMMUNICATION}
    ]
    assert len(with_doses) >= 14
    assert len(acts) >= 8
    assert len(scenario.findings) >= 18
    assert len(scenario.patient.lines) >= 12
    assert all(state.voice for state in scenario.states.values())
    assert all("default" in line.says for line in scenario.patient.lines)
    assert len(scenario.decision_points) >= 3
    assert len(scenario.challenge_points) >= 4
    assert sum(item.points for item in scenario.checklist) == 100
    assert all(item.done_when for item in scenario.checklist)


@BOTH
def test_every_dose_range_fits_its_total(scenario: Scenario):
    ranges = [dose for treatment in scenario.treatments.values() for dose in treatment.doses]
    assert all(dose.maximum_total is None or dose.maximum_total >= dose.standard for dose in ranges)


@BOTH
def test_texts_by_state_name_states_of_the_scenario(scenario: Scenario):
    named = {state for finding in scenario.findings.values() for state in finding.text}
    named |= {state for line in scenario.patient.lines for state in line.says}
    assert named <= {*scenario.states, "default"}


@BOTH
def test_a_patient_who_cannot_speak_is_not_given_the_words_of_one_who_can(scenario: Scenario):
    speechless = {
        name
        for name, state in scenario.states.items()
        if not state.ends_run and (state.targets.gcs or 15) <= 9
    }
    lines = [line for line in scenario.patient.lines if line.speaker == "patient"]
    assert [line.topic for line in lines if not speechless <= line.says.keys()] == []


@BOTH
def test_placeholders_name_vital_signs(scenario: Scenario):
    texts = [text for finding in scenario.findings.values() for text in finding.text.values()]
    placeholders = {name for text in texts for name in re.findall(r"\{(\w*)\}", text)}
    assert placeholders <= {sign.value for sign in VitalSign}
    assert not any(re.search(r"\{", text) for text in list(spoken(scenario)))


@BOTH
def test_words_of_treatments_and_findings_are_not_shared(scenario: Scenario):
    owners: dict[str, set[str]] = {}
    named = [*scenario.treatments.items(), *scenario.findings.items()]
    for name, item in named:
        for word in {item.name.casefold(), *(synonym.casefold() for synonym in item.synonyms)}:
            owners.setdefault(word, set()).add(name)
    assert {word: names for word, names in owners.items() if len(names) > 1} == {}


@BOTH
def test_nothing_visible_before_the_review_names_the_disease(scenario: Scenario):
    pattern = re.compile(rf"\b(?:{NAMES_OF_THE_DISEASE[scenario.id]})\b", re.IGNORECASE)
    assert [text for text in visible(scenario) if pattern.search(text)] == []


@BOTH
def test_the_disease_is_named_in_the_review(scenario: Scenario):
    pattern = re.compile(rf"\b(?:{NAMES_OF_THE_DISEASE[scenario.id]})\b", re.IGNORECASE)
    lessons = [point.text for point in scenario.teaching_points]
    assert any(pattern.search(text) for text in lessons)


def spoken(scenario: Scenario) -> Iterator[str]:
    """What the patient and bystanders say."""
    for line in scenario.patient.lines:
        yield from line.says.values()
    for state in scenario.states.values():
        yield from state.voice
    yield from (t.patient_says for t in scenario.treatments.values() if t.patient_says)


def visible(scenario: Scenario) -> Iterator[str]:
    """Every text that a student may meet before the review."""
    yield from scenario.dispatch.model_dump(exclude_none=True).values()
    yield from scenario.scene.model_dump(exclude_none=True).values()
    yield from scenario.patient.history.model_dump().values()
    yield from spoken(scenario)
    yield from told_by_states(scenario)
    yield from told_by_care(scenario)
    for challenge in scenario.challenge_points:
        yield from (challenge.question, challenge.context or "", challenge.name)
        yield from challenge.resolution.model_dump().values()
        yield from (element.concept for element in challenge.expected)
    yield from (end.reason for end in scenario.rules.ends)
    yield from (transition.reason for transition in scenario.transitions)


def told_by_states(scenario: Scenario) -> Iterator[str]:
    for name, state in scenario.states.items():
        yield from (name, state.description, state.appearance, state.pupils or "")
    yield scenario.pupils or ""


def told_by_care(scenario: Scenario) -> Iterator[str]:
    for finding in scenario.findings.values():
        yield from (finding.name, *finding.text.values())
    for treatment in scenario.treatments.values():
        texts = (treatment.name, treatment.clinical_effect, treatment.reason, treatment.warning)
        yield from (text for text in texts if text)
        yield from (contra.reason for contra in treatment.contraindications)

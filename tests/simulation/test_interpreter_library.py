"""The scenarios that come with Holdfast: their own names, and what students write in them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pytest
import yaml

from holdfast.programs.simulation.interpreter import Vocabulary, interpret
from holdfast.programs.simulation.scenario.care import TreatmentKind
from holdfast.programs.simulation.scenario.model import Scenario

LIBRARY = files("holdfast.programs.simulation") / "library"
DOSED = {TreatmentKind.MEDICATION, TreatmentKind.OXYGEN, TreatmentKind.FLUID}
NAMES = sorted(path.name for path in LIBRARY.iterdir() if path.name.endswith(".yaml"))


@cache
def scenario(name: str) -> Scenario:
    return Scenario.model_validate(yaml.safe_load((LIBRARY / name).read_text("utf-8")))


@cache
def vocabulary(name: str) -> Vocabulary:
    return Vocabulary.of(scenario(name))


def done(name: str, text: str) -> set[str]:
    return {action.target for action in interpret(vocabulary(name), text)[1:]}


@pytest.mark.parametrize("name", NAMES)
def test_every_name_and_synonym_of_a_treatment_gives_it(name: str):
    missed = [
        f"{key}: {spoken}"
        for key, treatment in scenario(name).treatments.items()
        for spoken in (treatment.name, *treatment.synonyms)
        if key not in done(name, f"Give {spoken}." if treatment.kind in DOSED else f"{spoken}.")
    ]
    assert missed == []


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_drug_gives_it_when_negated(name: str):
    given = [
        f"{key}: {spoken}"
        for key, treatment in scenario(name).treatments.items()
        if treatment.kind in DOSED
        for spoken in (treatment.name, *treatment.synonyms)
        if done(name, f"Do not give {spoken}.") & scenario(name).treatments.keys()
    ]
    assert given == []


@pytest.mark.parametrize("name", NAMES)
def test_every_name_and_synonym_of_a_finding_assesses_it(name: str):
    missed = [
        f"{key}: {spoken}"
        for key, finding in scenario(name).findings.items()
        for spoken in (finding.name, *finding.synonyms)
        if key not in done(name, f"{spoken}?")
    ]
    assert missed == []


@pytest.mark.parametrize("name", NAMES)
def test_every_listened_for_phrase_is_heard(name: str):
    listened = vocabulary(name).listener
    phrases = [p for c in scenario(name).challenge_points for p in c.trigger.phrases()]
    assert [phrase for phrase in phrases if phrase not in listened.heard(f"I say {phrase.upper()} now")] == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "asthma_acute_severe.yaml",
            "Put her on oxygen by NRB 15l and sit her upright",
            "oxygen upright_position",
        ),
        (
            "asthma_acute_severe.yaml",
            "ventolin 5 mg neb + atrovent 0.5 mg neb, hydrocort 200mg iv",
            "salbutamol ipratropium hydrocortisone",
        ),
        ("asthma_acute_severe.yaml", "I would not give her any sedatives", ""),
        ("asthma_acute_severe.yaml", "Give adrenaline 0.5 mg IM if she deteriorates", ""),
        ("asthma_acute_severe.yaml", "give furosemide 40 mg iv and captopril", "furosemide captopril"),
        ("stemi.yaml", "Aspirin 300mg PO, nitroglycerin 0.4mg SL", "aspirin glyceryl_trinitrate"),
        ("stemi.yaml", "Oxygen is not indicated because the saturation is 96%", ""),
        ("stemi.yaml", "SpO2 is 96% so no oxygen needed, I will give aspirin 250 mg", "aspirin"),
        (
            "stemi.yaml",
            "Withhold nitrates, give heparin 5000 units IV and ticagrelor 180 mg",
            "heparin ticagrelor",
        ),
        (
            "traumatic_brain_injury.yaml",
            "C-spine control, open the airway with jaw thrust and suction",
            "spinal_immobilisation airway_manoeuvre suction",
        ),
        ("traumatic_brain_injury.yaml", "do not insert an NPA, avoid hyperventilation", ""),
        ("traumatic_brain_injury.yaml", "250 ml saline IV, TXA 1 g", "sodium_chloride tranexamic_acid"),
        ("status_epilepticus.yaml", "midazolam 10 mg IM", "midazolam"),
        ("status_epilepticus.yaml", "apaurin 10 mg i.v., oxygen 15 l mask", "diazepam oxygen"),
        ("status_epilepticus.yaml", "do not put anything in his mouth", ""),
    ],
)
def test_sentences_of_students(name: str, text: str, expected: str):
    assert done(name, text) == set(expected.split())


def test_a_handover_report_gives_nothing_again():
    text = (
        "Handover: woman with acute severe asthma, given salbutamol 5 mg and hydrocortisone 200 mg. "
        "Oxygen 15 l NRB, salbutamol 5 mg. SpO2 95%"
    )
    assert done("asthma_acute_severe.yaml", text) == {"handover"}

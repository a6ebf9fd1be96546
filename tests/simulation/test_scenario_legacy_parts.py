"""The parts of the import: vital signs, doses, contraindications, findings, names, words."""

from typing import Any

import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.scenario.care import Dose
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue, drug_names
from holdfast.programs.simulation.scenario.legacy.contraindications import read_contraindications
from holdfast.programs.simulation.scenario.legacy.doses import Setting, read_dosing, read_flows, routes_in
from holdfast.programs.simulation.scenario.legacy.ecg import read_ecg
from holdfast.programs.simulation.scenario.legacy.ledger import Ledger, Place
from holdfast.programs.simulation.scenario.legacy.vitals import read_vitals, values_in_text, with_placeholders
from holdfast.programs.simulation.scenario.legacy.wording import (
    parted,
    phrases_of,
    quotes,
    slug,
    without_comment,
)
from holdfast.programs.simulation.scenario.vocabulary import VitalSign

ADULT = Setting("asthma_1 severe asthma medical", 30)


def place(value: Any) -> Place:
    return Place(Ledger("file.json"), ("here",), value)


def outcomes(of: Place) -> dict[str, str]:
    return {note.field.removeprefix("here."): note.outcome for note in of.ledger.notes}


@pytest.mark.parametrize(
    ("key", "value", "sign", "read", "outcome"),
    [
        ("HR", 128, "heart_rate", 128, None),
        ("heartRate", "128", "heart_rate", 128, None),
        ("Heart Rate", "128 bpm", "heart_rate", 128, None),
        ("respRate", "30-35", "respiratory_rate", 32.5, "approximated"),
        ("respiratoryRate", "8 to 12, shallow", "respiratory_rate", 10, "approximated"),
        ("RR", "apneic", "respiratory_rate", 0, "approximated"),
        ("spO2", "88%", "spo2", 88, None),
        ("SpO2", "<70", "spo2", 70, "approximated"),
        ("BP_systolic", "unrecordable", "systolic", 0, "approximated"),
        ("Temp", "37,4", "temperature", 37.4, None),
        ("Glycemia", "4.2 mmol/L", "glucose", 4.2, None),
        ("pain_score", "8/10", "pain", 8, None),
        ("GCS", "13-14", "gcs", 13.5, "approximated"),
        ("gcs", "absent", "gcs", 3, "approximated"),
        ("HR", "+10-20", "heart_rate", 115, "approximated"),
        ("HR", "-20", "heart_rate", 80, "approximated"),
    ],
)
def test_a_vital_sign_in_any_spelling(key: str, value: object, sign: str, read: float, outcome: str | None):
    at = place({key: value})
    assert read_vitals(at, {VitalSign.HEART_RATE: 100}).targets() == {sign: read}
    assert outcomes(at).get(key) == outcome


def test_pressure_is_read_from_a_pair_and_from_an_object():
    for value in ("138/86", {"systolic": 138, "diastolic": 86}, "138 / 86 mmHg"):
        assert read_vitals(place({"bloodPressure": value})).targets() == {"systolic": 138, "diastolic": 86}
    assert read_vitals(place({"BP": 90})).targets() == {"systolic": 90}


def test_words_that_are_no_value_leave_the_sign_alone():
    at = place(
        {"HR": "unchanged", "SpO2": "unrecordable", "temperature": "+1", "note": "Sweating", "pupils": "Wide"}
    )
    reading = read_vitals(at)
    assert (reading.values, reading.remarks, reading.pupils) == ({}, ["Sweating"], "Wide")
    assert outcomes(at) == {"HR": "not_expressed", "SpO2": "not_expressed", "temperature": "not_expressed"}


@pytest.mark.parametrize(
    "value",
    [{"HR": "quick"}, {"HR": 900}, {"HR": [1]}, {"SpO2": True}, {"BP": "300/250"}, {"GCS": 0}, ["HR", 1], 5],
)
def test_a_value_that_no_body_has_is_refused(value: Any):
    with pytest.raises(InvalidInput) as caught:
        read_vitals(place(value))
    assert caught.value.field.startswith("here")


def test_values_in_a_text_become_placeholders():
    text = "RR 32, BP 138/86, GCS 13-14, SpO2 96% on air"
    assert values_in_text(text) == {
        VitalSign.RESPIRATORY_RATE: 32, VitalSign.SPO2: 96, VitalSign.SYSTOLIC: 138, VitalSign.DIASTOLIC: 86,
        VitalSign.GCS: 13,
    }  # fmt: skip
    shown = "RR {respiratory_rate}, BP {systolic}/{diastolic}, GCS {gcs}, SpO2 {spo2}% on air"
    assert with_placeholders(text) == shown


@pytest.mark.parametrize(
    ("text", "unit", "low", "standard", "high", "routes"),
    [
        ("0.3-0.5mg IM (autoinjector)", "mg", 0.3, 0.4, 0.5, ["intramuscular"]),
        ("6-7 mg/kg IV slowly", "mg_per_kg", 6, 6.5, 7, ["intravenous", "intraosseous"]),
        ("5mg (0.5-1ml + 3ml saline) nebulized", "mg", 3, 5, 7.5, ["nebulised"]),
        ("0.4mg (400 mcg) SL spray", "mg", 0.24, 0.4, 0.6, ["sublingual"]),
        ("200mg PO (chewed)", "mg", 120, 200, 300, ["oral"]),
        ("500ml-1L crystalloid bolus", "ml", 500, 750, 1000, ["intravenous", "intraosseous"]),
        ("10 to 20 mcg/kg IN", "mg_per_kg", 0.01, 0.015, 0.02, ["intranasal"]),
        ("1.2–2 g over 20 minutes", "g", 1.2, 1.6, 2, ["intravenous"]),
        ("2 puffs MDI", "puffs", 1.2, 2, 3, ["inhaled"]),
    ],
)
def test_a_dose_in_prose(text: str, unit: str, low: float, standard: float, high: float, routes: list[str]):
    at = place(text)
    (dose,) = read_dosing(at, ADULT, route="intravenous")
    range_ = Dose.model_validate(dose)
    assert (range_.minimum, range_.standard, range_.maximum) == pytest.approx((low, standard, high))
    assert range_.unit == unit
    assert dose["routes"] == routes
    assert outcomes(at) == {"here": "approximated"}


@pytest.mark.parametrize("text", ["as needed", "5-10 mcg/min", "titrate", "10%", "5-2 mg", "0 mg"])
def test_what_is_no_single_dose_is_reported(text: str):
    at = place(text)
    assert read_dosing(at, ADULT, route="oral") == []
    assert outcomes(at) == {"here": "not_expressed"}


def test_of_several_doses_those_for_this_patient_count():
    at = place({
        "adult_asthma": "100-200mg IV", "adult_anaphylaxis": "200-500mg IV", "pediatric": "2-4 mg/kg IV",
        "cardiac_arrest": "1mg IV every 3 minutes", "maintenance": "5mg", "repeat": "Every 20 minutes",
        "maximum": "600mg total",
    })  # fmt: skip
    (dose,) = read_dosing(at, ADULT, route="oral")
    assert (dose["minimum"], dose["maximum"], dose["repeat_after_s"], dose["maximum_total"]) == (
        100,
        200,
        1200,
        600,
    )
    left_out = {key for key, outcome in outcomes(at).items() if outcome == "not_expressed"}
    assert left_out == {"adult_anaphylaxis", "pediatric", "cardiac_arrest", "maintenance"}
    child = Setting("asthma", 7)
    assert [d["unit"] for d in read_dosing(at, child, route="oral")] == ["mg", "mg_per_kg"]


def test_oxygen_flows_become_one_range_without_what_is_inappropriate():
    at = place(
        {
            "mask": "15 L/min",
            "simple": "6-10 L/min",
            "cannula": "1-6 L/min (NOT appropriate)",
            "bvm": "assist",
        }
    )
    (flow,) = read_flows(at)
    assert (flow["minimum"], flow["standard"], flow["maximum"]) == (6, 15, 15)
    assert routes_in("via non-rebreather mask") == ["mask"]
    by_mask, by_cannula = read_flows(place({"nasal_cannula": "1-6 L/min", "non_rebreather": "15 L/min"}))
    assert (by_cannula["minimum"], by_cannula["maximum"], by_cannula["routes"]) == (1, 6, ["intranasal"])
    assert (by_mask["minimum"], by_mask["maximum"]) == (9, 15)


@pytest.mark.parametrize(
    ("token", "condition"),
    [
        ("tachycardia_over_150", {"vital": {"sign": "heart_rate", "at_least": 151}}),
        ("systolic_bp_less_than_90", {"vital": {"sign": "systolic", "at_most": 89}}),
        ("SBP < 90", {"vital": {"sign": "systolic", "at_most": 89}}),
        ("normoxia_spo2_above_90", {"vital": {"sign": "spo2", "at_least": 91}}),
        ("glucose_below_4", {"vital": {"sign": "glucose", "at_most": 3.9}}),
        ("hypotension", {"vital": {"sign": "systolic", "at_most": 89}}),
        ("respiratory_depression", {"vital": {"sign": "respiratory_rate", "at_most": 9}}),
        ("known_allergy", {"patient_has": ["allergy_aspirin"]}),
        ("recent_pde5_inhibitor_use (24 h)", {"patient_has": ["takes_sildenafil"]}),
        ("COPD_with_CO2_retention (use_controlled_oxygen)", {"patient_has": ["copd_with_co2_retention"]}),
        ("Žlčové kamene", {"patient_has": ["zlcove_kamene"]}),
    ],
)
def test_a_contraindication_token(token: str, condition: dict[str, Any]):
    (found,), tokens = read_contraindications(place({"absolute": [], "relative": [token]}), "aspirin")
    assert Condition.model_validate(found["when"]) == Condition.model_validate(condition)
    assert found["severity"] == "relative"
    assert tokens == condition.get("patient_has", [])


def test_the_later_ecg_is_shown_without_its_meaning():
    root = place({
        "ecg_findings": {
            "findings_structured": {
                "rhythm_and_rate": {"rhythm": "Sinus rhythm", "regularity": "regular", "rate_bpm": 88},
                "st_segment_changes": [{"leads": "II, III", "change": "elevation 2 mm", "territory": "wall"}],
                "other_findings": ["No acute ischaemic changes", "Low voltage (hypovolaemia)"],
            },
            "interpretation": {"diagnosis": "Inferior infarction", "note": "FOR THE AGENT"},
            "teaching_point": "Look at III.",
        }
    })  # fmt: skip
    catalogue = Catalogue()
    lessons = read_ecg(root, catalogue, {"arrest": {"appearance": "pulseless"}})
    text = catalogue.findings["ecg_12_lead"]["text"]
    assert text["default"] == (
        "Sinus rhythm, regular, rate {heart_rate}/min. leads II, III, change elevation 2 mm. Low voltage."
    )
    assert "chaotic" in text["arrest"]
    assert lessons == ["12-lead ECG: Diagnosis: Inferior infarction.", "Look at III."]
    assert not any("FOR THE AGENT" in lesson for lesson in lessons)


def test_names_lead_to_one_thing_and_nothing_is_called_twice():
    catalogue = Catalogue()
    for name, words in (
        ("oxygen", ["o2", "mask"]),
        ("stemi_network_activation", []),
        ("novalgin", ["metamizole"]),
    ):
        catalogue.add("treatment", name, {"name": name.title(), "synonyms": words})
    second = catalogue.add("treatment", "analgin", {"name": "Analgin", "synonyms": ["metamizole", "analgin"]})
    assert catalogue.treatments[second]["synonyms"] == ["analgin"]
    assert catalogue.add("finding", "oxygen", {"name": "Oxygen line"}) == "oxygen_2"
    assert catalogue.resolve("oxygen_therapy").id == "oxygen"
    assert catalogue.resolve("stemi_network_activated").id == "stemi_network_activation"
    assert catalogue.resolve("tourniquet") is None
    assert [thing.id for thing in catalogue.find("Metamizole, then the mask")] == ["novalgin", "oxygen"]
    assert [thing.id for thing in catalogue.hinted("has not called the network")] == [
        "stemi_network_activation"
    ]


def test_a_drug_has_its_names_in_other_languages_and_without_its_salt():
    assert {"morphine sulfate", "morphine", "morfin"} <= set(drug_names("Morphine sulfate", "Morfin"))
    assert {"adrenaline", "epinephrine"} <= set(drug_names("Epinephrine (Adrenaline)"))
    assert "corticosteroids" in drug_names("Hydrocortisone", drug_class="Glucocorticoid")
    assert drug_names("Glucose 40%")[0] == "glucose"


@pytest.mark.parametrize(
    ("text", "slugged"),
    [
        ("CA 1", "ca_1"),
        ("Status Epilepticus", "status_epilepticus"),
        ("Žena", "zena"),
        ("漢字", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_any_text_makes_a_name(text: str, slugged: str):
    assert slug(text) == slugged


def test_remarks_for_the_instructor_are_taken_out():
    assert without_comment("Wheeze (ominous), silent base (left)") == "Wheeze, silent base (left)"
    assert without_comment("Quiet base - concerning sign") == "Quiet base"
    assert without_comment("BEES - known severe allergy", history=True) == "BEES - known severe allergy"
    assert without_comment("MUST ASK: any tablets?", history=True) == "any tablets?"
    assert parted("She sleeps. This is anaphylaxis.") == ("She sleeps.", "This is anaphylaxis.")
    assert parted(None) == (None, None)


def test_words_that_show_a_concept_and_words_that_are_said():
    assert phrases_of("Mentions SpO2 <92%") == ["spo2", "92%"]
    assert "silent chest" in phrases_of("Student mentions silent chest")
    assert phrases_of("Ask") == ["ask"]
    assert quotes("He can't. His wife: 'Help him!' He says: 'It hurts,'") == [
        ("He can't. His wife:", "Help him!"), ("He says:", "It hurts."),
    ]  # fmt: skip

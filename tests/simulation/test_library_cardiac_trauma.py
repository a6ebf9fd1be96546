"""The cardiac and the trauma scenario played: an expert, a passive student, and one who does harm."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from holdfast.programs import simulation
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine import facts
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario

LIBRARY = Path(simulation.__file__).with_name("library")
Kind = TypeVar("Kind")
Script = Sequence[tuple[float, Sequence[Action]]]


def shipped(name: str) -> Scenario:
    return parse((LIBRARY / f"{name}.yaml").read_bytes(), source=f"{name}.yaml")


CHEST_PAIN = shipped("stemi")
FALL = shipped("traumatic_brain_injury")
BOTH = pytest.mark.parametrize("scenario", [CHEST_PAIN, FALL], ids=lambda s: s.id)
QUIET_SEED = next(seed for seed in range(100) if Random(seed).random() >= 0.3)
UNLUCKY_SEED = next(seed for seed in range(100) if Random(seed).random() < 0.3)


def give(name: str, dose: float | None = None, unit: str | None = None, route: str | None = None) -> Action:
    return Action("treatment", name, dose=dose, unit=unit, route=route)


def look(*names: str) -> list[Action]:
    return [Action("assessment", name) for name in names]


CARDIAC_EXPERT: Script = (
    (15, [give("scene_safety"), *look("scene_survey", "general_impression")]),
    (40, look("airway", "breathing", "circulation", "disability")),
    (75, look("blood_pressure", "pulse_oximetry", "cardiac_monitor")),
    (110, look("allergies", "bleeding_risk", "opqrst")),
    (135, [give("aspirin", 300, "mg", "oral"), give("semi_recumbent")]),
    (190, look("twelve_lead_ecg")),
    (230, [*look("right_sided_ecg"), give("defibrillator_pads")]),
    (270, [give("prealert_pci"), give("iv_access")]),
    (300, look("recent_pde5", "medications", "auscultation")),
    (330, [give("fentanyl", 50, "mcg", "intravenous")]),
    (360, [give("sodium_chloride", 250, "ml", "intravenous")]),
    (420, look("blood_pressure", "opqrst")),
    (500, [give("transport_pci")]),
    (620, look("blood_pressure", "cardiac_monitor")),
    (720, [give("handover")]),
)
TRAUMA_EXPERT: Script = (
    (15, [give("scene_safety"), *look("scene_survey", "mechanism", "general_impression")]),
    (40, [give("spinal_immobilisation"), *look("airway")]),
    (60, [give("suction"), give("airway_manoeuvre"), give("oxygen", 15, "l_per_min", "mask")]),
    (90, look("breathing", "pulse_oximetry", "circulation")),
    (130, [*look("blood_pressure", "bleeding_check"), give("pressure_dressing")]),
    (180, look("gcs_components", "pupils", "blood_glucose")),
    (220, [give("call_backup"), give("iv_access")]),
    (250, [give("sodium_chloride", 250, "ml", "intravenous")]),
    (300, look("head_examination", "collateral_history", "anticoagulants", "capnography")),
    (340, [give("tranexamic_acid", 2, "g", "intravenous")]),
    (380, look("blood_pressure", "gcs_components", "pupils")),
    (420, [give("head_up"), give("keep_warm"), give("fentanyl", 25, "mcg", "intravenous")]),
    (460, [give("prealert_trauma"), give("transport_trauma")]),
    (620, look("gcs_components", "pupils", "blood_pressure")),
    (750, [give("handover")]),
)
EXPERTS = pytest.mark.parametrize(
    ("scenario", "script"), [(CHEST_PAIN, CARDIAC_EXPERT), (FALL, TRAUMA_EXPERT)], ids=["cardiac", "trauma"]
)


class Run:
    """One run played to its end, or to `to_s`."""

    def __init__(
        self, scenario: Scenario, script: Script, *, to_s: float = 1300, seed: int = QUIET_SEED
    ) -> None:
        state = engine.begin(scenario, seed=seed, challenges=False)
        happened: list[facts.Occurrence] = []
        for at_s, actions in script:
            if state.outcome is None and at_s <= to_s:
                state, occurred = engine.act(scenario, state, actions, at_s)
                happened += occurred
        self.state, rest = engine.advance(scenario, state, to_s)
        self.happened = (*happened, *rest)
        self.vitals = engine.vital_signs(scenario, self.state, self.state.elapsed_s)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [o for o in self.happened if isinstance(o, kind)]

    @property
    def states(self) -> dict[str, float]:
        return {change.state: change.at_s for change in self.of(facts.StateChanged)}

    @property
    def points(self) -> float:
        return sum(item.points for item in self.of(facts.ChecklistDone))


@EXPERTS
def test_an_expert_is_rated_optimal_throughout_and_hands_over_a_stable_patient(
    scenario: Scenario, script: Script
):
    run = Run(scenario, script)
    assert run.states == {"improving": 300, "stable": 600}
    assert run.state.outcome == "handed_over"
    assert set(run.state.rated.values()) == {"optimal"}
    assert len(run.state.rated) == len(scenario.decision_points)
    assert run.of(facts.MedicationEvent) == []
    assert run.points == 100


def test_the_cardiac_expert_relieves_pain_and_holds_the_pressure():
    run = Run(CHEST_PAIN, CARDIAC_EXPERT)
    assert run.vitals["pain"] <= 3
    assert run.vitals["systolic"] >= 110


def test_the_trauma_expert_holds_oxygen_and_pressure_in_the_targets():
    run = Run(FALL, TRAUMA_EXPERT)
    assert run.vitals["spo2"] >= 94
    assert run.vitals["systolic"] >= 110
    assert run.vitals["gcs"] == 14


def test_without_treatment_the_heart_fails_arrests_and_stops():
    run = Run(CHEST_PAIN, ())
    assert run.states == {"deteriorating": 480, "critical": 720, "cardiac_arrest": 900, "lost": 1050}
    assert run.state.outcome == "lost"
    assert run.points == 0
    assert set(run.state.rated.values()) == {"not_performed", "dangerous"}


def test_without_treatment_the_injured_man_sinks_into_coma_and_dies():
    run = Run(FALL, ())
    assert run.states == {"deteriorating": 360, "critical": 600, "crisis": 780, "lost": 1020}
    assert run.state.outcome == "lost"
    assert run.points == 0
    assert set(run.state.rated.values()) == {"not_performed", "dangerous"}


@BOTH
def test_an_untreated_patient_is_always_worse_off_later(scenario: Scenario):
    severities = [
        scenario.states[change.state].severity for change in Run(scenario, ()).of(facts.StateChanged)
    ]
    assert severities == sorted(set(severities))


@pytest.mark.parametrize(
    ("scenario", "harm", "decision", "sign"),
    [
        (CHEST_PAIN, give("glyceryl_trinitrate", 0.4, "mg", "sublingual"), "nitrate", "systolic"),
        (CHEST_PAIN, give("furosemide", 40, "mg", "intravenous"), "nitrate", "systolic"),
        (CHEST_PAIN, give("metoprolol", 5, "mg", "intravenous"), "analgesia", "systolic"),
        (FALL, give("midazolam", 2.5, "mg", "intravenous"), "airway_and_neck", "gcs"),
        (FALL, give("nasopharyngeal_airway"), "airway_and_neck", "gcs"),
        (FALL, give("controlled_hyperventilation"), "hyperventilation", "gcs"),
        (FALL, give("antihypertensive", 12.5, "mg", "intravenous"), "perfusion", "gcs"),
    ],
    ids=lambda value: value.target if isinstance(value, Action) else None,
)
def test_harm_makes_the_patient_worse_at_once_and_is_rated_dangerous(
    scenario: Scenario, harm: Action, decision: str, sign: str
):
    harmed = Run(scenario, [(100, [harm])], to_s=220)
    spared = Run(scenario, (), to_s=220)
    assert harmed.states == {"deteriorating": 100}
    assert spared.states == {}
    assert harmed.state.rated[decision] == "dangerous"
    assert harmed.vitals[sign] < spared.vitals[sign]
    assert harmed.of(facts.MedicationEvent)[0].severity == "error"


def test_a_nitrate_in_an_otherwise_good_run_costs_the_stable_ride():
    harm = (480.0, [give("glyceryl_trinitrate", 0.4, "mg", "sublingual")])
    run = Run(CHEST_PAIN, sorted([*CARDIAC_EXPERT[:-1], harm], key=lambda step: step[0]), to_s=600)
    assert run.state.patient_state == "deteriorating"
    assert run.vitals["systolic"] < 80
    assert run.state.rated["nitrate"] == "dangerous"


def test_a_harmed_patient_recovers_with_the_right_care():
    harm = (480.0, [give("glyceryl_trinitrate", 0.4, "mg", "sublingual")])
    run = Run(CHEST_PAIN, sorted([*CARDIAC_EXPERT[:-1], harm], key=lambda step: step[0]), to_s=900)
    assert run.state.patient_state == "stable"


def test_one_harm_is_one_step_worse_not_two():
    run = Run(CHEST_PAIN, [(100, [give("glyceryl_trinitrate", 0.4, "mg", "sublingual")])], to_s=400)
    assert run.state.patient_state == "deteriorating"


def test_a_second_harm_leads_to_critical():
    nitrate = give("glyceryl_trinitrate", 0.4, "mg", "sublingual")
    run = Run(CHEST_PAIN, [(100, [nitrate]), (420, [nitrate])], to_s=430)
    assert run.state.patient_state == "critical"


def test_a_witnessed_arrest_is_reversed_by_an_early_shock_and_compressions():
    run = Run(CHEST_PAIN, [(910, [give("defibrillation"), give("chest_compressions")])], to_s=1000)
    assert run.state.patient_state == "rosc"
    assert run.of(facts.MedicationEvent) == []
    assert run.vitals["systolic"] > 80


def test_a_shock_is_an_error_in_a_patient_with_a_pulse():
    run = Run(CHEST_PAIN, [(100, [give("defibrillation")])], to_s=200)
    assert [event.kind for event in run.of(facts.MedicationEvent)] == ["contraindicated"]


def test_oxygen_in_a_saturated_patient_warns_and_costs_the_rating():
    run = Run(CHEST_PAIN, [(80, look("pulse_oximetry")), (100, [give("oxygen", 15, "l_per_min", "mask")])])
    assert [(e.severity, e.kind) for e in run.of(facts.MedicationEvent)] == [("warning", "contraindicated")]
    assert run.state.rated["oxygen"] == "suboptimal"


def test_oxygen_below_ninety_per_cent_is_right():
    oxygen = [*look("pulse_oximetry"), give("oxygen", 10, "l_per_min", "mask")]
    nitrate = give("glyceryl_trinitrate", 0.4, "mg", "sublingual")
    run = Run(CHEST_PAIN, [(60, [nitrate]), (180, [nitrate]), (300, oxygen)], to_s=310)
    assert run.state.rated["oxygen"] == "optimal"


def test_sugar_and_steroids_do_not_help_but_do_not_strike_him_down():
    wrong = [give("glucose", 15, "g", "intravenous"), give("dexamethasone", 8, "mg", "intravenous")]
    run = Run(FALL, [(100, wrong)], to_s=200)
    assert run.state.patient_state == "initial"
    assert {event.severity for event in run.of(facts.MedicationEvent)} == {"warning"}


def test_a_crisis_in_spite_of_good_care_is_not_the_end_when_it_is_met():
    bridge = [
        *look("pupils"),
        give("bag_valve_mask"),
        give("controlled_hyperventilation"),
        give("hypertonic_saline", 250, "ml", "intravenous"),
    ]
    script = [*TRAUMA_EXPERT[:-1], (640.0, bridge), (780.0, [give("handover")])]
    run = Run(FALL, script, seed=UNLUCKY_SEED)
    assert run.states == {"improving": 300, "crisis": 570, "crisis_controlled": 640}
    assert run.state.outcome == "handed_over"
    assert run.state.rated["hyperventilation"] == "optimal"
    assert run.of(facts.MedicationEvent) == []
    assert "crisis_bridge" in run.state.done


def test_a_crisis_that_nobody_meets_is_fatal():
    run = Run(FALL, TRAUMA_EXPERT[:-1], seed=UNLUCKY_SEED)
    assert run.states["lost"] == 810
    assert run.state.outcome == "lost"

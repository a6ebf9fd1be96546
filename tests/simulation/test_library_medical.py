"""The asthma and the status epilepticus scenario played: an expert, a passive student, one who does harm.

Also: what a student can see before the review describes and does not name the disease, and the coach's
questions are complete.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from holdfast.programs import simulation
from holdfast.programs.simulation import coach, engine
from holdfast.programs.simulation.engine import facts
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.listening import Reasoning, judge_reasoning
from holdfast.programs.simulation.scenario.care import FindingCategory, TreatmentKind
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import VitalSign

LIBRARY = Path(simulation.__file__).with_name("library")
Script = Sequence[tuple[float, Sequence[Action]]]

NAMES_OF_THE_DISEASE = {
    "asthma_acute_severe": r"asthma\w*|broncho?spas\w*|bronchoconstrict\w*|exacerbation\w*|reactive airways?",
    "status_epilepticus": r"epilep\w*|seiz\w*|convuls\w*|\w*ictal|status|tonic\W+clonic|fits?|fitting",
}


def shipped(name: str) -> Scenario:
    return parse((LIBRARY / f"{name}.yaml").read_bytes(), source=f"{name}.yaml")


BREATHLESS = shipped("asthma_acute_severe")
JERKING = shipped("status_epilepticus")
BOTH = pytest.mark.parametrize("scenario", [BREATHLESS, JERKING], ids=lambda s: s.id)


def give(name: str, dose: float | None = None, unit: str | None = None, route: str | None = None) -> Action:
    return Action("treatment", name, dose=dose, unit=unit, route=route)


def look(*names: str) -> list[Action]:
    return [Action("assessment", name) for name in names]


BREATHLESS_EXPERT: Script = (
    (15, [give("protective_equipment"), *look("scene_safety", "general_impression")]),
    (40, [give("reassurance"), *look("airway", "speech", "pulse_oximetry")]),
    (60, [give("oxygen", 15, "l_per_min", "mask"), give("upright_position")]),
    (90, look("auscultation", "breathing_effort", "pulse", "blood_pressure")),
    (130, [give("salbutamol", 5, "mg", "nebulised")]),
    (150, [give("ipratropium", 500, "mcg", "nebulised")]),
    (200, look("history_allergies", "history_medications", "history_past", "peak_flow")),
    (250, [give("prednisolone", 40, "mg", "oral")]),
    (330, [*look("pulse_oximetry", "auscultation", "speech"), give("call_backup")]),
    (440, [give("salbutamol", 5, "mg", "nebulised"), give("prealert")]),
    (520, [give("transport"), *look("pulse_oximetry")]),
)
JERKING_EXPERT: Script = (
    (15, [give("protective_equipment"), *look("scene_safety", "general_impression")]),
    (30, [give("protect_from_injury"), *look("airway", "consciousness")]),
    (60, [give("open_airway"), give("oxygen", 15, "l_per_min", "mask")]),
    (90, look("blood_glucose", "pulse_oximetry", "breathing_effort")),
    (130, [give("midazolam", 10, "mg", "intramuscular")]),
    (160, [give("call_backup"), *look("time_of_onset")]),
    (210, look("medical_card", "history_past")),
    (250, [give("iv_access"), give("cardiac_monitoring")]),
    (320, look("movement_pattern", "pulse_oximetry")),
    (440, [give("midazolam", 10, "mg", "intramuscular")]),
    (480, look("breathing_effort", "pulse_oximetry")),
    (540, [give("recovery_position"), *look("airway", "consciousness")]),
    (600, [give("prealert"), *look("blood_glucose", "pupils")]),
    (720, [give("transport")]),
)
EXPERTS = pytest.mark.parametrize(
    ("scenario", "script"),
    [(BREATHLESS, BREATHLESS_EXPERT), (JERKING, JERKING_EXPERT)],
    ids=["breathless", "jerking"],
)


class Run:
    """One run played to its end, or to `to_s`."""

    def __init__(
        self, scenario: Scenario, script: Script, *, to_s: float = 1300, challenges: bool = False
    ) -> None:
        state = engine.begin(scenario, seed=1, challenges=challenges)
        happened: list[facts.Occurrence] = []
        for at_s, actions in script:
            if state.outcome is None and at_s <= to_s:
                state, occurred = engine.act(scenario, state, actions, at_s)
                happened += occurred
        self.state, rest = engine.advance(scenario, state, to_s)
        self.happened = (*happened, *rest)
        self.vitals = engine.vital_signs(scenario, self.state, self.state.elapsed_s)

    def of(self, kind: type[Any]) -> list[Any]:
        return [o for o in self.happened if isinstance(o, kind)]

    @property
    def states(self) -> list[tuple[float, str]]:
        return [(change.at_s, change.state) for change in self.of(facts.StateChanged)]

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(e.kind, e.treatment) for e in self.of(facts.MedicationEvent) if e.severity == "error"]

    @property
    def points(self) -> float:
        return sum(item.points for item in self.of(facts.ChecklistDone))


def until(script: Script, end_s: float) -> list[tuple[float, Sequence[Action]]]:
    return [entry for entry in script if entry[0] < end_s]


# --- the three runs ---


@EXPERTS
def test_an_expert_is_rated_optimal_throughout_and_hands_over_a_better_patient(
    scenario: Scenario, script: Script
):
    run = Run(scenario, script)
    assert run.state.outcome == "handed_over"
    assert run.state.patient_state == "stable"
    assert set(run.state.rated) == {decision.id for decision in scenario.decision_points}
    assert set(run.state.rated.values()) == {"optimal"}
    assert run.of(facts.MedicationEvent) == []
    assert run.points == 100
    assert run.vitals["spo2"] > scenario.vital_signs.spo2 + 3
    assert run.vitals["heart_rate"] < scenario.vital_signs.heart_rate - 10


def test_the_experts_patients_take_the_expected_course():
    assert Run(BREATHLESS, BREATHLESS_EXPERT).states == [
        (130, "holding"),
        (280, "improving"),
        (460, "stable"),
    ]
    assert Run(JERKING, JERKING_EXPERT).states == [
        (130, "treated"),
        (250, "slowing"),
        (440, "settling"),
        (530, "improving"),
        (680, "stable"),
    ]


@BOTH
def test_a_passive_student_loses_the_patient_in_twelve_to_fifteen_minutes(scenario: Scenario):
    run = Run(scenario, ())
    assert [state for _, state in run.states] == ["deteriorating", "critical", "arrest"]
    assert run.state.outcome == "lost"
    assert 720 <= run.state.elapsed_s <= 900
    assert run.points == 0
    ratings = Counter(run.state.rated.values())
    assert ratings["dangerous"] >= 2
    assert ratings["optimal"] == ratings["acceptable"] == 0


@BOTH
def test_vital_signs_of_a_passive_run_move_and_do_not_jump(scenario: Scenario):
    state = engine.begin(scenario, seed=1, challenges=False)
    before = engine.vital_signs(scenario, state, 0)
    for at_s in range(10, 700, 10):
        after = engine.vital_signs(scenario, state, at_s)
        assert abs(after["spo2"] - before["spo2"]) <= 4
        assert abs(after["heart_rate"] - before["heart_rate"]) <= 12
        before = after
    assert before["spo2"] < scenario.vital_signs.spo2 - 10


@EXPERTS
def test_talking_and_looking_alone_do_not_save_the_patient(scenario: Scenario, script: Script):
    looking = [(at_s, [a for a in actions if a.kind == "assessment"]) for at_s, actions in script]
    assert Run(scenario, [entry for entry in looking if entry[1]]).state.outcome == "lost"


# --- harm ---

HARMFUL_DRUGS = [
    (BREATHLESS, "diazepam", "intravenous"),
    (BREATHLESS, "midazolam", "intravenous"),
    (BREATHLESS, "morphine", "intravenous"),
    (BREATHLESS, "metoprolol", "intravenous"),
    (BREATHLESS, "aspirin", "oral"),
    (BREATHLESS, "paper_bag", None),
    (BREATHLESS, "needle_decompression", None),
    (JERKING, "morphine", "intravenous"),
    (JERKING, "rocuronium", None),
    (JERKING, "flumazenil", None),
    (JERKING, "bite_block", None),
    (JERKING, "oral_intake", None),
]


@pytest.mark.parametrize(("scenario", "name", "route"), HARMFUL_DRUGS)
def test_a_harmful_treatment_is_an_error_and_makes_a_treated_patient_worse(
    scenario: Scenario, name: str, route: str | None
):
    script = BREATHLESS_EXPERT if scenario is BREATHLESS else JERKING_EXPERT
    given = [*until(script, 200), (200, [give(name, route=route)])]
    harmed, spared = Run(scenario, given, to_s=330), Run(scenario, until(script, 200), to_s=330)
    severity = {state: part.severity for state, part in scenario.states.items()}
    assert severity[harmed.state.patient_state] > severity[spared.state.patient_state]
    assert harmed.vitals["spo2"] < spared.vitals["spo2"] - 5
    assert [treatment for _, treatment in harmed.errors] == [name]
    assert "dangerous" in Run(scenario, given).state.rated.values()


@pytest.mark.parametrize(("scenario", "name", "route"), HARMFUL_DRUGS)
def test_harm_without_care_costs_the_patient_time(scenario: Scenario, name: str, route: str | None):
    harmed = Run(scenario, [(40, [give(name, route=route)])])
    assert harmed.state.outcome == "lost"
    assert harmed.state.elapsed_s <= Run(scenario, ()).state.elapsed_s


def test_the_sedated_patient_can_be_brought_back_but_not_at_once():
    run = Run(
        BREATHLESS,
        [
            *until(BREATHLESS_EXPERT, 200),
            (200, [give("midazolam", 2.5, "mg", "intravenous")]),
            (260, [give("assisted_ventilation"), give("hydrocortisone", 100, "mg", "intravenous")]),
            (700, [give("prealert"), give("transport")]),
        ],
    )
    assert run.state.rated["frightened_patient"] == "dangerous"
    assert run.state.outcome == "handed_over"
    assert run.state.elapsed_s > 700


# --- the breathless patient ---


def test_oxygen_alone_does_not_open_the_airways():
    run = Run(BREATHLESS, [(60, [give("oxygen", 15, "l_per_min", "mask")])])
    assert run.states[:2] == [(300, "deteriorating"), (600, "critical")]
    assert run.state.rated["oxygen_first"] == "optimal"
    assert run.state.rated["bronchodilator"] == "dangerous"


def test_a_nebuliser_driven_by_oxygen_counts_as_oxygen():
    neb = [Action("statement", phrases=("oxygen-driven",)), give("salbutamol", 5, "mg", "nebulised")]
    driven, plain = Run(BREATHLESS, [(100, neb)], to_s=400), Run(BREATHLESS, [(100, neb[1:])], to_s=400)
    assert driven.states == [(100, "holding"), (370, "improving")]
    assert driven.state.rated["oxygen_first"] == "optimal"
    assert plain.states == [(180, "deteriorating")]
    assert plain.state.rated["oxygen_first"] == "dangerous"


def test_a_low_flow_is_not_oxygen_given():
    low = [(60, [give("oxygen", 2, "l_per_min", "mask")]), (130, [give("salbutamol", 5, "mg", "nebulised")])]
    run = Run(BREATHLESS, low)
    assert ("dose_too_low", "oxygen") in run.errors
    assert run.states[0] == (180, "deteriorating")
    assert run.state.rated["oxygen_first"] == "suboptimal"


@pytest.mark.parametrize(
    ("at_s", "assessed", "rating"),
    [
        (130, ["auscultation"], "optimal"),
        (130, [], "acceptable"),
        (420, ["auscultation"], "suboptimal"),
        (700, ["auscultation"], "dangerous"),
    ],
)
def test_the_bronchodilator_is_rated_by_time_and_by_the_look_before_it(
    at_s: float, assessed: list[str], rating: str
):
    script = [
        (20, [give("oxygen", 15, "l_per_min", "mask"), *look(*assessed)]),
        (at_s, [give("salbutamol", 5, "mg", "nebulised")]),
    ]
    assert Run(BREATHLESS, script, to_s=750).state.rated["bronchodilator"] == rating


def test_a_critical_patient_comes_back_with_slow_breaths_and_the_missing_drugs():
    run = Run(
        BREATHLESS,
        [
            (400, [give("oxygen", 15, "l_per_min", "mask")]),
            (640, [give("assisted_ventilation"), give("salbutamol", 5, "mg", "nebulised")]),
            (700, [give("ipratropium", 500, "mcg", "nebulised")]),
        ],
    )
    assert [state for _, state in run.states] == [
        "deteriorating",
        "critical",
        "deteriorating",
        "holding",
        "improving",
    ]
    assert run.state.outcome == "time"


def test_a_single_nebuliser_wears_off():
    script = [(30, [give("oxygen", 15, "l_per_min", "mask"), give("salbutamol", 5, "mg", "nebulised")])]
    assert Run(BREATHLESS, script).states == [(30, "holding"), (300, "improving"), (780, "holding")]


def test_magnesium_needs_a_vein_and_a_pressure():
    dose = give("magnesium_sulphate", 2, "g", "intravenous")
    assert Run(BREATHLESS, [(60, [dose])], to_s=70).errors == [("requirement_missing", "magnesium_sulphate")]
    assert Run(BREATHLESS, [(50, [give("iv_access")]), (60, [dose])], to_s=70).errors == []
    late = Run(BREATHLESS, [(700, [give("iv_access")]), (780, [dose])], to_s=790)
    assert late.errors == [("contraindicated", "magnesium_sulphate")]


def test_adrenaline_is_for_the_patient_who_stops_breathing():
    dose = give("adrenaline", 0.5, "mg", "intramuscular")
    awake = Run(BREATHLESS, [(60, [dose])], to_s=70).of(facts.MedicationEvent)
    assert [(event.severity, event.kind) for event in awake] == [("warning", "contraindicated")]
    assert Run(BREATHLESS, [(620, [dose])], to_s=630).of(facts.MedicationEvent) == []
    vein = Run(BREATHLESS, [(620, [give("adrenaline", 0.5, "mg", "intravenous")])], to_s=630)
    assert vein.errors == [("wrong_route", "adrenaline")]


# --- the jerking patient ---


@pytest.mark.parametrize(
    ("name", "dose", "route"),
    [
        ("midazolam", 10, "buccal"),
        ("midazolam", 10, "intranasal"),
        ("diazepam", 10, "rectal"),
        ("lorazepam", 4, "intravenous"),
    ],
)
def test_one_full_dose_slows_the_jerking_and_does_not_end_it(name: str, dose: float, route: str):
    first = [
        (60, [give("oxygen", 15, "l_per_min", "mask"), give("iv_access")]),
        (120, [give(name, dose, "mg", route)]),
    ]
    run = Run(JERKING, first)
    assert run.states[:4] == [(120, "treated"), (240, "slowing"), (540, "resumed"), (780, "deteriorating")]
    assert run.state.rated["first_dose"] == "optimal"
    assert run.state.rated["second_step"] == "suboptimal"


def test_levetiracetam_by_weight_is_a_second_step():
    run = Run(
        JERKING,
        [*until(JERKING_EXPERT, 400), (400, [give("levetiracetam", 60, "mg_per_kg", "intravenous")])],
    )
    assert (490, "improving") in run.states
    assert run.state.rated["second_step"] == "optimal"
    assert run.errors == []


def test_a_second_dose_after_the_return_is_rated_lower():
    script = [*until(JERKING_EXPERT, 440), (600, [give("midazolam", 10, "mg", "buccal")])]
    assert Run(JERKING, script).state.rated["second_step"] == "acceptable"


def test_a_second_dose_too_soon_is_an_error_and_no_second_step():
    script = [*until(JERKING_EXPERT, 200), (220, [give("midazolam", 10, "mg", "buccal")])]
    run = Run(JERKING, script, to_s=500)
    assert run.errors == [("too_soon", "midazolam")]
    assert run.state.patient_state == "slowing"


@pytest.mark.parametrize("name", ["midazolam", "lorazepam", "diazepam"])
def test_a_third_benzodiazepine_dose_stops_breathing(name: str):
    script = [*until(JERKING_EXPERT, 500), (500, [give(name)])]
    run = Run(JERKING, script)
    assert ("contraindicated", name) in run.errors
    assert run.states[-2:] == [(500, "respiratory_depression"), (740, "arrest")]
    assert run.state.rated["breathing_beside_sedation"] == "dangerous"


def test_breathing_that_fails_is_carried_by_hand():
    script = [
        *until(JERKING_EXPERT, 500),
        (500, [give("midazolam", 10, "mg", "buccal")]),
        (560, [give("assisted_ventilation")]),
    ]
    run = Run(JERKING, script)
    assert (650, "improving") in run.states
    assert run.state.done["ventilation_if_needed"] == 560


def test_an_overdose_stops_breathing_and_is_no_first_dose():
    script = [*until(JERKING_EXPERT, 130), (130, [give("midazolam", 40, "mg", "intravenous")])]
    run = Run(JERKING, script)
    assert run.errors == [("dose_too_high", "midazolam")]
    assert [state for _, state in run.states] == ["respiratory_depression", "arrest"]
    assert run.state.rated["first_dose"] == "suboptimal"


@pytest.mark.parametrize(
    ("dose", "route", "kind"), [(1, "buccal", "dose_too_low"), (10, "oral", "wrong_route")]
)
def test_too_little_or_the_wrong_way_does_nothing(dose: float, route: str, kind: str):
    script = [*until(JERKING_EXPERT, 130), (130, [give("midazolam", dose, "mg", route)])]
    run = Run(JERKING, script)
    assert run.errors == [(kind, "midazolam")]
    assert run.states[:2] == [(300, "deteriorating"), (600, "critical")]


def test_a_limp_patient_on_his_back_loses_his_airway():
    without = [
        (at_s, [a for a in actions if a.target not in {"open_airway", "recovery_position", "prealert"}])
        for at_s, actions in JERKING_EXPERT
    ]
    run = Run(JERKING, [entry for entry in without if entry[1]])
    assert (830, "respiratory_depression") in run.states
    assert run.state.rated["after_it_stops"] == "suboptimal"


# --- challenges ---


@pytest.mark.parametrize(
    ("scenario", "script", "challenge", "answer"),
    [
        (
            BREATHLESS,
            [(30, [give("salbutamol", 5, "mg", "nebulised")])],
            "severity_before_nebuliser",
            "She speaks single words, the saturation is 90, she uses her neck muscles and I would listen.",
        ),
        (
            BREATHLESS,
            [(20, look("auscultation")), (30, [give("midazolam", 2.5, "mg", "intravenous")])],
            "restless_patient",
            "She is hypoxic; a sedative would depress her breathing. I treat the cause with salbutamol.",
        ),
        (
            BREATHLESS,
            [(320, look("auscultation"))],
            "quiet_chest",
            "Almost no air moves, she is exhausted, it is ominous.",
        ),
        (
            JERKING,
            [(60, [give("midazolam", 10, "mg", "buccal")])],
            "quick_test_first",
            "Low sugar. My partner measures it at the same time while I give the drug.",
        ),
        (
            JERKING,
            [*until(JERKING_EXPERT, 300), (300, look("movement_pattern"))],
            "slower_is_not_over",
            "It has not stopped. Five minutes after the first dose I repeat it, with the bag ready.",
        ),
        (
            JERKING,
            [(30, [give("bite_block")])],
            "keep_out_of_the_mouth",
            "I could break teeth. Nasopharyngeal airway, on his side, and suction.",
        ),
    ],
)
def test_a_challenge_opens_and_a_reasoned_answer_is_heard(
    scenario: Scenario, script: Script, challenge: str, answer: str
):
    state = Run(scenario, script, to_s=script[-1][0], challenges=True).state
    assert state.open_challenge == challenge
    reply = Action("challenge_reply", challenge, text=answer)
    _, occurred = engine.act(scenario, state, [reply], state.elapsed_s + 20)
    answered = next(o for o in occurred if isinstance(o, facts.ChallengeAnswered))
    assert answered.quality in {"good", "excellent"}


@EXPERTS
def test_no_more_than_two_challenges_interrupt(scenario: Scenario, script: Script):
    state, opened = engine.begin(scenario, seed=1, challenges=True), 0
    for at_s, actions in script:
        if state.outcome is None:
            state, occurred = engine.act(scenario, state, actions, at_s)
            opened += sum(isinstance(o, facts.ChallengeOpened) for o in occurred)
        if state.open_challenge and state.outcome is None:
            skip = Action("challenge_reply", state.open_challenge, text="skip")
            state, _ = engine.act(scenario, state, [skip], at_s)
    assert 1 <= opened <= 2


# --- the documents ---


@BOTH
def test_the_document_has_the_promised_parts(scenario: Scenario):
    kinds = Counter(treatment.kind for treatment in scenario.treatments.values())
    drugs = kinds[TreatmentKind.MEDICATION] + kinds[TreatmentKind.OXYGEN] + kinds[TreatmentKind.FLUID]
    assert drugs >= 14
    assert kinds.total() - drugs >= 8
    assert len(scenario.findings) >= 18
    assert set(FindingCategory) == {finding.category for finding in scenario.findings.values()}
    assert len(scenario.patient.lines) >= 12
    assert len(scenario.checklist) >= 8
    assert sum(item.points for item in scenario.checklist) == 100
    assert all(item.done_when for item in scenario.checklist)
    assert len(scenario.decision_points) >= 3
    assert len(scenario.challenge_points) >= 4
    assert len(scenario.metadata.guidelines) >= 4
    assert {"initial", "improving", "stable", "deteriorating", "critical"} <= scenario.states.keys()
    assert all(state.voice for state in scenario.states.values())
    measured = {sign for finding in scenario.findings.values() for sign in finding.measures}
    assert measured >= set(VitalSign) - {VitalSign.PAIN}


@BOTH
def test_every_state_dependent_text_names_a_state(scenario: Scenario):
    keys = {key for finding in scenario.findings.values() for key in finding.text}
    keys |= {key for line in scenario.patient.lines for key in line.says}
    assert keys - {"default"} <= scenario.states.keys()
    assert all("default" in line.says for line in scenario.patient.lines)


@BOTH
def test_placeholders_are_vital_signs_that_the_finding_measures(scenario: Scenario):
    for finding in scenario.findings.values():
        for text in finding.text.values():
            assert set(re.findall(r"\{(\w+)\}", text)) <= set(finding.measures)


@BOTH
def test_no_two_treatments_and_no_two_findings_answer_to_one_word(scenario: Scenario):
    for parts in (scenario.treatments, scenario.findings):
        words = [
            word for part in parts.values() for word in {w.casefold() for w in (part.name, *part.synonyms)}
        ]
        assert [word for word, count in Counter(words).items() if count > 1] == []


def seen_before_the_review(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every text that a student may meet while the scenario runs, with its place."""
    yield "title", scenario.metadata.title
    yield from _strings("dispatch", scenario.dispatch.model_dump())
    yield from _strings("scene", scenario.scene.model_dump())
    yield from _strings("history", scenario.patient.history.model_dump())
    yield "pupils", scenario.pupils or ""
    for line in scenario.patient.lines:
        yield from _strings(f"line {line.topic}", line.says)
    for name, state in scenario.states.items():
        yield from _strings(f"state {name}", state.model_dump(include=_STATE_TEXTS))
    for name, finding in scenario.findings.items():
        yield from _strings(f"finding {name}", {"name": finding.name} | finding.text)
    for name, treatment in scenario.treatments.items():
        texts = treatment.model_dump(exclude={"synonyms", "teaching_point"})
        yield from _strings(f"treatment {name}", texts)
    for challenge in scenario.challenge_points:
        texts = challenge.model_dump(include={"name", "question", "context", "resolution"})
        concepts = [element.concept for element in challenge.expected]
        yield from _strings(f"challenge {challenge.id}", texts | {"concepts": concepts})
    yield from _strings("ends", [end.reason for end in scenario.rules.ends])
    yield from _strings("turns", [transition.reason for transition in scenario.transitions])


_STATE_TEXTS = {"description", "appearance", "clinical_note", "pupils", "voice"}
_IDS = {"patient_has", "given", "given_any", "attempted", "assessed"}


def _strings(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _IDS:
                yield from _strings(f"{place}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(place, inner)


@BOTH
def test_nothing_seen_before_the_review_names_the_disease(scenario: Scenario):
    named = re.compile(rf"\b(?:{NAMES_OF_THE_DISEASE[scenario.id]})\b", re.IGNORECASE)
    texts = list(seen_before_the_review(scenario))
    assert len(texts) > 300
    assert [(place, hit[0]) for place, text in texts for hit in named.finditer(text)] == []


@BOTH
def test_the_review_does_name_the_disease(scenario: Scenario):
    named = re.compile(NAMES_OF_THE_DISEASE[scenario.id], re.IGNORECASE)
    lessons = " ".join(point.text for point in scenario.teaching_points)
    assert named.search(lessons)
    assert named.search(scenario.metadata.summary or "")


# --- the coach's questions ---


@cache
def questions() -> coach.CoachQuestions:
    return coach.load((LIBRARY.parent / "coach_questions.yaml").read_text(encoding="utf-8"))


def test_twenty_questions_stand_in_five_categories_of_four():
    asked = questions().questions
    assert [question.id for question in asked] == [f"CC{number:03}" for number in range(1, 21)]
    categories = [question.category for question in asked]
    assert [categories[at] for at in range(0, 20, 4)] == [
        "Treatment Complication",
        "Patient Communication",
        "Unpredictable Situation",
        "Ethical Dilemma",
        "Time Pressure Decision",
    ]
    assert all(categories[at] == categories[at - at % 4] for at in range(20))


def test_every_question_is_heard_as_it_is_meant():
    for question in questions().questions:
        expected, flawed = question.expected_good_reasoning, question.common_flawed_reasoning
        assert judge_reasoning(" ".join(expected[:3]), expected, flawed, question.setup) is Reasoning.GOOD
        for thought in flawed:
            assert judge_reasoning(thought, expected, flawed, question.setup) is Reasoning.FLAWED, thought


def test_the_coach_gives_nothing_away():
    words = r"asthma|wheez|inhaler|infarct|chest pain|seizure|epilep|convuls|brain injur|head injur"
    for question in questions().questions:
        assert not re.search(words, f"{question.setup} {question.coach_follow_up}", re.IGNORECASE)


def test_every_text_of_the_coach_has_variants():
    texts = questions().texts.model_dump()
    assert all(len(set(variants)) >= 2 for variants in texts.values())

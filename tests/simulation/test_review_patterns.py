"""Each of the eighteen patterns on a session that shows it and on one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.programs.simulation.engine.facts import (
    Action,
    ChallengeAnswered,
    ChecklistDone,
    DecisionRated,
    FindingRevealed,
    MedicationEvent,
    Occurrence,
    RunEnded,
    StateChanged,
    TreatmentGiven,
)
from holdfast.programs.simulation.review.blueprint import Blueprint
from holdfast.programs.simulation.review.patterns import Category, Pattern, PatternAnalysis, analyse
from holdfast.programs.simulation.review.snapshot import RunSnapshot, Statement
from holdfast.programs.simulation.scenario.judgement import ChecklistItem

BLUEPRINT: dict[str, Any] = {
    "severities": {"stable": 2, "improving": 3, "initial": 5, "deteriorating": 7, "critical": 9},
    "critical_states": frozenset({"critical"}),
    "critical_treatments": ("oxygen", "salbutamol"),
    "treatment_names": {"oxygen": "Oxygen", "salbutamol": "Salbutamol", "reassurance": "Reassurance"},
    "treatment_kinds": {
        "oxygen": "oxygen",
        "salbutamol": "medication",
        "propranolol": "medication",
        "reassurance": "communication",
        "transport": "transport",
    },
    "decision_categories": {
        "drug_1": "medication",
        "drug_2": "medication",
        "drug_3": "medication",
        "air_1": "oxygen and airway",
        "air_2": "oxygen and airway",
        "air_3": "oxygen and airway",
    },
    "communication_challenges": frozenset({"worried_wife"}),
    "complication_reason": "bad luck",
}


def item(name: str, target_s: float = 120, points: float = 10, importance: str = "critical") -> ChecklistItem:
    return ChecklistItem.model_validate({
        "id": name,
        "action": f"Give {name}",
        "category": "treatment",
        "importance": importance,
        "points": points,
        "target_s": target_s,
        "done_when": {"given": name},
    })  # fmt: skip


def run(
    *facts: Occurrence,
    index: int = 0,
    duration_s: float = 1200,
    final_state: str | None = None,
    outcome: str | None = "handed_over",
    actions: Iterable[tuple[float, Action]] = (),
    said: Iterable[tuple[float, str]] = (),
    **blueprint: Any,
) -> RunSnapshot:
    ordered = tuple(sorted(facts, key=lambda fact: fact.at_s))
    last = [fact.state for fact in ordered if isinstance(fact, StateChanged)]
    return RunSnapshot(
        scenario_id=f"scenario_{index}",
        title=f"Scenario {index + 1}",
        index=index,
        duration_s=duration_s,
        final_state=final_state or (last[-1] if last else "initial"),
        outcome=outcome,
        occurrences=ordered,
        actions=tuple(actions),
        statements=tuple(Statement(at_s, text) for at_s, text in said),
        blueprint=Blueprint(**(BLUEPRINT | blueprint)),
    )


def looked(at_s: float, category: str = "breathing") -> FindingRevealed:
    return FindingRevealed(at_s, category, category.title(), category, "seen")


def gave(treatment: str, at_s: float, *, safe: bool = True) -> TreatmentGiven:
    return TreatmentGiven(at_s, treatment, treatment.title(), None, None, None, "critical", safe)


def erred(at_s: float, kind: str = "dose_too_high", treatment: str = "propranolol") -> MedicationEvent:
    return MedicationEvent(at_s, "error", kind, treatment, treatment.title(), "It was wrong.")  # type: ignore[arg-type]


def rated(decision: str, rating: str, at_s: float = 100) -> DecisionRated:
    return DecisionRated(at_s, decision, decision.replace("_", " ").title(), rating, f"It was {rating}.")


def changed(at_s: float, previous: str, state: str, reason: str = "rule") -> StateChanged:
    return StateChanged(at_s, previous, state, reason)


def done(name: str, at_s: float, points: float = 10, *, on_time: bool = True) -> ChecklistDone:
    return ChecklistDone(at_s, name, f"Give {name}", "treatment", "critical", points, on_time)


def answered(quality: str, at_s: float = 300, challenge: str = "why") -> ChallengeAnswered:
    skipped = quality == "skipped"
    return ChallengeAnswered(at_s, challenge, "text", skipped, quality, (), (), 20, "says")  # type: ignore[arg-type]


def order(text: str, target: str = "salbutamol", **fields: Any) -> tuple[float, Action]:
    return 100.0, Action(kind="treatment", target=target, text=text, **fields)


NAMES = {
    "temporal": ["Assessment-to-treatment gap", "Reactive vs proactive", "Reassessment"],
    "decisionQuality": ["Consistent strength", "Consistent weakness", "High stakes"],
    "clinicalReasoning": ["Systematic assessment", "Differential"],
    "errorPatterns": ["Medication error type", "Error recovery"],
    "cognitiveLoad": ["Information organisation", "Challenge quality"],
    "patientAwareness": ["Deterioration prevention", "State-change recognition"],
    "communication": ["Documentation specificity", "Patient-centred language"],
    "metaPatterns": ["Consistency", "Risk tolerance"],
}


def pattern(name: str, *runs: RunSnapshot) -> Pattern:
    return analyse(runs).of(name)


def three(*facts: Occurrence, **fields: object) -> tuple[RunSnapshot, ...]:
    return tuple(run(*facts, index=index, **fields) for index in range(3))  # type: ignore[arg-type]


def strength(found: Pattern) -> bool:
    return found.detected and found.is_strength and found.severity is None and bool(found.talking_point)


def weakness(found: Pattern, severity: str) -> bool:
    return found.detected and not found.is_strength and found.severity == severity


# --- temporal ---


@pytest.mark.parametrize(
    ("treated_s", "severity"), [(241, None), (242, "MODERATE"), (361, "MODERATE"), (362, "HIGH")]
)
def test_gap_thresholds(treated_s: float, severity: str | None) -> None:
    found = pattern("Assessment-to-treatment gap", *three(looked(61), gave("oxygen", treated_s)))
    assert found.detected == (severity is not None)
    assert found.severity == severity


def test_gap_to_the_end_when_never_treated_and_none_when_treated_first() -> None:
    name = "Assessment-to-treatment gap"
    assert pattern(name, run(looked(60), duration_s=900)).data["gapsS"] == [840]
    assert pattern(name, run(gave("oxygen", 10), looked(60))).data["gapsS"] == [0]
    assert not pattern(name, run(looked(300), gave("oxygen", 900))).data, "the first look came too late"
    assert not pattern(name, run(looked(10, "scene"), gave("oxygen", 900))).data, "the scene is no patient"
    assert pattern(name, run(looked(10), gave("reassurance", 20), gave("oxygen", 400))).data["gapsS"] == [390]


def test_proactive() -> None:
    ahead = [gave("oxygen", 60), changed(400, "initial", "deteriorating")]
    behind = [changed(200, "initial", "deteriorating"), gave("oxygen", 400)]
    name = "Reactive vs proactive"
    assert strength(pattern(name, run(*ahead), run(*ahead), run(*behind)))
    assert weakness(pattern(name, run(*behind), run(*behind), run(*ahead)), "MODERATE")
    assert not pattern(name, run(*ahead), run(*behind)).detected
    assert not pattern(name, run(*ahead), run(*ahead), run(*behind), run(*behind)).detected
    assert strength(pattern(name, *three(gave("oxygen", 60)))), "nothing got worse at all"


def test_proactive_ignores_unsafe_treatment_and_complications() -> None:
    name = "Reactive vs proactive"
    unlucky = [changed(50, "initial", "deteriorating", "bad luck"), gave("oxygen", 60)]
    assert strength(pattern(name, *three(*unlucky)))
    unsafe = [gave("oxygen", 60, safe=False), changed(400, "initial", "deteriorating")]
    assert weakness(pattern(name, *three(*unsafe)), "MODERATE")


def test_reassessment() -> None:
    name = "Reassessment"
    shown = [gave("oxygen", 60), looked(200), gave("salbutamol", 300), looked(600)]
    assert strength(pattern(name, *three(*shown)))
    late = [gave("oxygen", 60), looked(361), gave("salbutamol", 400)]
    assert weakness(pattern(name, *three(*late)), "MODERATE")
    half = [gave("oxygen", 60), looked(200), gave("salbutamol", 600)]
    assert not pattern(name, *three(*half)).detected
    asked = [gave("oxygen", 60), looked(80, "history"), gave("salbutamol", 600)]
    assert weakness(pattern(name, *three(*asked)), "MODERATE")


def test_reassessment_leaves_out_what_the_end_cut_off() -> None:
    facts = [gave("oxygen", 60), looked(90), gave("salbutamol", 400), looked(430), gave("oxygen", 1150)]
    assert pattern("Reassessment", run(*facts)).data == {"treatments": 2, "reassessed": 2, "share": 1.0}


# --- decision quality ---


def test_consistent_strength() -> None:
    name = "Consistent strength"
    good = [rated("drug_1", "optimal"), rated("drug_2", "optimal"), rated("drug_3", "suboptimal")]
    assert strength(pattern(name, run(*good)))
    found = pattern(name, run(rated("air_1", "optimal")), run(rated("air_1", "optimal")))
    assert found.data["categories"] == {"oxygen and airway": {"optimal": 2, "decisions": 2}}
    once = [rated("drug_1", "optimal"), rated("air_1", "optimal")]
    assert not pattern(name, run(*once)).detected
    mixed = [rated(f"drug_{n}", r) for n, r in enumerate(["optimal"] * 2 + ["acceptable"] * 2)]
    assert not pattern(name, run(*mixed, decision_categories={})).detected


def test_consistent_weakness() -> None:
    name = "Consistent weakness"
    poor = [rated("drug_1", "suboptimal"), rated("drug_2", "suboptimal"), rated("drug_3", "optimal")]
    assert weakness(pattern(name, run(*poor)), "MODERATE")
    assert weakness(pattern(name, run(*poor[:2], rated("drug_3", "dangerous"))), "HIGH")
    assert not pattern(name, run(rated("drug_1", "suboptimal"), rated("air_1", "dangerous"))).detected
    rare = [rated(f"x{n}", r) for n, r in enumerate(["suboptimal"] * 2 + ["acceptable"] * 3)]
    assert not pattern(name, run(*rare)).detected


def test_not_performed_is_no_weakness() -> None:
    facts = [rated("drug_1", "not_performed"), rated("drug_2", "not_performed")]
    assert not pattern("Consistent weakness", run(*facts)).detected


def test_the_engines_own_danger_belongs_to_its_treatment() -> None:
    facts = [rated("safety.propranolol", "dangerous"), rated("drug_1", "suboptimal")]
    assert "medication" in pattern("Consistent weakness", run(*facts)).data["categories"]


def test_high_stakes() -> None:
    name = "High stakes"

    def facts(calm: list[str], tense: list[str]) -> list[Occurrence]:
        early = [rated(f"c{n}", rating, 50) for n, rating in enumerate(calm)]
        late = [rated(f"t{n}", rating, 500) for n, rating in enumerate(tense)]
        return [*early, changed(300, "initial", "deteriorating"), *late]

    assert weakness(pattern(name, run(*facts(["optimal"] * 2, ["optimal"] * 0 + ["acceptable"] * 2))), "HIGH")
    assert weakness(pattern(name, run(*facts(["optimal"] * 2, ["optimal", "acceptable"]))), "MODERATE")
    assert not pattern(name, run(*facts(["optimal", "acceptable"], ["optimal", "acceptable"]))).detected
    assert not pattern(name, run(*facts(["optimal"] * 2, ["dangerous"]))).detected, "one is too few"


# --- clinical reasoning ---

ABC = [looked(20, "airway"), looked(40, "breathing"), looked(60, "circulation")]


def test_systematic_assessment() -> None:
    name = "Systematic assessment"
    assert strength(pattern(name, run(*ABC), run(*ABC), run()))
    assert not pattern(name, run(*ABC), run(), run()).detected
    assert strength(pattern(name, run(*ABC))), "the only scenario there is"
    reverse = [looked(20, "circulation"), looked(40, "breathing"), looked(60, "airway")]
    assert not pattern(name, *three(*reverse)).detected


def test_systematic_assessment_within_eight_acts_and_five_minutes() -> None:
    name = "Systematic assessment"
    late = [looked(20, "airway"), looked(40, "breathing"), looked(301, "circulation")]
    assert not pattern(name, *three(*late)).detected
    acts = [looked(n, "test") for n in range(6)]
    assert not pattern(name, *three(*acts, *ABC)).detected, "the ninth act"
    assert strength(pattern(name, *three(*acts[:5], *ABC)))


def test_differential() -> None:
    name = "Differential"
    broad = [*ABC, looked(80, "history")]
    narrow = [*ABC, looked(80, "scene")]
    assert strength(pattern(name, run(*broad), run(*narrow, answered("good"))))
    assert not pattern(name, run(*broad), run(*narrow), run(answered("basic"))).detected


# --- error patterns ---


@pytest.mark.parametrize(
    ("kind", "sort"),
    [
        ("contraindicated", "contraindication"),
        ("harmful", "contraindication"),
        ("dose_too_low", "dosing"),
        ("total_exceeded", "dosing"),
        ("too_soon", "timing"),
        ("requirement_missing", "timing"),
        ("wrong_route", "route"),
        ("unknown_drug", "choice of drug"),
    ],
)
def test_medication_error_type(kind: str, sort: str) -> None:
    found = pattern("Medication error type", run(erred(100, kind)), run())
    assert weakness(found, "MODERATE")
    assert found.data["byType"] == {sort: 1}


def test_medication_error_type_is_high_when_one_kind_repeats() -> None:
    name = "Medication error type"
    assert weakness(pattern(name, run(erred(100, "dose_too_high")), run(erred(90, "dose_too_low"))), "HIGH")
    assert weakness(pattern(name, run(erred(100, "dose_too_high"), erred(200, "too_soon"))), "MODERATE")
    assert not pattern(name, *three(gave("oxygen", 30))).detected


def test_error_recovery() -> None:
    name = "Error recovery"
    assert strength(pattern(name, run(erred(100), looked(220))))
    assert strength(pattern(name, run(erred(100), gave("salbutamol", 150))))
    assert strength(pattern(name, run(erred(100), said=[(130, "Stop, that was the wrong dose!")])))
    assert weakness(pattern(name, run(erred(100), looked(221))), "HIGH")
    assert weakness(pattern(name, run(erred(100), gave("salbutamol", 150, safe=False))), "HIGH")
    assert weakness(pattern(name, run(erred(100), looked(120, "history"))), "HIGH")
    assert not pattern(name, run(erred(100), looked(110)), run(erred(100))).detected, "half is neither"
    assert not pattern(name, *three(gave("oxygen", 30))).detected
    assert not pattern(name, run(erred(1190))).detected, "no time was left"


def test_two_errors_of_one_administration_are_one_moment() -> None:
    found = pattern("Error recovery", run(erred(100), erred(100, "wrong_route"), looked(130)))
    assert found.data["errors"] == 1


# --- cognitive load ---


def test_information_organisation() -> None:
    name = "Information organisation"
    lost = [looked(20, "breathing"), looked(40, "airway")]
    late = [erred(700), gave("oxygen", 900), rated("drug_1", "suboptimal", 900)]
    assert weakness(pattern(name, *three(*lost)), "MODERATE")
    assert weakness(pattern(name, run(*late), run()), "MODERATE")
    assert weakness(pattern(name, *three(*lost, *late)), "HIGH")
    omitted = [erred(700), rated("drug_1", "suboptimal", 900)]
    assert not pattern(name, run(*omitted), run()).detected, "the second only ran into its deadline"
    early = [erred(100), gave("oxygen", 200), rated("drug_2", "suboptimal", 200), *late]
    assert not pattern(name, *three(*ABC, *early)).detected
    assert not pattern(name, run(*lost), run(*ABC), run()).detected, "once is no pattern"


def test_challenge_quality() -> None:
    name = "Challenge quality"
    assert strength(pattern(name, run(answered("good"), answered("excellent")), run(answered("poor"))))
    assert not pattern(name, run(answered("good"), answered("skipped"))).detected
    assert not pattern(name, *three(*ABC)).detected


# --- patient awareness ---


def test_deterioration_prevention() -> None:
    name = "Deterioration prevention"
    treated = gave("oxygen", 60)
    better, steady = [treated, changed(300, "initial", "improving")], [treated]
    worse = [changed(300, "initial", "deteriorating")]
    grave = [changed(300, "initial", "deteriorating"), changed(600, "deteriorating", "critical")]
    assert strength(pattern(name, run(*better), run(*steady), run(*worse)))
    assert not pattern(name, run(*better), run(*worse), run(*worse)).detected
    assert weakness(pattern(name, run(*better), run(*better), run(*grave)), "MODERATE")
    assert weakness(pattern(name, run(*better), run(*grave), run(*grave)), "HIGH")
    rescued = [*grave, changed(900, "critical", "improving")]
    assert weakness(pattern(name, run(*rescued)), "MODERATE")
    assert weakness(pattern(name, run(outcome="lost")), "MODERATE")
    assert not pattern(name, run()).detected, "nothing was done that could have prevented it"


def test_a_complication_is_nobodys_fault() -> None:
    unlucky = run(changed(300, "initial", "critical", "bad luck"))
    found = pattern("Deterioration prevention", unlucky, run(gave("oxygen", 60)))
    assert strength(found)
    assert found.data["runs"] == 1


def test_state_change_recognition() -> None:
    name = "State-change recognition"
    change = changed(300, "initial", "deteriorating")
    assert strength(pattern(name, *three(change, looked(420))))
    assert weakness(pattern(name, *three(change, looked(421))), "MODERATE")
    assert not pattern(name, run(change, looked(350)), run(change)).detected
    assert not pattern(name, *three(looked(30))).detected
    assert not pattern(name, run(changed(1150, "initial", "stable"))).detected, "no time was left"


# --- communication ---


def test_documentation_specificity() -> None:
    name = "Documentation specificity"
    exact = order("salbutamol 5 mg nebulised", dose=5.0, unit="mg", route="nebulised")
    device = order("oxygen 15 by mask", "oxygen", dose=15.0)
    vague = order("give salbutamol")
    assert strength(pattern(name, run(actions=[exact, device])))
    assert weakness(pattern(name, run(actions=[vague, vague, exact])), "LOW")
    assert not pattern(name, run(actions=[exact, vague])).detected
    assert not pattern(name, run(actions=[exact])).detected, "one order is no habit"
    assert not pattern(name, run(actions=[order("drive", "transport"), order("drive", "transport")])).detected


@pytest.mark.parametrize(
    "text", ["500 mg by mouth", "aspirin 300 chewed", "15 litres on a non-rebreather mask", "1 mg i.m."]
)
def test_specific_in_words_alone(text: str) -> None:
    found = pattern("Documentation specificity", run(actions=[order(text), order(text)]))
    assert strength(found)


def test_patient_centred_language() -> None:
    name = "Patient-centred language"
    kind = [(10, "Hello, my name is Ana."), (60, "I’m going to give you oxygen. Is that OK?")]
    curt = [(10, "Oxygen 15 litres, salbutamol 5 mg.")]
    assert strength(pattern(name, *three(said=kind)))
    assert not pattern(name, *three(said=curt)).detected
    assert not pattern(name, run(said=kind), run(said=curt)).detected
    with_talk = run(gave("reassurance", 90), said=[(10, "My name is Ana.")])
    assert strength(pattern(name, with_talk))


def test_patient_centred_language_in_challenges() -> None:
    name = "Patient-centred language"
    assert strength(pattern(name, run(answered("good", challenge="worried_wife"))))
    assert not pattern(name, run(answered("poor", challenge="worried_wife"))).detected
    assert not pattern(name, run(answered("good", challenge="why_aspirin"))).detected


# --- meta patterns ---


def scored(*ratings: str, index: int = 0) -> RunSnapshot:
    return run(*(rated(f"d{n}", rating) for n, rating in enumerate(ratings)), index=index)


def test_consistency() -> None:
    name = "Consistency"
    assert strength(pattern(name, scored("optimal"), scored("optimal"), scored("acceptable")))
    assert weakness(pattern(name, scored("optimal"), scored("dangerous"), scored("optimal")), "MODERATE")
    assert not pattern(
        name, scored("optimal"), scored("acceptable", "suboptimal")
    ).detected  # 100, 62.5: 23 %
    assert weakness(pattern(name, scored("suboptimal"), scored("suboptimal")), "MODERATE")
    assert weakness(pattern(name, scored("dangerous"), scored("dangerous")), "MODERATE")
    assert not pattern(name, scored("optimal")).detected


def test_consistency_falls_back_on_the_checklist() -> None:
    checklist = (item("oxygen"), item("salbutamol"))
    full = run(done("oxygen", 60), done("salbutamol", 60), checklist=checklist)
    half = run(done("oxygen", 60), rated("drug_1", "optimal"), checklist=checklist)
    found = pattern("Consistency", full, half)
    assert found.data["scores"] == [100.0, 50.0]
    assert weakness(found, "MODERATE")


def test_risk_tolerance() -> None:
    name = "Risk tolerance"
    checklist = (item("oxygen"), item("salbutamol"))
    timely = [gave("oxygen", 60), gave("salbutamol", 100)]
    bold = [gave("oxygen", 60), gave("propranolol", 200, safe=False), erred(200, "harmful")]
    assert not pattern(name, *three(*timely, checklist=checklist)).detected
    found = pattern(name, *three(gave("oxygen", 900), checklist=checklist))
    assert weakness(found, "MODERATE")
    assert found.data["stance"] == "conservative"
    found = pattern(name, *three(*bold, checklist=checklist))
    assert weakness(found, "HIGH")
    assert found.data["stance"] == "aggressive"
    cautious = [
        gave("oxygen", 60),
        gave("salbutamol", 100, safe=False),
        erred(100, "dose_too_low", "salbutamol"),
    ]
    assert pattern(name, *three(*cautious, checklist=checklist)).data["aggressiveShare"] == 0


# --- all of them ---


def test_all_eighteen_in_their_categories() -> None:
    document = analyse(three(*ABC)).to_json()
    assert {key: [p["patternName"] for p in document[key]] for key in NAMES} == NAMES
    assert [category.value for category in Category] == list(NAMES)
    assert document["readyForAnalysis"] is True
    keys = {"patternName", "category", "detected", "severity", "priority", "isStrength"}
    keys |= {"data", "educationalFocus", "aarTalkingPoint"}
    assert set(document["temporal"][0]) == keys


@pytest.mark.parametrize("runs", [(), (run(),), (run(outcome=None, duration_s=0, severities={}),) * 3])
def test_nothing_happened_shows_at_most_that_treatment_was_withheld(runs: tuple[RunSnapshot, ...]) -> None:
    analysis = analyse(runs)
    assert {p.name for p in analysis.detected} <= {"Risk tolerance"}
    assert analysis.ready == bool(runs)
    assert PatternAnalysis.from_json(analysis.to_json()) == analysis


FACTS = st.lists(
    st.builds(looked, st.floats(0, 1200), st.sampled_from(["airway", "breathing", "circulation", "history"]))
    | st.builds(gave, st.sampled_from(["oxygen", "salbutamol", "unheard_of"]), st.floats(0, 1200))
    | st.builds(erred, st.floats(0, 1200), st.sampled_from(["harmful", "too_soon", "unknown_drug"]))
    | st.builds(
        rated,
        st.sampled_from(["drug_1", "drug_2", "air_1", "unheard_of"]),
        st.sampled_from(["optimal", "suboptimal", "dangerous", "not_performed"]),
        st.floats(0, 1200),
    )
    | st.builds(
        changed,
        st.floats(0, 1200),
        st.sampled_from(["", "initial", "improving"]),
        st.sampled_from(["deteriorating", "critical", "unheard_of"]),
    )
    | st.builds(answered, st.sampled_from(["excellent", "poor", "skipped"]), st.floats(0, 1200))
    | st.builds(RunEnded, st.floats(0, 1200), st.just("time"), st.just("over")),
    max_size=25,
)


@given(st.lists(FACTS, max_size=4))
def test_any_session_can_be_analysed(sessions: list[list[Occurrence]]) -> None:
    runs = [run(*facts, index=index) for index, facts in enumerate(sessions)]
    analysis = analyse(runs)
    read = PatternAnalysis.from_json(json.loads(json.dumps(analysis.to_json())))
    assert read == analysis
    for found in analysis.detected:
        assert found.talking_point
        assert found.is_strength == (found.severity is None)
    discussed = analysis.for_discussion
    assert len(discussed) == min(4, len(analysis.detected))
    if analysis.strengths and analysis.weaknesses:
        assert {p.is_strength for p in discussed} == {True, False}

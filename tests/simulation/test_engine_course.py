"""How the patient moves: segments, effects, transitions, complication, and what ends a run."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from holdfast.kit.errors import InvalidInput, WrongStep
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine import facts
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario

SMALL = parse(Path(__file__).with_name("engine_small.yaml").read_bytes(), source="engine_small.yaml")
Kind = TypeVar("Kind")
COMPLICATION, NO_COMPLICATION = 1, 2
DOSE = Action("treatment", "salbutamol", dose=2.5, unit="mg", route="nebulised")
OXYGEN = Action("treatment", "oxygen")


def begin(scenario: Scenario = SMALL, seed: int = NO_COMPLICATION) -> engine.RunState:
    return engine.begin(scenario, seed=seed, challenges=False)


def of(kind: type[Kind], occurrences: Sequence[facts.Occurrence]):
    return [o for o in occurrences if isinstance(o, kind)]


def changed(**parts: object) -> Scenario:
    """The small scenario with some of its top-level parts replaced."""
    return Scenario.model_validate(SMALL.model_dump(by_alias=True, mode="json") | parts)


def vital(state: engine.RunState, sign: str, at_s: float, scenario: Scenario = SMALL):
    return engine.vital_signs(scenario, state, at_s)[sign]


def test_vital_signs_approach_the_targets_of_the_state():
    state = begin()
    assert vital(state, "heart_rate", 0) == 120
    assert vital(state, "heart_rate", 100) == round(130 - 10 * math.exp(-1))
    assert vital(state, "spo2", 100) == round(84 + 4 * math.exp(-1))
    assert vital(state, "heart_rate", 300) == round(130 - 10 * math.exp(-3))
    assert vital(state, "respiratory_rate", 300) == 30


def test_signs_that_the_scenario_leaves_out_are_normal():
    signs = engine.vital_signs(SMALL, begin(), 0)
    assert (signs["temperature"], signs["glucose"], signs["pain"], signs["gcs"]) == (37.3, 5.5, 0, 15)


def test_an_effect_waits_for_its_onset_then_holds_its_signs_then_gives_them_back():
    state, _ = engine.act(SMALL, begin(), [OXYGEN], 10)
    untreated = begin()
    for at_s in (11, 40.9):
        assert engine.vital_signs(SMALL, state, at_s) == engine.vital_signs(SMALL, untreated, at_s)
    at_onset = 84 + 4 * math.exp(-0.41)
    assert vital(state, "spo2", 81) == round(96 + (at_onset - 96) * math.exp(-1))
    at_end = 96 + (at_onset - 96) * math.exp(-121 / 40)
    assert vital(state, "spo2", 162) == round(at_end)
    assert vital(state, "spo2", 262) == round(84 + (at_end - 84) * math.exp(-1))
    assert vital(state, "heart_rate", 262) == vital(untreated, "heart_rate", 262)


def test_a_second_dose_prolongs_an_effect_and_does_not_put_it_off():
    state, _ = engine.act(SMALL, begin(), [OXYGEN], 10)
    again, _ = engine.act(SMALL, state, [OXYGEN], 30)
    assert [(e.begins_s, e.ends_s) for e in again.effects] == [(41, 182)]
    assert vital(again, "spo2", 162) == vital(state, "spo2", 162)
    assert vital(again, "spo2", 182) > vital(state, "spo2", 182)


def test_a_second_dose_restarts_an_effect_that_has_begun():
    state, _ = engine.act(SMALL, begin(), [OXYGEN], 10)
    state, _ = engine.act(SMALL, state, [OXYGEN], 100)
    assert [(e.begins_s, e.ends_s, e.begun) for e in state.effects] == [(41, 162, True), (131, 252, False)]
    state, _ = engine.advance(SMALL, state, 131)
    assert [(e.begins_s, e.ends_s, e.begun) for e in state.effects] == [(131, 252, True)]
    assert vital(state, "spo2", 252) == 96


def test_the_effect_that_began_last_holds_the_sign():
    state, _ = engine.act(SMALL, begin(), [DOSE], 0)
    adrenaline = Action("treatment", "adrenaline", dose=0.5, unit="mg")
    state, _ = engine.act(SMALL, state, [adrenaline], 200)
    assert state.segments["heart_rate"].target == 160
    state, _ = engine.advance(SMALL, state, 260)
    assert state.segments["heart_rate"].target == 140
    assert state.segments["heart_rate"].since_s == 260


def test_an_effect_keeps_its_signs_when_the_state_changes():
    state, occurrences = engine.act(SMALL, begin(), [OXYGEN, DOSE], 10)
    assert [o.state for o in of(facts.StateChanged, occurrences)] == ["improving"]
    state, _ = engine.advance(SMALL, state, 70)
    assert state.segments["heart_rate"].target == 140
    assert state.segments["spo2"].target == 96
    assert state.segments["spo2"].state == "improving"
    state, _ = engine.advance(SMALL, state, 162)
    assert state.segments["spo2"].target == 97


def test_a_state_change_says_what_the_signs_were_and_are():
    _, occurrences = engine.advance(SMALL, begin(), 400)
    (change,) = of(facts.StateChanged, occurrences)
    assert (change.at_s, change.previous, change.state, change.reason) == (
        305,
        "initial",
        "worse",
        "untreated",
    )
    assert change.previous_vitals == engine.vital_signs(SMALL, begin(), 0)
    assert change.vitals == engine.vital_signs(SMALL, begin(), 305)


def test_the_first_transition_that_holds_wins_and_one_at_a_time():
    words = Action("statement", phrases=("go home",))
    state, occurrences = engine.act(SMALL, begin(), [OXYGEN, DOSE, words], 10)
    assert [o.state for o in of(facts.StateChanged, occurrences)] == ["home"]
    assert state.outcome == "stabilised"


def test_a_harmful_drug_takes_the_patient_to_its_state_at_onset():
    drug = Action("treatment", "morphine", dose=5, unit="mg")
    state, _ = engine.act(SMALL, begin(), [drug], 11)
    assert state.patient_state == "initial"
    state, _ = engine.advance(SMALL, state, 31)
    assert (state.patient_state, state.state_since_s) == ("worse", 31)
    assert vital(state, "respiratory_rate", 61) == round(6 + 24 * math.exp(-1))


def test_an_effect_that_changes_the_state_takes_the_place_of_a_transition():
    rule = {"from": ["initial"], "to": "improving", "when": {"elapsed_at_least_s": 31}, "reason": "time"}
    scenario = changed(transitions=[rule])
    drug = Action("treatment", "morphine", dose=5, unit="mg")
    state, _ = engine.act(scenario, begin(scenario), [drug], 11)
    state, occurrences = engine.advance(scenario, state, 60)
    assert [(o.at_s, o.state) for o in of(facts.StateChanged, occurrences)] == [(31, "worse")]


def test_what_a_new_state_fulfils_is_judged_at_once():
    state, _ = engine.act(SMALL, begin(), [OXYGEN, DOSE], 12)
    assert state.done["ca4"] == 12


def test_the_complication_comes_by_the_seed_and_only_makes_worse():
    treated = [OXYGEN, DOSE]
    lucky, _ = engine.act(SMALL, begin(), treated, 10)
    unlucky, _ = engine.act(SMALL, begin(seed=COMPLICATION), treated, 10)
    assert engine.advance(SMALL, lucky, 500)[0].patient_state == "improving"
    state, occurrences = engine.advance(SMALL, unlucky, 500)
    assert [(o.at_s, o.state) for o in of(facts.StateChanged, occurrences)] == [(402.5, "worse")]
    assert state.complication_s is None
    _, occurrences = engine.advance(SMALL, begin(seed=COMPLICATION), 450)
    assert [o.reason for o in of(facts.StateChanged, occurrences)] == ["untreated"]


def test_dead_is_lost_and_nothing_happens_afterwards():
    state, occurrences = engine.advance(SMALL, begin(), 900)
    assert occurrences[-1] == facts.RunEnded(505, "lost", "The patient has died.")
    assert (state.outcome, state.elapsed_s) == ("lost", 505)
    assert engine.advance(SMALL, state, 1000) == (state, ())
    for late in (lambda: engine.act(SMALL, state, [OXYGEN], 600), lambda: engine.finish(SMALL, state, 600)):
        with pytest.raises(WrongStep) as caught:
            late()
        assert caught.value.details["outcome"] == "lost"


def test_a_message_that_comes_after_the_end_finds_the_end():
    state, occurrences = engine.act(SMALL, begin(), [OXYGEN], 900)
    assert (state, occurrences) == engine.advance(SMALL, begin(), 900)
    assert not state.treatments


def test_a_rule_ends_the_run():
    state, _ = engine.act(SMALL, begin(), [OXYGEN, DOSE], 10)
    state, occurrences = engine.advance(SMALL, state, 999)
    assert occurrences[-1] == facts.RunEnded(700, "stabilised", "settled")


def test_time_ends_the_run():
    scenario = changed(transitions=[], rules={"maximum_duration_s": 301.5})
    state, occurrences = engine.advance(scenario, begin(scenario), 400)
    assert (state.outcome, state.elapsed_s) == ("time", 301.5)
    assert of(facts.RunEnded, occurrences)[0].outcome == "time"


def test_handing_over_rates_what_is_open_and_ends():
    state, _ = engine.act(SMALL, begin(), [DOSE], 10)
    state, occurrences = engine.finish(SMALL, state, 20)
    assert [type(o).__name__ for o in occurrences] == ["DecisionRated", "RunEnded"]
    assert (occurrences[0].rating, occurrences[0].explanation) == ("suboptimal", "silent")
    assert (state.outcome, state.elapsed_s) == ("handed_over", 20)
    _, occurrences = engine.finish(SMALL, begin(), 20, outcome="time", reason="voided")
    assert occurrences[-1] == facts.RunEnded(20, "time", "voided")


def test_an_earlier_natural_end_stands_when_handing_over():
    assert engine.finish(SMALL, begin(), 900) == engine.advance(SMALL, begin(), 900)


def test_time_does_not_go_back():
    state, _ = engine.advance(SMALL, begin(), 100)
    assert engine.advance(SMALL, state, 50) == (state, ())
    state, occurrences = engine.act(SMALL, state, [OXYGEN], 50)
    assert {o.at_s for o in occurrences} == {100}
    assert state.elapsed_s == 100


@pytest.mark.parametrize("at_s", [math.nan, math.inf])
def test_a_time_that_is_none_is_refused(at_s: float):
    for call in (engine.advance, engine.finish, engine.vital_signs):
        with pytest.raises(InvalidInput):
            call(SMALL, begin(), at_s)


def test_no_actions_are_a_look():
    assert engine.act(SMALL, begin(), [], 303.5) == engine.advance(SMALL, begin(), 303.5)


def test_diastolic_stays_below_systolic():
    state, _ = engine.advance(SMALL, begin(), 500)
    signs = engine.vital_signs(SMALL, state, 500)
    assert signs["systolic"] - signs["diastolic"] == 5


def test_pupils_by_state():
    state = begin()
    assert engine.pupils(SMALL, state) == "equal"
    state, _ = engine.act(SMALL, state, [OXYGEN, DOSE], 10)
    assert engine.pupils(SMALL, state) == "small"
    scenario = changed(pupils=None)
    assert engine.pupils(scenario, begin(scenario)) is None


def test_findings_show_the_present_values_and_what_was_measured_is_kept():
    state, occurrences = engine.act(SMALL, begin(), [Action("assessment", "breathing")], 100)
    (finding,) = of(facts.FindingRevealed, occurrences)
    assert finding.text == "30/min at 85 % and 37.3 {other}"
    assert finding.measured == {"respiratory_rate": 30, "spo2": 85}
    assert engine.measured(state)["spo2"] == {"value": 85, "at_s": 100}
    assert "heart_rate" not in engine.measured(state)
    state, _ = engine.act(SMALL, state, [OXYGEN, DOSE, Action("assessment", "pulse")], 110)
    state, occurrences = engine.act(SMALL, state, [Action("assessment", "breathing")], 400)
    assert of(facts.FindingRevealed, occurrences)[0].text == "better"
    assert engine.measured(state)["spo2"]["at_s"] == 400
    assert engine.measured(state)["heart_rate"]["at_s"] == 110


def test_an_unknown_finding_shows_nothing():
    _, occurrences = engine.act(SMALL, begin(), [Action("assessment", "aura", known=False)], 10)
    assert occurrences == ()

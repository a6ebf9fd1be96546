"""Each key of a condition, alone and joined, against states built from small runs."""

from pathlib import Path

import pytest

from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.loading import parse

SMALL = parse(Path(__file__).with_name("engine_small.yaml").read_bytes(), source="engine_small.yaml")


def give(name: str, **stated: object) -> Action:
    return Action("treatment", name, **stated)


def look(name: str) -> Action:
    return Action("assessment", name)


def say(*phrases: str) -> Action:
    return Action("statement", phrases=phrases)


def run(*log: tuple[float, list[Action]], to_s: float = 0.0) -> engine.RunState:
    return engine.replay(SMALL, seed=1, challenges=False, log=log, to_s=to_s)


def holds(run_state: engine.RunState, **keys: object) -> bool:
    return engine.holds(SMALL, run_state, Condition.model_validate(keys))


def test_given_asks_for_all_and_only_for_safe_ones():
    state = run((10, [give("oxygen"), give("salbutamol", dose=50, unit="mg")]))
    assert holds(state, given="oxygen")
    assert not holds(state, given=["oxygen", "salbutamol"])
    assert holds(state, given_any=["salbutamol", "oxygen"])
    assert not holds(state, given_any=["salbutamol"])
    assert holds(state, attempted=["oxygen", "salbutamol"])
    assert not holds(state, attempted=["oxygen", "morphine"])


def test_assessed_and_its_any():
    state = run((10, [look("pulse")]))
    assert holds(state, assessed="pulse")
    assert not holds(state, assessed=["pulse", "chest"])
    assert holds(state, assessed_any=["pulse", "chest"])
    assert not holds(state, assessed_any=["chest"])


def test_mentioned_is_any_case_and_any_phrase_that_the_scenario_listens_for():
    state = run((10, [say("NON-Rebreather", "something else")]))
    assert holds(state, mentioned=["go home", "non-rebreather"])
    assert not holds(state, mentioned="go home")
    assert not holds(state, mentioned="something else")
    assert set(state.phrases) == {"non-rebreather"}


@pytest.mark.parametrize(("by_s", "expected"), [(9.999, False), (10, True), (11, True)])
def test_by_s_is_about_the_first_time(by_s: float, *, expected: bool):
    state = run((10, [give("oxygen"), look("pulse"), say("handover")]), (50, [give("oxygen"), look("pulse")]))
    for facts in (
        {"given": "oxygen"},
        {"attempted": "oxygen"},
        {"assessed": "pulse"},
        {"mentioned": "handover"},
    ):
        assert holds(state, **facts, by_s=by_s) is expected
    assert holds(state, given_any=["oxygen", "salbutamol"], by_s=by_s) is expected


def test_by_s_holds_every_fact_beside_it():
    state = run((10, [give("oxygen")]), (50, [give("salbutamol")]))
    assert not holds(state, given=["oxygen", "salbutamol"], by_s=49)
    assert holds(state, given=["oxygen", "salbutamol"], by_s=50)


def test_after_is_about_order_also_inside_one_message():
    early = run((10, [give("salbutamol"), give("oxygen")]))
    late = run((10, [give("oxygen"), give("salbutamol")]))
    assert not holds(early, given="salbutamol", after="oxygen")
    assert holds(late, given="salbutamol", after="oxygen")


def test_after_finds_a_later_occurrence_of_what_was_there_before():
    state = run((10, [look("breathing")]), (20, [give("salbutamol")]))
    assert not holds(state, assessed="breathing", after="salbutamol")
    state = run((10, [look("breathing")]), (20, [give("salbutamol")]), (40, [look("breathing")]))
    assert holds(state, assessed="breathing", after="salbutamol")
    assert not holds(state, assessed="breathing", after="salbutamol", by_s=39)
    assert holds(state, assessed="breathing", after="salbutamol", by_s=40)


def test_after_several_waits_for_the_last_of_them():
    log = [(10, [give("salbutamol")]), (20, [look("breathing")]), (30, [give("oxygen")])]
    assert not holds(run(*log), assessed="breathing", after=["salbutamol", "oxygen"])
    state = run(*log, (40, [look("breathing")]), (50, [look("breathing")]))
    assert not holds(state, assessed="breathing", after=["salbutamol", "oxygen"], by_s=39)
    assert holds(state, assessed="breathing", after=["salbutamol", "oxygen"], by_s=40)


def test_after_itself_asks_for_a_second_time():
    assert not holds(run((10, [give("oxygen")])), given="oxygen", after="oxygen")
    assert holds(run((10, [give("oxygen"), give("oxygen")])), given="oxygen", after="oxygen")


def test_words_after_a_finding():
    assert holds(run((10, [look("breathing"), say("handover")])), mentioned="handover", after="breathing")
    assert not holds(run((10, [say("handover"), look("breathing")])), mentioned="handover", after="breathing")


def test_time_and_state():
    state = run(to_s=310)
    assert state.patient_state == "worse"
    assert holds(state, elapsed_at_least_s=310)
    assert not holds(state, elapsed_at_least_s=310.001)
    assert holds(state, elapsed_at_most_s=310)
    assert not holds(state, elapsed_at_most_s=309)
    assert holds(state, state=["worse", "initial"])
    assert not holds(state, state="initial")
    assert holds(state, was_in_state=["initial"])
    assert not holds(state, was_in_state="improving")
    assert holds(state, state_for_at_least_s=5)
    assert not holds(state, state_for_at_least_s=6)


def test_vital_limits_are_about_the_printed_value():
    state = run()
    assert holds(state, vital={"sign": "spo2", "at_least": 88, "at_most": 88})
    assert not holds(state, vital={"sign": "spo2", "at_most": 87})
    assert not holds(state, vital={"sign": "spo2", "at_least": 89})
    assert holds(state, vital={"sign": "temperature", "at_least": 37.3})


def test_harm_and_errors():
    state = run((10, [give("paper_bag")]), to_s=40)
    assert holds(state, harm_within_s=30)
    assert not holds(state, harm_within_s=29)
    assert holds(state, errors_at_least=1)
    assert not holds(state, errors_at_least=2)
    assert not holds(run(), harm_within_s=30)


def test_patient_has_asks_for_all():
    assert holds(run(), patient_has=["asthma", "allergy_penicillin"])
    assert not holds(run(), patient_has=["asthma", "epilepsy"])


def test_joined_and_nested():
    state = run((10, [give("oxygen")]))
    assert not holds(state, given="oxygen", state="worse")
    assert holds(state, any=[{"state": "worse"}, {"given": "oxygen"}])
    assert not holds(state, all=[{"state": "worse"}, {"given": "oxygen"}])
    assert holds(state, **{"not": {"given": "salbutamol"}, "state": "initial", "given": "oxygen"})

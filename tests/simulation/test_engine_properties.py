"""What must hold for any course of actions, on the small scenario and on every shipped one."""

import json
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine import facts
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario.library import shipped
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario, conditions_of
from holdfast.programs.simulation.scenario.vocabulary import VITAL_RANGES

SMALL = parse(Path(__file__).with_name("engine_small.yaml").read_bytes(), source="engine_small.yaml")
SCENARIOS = {SMALL.id: SMALL} | shipped()

Step = tuple[float, list[Action], list[float]]

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
some = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def actions_of(scenario: Scenario) -> st.SearchStrategy[Action]:
    """Any action a student of this scenario could take, sensible or not."""
    phrases = sorted({p for _, c in conditions_of(scenario) for p in c.phrases()}) or ["nothing"]
    right = [
        Action("treatment", name, dose=dose.standard, unit=dose.unit, route=dose.routes[0])
        for name, treatment in scenario.treatments.items()
        for dose in treatment.doses
    ]
    orders = st.builds(
        Action,
        st.just("treatment"),
        st.sampled_from([*sorted(scenario.treatments), "unheard of"]),
        dose=st.none() | st.floats(0, 1000),
        unit=st.sampled_from([None, "mg", "mcg", "ml", "l_per_min", "puffs", "barrels"]),
        route=st.sampled_from([None, "intravenous", "nebulised", "oral", "mask"]),
    )
    plain = st.sampled_from([Action("treatment", name) for name in sorted(scenario.treatments)])
    looks = st.builds(Action, st.just("assessment"), st.sampled_from([*sorted(scenario.findings), "aura"]))
    said = st.builds(
        Action,
        st.just("statement"),
        phrases=st.lists(st.sampled_from(phrases), max_size=3).map(tuple),
        text=st.just("something"),
    )
    replies = st.builds(
        Action, st.just("challenge_reply"), text=st.sampled_from(["skip", "because", "oxygen"])
    )
    return st.one_of(st.sampled_from(right or [Action("statement")]), plain, orders, looks, said, replies)


def logs_of(scenario: Scenario):
    """Messages with the clinical seconds since the last one, and looks after each."""
    step = st.tuples(
        st.floats(0, 120, allow_nan=False),
        st.lists(actions_of(scenario), min_size=1, max_size=4),
        st.lists(st.floats(0, 90, allow_nan=False), max_size=3),
    )
    return st.lists(step, max_size=12)


def addressed(state: engine.RunState, actions: Sequence[Action]) -> Iterator[Action]:
    """Replies go to the open challenge; without one they are statements."""
    for action in actions:
        if action.kind != "challenge_reply":
            yield action
        elif state.open_challenge:
            yield Action("challenge_reply", state.open_challenge, text=action.text)
            return


def play(scenario: Scenario, seed: int, log: list[Step], *, looking: bool, to_s: float | None = None):
    """The end state, all occurrences, all states on the way, and the log as a service would keep it."""
    state = engine.begin(scenario, seed=seed, challenges=True)
    occurrences, states, kept, now_s = [], [state], [], 0.0
    for gap_s, actions, looks in log:
        now_s = round(now_s + gap_s, 3)
        if looking:
            for share in sorted(looks):
                state, more = engine.advance(scenario, state, now_s - gap_s * (1 - share / 90))
                occurrences += more
                states.append(state)
        if state.outcome:
            break
        # Which challenge is open at that time is the same with and without looks.
        batch = list(addressed(engine.advance(scenario, state, now_s)[0], actions)) or [Action("statement")]
        state, more = engine.act(scenario, state, batch, now_s)
        kept.append((state.elapsed_s, batch))
        occurrences += more
        states.append(state)
    state, more = engine.advance(scenario, state, now_s + 300 if to_s is None else to_s)
    return state, [*occurrences, *more], [*states, state], kept


@every_scenario
@some
@given(data=st.data())
def test_looking_never_changes_the_future(scenario: Scenario, data: st.DataObject):
    seed, log = data.draw(st.integers(0, 50)), data.draw(logs_of(scenario))
    blind = play(scenario, seed, log, looking=False)
    watched = play(scenario, seed, log, looking=True)
    assert watched[0] == blind[0]
    assert watched[1] == blind[1]


@every_scenario
@some
@given(data=st.data())
def test_a_state_is_left_as_it_was_given(scenario: Scenario, data: st.DataObject):
    """The service keeps a state in memory between two turns."""
    state = engine.begin(scenario, seed=data.draw(st.integers(0, 50)), challenges=True)
    now_s = 0.0
    for gap_s, actions, _ in data.draw(logs_of(scenario)):
        now_s += gap_s
        before = json.dumps(state.to_json())
        batch = list(addressed(engine.advance(scenario, state, now_s)[0], actions)) or [Action("statement")]
        after, _ = engine.act(scenario, state, batch, now_s)
        engine.finish(scenario, state, now_s)
        assert json.dumps(state.to_json()) == before
        if after.outcome:
            break
        state = after


@every_scenario
@some
@given(data=st.data())
def test_one_long_wait_equals_many_short_ones(scenario: Scenario, data: st.DataObject):
    state = engine.begin(scenario, seed=data.draw(st.integers(0, 50)), challenges=True)
    actions = [
        a for a in data.draw(st.lists(actions_of(scenario), max_size=4)) if a.kind != "challenge_reply"
    ]
    state, _ = engine.act(scenario, state, actions, data.draw(st.floats(0, 200)))
    stops = sorted(data.draw(st.lists(st.floats(0, 1500), min_size=1, max_size=8)))
    whole = engine.advance(scenario, state, stops[-1])
    pieces, occurrences = state, []
    for stop in stops:
        pieces, more = engine.advance(scenario, pieces, stop)
        occurrences += more
    assert (pieces, tuple(occurrences)) == whole


@every_scenario
@some
@given(data=st.data())
def test_replaying_the_log_gives_the_live_state_also_through_json(scenario: Scenario, data: st.DataObject):
    seed = data.draw(st.integers(0, 50))
    live, _, _, kept = play(scenario, seed, data.draw(logs_of(scenario)), looking=True)
    again = engine.replay(scenario, seed=seed, challenges=True, log=kept, to_s=live.elapsed_s)
    assert again == live
    assert engine.RunState.from_json(json.loads(json.dumps(live.to_json()))) == live


@every_scenario
@some
@given(data=st.data())
def test_a_state_through_json_has_the_same_future(scenario: Scenario, data: st.DataObject):
    log = data.draw(logs_of(scenario))
    _, _, states, _ = play(scenario, 1, log, looking=False)
    for state in states:
        stored = engine.RunState.from_json(json.loads(json.dumps(state.to_json())))
        later_s = state.elapsed_s + 77.7
        assert engine.advance(scenario, stored, later_s) == engine.advance(scenario, state, later_s)


@every_scenario
@some
@given(data=st.data())
def test_invariants_of_any_run(scenario: Scenario, data: st.DataObject):
    log = data.draw(logs_of(scenario))
    state, occurrences, states, _ = play(scenario, data.draw(st.integers(0, 50)), log, looking=True)
    for earlier, later in pairwise(states):
        assert earlier.elapsed_s <= later.elapsed_s
    for seen in states:
        assert_vital_signs(engine.vital_signs(scenario, seen, seen.elapsed_s + 13))
        assert len(seen.asked) <= scenario.rules.maximum_challenges
    times = [o.at_s for o in occurrences]
    assert times == sorted(times)
    assert_once([o.decision for o in occurrences if isinstance(o, facts.DecisionRated)])
    assert_once([o.item for o in occurrences if isinstance(o, facts.ChecklistDone)])
    assert_one_challenge_at_a_time(occurrences)
    ends = [index for index, o in enumerate(occurrences) if isinstance(o, facts.RunEnded)]
    assert ends == ([len(occurrences) - 1] if state.outcome else [])
    said = [o.severity for o in occurrences if isinstance(o, facts.MedicationEvent)]
    assert (said.count("error"), said.count("warning")) == (state.errors, state.warnings)
    if state.outcome:
        assert set(state.rated) >= {d.id for d in scenario.decision_points if d.ratings}


def assert_vital_signs(signs: dict[str, float]):
    assert list(signs) == [sign.value for sign in VITAL_RANGES]
    for sign, (low, high) in VITAL_RANGES.items():
        value = signs[sign.value]
        assert math.isfinite(value)
        assert low <= value <= high
        assert value == round(value, 1 if sign.value in ("temperature", "glucose") else 0)
    assert signs["diastolic"] < signs["systolic"] or signs["systolic"] == 0


def assert_once(names: Sequence[str]):
    assert len(names) == len(set(names))


def assert_one_challenge_at_a_time(occurrences: Sequence[facts.Occurrence]):
    turns = [o for o in occurrences if isinstance(o, facts.ChallengeOpened | facts.ChallengeAnswered)]
    assert_once([o.challenge for o in turns if isinstance(o, facts.ChallengeOpened)])
    for opened, answered in pairwise(turns):
        assert type(opened) is not type(answered)
    for opened, answered in zip(turns[::2], turns[1::2], strict=False):
        assert isinstance(opened, facts.ChallengeOpened)
        assert opened.challenge == answered.challenge


@pytest.mark.parametrize("scenario", shipped().values(), ids=shipped().keys())
def test_an_untreated_patient_gets_worse(scenario: Scenario):
    start = engine.begin(scenario, seed=1, challenges=False)
    state, _ = engine.advance(scenario, start, scenario.rules.maximum_duration_s)
    assert scenario.states[state.patient_state].severity > scenario.states["initial"].severity

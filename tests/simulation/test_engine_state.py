"""The state of a run survives JSON in every field, and stays small."""

import dataclasses
import gc
import json
from pathlib import Path

import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine.course import freeze, thaw
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.engine.rules import _built, rules_of
from holdfast.programs.simulation.engine.run_state import (
    ENGINE_VERSION,
    InForce,
    Moment,
    Reading,
    RunState,
    Segment,
    TreatmentRecord,
)
from holdfast.programs.simulation.scenario.loading import canonical, from_canonical, parse

SMALL = parse(Path(__file__).with_name("engine_small.yaml").read_bytes(), source="engine_small.yaml")
START = engine.begin(SMALL, seed=7, challenges=False)

CHANGED = {
    "seed": 2**62,
    "challenges": True,
    "elapsed_s": 12.345,
    "order": 3,
    "patient_state": "worse",
    "state_since_s": 5.0,
    "entered": {"initial": Moment(0, 0.0), "worse": Moment(2, 5.0)},
    "entry_vitals": {"heart_rate": 99.0, "temperature": 36.6},
    "segments": {"heart_rate": Segment(5.0, 121.1234, 150.0, 60.0, "worse")},
    "effects": (InForce("oxygen", 41.0, 162.0, begun=True), InForce("salbutamol", 70.0, None, begun=False)),
    "complication_s": 402.5,
    "treatments": {
        "oxygen": TreatmentRecord(2, Moment(1, 2.0), 3.0, 1, Moment(2, 3.0), {"l_per_min": 20.0}),
        "magnesium": TreatmentRecord(1, Moment(3, 4.0), None, 0, None, {}),
    },
    "findings": {"pulse": Moment(1, 2.5)},
    "phrases": {"go home": Moment(1, 2.5)},
    "followed": {"given:salbutamol>oxygen": Moment(2, 3.5)},
    "measured": {"spo2": Reading(88.0, 2.5)},
    "errors": 4,
    "warnings": 5,
    "last_harm_s": 6.5,
    "done": {"ca1": 7.5},
    "rated": {"handover": "optimal"},
    "asked": ("high", "low"),
    "open_challenge": "low",
    "asked_s": 8.5,
    "outcome": "lost",
}


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(RunState)])
def test_every_field_survives_json_and_the_working_copy(name: str):
    state = dataclasses.replace(START, **{name: CHANGED[name]})
    assert state != dataclasses.replace(state, **{name: "something else"})
    read = RunState.from_json(json.loads(json.dumps(state.to_json())))
    assert read == state
    assert type(getattr(read, name)) is type(getattr(state, name))
    assert freeze(thaw(state)) == state


def test_records_come_back_as_records():
    state = dataclasses.replace(START, **CHANGED)
    read = RunState.from_json(json.loads(json.dumps(state.to_json())))
    assert read.treatments["oxygen"].first_safe == Moment(2, 3.0)
    assert isinstance(read.treatments["oxygen"].first_safe, Moment)
    assert isinstance(read.effects[0], InForce)
    assert isinstance(read.segments["heart_rate"], Segment)
    assert isinstance(read.measured["spo2"], Reading)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"engine": "0"},
        {"engine": ENGINE_VERSION},
        START.to_json() | {"entered": [1]},
        START.to_json() | {"elapsed_s": "x"},
    ],
)
def test_what_is_not_a_run_state_is_refused(document: dict[str, object]):
    with pytest.raises(InvalidInput):
        RunState.from_json(document)


def test_a_call_leaves_the_given_state_as_it_was():
    before = json.dumps(START.to_json())
    actions = [
        Action("treatment", "oxygen"),
        Action("assessment", "pulse"),
        Action("statement", phrases=("handover",)),
    ]
    after, _ = engine.act(SMALL, START, actions, 400)
    kept = json.dumps(after.to_json())
    engine.act(SMALL, after, actions, 450)
    assert json.dumps(START.to_json()) == before
    assert json.dumps(after.to_json()) == kept


def test_the_size_is_bounded_by_the_scenario():
    names = [("treatment", name) for name in SMALL.treatments if name != "morphine"]
    names += [("assessment", name) for name in SMALL.findings] + [("treatment", "unheard of")]
    actions = [Action(kind, name, phrases=("handover", "noise")) for kind, name in names]
    state, _ = engine.act(SMALL, START, actions, 1)
    state, _ = engine.act(SMALL, state, actions, 2)
    small = len(json.dumps(state.to_json()))
    for at_s in range(3, 100):
        state, _ = engine.act(SMALL, state, actions, at_s)
    assert len(json.dumps(state.to_json())) < small * 1.2


def test_the_seed_decides_the_complication():
    seeds = range(400)
    drawn = [engine.begin(SMALL, seed=seed, challenges=False).complication_s for seed in seeds]
    assert set(drawn) == {None, 402.5}
    assert 160 < drawn.count(None) < 240
    assert drawn == [engine.begin(SMALL, seed=seed, challenges=False).complication_s for seed in seeds]


def test_the_order_in_which_an_author_wrote_things_does_not_matter():
    stored = from_canonical(canonical(SMALL))
    log = [(10, [Action("treatment", name) for name in ("oxygen", "salbutamol", "furosemide")])]
    live, again = (
        engine.replay(scenario, seed=3, challenges=True, log=log, to_s=600) for scenario in (SMALL, stored)
    )
    assert live == again


def test_rules_are_built_once_and_go_with_their_scenario():
    scenario = from_canonical(canonical(SMALL))
    assert rules_of(scenario) is rules_of(scenario)
    key = id(scenario)
    assert key in _built
    del scenario
    gc.collect()
    assert key not in _built

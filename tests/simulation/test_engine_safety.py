"""Doses, routes, intervals, totals, contraindications and harm: what is said, and said once."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine import dosing
from holdfast.programs.simulation.engine.facts import (
    Action,
    DecisionRated,
    MedicationEvent,
    Occurrence,
    TreatmentGiven,
)
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario

SMALL = parse(Path(__file__).with_name("engine_small.yaml").read_bytes(), source="engine_small.yaml")
NO_COMPLICATION = 2
START = engine.begin(SMALL, seed=NO_COMPLICATION, challenges=False)


def give(name: str, **stated: object) -> Action:
    return Action("treatment", name, **stated)


def events(occurrences: Sequence[Occurrence]):
    return [(o.severity, o.kind) for o in occurrences if isinstance(o, MedicationEvent)]


def given(occurrences: Sequence[Occurrence]):
    return next(o for o in occurrences if isinstance(o, TreatmentGiven))


def after(*log: tuple[float, list[Action]], scenario: Scenario = SMALL):
    """The state and the occurrences of the last entry."""
    state = engine.begin(scenario, seed=NO_COMPLICATION, challenges=False)
    occurrences = ()
    for at_s, actions in log:
        state, occurrences = engine.act(scenario, state, actions, at_s)
    return state, occurrences


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"dose": 5, "unit": "mg", "route": "nebulised"}, []),
        ({"dose": 2.5, "unit": "mg"}, []),
        ({"dose": 5000, "unit": "mcg"}, []),
        ({"dose": 0.005, "unit": "g"}, []),
        ({"dose": 5, "unit": " MG "}, []),
        ({"dose": 5}, []),
        ({"dose": 0.1, "unit": "mg/kg"}, []),
        ({"dose": 10, "unit": "puffs"}, []),
        ({"dose": 8, "unit": "sprays", "route": "inhaled"}, []),
        ({"dose": 2.4, "unit": "mg"}, [("error", "dose_too_low")]),
        ({"dose": 0, "unit": "mg"}, [("error", "dose_too_low")]),
        ({"dose": 50, "unit": "mg"}, [("error", "dose_too_high")]),
        ({"dose": 20, "unit": "puffs"}, [("error", "dose_too_high")]),
        ({"dose": 5, "unit": "mg", "route": "intravenous"}, [("error", "wrong_route")]),
        ({"route": "nebulised"}, [("warning", "caution")]),
        ({}, [("warning", "caution")]),
        ({"dose": 2.5, "unit": "ml"}, [("warning", "caution")]),
        ({"dose": 5, "unit": "mg", "route": "inhaled"}, [("warning", "caution")]),
        ({"dose": 5, "unit": "thimbles"}, [("warning", "caution")]),
    ],
)
def test_dose_and_route(stated: dict[str, object], expected: list[tuple[str, str]]):
    state, occurrences = after((10, [give("salbutamol", **stated)]))
    assert events(occurrences) == expected
    errors = [kind for severity, kind in expected if severity == "error"]
    assert (state.errors, state.warnings) == (len(errors), len(expected) - len(errors))
    assert given(occurrences).safe is not bool(errors)
    assert (state.treatments["salbutamol"].first_safe is None) is bool(errors)


def test_what_was_left_out_is_filled_in():
    _, occurrences = after((10, [give("salbutamol")]))
    assert (given(occurrences).dose, given(occurrences).unit, given(occurrences).route) == (
        5,
        "mg",
        "nebulised",
    )
    _, occurrences = after((10, [give("salbutamol", route="inhaled")]))
    assert (given(occurrences).dose, given(occurrences).unit, given(occurrences).route) == (
        8,
        "puffs",
        "inhaled",
    )
    assert type(given(occurrences).route) is str
    _, occurrences = after((10, [give("salbutamol", dose=9, unit=" Sprays")]))
    assert (given(occurrences).dose, given(occurrences).unit, given(occurrences).route) == (
        9,
        "puffs",
        "inhaled",
    )


def test_oxygen_and_fluids_without_a_dose_need_no_warning():
    assert events(after((10, [give("oxygen")]))[1]) == []
    assert events(after((10, [give("saline")]))[1]) == []


@pytest.mark.parametrize(
    ("dose", "unit", "expected"),
    [
        (0.5, "mg", []),
        (500, "µg", []),
        (0.01, "mg_per_kg", []),
        (0.6, "mg", [("error", "dose_too_high")]),
        (0.2, "mg", [("error", "dose_too_low")]),
    ],
)
def test_ranges_per_kilogram_go_by_the_patients_weight(
    dose: float, unit: str, expected: list[tuple[str, str]]
):
    assert events(after((10, [give("adrenaline", dose=dose, unit=unit)]))[1]) == expected


@pytest.mark.parametrize(
    ("dose", "unit", "expected"), [(500, "ml", []), (1, "l", []), (2, "litres", ["dose_too_high"])]
)
def test_volumes_convert(dose: float, unit: str, expected: list[tuple[str, str]]):
    assert [kind for _, kind in events(after((10, [give("saline", dose=dose, unit=unit)]))[1])] == expected


def test_too_much_works_and_is_an_error_too_little_does_neither():
    high, occurrences = after((10, [give("salbutamol", dose=50, unit="mg")]))
    assert high.effects
    assert given(occurrences).says == "shaky"
    for stated in ({"dose": 1, "unit": "mg"}, {"dose": 5, "unit": "mg", "route": "oral"}):
        low, occurrences = after((10, [give("salbutamol", **stated)]))
        assert low.effects == ()
        assert given(occurrences).says is None


def test_the_total_counts_every_dose_in_one_unit():
    dose = give("salbutamol", dose=5, unit="mg")
    log = [(10, [dose]), (400, [give("salbutamol", dose=5000, unit="mcg")])]
    state, occurrences = after(*log)
    assert events(occurrences) == []
    assert state.treatments["salbutamol"].totals == {"mg": 10}
    state, occurrences = after(*log, (800, [give("salbutamol", dose=2.5, unit="mg")]))
    assert events(occurrences) == [("error", "total_exceeded")]
    assert state.treatments["salbutamol"].safe == 2


def test_the_total_per_kilogram():
    dose = give("adrenaline", dose=0.5, unit="mg")
    assert events(after((10, [dose]), (20, [dose]))[1]) == []
    assert events(after((10, [dose]), (20, [dose]), (30, [dose]))[1]) == [("error", "total_exceeded")]


def test_an_overdose_is_not_blamed_for_the_total_as_well():
    assert events(after((10, [give("salbutamol", dose=50, unit="mg")]))[1]) == [("error", "dose_too_high")]


@pytest.mark.parametrize(("at_s", "expected"), [(309.999, [("error", "too_soon")]), (310, [])])
def test_the_interval_between_doses(at_s: float, expected: list[tuple[str, str]]):
    dose = give("salbutamol", dose=2.5, unit="mg")
    assert events(after((10, [dose]), (at_s, [dose]))[1]) == expected


def test_two_doses_in_one_message_are_too_close():
    dose = give("salbutamol", dose=2.5, unit="mg")
    assert events(after((10, [dose, dose]))[1]) == [("error", "too_soon")]


def test_contraindications_are_one_error_with_all_reasons():
    state, occurrences = after((10, [give("penicillin", dose=1, unit="g")]))
    assert events(occurrences) == [("error", "contraindicated")]
    said = next(o for o in occurrences if isinstance(o, MedicationEvent))
    assert said.reason == "allergy. asthma."
    assert (state.errors, state.last_harm_s) == (1, 10)


def test_relative_contraindication_worsening_and_caution_are_warnings():
    state, occurrences = after((10, [give("furosemide")]))
    expected = [("warning", "contraindicated"), ("warning", "not_indicated"), ("warning", "caution")]
    assert events(occurrences) == expected
    assert (state.errors, state.warnings, state.last_harm_s) == (0, 3, None)
    assert given(occurrences).safe


def test_harm_counts_once_and_rates_a_decision_of_its_own_once():
    state, occurrences = after((10, [give("paper_bag")]))
    assert events(occurrences) == [("error", "harmful")]
    rated = [o for o in occurrences if isinstance(o, DecisionRated)]
    assert [(o.decision, o.rating) for o in rated] == [("safety.paper_bag", "dangerous")]
    state, occurrences = engine.act(SMALL, state, [give("paper_bag")], 20)
    assert events(occurrences) == [("error", "harmful")]
    assert not [o for o in occurrences if isinstance(o, DecisionRated)]
    assert state.errors == 2


def test_harm_that_a_decision_point_is_about_is_rated_there():
    _, occurrences = after((10, [give("morphine", dose=5, unit="mg")]))
    rated = [o for o in occurrences if isinstance(o, DecisionRated)]
    assert [(o.decision, o.rating) for o in rated] == [("bronchodilator", "dangerous")]


def test_harm_in_a_small_dose_or_again_too_soon_is_blamed_for_the_harm_alone():
    low = give("morphine", dose=1, unit="mg")
    assert events(after((10, [low]))[1]) == [("error", "harmful")]
    dose = give("morphine", dose=5, unit="mg")
    assert events(after((10, [dose]), (12, [dose]))[1]) == [("error", "harmful")]
    high = give("morphine", dose=50, unit="mg")
    assert events(after((10, [high]))[1]) == [("error", "harmful"), ("error", "dose_too_high")]


def test_an_unmet_requirement_means_that_nothing_was_given():
    dose = give("magnesium", dose=2, unit="g")
    state, occurrences = after((10, [dose]))
    assert events(occurrences) == [("error", "requirement_missing")]
    assert "Vein" in next(o for o in occurrences if isinstance(o, MedicationEvent)).reason
    record = state.treatments["magnesium"]
    assert (record.attempts, record.last_s, record.safe, record.totals) == (1, None, 0, {})
    state, occurrences = engine.act(SMALL, state, [give("iv_access"), dose], 20)
    assert events(occurrences) == []
    assert state.treatments["magnesium"].totals == {"mg": 2000}


def test_an_unknown_treatment_is_a_warning_and_leaves_no_trace_but_the_count():
    state, occurrences = after((10, [Action("treatment", "paracetamol", known=False)]))
    assert events(occurrences) == [("warning", "unknown_drug")]
    assert not [o for o in occurrences if isinstance(o, TreatmentGiven)]
    assert (state.errors, state.warnings, dict(state.treatments)) == (0, 1, {})


@pytest.mark.parametrize("dose", [math.nan, math.inf, -1])
def test_an_amount_that_is_none_is_refused(dose: float):
    with pytest.raises(InvalidInput):
        engine.act(SMALL, START, [give("salbutamol", dose=dose, unit="mg")], 10)


def test_every_unit_a_scenario_may_use_has_a_base():
    units = ["mg", "mcg", "g", "ml", "l_per_min", "units", "mmol", "ml_per_kg", "mg_per_kg", "puffs"]
    assert [unit for unit in units if dosing.in_base(1, unit, 50) is None] == []
